"""How far each district and task force is, against the time-progress line, and why one is behind."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from backlog.counts import STUCK_DAYS, Counts, Span
from backlog.indicators import INDICATORS, Figure, Indicator
from backlog.wall.look import Frame, progress_of

COLUMNS = (
    *("stock", "settle_rate", "overdue", "stuck", "lead_rate", "rebound_rate", "renewed"),
    *("discussed", "discussed_rate", "hearings", "age"),
)
# So many points behind the time-progress line is behind; with any deadline passed, or less far behind, it is watched.
BEHIND = 10
LATE_SHARE = 0.1
STANDINGS: dict[str, tuple[Promise, str]] = {
    "red": (pgettext_lazy("standing of a district", "Behind"), "octagon-alert"),
    "amber": (pgettext_lazy("standing of a district", "Watch"), "triangle-alert"),
    "green": (pgettext_lazy("standing of a district", "On course"), "circle-check"),
    "grey": (pgettext_lazy("standing of a district", "No cases"), "circle"),
}
_ORDER = {"red": 0, "amber": 1, "green": 2, "grey": 3}


@dataclass(frozen=True)
class Reason:
    """Why a district is behind: a figure in words, with its rows."""

    text: str
    url: str


@dataclass(frozen=True)
class Line:
    """A district or a task force: how far it is, against the time-progress line."""

    name: str
    short: str
    sub: str
    code: str
    counts: Counts
    percent: float
    progress: int
    standing: str
    url: str
    urls: Mapping[str, str]
    reasons: list[Reason] = field(default_factory=list)
    focus: str = ""
    is_chosen: bool = False
    cells: list[Any] = field(default_factory=list)

    @property
    def has_cases(self) -> bool:
        return bool(self.counts.get("listed"))

    @property
    def tone(self) -> str:
        """Colour of the bar."""
        return self.standing if self.standing in {"red", "amber"} else "brand"

    @property
    def word(self) -> Promise:
        return STANDINGS[self.standing][0]

    @property
    def icon(self) -> str:
        return STANDINGS[self.standing][1]


def standing(found: Counts, percent: float, progress: float) -> str:
    """red, amber, green, or grey without cases: progress against time, and what is overdue of the stock."""
    if not found.get("listed"):
        return "grey"
    late = found.get("overdue", 0)
    if percent < progress - BEHIND or late > LATE_SHARE * max(found.get("stock", 0), 1):
        return "red"
    return "amber" if percent < progress or late else "green"


class Ranking(Frame):
    """Districts and task forces of a wall."""

    @cached_property
    def districts(self) -> list[Line]:
        """The districts, the one furthest behind first."""
        progress = progress_of(self.whole["campaign"]["begins"], self.whole["campaign"]["ends"], self.today)
        lines = [self._district(row, progress) for row in self.whole["districts"]]
        return sorted(lines, key=lambda line: (_ORDER[line.standing], line.percent, -line.counts.get("overdue", 0)))

    def _district(self, row: Mapping[str, Any], progress: int) -> Line:
        found: Counts = row["counts"]
        code = row["code"]
        percent = INDICATORS["settle_rate"].figure(found).value or 0.0
        keys = ("stock", "overdue", "stuck", "settle_rate")
        figures = [INDICATORS[key].figure(found) for key in COLUMNS]
        return Line(
            name=self.label(row),
            short=self.short(row),
            sub=row["leader"],
            code=code,
            counts=found,
            percent=percent,
            progress=progress,
            standing=standing(found, percent, progress),
            url=self.look.query(district=code) if self.opens else "",
            urls={key: self.rows(key, district=code) for key in keys},
            reasons=self._reasons(row, code),
            is_chosen=code == self.look.district,
            cells=[(f, self.rows(f.indicator, district=code), self._is_bad(f)) for f in figures],
        )

    def _is_bad(self, figure: Figure) -> bool:
        return figure.is_missed(self.targets.get(figure.indicator.key))

    def _reasons(self, row: Mapping[str, Any], code: str) -> list[Reason]:
        found: Counts = row["counts"]
        stuck = INDICATORS["stuck"]
        unled = found.get("listed", 0) - found.get("led", 0)
        given: tuple[tuple[Any, str, str | Indicator, dict[str, Any]], ...] = (
            (not row["has_group"] and bool(found.get("listed")), _("no workgroup at work"), "coverage", {}),
            (found.get("overdue"), _("%(n)d overdue"), "overdue", {}),
            (found.get("stuck"), _("%(n)d stuck"), stuck, {}),
            (unled, _("%(n)d without a lead official"), "lead_rate", {"no_leader": 1}),
            (found.get("rebounded"), _("%(n)d rebounded"), "rebound_rate", {}),
        )
        return [
            Reason(words % {"n": int(number), "days": STUCK_DAYS}, self.rows(key, **{"district": code, **more}))
            for number, words, key, more in given
            if number
        ]

    @cached_property
    def forces(self) -> list[Line]:
        return [self._force(row) for row in self.board["forces"]]

    def _force(self, row: Mapping[str, Any]) -> Line:
        found: Counts = row["counts"]
        percent = INDICATORS["settle_rate"].figure(found).value or 0.0
        ends = row["ends"] or self.board["campaign"]["ends"]
        progress = progress_of(row["begins"] or self.board["campaign"]["begins"], ends, self.today)
        key = row["key"]
        return Line(
            name=self.label(row),
            short=self.label(row),
            sub=" · ".join(filter(None, [row["lead"], row["leader"]])),
            code=key,
            counts=found,
            percent=percent,
            progress=progress,
            standing=standing(found, percent, progress),
            url=self.rows("stock", force=key),
            urls={
                **{name: self.rows(name, force=key) for name in ("stock", "overdue", "settle_rate")},
                "settled_week": self.rows("settled", Span.week_of(self.as_of), force=key),
            },
            focus=row["focus"],
            cells=[self._cell(row, key, place) for place in self.whole["districts"]],
        )

    def _cell(self, row: Mapping[str, Any], key: str, place: Mapping[str, Any]) -> tuple[int, int, str]:
        """Stock, overdue and rows of a force in a district."""
        found = row["cells"].get(str(place["id"]), {})
        url = self.rows("stock", force=key, district=place["code"]) if found.get("stock") else ""
        return found.get("stock", 0), found.get("overdue", 0), url

    @property
    def columns(self) -> list[Indicator]:
        return [INDICATORS[key] for key in COLUMNS]

    @property
    def heads(self) -> list[str]:
        """The districts as headings, in the order of their codes."""
        return [self.short(row) for row in self.whole["districts"]]

    @property
    def total(self) -> dict[str, Any]:
        figure = INDICATORS["settle_rate"].figure(self.counts)
        settled, listed = self.counts.get("settled", 0), self.counts.get("listed", 0)
        return {"listed": listed, "settled": settled, "rate": figure.text, "url": self.rows("settle_rate")}
