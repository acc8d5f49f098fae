"""Jobs: work on many rows, done in the background, row by row or batch by batch, once each.

A job and its rows are written first; Celery is only woken. A worker takes a job under a lease and writes each row's
result in the transaction of what it did to the row, together with the renewed lease: a worker that lost the lease, or
whose job was cancelled, loses that one transaction and stops. So nothing is done twice and nothing is lost, whatever is
killed. Docs: docs/adr/0021-jobs-are-rows.md.
"""

import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.actors import Actor
from accounts.models import User
from dispatch.jobs import Handler, handler_for, register
from dispatch.models import Job, JobItem
from petitions.states import Refused

__all__ = ["Handler", "cancel", "claim", "confirm", "drain", "prepare", "register", "run_now", "set_draft", "start"]

log = logging.getLogger(__name__)

# Longer than any single row or batch may take; after it, what a killed worker held is taken up again.
LEASE = timedelta(seconds=45)
# A slice of work; then the job queues up behind the others, so that a long one holds up no short one.
SLICE = timedelta(seconds=20)
# Tries of one row that the database threw back (a deadlock, a time limit), and of a job that kills its worker.
TRIES = 3
DRAFT_LIFE = timedelta(days=2)
ITEMS_AT_ONCE = 5000

S = Job.State
LEGAL: dict[str, frozenset[str]] = {
    S.DRAFT: frozenset({S.WAITING, S.CANCELLED}),
    S.WAITING: frozenset({S.RUNNING, S.CANCELLED}),
    S.RUNNING: frozenset({S.RUNNING, S.WAITING, S.DONE, S.FAILED, S.CANCELLED}),
    S.DONE: frozenset(),
    S.FAILED: frozenset(),
    S.CANCELLED: frozenset(),
}


class LeaseLost(Exception):
    """The job was cancelled, or another worker has it: what is under way rolls back."""


def move(job: Job, to: str, *, at: datetime, error: str = "") -> Job:
    """The only place that assigns `Job.state`. The row must be locked. Raises Refused for a step the table lacks."""
    if to not in LEGAL[job.state]:
        raise Refused(_("This job is %(state)s already.") % {"state": job.get_state_display()}, code="illegal_move")
    job.state = to
    if to == S.RUNNING and job.started_at is None:
        job.started_at = at
    if to in {S.DONE, S.FAILED, S.CANCELLED}:
        job.finished_at = at
        job.leased_until = None
    job.error = error[:300]
    job.save()
    return job


# ---- making a job ----


def start(
    kind: str,
    targets: Sequence[int],
    *,
    params: Mapping[str, Any],
    actor: User | Actor,
    at: datetime,
    rows: Mapping[int, Mapping[str, Any]] | None = None,
    parent: Job | None = None,
) -> Job:
    """Write a job with one row for each target, in the caller's transaction if there is one, and wake a worker.

    `params` must be JSON; `rows` adds what holds for single targets. Raises KeyError for a kind nobody registered.
    """
    return _create(S.WAITING, kind, targets, params=params, actor=actor, at=at, rows=rows, parent=parent)


def prepare(
    kind: str,
    targets: Sequence[int],
    *,
    params: Mapping[str, Any],
    actor: User | Actor,
    at: datetime,
    rows: Mapping[int, Mapping[str, Any]] | None = None,
) -> Job:
    """The same as a draft nobody works on: a person looks at it first and confirms it, once."""
    return _create(S.DRAFT, kind, targets, params=params, actor=actor, at=at, rows=rows)


@transaction.atomic
def _create(
    state: str,
    kind: str,
    targets: Sequence[int],
    *,
    params: Mapping[str, Any],
    actor: User | Actor,
    at: datetime,
    rows: Mapping[int, Mapping[str, Any]] | None = None,
    parent: Job | None = None,
) -> Job:
    handler_for(kind)
    who, unique = Actor.of(actor), list(dict.fromkeys(targets))
    job = Job(
        kind=kind,
        params=dict(params),
        total=len(unique),
        created_by=who.user,
        actor_label=who.label[:60],
        created_at=at,
        parent=parent,
        state=state,
    )
    job.save(force_insert=True)
    items = (
        JobItem(job=job, position=place, target_id=target, params=dict((rows or {}).get(target, {})))
        for place, target in enumerate(unique, start=1)
    )
    JobItem.objects.bulk_create(items, batch_size=ITEMS_AT_ONCE)
    if state == S.WAITING:
        wake()
    return job


@transaction.atomic
def confirm(job_id: int, *, params: Mapping[str, Any], actor: User | Actor, at: datetime) -> Job:
    """Send a draft off. The row itself is the token: a second click finds it sent and raises Refused (code "sent")."""
    job = Job.objects.select_for_update().get(pk=job_id)
    if job.created_by != Actor.of(actor).user:
        raise Refused(_("Only who prepared this may send it."), code="forbidden")
    if job.state != S.DRAFT:
        raise Refused(_("This has been sent already; it was done once."), code="sent")
    # Rows the person took out of the batch are none of it.
    job.items.filter(params__out=True).delete()
    job.params, job.total = dict(params), job.items.count()
    if not job.total:
        raise Refused(_("Every row is taken out; there is nothing to send."), code="empty")
    move(job, S.WAITING, at=at)
    wake()
    return job


