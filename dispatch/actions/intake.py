"""What the room of work orders and clocks adds to intake: who hears of more material, and clocks of a new route."""

from datetime import datetime

from accounts.actors import Actor
from accounts.models import User
from accounts.roles import Role
from dispatch.actions.clocks import Subject, fits, refresh, turn
from dispatch.actions.notices import notify
from dispatch.actions.opening import staff
from dispatch.models import Clock, WorkOrder
from petitions.models import Petition

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
    notify(people, kind="supplemented", petition=petition, key=f"supplement:{petition.pk}:{petition.version}", at=at)


def route_set(petition: Petition, *, actor: Actor, at: datetime) -> None:
    """End without judgement the clocks whose rule no longer fits the matter; the move starts the new ones."""
    facts = Subject.of_petition(petition).facts
    rows = Clock.objects.filter(petition=petition, order=None, state__in=[Clock.State.RUNNING, Clock.State.PAUSED])
    for clock in rows.select_related("policy").select_for_update(of=("self",)).order_by("id"):
        if not fits(clock.policy, facts):
            turn(clock, "cancel", at=at, actor=actor, reason="set_route")
    refresh(petition)
