"""The only code that writes clocks. Moves of petitions and orders start, stop, cancel and reopen them by rule."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Unit, User
from dispatch import clocks as arithmetic
from dispatch.calendar import Calendar
from dispatch.clock_rows import event_of, event_values, first_queued, steps_of, target_of
from dispatch.clock_rows import pending as pending
from dispatch.conditions import UNKNOWN, Facts, hold
from dispatch.models import Clock, ClockEvent, Firing, PendingRung, Policy, WorkOrder
from dispatch.rulebook import calendar, policies
from dispatch.rulebook import forget_cached_rules as forget_cached_rules
from dispatch.signals import subject_clocked
from petitions import actions as petitions
from petitions.inserts import build, insert, put
from petitions.models import NO_DEADLINE, Attachment, Petition, ReviewRequest
from petitions.states import Refused

# The rule whose length each assignment names for itself (Regulation on Petition Work, art. 22).
ASSIGNED_KEY = "D10_assigned"


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
    # Lengths of its own by rule, in the rule's unit.
    terms: Mapping[str, int] = field(default_factory=dict)

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
            terms={ASSIGNED_KEY: order.term_days} if order.term_days else {},
        )

    def owner(self, rule: Policy) -> Unit:
        """Whose clock it is: the subject's unit, unless the rule of a petition names the unit in the lead or its
        superior."""
        lead = self.petition.lead_unit if self.petition is not None and self.order is None else None
        if lead is None or rule.owed_by == Policy.OwedBy.OFFICE:
            return self.unit
        if rule.owed_by == Policy.OwedBy.SUPERIOR and self.petition is not None:
            return reviewing_organ(self.petition) or lead.parent or lead
        return lead


def reviewing_organ(petition: Petition) -> Unit | None:
    """Whose review is open, None for none."""
    row = ReviewRequest.objects.open().filter(petition=petition).select_related("target_unit").first()
    return row.target_unit if row is not None else None


def due_dates(
    urgency: str, at: datetime, *, is_anonymous: bool = False, term: int | None = None
) -> list[tuple[Policy, datetime]]:
    """What a dispatch at `at` would start, shown before sending: each rule with its due time (UTC).

    `term`: days an assignment would give for its closing report; None for a transfer.
    """
    rules = [p for p in policies() if p.subject == Policy.Subject.ORDER and "dispatch" in p.start_moves]
    facts = Facts(urgency=urgency, is_anonymous=is_anonymous, is_assigned=term is not None)
    return [(p, _due(p, at, term if p.key == ASSIGNED_KEY else None)) for p in rules if fits(p, facts)]


def starting_with(move: str, facts: Facts, at: datetime) -> list[tuple[Policy, datetime]]:
    """The petition's own clocks a move would start for these facts, each with its due time (UTC), first due first."""
    rules = [p for p in policies() if p.subject == Policy.Subject.PETITION and move in p.start_moves]
    return sorted(((p, _due(p, at)) for p in rules if fits(p, facts)), key=lambda row: row[1])


def fits(policy: Policy, facts: Facts) -> bool:
    """Whether a rule applies to what is known of its subject."""
    if policy.needs_person and facts.is_anonymous:
        return False
    return (not policy.urgencies or facts.urgency in policy.urgencies) and hold(policy.conditions, facts)


def meter_of(policy: Policy, by: Calendar | None = None) -> arithmetic.Meter:
    """What counts a rule's unit of time, by the calendar in force unless another is given."""
    return arithmetic.meter(policy.unit, by or calendar(), ends_on_work_day=policy.ends_on_work_day)


def _due(policy: Policy, at: datetime, term: int | None = None) -> datetime:
    return _after(policy.unit, policy.ends_on_work_day, calendar(), at, policy.length if term is None else term)


@lru_cache(maxsize=256)
def _after(unit: str, ends_on_work_day: bool, by: Calendar, at: datetime, length: int) -> datetime:
    # A table of petitions asks for the same due date a thousand times.
    return arithmetic.meter(unit, by, ends_on_work_day=ends_on_work_day).after(at, length)


def first_deadline(petition: Petition, at: datetime) -> tuple[datetime, datetime, str] | None:
    """The deadline `petitions_registered` will find nearest: (due, started, rule), or None when no rule fits."""
    facts = Facts.of(petition)
    found = [(_due(rule, at), at, rule.key) for rule in _registering() if fits(rule, facts) and not rule.is_right]
    return min(found) if found else None


