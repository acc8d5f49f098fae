"""What a looker chose, and what every part of a wall needs: board, addresses, names of places."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy

from backlog.board import INTERVAL, STALE_AFTER, Board
from backlog.counts import Counts, Span
from backlog.indicators import INDICATORS, Indicator, rows_url
from dispatch.clocks import city_day

VIEWS: dict[str, Promise] = {
    "overview": gettext_lazy("Overview"),
    "forces": gettext_lazy("Task forces"),
    "districts": pgettext_lazy("view of the wall", "Districts"),
    "key": gettext_lazy("Key cases"),
}
# What the map may be coloured by.
MAPS: dict[str, Promise] = {
    "stock": pgettext_lazy("colour of the map", "Stock"),
    "overdue": pgettext_lazy("colour of the map", "Overdue"),
    "settle_rate": pgettext_lazy("colour of the map", "Settled"),
    "stuck": pgettext_lazy("colour of the map", "Stuck"),
}


@dataclass(frozen=True)
class Look:
    """What the looker chose, from the address: everything a wall shows can be linked to."""

    view: str = "overview"
    colour: str = "stock"
    district: str = ""
    # Seconds until the next view; 0: it stays.
    rotate: int = 0
    # A day of the week looked at; empty: now.
    week: str = ""

    def query(self, **changes: Any) -> str:
        """The address of a neighbouring look."""
        chosen = {**vars(self), **changes}
        plain = Look()
        parts = [f"{key}={value}" for key, value in chosen.items() if value != getattr(plain, key)]
        return "?" + "&".join(parts)

    @property
    def following(self) -> str:
        """The address of the next view in turn."""
        names = list(VIEWS)
        return self.query(view=names[(names.index(self.view) + 1) % len(names)])


def day_of(value: Any) -> date | None:
    """A day as a board keeps it."""
    return date.fromisoformat(str(value)[:10]) if value else None


def progress_of(begins: Any, ends: Any, today: date) -> int:
    """How much of the campaign's time is over, in percent."""
    first, last = day_of(begins), day_of(ends)
    if first is None or last is None or last <= first:
        return 0
    return round(100 * min(1.0, max(0.0, (today - first).days / (last - first).days)))


@dataclass(frozen=True)
class Reach:
    """How far a reader's own lists go who does not read the whole city: a district (its code, or "-"), some cases."""

    district: str
    cases: frozenset[int]


class Frame:
    """One wall at one moment. `board`: the area's; `whole`: the city's, for map and ranking.

    On a screen nobody signs in to (`opens` False) every address is empty: figures are plain text there.
    """

    def __init__(
        self,
        board: Board,
        whole: Board,
        look: Look,
        *,
        at: datetime,
        opens: bool = True,
        hidden: frozenset[int] = frozenset(),
        is_past: bool = False,
        reach: Reach | None = None,
    ) -> None:
        self.board, self.whole, self.look, self.at = board, whole, look, at
        self.opens, self.hidden, self.is_past, self.reach = opens, hidden, is_past, reach
        self.targets: Mapping[str, float] = board.get("targets", {})
        self.as_of = datetime.fromisoformat(board["at"])
        self.today = city_day(self.as_of)
        self.counts: Counts = board["counts"]
        self.progress = progress_of(board["campaign"]["begins"], board["campaign"]["ends"], self.today)

    def rows(self, indicator: Indicator | str, span: Span | None = None, **more: Any) -> str:
        """The rows behind a figure; "" on a screen, and for a past week, whose rows have moved on."""
        if not self.opens or self.is_past:
            return ""
        row = INDICATORS[indicator] if isinstance(indicator, str) else indicator
        chosen = {"district": self.look.district} if self.look.district and row.rows is not None else {}
        # A figure opens what the reader's own lists hold whole, and nothing else.
        if self.reach is not None and {**chosen, **more}.get("district") != self.reach.district:
            return ""
        return rows_url(row, span or Span.year_of(self.as_of) if row.is_flow else None, **{**chosen, **more})

    def address(self, name: str, *args: Any) -> str:
        """Another page of the room, "" where nothing opens or the room has no such page."""
        if not self.opens:
            return ""
        try:
            return reverse(name, args=args)
        except NoReverseMatch:
            return ""

    def case(self, pk: int) -> str:
        """The file of a case, "" where the reader does not reach it."""
        return self.address("backlog_case", pk) if self.reach is None or pk in self.reach.cases else ""

    @property
    def is_stale(self) -> bool:
        return not self.is_past and (self.at - self.as_of).total_seconds() > INTERVAL * STALE_AFTER

    @property
    def chosen(self) -> str:
        """The district this wall is narrowed to; "" for the city."""
        rows = self.board["districts"] if self.board is not self.whole else []
        return self.label(rows[0]) if len(rows) == 1 else ""

    @property
    def turning(self) -> str:
        """The address of the same wall that turns over by itself."""
        return self.look.query(rotate=30)

    @property
    def still(self) -> str:
        """The address of the same wall that stays."""
        return self.look.query(rotate=0)

    @property
    def interval(self) -> int:
        return INTERVAL

    @property
    def stale_after(self) -> int:
        return INTERVAL * STALE_AFTER

    @property
    def views(self) -> list[tuple[str, Promise, str]]:
        return [(key, label, self.look.query(view=key)) for key, label in VIEWS.items()]

    @property
    def colours(self) -> list[tuple[str, Promise, str]]:
        return [(key, label, self.look.query(colour=key)) for key, label in MAPS.items()]

    @staticmethod
    def label(row: Mapping[str, Any]) -> str:
        """Name in the interface language."""
        return str(row["name_en"] if row.get("name_en") and get_language() == "en" else row["name"])

    def short(self, row: Mapping[str, Any]) -> str:
        """海曙 for 海曙区."""
        name = self.label(row)
        return name[:-1] if len(name) > 2 and name[-1] in "区县市" else name

    @cached_property
    def places(self) -> dict[int, dict[str, Any]]:
        return {row["id"]: row for row in self.whole["districts"]}
