"""Like compared with like, and ranks with ties."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.fairness import Part, compare_counts, compare_totals, poisson_limits, ranks


def test_a_unit_with_hard_matters_is_not_worse_for_it() -> None:
    # Half of the hard ones are late everywhere, a tenth of the easy ones.
    hard = Part(count=90, hits=45, city_count=200, city_hits=100)
    easy = Part(count=10, hits=1, city_count=1000, city_hits=100)
    found = compare_counts([hard, easy])
    assert found.expected == pytest.approx(46) and found.observed == 46 and found.ratio == pytest.approx(1)
    assert found.verdict == "same"


def test_clearly_more_and_clearly_less_are_told_apart_from_chance() -> None:
    def verdict(hits: int, count: int = 100) -> str:
        return compare_counts([Part(count=count, hits=hits, city_count=1000, city_hits=200)]).verdict

    assert [verdict(5), verdict(18), verdict(40)] == ["less", "same", "more"]
    assert verdict(9, count=9) == "few"


def test_the_poisson_limits_are_those_of_the_tables() -> None:
    # Exact limits of 10: 4.80–18.39; of 0: 0–3.69.
    low, high = poisson_limits(10)
    assert (round(low, 1), round(high, 1)) == (4.8, 18.4)
    assert poisson_limits(0)[0] == 0 and poisson_limits(0)[1] == pytest.approx(3.69, abs=0.35)


@given(st.integers(0, 500))
def test_the_interval_holds_the_count(hits: int) -> None:
    low, high = poisson_limits(hits)
    assert 0 <= low <= hits < high


def test_times_are_compared_by_their_sums() -> None:
    # Ten matters of 60 minutes where the city's hundred took 30 each, all alike.
    found = compare_totals([Part(10, total=600, city_count=100, city_total=3000, city_squares=100 * 900)])
    assert found.ratio == 2 and found.low == found.high == 2 and found.verdict == "more"


def test_no_like_matters_give_no_ratio() -> None:
    assert compare_counts([Part(20, hits=3)]).ratio is None
    assert compare_counts([Part(20, hits=3)]).verdict == "few"


def test_equal_values_share_a_rank_and_the_next_is_left_out() -> None:
    assert ranks([0.9, 0.8, None, 0.8, 0.7], best_is_high=True) == [1, 2, None, 2, 4]
    assert ranks([3.0, 1.0, 1.0], best_is_high=False) == [3, 1, 1]
