"""Reliability by tenths, and the Brier score beside its floor."""

from hypothesis import given
from hypothesis import strategies as st

from insights.calibration import calibrate

judged = st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=60)


@given(judged)
def test_every_forecast_is_in_one_tenth_and_scores_lie_between_none_and_one(rows: list[tuple[float, bool]]) -> None:
    found = calibrate(rows)
    assert sum(b.count for b in found.bins) == found.count == len(rows)
    assert len(found.bins) == 10
    if rows:
        assert found.brier is not None and 0 <= found.brier <= 1
        assert found.floor is not None and 0 <= found.floor <= 0.25
    for b in found.bins:
        if b.said is not None:
            assert b.low - 1e-9 <= b.said <= b.high + 1e-9


@given(st.lists(st.booleans(), min_size=1, max_size=40))
def test_always_saying_the_base_rate_scores_exactly_the_floor(outcomes: list[bool]) -> None:
    base = sum(outcomes) / len(outcomes)
    found = calibrate([(base, late) for late in outcomes])
    assert found.brier is not None and found.floor is not None
    assert abs(found.brier - found.floor) < 1e-9
    assert found.skill is None or abs(found.skill) < 1e-9


def test_perfect_forecasts_avoid_all_of_the_floors_error() -> None:
    found = calibrate([(1.0, True), (0.0, False)])
    assert (found.brier, found.skill) == (0, 1)
    assert [b.count for b in found.bins] == [1, 0, 0, 0, 0, 0, 0, 0, 0, 1]


def test_nothing_judged_gives_no_score() -> None:
    found = calibrate([])
    assert (found.count, found.brier, found.floor, found.skill) == (0, None, None, None)
