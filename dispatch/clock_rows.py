"""The rows that belong to a clock: its events, and what is queued of its ladder. dispatch.actions writes them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from accounts.actors import Actor
from dispatch import clocks as arithmetic
from dispatch.models import Clock, ClockEvent, PendingRung


def event_values(clock: Clock, kind: str, *, actor: Actor, at: datetime) -> dict[str, Any]:
    """The event that says what was done to a clock and how it stands now, as values of its columns."""
    return {
        "clock_id": clock.pk,
        "at": at,
        "kind": kind,
        "due_at": clock.due_at,
        "consumed": clock.consumed,
        "policy_id": clock.policy_id,
        "calendar_version": clock.calendar_version,
        "actor_id": actor.user.pk if actor.user else None,
        "actor_label": actor.label[:60],
    }


def event_of(clock: Clock, kind: str, *, actor: Actor, at: datetime, **more: Any) -> ClockEvent:
    """The same event as an object, not saved."""
    return ClockEvent(**event_values(clock, kind, actor=actor, at=at), **more)


def target_of(clock: Clock) -> int:
    """How many units a clock has in all, extensions included."""
    return int(clock.length + clock.extended)


def steps_of(clock: Clock) -> list[arithmetic.Rung]:
    """The moments of the clock's ladder as it runs now."""
    since = clock.resumed_at or clock.started_at
    return arithmetic.rungs(since, clock.due_at, clock.policy.ladder, share=clock.consumed / max(target_of(clock), 1))


def pending(clock: Clock, step: arithmetic.Rung) -> PendingRung:
    """The queue's row of one step; not saved."""
    return PendingRung(**_queued(clock, step))


def _queued(clock: Clock, step: arithmetic.Rung) -> dict[str, Any]:
    return {"fire_at": step.fire_at, "clock_id": clock.pk, "generation": clock.generation, "rung": step.number}


def first_queued(clocks: Sequence[Clock]) -> list[dict[str, Any]]:
    """The rows of the queue for clocks just started, as values; those of one rule and one time share their ladder."""
    ladders: dict[tuple[int, datetime, datetime], list[arithmetic.Rung]] = {}
    found = []
    for clock in clocks:
        key = (clock.policy_id, clock.started_at, clock.due_at)
        if key not in ladders:
            ladders[key] = steps_of(clock)
        found += [_queued(clock, step) for step in ladders[key]]
    return found
