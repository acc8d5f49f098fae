"""The progress table (进度表): a row a case, its milestones as bars, in groups, paged by key."""

import base64
import binascii
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import CharField, F, Prefetch, Q, QuerySet, Value
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.db.models.functions import Cast, Coalesce, LPad
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from backlog.filters import CaseFilters
from backlog.gantt import LANE, SOON, SPANS, Bar, Tick, Window, bars
from backlog.models import BacklogCase, Milestone
from backlog.querysets import BacklogCaseQuerySet
from dispatch.clocks import city_day
from petitions.paging import capped_counts, capped_text

SIZE = 40
# A sheet of A3 takes some thirty cases; ten sheets are a table nobody reads on paper any more.
PRINT_SIZE = 300
_JOINED = ("district", "force", "leader", "lead_unit")

# How the table may be grouped: label, and the text rows are grouped and ordered by.
GROUPINGS: dict[str, tuple[Promise, Any]] = {
    "force": (
        gettext_lazy("by task force"),
        Coalesce(LPad(Cast("force__position", CharField()), 5, Value("0")), Value("99999")),
    ),
    "district": (gettext_lazy("by district"), F("district__code")),
    "none": (gettext_lazy("not grouped"), Value("")),
}


@dataclass(frozen=True)
class Line:
    """A row of the table. `heading` is the group it opens, '' within one."""

    case: BacklogCase
    bars: list[Bar]
    lanes: int
    heading: str = ""

    @property
    def height(self) -> int:
        """Of the drawing, in pixels."""
        return self.lanes * LANE + 8

    @property
    def reached(self) -> int:
        return sum(bar.row.actual_on is not None for bar in self.bars)

    @property
    def percent(self) -> int:
        """Milestones reached in a hundred planned."""
        return round(100 * self.reached / len(self.bars)) if self.bars else 0

    @property
    def missed(self) -> int:
        return sum(bar.tone == "missed" for bar in self.bars)

    @property
    def outside(self) -> int:
        """Milestones the window does not show."""
        return sum(not bar.is_within for bar in self.bars)


@dataclass
class Slice:
    """A page of cases with the cursors of its neighbours."""

    rows: list[BacklogCase] = field(default_factory=list)
    previous: str = ""
    next: str = ""


