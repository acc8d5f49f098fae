"""Deadline arithmetic: from a start, a length and a unit to a due time and its rungs. Pure, without Django."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from dispatch.calendar import CITY_TIME, Calendar

CALENDAR_DAY, WORKING_DAY, WORKING_MINUTE, WALL_MINUTE = "calendar_day", "working_day", "working_minute", "wall_minute"


def end_of_day(day: Any) -> datetime:
    """23:59:59 of a Shanghai day, in UTC: the last second in which a day-long period can still be kept."""
    return datetime.combine(day, time(23, 59, 59), tzinfo=CITY_TIME).astimezone(UTC)


def due_at(start: datetime, length: int, unit: str, calendar: Calendar, *, ends_on_work_day: bool = False) -> datetime:
    """When a period of `length` units that starts at `start` runs out (aware UTC).

    Days: the first day is not counted, the last counts to its end (Civil Code 201). `ends_on_work_day` moves a last
    day that is a holiday to the next working day (Civil Code 203): legal periods do, service promises do not.
    Minutes: wall minutes run through nights, working minutes only in office hours. Raises ValueError for an unknown
    unit and CalendarError beyond the calendar.
    """
    if unit == WALL_MINUTE:
        return start + timedelta(minutes=length)
    if unit == WORKING_MINUTE:
        return calendar.add_work_minutes(start, length)
    day = start.astimezone(CITY_TIME).date()
    if unit == WORKING_DAY:
        return end_of_day(calendar.add_work_days(day, length))
    if unit == CALENDAR_DAY:
        last = day + timedelta(days=length)
        return end_of_day(calendar.next_work_day(last) if ends_on_work_day else last)
    raise ValueError(f"unknown unit of time: {unit}")


@dataclass(frozen=True)
class Rung:
    """One step of a ladder: when it fires and who hears. `number` orders the rungs of one clock."""

    number: int
    name: str
    fire_at: datetime
    recipients: tuple[str, ...]


def rungs(start: datetime, due: datetime, ladder: Sequence[Mapping[str, Any]]) -> list[Rung]:
    """The moments of a ladder. Each step has either `fraction` of start–due or `after` minutes past due."""
    found = []
    for number, step in enumerate(ladder, start=1):
        if "fraction" in step:
            fire_at = start + (due - start) * step["fraction"]
        else:
            # One second past due: at the due second itself the period is still kept.
            fire_at = due + timedelta(minutes=step["after"], seconds=1)
        found.append(Rung(number, step["name"], fire_at, tuple(step["to"])))
    return found
