"""What lists of backlog cases can be narrowed by: one table for the pages, the boards and the API.

Names and values are those of the address (`?district=330203&group=stock&overdue=1`); every figure of a board opens its
rows by them. A value no filter understands is reported in `errors`; the page says so and shows the rest.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import Area, Unit, User
from backlog.models import AgendaItem, CaseLink, Renewal, TaskForce
from backlog.querysets import BacklogCaseQuerySet
from backlog.states import ITEM_OUTCOMES, SETTLED_STATES, CaseState, MeetingState
from petitions.states.reviews import HearingState

# Renewals of the running round; lists show them, one filter asks for them.
_RENEWALS = (
    Renewal.objects.filter(case=OuterRef("pk"), round=OuterRef("round"))
    .order_by()
    .values("case")
    .annotate(n=Count("pk"))
    .values("n")
)


def with_stages(rows: BacklogCaseQuerySet) -> BacklogCaseQuerySet:
    """Rows with `stages`, how many of the five renewals of this round are done."""
    return rows.annotate(stages=Coalesce(Subquery(_RENEWALS), 0))


GROUPS: dict[str, tuple[Promise, Q]] = {
    "stock": (gettext_lazy("Still to be settled"), Q(is_open=True)),
    "new": (gettext_lazy("Taken up this year"), Q(listed_at__isnull=False)),
    "settled": (gettext_lazy("Settled cases"), Q(state__in=SETTLED_STATES)),
    "rebounded": (gettext_lazy("Rebounded at least once"), Q(rebounds__gt=0)),
    "struck": (gettext_lazy("Struck off the list"), Q(state=CaseState.STRUCK_OFF)),
    "listed": (gettext_lazy("Ever taken up"), Q(listed_at__isnull=False)),
}


@dataclass(frozen=True)
class Filter:
    """One way to narrow the list. `read` raises ValueError for what it does not understand."""

    name: str
    label: Promise
    read: Callable[[list[str], datetime], Q]
    words: Callable[[str], str] = str


def _start(day: str) -> datetime:
    """The first moment of a day of the city."""
    return timezone.make_aware(datetime.combine(date.fromisoformat(day), time.min))


def _district(values: list[str], at: datetime) -> Q:
    return Q(district__in=list(Area.objects.filter(code__in=values).values_list("pk", flat=True)))


def _unit(values: list[str], at: datetime) -> Q:
    words = values[0]
    found = Unit.objects.filter(Q(code=words) | Q(name=words) | Q(short_name=words)).first()
    if found is None:
        raise ValueError(words)
    # A government answers for its bureaus.
    return Q(lead_unit__in=Unit.objects.below(found).values("pk"))


def _leader(values: list[str], at: datetime) -> Q:
    return Q(leader_id__in=[int(value) for value in values])


def _state(values: list[str], at: datetime) -> Q:
    return Q(state__in=[CaseState(value) for value in values])


def _group(values: list[str], at: datetime) -> Q:
    name = values[0]
    if name not in GROUPS:
        raise ValueError(name)
    if name == "new":
        return Q(listed_at__gte=_start(f"{timezone.localtime(at).year}-01-01"))
    return GROUPS[name][1]


def _stuck(values: list[str], at: datetime) -> Q:
    since = at - timedelta(days=min(int(values[0]), 10_000))
    return Q(is_open=True) & (Q(progressed_at__lte=since) | Q(progressed_at=None, listed_at__lte=since))


def _span(words: str) -> tuple[datetime, datetime]:
    """The moments a year (2026) or a month (2026-11) of the city begins and is over."""
    first = date.fromisoformat(f"{words}-01" if "-" in words else f"{words}-01-01")
    last = first.replace(day=28) + timedelta(days=4) if "-" in words else first.replace(month=12, day=31)
    following = last.replace(day=1) if "-" in words else last + timedelta(days=1)
    return _start(first.isoformat()), _start(following.isoformat())


def _discussed(values: list[str], at: datetime) -> Q:
    """ "1": at any time; a year or a month: in a meeting closed then."""
    items = AgendaItem.objects.filter(case=OuterRef("pk"), outcome__in=ITEM_OUTCOMES)
    if values[0] != "1":
        since, until = _span(values[0])
        items = items.filter(
            meeting__state=MeetingState.CLOSED, meeting__starts_at__gte=since, meeting__starts_at__lt=until
        )
    return Q(Exists(items))


def _heard(values: list[str], at: datetime) -> Q:
    """With a hearing concluded in that year or month on one of its petitions."""
    since, until = _span(values[0])
    rows = CaseLink.objects.filter(
        case=OuterRef("pk"),
        petition__hearings__state__in=[HearingState.CONCLUDED, HearingState.PUBLISHED],
        petition__hearings__ended_at__gte=since,
        petition__hearings__ended_at__lt=until,
    )
    return Q(Exists(rows))


def _late(values: list[str], at: datetime) -> Q:
    """Overdue for so many days of the city: "1-3", or "31-" without an end. The steps of the wall's ladder."""
    first, _dash, last = values[0].partition("-")
    today = timezone.localtime(at).date()
    found = Q(is_open=True) & Q(next_due_at__lt=min(at, _start((today - timedelta(days=int(first) - 1)).isoformat())))
    return found & Q(next_due_at__gte=_start((today - timedelta(days=int(last))).isoformat())) if last else found