class ProgressTable:
    """One request of the table: what the address asks for. `permission` is what the rows are read with."""

    def __init__(
        self, user: User, query: QueryDict, at: datetime, *, permission: str = "backlog.view", size: int = SIZE
    ) -> None:
        self.user, self.at, self.permission, self.size = user, at, permission, size
        self.today = city_day(at)
        self.filters = CaseFilters(query, at=at)
        self.grouping = query.get("by", "") if query.get("by", "") in GROUPINGS else "force"
        self.window = Window.of(query.get("span", ""), query.get("begin", ""), self.today)
        self.has_begin = bool(query.get("begin"))
        self.cursor = query.get("cursor", "")

    @property
    def scope(self) -> BacklogCaseQuerySet:
        """Cases that were taken up, the stock unless the address asks for others."""
        rows: Any = BacklogCase.objects.within(self.user, self.permission).filter(listed_at__isnull=False)
        if not {"state", "group"} & self.filters.values.keys():
            rows = rows.filter(is_open=True)
        return self.filters.apply(rows)

    def rows(self) -> QuerySet[BacklogCase]:
        """The cases in their order, with what a line needs."""
        standing = Prefetch("milestones", Milestone.objects.filter(dropped_at=None), to_attr="standing")
        rows = self.scope.annotate(rank=GROUPINGS[self.grouping][1]).order_by("rank", "listed_at", "id")
        return rows.select_related(*_JOINED).prefetch_related(standing).defer("reason", "progress")

    @cached_property
    def page(self) -> Slice:
        return slice_of(self.rows(), self.cursor, self.size)

    @cached_property
    def lines(self) -> list[Line]:
        """The rows of the page."""
        return self.lines_of(self.page.rows)

    def lines_of(self, cases: Iterable[BacklogCase]) -> list[Line]:
        """Cases as lines, each group opened by its first."""
        found, last = list[Line](), None
        for case in cases:
            heading = self.heading(case)
            drawn, lanes = bars(case.standing, self.window, self.today, self._begin(case))  # type: ignore[attr-defined]
            found.append(Line(case, drawn, lanes, heading if heading != last else ""))
            last = heading
        return found

    def line_of(self, pk: int) -> Line | None:
        """One case's row again, without its heading."""
        case = self.rows().filter(pk=pk).first()
        return Line(*[*_plain(self.lines_of([case])[0])]) if case is not None else None

    def _begin(self, case: BacklogCase) -> Any:
        return city_day(case.listed_at) if case.listed_at else None

    def heading(self, case: BacklogCase) -> str:
        """The group of a case."""
        if self.grouping == "force":
            return case.force.label if case.force is not None else _("Without a task force")
        return case.district.label if self.grouping == "district" else ""

    def counts(self) -> list[str]:
        """Cases, milestones missed, milestones due within a week; capped, in one statement."""
        cases = self.scope
        open_rows = Milestone.objects.filter(actual_on=None, dropped_at=None, case__in=cases.values("pk"))
        soon = Q(planned_on__gte=self.today, planned_on__lte=self.today + SOON)
        numbers = capped_counts([cases, open_rows.filter(planned_on__lt=self.today), open_rows.filter(soon)])
        return [capped_text(number) for number in numbers]

    @cached_property
    def ticks(self) -> list[Tick]:
        return self.window.ticks()

    @cached_property
    def today_x(self) -> str:
        return self.window.today(self.today)

    # ---- addresses ----

    def query(self, **changes: str) -> str:
        """Filters, grouping and window as an address; `changes` replace or, empty, drop a part."""
        given = self.filters.query()
        given["by"] = self.grouping
        given["span"] = self.window.span
        if self.has_begin:
            given["begin"] = self.window.begin.isoformat()
        for name, value in changes.items():
            if value:
                given[name] = value
            else:
                given.pop(name, None)
        return given.urlencode()

    @property
    def here(self) -> str:
        """The address of this very page."""
        return self.query(cursor=self.cursor)

    @property
    def earlier(self) -> str:
        """The window half a width earlier."""
        return self.query(begin=self.window.moved(-1).isoformat())

    @property
    def later(self) -> str:
        """The window half a width later."""
        return self.query(begin=self.window.moved(1).isoformat())

    @property
    def now_query(self) -> str:
        """The window around today."""
        return self.query(begin="")

    @property
    def previous(self) -> str:
        return self.query(cursor=self.page.previous)

    @property
    def following(self) -> str:
        return self.query(cursor=self.page.next)

    def spans(self) -> list[dict[str, Any]]:
        """Widths of the window as links."""
        return [
            {"label": label, "query": self.query(span=key, begin=""), "current": key == self.window.span}
            for key, (label, _count) in SPANS.items()
        ]

    def groupings(self) -> list[dict[str, Any]]:
        """Ways to group as links."""
        return [
            {"label": label, "query": self.query(by=key), "current": key == self.grouping}
            for key, (label, _key) in GROUPINGS.items()
        ]

    def hidden(self) -> list[tuple[str, str]]:
        """What the form of filters carries along."""
        kept = [("by", self.grouping), ("span", self.window.span)]
        return [*kept, ("begin", self.window.begin.isoformat())] if self.has_begin else kept

    def tags(self) -> list[dict[str, str]]:
        """The filters that are set, each with the address without it."""
        rest = urlencode(self.hidden())
        return [{**tag, "without": f"{tag['without']}&{rest}".lstrip("&")} for tag in self.filters.tags()]

    def words(self) -> str:
        """The filters in words, for a printed page."""
        tags = [" ".join(filter(None, (tag["label"], tag["words"]))) for tag in self.filters.tags()]
        return " · ".join(tags) or _("the stock")


def _plain(line: Line) -> Sequence[Any]:
    return line.case, line.bars, line.lanes


def slice_of(rows: QuerySet[Any], cursor: str, size: int) -> Slice:
    """A page by key over (rank, listed_at, id); a damaged cursor means the first page."""
    key = Tuple(F("rank"), F("listed_at"), F("id"))
    position = _decode(cursor)
    backward = position is not None and position[0]
    query = rows.order_by("-rank", "-listed_at", "-id") if backward else rows
    if position is not None:
        lookup = TupleLessThan if backward else TupleGreaterThan
        query = query.filter(lookup(key, position[1]))
    found = list(query[: size + 1])
    if position is not None and (not found or (backward and len(found) <= size)):
        return slice_of(rows, "", size)
    has_more = len(found) > size
    found = found[:size]
    if backward:
        found.reverse()
    if not found:
        return Slice()
    return Slice(
        found,
        previous=_encode(found[0], is_backward=True) if position is not None else "",
        next=_encode(found[-1]) if backward or has_more else "",
    )


def _encode(row: Any, *, is_backward: bool = False) -> str:
    raw = json.dumps([int(is_backward), row.rank, row.listed_at.isoformat(), row.pk], separators=(",", ":"))
    return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def _decode(cursor: str) -> tuple[bool, tuple[str, datetime, int]] | None:
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        backward, rank, value, pk = json.loads(raw)
        moment = datetime.fromisoformat(value)
    except (binascii.Error, ValueError, TypeError, AttributeError):
        return None
    is_sound = isinstance(rank, str) and moment.tzinfo is not None and isinstance(pk, int) and abs(pk) < 2**63
    return (bool(backward), (rank.replace("\0", ""), moment, pk)) if is_sound else None
