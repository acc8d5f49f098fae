"""The working calendar: which days and minutes count. Pure: no Django, no clock of its own.

Working time is looked up, not walked: one array of working days and one of the minutes worked up to each of them answer
every question by bisection. Times are aware; days are those of Asia/Shanghai, which knows no daylight saving.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate, pairwise
from zoneinfo import ZoneInfo

CITY_TIME = ZoneInfo("Asia/Shanghai")
OFFICE_HOURS = ((time(8, 30), time(12, 0)), (time(13, 30), time(17, 30)))
DAY_MINUTES = 24 * 60

# Office hours of a day: begin and end of each interval in minutes since midnight, in order.
Spans = tuple[tuple[int, int], ...]


class CalendarError(Exception):
    """The calendar cannot answer: no working days or hours at all, or the date lies beyond the days it holds."""


def _minute(moment: time) -> int:
    return moment.hour * 60 + moment.minute


def spans_of(hours: Iterable[tuple[time, time]]) -> Spans:
    """Hours as minutes since midnight."""
    return tuple((_minute(start), _minute(end)) for start, end in hours)


DEFAULT_SPANS = spans_of(OFFICE_HOURS)


def check_spans(spans: Sequence[Sequence[int]]) -> Spans:
    """The intervals as they may stand in a calendar. Raises CalendarError when one is empty, or two overlap."""
    for begin, end in spans:
        if not 0 <= begin < end <= DAY_MINUTES:
            raise CalendarError("An interval of office hours must end after it begins, within one day.")
    for (_begin, end), (begin, _end) in pairwise(spans):
        if begin < end:
            raise CalendarError("Intervals of office hours must follow one another without overlap.")
    return tuple((begin, end) for begin, end in spans)


@dataclass(frozen=True)
class DayInfo:
    """One day. `is_confirmed` is False while the State Council has not published that year.

    `spans` are the hours of this day alone; None: those of its weekday.
    """

    day: date
    is_work: bool
    is_confirmed: bool = True
    spans: Spans | None = None
    note: str = ""


class Calendar:
    """Working days and office hours. Raises CalendarError when built without a single working minute.

    `hours` are those of every weekday, `weekday_spans` (0 is Monday) those of single ones: a Saturday's count on
    make-up working days only. `version` says which edit of the calendar this is; a clock remembers it.
    """

    def __init__(
        self,
        days: Iterable[DayInfo],
        hours: Sequence[tuple[time, time]] = OFFICE_HOURS,
        *,
        weekday_spans: Mapping[int, Spans] | None = None,
        version: int = 0,
    ):
        self.version = version
        ordered = sorted(days, key=lambda info: info.day)
        usual = check_spans(spans_of(hours))
        self._weekdays = {n: check_spans((weekday_spans or {}).get(n) or usual) for n in range(7)}
        self._own = {info.day: check_spans(info.spans) for info in ordered if info.spans is not None}
        self._notes = {info.day: info.note for info in ordered if info.note}
        self._work = [info.day for info in ordered if info.is_work]
        self._provisional = {info.day for info in ordered if not info.is_confirmed}
        # _minutes[n]: working minutes of the first n working days.
        self._minutes = [0]
        for day in self._work:
            minutes = sum(end - begin for begin, end in self.spans_on(day))
            if not minutes:
                raise CalendarError(f"{day} is a working day without office hours.")
            self._minutes.append(self._minutes[-1] + minutes)
        if not self._work:
            raise CalendarError("A calendar without working days or hours cannot set a deadline.")
        self._first, self._last = ordered[0].day, ordered[-1].day
        self._origin = self._first.toordinal()
        worked = {day.toordinal() - self._origin for day in self._work}
        # Working days up to and including each day: one look instead of a search.
        self._worked = list(accumulate(int(place in worked) for place in range((self._last - self._first).days + 1)))

    @property
    def first(self) -> date:
        """The first day it holds."""
        return self._first

    @property
    def last(self) -> date:
        """The last day it holds; deadlines beyond it are an error."""
        return self._last

    def spans_on(self, day: date) -> Spans:
        """The office hours that hold on `day` if it is worked, in minutes since midnight."""
        return self._own.get(day) or self._weekdays[day.weekday()]

    def note_on(self, day: date) -> str:
        """Name of the holiday, or what was written when the day was edited; empty for a usual day."""
        return self._notes.get(day, "")

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
        minutes = self._minutes[place]
        if place < len(self._work) and self._work[place] == local.date():
            now = _minute(local.time())
            minutes += sum(max(0, min(now, end) - start) for start, end in self.spans_on(local.date()))
        return minutes

    def add_work_minutes(self, start: datetime, minutes: int) -> datetime:
        """The moment (UTC) at which `minutes` working minutes have passed since `start`."""
        target = self.work_minutes_until(start) + minutes
        # The end of a day's work, not the beginning of the next: due at 17:30, not tomorrow 8:30.
        place = bisect_left(self._minutes, target) - 1
        if not 0 <= place < len(self._work):
            raise CalendarError(f"The working calendar ends on {self._last}.")
        rest = target - self._minutes[place]
        for begin, end in self.spans_on(self._work[place]):
            if rest <= end - begin:
                midnight = datetime.combine(self._work[place], time(), tzinfo=CITY_TIME)
                return (midnight + timedelta(minutes=begin + rest)).astimezone(UTC)
            rest -= end - begin
        raise CalendarError("unreachable: the rest of a day exceeds its hours")  # pragma: no cover
