"""The only code that writes clocks. Moves of petitions and orders start, stop, cancel and reopen them by rule."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.db.models import Max, Q

from accounts.actors import Actor
from accounts.models import Unit, User
from dispatch import clocks as arithmetic
from dispatch.calendar import Calendar, DayInfo
from dispatch.models import Clock, ClockEvent, Day, Firing, PendingRung, Policy, WorkOrder
from petitions import actions as petitions
from petitions.inserts import insert
from petitions.models import NO_DEADLINE, Petition


@dataclass(frozen=True)
class Subject:
    """What clocks run on: a row of some kind, the unit that owes, and the one who waits for it."""

    kind: str
    pk: int
    unit: Unit
    petition: Petition | None = None
    order: WorkOrder | None = None
    asker: User | None = None
    urgency: str = ""
    is_anonymous: bool = False

    @classmethod
    def of_petition(cls, petition: Petition) -> "Subject":
        """A petition's own obligations are those of the office that registered it."""
        return cls(
            Policy.Subject.PETITION,
            petition.pk,
            petition.register_unit,
            petition=petition,
            urgency=petition.urgency,
            is_anonymous=petition.is_anonymous,
        )

    @classmethod
    def of_order(cls, order: WorkOrder) -> "Subject":
        return cls(
            Policy.Subject.ORDER,
            order.pk,
            order.unit,
            petition=order.petition,
            order=order,
            asker=order.dispatched_by,
            urgency=order.urgency,
            is_anonymous=order.petition.is_anonymous,
        )


# Rules and calendar change a few times a year and are read at every step.
_CACHE_SECONDS = 30
_cache: dict[str, tuple[float, Any]] = {}


def _cached(key: str, load: Any) -> Any:
    found = _cache.get(key)
    if found is None or found[0] < monotonic():
        found = (monotonic() + _CACHE_SECONDS, load())
        _cache[key] = found
    return found[1]


def forget_cached_rules() -> None:
    """Read rules and calendar afresh: after an edit in this process, and between tests."""
    _cache.clear()


def calendar() -> Calendar:
    """The working calendar from the table. Raises CalendarError while it is empty."""
    return _cached("calendar", lambda: Calendar(DayInfo(d.day, d.is_work, d.is_confirmed) for d in Day.objects.all()))


def policies() -> list[Policy]:
    """The rules in force."""
    return _cached("policies", lambda: list(Policy.objects.filter(is_current=True).order_by("key")))


def due_dates(urgency: str, at: datetime, *, is_anonymous: bool = False) -> list[tuple[Policy, datetime]]:
    """What a dispatch at `at` would start, shown before sending: each rule with its due time (UTC)."""
    rules = [p for p in policies() if p.subject == Policy.Subject.ORDER and "dispatch" in p.start_moves]
    return [(p, _due(p, at)) for p in rules if _fits(p, urgency, is_anonymous)]


def _fits(policy: Policy, urgency: str, is_anonymous: bool) -> bool:
    if policy.needs_person and is_anonymous:
        return False
    return not policy.urgencies or urgency in policy.urgencies


def _due(policy: Policy, at: datetime) -> datetime:
    return arithmetic.due_at(at, policy.length, policy.unit, calendar(), ends_on_work_day=policy.ends_on_work_day)


def first_deadline(petition: Petition, at: datetime) -> tuple[datetime, datetime, str] | None:
    """The deadline `petitions_registered` will find nearest: (due, started, rule), or None when no rule fits."""
    rules = [p for p in policies() if p.subject == Policy.Subject.PETITION and "register" in p.start_moves]
    found = [(_due(rule, at), at, rule.key) for rule in rules if _fits(rule, petition.urgency, petition.is_anonymous)]
    return min(found) if found else None


