"""Loads and edits the rules that deadlines rest on: policies, calendar, catalogue."""

from datetime import date, timedelta

import chinese_calendar
from django.db import transaction

from dispatch.actions.clocks import forget_cached_rules
from dispatch.models import Day, Policy
from dispatch.policies import POLICIES

FIRST_YEAR = 2018


def load_policies() -> int:
    """Create the rules that are missing; never touch one an operator has edited. Returns how many were made."""
    known = set(Policy.objects.values_list("key", flat=True))
    made = Policy.objects.bulk_create([Policy(**row) for row in POLICIES if row["key"] not in known])
    forget_cached_rules()
    return len(made)


def load_days(*, until_year: int, from_year: int = FIRST_YEAR) -> int:
    """Fill the working calendar from `chinese-calendar`; years it does not know are Monday–Friday and unconfirmed.

    Days already there stay as an operator left them. Returns how many were made.
    """
    have = set(Day.objects.values_list("day", flat=True))
    day, rows = date(from_year, 1, 1), []
    while day.year <= until_year:
        if day not in have:
            rows.append(_day(day))
        day += timedelta(days=1)
    Day.objects.bulk_create(rows)
    forget_cached_rules()
    return len(rows)


def _day(day: date) -> Day:
    try:
        is_holiday, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        # The State Council publishes a year's holidays the autumn before; until then the dates are provisional.
        return Day(day=day, is_work=day.weekday() < 5, note="", is_confirmed=False)
    return Day(day=day, is_work=not is_holiday, note=name or "", is_confirmed=True)


@transaction.atomic
def set_day(day: date, *, is_work: bool, note: str = "") -> Day:
    """Correct one day of the calendar and confirm it."""
    row, _made = Day.objects.update_or_create(
        day=day, defaults={"is_work": is_work, "note": note, "is_confirmed": True}
    )
    forget_cached_rules()
    return row
