"""Properties of the k-anonymous release, for any table of counts."""

from dataclasses import replace
from itertools import combinations, pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.datasets.anonymity import LEAST_K, STEPS, Group, Place, marginals, release

_TOWNS = st.sampled_from(["1-1", "1-2", "2-1", "2-2", ""])
_CLASSES = st.sampled_from(["A1", "A2", "B1", ""])


@st.composite
def places(draw: st.DrawFn) -> Place:
    town, klass = draw(_TOWNS), draw(_CLASSES)
    return Place(town, town[:1], klass, klass[:1], draw(st.integers(2024, 2025)), draw(st.integers(1, 12)))


# Drawing a table is slow on a busy machine; that says nothing of the release.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
tables = st.dictionaries(places(), st.integers(0, 9), max_size=40)
ks = st.integers(LEAST_K, 12)


@unhurried
@given(tables, ks)
def test_no_released_row_holds_fewer_than_k(table: dict[Place, int], k: int) -> None:
    assert all(group.count >= k for group in release(table, k=k).groups)


@unhurried
@given(tables, ks)
def test_released_and_suppressed_make_up_the_input(table: dict[Place, int], k: int) -> None:
    found = release(table, k=k)
    assert found.released + found.suppressed == found.total == sum(table.values())
    assert found.released == sum(group.count for group in found.groups)


@unhurried
@given(tables, st.randoms())
def test_the_order_of_the_input_is_of_no_account(table: dict[Place, int], random: object) -> None:
    rows = list(table.items())
    random.shuffle(rows)  # type: ignore[attr-defined]
    assert release(rows) == release(table)


@unhurried
@given(tables, ks)
def test_each_row_is_told_once(table: dict[Place, int], k: int) -> None:
    groups = release(table, k=k).groups
    assert len({(g.step, g.district, g.town, g.parent, g.klass, g.period) for g in groups}) == len(groups)


@unhurried
@given(tables, ks)
def test_no_total_less_any_rows_leaves_fewer_than_k(table: dict[Place, int], k: int) -> None:
    found = release(table, k=k)
    if found.suppressed_published is not None:
        for size in range(min(len(found.groups), 3) + 1):
            for taken in combinations(found.groups, size):
                rest = found.total - sum(group.count for group in taken)
                assert rest == 0 or rest >= k
    else:
        assert not found.groups
        assert found.total < k


@unhurried
@given(tables, ks)
def test_no_marginal_total_tells_more_than_the_rows(table: dict[Place, int], k: int) -> None:
    found = release(table, k=k)
    for name, of in _READERS.items():
        for value, total in marginals(found)[name].items():
            rows = [group.count for group in found.groups if of(group) == value]
            assert total == sum(rows)
            assert all(total - count == 0 or total - count >= k for count in rows)


_READERS = {
    "district": lambda group: group.district,
    "parent": lambda group: group.parent,
    "year": lambda group: group.period[:4],
}


@unhurried
@given(tables, ks)
def test_a_row_is_coarser_only_where_the_finer_one_was_too_small(table: dict[Place, int], k: int) -> None:
    """Nothing is generalised that could stand as asked, save the one row hidden to cover the rest."""
    found = release(table, k=k)
    exact = {(g.town, g.klass, g.period) for g in found.groups if g.step == 0}
    large = {(p.town, p.klass, f"{p.year}-{p.month:02}") for p, count in table.items() if count >= k}
    assert exact <= large
    assert len(large - exact) <= 1


def test_each_step_is_coarser_in_one_dimension() -> None:
    for before, after in pairwise(STEPS):
        changed = [getattr(before, name) != getattr(after, name) for name in ("area", "klass", "time")]
        assert sum(changed) == 1


def test_small_months_of_a_town_become_its_quarter() -> None:
    table = {Place("1-1", "1", "A1", "A", 2025, month): 2 for month in (4, 5, 6)}
    found = release(table)
    assert found.groups == (Group(1, "1", "1-1", "A", "A1", "2025-Q2", 6),)
    assert (found.exact, found.generalised, found.suppressed) == (0, 6, 0)


@unhurried
@given(tables, ks)
def test_a_row_of_one_month_is_never_called_that_of_its_year(table: dict[Place, int], k: int) -> None:
    month = {replace(place, year=2025, month=4): count for place, count in table.items()}
    found = release(month, k=k, widest="month")
    assert {group.period for group in found.groups} <= {"2025-04"}
    assert {group.levels[2] for group in found.groups} <= {"month"}


def test_a_few_left_over_take_the_smallest_row_with_them() -> None:
    table = {
        Place("1-1", "1", "A1", "A", 2025, 1): 9,
        Place("1-2", "1", "B1", "B", 2025, 1): 6,
        Place("2-1", "2", "A2", "A", 2024, 1): 2,
    }
    found = release(table)
    assert [group.count for group in found.groups] == [9]
    assert found.suppressed == 8


def test_a_few_left_over_of_the_same_period_make_one_row_with_the_smallest() -> None:
    table = {
        Place("1-1", "1", "A1", "A", 2025, 1): 9,
        Place("1-2", "1", "B1", "B", 2025, 2): 6,
        Place("2-1", "2", "A2", "A", 2025, 3): 2,
    }
    for widest, period in (("year", "2025"), ("quarter", "2025-Q1")):
        found = release(table, widest=widest)  # type: ignore[arg-type]
        assert found.groups[1:] == (Group(6, "", "", "", "", period, 8),)
        assert (found.exact, found.generalised, found.suppressed) == (9, 8, 0)


def test_of_fewer_than_k_in_all_not_even_the_number_is_told() -> None:
    found = release({Place("1-1", "1", "A1", "A", 2025, 1): 3})
    assert found.groups == ()
    assert found.suppressed_published is None


def test_a_smaller_k_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 5"):
        release({}, k=4)
