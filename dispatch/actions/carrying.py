"""A deadline that passes from one order to the next (docs/adr/0016); every other clock is `dispatch.actions.clocks`."""

from dataclasses import asdict
from datetime import datetime

from accounts.actors import Actor
from dispatch.actions import clocks
from dispatch.models import Clock, ClockEvent, PendingRung, Policy, WorkOrder
from dispatch.projection import replay


def carry_over(order: WorkOrder, since: WorkOrder, *, with_rest: bool = True, actor: Actor, at: datetime) -> None:
    """Give an order the feedback deadline of an earlier one: delay by the wrong unit is not the citizen's.

    The later of the two dates holds: the earlier order's own, or (`with_rest`) what the "rest" rules leave a unit that
    comes in late. The caller holds the locks and has started the other clocks of the order.
    """
    rows = Clock.objects.filter(order=since, policy__reopen_moves__contains=["send_back"]).select_related("policy")
    old = rows.order_by("-id").first()
    subject = clocks.Subject.of_order(order)
    rest = [rule for rule in _rules("rest", subject) if with_rest]
    if old is None:
        fresh = [rule for rule in _rules("dispatch", subject) if "send_back" in rule.reopen_moves]
        clocks.start_rules(fresh, subject, actor=actor, at=at)
    elif rest and clocks.meter_of(rest[0]).after(at, rest[0].length) > old.due_at:
        clocks.start_rules(rest, subject, actor=actor, at=at)
    else:
        _take_over(old, subject, actor=actor, at=at)
    clocks.refresh(order.petition, order)


def _rules(move: str, subject: clocks.Subject) -> list[Policy]:
    rules = [rule for rule in clocks.policies() if rule.subject == Policy.Subject.ORDER and move in rule.start_moves]
    return [rule for rule in rules if clocks.fits(rule, subject.facts)]


# What shaped the period; how the old clock ended is not the new one's history.
_SHAPING = {"start", "pause", "resume", "extend", "reset", "recompute"}


def _take_over(old: Clock, subject: clocks.Subject, *, actor: Actor, at: datetime) -> None:
    """The old clock's period with its history of pauses and extensions, on a new order; it runs, were it paused."""
    history = [event for event in old.events.order_by("id") if event.kind in _SHAPING]
    figures = replay(history)
    clock = Clock.objects.create(
        subject=subject.kind,
        subject_id=subject.pk,
        petition=subject.petition,
        order=subject.order,
        unit=subject.unit,
        asker=subject.asker,
        **asdict(figures),
    )
    for event in history:
        event.pk, event.clock = None, clock
        event.reason = event.reason or ("carried over" if event.kind == "start" else "")
    ClockEvent.objects.bulk_create(history)
    if clock.state == Clock.State.PAUSED:
        clocks.turn(clock, "resume", actor=actor, at=at)
    else:
        PendingRung.objects.bulk_create(clocks.pending(clock, step) for step in clocks.steps_of(clock))