def _stage(values: list[str], at: datetime) -> Q:
    wanted = int(values[0])
    if not 0 <= wanted <= 5:
        raise ValueError(values[0])
    return Q(stages=wanted)


def _text(values: list[str], at: datetime) -> Q:
    words = values[0].strip()[:60]
    digits = words.removesuffix("号").rsplit("〕", 1)[-1]
    by_number = Q(serial=int(digits)) if digits.isdecimal() and len(digits) < 9 else Q()
    return Q(title__icontains=words) | by_number if by_number else Q(title__icontains=words)


def _after(column: str) -> Callable[[list[str], datetime], Q]:
    return lambda values, at: Q(**{f"{column}__gte": _start(values[0])})


def _before(column: str) -> Callable[[list[str], datetime], Q]:
    """Up to and with that day."""
    return lambda values, at: Q(**{f"{column}__lt": _start(values[0]) + timedelta(days=1)})


def _area_words(code: str) -> str:
    return str(Area.objects.filter(code=code).first() or code)


def _person_words(pk: str) -> str:
    return str(User.objects.filter(pk=pk).first() or pk) if pk.isdecimal() else pk


def _unit_words(code: str) -> str:
    return str(Unit.objects.filter(code=code).first() or code)


def _flag(_value: str) -> str:
    return ""


def _year_words(value: str) -> str:
    return "" if value == "1" else value


FILTERS: dict[str, Filter] = {
    row.name: row
    for row in (
        Filter("q", gettext_lazy("Text"), _text),
        Filter("district", gettext_lazy("District"), _district, _area_words),
        Filter(
            "force",
            gettext_lazy("Task force"),
            lambda values, at: Q(force__key__in=values),
            lambda key: str(TaskForce.objects.filter(key=key).first() or key),
        ),
        Filter("state", gettext_lazy("Status"), _state, lambda v: str(CaseState(v).label)),
        Filter("group", pgettext_lazy("backlog", "Group"), _group, lambda v: str(GROUPS[v][0])),
        Filter("leader", gettext_lazy("Lead official"), _leader, _person_words),
        Filter("unit", gettext_lazy("Responsible unit"), _unit, _unit_words),
        Filter("listed_from", gettext_lazy("Taken up from"), _after("listed_at")),
        Filter("listed_to", gettext_lazy("Taken up until"), _before("listed_at")),
        Filter("settled_from", gettext_lazy("Settled from"), _after("settled_at")),
        Filter("settled_to", gettext_lazy("Settled until"), _before("settled_at")),
        Filter("overdue", gettext_lazy("Overdue"), lambda values, at: Q(is_open=True, next_due_at__lt=at), _flag),
        Filter("stuck", gettext_lazy("Nothing got on for … days"), _stuck),
        Filter("no_leader", gettext_lazy("Without a lead official"), lambda v, at: Q(leader=None), _flag),
        Filter("discussed", gettext_lazy("Discussed at a weekly dispatch"), _discussed, _year_words),
        Filter("heard", gettext_lazy("Hearing concluded in"), _heard),
        Filter("late", gettext_lazy("Days overdue"), _late),
        Filter("stage", gettext_lazy("Renewals done"), _stage),
    )
}


class CaseFilters:
    """The filters an address sets, read once."""

    def __init__(self, query: QueryDict | Mapping[str, str], *, at: datetime) -> None:
        given = query if isinstance(query, QueryDict) else _as_query(query)
        self.at = at
        self.errors: dict[str, str] = {}
        self.values = {name: list(filter(None, given.getlist(name))) for name in FILTERS if any(given.getlist(name))}

    @cached_property
    def conditions(self) -> dict[str, Q]:
        """What each filter that was understood asks for."""
        found = {}
        for name, values in list(self.values.items()):
            try:
                found[name] = FILTERS[name].read(values, self.at)
            except (ValueError, OverflowError):
                self.values.pop(name)
                words = {"label": FILTERS[name].label, "value": values[0][:40]}
                self.errors[name] = _("The filter “%(label)s” does not know “%(value)s”.") % words
        return found

    def apply(self, rows: BacklogCaseQuerySet) -> BacklogCaseQuerySet:
        """The rows that meet every filter."""
        if "stage" in self.conditions:
            rows = with_stages(rows)
        for condition in self.conditions.values():
            rows = rows.filter(condition)
        return rows

    @property
    def is_set(self) -> bool:
        return bool(self.values)

    def query(self) -> QueryDict:
        """The filters as an address."""
        query = QueryDict(mutable=True)
        for name, values in self.values.items():
            query.setlist(name, values)
        return query

    def tags(self) -> list[dict[str, str]]:
        """The filters that are set, each with the address without it."""
        _read = self.conditions
        found = []
        for name, values in self.values.items():
            for value in values:
                rest = self.query()
                rest.setlist(name, [other for other in values if other != value])
                tag = {"label": str(FILTERS[name].label), "words": FILTERS[name].words(value)}
                found.append({**tag, "without": rest.urlencode()})
        return found


def _as_query(values: Mapping[str, str]) -> QueryDict:
    query = QueryDict(mutable=True)
    for name, value in values.items():
        query[name] = value
    return query


# How long nothing has got on, for sorting in the database.
STUCK_SINCE = Coalesce(F("progressed_at"), F("listed_at"))
