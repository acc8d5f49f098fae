"""Spans of months as addresses name them."""

from datetime import UTC, date, datetime

import pytest

from insights.period import choices, period_of, shifted

AT = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-11", date(2026, 11, 1), date(2026, 11, 1)),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 1)),
        ("2026-Q1", date(2026, 1, 1), date(2026, 3, 1)),
        ("2025", date(2025, 1, 1), date(2025, 12, 1)),
        ("last12", date(2025, 12, 1), date(2026, 11, 1)),
        ("", date(2025, 12, 1), date(2026, 11, 1)),
        ("2026-13", date(2025, 12, 1), date(2026, 11, 1)),
        ("2026-11'; --", date(2025, 12, 1), date(2026, 11, 1)),
    ],
)
def test_an_address_names_whole_months(text: str, first: date, last: date) -> None:
    period = period_of(text, AT)
    assert (period.first, period.last) == (first, last)


def test_a_month_begins_and_ends_at_midnight_in_the_city() -> None:
    period = period_of("2026-11", AT)
    assert period.since == datetime(2026, 10, 31, 16, 0, tzinfo=UTC)
    assert period.until == datetime(2026, 11, 30, 16, 0, tzinfo=UTC)


def test_the_first_evening_of_a_month_in_greenwich_is_the_next_month_in_the_city() -> None:
    assert period_of("", datetime(2026, 10, 31, 17, 0, tzinfo=UTC)).last == date(2026, 11, 1)


def test_the_period_before_is_as_long() -> None:
    before = period_of("2026-Q1", AT).previous
    assert (before.first, before.last, before.length) == (date(2025, 10, 1), date(2025, 12, 1), 3)


def test_every_choice_offered_is_understood() -> None:
    for key, label in choices(AT):
        assert period_of(key, AT).key == key and label
    assert shifted(date(2026, 1, 1), -1) == date(2025, 12, 1)