def petitions_registered(rows: Sequence[Petition], *, actor: Actor, at: datetime) -> None:
    """Start the clocks of freshly registered petitions; five statements for any number of them."""
    rules = [p for p in policies() if p.subject == Policy.Subject.PETITION and "register" in p.start_moves]
    subjects = [Subject.of_petition(petition) for petition in rows]
    wanted = [(rule, s) for rule in rules for s in subjects if _fits(rule, s.urgency, s.is_anonymous)]
    nearest: dict[int, Clock] = {}
    for clock in _start(wanted, actor=actor, at=at):
        first = nearest.get(clock.subject_id)
        nearest[clock.subject_id] = clock if first is None or clock.due_at < first.due_at else first
    told = {petition.pk: petition.next_due_at for petition in rows}
    petitions.set_deadlines(
        [(pk, c.due_at, c.started_at, c.policy.key) for pk, c in nearest.items() if told[pk] != c.due_at]
    )
    for petition in rows:
        if petition.pk in nearest:
            petition.next_due_at = nearest[petition.pk].due_at


def petition_moved(petition: Petition, move: str, *, actor: Actor, at: datetime) -> None:
    """Apply a petition's move to its own clocks."""
    subject_moved(Subject.of_petition(petition), move, actor=actor, at=at)


def order_moved(order: WorkOrder, move: str, *, actor: Actor, at: datetime) -> None:
    """Apply an order's move to its clocks."""
    subject_moved(Subject.of_order(order), move, actor=actor, at=at)


def subject_moved(subject: Subject, move: str, *, actor: Actor, at: datetime) -> None:
    """Apply a move to the clocks of its subject. The caller holds the lock of the subject's row (petition first)."""
    own = Clock.objects.filter(subject=subject.kind, subject_id=subject.pk)
    existing = list(own.select_related("policy").select_for_update(of=("self",)).order_by("id"))
    for clock in existing:
        # A clock keeps the policy version it started under: an edited rule never re-judges it.
        rule = clock.policy
        if clock.state == Clock.State.RUNNING and move in rule.stop_moves:
            turn(clock, "stop", at=at, actor=actor)
        elif clock.state == Clock.State.RUNNING and move in rule.cancel_moves:
            turn(clock, "cancel", at=at, actor=actor)
        elif clock.state == Clock.State.MET and move in rule.reopen_moves:
            turn(clock, "reopen", at=at, actor=actor)
    starting = [
        rule
        for rule in policies()
        if rule.subject == subject.kind
        and move in rule.start_moves
        and _fits(rule, subject.urgency, subject.is_anonymous)
    ]
    _start([(rule, subject) for rule in starting], actor=actor, at=at)
    if subject.petition is not None:
        refresh(subject.petition, subject.order)


def _start(wanted: Iterable[tuple[Policy, Subject]], *, actor: Actor, at: datetime) -> list[Clock]:
    built = [
        Clock(
            policy=rule,
            subject=subject.kind,
            subject_id=subject.pk,
            petition=subject.petition,
            order=subject.order,
            unit=subject.unit,
            asker=subject.asker,
            started_at=at,
            resumed_at=at,
            due_at=_due(rule, at),
        )
        for rule, subject in wanted
    ]
    if not built:
        return []
    clocks = insert(built)
    insert([ClockEvent(clock=c, at=at, kind="start", due_at=c.due_at, actor_label=actor.label) for c in clocks])
    insert([row for clock in clocks for row in _rungs(clock)])
    return clocks


def carry_over(order: WorkOrder, since: WorkOrder, *, with_rest: bool = True, actor: Actor, at: datetime) -> None:
    """Give an order the feedback deadline of an earlier one: delay by the wrong unit is not the citizen's.

    The later of the two dates holds: the earlier order's own, or (`with_rest`) what the "rest" rules leave a unit that
    comes in late (docs/adr/0016). The caller holds the locks and has started the other clocks of the order.
    """
    old = Clock.objects.filter(order=since, policy__reopen_moves__contains=["send_back"]).select_related("policy")
    clock = old.order_by("-id").first()
    subject = Subject.of_order(order)
    rest = [p for p in policies() if "rest" in p.start_moves and with_rest and _fits(p, subject.urgency, False)]
    if clock is None or (rest and _due(rest[0], at) > clock.due_at):
        fresh = rest if clock is not None else [p for p in _dispatch_rules(subject) if "send_back" in p.reopen_moves]
        _start([(rule, subject) for rule in fresh], actor=actor, at=at)
    else:
        _take_over(clock, subject, actor=actor)
    refresh(order.petition, order)


