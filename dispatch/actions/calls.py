"""The only code that writes calls to make (CallTask): opened and ended with what causes them, claimed by one person.

A claim is a lease: two agents never call the same person, and a closed browser keeps nobody from being called.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from dispatch.models import CallTask, WorkOrder
from dispatch.talks import CITY_TIME
from dispatch.twice import limits
from petitions.models import Petition
from petitions.states import Refused

# Parts of the day in which somebody is called, by local hour: a try that failed in one is repeated in the next.
PARTS = ((9, 12), (14, 17), (18, 20))


def open_task(petition: Petition, kind: str, *, order: WorkOrder | None, at: datetime) -> None:
    """There is a call to make. Saying it twice changes nothing."""
    row = CallTask(kind=kind, petition=petition, order=order, opened_at=at, call_after=at)
    CallTask.objects.bulk_create([row], ignore_conflicts=True)


def end_tasks(petition: Petition, *kinds: str, end: str = CallTask.End.CANCELLED, at: datetime) -> None:
    """Nothing is left to call about: of these kinds, or of any when none is named."""
    rows = CallTask.objects.filter(petition=petition, ended_at=None)
    (rows.filter(kind__in=kinds) if kinds else rows).update(ended_at=at, end=end, claimed_by=None, claimed_until=None)


@transaction.atomic
def claim(task_id: int, *, actor: User, at: datetime) -> CallTask:
    """Take a call for oneself for a while. Raises Refused when somebody else has it, or it is done."""
    task = _reached(task_id, actor)
    if task.ended_at is not None:
        raise Refused(_("This call has been made already."), code="ended")
    if task.claimed_by_id not in (None, actor.pk) and task.claimed_until and task.claimed_until > at:
        raise Refused(_("%(name)s is calling this person.") % {"name": task.claimed_by}, code="claimed")
    task.claimed_by, task.claimed_until = actor, at + timedelta(minutes=limits().claim_minutes)
    task.save(update_fields=["claimed_by", "claimed_until"])
    return task


@transaction.atomic
def claim_next(*, actor: User, at: datetime) -> CallTask | None:
    """Take the call that is due first and nobody has; several agents asking at once each get another one."""
    from dispatch.callbacks import queue

    own = queue(actor, at).filter(claimed_by=actor, claimed_until__gt=at).first()
    if own is not None:
        return own
    for pk in queue(actor, at).values_list("pk", flat=True)[:50]:
        task = CallTask.objects.select_for_update(skip_locked=True).filter(pk=pk, ended_at=None).first()
        if task is not None and (task.claimed_by_id is None or (task.claimed_until and task.claimed_until <= at)):
            return claim(pk, actor=actor, at=at)
    return None


@transaction.atomic
def release(task_id: int, *, actor: User, at: datetime) -> None:
    """Give a call back to the queue."""
    CallTask.objects.filter(pk=task_id, claimed_by=actor).update(claimed_by=None, claimed_until=None)


def _reached(task_id: int, actor: User) -> CallTask:
    task = CallTask.objects.select_for_update(of=("self",)).select_related("claimed_by").filter(pk=task_id).first()
    if task is None or not CallTask.objects.visible_to(actor).filter(pk=task_id).exists():
        raise Refused(_("This call is not yours to make."), code="forbidden")
    return task


def missed(task: CallTask, *, at: datetime, call_at: datetime | None = None) -> CallTask:
    """A try that reached nobody: the next one is due in another part of the day, or when the person asked for it."""
    if call_at is None:
        task.tries += 1
        task.last_try_at = at
    task.call_after = call_at or next_try(at, hours=limits().call_gap_hours)
    task.claimed_by, task.claimed_until = None, None
    task.save(update_fields=["tries", "last_try_at", "call_after", "claimed_by", "claimed_until"])
    return task


def next_try(at: datetime, *, hours: int) -> datetime:
    """The next time to call after a try that reached nobody: at least so many hours on, in another part of the day."""
    local = at.astimezone(CITY_TIME)
    earliest = local + timedelta(hours=hours)
    now_in = _part(local.hour)
    for days in range(3):
        day = (local + timedelta(days=days)).replace(minute=0, second=0, microsecond=0)
        for part, (since, until) in enumerate(PARTS):
            if part == now_in:
                continue
            begin, end = day.replace(hour=since), day.replace(hour=until)
            if end > earliest:
                return max(begin, earliest)
    return earliest


def _part(hour: int) -> int | None:
    return next((part for part, (since, until) in enumerate(PARTS) if since <= hour < until), None)
