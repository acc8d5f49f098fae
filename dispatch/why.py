"""Why this date: a clock told day by day, from the projection of its events and the calendar; nothing is stored."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from dispatch import projection
from dispatch.calendar import Calendar
from dispatch.clocks import Meter, Stretch, city_day, end_of_day, meter
from dispatch.models import Clock, ClockEvent, Policy

_SECOND = timedelta(seconds=1)
# Longer than any legal period with its extensions; a pause may be longer, and is cut short in the middle.
MOST_DAYS = 420


class Kind(models.TextChoices):
    """What a day is in the count of a clock."""

    START = "start", _("first day, not counted")
    RESUMED = "resumed", _("day of resumption, not counted")
    COUNTED = "counted", _("counted")
    MAKE_UP = "make_up", _("make-up workday, counted")
    WEEKEND = "weekend", _("weekend, not counted")
    HOLIDAY = "holiday", _("holiday, not counted")
    PAUSED = "paused", _("paused, not counted")
    MOVED = "moved", _("last day moved")
    OUT_OF_HOURS = "idle", _("no office hours in the period")


@dataclass(frozen=True)
class DayMark:
    """One Shanghai day. `amount` units of the rule are counted on it, `total` up to and including it."""

    day: date
    kind: Kind
    amount: int
    total: int
    holiday: str = ""
    is_due: bool = False
    is_end: bool = False
    is_provisional: bool = False

    @property
    def is_counted(self) -> bool:
        return self.amount > 0

    @property
    def holiday_label(self) -> str:
        """The holiday in the interface language; what an operator wrote stays as it is."""
        return str(HOLIDAYS.get(self.holiday, self.holiday))


@dataclass(frozen=True)
class Explanation:
    """Everything the page and the API say about a due date."""

    clock: Clock
    policy: Policy
    target: int
    due_at: datetime | None
    nominal_day: date | None
    days: Sequence[DayMark]
    events: Sequence[ClockEvent]
    stretches: Sequence[Stretch]
    is_cut: bool = False
    kinds: Sequence[Kind] = field(default_factory=list)

    @property
    def is_provisional(self) -> bool:
        """A day of it lies in a year whose holidays are not published yet."""
        return any(mark.is_provisional for mark in self.days)

    @property
    def counted(self) -> int:
        """Units counted on all days shown; the whole target unless the clock rests or has ended early."""
        return self.days[-1].total if self.days else 0


def explain(clock: Clock, events: Sequence[ClockEvent], calendar: Calendar, at: datetime) -> Explanation:
    """The explanation of a clock as of `at`. `events` are its own, in order, with policy and actor loaded."""
    policy = clock.policy
    counts = meter(policy.unit, calendar, ends_on_work_day=policy.ends_on_work_day)
    ran = projection.stretches(events) or [Stretch(clock.started_at)]
    due_at = None if clock.state == Clock.State.PAUSED else clock.due_at
    target = clock.length + clock.extended
    marks = list(_marks(clock, counts, ran, due_at, target, calendar, at))
    nominal = next((mark.day for mark in marks if mark.total >= target), None) if due_at else None
    return Explanation(
        clock=clock,
        policy=policy,
        target=target,
        due_at=due_at,
        nominal_day=nominal,
        days=marks,
        events=events,
        stretches=ran,
        is_cut=len(marks) == MOST_DAYS,
        kinds=[kind for kind in Kind if any(mark.kind == kind for mark in marks)],
    )


def _marks(
    clock: Clock,
    counts: Meter,
    ran: Sequence[Stretch],
    due_at: datetime | None,
    target: int,
    calendar: Calendar,
    at: datetime,
) -> Iterator[DayMark]:
    limit = due_at or max(at, ran[-1].until or at)
    last = city_day(limit)
    day, total = city_day(clock.started_at), 0
    for _n in range(MOST_DAYS):
        if day > last:
            return
        amount = max(min(_counted(day, clock.policy, counts, ran, limit), target - total), 0)
        is_full = total >= target
        total += amount
        yield DayMark(
            day=day,
            kind=_kind(day, clock.policy, ran, amount, is_full, calendar),
            amount=amount,
            total=total,
            holiday="" if calendar.is_work(day) and day.weekday() < 5 else calendar.note_on(day),
            is_due=due_at is not None and day == last,
            is_end=clock.ended_at is not None and day == city_day(clock.ended_at),
            is_provisional=calendar.is_provisional(day),
        )
        day += timedelta(days=1)


def _counted(day: date, policy: Policy, counts: Meter, ran: Iterable[Stretch], limit: datetime) -> int:
    """Units of one day: what the meter reads at its end less what it read at its beginning, within the stretches."""
    # A day counts at its end; minutes run from midnight to midnight.
    edge = timedelta(0) if is_by_day(policy) else _SECOND
    begin, end = end_of_day(day - timedelta(days=1)) + edge, end_of_day(day) + edge
    amount = 0
    for stretch in ran:
        since, until = max(begin, stretch.since), min(end, stretch.until or limit)
        if until > since:
            amount += counts.reading(until) - counts.reading(since)
    return amount


def is_by_day(policy: Policy) -> bool:
    """True for rules that count whole days."""
    return policy.unit in {Policy.Unit.CALENDAR_DAY, Policy.Unit.WORKING_DAY}


def _kind(day: date, policy: Policy, ran: Sequence[Stretch], amount: int, is_full: bool, calendar: Calendar) -> Kind:
    if amount:
        is_make_up = policy.unit != Policy.Unit.CALENDAR_DAY and day.weekday() >= 5 and calendar.is_work(day)
        return Kind.MAKE_UP if is_make_up and policy.unit != Policy.Unit.WALL_MINUTE else Kind.COUNTED
    if day == city_day(ran[0].since):
        return Kind.START if is_by_day(policy) else Kind.OUT_OF_HOURS
    if is_by_day(policy) and any(day == city_day(stretch.since) for stretch in ran):
        return Kind.RESUMED
    if not any(city_day(s.since) <= day and (s.until is None or day <= city_day(s.until)) for s in ran):
        return Kind.PAUSED
    if is_full:
        return Kind.MOVED
    if calendar.is_work(day):
        return Kind.OUT_OF_HOURS
    return Kind.HOLIDAY if calendar.note_on(day) or day.weekday() < 5 else Kind.WEEKEND


def weeks(days: Sequence[DayMark]) -> list[list[DayMark | None]]:
    """The days in rows from Monday to Sunday, padded with None."""
    if not days:
        return []
    cells: list[DayMark | None] = [None] * days[0].day.weekday() + list(days)
    cells += [None] * (-len(cells) % 7)
    return [cells[n : n + 7] for n in range(0, len(cells), 7)]


# Names of holidays as the calendar's source writes them.
HOLIDAYS: dict[str, Any] = {
    "New Year's Day": _("New Year's Day"),
    "Spring Festival": _("Spring Festival"),
    "Tomb-sweeping Day": _("Tomb-sweeping Day"),
    "Labour Day": _("Labour Day"),
    "Dragon Boat Festival": _("Dragon Boat Festival"),
    "National Day": _("National Day"),
    "Mid-autumn Festival": _("Mid-autumn Festival"),
}
