"""The only code that writes clocks. Moves of petitions and orders start, stop, cancel and reopen them by rule."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, Q, QuerySet

from accounts.actors import Actor
from accounts.models import Unit, User
from dispatch import clocks as arithmetic
from dispatch.conditions import UNKNOWN, Facts, hold
from dispatch.models import Clock, ClockEvent, Firing, PendingRung, Policy, WorkOrder
from dispatch.rulebook import calendar, policies
from dispatch.rulebook import forget_cached_rules as forget_cached_rules
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
    facts: Facts = UNKNOWN

    @classmethod
    def of_petition(cls, petition: Petition) -> "Subject":
        """A petition's own obligations are those of the office that registered it."""
        return cls(
            Policy.Subject.PETITION,
            petition.pk,
            petition.register_unit,
            petition=petition,
            facts=Facts.of(petition),
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
            facts=Facts.of_order(order),
        )

    def owner(self, rule: Policy) -> Unit:
        """Whose clock it is: the subject's unit, unless the rule of a petition names the unit in the lead or its
        superior."""
        lead = self.petition.lead_unit if self.petition is not None and self.order is None else None
        if lead is None or rule.owed_by == Policy.OwedBy.OFFICE:
            return self.unit
        return (lead.parent or lead) if rule.owed_by == Policy.OwedBy.SUPERIOR else lead


def due_dates(urgency: str, at: datetime, *, is_anonymous: bool = False) -> list[tuple[Policy, datetime]]:
    """What a dispatch at `at` would start, shown before sending: each rule with its due time (UTC)."""
    rules = [p for p in policies() if p.subject == Policy.Subject.ORDER and "dispatch" in p.start_moves]
    facts = Facts(urgency=urgency, is_anonymous=is_anonymous)
    return [(p, _due(p, at)) for p in rules if _fits(p, facts)]


def _fits(policy: Policy, facts: Facts) -> bool:
    if policy.needs_person and facts.is_anonymous:
        return False
    return (not policy.urgencies or facts.urgency in policy.urgencies) and hold(policy.conditions, facts)


def _due(policy: Policy, at: datetime) -> datetime:
    return arithmetic.due_at(at, policy.length, policy.unit, calendar(), ends_on_work_day=policy.ends_on_work_day)


def first_deadline(petition: Petition, at: datetime) -> tuple[datetime, datetime, str] | None:
    """The deadline `petitions_registered` will find nearest: (due, started, rule), or None when no rule fits."""
    rules = [p for p in policies() if p.subject == Policy.Subject.PETITION and "register" in p.start_moves]
    facts = Facts.of(petition)
    found = [(_due(rule, at), at, rule.key) for rule in rules if _fits(rule, facts) and not rule.is_right]
    return min(found) if found else None


def petitions_registered(rows: Sequence[Petition], *, actor: Actor, at: datetime) -> None:
    """Start the clocks of freshly registered petitions; five statements for any number of them."""
    rules = [p for p in policies() if p.subject == Policy.Subject.PETITION and "register" in p.start_moves]
    subjects = [Subject.of_petition(petition) for petition in rows]
    wanted = [(rule, s) for rule in rules for s in subjects if _fits(rule, s.facts)]
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
    """Apply a move to the clocks of its subject. The caller holds the lock of the subject's row (petition first).

    A petition's move also reaches clocks of its work orders whose rules name it as `petition.<move>`.
    """
    existing = list(_touched(subject, move).select_related("policy", "order").select_for_update(of=("self",)))
    orders = {clock.order for clock in existing if clock.subject != subject.kind}
    for clock in existing:
        # A clock keeps the policy version it started under: an edited rule never re-judges it.
        rule, name = clock.policy, move if clock.subject == subject.kind else f"{subject.kind}.{move}"
        if clock.state == Clock.State.RUNNING and name in rule.stop_moves:
            turn(clock, "stop", at=at, actor=actor)
        elif clock.state == Clock.State.RUNNING and name in rule.cancel_moves:
            turn(clock, "cancel", at=at, actor=actor)
        elif clock.state == Clock.State.MET and name in rule.reopen_moves:
            turn(clock, "reopen", at=at, actor=actor)
    # One obligation is one clock: a start move while it runs is no second one.
    open_states = {Clock.State.RUNNING, Clock.State.PAUSED}
    running = {c.policy.key for c in existing if c.state in open_states and c.subject == subject.kind}
    starting = [
        rule
        for rule in policies()
        if rule.subject == subject.kind
        and move in rule.start_moves
        and rule.key not in running
        and _fits(rule, subject.facts)
    ]
    _start([(rule, subject) for rule in starting], actor=actor, at=at)
    if subject.petition is not None:
        for order in orders or {subject.order}:
            refresh(subject.petition, order)


def _touched(subject: Subject, move: str) -> QuerySet[Clock]:
    """The clocks of a subject, and those of other subjects of the same petition that its move ends."""
    own = Q(subject=subject.kind, subject_id=subject.pk)
    if subject.kind == Policy.Subject.PETITION:
        name = [f"{subject.kind}.{move}"]
        named = Q(policy__stop_moves__contains=name) | Q(policy__cancel_moves__contains=name)
        own |= Q(petition=subject.petition, subject=Policy.Subject.ORDER) & named
    return Clock.objects.filter(own).order_by("id")


def _start(wanted: Iterable[tuple[Policy, Subject]], *, actor: Actor, at: datetime) -> list[Clock]:
    built = [
        Clock(
            policy=rule,
            subject=subject.kind,
            subject_id=subject.pk,
            petition=subject.petition,
            order=subject.order,
            unit=subject.owner(rule),
            asker=subject.asker,
            started_at=at,
            resumed_at=at,
            due_at=_due(rule, at),
            calendar_version=calendar().version,
        )
        for rule, subject in wanted
    ]
    if not built:
        return []
    clocks = insert(built)
    insert([ClockEvent(clock=c, at=at, kind="start", due_at=c.due_at, actor_label=actor.label) for c in clocks])
    insert([row for clock in clocks for row in _rungs(clock)])
    return clocks


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
        if kind == "stop" and at > clock.due_at and clock.breached_at is None:
            clock.breached_at, clock.detected_at = clock.due_at, at
    clock.save()
    ClockEvent.objects.create(
        clock=clock, at=at, kind=kind, due_at=clock.due_at, actor_label=actor.label, reason=reason
    )
    return clock


def refresh(petition: Petition, order: WorkOrder | None = None) -> None:
    """Copy the nearest running deadline onto the petition and the order, which lists are sorted by."""
    running = list(
        # A right that lapses is nobody's deadline.
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
