"""What a call brings: a callback, the talk about a bad rating, the rating once more (domain-facts §2.7)."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions import log_access
from accounts.models import AccessLog, User
from dispatch import callbacks, talks
from dispatch.actions import calls, orders, ratings
from dispatch.models import Callback, CallTask, WorkOrder
from dispatch.twice import limits
from petitions import actions as petitions
from petitions.models import Petitioner
from petitions.states import Refused

_ENDS: dict[str, str] = {Callback.Result.REACHED: CallTask.End.ANSWERED, Callback.Result.REFUSED: CallTask.End.REFUSED}


def order_checked(order: WorkOrder, *, at: datetime) -> None:
    """A checked lead order has a call to make, where its class asks for one and somebody can be called."""
    petition = order.petition
    if order.is_lead and talks.rule_for(petition).callback and not talks.exemption(petition):
        calls.open_task(petition, CallTask.Kind.OUTCOME, order=order, at=at)


def order_done(order: WorkOrder, *, at: datetime) -> None:
    """Called back by whatever page, replied to, or gone: that call need not be made."""
    rows = CallTask.objects.filter(order=order, kind=CallTask.Kind.OUTCOME, ended_at=None)
    if rows.exists():
        last = order.callbacks.order_by("-at", "-id").first()
        end = _ENDS.get(last.result, CallTask.End.TRIED.value) if last else CallTask.End.CANCELLED
        calls.end_tasks(order.petition, CallTask.Kind.OUTCOME, end=end, at=at)


@transaction.atomic
def record(
    task_id: int,
    *,
    result: str,
    said: str = "",
    answers: dict[str, Any] | None = None,
    rating: tuple[int, int] | None = None,
    call_at: datetime | None = None,
    actor: User,
    at: datetime,
) -> CallTask:
    """Save a call one has claimed. `rating`: office and unit (1–3) for the rating once more; `call_at`: when to call
    again, where the person asked for it.

    Raises Refused without a claim, without an answer to what must be asked, and for a time that has passed.
    """
    petition_id = CallTask.objects.values_list("petition_id", flat=True).get(pk=task_id)
    petitions.lock(petition_id)
    task = _mine(task_id, actor, at)
    if result == Callback.Result.LATER and (call_at is None or call_at <= at):
        raise Refused(_("Please say when the person wants to be called."), field="call_at")
    if task.kind == CallTask.Kind.OUTCOME:
        return _outcome(task, result, said, answers or {}, call_at, actor, at)
    return _rating_call(task, result, said, rating, call_at, actor, at)


def _mine(task_id: int, actor: User, at: datetime) -> CallTask:
    rows = CallTask.objects.select_for_update(of=("self",)).select_related("petition", "order")
    task = rows.get(pk=task_id)
    if not CallTask.objects.visible_to(actor).filter(pk=task_id).exists():
        raise Refused(_("This call is not yours to make."), code="forbidden")
    if task.ended_at is not None:
        raise Refused(_("This call has been made already."), code="ended")
    if not callbacks.is_mine(task, actor, at):
        raise Refused(_("Take the call first; somebody else may be calling this person now."), code="not_claimed")
    return task


def _outcome(
    task: CallTask,
    result: str,
    said: str,
    answers: dict[str, Any],
    call_at: datetime | None,
    actor: User,
    at: datetime,
) -> CallTask:
    if task.order is None:
        raise Refused(_("This call is not yours to make."), code="forbidden")
    order = orders.call_back(
        task.order.pk, result=result, said=said, answers=answers, actor=actor, at=at, is_consequence=True
    )
    # A call that ended the callback ended the task with it, by the order's move.
    task.refresh_from_db()
    if task.ended_at is None and order.called_back_at is None:
        calls.missed(task, at=at, call_at=call_at if result == Callback.Result.LATER else None)
    return task


def _rating_call(
    task: CallTask,
    result: str,
    said: str,
    rating: tuple[int, int] | None,
    call_at: datetime | None,
    actor: User,
    at: datetime,
) -> CallTask:
    if result == Callback.Result.LATER:
        return calls.missed(task, at=at, call_at=call_at)
    if result in orders.UNANSWERED:
        counts = task.last_try_at is None or talks.distinct_tries([task.last_try_at, at]) == 2
        if not counts:
            raise Refused(_("Called within the same hour already; that counts once. Try again later."))
        calls.missed(task, at=at)
        if task.tries < limits().call_tries:
            return task
    end = _ENDS.get(result, CallTask.End.TRIED.value)
    who = ratings.on_behalf(actor)
    words = said.strip() or str(CallTask.End(end).label)
    if task.kind == CallTask.Kind.BAD:
        if result == Callback.Result.REACHED and not said.strip():
            raise Refused(_("Please note what was said."), field="said")
        ratings.call_about(task.petition_id, said=words, result=end, actor=who, at=at)
    elif result == Callback.Result.REACHED:
        if rating is None:
            raise Refused(_("Please ask for both ratings, or choose “declined to answer”."), field="unit_score")
        petitions.rerate(task.petition_id, office=rating[0], unit=rating[1], comment=said.strip(), actor=who, at=at)
    else:
        ratings.give_up_rerating(task.petition_id, said=words, actor=who, at=at)
    task.refresh_from_db()
    return task


@transaction.atomic
def reveal_number(task_id: int, *, reason: str, actor: User, at: datetime, ip: str | None = None) -> Petitioner | None:
    """The person's name and number for the call one has claimed: with a reason, logged (PIPL 51, §1.17)."""
    if len(reason.strip()) < 4:
        raise Refused(_("Please say why you need to see it; the reason is logged."), field="reason")
    task = _mine(task_id, actor, at)
    log_access(
        user=actor,
        action=AccessLog.Action.REVEAL,
        target=f"petition:{task.petition_id}",
        reason=reason.strip(),
        ip=ip,
        at=at,
    )
    return task.petition.petitioners.filter(is_main=True).first()
