"""What the war room counts, each family of counts in one set-based statement, cut by any dimension.

`backlog.indicators` makes figures of these counts; the wall, the table of indicators and the API all read them here.
No count holds a class A case: a case with a restricted petition is nobody's figure (domain-facts §1.17).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import Count, F, Func, IntegerField, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce, TruncMonth, TruncWeek

from backlog.models import AgendaItem, BacklogCase, CaseLink, Meeting, Reception, Workgroup
from backlog.states import ITEM_OUTCOMES, SETTLED_STATES, MeetingState
from dispatch.calendar import CITY_TIME
from dispatch.clocks import city_day, end_of_day
from petitions.states.reviews import HearingState

# Without a sign of progress for so many days, a case is stuck.
STUCK_DAYS = 30
HELD = (HearingState.CONCLUDED, HearingState.PUBLISHED)

Group = tuple[Any, ...]
Counts = dict[str, int]
Table = dict[Group, Counts]


@dataclass(frozen=True)
class Span:
    """From `since` to before `until` (aware UTC): the year so far, a month, a week."""

    since: datetime
    until: datetime

    def of(self, column: str) -> Q:
        """Rows whose moment lies in it."""
        return Q(**{f"{column}__gte": self.since, f"{column}__lt": self.until})

    @classmethod
    def days(cls, first: date, last: date) -> "Span":
        """Whole days of the city, both counted."""
        return cls(midnight(first), midnight(last + timedelta(days=1)))

    @classmethod
    def year_of(cls, at: datetime) -> "Span":
        """The calendar year that holds the moment."""
        year = city_day(at).year
        return cls.days(date(year, 1, 1), date(year, 12, 31))

    @classmethod
    def month(cls, first: date) -> "Span":
        """The month that begins with the day."""
        following = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
        return cls(midnight(first.replace(day=1)), midnight(following))

    @classmethod
    def week_of(cls, at: datetime) -> "Span":
        """Monday to Sunday of the city."""
        monday = monday_of(at)
        return cls.days(monday, monday + timedelta(days=6))


def midnight(day: date) -> datetime:
    """When a day of the city begins."""
    return datetime.combine(day, time(), tzinfo=CITY_TIME)


def monday_of(at: datetime) -> date:
    """The Monday of the week, as the city counts days."""
    today = city_day(at)
    return today - timedelta(days=today.weekday())


def hidden_cases() -> list[int]:
    """Cases that hold a class A petition by now: in no figure, on no wall."""
    return sorted(set(CaseLink.objects.filter(petition__is_restricted=True).values_list("case_id", flat=True)))


@dataclass(frozen=True)
class Scope:
    """What is counted: the city (`district` None) or one district, over a span, as of a moment."""

    at: datetime
    span: Span
    district: int | None = None
    # Asked once for many statements.
    hidden: Sequence[int] = ()

    @classmethod
    def now(cls, at: datetime, *, district: int | None = None, span: Span | None = None) -> "Scope":
        """The year so far unless another span is given."""
        return cls(at, span or Span.year_of(at), district, tuple(hidden_cases()))

    def over(self, span: Span) -> "Scope":
        """The same over another span."""
        return replace(self, span=span)

    @cached_property
    def today(self) -> date:
        return city_day(self.at)

    def cases(self, path: str = "") -> Q:
        """Which cases count; `path` leads to the case ("case__")."""
        found = Q(**{f"{path}listed_at__lte": self.at})
        if self.district is not None:
            found &= Q(**{f"{path}district": self.district})
        return found & ~Q(**{f"{path}pk__in": list(self.hidden)}) if self.hidden else found


# Of the cases ever taken up, which alone are counted: `is_open` says the same as six states, and is far cheaper to ask
# twenty times a row. A case that was declined was never taken up.
STOCK, SETTLED = Q(is_open=True), Q(is_open=False)


def cases(scope: Scope, *by: str) -> Table:
    """Counts of the cases themselves by columns of the case ("district", "force", "leader")."""
    stuck = scope.at - timedelta(days=STUCK_DAYS)
    week, month = Span.week_of(scope.at), timedelta(days=30)
    age: Any = Func(
        Value(scope.today), F("since"), template="(%(expressions)s)", arg_joiner=" - ", output_field=IntegerField()
    )
    rows = _grouped(BacklogCase.objects.filter(scope.cases()), by).annotate(
        listed=Count("pk"),
        stock=Count("pk", STOCK),
        settled=Count("pk", SETTLED),
        new=Count("pk", scope.span.of("listed_at")),
        settled_in=Count("pk", SETTLED & scope.span.of("settled_at")),
        rebounded=Count("pk", Q(rebounds__gt=0)),
        ever_settled=Count("pk", SETTLED | Q(rebounds__gt=0)),
        led=Count("pk", Q(leader__isnull=False)),
        renewed=Count("pk", Q(renewed_round=F("round"))),
        age_days=Sum(age, filter=STOCK),
        stuck=Count("pk", STOCK & Q(last_moved__lt=stuck)),
        settled_week=Count("pk", SETTLED & week.of("settled_at")),
        new_30=Count("pk", Q(listed_at__gte=scope.at - month)),
        new_60=Count("pk", Span(scope.at - 2 * month, scope.at - month).of("listed_at")),
        **_deadline_counts(scope),
    )
    return _table(rows, by)


def _grouped(rows: QuerySet[Any], by: Sequence[str]) -> Any:
    rows = rows.annotate(last_moved=Coalesce("progressed_at", "listed_at")) if rows.model is BacklogCase else rows
    # With nothing to group by, a constant groups everything: one row, even of an empty city.
    return rows.order_by().values(*by) if by else rows.order_by().annotate(_one=Value(1)).values("_one")


def _table(rows: Iterable[dict[str, Any]], by: Sequence[str]) -> Table:
    names = [name.split("__")[-1] for name in by]
    found: Table = {}
    for row in rows:
        row.pop("_one", None)
        group = tuple(_plain(row.pop(name)) for name in by)
        found[group] = {name: int(value or 0) for name, value in row.items() if name not in names}
    return found


def _plain(value: Any) -> Any:
    """A month as its first day; keys as they are."""
    return city_day(value) if isinstance(value, datetime) else value


def _parts(rows: QuerySet[Any], by: Sequence[str], path: str, moment: str) -> tuple[QuerySet[Any], list[str]]:
    """The rows with what they are cut by: columns behind `path`, or the month (Asia/Shanghai) of a moment."""
    if "month" not in by:
        return rows, [f"{path}{name}" for name in by]
    return rows.annotate(month=TruncMonth(moment, tzinfo=CITY_TIME)), ["month"]


def discussed(scope: Scope, *by: str) -> Table:
    """Cases called in meetings closed within the span, and those of them settled since."""
    rows = AgendaItem.objects.filter(
        scope.cases("case__"),
        scope.span.of("meeting__starts_at"),
        meeting__state=MeetingState.CLOSED,
        outcome__in=ITEM_OUTCOMES,
    )
    rows, columns = _parts(rows, by, "case__", "meeting__starts_at")
    counted = _grouped(rows, columns).annotate(
        discussed=Count("case_id", distinct=True),
        discussed_settled=Count("case_id", Q(case__state__in=SETTLED_STATES), distinct=True),
    )
    return _table(counted, columns)


def hearings(scope: Scope, *by: str) -> Table:
    """Public hearings concluded within the span on a petition of a backlog case."""
    rows = CaseLink.objects.filter(
        scope.cases("case__"),
        scope.span.of("petition__hearings__ended_at"),
        petition__hearings__state__in=HELD,
    )
    rows, columns = _parts(rows, by, "case__", "petition__hearings__ended_at")
    return _table(_grouped(rows, columns).annotate(hearings=Count("petition__hearings", distinct=True)), columns)


def meetings(scope: Scope, *by: str) -> Table:
    """Meetings closed within the span; of the city's wall the city's and the districts' alike."""
    rows: QuerySet[Any] = Meeting.objects.filter(scope.span.of("starts_at"), state=MeetingState.CLOSED)
    if scope.district is not None:
        rows = rows.filter(area=scope.district)
    rows, columns = _parts(rows, by, "", "starts_at")
    return _table(_grouped(rows, columns).annotate(meetings=Count("pk")), columns)


