"""Due dates computed anew for open clocks, a batch a transaction: after an edited calendar, rule or profile.

Ended clocks are never touched: what was judged stays judged.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import QuerySet

from accounts.actors import Actor
from dispatch import projection
from dispatch.actions import clocks
from dispatch.calendar import Calendar
from dispatch.models import Clock, ClockEvent, PendingRung, Policy
from dispatch.signals import clocks_recomputed
from petitions import actions as petitions
from petitions import events
from petitions.models import NO_DEADLINE

_OPEN = (Clock.State.RUNNING, Clock.State.PAUSED)


@dataclass(frozen=True)
class Change:
    """How one open clock changes. The dates of a paused clock are where it stood at its pause: it has none now."""

    clock_id: int
    petition_id: int | None
    order_id: int | None
    rule: str
    is_paused: bool
    old_due_at: datetime
    new_due_at: datetime
    old_policy_id: int
    new_policy_id: int
    old_consumed: int
    new_consumed: int
    # It was overdue at the old date and is not at the new one, and the other way round.
    undoes_breach: bool
    is_late_now: bool

    @property
    def is_change(self) -> bool:
        """False when rule, date and what was used up stay as they are."""
        old = (self.old_due_at, self.old_policy_id, self.old_consumed)
        return old != (self.new_due_at, self.new_policy_id, self.new_consumed)


def preview(
    clock_ids: Sequence[int],
    *,
    at: datetime,
    policies: Mapping[int, Policy] | None = None,
    calendar: Calendar | None = None,
) -> list[Change]:
    """What `recompute` would change, by the calendar given or the one in force; nothing is locked or written.

    Raises CalendarError when a date would lie beyond the calendar.
    """
    rows = list(_open_clocks(clock_ids))
    return [c for c in _changes(rows, at, policies or {}, calendar or clocks.calendar()) if c.is_change]


@transaction.atomic
def recompute(
    clock_ids: Sequence[int],
    *,
    at: datetime,
    actor: Actor,
    reason: str,
    policies: Mapping[int, Policy] | None = None,
) -> list[Change]:
    """Compute the due dates of these clocks anew, in one transaction; the clocks that changed, in order of their ids.

    `policies` maps the id of the rule a clock has to the rule it gets (a newer version, the other profile's); without
    it only the calendar is read afresh. Changed clocks get a new generation, rungs for the new date and a ClockEvent;
    their petitions an event and their nearest deadline. A breach that the new date undoes is taken back; rungs that
    were told stay told. The same call twice changes nothing the second time. Every open clock named, changed or not,
    carries the calendar's version afterwards, so that a job can go on where it stopped.
    """
    clocks.forget_cached_rules()
    _lock_petitions(clock_ids)
    rows = list(_open_clocks(clock_ids).select_for_update(of=("self",)))
    calendar = clocks.calendar()
    changes = [c for c in _changes(rows, at, policies or {}, calendar) if c.is_change]
    by_id = {row.pk: row for row in rows}
    for change in changes:
        _apply(by_id[change.clock_id], change, at, policies or {})
    for row in rows:
        row.calendar_version = calendar.version
    _write(rows)
    moved = [by_id[change.clock_id] for change in changes]
    _arm(moved, at)
    ClockEvent.objects.bulk_create(
        [clocks.event_of(c, "recompute", actor=actor, at=at, reason=reason[:200]) for c in moved], batch_size=2000
    )
    _tell(changes, actor=actor, at=at, reason=reason)
    _refresh(changes)
    clocks_recomputed.send(Clock, clock_ids=[change.clock_id for change in changes if change.petition_id is None])
    return changes


def _open_clocks(clock_ids: Sequence[int]) -> QuerySet[Clock]:
    rows = Clock.objects.filter(pk__in=clock_ids, state__in=_OPEN)
    return rows.select_related("policy").order_by("id")


def _lock_petitions(clock_ids: Sequence[int]) -> None:
    """Petitions first, in order: the order of locks of every step a person takes."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT id FROM petitions_petition
            WHERE id IN (SELECT petition_id FROM dispatch_clock WHERE id = ANY(%s) AND state IN ('running', 'paused'))
            ORDER BY id FOR UPDATE
            """,
            [list(clock_ids)],
        )


def _changes(
    rows: Sequence[Clock], at: datetime, policies: Mapping[int, Policy], calendar: Calendar
) -> Iterable[Change]:
    history = _histories([row.pk for row in rows if row.consumed or row.paused_at or row.paused_for])
    for row in rows:
        policy = policies.get(row.policy_id, row.policy)
        meter = clocks.meter_of(policy, calendar)
        past = history.get(row.pk, [])
        length = policy.length if row.term is None else row.term
        consumed = projection.measured(past, meter, length) if past else 0
        due_at = row.due_at
        if row.state == Clock.State.RUNNING:
            due_at = meter.after(row.resumed_at or row.started_at, length + row.extended - consumed)
        is_late = row.state == Clock.State.RUNNING and due_at < at
        yield Change(
            clock_id=row.pk,
            petition_id=row.petition_id,
            order_id=row.order_id,
            rule=policy.key,
            is_paused=row.state == Clock.State.PAUSED,
            old_due_at=row.due_at,
            new_due_at=due_at,
            old_policy_id=row.policy_id,
            new_policy_id=policy.pk,
            old_consumed=row.consumed,
            new_consumed=consumed,
            undoes_breach=row.breached_at is not None and not is_late,
            is_late_now=is_late and row.due_at >= at,
        )


def _histories(clock_ids: Sequence[int]) -> dict[int, list[ClockEvent]]:
    """The events of clocks that were ever paused; the others have used up nothing before the stretch that runs."""
    found: dict[int, list[ClockEvent]] = {}
    for event in ClockEvent.objects.filter(clock_id__in=clock_ids).order_by("id"):
        found.setdefault(event.clock_id, []).append(event)
    return found


def _apply(row: Clock, change: Change, at: datetime, policies: Mapping[int, Policy]) -> None:
    row.policy = policies.get(row.policy_id, row.policy)
    row.due_at, row.consumed = change.new_due_at, change.new_consumed
    row.generation += 1
    if row.breached_at is not None:
        row.breached_at, row.detected_at = projection.judged(row, at)


def _write(rows: Sequence[Clock]) -> None:
    names = ("pk", "policy_id", "generation", "consumed", "calendar_version", "due_at", "breached_at", "detected_at")
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE dispatch_clock c SET policy_id = v.policy, generation = v.generation, consumed = v.consumed,
                calendar_version = v.version, due_at = v.due, breached_at = v.breached, detected_at = v.detected
            FROM unnest(%s::bigint[], %s::bigint[], %s::int[], %s::int[], %s::int[],
                        %s::timestamptz[], %s::timestamptz[], %s::timestamptz[])
                AS v(id, policy, generation, consumed, version, due, breached, detected)
            WHERE c.id = v.id
            """,
            [[getattr(row, name) for row in rows] for name in names],
        )


