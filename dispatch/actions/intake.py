"""What the room of work orders and clocks adds to intake: who hears of more material, and clocks of a new route."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from accounts.actors import Actor
from accounts.models import Unit, User
from accounts.roles import Role
from dispatch.actions import clocks
from dispatch.actions.clocks import Subject, fits, refresh, turn
from dispatch.actions.notices import notify
from dispatch.actions.opening import staff
from dispatch.actions.orders import petition_settled
from dispatch.models import Clock, WorkOrder
from petitions.actions import handovers
from petitions.models import Event, HandOver, Petition

_OFFICE_ROLES = (Role.CITY_OFFICER, Role.DISTRICT_OFFICER, Role.DISPATCHER)


def office_staff(petition: Petition) -> list[User]:
    """Those who run the registering office's matters; its leaders where it is an organ of another kind."""
    return staff(petition.register_unit, *_OFFICE_ROLES) or staff(petition.register_unit, Role.UNIT_ADMIN)


def handling(petition: Petition) -> list[User]:
    """Who has the matter in hand: handlers of open orders, else their units; the registering office before dispatch."""
    orders = WorkOrder.objects.filter(petition=petition, is_open=True, parent=None).select_related("unit", "handler")
    found = [user for order in orders for user in ([order.handler] if order.handler else staff(order.unit))]
    return found or office_staff(petition)


def supplemented(petition: Petition, *, actor: Actor, at: datetime) -> None:
    """Tell those who handle the matter that there is more to read; not what it says (domain-facts §1.17)."""
    people = [user for user in handling(petition) if user != actor.user]
    _tell(people, "supplemented", petition, at)


def route_set(petition: Petition, *, actor: Actor, at: datetime) -> None:
    """End without judgement the clocks whose rule no longer fits the matter; the move starts the new ones."""
    facts = Subject.of_petition(petition).facts
    rows = Clock.objects.filter(petition=petition, order=None, state__in=[Clock.State.RUNNING, Clock.State.PAUSED])
    for clock in rows.select_related("policy").select_for_update(of=("self",)).order_by("id"):
        if not fits(clock.policy, facts):
            turn(clock, "cancel", at=at, actor=actor, reason="set_route")
    refresh(petition)


# ---- hand-over between offices (Regulation on Petition Work, art. 24) ----


def hand_over_asked(petition: Petition, *, actor: Actor, at: datetime) -> None:
    """Only what no unit has in hand goes over; the office asked is told."""
    petition_settled(petition, actor=actor, at=at)
    office = Unit.objects.get(pk=_facts(petition, "hand_over")["to"])
    _tell(staff(office, *_OFFICE_ROLES), "hand_over_asked", petition, at)


def handed_over(petition: Petition, *, actor: Actor, at: datetime) -> None:
    """The periods run on, owed by the office the matter went to; the office it came from is told either way."""
    facts = _facts(petition, "take_over", "rule_over")
    if facts.get("goes", True):
        petition_settled(petition, actor=actor, at=at)
    clocks.hand_to(petition, petition.register_unit)
    offices = Unit.objects.filter(pk__in={facts.get("from"), petition.register_unit_id})
    people = [user for office in offices for user in staff(office, *_OFFICE_ROLES) if user != actor.user]
    _tell(people, "handed_over", petition, at)


def hand_over_refused(petition: Petition, *, actor: Actor, at: datetime) -> None:
    """The office that asked, and the city office that rules the dispute."""
    rulers = User.objects.filter(is_active=True, role=Role.CITY_OFFICER)
    _tell([*office_staff(petition), *rulers], "hand_over_refused", petition, at)


def hand_over_dropped(petition: Petition, *, actor: Actor, at: datetime) -> None:
    """The office that was asked need not answer any more. Told while it still sees the matter."""
    row = HandOver.objects.filter(petition=petition, state=HandOver.State.ASKED).select_related("to_office").first()
    if row is not None:
        _tell(staff(row.to_office, *_OFFICE_ROLES), "hand_over_dropped", petition, at)


def matter_ended(petition: Petition, *, actor: Actor, at: datetime) -> None:
    """A hand-over still open when the matter itself ends falls with it; who was asked is told."""
    hand_over_dropped(petition, actor=actor, at=at)
    handovers.matter_ended(petition, at)


def laid_before(petition: Petition, *, actor: Actor, at: datetime) -> None:
    """Only what no unit has in hand is laid before the conference; its officers are told."""
    petition_settled(petition, actor=actor, at=at)
    people = User.objects.filter(is_active=True, role=Role.CONFERENCE_OFFICER)
    _tell(people, "laid_before", petition, at)


def _facts(petition: Petition, *kinds: str) -> dict[str, Any]:
    return dict(Event.objects.filter(petition=petition, kind__in=kinds).latest("seq").data)


def _tell(people: Iterable[User], kind: str, petition: Petition, at: datetime) -> None:
    notify(people, kind=kind, petition=petition, key=f"{kind}:{petition.pk}:{petition.version}", at=at)