def receptions(scope: Scope, *by: str) -> Table:
    """Batches and persons received on days within the span."""
    rows: QuerySet[Any] = Reception.objects.filter(scope.span.of("day__starts_at"))
    if scope.district is not None:
        rows = rows.filter(day__area=scope.district)
    rows, columns = _parts(rows, by, "day__", "day__starts_at")
    return _table(_grouped(rows, columns).annotate(batches=Count("pk"), persons=Sum("persons")), columns)


def workgroups(scope: Scope) -> dict[int, Workgroup]:
    """Workgroups at work by district, each with `stands`: whether it counts for the coverage."""
    rows: Any = (
        Workgroup.objects.with_standing().filter(is_active=True, district__kind="district").select_related("leader")
    )
    if scope.district is not None:
        rows = rows.filter(district=scope.district)
    return {row.district_id: row for row in rows}


# ---- deadlines: a case's own, its milestones' and its tasks' ----

# The steps of the ladder in days of the city overdue, the first and the last counted; the last step has no end.
LADDER = (("late_1", 1, 3), ("late_4", 4, 7), ("late_8", 8, 30), ("late_31", 31, None))


def _deadline_counts(scope: Scope) -> dict[str, Count]:
    """Cases by their nearest running deadline (`backlog.actions.deadlines` keeps it), which lists are sorted by too.

    A case overdue in several things stands once, on the step of the oldest.
    """
    due = "next_due_at"
    today, sunday = end_of_day(scope.today), midnight(monday_of(scope.at) + timedelta(days=7))
    ends = {days: midnight(scope.today - timedelta(days=days)) for days in (3, 7, 30)}
    # An observation that has run out is no case the stock is late with.
    late = STOCK & Q(next_due_at__lt=scope.at)
    return {
        "overdue": Count("pk", late),
        "late_1": Count("pk", late & Q(next_due_at__gte=ends[3])),
        "late_4": Count("pk", STOCK & Span(ends[7], ends[3]).of(due)),
        "late_8": Count("pk", STOCK & Span(ends[30], ends[7]).of(due)),
        "late_31": Count("pk", STOCK & Q(next_due_at__lt=ends[30])),
        "due_today": Count("pk", STOCK & Q(next_due_at__gte=scope.at, next_due_at__lte=today)),
        "due_week": Count("pk", STOCK & Q(next_due_at__gt=today, next_due_at__lt=sunday)),
    }


