"""The only code that writes returns of work orders (退单): asked by the unit, decided by the hub."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Unit, User
from accounts.roles import Role
from dispatch import returns
from dispatch.actions import leading, orders, supervision
from dispatch.actions.notices import notify
from dispatch.models import OrderReturn, Proposal, WorkOrder
from petitions.models import Event, Petition
from petitions.states import Refused


@transaction.atomic
def ask_return(
    order_id: int,
    *,
    reason: str,
    words: str,
    right_unit: Unit | None = None,
    duplicate: Petition | None = None,
    route: str = "",
    missing: str = "",
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> tuple[WorkOrder, Event]:
    """A unit objects to an order (R22 art. 23). Its clocks run on until the hub decides; evidence goes to the event.

    Raises Refused for a final order, after the time to object, and where the reason lacks what it must name.
    """
    order = orders.lock(order_id)
    given = {"right_unit": right_unit, "duplicate": duplicate, "route": route, "missing": missing.strip()}
    _check_open(order, at)
    _check_words(order, reason, words, given)
    if duplicate is not None and duplicate.is_restricted and not order.petition.is_restricted:
        # The number of an accusation must not stand on a case others read (domain-facts §1.17).
        raise Refused(_("Please give the number of the petition this one repeats."), field="duplicate")
    who = Actor.of(actor)
    data: dict[str, Any] = {"reason": reason, "route": route}
    if right_unit is not None:
        data |= {"right_unit": right_unit.pk, "right_name": right_unit.short_name}
    if duplicate is not None:
        data["number"] = duplicate.number
    text = "\n\n".join(part for part in (words.strip(), missing.strip()) if part)
    order, event = orders.move(order_id, "ask_return", actor=who, at=at, data=data, text=text, version=version)
    need = returns.NEEDS[reason]
    named = {name: value for name, value in given.items() if need is not None and name == need.field}
    OrderReturn.objects.create(
        petition=order.petition,
        order=order,
        unit=order.unit,
        reason=reason,
        words=words.strip(),
        asked_by=who.user,
        asked_at=at,
        **named,
    )
    notify(_deciders(order), kind="return_asked", petition=order.petition, order=order, key=f"event:{event.pk}", at=at)
    return order, event


def refusal_of(order: WorkOrder, at: datetime) -> Refused | None:
    """Why this order may not be returned at all; None when it may."""
    if order.parent_id is not None:
        text = _("A sub-order is not returned: speak with the unit that gave it, which answers for the whole.")
        return Refused(text, code="sub_order")
    if order.is_final or returns.accepted_count(order.petition) >= returns.accepted_limit():
        text = _(
            "No matter more than twice: this dispatch is final and cannot be returned. "
            "If ownership is still in doubt, call a consultation."
        )
        return Refused(text, code="final")
    if returns.is_late(order, at):
        text = _("The time to object is over, so the matter counts as accepted. The hub may allow a late return.")
        return Refused(text, code="late")
    return None


def _check_open(order: WorkOrder, at: datetime) -> None:
    refusal = refusal_of(order, at)
    if refusal is not None:
        raise refusal


def _check_words(order: WorkOrder, reason: str, words: str, given: dict[str, Any]) -> None:
    if reason not in returns.NEEDS:
        raise Refused(_("Please choose a reason."), field="reason")
    need = returns.NEEDS[reason]
    if need is not None and not given[need.field]:
        raise Refused(need.sentence, field=need.field)
    if len(words.strip()) < 10:
        text = _("Please give the facts and the rule it rests on, in at least ten characters.")
        raise Refused(text, field="words")
    right = given["right_unit"]
    if right is not None and right.pk == order.unit_id:
        raise Refused(_("This is your own unit. Name the unit you hold to be the right one."), field="right_unit")
    if given["duplicate"] is not None and given["duplicate"].pk == order.petition_id:
        raise Refused(_("A petition is no duplicate of itself."), field="duplicate")


def _deciders(order: WorkOrder) -> list[User]:
    """Who dispatched it, and the dispatchers of that office."""
    asker = order.dispatched_by
    if asker is None or asker.unit is None:
        return [asker] if asker else []
    offices = (Role.DISPATCHER, Role.CITY_OFFICER, Role.DISTRICT_OFFICER)
    return [asker, *orders.staff(asker.unit, *offices)]


def pending(order: WorkOrder) -> OrderReturn:
    """The undecided return of a locked order. Raises Refused when it was decided meanwhile."""
    found = OrderReturn.objects.select_for_update().filter(order=order, decided_at=None).first()
    if found is None:
        raise Refused(_("There is no return to decide on this work order."), code="decided")
    found.order, found.petition = order, order.petition
    return found


@transaction.atomic
def accept_return(
    order_id: int,
    *,
    ruling: str,
    to: Unit | None = None,
    assisting: Sequence[Unit] = (),
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> WorkOrder | None:
    """The hub takes the order back and, in the same step, dispatches anew: finally (事不过二), to `to`.

    The first dispatch's feedback deadline is kept (docs/adr/0016). Without `to` (facts missing, duplicate, another
    route, settled before) the petition waits for the office, and that time runs on a clock. Returns the new order.
    Raises Refused without a ruling, or when a return of this matter was accepted before.
    """
    who = Actor.of(actor)
    asked = _asked(order_id, ruling, who)
    order = asked.order
    if returns.accepted_count(order.petition) >= returns.accepted_limit():
        raise Refused(_("No matter more than twice: a return of this matter was accepted before."), code="twice")
    if to is not None and to.pk == order.unit_id:
        raise Refused(_("This unit asked to return it. Choose another, or reject the return."), field="lead")
    return settle(asked, is_accepted=True, ruling=ruling, to=to, assisting=assisting, actor=who, at=at, version=version)


@transaction.atomic
def reject_return(
    order_id: int,
    *,
    ruling: str,
    is_groundless: bool = True,
    assisting: Sequence[Unit] = (),
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> WorkOrder:
    """The order stays with the unit, finally. Where duties overlap, the unit first asked leads and others assist.

    A groundless return counts against the unit and is laid before supervision. Raises Refused without a ruling.
    """
    who = Actor.of(actor)
    asked = _asked(order_id, ruling, who)
    settle(asked, is_accepted=False, ruling=ruling, is_groundless=is_groundless, actor=who, at=at, version=version)
    if assisting:
        permission = "dispatch.decide_return"
        leading.add_assisting(asked.petition_id, units=assisting, actor=who, at=at, permission=permission)
    return WorkOrder.objects.get(pk=order_id)


def _asked(order_id: int, ruling: str, actor: Actor) -> OrderReturn:
    if not ruling.strip():
        raise Refused(_("Please give the reasons of the decision; the unit reads them."), field="ruling")
    asked = pending(orders.lock(order_id))
    role = actor.user.role if actor.user else ""
    if role == Role.CONFERENCE_OFFICER and asked.reason not in returns.DISPUTES:
        text = _("The joint conference decides disputes over ownership (R3, R4); this return is the hub's.")
        raise Refused(text, code="forbidden")
    return asked


def settle(
    asked: OrderReturn,
    *,
    is_accepted: bool,
    ruling: str,
    to: Unit | None = None,
    assisting: Sequence[Unit] = (),
    is_groundless: bool = False,
    actor: Actor,
    at: datetime,
    version: int | None = None,
    is_consequence: bool = False,
) -> WorkOrder | None:
    """Write the decision on a locked, undecided return and all that follows from it. Returns the order that now counts.

    `is_consequence` for a ruling of a consultation, which names the unit itself: then `to` stays None.
    """
    name = "accept_return" if is_accepted else "reject_return"
    changes: dict[str, Any] = {} if is_accepted else {"is_final": True, "signed_at": asked.order.signed_at or at}
    data = {"reason": asked.reason, **({} if is_accepted else {"is_groundless": is_groundless})}
    order, event = orders.move(
        asked.order_id,
        name,
        actor=actor,
        at=at,
        data=data,
        text=ruling.strip(),
        changes=changes,
        version=version,
        is_consequence=is_consequence,
    )
    asked.is_accepted, asked.decided_at, asked.decided_by = is_accepted, at, actor.user
    asked.ruling, asked.is_groundless = ruling.strip(), is_groundless and not is_accepted
    asked.save()
    words: dict[str, Any] = {"petition": order.petition, "order": order, "key": f"event:{event.pk}", "at": at}
    kind = "return_accepted" if is_accepted else "return_rejected"
    notify([*orders.staff(order.unit, Role.UNIT_ADMIN), *_asker(asked)], kind=kind, **words)
    if is_accepted:
        return _after_accepting(asked, order, to, assisting, actor, at, waits=not is_consequence)
    if asked.is_groundless:
        facts = {"reason": asked.reason, "order": order.pk}
        key, refuses = f"groundless:{asked.pk}", Proposal.Trigger.REFUSES
        supervision.propose(refuses, key=key, unit=order.unit, petition=order.petition, order=order, facts=facts, at=at)
    return order


def _asker(asked: OrderReturn) -> list[User]:
    return [asked.asked_by] if asked.asked_by and asked.asked_by.is_active else []


def _after_accepting(
    asked: OrderReturn,
    order: WorkOrder,
    to: Unit | None,
    assisting: Sequence[Unit],
    actor: Actor,
    at: datetime,
    *,
    waits: bool,
) -> WorkOrder | None:
    orders.end_children(order, actor=actor, at=at)
    orders.take_away(order, at=at)
    if to is None:
        if waits:
            orders.lost_lead(order, actor=actor, at=at)
        return None
    if order.is_lead:
        asked.new_order = _dispatch_anew(order, to, assisting, actor, at)
    else:
        units, permission = [to, *assisting], "dispatch.decide_return"
        asked.new_order = leading.add_assisting(
            order.petition_id, units=units, instruction=order.instruction, actor=actor, at=at, permission=permission
        )[0]
    asked.save(update_fields=["new_order"])
    return asked.new_order


def _dispatch_anew(order: WorkOrder, to: Unit, assisting: Sequence[Unit], actor: Actor, at: datetime) -> WorkOrder:
    """A unit that assisted so far takes the lead; any other gets an order of its own."""
    helping = WorkOrder.objects.filter(petition=order.petition_id, unit=to, is_open=True, parent=None).first()
    if helping is not None:
        return leading.take_lead(helping.pk, permission="dispatch.decide_return", is_final=True, actor=actor, at=at)
    busy = set(WorkOrder.objects.filter(petition=order.petition_id, is_open=True).values_list("unit_id", flat=True))
    return orders.dispatch(
        order.petition_id,
        lead=to,
        assisting=[unit for unit in assisting if unit.pk not in busy],
        instruction=order.instruction,
        instead_of=order,
        permission="dispatch.decide_return",
        actor=actor,
        at=at,
    )[0]


@transaction.atomic
def allow_return(
    order_id: int, *, reason: str, actor: User | Actor, at: datetime, version: int | None = None
) -> WorkOrder:
    """The hub lets a unit object although its time is over. Raises Refused for a final order or without a reason."""
    if not reason.strip():
        raise Refused(_("Please say why a late return is allowed; the unit reads it."), field="reason")
    order = orders.lock(order_id)
    refusal = refusal_of(order, at)
    if refusal is None:
        raise Refused(_("The unit may still object; nothing needs to be allowed."), code="open")
    if refusal.code != "late":
        raise refusal
    changes = {"may_return_late": True}
    order, event = orders.move(
        order_id, "allow_return", actor=actor, at=at, text=reason.strip(), changes=changes, version=version
    )
    people = [order.handler] if order.handler else orders.staff(order.unit)
    notify(people, kind="return_allowed", petition=order.petition, order=order, key=f"event:{event.pk}", at=at)
    return order
