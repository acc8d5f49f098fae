"""The row of figures: each with its target, the change since last week, and its line."""

from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backlog.indicators import INDICATORS, Better, Figure, Indicator
from backlog.wall.lines import Line, Ranking

TILES = ("stock", "settle_rate", "overdue", "lead_rate", "coverage", "rebound_rate", "discussed", "batches")


@dataclass(frozen=True)
class Tile:
    """A figure with target, change since last week, and its line."""

    figure: Figure
    tone: str
    change: str
    is_up: bool
    is_good: bool
    sub: str
    line: list[float]
    url: str


class Tiles(Ranking):
    """The tiles of a wall."""

    @cached_property
    def tiles(self) -> list[Tile]:
        return [self._tile(INDICATORS[key]) for key in TILES]

    def _tile(self, row: Indicator) -> Tile:
        figure = row.figure(self.counts)
        past = [row.figure(week["counts"]).value for week in self.board["past"]]
        before = next((value for value in reversed(past) if value is not None), None)
        line = [value for value in [*past, figure.value] if value is not None]
        moved = (figure.value or 0) - before if before is not None and figure.value is not None else 0
        digits = 1 if row.is_share else 0
        change = f"{moved:+,.{digits}f}" if round(moved, digits) else ""
        is_missed = figure.is_missed(self.targets.get(row.key))
        tone = ("red" if row.key == "overdue" else "amber") if is_missed else ""
        is_good = (moved > 0) == (row.better == Better.UP)
        return Tile(figure, tone, change, moved > 0, is_good, self._sub(row), line, self.rows(row))

    def _sub(self, row: Indicator) -> str:
        """What a tile says below its figure: what explains it, else its target."""
        found = self.counts
        target = self.targets.get(row.key)
        words = {
            "stock": _("this week +%(new)d, settled %(settled)d")
            % {"new": self.board["trend"][-1]["new"], "settled": found.get("settled_week", 0)},
            "overdue": " · ".join(f"{line.short} {line.counts['overdue']}" for line in self.latest[:2]),
            "discussed": self._discussed(),
            "batches": ngettext("%(n)d person received", "%(n)d persons received", found.get("persons", 0))
            % {"n": found.get("persons", 0)},
            "coverage": " · ".join(self.idle[:2]),
        }
        if words.get(row.key):
            return words[row.key]
        if target is None:
            return ""
        sign = "≥" if row.better == Better.UP else "≤"
        return _("target %(sign)s %(value)s") % {"sign": sign, "value": f"{target:g}{'%' if row.is_share else ''}"}

    def _discussed(self) -> str:
        """How many meetings it took, and what came of the cases; a district holds few of its own."""
        rate = INDICATORS["discussed_rate"].figure(self.counts)
        words = {
            "meetings": self.counts.get("meetings", 0),
            "rate": rate.text + ("%" if rate.value is not None else ""),
        }
        if words["meetings"]:
            return _("%(meetings)d meetings · %(rate)s settled") % words
        return _("%(rate)s settled since") % words

    @property
    def latest(self) -> list[Line]:
        """Districts with overdue cases, most first; on the wall of one district there is nothing to compare."""
        if self.chosen:
            return []
        late = [line for line in self.districts if line.counts.get("overdue")]
        return sorted(late, key=lambda line: -line.counts["overdue"])

    @property
    def idle(self) -> list[str]:
        """Districts without a workgroup at work."""
        return [self.short(row) for row in self.board["districts"] if not row["has_group"]]
