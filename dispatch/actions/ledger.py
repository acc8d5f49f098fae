"""The only code that writes the ledger of pauses and extensions. Petition first, then order, then entry and clocks."""

import logging
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from accounts.roles import Role
from dispatch import clocks as arithmetic
from dispatch.actions import clocks, orders, supervision
from dispatch.actions.notices import notify
from dispatch.grounds import GROUNDS, LATE_SHARE, TRIES, PauseGround
from dispatch.models import Clock, ContactRecord, Extension, Pause, Proposal, WorkOrder
from dispatch.states import OrderState
from petitions.actions import documents
from petitions.documents.places import chinese_date
from petitions.models import Event, Petition
from petitions.states import Refused

log = logging.getLogger(__name__)

# While an order is in one of these, what was asked about its time can still be decided.
_WORKING = frozenset({OrderState.WAITING, OrderState.IN_HAND, OrderState.PAUSED, "return_asked"})


def mark(entry: Pause | Extension, state: str, *, at: datetime, actor: Actor, **fields: Any) -> None:
    """The one place where the state of a ledger entry changes. The caller holds the order's lock.

    Raises Refused when somebody else has settled it meanwhile.
    """
    asked = entry.State.ASKED
    allowed = {asked, Pause.State.RUNNING} if state in {"ended", "dropped"} else {asked}
    if entry.state not in allowed:
        raise Refused(_("This has been decided already."), code="stale")
    entry.state = state
    if state in {"running", "granted", "refused"}:
        fields |= {"decided_by": actor.user, "decided_at": at}
    for name, value in fields.items():
        setattr(entry, name, value)
    entry.save()


# ---- pauses ----


