"""The only code that writes work orders. Each step locks the petition first, then the order, and is one transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Unit, User
from accounts.roles import Role
from dispatch import talks
from dispatch.actions import clocks
from dispatch.actions.loop import check_rework
from dispatch.actions.notices import notify
from dispatch.models import Callback, ContactRecord, Feedback, WorkOrder
from dispatch.signals import called_back, order_moved
from dispatch.states import OPEN_ORDER_STATES, ORDER_MOVES, OrderState
from dispatch.twice import limits
from petitions import actions as petitions
from petitions import events
from petitions.models import NO_DEADLINE, Event, Petition
from petitions.states import Refused, check_move


@transaction.atomic
def dispatch(
    petition_id: int,
    *,
    lead: Unit,
    assisting: Sequence[Unit] = (),
    urgency: str = "",
    instruction: str = "",
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> list[WorkOrder]:
    """Give a petition to a lead unit and assisting units: one work order each, their clocks started, their people told.

    Raises Refused when a lead unit is at work already, a unit takes no orders, or the unit is the one complained of.
    """
    actor = Actor.of(actor)
    petition = petitions.lock(petition_id)
    units = [lead, *[unit for unit in assisting if unit.pk != lead.pk]]
    _check_units(petition, units)
    data = {
        "lead": {"unit": lead.pk, "name": lead.short_name},
        "assisting": [{"unit": u.pk, "name": u.short_name} for u in units[1:]],
        "urgency": urgency or petition.urgency,
    }
    changes = {"lead_unit": lead, "urgency": urgency or petition.urgency}
    petition = petitions.move(
        petition_id, "dispatch", actor=actor, at=at, data=data, text=instruction, changes=changes, version=version
    )
    return [_open_order(petition, unit, unit is lead, instruction, actor, at) for unit in units]


def _check_units(petition: Petition, units: Sequence[Unit]) -> None:
    open_orders = WorkOrder.objects.filter(petition=petition, is_open=True).select_related("unit")
    lead = next((order for order in open_orders if order.is_lead), None)
    if lead is not None:
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
                field="lead",
                code="already_dispatched",
            )
        if not (unit.is_active and unit.takes_orders):
            raise Refused(_("%(unit)s takes no work orders.") % {"unit": unit}, field="lead")
        if petition.is_restricted and petition.respondent_unit and unit.is_in_line_with(petition.respondent_unit):
            # R22 art. 30; domain-facts §1.17: never to the unit complained of.
            raise Refused(_("This unit is complained of, or stands above or below it. Choose another."), field="lead")


def _open_order(
    petition: Petition, unit: Unit, is_lead: bool, instruction: str, actor: Actor, at: datetime
) -> WorkOrder:
    last = WorkOrder.objects.filter(petition=petition).aggregate(last=Max("seq"))["last"] or 0
    order = WorkOrder.objects.create(
        petition=petition,
        seq=last + 1,
        unit=unit,
        is_lead=is_lead,
        urgency=petition.urgency,
        instruction=instruction,
        dispatched_by=actor.user,
        dispatched_at=at,
        next_due_at=NO_DEADLINE,
    )
    petitions.involve(petition.pk, unit=unit, at=at, reason="order")
    clocks.order_moved(order, "dispatch", actor=actor, at=at)
    notify(staff(unit), kind="dispatched", petition=petition, order=order, key=f"order:{order.pk}:dispatched", at=at)
    order_moved.send(WorkOrder, order=order, move="dispatch", before="", actor=actor, at=at)
    return order


def staff(unit: Unit, *roles: str) -> list[User]:
    """The active people of a unit, leaders and handlers unless other roles are named."""
    return list(unit.users.filter(is_active=True, role__in=roles or (Role.UNIT_ADMIN, Role.UNIT_HANDLER)))


def lock(order_id: int) -> WorkOrder:
    """The order with its petition, both rows locked, the petition first (every writer's order of locks)."""
    petition_id = WorkOrder.objects.values_list("petition_id", flat=True).get(pk=order_id)
    petition = petitions.lock(petition_id)
    order = WorkOrder.objects.select_for_update(of=("self",)).select_related("unit", "handler").get(pk=order_id)
    order.petition = petition
    return order


@transaction.atomic
def move(
    order_id: int,
    name: str,
    *,
    actor: User | Actor,
    at: datetime,
    data: dict[str, Any] | None = None,
    text: str = "",
    changes: dict[str, Any] | None = None,
    version: int | None = None,
    is_consequence: bool = False,
) -> tuple[WorkOrder, Event]:
    """Take one step of the order's move table: the only place that assigns `WorkOrder.state`.

    `is_consequence` skips the permission check for steps that follow from a petition's move the actor may take.
    Raises Refused with a sentence for the person.
    """
    actor = Actor.of(actor)
    order = lock(order_id)
    if version is not None and version != order.version:
        raise Refused(
            _("Somebody else has changed this work order meanwhile. Please look at it again and repeat the step."),
            code="stale",
        )
    step = check_move(ORDER_MOVES, name, order.state, order.get_state_display())
    if not is_consequence and not WorkOrder.objects.within(actor, step.permission).filter(pk=order_id).exists():
        raise Refused(_("Your role may not do this for this work order."), code="forbidden")
    before = order.state
    order.state = step.target or before
    order.is_open = order.state in OPEN_ORDER_STATES
    if not order.is_open and before in OPEN_ORDER_STATES:
        order.ended_at = at
    for attribute, value in (changes or {}).items():
        setattr(order, attribute, value)
    order.version += 1
    order.save()
    facts = {
        "order": order.pk,
        "seq": order.seq,
        "unit_name": order.unit.short_name,
        "before": before,
        "after": order.state,
        **(data or {}),
    }
    event = events.record(order.petition_id, f"order.{name}", actor=actor, at=at, data=facts, text=text)
    petitions.touch(order.petition, at)
    clocks.order_moved(order, name, actor=actor, at=at)
    order_moved.send(WorkOrder, order=order, move=name, before=before, actor=actor, at=at)
    return order, event


def sign(order_id: int, *, actor: User | Actor, at: datetime, version: int | None = None) -> WorkOrder:
    """Sign for an order (签收). Stops the sign-for clock."""
    return move(order_id, "sign", actor=actor, at=at, changes={"signed_at": at}, version=version)[0]


@transaction.atomic
def assign(order_id: int, *, handler: User, actor: User | Actor, at: datetime, version: int | None = None) -> WorkOrder:
    """Give an order to a person of its unit, or hand it over. Raises Refused for somebody outside the unit."""
    order = lock(order_id)
    if not handler.is_active or handler.unit_id != order.unit_id:
        raise Refused(_("%(name)s does not work in this unit.") % {"name": handler}, field="handler")
    data = {"handler": handler.pk, "handler_name": handler.name}
    order, event = move(
        order_id, "assign", actor=actor, at=at, data=data, changes={"handler": handler}, version=version
    )
    petitions.release(order.petition_id, unit=order.unit, at=at, handlers_only=True)
    petitions.involve(order.petition_id, unit=order.unit, user=handler, at=at, reason="handler")
    notify([handler], kind="assigned", petition=order.petition, order=order, key=f"event:{event.pk}", at=at)
    return order


@transaction.atomic
def record_contact(
    order_id: int,
    *,
    means: str,
    said: str,
    result: str = ContactRecord.Result.REACHED,
    stage: str = ContactRecord.Stage.HANDLING,
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> WorkOrder:
    """Record a talk with the petitioner. The first one that reaches the person stops the first-contact clock."""
    if not said.strip():
        raise Refused(_("Please note what was said."), field="said")
    order = lock(order_id)
    changes: dict[str, Any] = {"signed_at": order.signed_at or at}
    if result == ContactRecord.Result.REACHED and order.first_contact_at is None:
        changes["first_contact_at"] = at
    data = {"means": means, "result": result, "stage": stage}
    name = "contact" if result == ContactRecord.Result.REACHED else "miss_contact"
    who = Actor.of(actor)
    order, _event = move(
        order_id, name, actor=who, at=at, data=data, text=said.strip(), changes=changes, version=version
    )
    ContactRecord.objects.create(
        order=order, stage=stage, means=means, result=result, said=said.strip(), at=at, by=who.user
    )
    return order


@transaction.atomic
def feed_back(
    order_id: int,
    *,
    outcome: str,
    findings: str,
    is_true: bool = True,
    legal_basis: str = "",
    explanation: str = "",
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> tuple[WorkOrder, Event]:
    """The unit's answer to the office (7日反馈). Stops the feedback clock. Evidence is attached to the event returned.

    Raises Refused without findings, without an explanation for what stays unsolved (Beilun's rule), or before anybody
    spoke with a petitioner who can be reached.
    """
    if len(findings.strip()) < 10:
        raise Refused(_("Please state what was found and done, in at least ten characters."), field="findings")
    if outcome in {Feedback.Outcome.UNSOLVED, Feedback.Outcome.EXPLAINED} and not explanation.strip():
        raise Refused(_("What stays unsolved needs a word on why, and how it was explained."), field="explanation")
    order = lock(order_id)
    _check_talk(order, explanation)
    who = Actor.of(actor)
    data = {"outcome": outcome, "is_true": is_true}
    text = "\n\n".join(part for part in (findings.strip(), explanation.strip()) if part)
    order, event = move(
        order_id, "feed_back", actor=who, at=at, data=data, text=text, changes={"fed_back_at": at}, version=version
    )
    Feedback.objects.create(
        order=order,
        outcome=outcome,
        is_true=is_true,
        findings=findings.strip(),
        legal_basis=legal_basis,
        explanation=explanation.strip(),
        at=at,
        by=who.user,
    )
    if order.dispatched_by:
        notify(
            [order.dispatched_by], kind="fed_back", petition=order.petition, order=order, key=f"event:{event.pk}", at=at
        )
    return order, event


def _check_talk(order: WorkOrder, explanation: str) -> None:
    """Beilun's rule: nobody feeds back unspoken. Tries count when they are many enough and explained."""
    if not talks.rule_for(order.petition).handling or talks.exemption(order.petition):
        return
    state = talks.held(order, ContactRecord.Stage.HANDLING)
    if not state:
        raise Refused(
            _(
                "Nobody has spoken with the petitioner yet. Record the talk first, or %(n)d tries at different hours"
                " and why nobody could be reached."
            )
            % {"n": limits().call_tries},
            code="no_contact",
        )
    if state == "tried" and len(explanation.strip()) < 10:
        raise Refused(
            _("Nobody was reached. Please explain what was tried and how the person is told."), field="explanation"
        )


@transaction.atomic
def check(
    order_id: int, *, passes: bool, remark: str = "", actor: User | Actor, at: datetime, version: int | None = None
) -> WorkOrder:
    """The office's check of the newest feedback: pass it, or send it back saying what is missing."""
    if not passes and not remark.strip():
        raise Refused(_("Please say what is missing; the unit reads exactly this."), field="remark")
    who = Actor.of(actor)
    name = "pass_check" if passes else "send_back"
    changes = {"checked_at": at} if passes else {"fed_back_at": None}
    order, event = move(order_id, name, actor=who, at=at, text=remark.strip(), changes=changes, version=version)
    newest = order.feedbacks.latest()
    newest.checked_by, newest.check_remark = who.user, remark.strip()
    newest.save(update_fields=["checked_by", "check_remark"])
    if not passes:
        people = [order.handler] if order.handler else staff(order.unit)
        notify(people, kind="sent_back", petition=order.petition, order=order, key=f"event:{event.pk}", at=at)
    return order


@transaction.atomic
def call_back(
    order_id: int,
    *,
    result: str,
    said: str = "",
    answers: dict[str, Any] | None = None,
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
    is_consequence: bool = False,
) -> WorkOrder:
    """Record a callback (回访): answers, a refusal, or a call nobody answered; enough of those count as tried.

    `answers`: was_contacted, was_on_time, was_truthful, wants_review (bool or None), solved, attitude, why_not, and
    either level (1–5) or satisfaction (the national three, 1–3). Tries within one clock hour count once. The callback
    desk passes `is_consequence`: it has judged whose call this is.
    """
    who = Actor.of(actor)
    order = lock(order_id)
    answers = national(answers or {})
    earlier = order.callbacks.filter(result__in=UNANSWERED).values_list("at", flat=True)
    tries = talks.distinct_tries([*earlier, at]) if result in UNANSWERED else talks.distinct_tries(earlier)
    missed = result == Callback.Result.LATER or (result in UNANSWERED and tries < limits().call_tries)
    is_again = order.state == OrderState.CALLED_BACK
    name = "miss_call" if missed and not is_again else "call_again" if is_again else "call_back"
    changes = {} if missed or is_again else {"called_back_at": at}
    data = {"result": result, "tries": tries, **{k: v for k, v in answers.items() if v not in (None, "")}}
    data.pop("why_not", None)
    words = "\n\n".join(part for part in (said.strip(), str(answers.get("why_not", "")).strip()) if part)
    order, _event = move(
        order_id,
        name,
        actor=who,
        at=at,
        data=data,
        text=words,
        changes=changes,
        version=version,
        is_consequence=is_consequence,
    )
    row = Callback.objects.create(order=order, result=result, said=said.strip(), at=at, by=who.user, **answers)
    called_back.send(Callback, callback=row, order=order, actor=who, at=at)
    return order


# Results that are tries: nobody was spoken with.
UNANSWERED = (Callback.Result.UNREACHED, Callback.Result.WRONG_NUMBER)


def national(answers: dict[str, Any]) -> dict[str, Any]:
    """The answers with the five levels turned into the national three: 5, 4 → satisfied; 3 → basically; 2, 1 → not."""
    level = answers.get("level")
    return {**answers, "satisfaction": {5: 3, 4: 3, 3: 2}.get(level, 1)} if level else dict(answers)


@transaction.atomic
def recall(order_id: int, *, reason: str, actor: User | Actor, at: datetime, version: int | None = None) -> WorkOrder:
    """Take an order back from its unit so that the petition can be dispatched anew. Raises Refused without a reason."""
    if not reason.strip():
        raise Refused(_("Please say why the work order is recalled; the unit reads it."), field="reason")
    order, event = move(order_id, "recall", actor=actor, at=at, text=reason.strip(), version=version)
    petitions.release(order.petition_id, unit=order.unit, at=at)
    notify(staff(order.unit), kind="recalled", petition=order.petition, order=order, key=f"event:{event.pk}", at=at)
    return order


def petition_replied(petition: Petition, *, actor: Actor, at: datetime) -> None:
    """A reply ends all work on the petition. Raises Refused while any order is unchecked."""
    orders = list(WorkOrder.objects.filter(petition=petition, is_open=True).select_related("unit").order_by("seq"))
    waiting = [o for o in orders if o.state not in {OrderState.CHECKED, OrderState.CALLED_BACK}]
    if waiting:
        names = _(", ").join(f"{o.unit} ({o.get_state_display()})" for o in waiting)
        raise Refused(
            _("The feedback of these units is not checked yet: %(units)s.") % {"units": names}, code="unchecked"
        )
    for order in orders:
        _check_before_reply(petition, order)
    for order in orders:
        move(order.pk, "finish", actor=actor, at=at, is_consequence=True)


def _check_before_reply(petition: Petition, order: WorkOrder) -> None:
    """The callback was made, and what stays unsolved was explained (Beilun's rule)."""
    order.petition = petition
    is_owed = talks.rule_for(petition).callback and not talks.exemption(petition)
    if order.is_lead and order.state == OrderState.CHECKED and is_owed:
        raise Refused(
            _("The petitioner has not been called back yet. Call first; a refusal or enough tries count as well."),
            code="not_called_back",
        )
    if talks.needs_explanation(order) and not order.explanations.exists():
        raise Refused(
            _("What %(unit)s could not solve has not been explained to the person yet. Record the explanation first.")
            % {"unit": order.unit},
            code="not_explained",
        )


def petition_ended(petition: Petition, *, actor: Actor, at: datetime) -> None:
    """A withdrawal or merge cancels what is still open, and the units are told."""
    for order in WorkOrder.objects.filter(petition=petition, is_open=True).select_related("unit"):
        cancelled, event = move(order.pk, "cancel", actor=actor, at=at, is_consequence=True)
        notify(staff(order.unit), kind="cancelled", petition=petition, order=cancelled, key=f"event:{event.pk}", at=at)


def petition_reworked(petition: Petition, *, actor: Actor, at: datetime) -> None:
    """A rework is a fresh order to the last lead unit, with fresh clocks (事不过二: once)."""
    check_rework(petition)
    last = WorkOrder.objects.filter(petition=petition, is_lead=True).select_related("unit").order_by("-seq").first()
    if last is None:
        raise Refused(_("No unit has handled this petition; dispatch it instead."))
    order = _open_order(petition, last.unit, True, last.instruction, actor, at)
    notify(staff(last.unit), kind="rework", petition=petition, order=order, key=f"order:{order.pk}:rework", at=at)
