"""The only code that writes receptions: who was received, what the official said, who does what by when."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Unit, User
from backlog.actions import bookings, moves, receptions, tasking
from backlog.models import BacklogCase, Booking, Reception, ReceptionDay
from backlog.states import BookingState, ReceptionResult, TaskOrigin
from dispatch.clocks import city_day
from petitions import actions as petitions
from petitions import events
from petitions.models import Petition
from petitions.states import Refused


@dataclass(frozen=True)
class Visit:
    """One batch as it is recorded. `task`: what the unit is to do; the official's opinion where it is left empty."""

    matter: str
    visitor: str = ""
    persons: int = 1
    opinion: str = ""
    result: str = ""
    booking: Booking | None = None
    petition: Petition | None = None
    case: BacklogCase | None = None
    unit: Unit | None = None
    owner: User | None = None
    due_on: date | None = None
    task: str = ""
    satisfaction: int | None = None


@transaction.atomic
def receive(day_id: int, visit: Visit, *, actor: User | Actor, at: datetime) -> Reception:
    """Record one batch received; with a unit and a day it becomes that unit's task with its clock.

    Order of locks: petition, case, day, booking, clocks. Raises Refused naming the field at fault.
    """
    who = Actor.of(actor)
    _check(visit)
    petition = _petition_of(visit, who)
    if petition is not None:
        petitions.lock(petition.pk)
    if visit.case is not None and not moves.lock(visit.case.pk).is_open and visit.unit is not None:
        raise Refused(_("The case is settled: no task is given on it. Leave the unit empty."), field="unit")
    day = receptions.move(day_id, "receive", actor=who, at=at)
    if city_day(day.starts_at) > city_day(at):
        raise Refused(_("This day has not come yet."))
    if visit.booking is not None:
        _take_booking(day, visit.booking, who, at)
    row = Reception.objects.create(
        day=day,
        seq=(day.receptions.aggregate(top=Max("seq"))["top"] or 0) + 1,
        booking=visit.booking,
        visitor=visit.visitor.strip()[:60],
        persons=visit.persons,
        petition=petition,
        case=visit.case,
        matter=visit.matter.strip(),
        opinion=visit.opinion.strip(),
        result=visit.result,
        unit=visit.unit,
        due_on=visit.due_on,
        satisfaction=visit.satisfaction,
        recorded_by=who.user,
        at=at,
    )
    _tell_files(row, who, at)
    _give_task(row, visit, who, at)
    return row


@transaction.atomic
def link(reception_id: int, *, petition: Petition, actor: User | Actor, at: datetime) -> Reception:
    """Tie the batch to a petition: one registered from it, or found afterwards. Raises Refused."""
    who = Actor.of(actor)
    _check_petition(petition, who)
    petitions.lock(petition.pk)
    day = receptions.lock(Reception.objects.values_list("day_id", flat=True).get(pk=reception_id))
    receptions.require(day, "backlog.run_reception", who)
    row = Reception.objects.select_for_update(of=("self",)).get(pk=reception_id)
    if row.petition_id is not None:
        raise Refused(_("A petition is linked already."))
    row.petition = petition
    row.save(update_fields=["petition"])
    events.record(petition.pk, "reception", actor=who, at=at, data={"reception": row.pk, "kind": day.kind})
    return row


def _check(visit: Visit) -> None:
    if len(visit.matter.strip()) < 4:
        raise Refused(_("Say what it was about."), field="matter")
    if not 1 <= visit.persons <= 999:
        raise Refused(_("Between 1 and 999 people."), field="persons")
    if visit.result not in {*ReceptionResult.values, ""}:
        raise Refused(_("Choose a result of the list."), field="result")
    if visit.result == ReceptionResult.HANDED and visit.unit is None:
        raise Refused(_("Name the unit it is given to."), field="unit")
    if (visit.unit is None) != (visit.due_on is None):
        field = "unit" if visit.unit is None else "due_on"
        raise Refused(_("A unit needs a day to answer by, and a day a unit."), field=field)
    if visit.unit is not None and len((visit.task or visit.opinion).strip()) < 4:
        raise Refused(_("Say what the unit is to do, or what the official said."), field="opinion")


def _petition_of(visit: Visit, who: Actor) -> Petition | None:
    """The petition the words belong to; one day they are emptied with it (petitions.erasure)."""
    if visit.petition is not None:
        _check_petition(visit.petition, who)
        return visit.petition
    if visit.case is not None:
        return visit.case.petition
    return visit.booking.petition if visit.booking is not None else None


def _check_petition(petition: Petition, who: Actor) -> None:
    if petition.is_restricted or not Petition.objects.visible_to(who).filter(pk=petition.pk).exists():
        # Class A reaches named persons only (domain-facts §1.17); the calendar is read by more.
        raise Refused(_("There is no such petition, or more than one. Give year and number."), field="petition")


def _take_booking(day: ReceptionDay, booking: Booking, who: Actor, at: datetime) -> None:
    row = Booking.objects.select_for_update(of=("self",)).get(pk=booking.pk)
    if row.day_id != day.pk or row.state == BookingState.CANCELLED:
        raise Refused(_("This booking is not open on this day."), field="booking")
    if Reception.objects.filter(booking=row).exists():
        raise Refused(_("This booking has been recorded already."), field="booking", code="twice")
    if row.state != BookingState.CAME:
        bookings.move(row.pk, "come", actor=who, at=at)


def _tell_files(row: Reception, who: Actor, at: datetime) -> None:
    """Petition and backlog case both know that the person was received; the words stay with the reception."""
    data = {"reception": row.pk, "kind": row.day.kind, "persons": row.persons, "result": row.result}
    if row.petition_id is not None:
        events.record(row.petition_id, "reception", actor=who, at=at, data=data)
    if row.case_id is not None:
        moves.move(row.case_id, "receive", actor=who, at=at, data=data, is_progress=True)


def _give_task(row: Reception, visit: Visit, who: Actor, at: datetime) -> None:
    if visit.unit is not None and visit.due_on is not None:
        tasking.assign(
            text=visit.task.strip() or visit.opinion.strip(),
            unit=visit.unit,
            due_on=visit.due_on,
            origin=TaskOrigin.RECEPTION,
            owner=visit.owner,
            case=visit.case,
            actor=who,
            at=at,
            reception=row,
        )
