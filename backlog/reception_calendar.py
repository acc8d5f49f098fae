"""What the reception pages show: a month of days, who comes today, and the counters of the year (§3.6, §9.1 no. 6)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from accounts.models import Area, User
from accounts.roles import Role, Scope
from backlog.models import Booking, Reception, ReceptionDay
from backlog.states import DayState, ReceptionKind, ReceptionResult
from dispatch import rulebook
from dispatch.calendar import CalendarError
from petitions.paging import Order

# More days than ten districts hold in a month; the page says so when there are more still.
MOST = 400
NEWEST = Order("at", is_descending=True)
WEEK = 7


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def midnight(day: date) -> datetime:
    """The beginning of a day of the city."""
    return timezone.make_aware(datetime(day.year, day.month, day.day)).astimezone(UTC)


@dataclass(frozen=True)
class CalendarFilters:
    """Month, official, district and kind, as the address carries them."""

    first: date
    official: int | None = None
    area: int | None = None
    kind: str = ""
    # The boards name a district by its code.
    district: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str], today: date) -> "CalendarFilters":
        """Read an address; what makes no sense is left out."""
        try:
            first = date.fromisoformat(f"{query.get('month', '')[:7]}-01")
        except ValueError:
            first = today.replace(day=1)
        first = first if 2000 <= first.year <= 2100 else today.replace(day=1)
        kind = query.get("kind", "")
        return cls(
            first,
            # The boards call them leader and district.
            _number(query.get("official", "") or query.get("leader", "")),
            _number(query.get("area", "")),
            kind if kind in ReceptionKind.values else "",
            query.get("district", "")[:12],
        )

    @property
    def last(self) -> date:
        return (self.first + timedelta(days=32)).replace(day=1) - timedelta(days=1)

    @property
    def previous(self) -> str:
        return f"{self.first - timedelta(days=1):%Y-%m}"

    @property
    def following(self) -> str:
        return f"{self.last + timedelta(days=1):%Y-%m}"

    def narrow(self, path: str = "") -> Q:
        """The conditions on a day; `path` leads to it."""
        found = Q()
        for name, value in (
            ("official", self.official),
            ("area", self.area),
            ("kind", self.kind),
            ("area__code", self.district),
        ):
            if value:
                found &= Q(**{f"{path}{name}": value})
        return found

    @property
    def query(self) -> str:
        """Official, district and kind as they stand in an address."""
        pairs = (("official", self.official), ("area", self.area), ("kind", self.kind), ("district", self.district))
        return urlencode([(name, value) for name, value in pairs if value])


def _count(rows: QuerySet[Any], path: str) -> Coalesce:
    """How many rows hang on a day, in a statement of its own so that two counts do not multiply."""
    counted = rows.filter(day=OuterRef("pk")).order_by().values("day").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def with_counts(rows: QuerySet[ReceptionDay], user: User) -> QuerySet[ReceptionDay]:
    """Days with how many places are taken and how many batches were received."""
    return rows.annotate(
        taken=_count(Booking.objects.all().holding(), "bookings"),
        received=_count(Reception.objects.visible_to(user), "receptions"),
    )


@dataclass
class Cell:
    """A day of the calendar with what takes place on it."""

    day: date
    is_inside: bool
    is_today: bool
    is_rest: bool
    rows: list[ReceptionDay] = field(default_factory=list)


class Month:
    """One month of reception days, as one reader may see it."""

    def __init__(self, user: User, filters: CalendarFilters, at: datetime) -> None:
        self.user, self.filters, self.at = user, filters, at

    @cached_property
    def rows(self) -> list[ReceptionDay]:
        """The days, earliest first; one statement."""
        start, end = midnight(self.filters.first), midnight(self.filters.last + timedelta(days=1))
        rows = ReceptionDay.objects.visible_to(self.user).filter(starts_at__gte=start, starts_at__lt=end)
        counted = with_counts(rows.filter(self.filters.narrow()), self.user).select_related("official", "area")
        return list(counted.order_by("starts_at", "pk")[: MOST + 1])

    @property
    def has_more(self) -> bool:
        return len(self.rows) > MOST

    @cached_property
    def weeks(self) -> list[list[Cell]]:
        """Monday to Sunday, with the days of the neighbours that fill the first and the last week."""
        first, last, today = self.filters.first, self.filters.last, timezone.localdate(self.at)
        by_day: dict[date, list[ReceptionDay]] = defaultdict(list)
        for row in self.rows[:MOST]:
            by_day[timezone.localdate(row.starts_at)].append(row)
        start = first - timedelta(days=first.weekday())
        count = ((last - start).days // WEEK + 1) * WEEK
        days = [start + timedelta(days=n) for n in range(count)]
        cells = [Cell(d, first <= d <= last, d == today, is_rest(d), by_day.get(d, [])) for d in days]
        return [cells[n : n + WEEK] for n in range(0, count, WEEK)]


def is_rest(day: date) -> bool:
    """Whether nobody works that day; weekends, where the calendar does not reach so far."""
    try:
        return not rulebook.calendar().is_work(day)
    except CalendarError:
        return day.weekday() >= 5


@dataclass(frozen=True)
class Tally:
    """One line of the year's counters, with the address of the rows behind it."""

    label: str
    url: str
    batches: int
    persons: int
    on_spot: int

    @property
    def share(self) -> float | None:
        """Settled on the spot ÷ batches; None without any."""
        return self.on_spot / self.batches if self.batches else None