# Each part walks the index backlog_due from its first deadline on and stops at the last line it needs.
_MUST = """(
SELECT k.id, k.subject, k.subject_id, c.id AS case, k.due_at, '{urgency}' AS urgency, c.district_id AS district,
    c.title, p.name AS what, p.name_en AS what_en, coalesce(nullif(u.short_name, ''), u.name) AS unit,
    person.name AS person
FROM (
    SELECT id, district_id, title, leader_id, next_due_at FROM backlog_backlogcase
    WHERE is_open AND {due} AND listed_at <= %(at)s AND NOT id = ANY(%(hidden)s::bigint[])
        AND (%(district)s::bigint IS NULL OR district_id = %(district)s::bigint)
    ORDER BY next_due_at, id LIMIT %(most)s
) c JOIN LATERAL (
    SELECT k.*, NULL::bigint AS owner_id FROM dispatch_clock k
    WHERE k.subject = 'backlog' AND k.subject_id = c.id AND k.state = 'running' AND k.due_at = c.next_due_at
    UNION ALL
    SELECT k.*, NULL FROM backlog_milestone m JOIN dispatch_clock k ON k.subject = 'milestone' AND k.subject_id = m.id
    WHERE m.case_id = c.id AND k.state = 'running' AND k.due_at = c.next_due_at
    UNION ALL
    SELECT k.*, t.owner_id FROM backlog_task t JOIN dispatch_clock k ON k.subject = 'task' AND k.subject_id = t.id
    WHERE t.case_id = c.id AND k.state = 'running' AND k.due_at = c.next_due_at
    ORDER BY id LIMIT 1
) k ON true
    JOIN dispatch_policy p ON p.id = k.policy_id
    JOIN accounts_unit u ON u.id = k.unit_id
    LEFT JOIN accounts_user person ON person.id = coalesce(k.owner_id, c.leader_id)
ORDER BY k.due_at, c.id)
"""
_MUSTS = " UNION ALL ".join(
    _MUST.format(urgency=urgency, due=due)
    for urgency, due in (
        ("overdue", "next_due_at < %(at)s"),
        ("today", "next_due_at >= %(at)s AND next_due_at <= %(today)s"),
        ("week", "next_due_at > %(today)s AND next_due_at < %(sunday)s"),
    )
)


def musts(scope: Scope, most: int) -> list[dict[str, Any]]:
    """Cases overdue, due today and due by Sunday, the worst first, `most` of each, with the deadline that says so.

    As in the figures beside it (`_deadline_counts`) each stands once, by its nearest deadline.
    """
    terms: dict[str, Any] = {
        "at": scope.at,
        "today": end_of_day(scope.today),
        "sunday": midnight(monday_of(scope.at) + timedelta(days=7)),
        "hidden": list(scope.hidden),
        "district": scope.district,
        "most": most,
    }
    with connection.cursor() as cursor:
        cursor.execute(_MUSTS, terms)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


# ---- along time ----


def flow(scope: Scope, step: str = "month") -> dict[date, Counts]:
    """Taken up and settled within the span, by month or week (first days, Asia/Shanghai)."""
    trunc: Any = TruncMonth if step == "month" else TruncWeek
    found: dict[date, Counts] = defaultdict(lambda: {"new": 0, "settled_in": 0})
    for name, column, more in (("new", "listed_at", Q()), ("settled_in", "settled_at", SETTLED)):
        rows = BacklogCase.objects.filter(scope.cases(), scope.span.of(column), more).order_by()
        parts = rows.annotate(first=trunc(column, tzinfo=CITY_TIME)).values("first").annotate(n=Count("pk"))
        for part in parts:
            found[city_day(part["first"])][name] = part["n"]
    return dict(found)


def merged(*tables: Table) -> Table:
    """Several tables of counts as one."""
    found: Table = defaultdict(dict)
    for table in tables:
        for group, counts in table.items():
            found[group].update(counts)
    return dict(found)


def summed(table: Table, place: int | None = None) -> dict[Any, Counts]:
    """The counts added up over one part of the group (its place), or over everything (key None)."""
    found: dict[Any, Counts] = defaultdict(lambda: defaultdict(int))
    for group, counts in table.items():
        for name, value in counts.items():
            found[group[place] if place is not None else None][name] += value
    return {key: dict(counts) for key, counts in found.items()}