@transaction.atomic
def cancel(job_id: int, *, actor: User | Actor, at: datetime) -> Job:
    """Stop a job: rows that have a result keep it, the rest is left out. Raises Refused when it has ended.

    Its own person may, and who sees everybody's jobs.
    """
    job = Job.objects.select_for_update().get(pk=job_id)
    user = Actor.of(actor).user
    if user is None or not Job.objects.visible_to(user).filter(pk=job_id).exists():
        raise Refused(_("Your role may not cancel this job."), code="forbidden")
    return move(job, S.CANCELLED, at=at)


def wake() -> None:
    """Have a worker look once the transaction stands. Nobody there to wake loses nothing: beat looks every 10 s."""
    transaction.on_commit(_send, robust=True)


def _send() -> None:
    from celery import current_app

    try:
        current_app.send_task("dispatch.tasks.run_jobs", retry=False)
    except Exception:
        log.warning("The broker does not answer; the job waits in the database")


# ---- working on jobs ----


def drain(*, now: Callable[[], datetime], seconds: float = 40) -> int:
    """Work on whatever waits or was abandoned, until nothing does or the time is up. Returns how many slices."""
    begun, slices = now(), 0
    purge(at=begun)
    while (job := claim(at=now())) is not None:
        work(job, now=now, until=now() + SLICE)
        slices += 1
        if now() - begun >= timedelta(seconds=seconds):
            break
    return slices


def run_now(job_id: int, *, now: Callable[[], datetime], seconds: float = 4) -> None:
    """Work on one job here and now, at most so long; what is left a worker does. For a handful of rows."""
    job = claim(at=now(), job_id=job_id)
    if job is not None:
        work(job, now=now, until=now() + timedelta(seconds=seconds))


@transaction.atomic
def claim(*, at: datetime, job_id: int | None = None) -> Job | None:
    """Take a job under a lease, the one nobody has worked on for longest; None when there is none."""
    free = Q(state=S.WAITING) | Q(state=S.RUNNING, leased_until__lte=at)
    rows = Job.objects.select_for_update(skip_locked=True, of=("self",)).filter(free)
    if job_id is not None:
        rows = rows.filter(pk=job_id)
    job = rows.order_by(F("leased_until").asc(nulls_first=True), "pk").first()
    if job is None:
        return None
    was_abandoned = job.state == S.RUNNING
    job.stalls = job.stalls + 1 if was_abandoned and job.handled == job.progress_seen else 0
    if job.stalls >= TRIES:
        _set_aside_next(job, at)
    job.progress_seen = job.handled
    job.lease += 1
    job.leased_until = at + LEASE
    return move(job, S.RUNNING, at=at)


def _set_aside_next(job: Job, at: datetime) -> None:
    """Every worker that tried the next row was gone before it had an answer: the row is the fault, the rest goes on."""
    item = job.items.filter(result=JobItem.Result.WAITING).order_by("position").first()
    if item is not None:
        _settle(item, JobItem.Result.REFUSED, at=at, message=_fault_words(), error="the worker died at it")
        job.refused += 1
    job.stalls = 0


def work(job: Job, *, now: Callable[[], datetime], until: datetime) -> None:
    """Work on a claimed job until it is done, lost, or `until` has come."""
    try:
        handler = handler_for(job.kind)
    except KeyError:
        _end(job, S.FAILED, at=now(), error=f"no handler is registered for “{job.kind}”")
        return
    size = 1 if job.stalls else handler.batch_size
    try:
        while True:
            waiting = job.items.filter(result=JobItem.Result.WAITING).order_by("position")
            ids = list(waiting.values_list("pk", flat=True)[:size])
            if not ids:
                _end(job, S.DONE, at=now())
                return
            _batch(job, handler, ids, now)
            if now() >= until:
                _end(job, S.WAITING, at=now())
                wake()
                return
    except LeaseLost:
        log.info("Job %s is in other hands or cancelled", job.pk)


def _batch(job: Job, handler: Handler, ids: Sequence[int], now: Callable[[], datetime]) -> None:
    try:
        with transaction.atomic():
            _attempt(job, handler, ids, now())
    except LeaseLost:
        raise
    except OperationalError as error:
        # A deadlock or a time limit is not the row's fault: it is tried again, a few times.
        _thrown_back(job, ids, error, now())
    except Exception as error:
        if len(ids) > 1:
            log.warning("A batch of job %s failed; halving it", job.pk, exc_info=True)
            middle = len(ids) // 2
            _batch(job, handler, ids[:middle], now)
            _batch(job, handler, ids[middle:], now)
        else:
            log.exception("A row of job %s is set aside", job.pk)
            _fault(job, ids, error, now())