def _registering() -> list[Policy]:
    return [p for p in policies() if p.subject == Policy.Subject.PETITION and "register" in p.start_moves]


def petitions_registered(rows: Sequence[Petition], *, actor: Actor, at: datetime) -> None:
    """Start the clocks of freshly registered petitions; five statements for any number of them."""
    subjects = [Subject.of_petition(petition) for petition in rows]
    wanted = [(rule, s) for rule in _registering() for s in subjects if fits(rule, s.facts)]
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
    # In order of ids: of several clocks of one rule only the last one can be taken up again.
    newest = {(clock.subject, clock.subject_id, clock.policy.key): clock.pk for clock in existing}
    for clock in existing:
        # A clock keeps the policy version it started under: an edited rule never re-judges it.
        name = move if clock.subject == subject.kind else f"{subject.kind}.{move}"
        kind = _turn_of(clock, name, at)
        if kind == "reopen" and not _runs_on(clock, newest[clock.subject, clock.subject_id, clock.policy.key], subject):
            continue
        if kind:
            turn(clock, kind, at=at, actor=actor)
    # One obligation is one clock: a start move while it runs is no second one.
    running = {c.policy.key for c in existing if c.state in _OPEN and c.subject == subject.kind}
    starting = [
        rule
        for rule in policies()
        if rule.subject == subject.kind
        and move in rule.start_moves
        and rule.key not in running
        and fits(rule, subject.facts)
    ]
    _start([(rule, subject) for rule in starting], actor=actor, at=at)
    if subject.petition is not None:
        for order in orders or {subject.order}:
            refresh(subject.petition, order)
    elif existing or starting:
        subject_clocked.send(Subject, subject=subject)


def _runs_on(clock: Clock, newest: int, subject: Subject) -> bool:
    """Whether a met clock can be taken up again: the last of its rule, and none from before the matter was reopened."""
    since = subject.petition.reopened_at if subject.petition is not None else None
    return clock.pk == newest and (since is None or clock.ended_at is None or clock.ended_at >= since)


def _touched(subject: Subject, move: str) -> QuerySet[Clock]:
    """The clocks of a subject, and those of other subjects of the same petition that its move ends."""
    own = Q(subject=subject.kind, subject_id=subject.pk)
    if subject.kind == Policy.Subject.PETITION:
        name = [f"{subject.kind}.{move}"]
        named = Q(policy__stop_moves__contains=name) | Q(policy__cancel_moves__contains=name)
        own |= Q(petition=subject.petition, subject=Policy.Subject.ORDER) & named
    return Clock.objects.filter(own).order_by("id")


def _turn_of(clock: Clock, move: str, at: datetime) -> str:
    """What a move does to a clock by its rule; '' when nothing. The first that fits counts: stopping before pausing.

    A clock past its due date runs on: neither a pause nor a fresh start undoes that it was late.
    """
    rule = clock.policy
    is_late = clock.state == Clock.State.RUNNING and at > clock.due_at
    for kind, moves in (
        ("stop", rule.stop_moves),
        ("cancel", rule.cancel_moves),
        ("reopen", rule.reopen_moves),
        ("pause", rule.pause_moves),
        ("resume", rule.resume_moves),
        ("reset", rule.reset_moves),
    ):
        if move in moves and clock.state in SOURCES[kind] and not (is_late and kind in {"pause", "reset"}):
            return kind
    return ""


def start_rules(rules: Iterable[Policy], subject: Subject, *, actor: Actor, at: datetime) -> None:
    """Start these rules on a subject, where no move of its own does."""
    _start([(rule, subject) for rule in rules], actor=actor, at=at)


def _start(wanted: Iterable[tuple[Policy, Subject]], *, actor: Actor, at: datetime) -> list[Clock]:
    version = calendar().version
    built = [
        build(
            Clock,
            policy=rule,
            subject=subject.kind,
            subject_id=subject.pk,
            petition=subject.petition,
            order=subject.order,
            unit=subject.owner(rule),
            asker=subject.asker,
            started_at=at,
            resumed_at=at,
            term=subject.terms.get(rule.key),
            due_at=_due(rule, at, subject.terms.get(rule.key)),
            calendar_version=version,
        )
        for rule, subject in wanted
    ]
    if not built:
        return []
    clocks = insert(built)
    put(ClockEvent, [event_values(clock, "start", actor=actor, at=at) for clock in clocks])
    put(PendingRung, first_queued(clocks))
    return clocks


