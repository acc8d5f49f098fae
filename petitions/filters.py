"""What lists of petitions can be narrowed by: one table of filters for the pages and the API alike.

Names and values are those of the address (`?district=330203&urgency=urgent`). A value no filter understands is
reported in `errors`: the pages say so and show the rest, the API refuses.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property

from django.db.models import F, Q, TextChoices
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.actors import Actor
from accounts.models import Area, Unit, User
from petitions.models import NO_DEADLINE, Channel, ContentClass, Petition, Purpose, RepeatSuggestion, Urgency
from petitions.querysets import PetitionQuerySet
from petitions.search import search
from petitions.states import State

SOON_DAYS = 3
GROUP_SIZE = 5


@dataclass(frozen=True)
class Reader:
    """For whom and when a filter is read."""

    who: User | Actor
    at: datetime
    _areas: dict[str, Area | None] = field(default_factory=dict, compare=False)

    def area(self, code: str) -> Area | None:
        """The area with this code, looked up once."""
        if code not in self._areas:
            self._areas[code] = Area.objects.filter(code=code).first()
        return self._areas[code]

    @property
    def user(self) -> User | None:
        """The person, or None for another system's client."""
        return self.who.user if isinstance(self.who, Actor) else self.who


@dataclass(frozen=True)
class Filter:
    """One way to narrow a list. `read` raises ValueError for a value it does not understand."""

    name: str
    label: Promise
    read: Callable[[list[str], Reader], Q]
    # Words for one value in a removable tag.
    words: Callable[[str, Reader], str] = lambda value, reader: value
    # The values it takes, for the API's schema; empty when it is free text.
    choices: type[TextChoices] | None = None
    # A list of values in one address means any of them; otherwise the last one counts.
    is_multiple: bool = False


class Due(TextChoices):
    """Groups of deadlines; `bounds` says where each begins and ends."""

    OVER = "over", gettext_lazy("Overdue")
    TODAY = "today", gettext_lazy("Due today")
    SOON = "soon", gettext_lazy("Due within 3 days")
    NORMAL = "normal", gettext_lazy("On time")
    NONE = "none", gettext_lazy("No deadline running")


Bounds = dict[str, tuple[datetime | None, datetime | None]]


def bounds(at: datetime) -> Bounds:
    """Deadline groups at a moment: from (included) and until (excluded), None for no bound. Days are local."""
    midnight = timezone.make_aware(datetime.combine(timezone.localdate(at) + timedelta(days=1), time.min))
    soon = max(at + timedelta(days=SOON_DAYS), midnight)
    return {
        Due.OVER: (None, at),
        Due.TODAY: (at, midnight),
        Due.SOON: (midnight, soon),
        Due.NORMAL: (soon, NO_DEADLINE),
        Due.NONE: (NO_DEADLINE, None),
    }


def due_q(group: str, at: datetime) -> Q:
    """Open petitions whose nearest deadline lies in a group. The literal is_open lets the partial indexes answer."""
    since, until = bounds(at)[group]
    found = Q(is_open=True)
    if since is not None:
        found &= Q(next_due_at__gte=since)
    if until is not None:
        found &= Q(next_due_at__lt=until)
    return found


def _choice(column: str, choices: type[TextChoices]) -> Callable[[list[str], Reader], Q]:
    def read(values: list[str], reader: Reader) -> Q:
        return Q(**{f"{column}__in": [choices(value) for value in values]})

    return read


def _choice_words(choices: type[TextChoices]) -> Callable[[str, Reader], str]:
    return lambda value, reader: str(choices(value).label)


def _area(column: str) -> Callable[[list[str], Reader], Q]:
    # Ids instead of a join: the planner then sees a constant and uses the index that begins with the district.
    def read(values: list[str], reader: Reader) -> Q:
        areas = [reader.area(code) for code in values]
        if None in areas:
            raise ValueError(_("There is no such place."))
        return Q(**{f"{column}__in": [area.pk for area in areas if area]})

    return read


def _area_words(code: str, reader: Reader) -> str:
    area = reader.area(code)
    return area.label if area else code