def _arm(rows: Sequence[Clock], at: datetime) -> None:
    ids = [row.pk for row in rows]
    PendingRung.objects.filter(clock_id__in=ids).delete()
    told = clocks.told_rungs(ids)
    armed = [
        rung
        for row in rows
        if row.state == Clock.State.RUNNING
        for rung in clocks.to_arm(row, told[row.pk], at=at, again=True)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO dispatch_pendingrung (fire_at, clock_id, generation, rung)
            SELECT * FROM unnest(%s::timestamptz[], %s::bigint[], %s::int[], %s::int[])
            """,
            [[getattr(rung, name) for rung in armed] for name in ("fire_at", "clock_id", "generation", "rung")],
        )


def _tell(changes: Sequence[Change], *, actor: Actor, at: datetime, reason: str) -> None:
    """One line in the history of each petition, with the clocks whose date moved."""
    by_petition: dict[int, list[dict[str, object]]] = {}
    for change in changes:
        if change.petition_id is not None:
            by_petition.setdefault(change.petition_id, []).append(
                {
                    "clock": change.clock_id,
                    "order": change.order_id,
                    "rule": change.rule,
                    "paused": change.is_paused,
                    "before": change.old_due_at.isoformat(),
                    "after": change.new_due_at.isoformat(),
                }
            )
    entries = [(pk, {"clocks": moved, "reason": reason}) for pk, moved in sorted(by_petition.items())]
    if entries:
        events.record_many(entries, kind="recompute", actor=actor, at=at)


def _refresh(changes: Sequence[Change]) -> None:
    """Copy the nearest deadlines of many petitions and orders, as `clocks.refresh` does for one."""
    owners = sorted({c.petition_id for c in changes if c.petition_id is not None})
    petitions.set_deadlines(_nearest("petition_id", owners))
    orders = sorted({c.order_id for c in changes if c.order_id is not None})
    rows = _nearest("order_id", orders)
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                UPDATE dispatch_workorder o SET next_due_at = v.due, next_due_from = v.start, next_due_key = v.key
                FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::text[]) AS v(id, due, start, key)
                WHERE o.id = v.id
                """,
                [list(column) for column in zip(*rows, strict=True)],
            )


def _nearest(owner: str, ids: Sequence[int]) -> list[tuple[int, datetime, datetime | None, str]]:
    rows = Clock.objects.filter(**{f"{owner}__in": ids}, state__in=_OPEN, policy__is_right=False)
    rows = rows.exclude(subject=Policy.Subject.PROMISE)
    found: dict[int, tuple[int, datetime, datetime | None, str]] = {}
    columns = (owner, "state", "due_at", "started_at", "policy__key")
    for pk, state, due, start, key in rows.order_by(owner, "-state", "due_at", "pk").values_list(*columns):
        # "running" comes before "paused" in descending order.
        found.setdefault(pk, (pk, due if state == Clock.State.RUNNING else NO_DEADLINE, start, key))
    return [found.get(pk, (pk, NO_DEADLINE, None, "")) for pk in ids]
