"""The only code that writes work orders. Each step locks the petition first, then the order, and is one transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Unit, User
from dispatch import absences, joint, returns, talks
from dispatch.actions import clocks, promises
from dispatch.actions.loop import check_rework
from dispatch.actions.notices import notify
from dispatch.actions.opening import check_units, first_unit, lost_lead, open_order, staff, take_away
from dispatch.assignments import Assignment, check_reported, check_term
from dispatch.models import Callback, ContactRecord, Feedback, WorkOrder
from dispatch.signals import called_back, order_moved
from dispatch.states import OPEN_ORDER_STATES, ORDER_MOVES, TAKEN_BACK, OrderState
from dispatch.twice import limits
from petitions import actions as petitions
from petitions import events
from petitions.models import Event, Petition
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
    permission: str = "",
    instead_of: WorkOrder | None = None,
    is_final: bool = False,
    assignment: Assignment | None = None,
) -> list[WorkOrder]:
    """Give a petition to a lead unit and assisting units: one work order each, their clocks started, their people told.

    `instead_of` is the order this dispatch replaces: its feedback deadline is kept (docs/adr/0016). `is_final` orders
    may not be returned; so is every one after an accepted return (事不过二). `permission` as in `petitions.move`.
    `assignment` makes it an assignment (交办) with a term and a closing report; without it, it is a transfer (转送).
    Raises Refused when a lead unit is at work already, a unit takes no orders, or the unit is the one complained of.
    """
    actor = Actor.of(actor)
    petition = petitions.lock(petition_id)
    units = [lead, *[unit for unit in assisting if unit.pk != lead.pk]]
    check_units(petition, units)
    check_term(assignment)
    is_final = is_final or returns.accepted_count(petition) >= returns.accepted_limit()
    data = {
        "lead": {"unit": lead.pk, "name": lead.short_name},
        "assisting": [{"unit": u.pk, "name": u.short_name} for u in units[1:]],
        "urgency": urgency or petition.urgency,
        **({"is_final": True} if is_final else {}),
        **({"term": assignment.days, "term_reason": assignment.reason} if assignment else {}),
    }
    changes = {
        "lead_unit": lead,
        "first_unit": first_unit(petition, lead),
        "urgency": urgency or petition.urgency,
    }
    petition = petitions.move(
        petition_id,
        "dispatch",
        actor=actor,
        at=at,
        data=data,
        text=instruction,
        changes=changes,
        version=version,
        permission=permission,
    )
    more: dict[str, Any] = {"instruction": instruction, "is_final": is_final, "since": instead_of}
    made = []
    for unit in units:
        term = assignment if unit is lead else None
        made.append(open_order(petition, unit, is_lead=unit is lead, assignment=term, actor=actor, at=at, **more))
    return made


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
def assign(
    order_id: int, *, handler: User, note: str = "", actor: User | Actor, at: datetime, version: int | None = None
) -> WorkOrder:
    """Give an order to a person of its unit, or hand it over (with a note, once somebody spoke with the petitioner).

    Raises Refused for somebody outside the unit or away, naming the substitute.
    """
    order = lock(order_id)
    if not handler.is_active or handler.unit_id != order.unit_id:
        raise Refused(_("%(name)s does not work in this unit.") % {"name": handler}, field="handler")
    petitions.check_not_recused(order.petition_id, handler, field="handler")
    away = absences.absence_of(handler, at)
    if away is not None:
        words = {"name": handler, "substitute": away.substitute}
        text = _("%(name)s is away; %(substitute)s stands in. Give it to the substitute.")
        raise Refused(text % words, field="handler", code="absent")
    is_handover = order.handler_id not in (None, handler.pk) and order.contacts.exists()
    if is_handover and not note.strip():
        text = _("Somebody has spoken with the petitioner already. Please note what the next one must know.")
        raise Refused(text, field="note", code="handover_note")
    previous = order.handler
    data = {"handler": handler.pk, "handler_name": handler.name}
    if is_handover and order.handler is not None:
        data |= {"from": order.handler_id, "from_name": order.handler.name}
    order, event = move(
        order_id,
        "assign",
        actor=actor,
        at=at,
        data=data,
        text=note.strip(),
        changes={"handler": handler},
        version=version,
    )
    petitions.release(order.petition_id, unit=order.unit, at=at, handlers_only=True)
    petitions.involve(order.petition_id, unit=order.unit, user=handler, at=at, reason="handler")
    petitions.hand_on_rapport(order.petition_id, since=previous, to=handler)
    promises.hand_on(order.petition, since=previous, to=handler)
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
    without_reason: str = "",
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> tuple[WorkOrder, Event]:
    """The unit's answer to the office (7日反馈). Stops the feedback clock. Evidence is attached to the event returned.

    Raises Refused without findings, without an explanation for what stays unsolved (Beilun's rule), before anybody
    spoke with a petitioner who can be reached, or while units that work with this one have not fed back and
    `without_reason` does not say why it cannot wait for them.
    """
    if len(findings.strip()) < 10:
        raise Refused(_("Please state what was found and done, in at least ten characters."), field="findings")
    if outcome in {Feedback.Outcome.UNSOLVED, Feedback.Outcome.EXPLAINED} and not explanation.strip():
        raise Refused(_("What stays unsolved needs a word on why, and how it was explained."), field="explanation")
    order = lock(order_id)
    _check_talk(order, explanation)
    who = Actor.of(actor)
    waiting_for = _check_others(order, without_reason)
    data = {"outcome": outcome, "is_true": is_true, **({"without": waiting_for} if waiting_for else {})}
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
        without_reason=without_reason.strip() if waiting_for else "",
        at=at,
        by=who.user,
    )
    if order.dispatched_by:
        notify(
            [order.dispatched_by], kind="fed_back", petition=order.petition, order=order, key=f"event:{event.pk}", at=at
        )
    return order, event


def _check_others(order: WorkOrder, reason: str) -> list[str]:
    """The units that owe this order their part; Refused while there are any and nobody says why it goes without."""
    names = [str(other.unit) for other in joint.unfinished(order)]
    if names and not reason.strip():
        text = _("These units have not fed back yet: %(units)s. Wait for them, or say why it goes without.")
        raise Refused(text % {"units": _(", ").join(names)}, field="without_reason", code="open_children")
    return names


def _check_talk(order: WorkOrder, explanation: str) -> None:
    """Beilun's rule: nobody feeds back unspoken. Tries count when they are many enough and explained."""
    if order.parent_id is not None:
        # The unit that gave the sub-order keeps the petitioner.
        return
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
    order_id: int,
    *,
    passes: bool,
    remark: str = "",
    names: tuple[str, str] = ("pass_check", "send_back"),
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> WorkOrder:
    """The office's check of the newest feedback: pass it, or send it back saying what is missing."""
    if not passes and not remark.strip():
        raise Refused(_("Please say what is missing; the unit reads exactly this."), field="remark")
    who = Actor.of(actor)
    name = names[0] if passes else names[1]
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
    who = Actor.of(actor)
    order, event = move(order_id, "recall", actor=who, at=at, text=reason.strip(), version=version)
    end_children(order, actor=who, at=at)
    take_away(order, at=at)
    lost_lead(order, actor=who, at=at)
    notify(staff(order.unit), kind="recalled", petition=order.petition, order=order, key=f"event:{event.pk}", at=at)
    return order


def end_children(order: WorkOrder, *, actor: Actor, at: datetime) -> None:
    """Sub-orders end with the order above them: what was fed back is finished, the rest is cancelled."""
    fed_back = {OrderState.FED_BACK, OrderState.CHECKED}
    for child in WorkOrder.objects.filter(parent=order, is_open=True).select_related("unit"):
        if child.state in fed_back and order.state not in TAKEN_BACK:
            finished, _event = move(child.pk, "finish", actor=actor, at=at, is_consequence=True)
            end_children(finished, actor=actor, at=at)
            continue
        cancelled, event = move(child.pk, "cancel", actor=actor, at=at, is_consequence=True)
        cancelled.petition = order.petition
        end_children(cancelled, actor=actor, at=at)
        take_away(cancelled, at=at)
        words: dict[str, Any] = {
            "kind": "recalled",
            "petition": order.petition,
            "order": cancelled,
            "key": f"event:{event.pk}",
        }
        notify(staff(child.unit), at=at, **words)


def petition_replied(petition: Petition, *, actor: Actor, at: datetime) -> None:
    """A reply ends all work on the petition. Raises Refused while any order is unchecked."""
    rows = WorkOrder.objects.filter(petition=petition, is_open=True).select_related("unit").order_by("seq")
    orders = list(rows.filter(parent=None))
    if not orders:
        raise Refused(
            _("No unit has worked on this petition since it was taken up. Dispatch it first."), code="no_work"
        )
    waiting = [o for o in orders if o.state not in {OrderState.CHECKED, OrderState.CALLED_BACK}]
    if waiting:
        names = _(", ").join(f"{o.unit} ({o.get_state_display()})" for o in waiting)
        raise Refused(
            _("The feedback of these units is not checked yet: %(units)s.") % {"units": names}, code="unchecked"
        )
    for order in orders:
        _check_before_reply(petition, order)
        check_reported(order)
    for order in orders:
        move(order.pk, "finish", actor=actor, at=at, is_consequence=True)
        # What is not fed back was told off with a reason when the order above it was.
        end_children(order, actor=actor, at=at)


def petition_settled(petition: Petition, *, actor: Actor, at: datetime) -> None:
    """An answer at once or another legal route, once a unit has had it in hand: only while none does."""
    busy = WorkOrder.objects.filter(petition=petition, is_open=True).select_related("unit").first()
    if busy is not None:
        raise Refused(
            _("%(unit)s has this matter in hand. Recall that work order first.") % {"unit": busy.unit}, code="in_hand"
        )


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
    leads = WorkOrder.objects.filter(petition=petition, is_lead=True).exclude(state__in=TAKEN_BACK)
    last = leads.select_related("unit").order_by("-seq").first()
    if last is None:
        raise Refused(_("No unit has handled this petition; dispatch it instead."))
    # Final: what the unit has handled once is its own.
    more: dict[str, Any] = {"instruction": last.instruction, "is_final": True}
    order = open_order(petition, last.unit, is_lead=True, actor=actor, at=at, **more)
    notify(staff(last.unit), kind="rework", petition=petition, order=order, key=f"order:{order.pk}:rework", at=at)