def _class(values: list[str], reader: Reader) -> Q:
    # Codes of lower levels begin with those of the level above (petitions/reference/classes.py).
    found = Q()
    for code in values:
        if not (code.isalnum() and code.isascii() and len(code) in {2, 4, 6}):
            raise ValueError(_("There is no such class."))
        found |= Q(content_class__code__startswith=code)
    return found


def _class_words(code: str, reader: Reader) -> str:
    content_class = ContentClass.objects.filter(code=code).first()
    return content_class.label if content_class else code


def _unit(values: list[str], reader: Reader) -> Q:
    text = values[-1]
    named = Q(code=text) | Q(name__icontains=text) | Q(short_name__icontains=text)
    return Q(lead_unit__in=list(Unit.objects.filter(named).values_list("pk", flat=True)[:200]))


def _flag(on: Callable[[Reader], Q]) -> Callable[[list[str], Reader], Q]:
    def read(values: list[str], reader: Reader) -> Q:
        if values[-1] not in {"1", "0", "true", "false"}:
            raise ValueError(_("Give 1 or 0."))
        found = on(reader)
        return found if values[-1] in {"1", "true"} else ~found

    return read


def _day(value: str) -> datetime:
    try:
        return timezone.make_aware(datetime.combine(date.fromisoformat(value), time.min))
    except (ValueError, OverflowError):
        raise ValueError(_("Give a date such as 2026-11-23.")) from None


def _since(values: list[str], reader: Reader) -> Q:
    return Q(registered_at__gte=_day(values[-1]))


def _until(values: list[str], reader: Reader) -> Q:
    return Q(registered_at__lt=_day(values[-1]) + timedelta(days=1))


def _due(values: list[str], reader: Reader) -> Q:
    found = Q()
    for value in values:
        found |= due_q(Due(value), reader.at)
    return found


def _mine(reader: Reader) -> Q:
    return Q(registrar=reader.user) if reader.user else Q(pk__in=[])


def _suspected(reader: Reader) -> Q:
    """A repeat is suspected and nobody has decided. Asked of what the reader sees only: the earlier one may be hidden.

    Class A is never compared, so the earlier ones are ordinary petitions of the reader's own scope.
    """
    earlier = Petition.objects.visible_to(reader.who).filter(is_restricted=False)
    rows = RepeatSuggestion.objects.filter(decision="", earlier__in=earlier)
    return Q(pk__in=rows.values("petition_id"))


class StepsDone(TextChoices):
    """How far the checklist of a case is."""

    UNDER_HALF = "under_half", gettext_lazy("Under half of the steps")
    OVER_HALF = "over_half", gettext_lazy("Half of the steps or more")
    COMPLETE = "complete", gettext_lazy("Every step")


def _steps(values: list[str], reader: Reader) -> Q:
    half, whole = F("checklist__total") / 2, F("checklist__total")
    known = {
        # Without a row nothing has happened since registration.
        StepsDone.UNDER_HALF: Q(checklist=None) | Q(checklist__done__lt=half),
        StepsDone.OVER_HALF: Q(checklist__done__gte=half, checklist__done__lt=whole),
        StepsDone.COMPLETE: Q(checklist__done__gte=whole),
    }
    found = Q()
    for value in values:
        found |= known[StepsDone(value)]
    return found


def _no_words(value: str, reader: Reader) -> str:
    return "" if value in {"1", "true"} else _("no")


def _open_words(value: str, reader: Reader) -> str:
    return _("still open") if value in {"1", "true"} else _("finished")


