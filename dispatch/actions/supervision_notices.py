"""Whom supervision tells. Numbers and levels only; class A reaches named persons, never the line complained of."""

from collections.abc import Iterable
from datetime import datetime

from django.urls import reverse

from accounts.models import Unit, User
from accounts.roles import Role
from dispatch.actions.notices import notify
from dispatch.models import Suggestion, SupervisionOrder
from dispatch.supervision import Level

LEADERS = (Role.UNIT_ADMIN, Role.LEAD_OFFICIAL)
# A petition office or the hub has no leader's account of its own: those who work there hear.
_OFFICERS = (Role.CITY_OFFICER, Role.DISTRICT_OFFICER, Role.CONFERENCE_OFFICER, Role.DISPATCHER)


def leaders_of(units: Iterable[Unit]) -> list[User]:
    """The active leaders of these units; of an office its officers."""
    people = User.objects.filter(unit__in=[unit.pk for unit in units], is_active=True)
    found = list(people.filter(role__in=[*LEADERS, *_OFFICERS]).select_related("unit"))
    led = {user.unit_id for user in found if user.role in LEADERS}
    return [user for user in found if user.role in LEADERS or user.unit_id not in led]


def government_of(unit: Unit) -> list[Unit]:
    """The government of the unit's district; of a unit of the city, the city's."""
    area = unit.area.district_id or unit.area_id
    return list(Unit.objects.filter(kind=Unit.Kind.GOVERNMENT, area=area, is_active=True))


def _people(row: SupervisionOrder, level: Level) -> list[User]:
    found: list[User] = []
    if "leaders" in level.tells:
        found += leaders_of([row.unit])
    if "handlers" in level.tells and row.order is not None and row.order.handler is not None:
        found += [row.order.handler] if row.order.handler.is_active else []
    if "superior" in level.tells and row.unit.parent is not None:
        found += leaders_of([row.unit.parent])
    if "government" in level.tells:
        found += leaders_of(government_of(row.unit))
    if "scope" in level.tells:
        found += leaders_of([reading.unit for reading in row.readings.select_related("unit")])
    return found


def _keep(row: SupervisionOrder, people: Iterable[User]) -> list[User]:
    """Without the line complained of (Regulation on Petition Work, art. 30); `notify` keeps to the named persons."""
    respondent = row.petition.respondent_unit if row.petition is not None and row.petition.is_restricted else None
    if respondent is None:
        return list(people)
    return [user for user in people if user.unit is not None and not user.unit.is_in_line_with(respondent)]


def _tell(row: SupervisionOrder, people: Iterable[User], kind: str, *, key: str, at: datetime) -> None:
    params = {"link": reverse("supervision", args=[row.pk]), "paper": row.number, "level": row.level}
    notify(_keep(row, people), kind=kind, petition=row.petition, order=row.order, key=key, at=at, params=params)


def tell_level(row: SupervisionOrder, level: Level, *, at: datetime) -> None:
    """Each level tells the right people: the higher, the further up."""
    _tell(row, _people(row, level), "supervised", key=f"supervision:{row.pk}:{level.value}", at=at)


def tell_unit(row: SupervisionOrder, kind: str, *, key: str, at: datetime) -> None:
    """A decision on its answer, to the unit."""
    _tell(row, leaders_of([row.unit]), kind, key=key, at=at)


def tell_office(row: SupervisionOrder, kind: str, *, key: str, at: datetime) -> None:
    """The answer has come: to who issued it, or to their office when they are gone."""
    issuer = row.issued_by
    people = [issuer] if issuer is not None and issuer.is_active else []
    if not people and row.issuing_unit is not None:
        people = leaders_of([row.issuing_unit])
    _tell(row, people, kind, key=key, at=at)


def tell_addressee(row: Suggestion, kind: str, *, key: str, at: datetime) -> None:
    """A suggestion to the unit it is addressed to."""
    params = {"link": reverse("suggestion", args=[row.pk]), "paper": row.number}
    notify(leaders_of([row.addressee]), kind=kind, petition=None, key=key, at=at, params=params)


def tell_author(row: Suggestion, kind: str, *, key: str, at: datetime) -> None:
    """The answer to a suggestion, to who made it."""
    author = row.issued_by
    people = [author] if author is not None and author.is_active else []
    params = {"link": reverse("suggestion", args=[row.pk]), "paper": row.number}
    notify(people, kind=kind, petition=None, key=key, at=at, params=params)