@transaction.atomic
def ask_pause(
    order_id: int,
    *,
    ground: str,
    reason: str,
    until: date | None = None,
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> tuple[WorkOrder, Event]:
    """The unit asks that the order's promises rest, on a ground of the list. Documents are attached to the event.

    `until` is the last day of the pause (Asia/Shanghai). Raises Refused for a ground that does not hold, and when no
    clock of the order could rest.
    """
    who = Actor.of(actor)
    order = orders.lock(order_id)
    _check_ground(order, ground, reason, until, at)
    _some_rest(order, at)
    if Pause.objects.filter(order=order, state__in=[Pause.State.ASKED, Pause.State.RUNNING]).exists():
        raise Refused(_("A pause has been asked for already; it waits for the office's decision."), code="asked")
    end = arithmetic.end_of_day(until) if until else None
    data = {"ground": ground, "until": end.isoformat() if end else None}
    order, event = orders.move(order_id, "ask_pause", actor=who, at=at, data=data, text=reason.strip(), version=version)
    Pause.objects.create(
        petition=order.petition,
        order=order,
        event=event,
        ground=ground,
        reason=reason.strip(),
        until=end,
        asked_by=who.user,
        asked_at=at,
    )
    _tell_office(order, "pause_asked", event, at)
    return order, event


def _check_ground(order: WorkOrder, ground: str, reason: str, until: date | None, at: datetime) -> None:
    known = ground in PauseGround.values and not GROUNDS[PauseGround(ground)].opens_by_move
    if not known:
        raise Refused(_("Please choose a ground from the list; other grounds stop no clock."), field="ground")
    if len(reason.strip()) < 10:
        raise Refused(_("Please say in at least ten characters what is waited for, and since when."), field="reason")
    rule = GROUNDS[PauseGround(ground)]
    if rule.needs_end and until is None:
        raise Refused(_("This ground needs a last day; the clock goes on by itself after it."), field="until")
    if until is not None and arithmetic.end_of_day(until) <= at:
        raise Refused(_("The last day of the pause lies in the past."), field="until")
    tries = order.contacts.filter(result=ContactRecord.Result.UNREACHED).count()
    if ground == PauseGround.UNREACHABLE and tries < TRIES:
        raise Refused(
            _("%(n)d of 3 tries to reach the petitioner are on record. Note every try as a contact.") % {"n": tries},
            field="ground",
            code="tries",
        )


def resting(order: WorkOrder, at: datetime) -> list[Clock]:
    """The clocks a pause of the order would stop: promises whose rule says so and that are not past due."""
    rows = Clock.objects.filter(order=order, state=Clock.State.RUNNING).select_related("policy").order_by("due_at")
    return [clock for clock in rows if "pause" in clock.policy.pause_moves and at <= clock.due_at]


def _some_rest(order: WorkOrder, at: datetime) -> list[Clock]:
    found = resting(order, at)
    if not found:
        raise Refused(
            _("No deadline of this work order can rest: those that could have passed or are met."), code="nothing"
        )
    return found


@transaction.atomic
def grant_pause(
    order_id: int, *, remark: str = "", actor: User | Actor, at: datetime, version: int | None = None
) -> WorkOrder:
    """The office approves: the order rests from now on. Raises Refused when the ground's document is missing."""
    who = Actor.of(actor)
    order = orders.lock(order_id)
    pause = _asked_pause(order)
    if GROUNDS[PauseGround(pause.ground)].needs_document and not (pause.event and pause.event.attachments.exists()):
        raise Refused(_("The document of this ground is missing. Refuse, and say what must be attached."))
    if pause.until is not None and pause.until <= at:
        raise Refused(_("The last day of the pause has passed meanwhile. Refuse it."))
    late = [clock for clock in _some_rest(order, at) if at >= last_tenth(clock)]
    data = {"ground": pause.ground, "until": pause.until.isoformat() if pause.until else None}
    order, event = orders.move(order_id, "pause", actor=who, at=at, data=data, text=remark.strip(), version=version)
    running = Pause.State.RUNNING
    mark(pause, running, at=at, actor=who, paused_at=at, remark=remark.strip(), is_late=bool(late))
    if late:
        facts = {
            "pause": pause.pk,
            "ground": pause.ground,
            "rules": [clock.policy.key for clock in late],
            "due_at": late[0].due_at.isoformat(),
            "asked_at": pause.asked_at.isoformat(),
            "paused_at": at.isoformat(),
        }
        key = f"late_pause:{pause.pk}"
        trigger = Proposal.Trigger.LATE_PAUSE
        supervision.propose(trigger, key=key, unit=order.unit, petition=order.petition, order=order, facts=facts, at=at)
    _tell_unit(order, "paused", event, at)
    return order


def last_tenth(clock: Clock) -> datetime:
    """When the last tenth of a clock begins, by the same count as its warnings."""
    since = clock.resumed_at or clock.started_at
    share = clock.consumed / max(clocks.target_of(clock), 1)
    step = {"name": "late", "fraction": LATE_SHARE, "to": []}
    return arithmetic.rungs(since, clock.due_at, [step], share=share)[0].fire_at


def _asked_pause(order: WorkOrder) -> Pause:
    pause = Pause.objects.select_for_update(of=("self",)).filter(order=order, state=Pause.State.ASKED).first()
    if pause is None:
        raise Refused(_("No pause waits for a decision."), code="nothing")
    return pause


@transaction.atomic
def refuse_pause(
    order_id: int, *, remark: str, actor: User | Actor, at: datetime, version: int | None = None
) -> WorkOrder:
    """The office refuses, in words the unit reads."""
    if not remark.strip():
        raise Refused(_("Please say why; the unit reads it."), field="remark")
    who = Actor.of(actor)
    pause = _asked_pause(orders.lock(order_id))
    order, event = orders.move(order_id, "refuse_pause", actor=who, at=at, text=remark.strip(), version=version)
    mark(pause, Pause.State.REFUSED, at=at, actor=who, remark=remark.strip())
    _tell_unit(order, "pause_refused", event, at)
    return order


def decide_pause(order_id: int, *, grants: bool, remark: str = "", **step: Any) -> WorkOrder:
    """Grant or refuse, as the form says."""
    return (grant_pause if grants else refuse_pause)(order_id, remark=remark, **step)


@transaction.atomic
def resume(
    order_id: int, *, remark: str = "", actor: User | Actor, at: datetime, version: int | None = None
) -> WorkOrder:
    """The order goes on and so do its clocks; by the office, or by the system at the agreed end."""
    who = Actor.of(actor)
    order, event = orders.move(order_id, "resume", actor=who, at=at, text=remark.strip(), version=version)
    pause = Pause.objects.select_for_update(of=("self",)).filter(order=order, state=Pause.State.RUNNING).first()
    if pause is not None:
        mark(pause, Pause.State.ENDED, at=at, actor=who, ended_at=at, ended_by=who.user)
    _tell_unit(order, "resumed", event, at)
    return order


def resume_due(*, at: datetime) -> int:
    """End the pauses whose agreed end has come, each in its own transaction; how many.

    Dated at the agreed end, however late this runs: a slow task gives nobody time. Safe to run twice and side by side.
    """
    due = Pause.objects.filter(state=Pause.State.RUNNING, until__lte=at, order__isnull=False).order_by("until", "id")
    ended = 0
    for pause_id, order_id in list(due.values_list("pk", "order_id")):
        try:
            ended += _resume_one(pause_id, order_id, at)
        except Exception:
            log.exception("pause %s could not be ended", pause_id)
    return ended


@transaction.atomic
def _resume_one(pause_id: int, order_id: int, at: datetime) -> bool:
    orders.lock(order_id)
    pause = Pause.objects.get(pk=pause_id)
    # Under the order's lock: somebody else may have ended it since the list was read.
    if pause.state != Pause.State.RUNNING or pause.until is None or pause.until > at:
        return False
    resume(order_id, actor=Actor.system("clock"), at=pause.until)
    return True


def hearing_moved(petition: Petition, move: str, *, actor: Actor, at: datetime) -> None:
    """A hearing opens and ends a pause of the petition's own clocks by law (art. 36), where a rule says it does."""
    if move == "hold_hearing":
        if Clock.objects.filter(petition=petition, order=None, state=Clock.State.PAUSED, paused_at=at).exists():
            Pause.objects.create(
                petition=petition,
                state=Pause.State.RUNNING,
                ground=PauseGround.HEARING,
                asked_by=actor.user,
                asked_at=at,
                decided_by=actor.user,
                decided_at=at,
                paused_at=at,
            )
    elif move == "end_hearing":
        for pause in Pause.objects.filter(petition=petition, order=None, state=Pause.State.RUNNING):
            mark(pause, Pause.State.ENDED, at=at, actor=actor, ended_at=at, ended_by=actor.user)


# ---- extensions ----


def extendable(order: WorkOrder, at: datetime) -> list[Clock]:
    """The clocks of an order, and of its petition for the unit in the lead, that may still be extended."""
    rows = Clock.objects.filter(petition=order.petition_id, state=Clock.State.RUNNING).exclude(
        policy__extend_permission=""
    )
    found = [
        clock
        for clock in rows.select_related("policy").order_by("due_at")
        if at <= clock.due_at and clock.extended < clock.policy.extend_max
    ]
    return [clock for clock in found if clock.order_id == order.pk or (clock.order_id is None and order.is_lead)]


@transaction.atomic
def ask_extension(
    order_id: int,
    *,
    clock: Clock | int,
    amount: int,
    reason: str,
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> tuple[WorkOrder, Event]:
    """Ask for more time before it runs out: `amount` in the unit of the clock's rule. Evidence hangs on the event.

    Raises Refused past due, beyond what the rule allows, and while an earlier request waits.
    """
    who = Actor.of(actor)
    if len(reason.strip()) < 10:
        raise Refused(_("Please give the grounds in at least ten characters."), field="reason")
    order = orders.lock(order_id)
    wanted = clock.pk if isinstance(clock, Clock) else clock
    found = next((row for row in extendable(order, at) if row.pk == wanted), None)
    if found is None:
        raise Refused(_("This deadline cannot be extended: it has passed, or its rule allows no more."), field="clock")
    if not 0 < amount <= found.policy.extend_max - found.extended:
        raise Refused(
            _("This deadline may be extended by %(n)d more at most.") % {"n": found.policy.extend_max - found.extended},
            field="amount",
        )
    if Extension.objects.filter(clock=found, state=Extension.State.ASKED).exists():
        raise Refused(_("An extension has been asked for already; it waits for a decision."), code="asked")
    data = {"rule": found.policy.key, "amount": amount}
    order, event = orders.move(
        order_id, "ask_extension", actor=who, at=at, data=data, text=reason.strip(), version=version
    )
    entry = Extension.objects.create(
        petition=order.petition,
        order=order,
        event=event,
        clock=found,
        amount=amount,
        reason=reason.strip(),
        asked_by=who.user,
        asked_at=at,
        old_due_at=found.due_at,
    )
    if is_legal(entry):
        people = orders.staff(order.unit, Role.UNIT_ADMIN)
        notify(people, kind="extension_asked", petition=order.petition, order=order, key=f"event:{event.pk}", at=at)
    else:
        _tell_office(order, "extension_asked", event, at)
    return order, event


def is_legal(entry: Extension) -> bool:
    """True for a legal period: the head of the handling unit decides (Regulation, art. 34), not the hub."""
    return entry.clock.policy.extend_permission == "dispatch.extend_legal"


@transaction.atomic
def extend(
    order_id: int,
    *,
    extension: Extension | int,
    told_how: str,
    told: str,
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> WorkOrder:
    """Grant more time. The petitioner must have been told the reason: how, and in which words.

    Raises Refused without that, without the permission the rule names, and once the clock has passed its due date.
    """
    who = Actor.of(actor)
    order = orders.lock(order_id)
    entry = _asked_extension(order, extension, who)
    nobody = Extension.Told.NOBODY
    if told_how not in Extension.Told.values or (told_how == nobody) != order.petition.is_anonymous:
        raise Refused(_("Please say how the petitioner was told of the extension."), field="told_how")
    if told_how != nobody and not told.strip():
        raise Refused(_("Please write what the petitioner was told; they can read it."), field="told")
    clock = Clock.objects.select_for_update(of=("self",)).select_related("policy").get(pk=entry.clock_id)
    old = clock.due_at
    clocks.turn(clock, "extend", at=at, actor=who, amount=entry.amount, reason=entry.reason)
    clocks.refresh(order.petition, order)
    data = {
        "rule": clock.policy.key,
        "amount": entry.amount,
        "due_before": old.isoformat(),
        "due_after": clock.due_at.isoformat(),
        "told_how": told_how,
    }
    order, event = orders.move(
        order_id, "extend", actor=who, at=at, data=data, text=told.strip(), version=version, is_consequence=True
    )
    mark(
        entry,
        Extension.State.GRANTED,
        at=at,
        actor=who,
        remark=told.strip(),
        old_due_at=old,
        new_due_at=clock.due_at,
        told_how=told_how,
        told_at=at,
    )
    _draft_notice(order, entry, clock, at)
    _tell_unit(order, "extended", event, at)
    return order


def _draft_notice(order: WorkOrder, entry: Extension, clock: Clock, at: datetime) -> None:
    """A legal period that was extended owes the petitioner a written notice (Regulation, art. 34)."""
    is_legal = clock.policy.extend_permission == "dispatch.extend_legal"
    if is_legal and not order.petition.is_anonymous:
        values = {"grounds": entry.reason, "days": str(entry.amount), "until": chinese_date(clock.due_at)}
        documents.draft_if_none(order.petition_id, "extension", values=values, unit=order.unit, at=at)


def _asked_extension(order: WorkOrder, extension: Extension | int, who: Actor) -> Extension:
    """The request, locked. Raises Refused when it is settled, or somebody else's to decide."""
    pk = extension.pk if isinstance(extension, Extension) else extension
    rows = Extension.objects.select_for_update(of=("self",)).select_related("clock__policy")
    entry = rows.filter(pk=pk, order=order, state=Extension.State.ASKED).first()
    if entry is None:
        raise Refused(_("No extension waits for a decision."), code="nothing")
    permission = entry.clock.policy.extend_permission
    if not WorkOrder.objects.within(who, permission).filter(pk=order.pk).exists():
        raise Refused(_("Your role may not do this for this work order."), code="forbidden")
    return entry


@transaction.atomic
def refuse_extension(
    order_id: int,
    *,
    extension: Extension | int,
    remark: str,
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> WorkOrder:
    """Refuse more time, in words the unit reads."""
    if not remark.strip():
        raise Refused(_("Please say why; the unit reads it."), field="remark")
    who = Actor.of(actor)
    order = orders.lock(order_id)
    entry = _asked_extension(order, extension, who)
    data = {"rule": entry.clock.policy.key, "amount": entry.amount}
    order, event = orders.move(
        order_id,
        "refuse_extension",
        actor=who,
        at=at,
        data=data,
        text=remark.strip(),
        version=version,
        is_consequence=True,
    )
    mark(entry, Extension.State.REFUSED, at=at, actor=who, remark=remark.strip())
    _tell_unit(order, "extension_refused", event, at)
    return order


def decide_extension(
    order_id: int,
    *,
    extension: Extension | int,
    grants: bool,
    told_how: str = "",
    told: str = "",
    remark: str = "",
    **step: Any,
) -> WorkOrder:
    """Grant or refuse, as the form says."""
    if grants:
        return extend(order_id, extension=extension, told_how=told_how, told=told, **step)
    return refuse_extension(order_id, extension=extension, remark=remark, **step)


# ---- what follows from the moves of the order ----


def order_left(order: WorkOrder, *, actor: Actor, at: datetime) -> None:
    """An order that is fed back or ended leaves nothing undecided behind."""
    if order.state in _WORKING:
        return
    open_states = [Pause.State.ASKED, Pause.State.RUNNING]
    for pause in Pause.objects.filter(order=order, state__in=open_states):
        if pause.state == Pause.State.RUNNING:
            mark(pause, Pause.State.ENDED, at=at, actor=actor, ended_at=at, ended_by=actor.user)
        else:
            mark(pause, Pause.State.DROPPED, at=at, actor=actor)
    for entry in Extension.objects.filter(order=order, state=Extension.State.ASKED):
        mark(entry, Extension.State.DROPPED, at=at, actor=actor)


def _tell_office(order: WorkOrder, kind: str, event: Event, at: datetime) -> None:
    office = order.petition.register_unit
    people = (
        [order.dispatched_by]
        if order.dispatched_by
        else orders.staff(office, Role.DISPATCHER, Role.CITY_OFFICER, Role.DISTRICT_OFFICER)
    )
    notify(people, kind=kind, petition=order.petition, order=order, key=f"event:{event.pk}", at=at)


def _tell_unit(order: WorkOrder, kind: str, event: Event, at: datetime) -> None:
    leaders = orders.staff(order.unit, Role.UNIT_ADMIN)
    people = [order.handler, *leaders] if order.handler else orders.staff(order.unit)
    notify(people, kind=kind, petition=order.petition, order=order, key=f"event:{event.pk}", at=at)