FILTERS: dict[str, Filter] = {
    row.name: row
    for row in (
        Filter("district", pgettext_lazy("place", "District"), _area("district_id"), _area_words, is_multiple=True),
        Filter("town", gettext_lazy("Town"), _area("area_id"), _area_words, is_multiple=True),
        Filter("class", gettext_lazy("Content class"), _class, _class_words, is_multiple=True),
        Filter("channel", gettext_lazy("Channel"), _choice("channel", Channel), _choice_words(Channel), Channel, True),
        Filter("state", gettext_lazy("Status"), _choice("state", State), _choice_words(State), State, True),
        Filter("urgency", gettext_lazy("Urgency"), _choice("urgency", Urgency), _choice_words(Urgency), Urgency, True),
        Filter("purpose", gettext_lazy("Purpose"), _choice("purpose", Purpose), _choice_words(Purpose), Purpose, True),
        Filter("due", gettext_lazy("Deadline"), _due, _choice_words(Due), Due, True),
        Filter("unit", gettext_lazy("Lead unit"), _unit),
        Filter("steps", gettext_lazy("Steps done"), _steps, _choice_words(StepsDone), StepsDone, True),
        Filter("since", gettext_lazy("Registered from"), _since),
        Filter("until", gettext_lazy("Registered until"), _until),
        Filter("mine", gettext_lazy("Registered by me"), _flag(_mine), _no_words),
        Filter("group", gettext_lazy("Group petition"), _flag(lambda _r: Q(headcount__gte=GROUP_SIZE)), _no_words),
        Filter("repeat", gettext_lazy("Repeat petition"), _flag(lambda _r: Q(repeat_of__isnull=False)), _no_words),
        Filter(
            "supervised",
            gettext_lazy("Under supervision"),
            _flag(lambda _r: ~Q(supervision_level="")),
            _no_words,
        ),
        Filter("raised", gettext_lazy("Raised again and again"), _flag(lambda _r: Q(is_priority=True)), _no_words),
        Filter("suspected", gettext_lazy("Suspected repeat"), _flag(_suspected), _no_words),
        Filter("open", gettext_lazy("Open or closed"), _flag(lambda _r: Q(is_open=True)), _open_words),
        Filter("anonymous", gettext_lazy("Anonymous"), _flag(lambda _r: Q(is_anonymous=True)), _no_words),
        Filter("reworked", gettext_lazy("Reworked"), _flag(lambda _r: Q(rework_count__gte=1)), _no_words),
    )
}
TEXT = "q"


@dataclass(frozen=True)
class Tag:
    """One set condition as the page shows it, with what removing it needs."""

    name: str
    value: str
    label: str
    words: str


class PetitionFilters:
    """The filters set in an address, read for one person at one moment.

    `errors` maps a parameter to a sentence; what is wrong does not narrow the list.
    """

    def __init__(self, data: QueryDict | Mapping[str, str], *, who: User | Actor, at: datetime) -> None:
        self.reader = Reader(who, at)
        self.errors: dict[str, str] = {}
        self.values: dict[str, list[str]] = {}
        self.text = " ".join(str(data.get(TEXT, "")).split())[:200]
        for name, row in FILTERS.items():
            raw = data.getlist(name) if isinstance(data, QueryDict) else [data.get(name, "")]
            values = [value.strip()[:60] for value in raw if value.strip()]
            if values:
                self.values[name] = list(dict.fromkeys(values)) if row.is_multiple else values[-1:]

    @cached_property
    def condition(self) -> Q:
        """Everything set but the free text, as one condition; fills `errors`."""
        found = Q()
        for name, values in self.values.items():
            try:
                found &= FILTERS[name].read(values, self.reader)
            except ValueError as error:
                # A TextChoices says "'x' is not a valid State": no sentence for an officer.
                is_choice = FILTERS[name].choices is not None
                self.errors[name] = (
                    _("“%(value)s” is not a value of this filter.") % {"value": values[-1]} if is_choice else str(error)
                )
        return found

    def apply(self, rows: PetitionQuerySet) -> PetitionQuerySet:
        """Narrow rows that `visible_to` has scoped already."""
        rows = rows.filter(self.condition)
        return search(rows, self.text, self.reader.who) if self.text else rows

    @property
    def is_set(self) -> bool:
        """True when anything narrows the list."""
        return bool(self.values or self.text)

    def tags(self) -> list[Tag]:
        """The set conditions, in the order of the table, the free text last."""
        wrong = self.errors if self.condition is not None else {}
        found = [
            Tag(name, value, str(FILTERS[name].label), FILTERS[name].words(value, self.reader))
            for name, values in self.values.items()
            if name not in wrong
            for value in values
        ]
        return [*found, Tag(TEXT, self.text, str(SEARCH_LABEL), self.text)] if self.text else found

    def query(self) -> QueryDict:
        """The set filters as an address, without anything else that stood in it."""
        query = QueryDict(mutable=True)
        for name, values in self.values.items():
            query.setlist(name, values)
        if self.text:
            query[TEXT] = self.text
        return query


SEARCH_LABEL = gettext_lazy("Contains")
