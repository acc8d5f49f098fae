"""What the case page says about its clocks: the line of the governing one, the list of all, and why each date."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.timezone import localdate, localtime
from django.utils.translation import gettext as _

from accounts.durations import Remaining, local_text, paused, remaining, span_text
from dispatch.actions.clocks import calendar, steps_of, target_of
from dispatch.calendar import CalendarError
from dispatch.ledger import amount_text
from dispatch.models import Clock, Policy
from dispatch.policies import RUNG_LABELS
from dispatch.rule_words import hours_words
from dispatch.states import ORDER_MOVES
from dispatch.timeline import rule_name
from petitions.states import MOVES, Move

# The move table of each subject, for the words of what starts a clock; later rooms add theirs.
SUBJECT_MOVES: dict[str, Mapping[str, Move]] = {Policy.Subject.ORDER: ORDER_MOVES}
# How much of the line lies beyond the due date, as a share of the term.
_TAIL = 1 / 3
# Labels closer than this (in % of the line) would overlap; the later one is left out.
_LABEL_GAP = 11


@dataclass(frozen=True)
class Mark:
    """A rung on the deadline line. `x` in % of its width; an empty label is a tick alone."""

    x: str
    label: str
    anchor: str
    is_due: bool = False


@dataclass(frozen=True)
class DeadlineLine:
    """The governing clock, drawn: percentages are strings with a dot, whatever the locale."""

    clock: Clock
    name: str
    left: Remaining | None
    elapsed: str
    due_x: str
    rest: str
    anchor: str
    marks: Sequence[Mark]
    used: str


def _x(value: float) -> str:
    return f"{min(100.0, max(0.0, value)):.2f}"


def _anchor(x: float) -> str:
    return "start" if x < 6 else "end" if x > 94 else "middle"


def line_of(clocks: Sequence[Clock], now: datetime) -> DeadlineLine | None:
    """The line of the running clock that is due first; None when none runs."""
    running = [c for c in clocks if c.state == Clock.State.RUNNING and not c.policy.is_right]
    running.sort(key=lambda c: c.due_at)
    if not running:
        return None
    clock = running[0]
    term = max(clock.due_at - clock.started_at, timedelta(minutes=1))
    width = term * (1 + _TAIL)

    def place(moment: datetime) -> float:
        return 100 * ((moment - clock.started_at) / width)

    elapsed, due = place(now), place(clock.due_at)
    return DeadlineLine(
        clock=clock,
        name=rule_name(clock.policy),
        left=remaining(clock.due_at, now, start=clock.started_at),
        elapsed=_x(elapsed),
        due_x=_x(due),
        rest=_x(100 - due),
        anchor=_anchor(elapsed),
        marks=_marks(clock, place, min(100.0, max(0.0, elapsed))),
        used=span_text(now - clock.started_at) if now > clock.started_at else "",
    )


def _marks(clock: Clock, place: Any, elapsed: float) -> list[Mark]:
    steps = steps_of(clock)
    taken = [elapsed]
    found = []
    # The due date gets its label first; what is left over goes to the warnings.
    for step in sorted(steps, key=lambda step: step.name != "due"):
        x = place(step.fire_at)
        if x > 100:
            continue
        is_due = step.name == "due"
        has_room = all(abs(x - other) >= _LABEL_GAP for other in taken)
        if has_room:
            taken.append(x)
        label = _("due") if is_due else str(RUNG_LABELS.get(step.name, step.name))
        found.append(Mark(_x(x), label if has_room else "", _anchor(x), is_due))
    return found


@dataclass(frozen=True)
class ClockRow:
    """One clock of the list."""

    clock: Clock
    name: str
    about: str
    left: Remaining | None
    verdict: str
    tone: str
    reasons: Sequence[str]


def rows_of(clocks: Sequence[Clock], now: datetime) -> list[ClockRow]:
    """All clocks: those that run first, by due date; then those that rest; then the ended ones, newest first."""
    running = sorted((c for c in clocks if c.state == Clock.State.RUNNING), key=lambda c: c.due_at)
    resting = [c for c in clocks if c.state == Clock.State.PAUSED]
    ended = sorted((c for c in clocks if c not in running and c not in resting), key=lambda c: c.pk, reverse=True)
    return [_row(clock, now) for clock in [*running, *resting, *ended]]


def resting_of(clocks: Sequence[Clock]) -> Clock | None:
    """The clock that rests, for a case in which none runs."""
    return next((c for c in clocks if c.state == Clock.State.PAUSED), None)


def _row(clock: Clock, now: datetime) -> ClockRow:
    verdict, tone = _verdict(clock)
    about = f"{clock.order.unit} {clock.order.seq:02d}" if clock.order else _("Petition")
    left = remaining(clock.due_at, now, start=clock.started_at) if clock.state == Clock.State.RUNNING else None
    return ClockRow(
        clock=clock,
        name=rule_name(clock.policy),
        about=about,
        left=paused() if clock.state == Clock.State.PAUSED else left,
        verdict=verdict,
        tone=tone,
        reasons=reasons(clock),
    )


def _verdict(clock: Clock) -> tuple[str, str]:
    if clock.state == Clock.State.CANCELLED:
        return _("ended without judgement"), "grey"
    if clock.state == Clock.State.MET and clock.ended_at:
        if clock.breached_at:
            return _("met late, by %(span)s") % {"span": span_text(clock.ended_at - clock.due_at)}, "red"
        return _("met"), "green"
    return "", ""


def length_text(policy: Policy, term: int | None = None) -> str:
    """`7 calendar days`, `2 hours`; `term` is a length of the clock's own."""
    return amount_text(policy.length if term is None else term, policy)


