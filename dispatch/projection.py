"""A clock as a fold of its events: replayed it must equal the row, measured anew it follows an edited calendar or rule.

Pure: events are anything with the attributes of `ClockEvent`, in the order of their ids.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from dispatch.clocks import Meter, Stretch, used

RUNNING, PAUSED, MET, CANCELLED = "running", "paused", "met", "cancelled"


@dataclass(frozen=True)
class Figures:
    """The fields of a clock that its events decide, named as on the row."""

    started_at: datetime
    due_at: datetime
    resumed_at: datetime | None
    policy_id: int | None
    state: str = RUNNING
    generation: int = 1
    consumed: int = 0
    extended: int = 0
    paused_at: datetime | None = None
    paused_for: timedelta = timedelta(0)
    calendar_version: int = 0
    ended_at: datetime | None = None
    breached_at: datetime | None = None
    detected_at: datetime | None = None


def replay(events: Iterable[Any]) -> Figures:
    """Fold the events of one clock. Raises ValueError when they do not begin with its start."""
    figures: Figures | None = None
    for event in events:
        if event.kind == "start":
            figures = Figures(event.at, event.due_at, event.at, event.policy_id)
        elif figures is None:
            raise ValueError("the history of a clock begins with its start")
        else:
            figures = _after(figures, event)
        figures = replace(figures, calendar_version=event.calendar_version)
    if figures is None:
        raise ValueError("a clock without events")
    return figures


def _after(old: Figures, event: Any) -> Figures:
    if event.kind == "breach":
        return replace(old, breached_at=old.due_at, detected_at=event.at)
    new = replace(
        old,
        generation=old.generation + 1,
        due_at=event.due_at,
        consumed=event.consumed,
        policy_id=event.policy_id,
        **_turned(old, event),
    )
    if event.kind == "recompute" and new.breached_at is not None:
        breached_at, detected_at = judged(new, event.at)
        return replace(new, breached_at=breached_at, detected_at=detected_at)
    return new


def _turned(old: Figures, event: Any) -> dict[str, Any]:
    """What a turn changes besides the figures every event carries."""
    kind, at = event.kind, event.at
    if kind in {"stop", "cancel"}:
        return {"state": MET if kind == "stop" else CANCELLED, "ended_at": at}
    if kind == "pause":
        return {"state": PAUSED, "paused_at": at}
    if kind == "extend":
        return {"extended": old.extended + event.amount}
    if kind == "reset":
        fresh = replace(old, paused_at=None, paused_for=timedelta(0))
        return {"started_at": at, "extended": 0, **_runs_on(fresh, at)}
    if kind == "reopen":
        return {"ended_at": None, "state": RUNNING, **(_runs_on(old, at) if old.paused_at is not None else {})}
    return _runs_on(old, at) if kind == "resume" else {}


def _runs_on(old: Figures, at: datetime) -> dict[str, Any]:
    rested = max(at - old.paused_at, timedelta(0)) if old.paused_at is not None else timedelta(0)
    return {"state": RUNNING, "paused_at": None, "resumed_at": at, "paused_for": old.paused_for + rested}


def judged(clock: Any, at: datetime) -> tuple[datetime | None, datetime | None]:
    """(breached, detected) of a breached clock whose due date moved: late at the new date, or it never was."""
    return (clock.due_at, clock.detected_at) if clock.due_at < at else (None, None)


def measured(events: Iterable[Any], meter: Meter, length: int) -> int:
    """What the ended stretches of a clock have used up, read anew by a meter, for a term of `length` and extensions."""
    since: datetime | None = None
    paused = False
    consumed = extended = 0
    for event in events:
        if event.kind in {"start", "reset"}:
            since, paused, consumed, extended = event.at, False, 0, 0
        elif event.kind == "extend":
            extended += event.amount
        elif event.kind == "pause" and since is not None:
            consumed += used(meter, [Stretch(since, event.at)], length + extended - consumed)
            paused = True
        elif event.kind in {"resume", "reopen"} and paused:
            since, paused = event.at, False
    return consumed


def stretches(events: Iterable[Any]) -> list[Stretch]:
    """When the clock ran since its start or its newest reset; the last one has no end while it runs."""
    found: list[Stretch] = []
    for event in events:
        if event.kind in {"start", "reset"}:
            found = [Stretch(event.at)]
        elif event.kind == "pause" and found:
            found[-1] = Stretch(found[-1].since, event.at)
        elif event.kind in {"resume", "reopen"} and found and found[-1].until is not None:
            found.append(Stretch(event.at))
    return found
