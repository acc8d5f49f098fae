"""Days of milestones as places in a window."""

from datetime import date, timedelta
from typing import Any

import pytest

from backlog.gantt import Window, bars, stand, tone_of
from backlog.models import Milestone

TODAY = date(2026, 11, 16)
SIX = Window.of("6m", "2026-09-01", TODAY)


def row(planned: date, *, actual: date | None = None, **more: Any) -> Milestone:
    fields = {"name": "签订协议", "planned_on": planned, "first_planned_on": planned, "actual_on": actual, **more}
    return Milestone(**fields)


@pytest.mark.parametrize(
    ("planned", "actual", "tone"),
    [
        (TODAY - timedelta(days=1), None, "missed"),
        (TODAY, None, "soon"),
        (TODAY + timedelta(days=7), None, "soon"),
        (TODAY + timedelta(days=8), None, "ahead"),
        (TODAY, TODAY, "done"),
        (TODAY - timedelta(days=2), TODAY, "late"),
    ],
)
def test_how_a_milestone_stands(planned: date, actual: date | None, tone: str) -> None:
    assert tone_of(row(planned, actual=actual), TODAY) == tone


def test_words_say_how_late() -> None:
    assert stand(row(TODAY - timedelta(days=3)), TODAY) == "已逾期 3 天"
    assert stand(row(TODAY - timedelta(days=3), actual=TODAY), TODAY) == "11-16 完成，逾期 3 天"
    assert stand(row(TODAY), TODAY) == "今天到期"


def test_a_window_of_months_begins_with_a_month_and_one_of_weeks_with_a_monday() -> None:
    assert (SIX.begin, SIX.until) == (date(2026, 9, 1), date(2027, 3, 1))
    weeks = Window.of("8w", "2026-11-18", TODAY)
    assert (weeks.begin, weeks.until) == (date(2026, 11, 16), date(2027, 1, 11))
    assert [tick.label for tick in SIX.ticks()] == ["2026-09", "2026-10", "2026-11", "2026-12", "2027-01", "2027-02"]
    assert len(weeks.ticks()) == 8


@pytest.mark.parametrize("begin", ["", "yesterday", "0001-01-01", "9999-12-31"])
def test_a_damaged_address_shows_the_days_around_today(begin: str) -> None:
    window = Window.of("nothing", begin, TODAY)
    assert window.span == "6m"
    assert window.begin <= TODAY < window.until


def test_bars_lie_where_their_days_are() -> None:
    found, lanes = bars([row(date(2026, 10, 1), starts_on=date(2026, 9, 1))], SIX, TODAY)
    days = (SIX.until - SIX.begin).days
    assert (found[0].x, found[0].width, lanes) == ("0.00", f"{100 * 31 / days:.2f}", 1)
    # It is late up to today.
    assert found[0].late_x and found[0].tone == "missed"


def test_bars_that_would_cover_one_another_stand_in_lanes() -> None:
    first = row(date(2026, 12, 20), starts_on=date(2026, 12, 1))
    second = row(date(2026, 12, 25), starts_on=date(2026, 12, 10))
    third = row(date(2027, 1, 20), starts_on=date(2027, 1, 5))
    found, lanes = bars([first, second, third], SIX, TODAY)
    assert [bar.y for bar in found] == [0, 24, 0]
    assert lanes == 2


def test_one_after_the_other_takes_one_lane_and_the_day_it_begins_from_the_one_before() -> None:
    found, lanes = bars([row(date(2026, 12, 1)), row(date(2026, 12, 10))], SIX, TODAY, date(2026, 11, 20))
    assert lanes == 2 or found[1].x >= found[0].x
    assert float(found[0].x) == pytest.approx(SIX.at(date(2026, 11, 20)), abs=0.01)


def test_outside_the_window_nothing_is_drawn_but_it_is_told() -> None:
    found, _lanes = bars([row(date(2028, 1, 1)), row(date(2026, 1, 1), actual=date(2026, 1, 1))], SIX, TODAY)
    assert [bar.is_within for bar in found] == [False, False]


def test_a_day_that_was_moved_shows_where_it_was_first() -> None:
    moved = row(date(2026, 12, 20), first_planned_on=date(2026, 12, 1))
    found, _lanes = bars([moved], SIX, TODAY)
    assert found[0].first_x == f"{SIX.at(date(2026, 12, 1)):.2f}"
    assert "首次计划 2026-12-01" in found[0].words
