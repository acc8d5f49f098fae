"""How an order begins and what its end takes with it; the steps between are `dispatch.actions.orders`."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Unit, User
from accounts.roles import Role
from dispatch import returns
from dispatch.actions import clocks
from dispatch.actions.carrying import carry_over
from dispatch.actions.notices import notify
from dispatch.assignments import Assignment
from dispatch.models import Opinion, WorkOrder
from dispatch.signals import order_moved
from dispatch.states import OPEN_CONSULTATION_STATES, TAKEN_BACK
from petitions import actions as petitions
from petitions.models import NO_DEADLINE, Petition
from petitions.states import Refused


def staff(unit: Unit, *roles: str) -> list[User]:
    """The active people of a unit, leaders and handlers unless other roles are named."""
    return list(unit.users.filter(is_active=True, role__in=roles or (Role.UNIT_ADMIN, Role.UNIT_HANDLER)))


def check_units(petition: Petition, units: Sequence[Unit], *, needs_no_lead: bool = True, field: str = "lead") -> None:
    """Refuse units that may not get an order of this petition; with `needs_no_lead` also while a lead is at work."""
    open_orders = WorkOrder.objects.filter(petition=petition, is_open=True).select_related("unit")
    lead = next((order for order in open_orders if order.is_lead), None)
    if lead is not None and needs_no_lead:
        raise Refused(
            _("%(unit)s already has this matter in hand. Recall that work order first.") % {"unit": lead.unit},
            field="lead",
            code="already_dispatched",
        )
    busy = {order.unit_id for order in open_orders}
    for unit in units:
        if unit.pk in busy:
            raise Refused(
                _("%(unit)s already has this matter in hand. Recall that work order first.") % {"unit": unit},
                field=field,
                code="already_dispatched",
            )
        if not (unit.is_active and unit.takes_orders):
            raise Refused(_("%(unit)s takes no work orders.") % {"unit": unit}, field=field)
        if petition.is_restricted and petition.respondent_unit and unit.is_in_line_with(petition.respondent_unit):
            # R22 art. 30; domain-facts §1.17: never to the unit complained of.
            raise Refused(_("This unit is complained of, or stands above or below it. Choose another."), field=field)


def first_unit(petition: Petition, lead: Unit) -> Unit:
    """First-asked responsibility (首问负责): the first unit rightly asked. A unit the order was taken from was not."""
    orders = WorkOrder.objects.filter(petition=petition, is_lead=True).exclude(state__in=TAKEN_BACK)
    return petition.first_unit if petition.first_unit and orders.exists() else lead


def open_order(
    petition: Petition,
    unit: Unit,
    *,
    is_lead: bool,
    actor: Actor,
    at: datetime,
    instruction: str = "",
    is_final: bool = False,
    since: WorkOrder | None = None,
    parent: WorkOrder | None = None,
    assignment: Assignment | None = None,
) -> WorkOrder:
    """Write one order, start its clocks and tell its unit. The caller has locked the petition and judged the unit.

    `since` is an order of the petition whose feedback deadline this one shares.
    """
    last = WorkOrder.objects.filter(petition=petition).aggregate(last=Max("seq"))["last"] or 0
    order = WorkOrder.objects.create(
        petition=petition,
        seq=last + 1,
        unit=unit,
        is_lead=is_lead,
        parent=parent,
        is_final=is_final,
        mode=WorkOrder.Mode.ASSIGN if assignment else WorkOrder.Mode.TRANSFER,
        term_days=assignment.days if assignment else None,
        urgency=petition.urgency,
        instruction=instruction,
        dispatched_by=actor.user,
        dispatched_at=at,
        next_due_at=NO_DEADLINE,
    )
    petitions.involve(petition.pk, unit=unit, at=at, reason="order")
    _start_clocks(order, since, actor, at)
    notify(staff(unit), kind="dispatched", petition=petition, order=order, key=f"order:{order.pk}:dispatched", at=at)
    order_moved.send(WorkOrder, order=order, move="dispatch", before="", actor=actor, at=at)
    return order


def _start_clocks(order: WorkOrder, since: WorkOrder | None, actor: Actor, at: datetime) -> None:
    if order.parent is not None:
        clocks.order_moved(order, "delegate_to", actor=actor, at=at)
        carry_over(order, order.parent, with_rest=False, actor=actor, at=at)
        return
    clocks.order_moved(order, "redispatch" if since else "dispatch", actor=actor, at=at)
    if since is not None:
        carry_over(order, since, actor=actor, at=at)
    if not order.is_final:
        # Within this time the unit may object (R22 art. 23).
        clocks.order_moved(order, returns.window_of(order.petition), actor=actor, at=at)


def take_away(order: WorkOrder, *, at: datetime) -> None:
    """The unit loses sight of the case with its order, unless it still works on it or is being consulted."""
    works = WorkOrder.objects.filter(petition=order.petition_id, unit=order.unit, is_open=True).exclude(pk=order.pk)
    asked = Opinion.objects.filter(
        consultation__petition=order.petition_id, consultation__state__in=OPEN_CONSULTATION_STATES, unit=order.unit
    )
    if not works.exists() and not asked.exists():
        petitions.release(order.petition_id, unit=order.unit, at=at)


def lost_lead(order: WorkOrder, *, actor: Actor, at: datetime) -> None:
    """No petition lies without a clock: what has lost its lead unit waits for a dispatch, and that is timed."""
    if order.is_lead:
        clocks.petition_moved(order.petition, "lose_lead", actor=actor, at=at)
