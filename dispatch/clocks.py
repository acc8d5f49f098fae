"""Deadline arithmetic: meters for units of time, terms that run, pause and grow, rungs. Pure, without Django.

A meter reads how many units have passed by a moment, and tells the moment after which so many more have passed. All
else is the same few lines for every unit: what is due is `meter.after(since, target - consumed)`, and a pause adds
`meter.reading(pause) - meter.reading(since)` to what is consumed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol

from dispatch.calendar import CITY_TIME, Calendar

CALENDAR_DAY, WORKING_DAY, WORKING_MINUTE, WALL_MINUTE = "calendar_day", "working_day", "working_minute", "wall_minute"

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)


def end_of_day(day: date) -> datetime:
    """23:59:59 of a Shanghai day, in UTC: the last second in which a day-long period can still be kept."""
    # Shanghai has been eight hours ahead all year since 1991, so this needs no look at the time zone's table.
    return datetime(day.year, day.month, day.day, 15, 59, 59, tzinfo=UTC)


def city_day(moment: datetime) -> date:
    """The Shanghai day a moment falls on."""
    return moment.astimezone(CITY_TIME).date()


class Meter(Protocol):
    """Counts one unit of time along the calendar."""

    def reading(self, moment: datetime) -> int:
        """Whole units passed by `moment`, from an origin of the meter's own."""

    def after(self, start: datetime, count: int) -> datetime:
        """When `count` more units have passed since `start` (aware UTC); the end of that day for units of days.

        `count` 0 or less is `start` itself, or the end of its day: nothing is due before it can be known.
        Raises CalendarError beyond the calendar.
        """


@dataclass(frozen=True, slots=True)
class CalendarDays:
    """The day of the start is not counted, the last counts to its end (Civil Code 201).

    `ends_on_work_day` moves a last day that is a holiday to the next working day (Civil Code 203).
    """

    calendar: Calendar
    ends_on_work_day: bool = False

    def reading(self, moment: datetime) -> int:
        return city_day(moment).toordinal()

    def after(self, start: datetime, count: int) -> datetime:
        last = city_day(start)
        if count > 0:
            last = date.fromordinal(last.toordinal() + count)
        return end_of_day(self.calendar.next_work_day(last) if self.ends_on_work_day else last)


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """Working days, make-up workdays included; the day of the start is not counted."""

    calendar: Calendar
    ends_on_work_day: bool = False

    def reading(self, moment: datetime) -> int:
        return self.calendar.work_days_until(city_day(moment))

    def after(self, start: datetime, count: int) -> datetime:
        day = city_day(start)
        if count > 0:
            return end_of_day(self.calendar.add_work_days(day, count))
        return end_of_day(self.calendar.next_work_day(day) if self.ends_on_work_day else day)


@dataclass(frozen=True, slots=True)
class WorkingMinutes:
    """Whole minutes of office hours."""

    calendar: Calendar

    def reading(self, moment: datetime) -> int:
        return self.calendar.work_minutes_until(moment)

    def after(self, start: datetime, count: int) -> datetime:
        return self.calendar.add_work_minutes(start, count) if count > 0 else start


@dataclass(frozen=True, slots=True)
class WallMinutes:
    """Minutes that run through nights and holidays (urgent classes)."""

    def reading(self, moment: datetime) -> int:
        return (moment - _EPOCH) // _MINUTE

    def after(self, start: datetime, count: int) -> datetime:
        return start + timedelta(minutes=max(count, 0))


def meter(unit: str, calendar: Calendar, *, ends_on_work_day: bool = False) -> Meter:
    """The meter of a unit of time. Raises ValueError for an unknown one."""
    if unit == CALENDAR_DAY:
        return CalendarDays(calendar, ends_on_work_day)
    if unit == WORKING_DAY:
        return WorkingDays(calendar, ends_on_work_day)
    if unit == WORKING_MINUTE:
        return WorkingMinutes(calendar)
    if unit == WALL_MINUTE:
        return WallMinutes()
    raise ValueError(f"unknown unit of time: {unit}")


def due_at(start: datetime, length: int, unit: str, calendar: Calendar, *, ends_on_work_day: bool = False) -> datetime:
    """When a period of `length` units that starts at `start` runs out (aware UTC).

    `ends_on_work_day` moves a last day that is a holiday: legal periods do so, service promises do not.
    Raises ValueError for an unknown unit and CalendarError beyond the calendar.
    """
    return meter(unit, calendar, ends_on_work_day=ends_on_work_day).after(start, length)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which a clock ran: from its start, or from where it was resumed, to its pause (None: still running)."""

    since: datetime
    until: datetime | None = None


def used(meter: Meter, stretches: Iterable[Stretch], target: int) -> int:
    """Units consumed by the stretches that have ended, never more than the target.

    The day a stretch begins is not counted, the day it is paused is; a stretch that ends in the days by which the last
    day was moved has used all there was.
    """
    passed = sum(meter.reading(s.until) - meter.reading(s.since) for s in stretches if s.until is not None)
    return max(min(passed, target), 0)


@dataclass(frozen=True)
class Rung:
    """One step of a ladder: when it fires and who hears. `number` orders the rungs of one clock."""

    number: int
    name: str
    fire_at: datetime
    recipients: tuple[str, ...]


def rungs(since: datetime, due: datetime, ladder: Sequence[Mapping[str, Any]], *, share: float = 0.0) -> list[Rung]:
    """The moments of a ladder. Each step has either a `fraction` of the term or `after` minutes past due.

    `since` begins the running stretch and `share` (0–1) is the part of the term that was used before it: a warning at
    0.7 of a term that was paused at 0.4 comes half-way between resumption and due date.
    """
    found = []
    for number, step in enumerate(ladder, start=1):
        if "fraction" in step:
            ahead = (step["fraction"] - share) / (1 - share) if share < 1 else 0.0
            fire_at = since + (due - since) * max(ahead, 0.0)
        else:
            # One second past due: at the due second itself the period is still kept.
            fire_at = due + timedelta(minutes=step["after"], seconds=1)
        found.append(Rung(number, step["name"], fire_at, tuple(step["to"])))
    return found
