"""Clocks for any calendar, length, pause and extension: what is counted is what the rule gives, and nothing else."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dispatch.calendar import CITY_TIME, Calendar, DayInfo
from dispatch.clocks import (
    CALENDAR_DAY,
    WALL_MINUTE,
    WORKING_DAY,
    WORKING_MINUTE,
    Stretch,
    city_day,
    end_of_day,
    meter,
    rungs,
    used,
)

FIRST = date(2026, 1, 1)
DAYS = 900
UNITS = (CALENDAR_DAY, WORKING_DAY, WORKING_MINUTE, WALL_MINUTE)
BY_DAY = (CALENDAR_DAY, WORKING_DAY)

minutes = st.integers(0, 250 * 24 * 60).map(lambda n: datetime(2026, 1, 8, tzinfo=UTC) + timedelta(minutes=n))
moments = st.builds(lambda moment, seconds: moment + timedelta(seconds=seconds), minutes, st.integers(0, 59))
units = st.sampled_from(UNITS)
lengths = st.integers(1, 90)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """Monday to Friday with holidays taken out, make-up days put in, and one to three office intervals a day."""
    holidays = draw(st.sets(st.integers(0, DAYS - 1), max_size=120))
    make_up = draw(st.sets(st.integers(0, DAYS - 1), max_size=40))
    edges = sorted(draw(st.sets(st.integers(0, 24 * 60 - 1), min_size=2, max_size=6)))
    hours = [
        (time(begin // 60, begin % 60), time(end // 60, end % 60))
        for begin, end in zip(edges[::2], edges[1::2], strict=False)
    ]
    days = []
    for n in range(DAYS):
        day = FIRST + timedelta(days=n)
        days.append(DayInfo(day, n in make_up or (day.weekday() < 5 and n not in holidays)))
    return Calendar(days, hours)


def counts(calendar: Calendar, unit: str, day: date) -> bool:
    return unit == CALENDAR_DAY or calendar.is_work(day)


# ---- one stretch ----


@given(calendars(), units, moments, lengths)
def test_from_start_to_due_exactly_the_length_is_counted(
    calendar: Calendar, unit: str, start: datetime, length: int
) -> None:
    m = meter(unit, calendar)
    assert m.reading(m.after(start, length)) - m.reading(start) == length


@given(calendars(), st.sampled_from(BY_DAY), moments, lengths)
def test_the_due_day_is_the_one_a_walk_over_the_days_finds(
    calendar: Calendar, unit: str, start: datetime, length: int
) -> None:
    day, left = city_day(start), length
    while left:
        day += timedelta(days=1)
        left -= counts(calendar, unit, day)
    assert meter(unit, calendar).after(start, length) == end_of_day(day)


@given(calendars(), moments, st.integers(1, 500))
def test_the_due_minute_is_the_one_a_walk_over_the_minutes_finds(
    calendar: Calendar, start: datetime, length: int
) -> None:
    assume(max(sum(e - b for b, e in calendar.spans_on(FIRST + timedelta(days=n))) for n in range(7)) > 60)
    moment, left = start.replace(second=0), length
    while left:
        local = moment.astimezone(CITY_TIME)
        minute = local.hour * 60 + local.minute
        is_open = calendar.is_work(local.date()) and any(b <= minute < e for b, e in calendar.spans_on(local.date()))
        left -= is_open
        moment += timedelta(minutes=1)
    assert meter(WORKING_MINUTE, calendar).after(start, length) == moment


@given(calendars(), units, moments, moments, lengths)
def test_who_starts_later_is_never_due_earlier(
    calendar: Calendar, unit: str, one: datetime, other: datetime, length: int
) -> None:
    first, second = sorted((one, other))
    m = meter(unit, calendar)
    assert m.after(first, length) <= m.after(second, length)
    assert m.reading(first) <= m.reading(second)


@given(calendars(), units, moments, lengths)
def test_a_longer_term_is_due_later(calendar: Calendar, unit: str, start: datetime, length: int) -> None:
    m = meter(unit, calendar)
    assert start <= m.after(start, length) < m.after(start, length + 1)


@given(calendars(), moments, lengths)
def test_a_moved_last_day_is_the_next_working_day_and_no_further(
    calendar: Calendar, start: datetime, length: int
) -> None:
    nominal = city_day(meter(CALENDAR_DAY, calendar).after(start, length))
    due = city_day(meter(CALENDAR_DAY, calendar, ends_on_work_day=True).after(start, length))
    assert due >= nominal and calendar.is_work(due)
    assert not any(calendar.is_work(nominal + timedelta(days=n)) for n in range((due - nominal).days))


# ---- pauses and extensions ----


def course(
    m, start: datetime, length: int, gaps: Sequence[tuple[int, int, int]]
) -> tuple[list[Stretch], int, datetime]:
    """A clock through pauses and extensions: (run minutes, pause minutes, extension) each; (stretches, target, due)."""
    ran, target, since, due = [], length, start, m.after(start, length)
    for run, rest, more in gaps:
        if more:
            target += more
            due = m.after(since, target - used(m, ran, target))
        pause = since + timedelta(minutes=run)
        if pause > due:
            break
        ran.append(Stretch(since, pause))
        since = pause + timedelta(minutes=rest)
        due = m.after(since, target - used(m, ran, target))
    return [*ran, Stretch(since)], target, due


gaps = st.lists(
    st.tuples(st.integers(0, 6000), st.integers(0, 30_000), st.one_of(st.just(0), st.integers(1, 20))), max_size=5
)


@given(calendars(), units, moments, lengths, gaps)
def test_with_the_pauses_left_out_exactly_the_target_is_counted(
    calendar: Calendar, unit: str, start: datetime, length: int, gaps: list[tuple[int, int, int]]
) -> None:
    m = meter(unit, calendar)
    ran, target, due = course(m, start, length, gaps)
    passed = sum(m.reading(s.until or due) - m.reading(s.since) for s in ran)
    assert passed == target
    assert due >= ran[-1].since


@given(calendars(), st.sampled_from(BY_DAY), moments, lengths, gaps)
def test_of_days_the_pause_counts_and_the_resumption_does_not(
    calendar: Calendar, unit: str, start: datetime, length: int, gaps: list[tuple[int, int, int]]
) -> None:
    m = meter(unit, calendar)
    ran, target, due = course(m, start, length, gaps)
    counted = set()
    for stretch in ran:
        day, last = city_day(stretch.since), city_day(stretch.until or due)
        while day < last:
            day += timedelta(days=1)
            if counts(calendar, unit, day):
                counted.add(day)
    assert len(counted) == target


@given(calendars(), units, moments, lengths, st.integers(0, 9000), st.integers(0, 20_000))
def test_a_pause_never_makes_a_clock_due_earlier(
    calendar: Calendar, unit: str, start: datetime, length: int, run: int, rest: int
) -> None:
    m = meter(unit, calendar)
    _ran, _target, due = course(m, start, length, [(run, rest, 0)])
    assert due >= m.after(start, length)


# ---- ladders ----


@settings(max_examples=50)
@given(moments, st.integers(1, 100_000), st.floats(0, 1), st.lists(st.floats(0, 1), min_size=1, max_size=5))
def test_a_warning_lies_between_the_stretch_and_its_due_date(
    since: datetime, span: int, share: float, fractions: list[float]
) -> None:
    due = since + timedelta(minutes=span)
    ladder = [{"name": "warn", "fraction": f, "to": []} for f in sorted(fractions)]
    found = [step.fire_at for step in rungs(since, due, ladder, share=share)]
    assert found == sorted(found)
    assert all(since <= moment <= due for moment in found)