def reasons(clock: Clock) -> list[str]:
    """Why this date: what started the clock, how long it runs, how it is counted; computed from rule and calendar."""
    policy = clock.policy
    table = SUBJECT_MOVES.get(policy.subject, MOVES)
    starts = [_start_word(move, table) for move in policy.start_moves]
    words = {
        "event": _(" / ").join(starts),
        "at": local_text(clock.started_at),
        "length": length_text(policy, clock.term),
    }
    found = [_("Started by: %(event)s, %(at)s. Length: %(length)s.") % words, *_counting(clock)]
    if clock.extended:
        found.append(_("Extended by %(amount)s.") % {"amount": amount_text(clock.extended, policy)})
    if clock.state == Clock.State.PAUSED:
        words = {"at": local_text(clock.paused_at), "used": amount_text(clock.consumed, policy)}
        found.append(_("Paused since %(at)s with %(used)s used up; the rest runs from the day it goes on.") % words)
    elif clock.paused_for:
        found.append(_("It was paused for %(span)s, which is left out.") % {"span": span_text(clock.paused_for)})
    if policy.version > 1 or not policy.is_current:
        found.append(_("It keeps the version of the rule it started under (version %(n)d).") % {"n": policy.version})
    return found


def _start_word(move: str, table: Mapping[str, Move]) -> str:
    """Registration opens a petition and dispatch opens an order, so neither is a row of its own table."""
    if move in table:
        return str(table[move].label)
    return {"register": _("Registration"), "dispatch": _("Dispatch")}.get(move, move)


def _counting(clock: Clock) -> list[str]:
    policy = clock.policy
    if policy.unit == Policy.Unit.WALL_MINUTE:
        return [_("Hours run through nights, weekends and holidays.")]
    if policy.unit == Policy.Unit.WORKING_MINUTE:
        hours = hours_words(calendar().spans_on(localtime(clock.due_at).date()))
        return [_("Only office hours of working days count: %(hours)s.") % {"hours": hours}, *_provisional(clock)]
    first = _("The first day is not counted; the last day counts to its end (Civil Code, art. 201).")
    if policy.unit == Policy.Unit.WORKING_DAY:
        return [first, _("Only working days count, make-up workdays included."), *_provisional(clock)]
    return [first, *_last_day(clock)]


def _last_day(clock: Clock) -> list[str]:
    """Whether the last day was moved because nobody works on it (Civil Code, art. 203)."""
    if not clock.policy.ends_on_work_day:
        return [_("A service promise also ends on a day off; it is not moved.")]
    if clock.state == Clock.State.PAUSED:
        return []
    left = target_of(clock) - clock.consumed
    nominal = localdate(clock.resumed_at or clock.started_at) + timedelta(days=max(left, 0))
    due = localtime(clock.due_at).date()
    words = {"nominal": f"{nominal:%m-%d}", "due": f"{due:%m-%d}"}
    if due != nominal:
        moved = _("The last day would be %(nominal)s, a day off; so it ends on %(due)s (Civil Code, art. 203).")
        return [moved % words, *_provisional(clock)]
    return [
        _("The last day, %(due)s, is a working day; had it been a day off, the next working day would count.") % words
    ]


def _provisional(clock: Clock) -> list[str]:
    try:
        is_open = calendar().is_provisional(localtime(clock.due_at).date())
    except CalendarError:
        return []
    return [_("The holidays of that year are not published yet; the date is provisional.")] if is_open else []