def _dispatch_rules(subject: Subject) -> list[Policy]:
    rules = [p for p in policies() if p.subject == Policy.Subject.ORDER and "dispatch" in p.start_moves]
    return [p for p in rules if _fits(p, subject.urgency, subject.is_anonymous)]


def _take_over(old: Clock, subject: Subject, *, actor: Actor) -> None:
    """The old clock's period, with its pauses and extensions, on a new subject."""
    clock = Clock.objects.create(
        policy=old.policy,
        subject=subject.kind,
        subject_id=subject.pk,
        petition=subject.petition,
        order=subject.order,
        unit=subject.unit,
        asker=subject.asker,
        started_at=old.started_at,
        consumed=old.consumed,
        extended=old.extended,
        resumed_at=old.resumed_at,
        paused_for=old.paused_for,
        calendar_version=old.calendar_version,
        due_at=old.due_at,
    )
    ClockEvent.objects.create(
        clock=clock, at=old.started_at, kind="start", due_at=old.due_at, actor_label=actor.label, reason="carried over"
    )
    PendingRung.objects.bulk_create(_rungs(clock))


def _rungs(clock: Clock, *, above: int = 0) -> list[PendingRung]:
    steps = arithmetic.rungs(clock.started_at, clock.due_at, clock.policy.ladder)
    return [
        PendingRung(fire_at=step.fire_at, clock_id=clock.pk, generation=clock.generation, rung=step.number)
        for step in steps
        if step.number > above
    ]


def turn(clock: Clock, kind: str, *, at: datetime, actor: Actor, reason: str = "") -> Clock:
    """The one place where a clock's state changes after its start. The caller holds the row's lock.

    "stop" meets it (late is a breach dated at the due time), "cancel" ends it without judgement, "reopen" lets a met
    clock run on with its old due date. Pending rungs of the old generation go; rungs that fired never fire again.
    """
    PendingRung.objects.filter(clock_id=clock.pk).delete()
    clock.generation += 1
    if kind == "reopen":
        clock.state, clock.ended_at = Clock.State.RUNNING, None
        fired = Firing.objects.filter(clock_id=clock.pk).aggregate(top=Max("rung"))["top"] or 0
        PendingRung.objects.bulk_create(_rungs(clock, above=fired))
    else:
        clock.state = Clock.State.MET if kind == "stop" else Clock.State.CANCELLED
        clock.ended_at = at
        if kind == "stop" and at > clock.due_at and clock.breached_at is None and not clock.policy.is_right:
            clock.breached_at, clock.detected_at = clock.due_at, at
    clock.save()
    ClockEvent.objects.create(
        clock=clock, at=at, kind=kind, due_at=clock.due_at, actor_label=actor.label, reason=reason
    )
    return clock


def refresh(petition: Petition, order: WorkOrder | None = None) -> None:
    """Copy the nearest running deadline onto the petition and the order, which lists are sorted by."""
    running = list(
        Clock.objects.filter(Q(petition=petition), state=Clock.State.RUNNING, policy__is_right=False)
        .select_related("policy")
        .order_by("due_at")
    )
    nearest = running[0] if running else None
    petitions.set_deadlines([(petition.pk, *_copy(nearest))])
    petition.next_due_at = nearest.due_at if nearest else NO_DEADLINE
    if order is not None:
        own = next((c for c in running if c.order_id == order.pk), None)
        due, start, key = _copy(own)
        WorkOrder.objects.filter(pk=order.pk).update(next_due_at=due, next_due_from=start, next_due_key=key)
        order.next_due_at = due


def _copy(clock: Clock | None) -> tuple[datetime, datetime | None, str]:
    return (clock.due_at, clock.started_at, clock.policy.key) if clock else (NO_DEADLINE, None, "")


def lag(at: datetime) -> timedelta:
    """How long the oldest rung that should have fired has been waiting at `at`; zero when none is."""
    oldest = PendingRung.objects.filter(fire_at__lte=at).order_by("fire_at").values_list("fire_at", flat=True).first()
    return at - oldest if oldest else timedelta(0)