def to_arm(clock: Clock, fired: Collection[int], *, at: datetime, again: bool) -> list[PendingRung]:
    """The rungs a clock still has before it.

    One that was told already is told `again` only when its moment has moved ahead of `at`, never for one that passed.
    """
    steps = steps_of(clock)
    return [pending(clock, s) for s in steps if s.number not in fired or (again and s.fire_at > at)]


# From which state each turn may be taken, and the state it leads to (None: it stays).
_OPEN = frozenset({Clock.State.RUNNING, Clock.State.PAUSED})
SOURCES: dict[str, frozenset[str]] = {
    "stop": _OPEN,
    "cancel": _OPEN,
    "reopen": frozenset({Clock.State.MET}),
    "pause": frozenset({Clock.State.RUNNING}),
    "resume": frozenset({Clock.State.PAUSED}),
    "extend": frozenset({Clock.State.RUNNING}),
    "reset": _OPEN,
}
_TARGETS = {
    "stop": Clock.State.MET,
    "cancel": Clock.State.CANCELLED,
    "reopen": Clock.State.RUNNING,
    "pause": Clock.State.PAUSED,
    "resume": Clock.State.RUNNING,
    "extend": Clock.State.RUNNING,
    "reset": Clock.State.RUNNING,
}


def turn(
    clock: Clock,
    kind: str,
    *,
    at: datetime,
    actor: Actor,
    reason: str = "",
    amount: int = 0,
    document: Attachment | None = None,
) -> Clock:
    """The one place where a clock's state changes after its start. The caller holds the row's lock.

    "stop" meets it (late is a breach dated at the due time), "cancel" ends it without judgement, "reopen" lets a met
    clock run on with its old due date, "pause" and "resume" leave a stretch out, "extend" adds `amount` units, "reset"
    starts the whole period anew at `at`. Pending rungs of the old generation go, those ahead are armed anew; a rung
    whose moment has passed never fires again. Raises Refused for a turn the state does not allow, for a pause,
    extension or reset of a clock past due, and for an extension beyond what the rule allows.
    """
    _check(clock, kind, at, amount)
    was_running = clock.state == Clock.State.RUNNING
    clock.state = _TARGETS[kind]
    _FIGURES[kind](clock, at, amount)
    if kind == "stop" and was_running and at > clock.due_at and clock.breached_at is None and not clock.policy.is_right:
        clock.breached_at, clock.detected_at = clock.due_at, at
        event_of(clock, "breach", actor=actor, at=at).save()
    clock.generation += 1
    PendingRung.objects.filter(clock_id=clock.pk).delete()
    if clock.state == Clock.State.RUNNING:
        told = told_rungs([clock.pk])[clock.pk]
        PendingRung.objects.bulk_create(to_arm(clock, told, at=at, again=kind != "reopen"))
    clock.save()
    event_of(clock, kind, actor=actor, at=at, reason=reason[:200], amount=amount, document=document).save()
    return clock


def _check(clock: Clock, kind: str, at: datetime, amount: int) -> None:
    if clock.state not in SOURCES[kind]:
        raise Refused(_("This deadline is %(state)s.") % {"state": clock.get_state_display()}, code="clock_state")
    if kind in {"pause", "extend", "reset"} and clock.state == Clock.State.RUNNING and at > clock.due_at:
        raise Refused(
            _("This deadline has passed; it can be neither paused nor extended any more."), code="clock_past_due"
        )
    most = clock.policy.extend_max - clock.extended
    if kind == "extend" and not 0 < amount <= most:
        raise Refused(
            _("This deadline may be extended by %(n)d more at most.") % {"n": max(most, 0)},
            field="amount",
            code="too_long",
        )


def _end(clock: Clock, at: datetime, amount: int) -> None:
    clock.ended_at = at


def _pause(clock: Clock, at: datetime, amount: int) -> None:
    stretch = arithmetic.Stretch(clock.resumed_at or clock.started_at, at)
    left = target_of(clock) - clock.consumed
    clock.consumed += arithmetic.used(meter_of(clock.policy), [stretch], left)
    clock.paused_at = at


def _resume(clock: Clock, at: datetime, amount: int) -> None:
    if clock.paused_at is not None:
        clock.paused_for += max(at - clock.paused_at, timedelta(0))
    clock.paused_at, clock.resumed_at = None, at
    _set_due(clock)


