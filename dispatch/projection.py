"""A clock as a fold of its events: replayed it must equal the row, measured anew it follows an edited calendar or rule.

Pure: events are anything with the attributes of `ClockEvent`, in the order of their ids.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dispatch.clocks import Meter, Stretch, used

RUNNING, PAUSED, MET, CANCELLED = "running", "paused", "met", "cancelled"


@dataclass
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
            _apply(figures, event)
        figures.calendar_version = event.calendar_version
    if figures is None:
        raise ValueError("a clock without events")
    return figures


def _apply(figures: Figures, event: Any) -> None:
    if event.kind == "breach":
        figures.breached_at, figures.detected_at = figures.due_at, event.at
        return
    was_running = figures.state == RUNNING
    figures.generation += 1
    _turn(figures, event)
    figures.due_at, figures.consumed, figures.policy_id = event.due_at, event.consumed, event.policy_id
    if event.kind == "stop" and was_running and event.at > figures.due_at and figures.breached_at is None:
        figures.breached_at, figures.detected_at = figures.due_at, event.at
    if event.kind == "recompute" and figures.breached_at is not None:
        judge(figures, event.at)


def _turn(figures: Figures, event: Any) -> None:
    if event.kind in {"stop", "cancel"}:
        figures.state, figures.ended_at = (MET if event.kind == "stop" else CANCELLED), event.at
    elif event.kind == "pause":
        figures.state, figures.paused_at = PAUSED, event.at
    elif event.kind == "extend":
        figures.extended += event.amount
    elif event.kind == "reset":
        figures.started_at, figures.extended, figures.paused_for = event.at, 0, timedelta(0)
        figures.paused_at = None
        _run_on(figures, event.at)
    elif event.kind == "reopen":
        figures.ended_at = None
        if figures.paused_at is not None:
            _run_on(figures, event.at)
        figures.state = RUNNING
    elif event.kind == "resume":
        _run_on(figures, event.at)


def _run_on(figures: Figures, at: datetime) -> None:
    if figures.paused_at is not None:
        figures.paused_for += max(at - figures.paused_at, timedelta(0))
    figures.state, figures.paused_at, figures.resumed_at = RUNNING, None, at


def judge(clock: Any, at: datetime) -> None:
    """After the due date of a breached clock moved: it was late at the new date, or never was."""
    if clock.due_at < at:
        clock.breached_at = clock.due_at
    else:
        clock.breached_at = clock.detected_at = None


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
