from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.calendar import Calendar, CalendarError, DayInfo
from dispatch.clocks import CALENDAR_DAY, WALL_MINUTE, WORKING_DAY, WORKING_MINUTE, due_at, rungs

START = date(2026, 1, 1)
# 2026 around National Day: off 1–7 October, make-up work on 20 September and 10 October (domain-facts §1.14).
OFF = {date(2026, 10, d) for d in range(1, 8)} | {date(2026, 9, 25)}
MAKE_UP = {date(2026, 9, 20), date(2026, 10, 10)}


def year(days: int = 500) -> Calendar:
    def info(day: date) -> DayInfo:
        return DayInfo(day, day in MAKE_UP or (day.weekday() < 5 and day not in OFF))

    return Calendar(info(START + timedelta(days=i)) for i in range(days))


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


@pytest.mark.parametrize(
    ("start", "length", "unit", "due"),
    [
        ("2026-11-16T10:00", 7, CALENDAR_DAY, "2026-11-23T23:59:59"),
        ("2026-11-16T00:00", 7, CALENDAR_DAY, "2026-11-23T23:59:59"),
        ("2026-09-28T10:00", 2, WORKING_DAY, "2026-09-30T23:59:59"),
        ("2026-09-30T10:00", 1, WORKING_DAY, "2026-10-08T23:59:59"),
        ("2026-10-09T10:00", 1, WORKING_DAY, "2026-10-10T23:59:59"),
        ("2026-11-16T10:00", 120, WORKING_MINUTE, "2026-11-16T12:00"),
        ("2026-11-16T11:00", 120, WORKING_MINUTE, "2026-11-16T14:30"),
        ("2026-11-16T17:00", 60, WORKING_MINUTE, "2026-11-17T09:00"),
        ("2026-11-20T18:00", 60, WORKING_MINUTE, "2026-11-23T09:30"),
        ("2026-11-21T23:00", 240, WALL_MINUTE, "2026-11-22T03:00"),
    ],
)
def test_a_period_ends_where_the_law_says(start: str, length: int, unit: str, due: str) -> None:
    assert due_at(shanghai(start), length, unit, year()) == shanghai(due)


def test_a_legal_period_that_ends_on_a_holiday_ends_on_the_next_working_day() -> None:
    start = shanghai("2026-09-21T10:00")
    assert due_at(start, 15, CALENDAR_DAY, year(), ends_on_work_day=True) == shanghai("2026-10-08T23:59:59")
    assert due_at(start, 15, CALENDAR_DAY, year()) == shanghai("2026-10-06T23:59:59")


@given(
    start=st.datetimes(datetime(2026, 1, 5), datetime(2026, 12, 1)).map(
        lambda d: d.replace(second=0, microsecond=0, tzinfo=UTC)
    ),
    minutes=st.integers(1, 20_000),
)
def test_the_working_minutes_between_start_and_due_are_exactly_the_length(start: datetime, minutes: int) -> None:
    calendar = year()
    due = calendar.add_work_minutes(start, minutes)
    assert calendar.work_minutes_until(due) - calendar.work_minutes_until(start) == minutes


@given(start=st.dates(date(2026, 1, 5), date(2026, 12, 1)), count=st.integers(1, 100))
def test_the_working_days_between_start_and_due_are_exactly_the_length(start: date, count: int) -> None:
    calendar = year()
    due = calendar.add_work_days(start, count)
    passed = sum(calendar.is_work(start + timedelta(days=i)) for i in range(1, (due - start).days + 1))
    assert passed == count and calendar.is_work(due)


def test_a_calendar_without_a_working_day_is_refused() -> None:
    with pytest.raises(CalendarError):
        Calendar([DayInfo(START, False)])


def test_a_date_beyond_the_calendar_is_an_error_not_a_guess() -> None:
    with pytest.raises(CalendarError):
        year(30).add_work_days(START, 100)


def test_rungs_stand_before_and_after_the_due_second() -> None:
    start, due = shanghai("2026-11-16T00:00"), shanghai("2026-11-26T00:00")
    ladder = [{"name": "warn", "fraction": 0.5, "to": ["handler"]}, {"name": "due", "after": 0, "to": ["unit_leader"]}]
    found = rungs(start, due, ladder)
    assert [(r.number, r.fire_at) for r in found] == [
        (1, shanghai("2026-11-21T00:00")),
        (2, due + timedelta(seconds=1)),
    ]
