"""Whole months, quarters and years, as they are written."""

import re
from datetime import date, timedelta
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.datasets.periods import KINDS, ended, parse

days = st.dates(date(1990, 1, 1), date(2090, 12, 31))


@pytest.mark.parametrize(
    ("text", "since", "until", "months"),
    [
        ("2026-02", date(2026, 2, 1), date(2026, 2, 28), 1),
        ("2024-Q1", date(2024, 1, 1), date(2024, 3, 31), 3),
        ("2025", date(2025, 1, 1), date(2025, 12, 31), 12),
    ],
)
def test_a_period_has_its_days_and_months(text: str, since: date, until: date, months: int) -> None:
    period = parse(text)
    assert (str(period), period.since, period.until) == (text, since, until)
    assert len(period.months()) == months
    assert (period.months()[0][0], period.months()[-1][1]) == (since, until)


@pytest.mark.parametrize(
    "text", ["", "2026-13", "2026-1", "2026-Q5", "2026-00", "26-01", "2026-01-01", "2026-q1", "٢٠٢٦"]
)
def test_anything_else_is_no_period(text: str) -> None:
    with pytest.raises(ValueError, match="^" + re.escape(text)):
        parse(text)


@given(days, st.sampled_from(KINDS))
def test_the_latest_ones_have_ended_and_follow_each_other(today: date, kind: str) -> None:
    found = list(islice(ended(kind, today), 5))  # type: ignore[arg-type]
    assert all(period.has_ended(today) and parse(str(period)) == period for period in found)
    assert all(later.since == earlier.until + timedelta(days=1) for later, earlier in pairwise(found))
    # None is left out between the latest one and today.
    assert (today - found[0].until).days <= {"month": 31, "quarter": 92, "year": 366}[kind]
