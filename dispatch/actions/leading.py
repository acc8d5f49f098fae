"""Lead and assisting units, and sub-orders below them: who gets a part of a matter and who answers for the whole."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Unit, User
from dispatch.actions import orders
from dispatch.actions.notices import notify
from dispatch.models import WorkOrder
from petitions import actions as petitions
from petitions.states import Refused


def _names(units: Sequence[Unit]) -> list[dict[str, Any]]:
    return [{"unit": unit.pk, "name": unit.short_name} for unit in units]


def lead_of(petition_id: int) -> WorkOrder | None:
    """The open lead order of a petition."""
    rows = WorkOrder.objects.filter(petition=petition_id, is_open=True, is_lead=True)
    return rows.select_related("unit").order_by("-seq").first()


@transaction.atomic
def add_assisting(
    petition_id: int,
    *,
    units: Sequence[Unit],
    instruction: str = "",
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
    permission: str = "",
) -> list[WorkOrder]:
    """Ask further units to assist the lead (联动办): an order each, due together with the lead's (docs/adr/0016).

    Raises Refused without a lead at work, or for a unit that has the matter in hand already.
    """
    petition = petitions.lock(petition_id)
    lead = lead_of(petition_id)
    if lead is None:
        raise Refused(_("No unit leads here. Dispatch the petition first."), code="no_lead")
    if not units:
        raise Refused(_("Choose at least one unit."), field="assisting")
    orders.check_units(petition, units, needs_no_lead=False, field="assisting")
    who = Actor.of(actor)
    data = {"assisting": _names(units), "lead": {"unit": lead.unit_id, "name": lead.unit.short_name}}
    petition = petitions.move(
        petition_id, "assist", actor=who, at=at, data=data, text=instruction, version=version, permission=permission
    )
    more: dict[str, Any] = {"instruction": instruction, "since": lead, "actor": who, "at": at}
    return [orders.open_order(petition, unit, is_lead=False, is_final=lead.is_final, **more) for unit in units]


@transaction.atomic
def change_lead(
    petition_id: int, *, to: WorkOrder, reason: str, actor: User | Actor, at: datetime, version: int | None = None
) -> WorkOrder:
    """Make an assisting unit the lead; the former lead assists from now on: who was asked first stays in (首问负责).

    Raises Refused without a reason, or when either order is past handling.
    """
    if not reason.strip():
        raise Refused(_("Please say why the lead changes; both units read it."), field="reason")
    petition = petitions.lock(petition_id)
    if version is not None and version != petition.version:
        raise Refused(
            _("Somebody else has changed this petition meanwhile. Please look at it again and repeat the step."),
            code="stale",
        )
    if to.petition_id != petition_id:
        raise Refused(_("Choose one of the assisting units."), field="to")
    return take_lead(to.pk, reason=reason, actor=actor, at=at)


@transaction.atomic
def take_lead(
    order_id: int,
    *,
    reason: str = "",
    permission: str = "",
    is_final: bool = False,
    actor: User | Actor,
    at: datetime,
) -> WorkOrder:
    """Hand the lead to an assisting order; with `is_final` it may not be returned any more. Clocks stay."""
    who = Actor.of(actor)
    order = orders.lock(order_id)
    if order.is_lead or order.parent_id is not None or not order.is_open:
        raise Refused(_("Choose one of the assisting units."), field="to")
    former = lead_of(order.petition_id)
    data = {
        "lead": {"unit": order.unit_id, "name": order.unit.short_name},
        "from": {"unit": former.unit_id, "name": former.unit.short_name} if former else None,
    }
    changes: dict[str, Any] = {"lead_unit": order.unit}
    petitions.move(
        order.petition_id,
        "change_lead",
        actor=who,
        at=at,
        data=data,
        text=reason.strip(),
        changes=changes,
        permission=permission,
    )
    if former is not None:
        orders.move(former.pk, "yield_lead", actor=who, at=at, changes={"is_lead": False}, is_consequence=True)
    changes = {"is_lead": True, "is_final": is_final or order.is_final}
    order, event = orders.move(order_id, "take_lead", actor=who, at=at, changes=changes, is_consequence=True)
    people = [*orders.staff(order.unit), *(orders.staff(former.unit) if former else [])]
    notify(people, kind="lead_changed", petition=order.petition, order=order, key=f"event:{event.pk}", at=at)
    return order


@transaction.atomic
def delegate(
    order_id: int,
    *,
    units: Sequence[Unit],
    instruction: str,
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> list[WorkOrder]:
    """A unit gives parts of its order to units below it, which feed back to it by its own deadline.

    Raises Refused for units that do not stand below it, or without an instruction.
    """
    order = orders.lock(order_id)
    if not units:
        raise Refused(_("Choose at least one unit."), field="assisting")
    if not instruction.strip():
        raise Refused(_("Please say what the units are to do."), field="instruction")
    for unit in units:
        if unit.pk == order.unit_id or not unit.path.startswith(order.unit.path):
            text = _("%(unit)s does not stand below your unit. Ask the office for an assisting unit instead.")
            raise Refused(text % {"unit": unit}, field="assisting")
    orders.check_units(order.petition, units, needs_no_lead=False, field="assisting")
    who = Actor.of(actor)
    data = {"units": _names(units)}
    order, _event = orders.move(
        order_id, "delegate", actor=who, at=at, data=data, text=instruction.strip(), version=version
    )
    more: dict[str, Any] = {"instruction": instruction.strip(), "is_final": True, "parent": order}
    return [orders.open_order(order.petition, unit, is_lead=False, actor=who, at=at, **more) for unit in units]


@transaction.atomic
def check_below(
    order_id: int, *, passes: bool, remark: str = "", actor: User | Actor, at: datetime, version: int | None = None
) -> WorkOrder:
    """The unit that gave a sub-order judges its feedback, as the office judges the unit's own."""
    names = ("pass_below", "send_below")
    return orders.check(order_id, passes=passes, remark=remark, names=names, actor=actor, at=at, version=version)