class Year:
    """The counters of one year: batches, persons, settled on the spot, by kind and by official; one statement."""

    def __init__(self, user: User, year: int, filters: CalendarFilters) -> None:
        self.user, self.year, self.filters = user, year, filters

    @cached_property
    def groups(self) -> list[Any]:
        first, last = date(self.year, 1, 1), date(self.year, 12, 31)
        rows = received_in(self.user, first, last).filter(self.filters.narrow("day__"))
        return list(
            rows.order_by()
            .values("day__kind", "day__official", "day__official__name")
            .annotate(n=Count("pk"), people=Sum("persons"), spot=Count("pk", filter=Q(result=ReceptionResult.ON_SPOT)))
        )

    def _tally(self, label: str, groups: Iterable[Any], **query: Any) -> Tally:
        rows = list(groups)
        query = {"since": f"{self.year}-01-01", "until": f"{self.year}-12-31", "area": self.filters.area, **query}
        url = f"{reverse('reception_records')}?{urlencode({k: v for k, v in query.items() if v})}"
        return Tally(
            label, url, sum(g["n"] for g in rows), sum(g["people"] for g in rows), sum(g["spot"] for g in rows)
        )

    @cached_property
    def total(self) -> Tally:
        return self._tally("", self.groups, official=self.filters.official, kind=self.filters.kind)

    @cached_property
    def kinds(self) -> list[Tally]:
        """Every kind, those without a reception too."""
        wanted = [kind for kind in ReceptionKind if self.filters.kind in {"", kind}]
        return [
            self._tally(
                str(kind.label),
                [g for g in self.groups if g["day__kind"] == kind],
                kind=str(kind),
                official=self.filters.official,
            )
            for kind in wanted
        ]

    @cached_property
    def officials(self) -> list[Tally]:
        """Who received most, first."""
        names = {g["day__official"]: g["day__official__name"] for g in self.groups}
        order = Counter({pk: sum(g["n"] for g in self.groups if g["day__official"] == pk) for pk in names})
        return [
            self._tally(
                names[pk],
                [g for g in self.groups if g["day__official"] == pk],
                official=pk,
                kind=self.filters.kind,
            )
            for pk, _n in order.most_common(12)
        ]


def received_in(user: User, first: date, last: date) -> QuerySet[Reception]:
    """Batches received on days of the city from `first` to `last` (both counted) this person may read of."""
    start, end = midnight(first), midnight(last + timedelta(days=1))
    rows: QuerySet[Reception] = Reception.objects.visible_to(user).filter(
        day__starts_at__gte=start, day__starts_at__lt=end
    )
    return rows


def span_of(query: Mapping[str, str], today: date) -> tuple[date, date]:
    """First and last day of an address; this year's where it names none, or the last is before the first."""
    try:
        first, last = date.fromisoformat(query.get("since", "")), date.fromisoformat(query.get("until", ""))
    except ValueError:
        first = last = date.min
    if not date(2000, 1, 1) <= first <= last <= date(2100, 12, 31):
        return date(today.year, 1, 1), date(today.year, 12, 31)
    return first, last


def officials_for(user: User) -> QuerySet[User]:
    """The officials whose days this person may set or look at."""
    rows = User.objects.filter(role=Role.LEAD_OFFICIAL, is_active=True).select_related("unit")
    scope = user.scope_for("backlog.view_receptions")
    if scope == Scope.NAMED:
        return rows.filter(pk=user.pk)
    if scope == Scope.AREA and user.unit is not None:
        district = user.unit.area.district_id or user.unit.area_id
        rows = rows.filter(Q(unit__area=district) | Q(unit__area__district=district))
    return rows.order_by("unit__path", "name")


def areas_for(user: User) -> QuerySet[Area]:
    """The city and its districts, or the one this person works for."""
    rows = Area.objects.filter(kind__in=["city", "district"])
    if user.scope_for("backlog.view_receptions") in {Scope.AREA, Scope.NAMED} and user.unit is not None:
        rows = rows.filter(pk=user.unit.area.district_id or user.unit.area_id)
    return rows.order_by("code")


def next_days(rows: QuerySet[ReceptionDay], at: datetime, until: datetime) -> QuerySet[ReceptionDay]:
    """Published days that have not ended yet, with the places taken; what citizens see."""
    published = rows.filter(state=DayState.PUBLISHED, ends_at__gt=at, starts_at__lt=until)
    return published.annotate(taken=_count(Booking.objects.all().holding(), "bookings"))