def _attempt(job: Job, handler: Handler, ids: Sequence[int], at: datetime) -> None:
    """Do these rows and write down what became of them, in the caller's transaction."""
    rows = JobItem.objects.select_for_update(skip_locked=True, of=("self",))
    items = list(rows.filter(pk__in=ids, result=JobItem.Result.WAITING).order_by("position"))
    actor = actor_of(job)
    with override(job.created_by.language if job.created_by else "zh-hans"):
        if actor is None:
            for item in items:
                item.result, item.message = JobItem.Result.REFUSED, _("The person who started this has left.")
        else:
            handler.run_batch(job, items, at=at, actor=actor)
    for item in items:
        result = JobItem.Result.DONE if item.result == JobItem.Result.WAITING else item.result
        item.result, item.at, item.message = result, at, item.message[:300]
    _write(items)
    refused = sum(item.result in {JobItem.Result.REFUSED, JobItem.Result.SKIPPED} for item in items)
    _advance(job, done=len(items) - refused, refused=refused, at=at)


def _write(items: Sequence[JobItem]) -> None:
    """The results of a batch in one statement: `bulk_update` words a CASE for each row and field, and takes longer for
    that than the work itself for a set-based kind."""
    columns = ("pk", "result", "at", "message", "error", "event_id")
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE dispatch_jobitem i SET result = v.result, at = v.at, message = v.message, error = v.error,
                event_id = v.event, undo = v.undo
            FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::text[], %s::text[], %s::bigint[], %s::jsonb[])
                AS v(id, result, at, message, error, event, undo)
            WHERE i.id = v.id
            """,
            [*([getattr(item, name) for item in items] for name in columns), [json.dumps(item.undo) for item in items]],
        )


def actor_of(job: Job) -> Actor | None:
    """In whose name a job works, with the rights of this moment; None when the person's account is closed."""
    if job.created_by_id is None:
        return Actor.system(job.actor_label or "system")
    user = User.objects.select_related("unit__area").get(pk=job.created_by_id)
    return Actor.of(user) if user.is_active else None


def _advance(job: Job, *, done: int, refused: int, at: datetime) -> None:
    """Count rows and renew the lease, in their transaction. Raises LeaseLost when the job is no longer ours."""
    mine = Job.objects.filter(pk=job.pk, lease=job.lease, state=S.RUNNING)
    changed = mine.update(done=F("done") + done, refused=F("refused") + refused, leased_until=at + LEASE)
    if not changed:
        raise LeaseLost
    job.done, job.refused = job.done + done, job.refused + refused


def _settle(item: JobItem, result: str, *, at: datetime, message: str, error: str = "") -> None:
    item.result, item.message, item.error, item.at = result, message[:300], error[:300], at
    item.save(update_fields=["result", "message", "error", "at"])


def _fault_words() -> str:
    return _("A fault in the system; the row was left as it was. The administrators find it in the log.")


@transaction.atomic
def _fault(job: Job, ids: Sequence[int], error: Exception, at: datetime) -> None:
    items = JobItem.objects.select_for_update().filter(pk__in=ids, result=JobItem.Result.WAITING).order_by("position")
    count = 0
    for count, item in enumerate(items, start=1):  # noqa: B007 - the count is what is wanted
        words = f"{type(error).__name__}: {error}"
        _settle(item, JobItem.Result.REFUSED, at=at, message=_fault_words(), error=words)
    _advance(job, done=0, refused=count, at=at)


def _thrown_back(job: Job, ids: Sequence[int], error: OperationalError, at: datetime) -> None:
    JobItem.objects.filter(pk__in=ids).update(attempts=F("attempts") + 1)
    worn = list(JobItem.objects.filter(pk__in=ids, attempts__gte=TRIES).values_list("pk", flat=True))
    if worn:
        _fault(job, worn, error, at)


@transaction.atomic
def _end(job: Job, to: str, *, at: datetime, error: str = "") -> None:
    """Finish a slice: done, failed, or back among the waiting. Whoever took or cancelled the job meanwhile wins."""
    row = Job.objects.select_for_update().filter(pk=job.pk, lease=job.lease, state=S.RUNNING).first()
    if row is not None:
        row.leased_until = at
        move(row, to, at=at, error=error)


def purge(*, at: datetime) -> int:
    """Forget drafts nobody sent within two days. Returns how many rows went."""
    old = Job.objects.filter(state=S.DRAFT, created_at__lt=at - DRAFT_LIFE)
    return old.delete()[0]


def set_params(items: Iterable[JobItem]) -> None:
    """Keep what a person set for single rows of a draft."""
    JobItem.objects.bulk_update(items, ["params"], batch_size=500)


def set_draft(job: Job, params: Mapping[str, Any]) -> None:
    """Keep what a person set for all rows of a draft; one that has been sent meanwhile keeps what it was sent with."""
    Job.objects.filter(pk=job.pk, state=S.DRAFT).update(params=dict(params))
