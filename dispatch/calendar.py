"""The working calendar: which days and minutes count. Pure: no Django, no clock of its own.

Working time is looked up, not walked: one array of working days and one of their running minutes answer every question
by bisection. Times are aware; days are those of Asia/Shanghai, which knows no daylight saving.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

CITY_TIME = ZoneInfo("Asia/Shanghai")
OFFICE_HOURS = ((time(8, 30), time(12, 0)), (time(13, 30), time(17, 30)))


class CalendarError(Exception):
    """The calendar cannot answer: no working days at all, or the date lies beyond the days it holds."""


def _minute(moment: time) -> int:
    return moment.hour * 60 + moment.minute


@dataclass(frozen=True)
class DayInfo:
    """One day. `is_confirmed` is False while the State Council has not published that year."""

    day: date
    is_work: bool
    is_confirmed: bool = True


class Calendar:
    """Working days and office hours. Raises CalendarError when built without a single working day."""

    def __init__(self, days: Iterable[DayInfo], hours: Sequence[tuple[time, time]] = OFFICE_HOURS, *, version: int = 0):
        self.version = version
        ordered = sorted(days, key=lambda info: info.day)
        self._work = [info.day for info in ordered if info.is_work]
        self._provisional = {info.day for info in ordered if not info.is_confirmed}
        if not self._work or not hours:
            raise CalendarError("A calendar without working days or hours cannot set a deadline.")
        self._first, self._last = ordered[0].day, ordered[-1].day
        self._origin = self._first.toordinal()
        worked = {day.toordinal() - self._origin for day in self._work}
        # Working days up to and including each day: one look instead of a search.
        self._worked = list(accumulate(int(place in worked) for place in range((self._last - self._first).days + 1)))
        self._spans = [(_minute(start), _minute(end)) for start, end in hours]
        self.minutes_per_day = sum(end - start for start, end in self._spans)

    def is_work(self, day: date) -> bool:
        """True for a working day, make-up days included. Raises CalendarError beyond the calendar."""
        place = self._place(day)
        return self._worked[place] > (self._worked[place - 1] if place else 0)

    def is_provisional(self, day: date) -> bool:
        """True while the year of that day awaits the State Council's holiday notice."""
        return day in self._provisional

    def _within(self, day: date) -> None:
        if not self._first <= day <= self._last:
            raise CalendarError(f"The working calendar ends on {self._last}; {day} is beyond it.")

    def _place(self, day: date) -> int:
        """Where a day stands in the arrays. Raises CalendarError beyond them."""
        place = day.toordinal() - self._origin
        if not 0 <= place < len(self._worked):
            self._within(day)
        return place

    def work_days_until(self, day: date) -> int:
        """Working days from the calendar's first day to `day`, both included. Raises CalendarError beyond it."""
        return self._worked[self._place(day)]

    def add_work_days(self, start: date, count: int) -> date:
        """The `count`-th working day after `start`; the start day is not counted (Civil Code 201)."""
        place = self._worked[self._place(start)] + count - 1
        if place >= len(self._work):
            raise CalendarError(f"The working calendar ends on {self._last}.")
        return self._work[place]

    def next_work_day(self, day: date) -> date:
        """The day itself when it is worked, else the next working day (Civil Code 203)."""
        place = self._place(day)
        # As many working days came before it as its own position among them, worked or not.
        place = self._worked[place - 1] if place else 0
        if place >= len(self._work):
            raise CalendarError(f"The working calendar ends on {self._last}.")
        return self._work[place]

    def work_minutes_until(self, moment: datetime) -> int:
        """Working minutes from the calendar's first day to `moment`, whole minutes, rounded down."""
        local = moment.astimezone(CITY_TIME)
        self._within(local.date())
        place = bisect_left(self._work, local.date())
        minutes = place * self.minutes_per_day
        if place < len(self._work) and self._work[place] == local.date():
            now = _minute(local.time())
            minutes += sum(max(0, min(now, end) - start) for start, end in self._spans)
        return minutes

    def add_work_minutes(self, start: datetime, minutes: int) -> datetime:
        """The moment (UTC) at which `minutes` working minutes have passed since `start`."""
        target = self.work_minutes_until(start) + minutes
        place, rest = divmod(target, self.minutes_per_day)
        if rest == 0:
            # The end of a day's work, not the beginning of the next: due at 17:30, not tomorrow 8:30.
            place, rest = place - 1, self.minutes_per_day
        if place >= len(self._work) or place < 0:
            raise CalendarError(f"The working calendar ends on {self._last}.")
        for begin, end in self._spans:
            if rest <= end - begin:
                midnight = datetime.combine(self._work[place], time(), tzinfo=CITY_TIME)
                return (midnight + timedelta(minutes=begin + rest)).astimezone(UTC)
            rest -= end - begin
        raise CalendarError("unreachable: the rest of a day exceeds its hours")  # pragma: no cover
