"""Plays planned cases through the real actions, each with its whole life in one transaction.

A transaction a case is what lets this run beside the live sweep: nobody ever sees half a past, whose deadlines would
all fire at once at the present. Within it, time is an event queue: between two steps, every rung that came due fires
and is told at its own minute. Killed in the middle, it leaves whole cases only.
"""

import heapq
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from accounts.actors import Actor
from accounts.models import User
from config.demo_city import citizens, loops, teamwork
from config.demo_city.cases import Case
from config.demo_city.world import World
from dispatch.actions import announcing, notices, orders, sweep
from dispatch.models import Clock, PendingRung, WorkOrder
from petitions import actions as petitions
from petitions.models import Petition, Purpose

# Notices older than this were read and delivered long ago.
STILL_NEWS = timedelta(days=1)


def play(cases: Sequence[Case], world: World) -> None:
    """Live one case, or a few that know each other, up to the world's present; all or nothing."""
    # The second number breaks ties, as steps cannot be compared.
    queue = [(step.at, number, step.order, case, step) for number, case in enumerate(cases) for step in case.steps]
    heapq.heapify(queue)
    with transaction.atomic():
        at = queue[0][0]
        while queue:
            before, (at, _number, _order, case, step) = at, heapq.heappop(queue)
            _fire_between(cases, before, at)
            _ACTS[step.kind](case, world, step.at, dict(step.data))
        _fire_between(cases, at, world.until)
        notices.settle(before=world.until - STILL_NEWS, petitions=_ids(cases))


def _ids(cases: Iterable[Case]) -> list[int]:
    return [case.petition_id for case in cases if case.petition_id]


def _fire_between(cases: Sequence[Case], since: datetime, until: datetime) -> None:
    """Let the sweep find what these cases' clocks come to between two moments."""
    fire_clocks(Clock.objects.filter(petition__in=_ids(cases), state=Clock.State.RUNNING), since, until)


def fire_clocks(clocks: QuerySet[Clock], since: datetime, until: datetime) -> None:
    """Fire what these clocks come to between two moments, minute by minute; the caller's transaction holds it."""
    while True:
        rungs = PendingRung.objects.filter(clock_id__in=clocks.values("pk"), fire_at__lte=until).order_by("fire_at")
        due = rungs.values_list("fire_at", flat=True).first()
        if due is None:
            return
        # A clock that runs on after a send-back may be past its due time already; that shows now, not then.
        at = min(until, max(since, due.replace(second=0, microsecond=0)) + timedelta(minutes=1))
        with connection.cursor() as cursor:
            # The live announcer holds it for a moment at most; without it, announce() would leave ours for later.
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [announcing.ANNOUNCE_LOCK])
        sweep.fire(at=at)
        sweep.announce(at=at)


# -- what each step does ---------------------------------------------------------------------------------------------


def _register(case: Case, world: World, at: datetime, data: dict[str, Any]) -> None:
    registration = case.registration(world, at)
    if case.parent is not None and case.is_repeat and not case.is_suspected:
        fields = {**registration.__dict__, "repeat_of": Petition.objects.get(pk=case.parent.petition_id)}
        registration = type(registration)(**fields)
    row = petitions.register_many([registration], actor=case.registrar, at=at, serials=[case.serial])[0]
    case.petition_id = row.pk


def _name_person(case: Case, world: World, at: datetime, data: dict[str, Any]) -> None:
    # Accusations open to persons the head of the office names, one by one.
    petitions.name_person(
        case.petition_id, user=data["who"], reason="检举控告件指定承办人", actor=Actor.system("信访局负责人"), at=at
    )


def _name_leader(case: Case, world: World, at: datetime, data: dict[str, Any]) -> None:
    # An accusation is nobody's to lead a case in who stands in the line complained of.
    if not Petition.objects.get(pk=case.petition_id).is_restricted:
        petitions.name_person(case.petition_id, user=data["who"], reason=data["text"], actor=data["by"], at=at)


def _adoption(case: Case) -> str:
    """What becomes of a suggestion; nothing for other purposes."""
    return ("adopted", "partly", "rejected")[case.serial % 3] if case.matter.purpose == Purpose.SUGGEST else ""


def _answer(case: Case, world: World, at: datetime, data: dict[str, Any]) -> None:
    who = case.registrar if isinstance(case.registrar, User) else case.officer
    petitions.answer_at_once(
        case.petition_id, answer=data["text"], agreed=True, adoption=_adoption(case), actor=who, at=at
    )


def _lead_out(case: Case, world: World, at: datetime, data: dict[str, Any]) -> None:
    petitions.lead_out(case.petition_id, route=data["route"], explanation=data["text"], actor=case.replier, at=at)


def _dispatch(case: Case, world: World, at: datetime, data: dict[str, Any]) -> None:
    lead = data.get("unit") or case.unit
    made = orders.dispatch(
        case.petition_id, lead=lead, urgency=case.urgency, instruction=data["text"], actor=case.officer, at=at
    )
    case.order_id = made[0].pk


def _report_up(case: Case, world: World, at: datetime, data: dict[str, Any]) -> None:
    text = "情况紧急，已派单处置，现将有关情况报告如上。"
    petitions.report_up(case.petition_id, to="市政府总值班室", text=text, actor=case.replier, at=at)