def _reopen(clock: Clock, at: datetime, amount: int) -> None:
    """The old due date stands, unless the clock was met while paused: then what was left runs from now on."""
    clock.ended_at = None
    if clock.paused_at is not None:
        _resume(clock, at, amount)


def _extend(clock: Clock, at: datetime, amount: int) -> None:
    clock.extended += amount
    _set_due(clock)


def _reset(clock: Clock, at: datetime, amount: int) -> None:
    clock.started_at = at
    clock.consumed = clock.extended = 0
    clock.paused_for = timedelta(0)
    clock.paused_at = None
    _resume(clock, at, amount)


_FIGURES: dict[str, Callable[[Clock, datetime, int], None]] = {
    "stop": _end,
    "cancel": _end,
    "reopen": _reopen,
    "pause": _pause,
    "resume": _resume,
    "extend": _extend,
    "reset": _reset,
}


def _set_due(clock: Clock) -> None:
    since = clock.resumed_at or clock.started_at
    clock.due_at = meter_of(clock.policy).after(since, target_of(clock) - clock.consumed)
    clock.calendar_version = calendar().version


def extended_due(clock: Clock, amount: int) -> datetime:
    """When a running clock would be due with `amount` units more."""
    since = clock.resumed_at or clock.started_at
    return meter_of(clock.policy).after(since, target_of(clock) + amount - clock.consumed)


def told_rungs(clock_ids: Sequence[int]) -> dict[int, set[int]]:
    """The rungs of these clocks that fired and were told, in whatever generation."""
    found: dict[int, set[int]] = {pk: set() for pk in clock_ids}
    rows = Firing.objects.filter(clock_id__in=clock_ids, announced_at__isnull=False, is_moot=False)
    for clock_id, rung in rows.values_list("clock_id", "rung"):
        found[clock_id].add(rung)
    return found


def hand_to(petition: Petition, unit: Unit) -> None:
    """The petition's own open obligations are now this office's; their dates stay. The caller holds the lock."""
    rows = Clock.objects.filter(petition=petition, order__isnull=True, state__in=_OPEN)
    rows.filter(policy__owed_by=Policy.OwedBy.OFFICE).update(unit=unit)


def hand_subject_to(kind: str, subject_id: int, unit: Unit) -> None:
    """The open obligations of another subject are now this unit's; their dates stay. The caller holds the lock."""
    Clock.objects.filter(subject=kind, subject_id=subject_id, state__in=_OPEN).update(unit=unit)


def refresh(petition: Petition, order: WorkOrder | None = None) -> None:
    """Copy the nearest running deadline onto the petition and the order, which lists are sorted by.

    Where only paused clocks are left there is no deadline, but the rule's name stays: lists say "paused".
    """
    # A right that lapses is nobody's deadline.
    rows = Clock.objects.filter(petition=petition, state__in=_OPEN, policy__is_right=False).select_related("policy")
    # What was promised stands in the record book; it is not whose turn it is (docs/adr/0029).
    rows = rows.exclude(subject=Policy.Subject.PROMISE)
    alive = sorted(rows, key=lambda c: (c.state != Clock.State.RUNNING, c.due_at, c.pk))
    nearest = alive[0] if alive else None
    petitions.set_deadlines([(petition.pk, *_copy(nearest))])
    petition.next_due_at, petition.next_due_from, petition.next_due_key = _copy(nearest)
    if order is not None:
        due, start, key = _copy(next((c for c in alive if c.order_id == order.pk), None))
        WorkOrder.objects.filter(pk=order.pk).update(next_due_at=due, next_due_from=start, next_due_key=key)
        order.next_due_at, order.next_due_from, order.next_due_key = due, start, key


def _copy(clock: Clock | None) -> tuple[datetime, datetime | None, str]:
    if clock is None:
        return NO_DEADLINE, None, ""
    return clock.due_at if clock.state == Clock.State.RUNNING else NO_DEADLINE, clock.started_at, clock.policy.key


def change_asker(kind: str, subject_ids: Sequence[int], person: User | None) -> None:
    """Somebody else waits for these obligations from now on. The caller holds the locks of their rows."""
    Clock.objects.filter(subject=kind, subject_id__in=subject_ids, state__in=_OPEN).update(asker=person)


def lag(at: datetime) -> timedelta:
    """How long the oldest rung that should have fired has been waiting at `at`; zero when none is."""
    oldest = PendingRung.objects.filter(fire_at__lte=at).order_by("fire_at").values_list("fire_at", flat=True).first()
    return at - oldest if oldest else timedelta(0)