def _tell(case: Case, world: World, at: datetime, data: dict[str, Any]) -> None:
    """The notice art. 23 asks for, once: accepted, or received where there is nothing to accept."""
    petition = Petition.objects.get(pk=case.petition_id)
    if petition.is_anonymous or petition.notified_at is not None:
        return
    if petition.purpose in {Purpose.SETTLE, Purpose.APPEAL}:
        text = "您反映的事项已予受理，将在法定期限内出具书面处理意见。"
        petitions.accept(petition.pk, text=text, actor=case.replier, at=at)
    else:
        text = "您反映的事项已收到并转有关单位办理，办理情况将及时告知。"
        petitions.notify_receipt(petition.pk, text=text, actor=case.replier, at=at)


def _sign(case: Case, world: World, at: datetime, data: dict[str, Any]) -> None:
    orders.sign(case.order_id, actor=data.get("who") or case.leader, at=at)


def _assign(case: Case, world: World, at: datetime, data: dict[str, Any]) -> None:
    orders.assign(case.order_id, handler=case.handler, actor=case.leader, at=at)


def _contact(case: Case, world: World, at: datetime, data: dict[str, Any]) -> None:
    orders.record_contact(case.order_id, means=data["means"], said=data["text"], actor=case.handler, at=at)


def _miss_contact(case: Case, world: World, at: datetime, data: dict[str, Any]) -> None:
    orders.record_contact(
        case.order_id, means="phone", result="unreached", said=data["text"], actor=case.handler, at=at
    )


def _feed_back(case: Case, world: World, at: datetime, data: dict[str, Any]) -> None:
    teamwork.help_done(case, at)
    orders.feed_back(
        case.order_id,
        outcome=data["outcome"],
        findings=data["text"],
        legal_basis=case.matter.basis,
        explanation=data["explanation"],
        actor=case.handler,
        at=at,
    )


def _check(case: Case, world: World, at: datetime, data: dict[str, Any]) -> None:
    orders.check(case.order_id, passes=data["passes"], remark=data["text"], actor=case.officer, at=at)


def _call_back(case: Case, world: World, at: datetime, data: dict[str, Any]) -> None:
    score = data["score"]
    answers = {
        "was_contacted": True,
        "was_on_time": score > 1,
        "was_truthful": score > 1,
        "solved": {3: "yes", 2: "partly", 1: "no"}[score],
        "level": loops.LEVELS[score],
    }
    orders.call_back(case.order_id, result="reached", said=data["text"], answers=answers, actor=case.caller, at=at)


def _note(case: Case, world: World, at: datetime, data: dict[str, Any]) -> None:
    petitions.add_note(case.petition_id, kind="note", text=data["text"], actor=data["who"], at=at)


def _recall(case: Case, world: World, at: datetime, data: dict[str, Any]) -> None:
    orders.recall(case.order_id, reason=data["text"], actor=case.officer, at=at)


def _reply(case: Case, world: World, at: datetime, data: dict[str, Any]) -> None:
    petitions.reply(case.petition_id, text=data["text"], adoption=_adoption(case), actor=case.replier, at=at)


def _rate(case: Case, world: World, at: datetime, data: dict[str, Any]) -> None:
    scores = {"office": data["office"], "unit": data["unit"], "comment": data["text"]}
    hand, judgement = citizens.hand_of(case, data)
    petitions.rate(case.petition_id, **scores, judgement=judgement, actor=hand, at=at)


def _rework(case: Case, world: World, at: datetime, data: dict[str, Any]) -> None:
    petitions.rework(case.petition_id, reason=data["text"], actor=case.replier, at=at)
    case.order_id = WorkOrder.objects.filter(petition=case.petition_id, is_open=True).latest("seq").pk


def _close(case: Case, world: World, at: datetime, data: dict[str, Any]) -> None:
    petitions.close(case.petition_id, remark=data["text"], actor=case.replier, at=at)


def _withdraw(case: Case, world: World, at: datetime, data: dict[str, Any]) -> None:
    petitions.withdraw(case.petition_id, reason=data["text"], actor=case.officer, at=at)


def _reopen(case: Case, world: World, at: datetime, data: dict[str, Any]) -> None:
    petitions.reopen(case.petition_id, reason=data["text"], actor=case.replier, at=at)


def _merge(case: Case, world: World, at: datetime, data: dict[str, Any]) -> None:
    if case.parent is not None:
        into = Petition.objects.get(pk=case.parent.petition_id)
        petitions.merge(case.petition_id, into=into, reason=data["text"], actor=case.officer, at=at)


_ACTS: dict[str, Callable[[Case, World, datetime, dict[str, Any]], None]] = {
    "register": _register,
    "name_person": _name_person,
    "name_leader": _name_leader,
    "answer": _answer,
    "lead_out": _lead_out,
    "dispatch": _dispatch,
    "report_up": _report_up,
    "tell": _tell,
    "sign": _sign,
    "assign": _assign,
    "contact": _contact,
    "miss_contact": _miss_contact,
    "feed_back": _feed_back,
    "check": _check,
    "call_back": _call_back,
    "note": _note,
    "recall": _recall,
    "reply": _reply,
    "rate": _rate,
    "rework": _rework,
    "close": _close,
    "withdraw": _withdraw,
    "reopen": _reopen,
    "merge": _merge,
    **teamwork.ACTS,
    **loops.ACTS,
}
