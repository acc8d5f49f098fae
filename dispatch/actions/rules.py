"""Loads the rules that deadlines rest on: policies and calendar. Edits of them are in `dispatch.actions.changes`."""

from datetime import date, datetime, timedelta
from typing import Any

import chinese_calendar
from django.db import transaction

from dispatch.models import Day, Policy
from dispatch.policies import POLICIES
from dispatch.rulebook import forget_cached_rules

FIRST_YEAR = 2018
# What a release says about a rule; the rest is the row's own life (version, current, edited).
RULE_FIELDS = tuple(
    field.name
    for field in Policy._meta.fields
    if field.name not in {"id", "key", "version", "valid_from", "is_current", "is_edited"}
)


@transaction.atomic
def load_policies(*, at: datetime | None = None) -> int:
    """Bring the rules to what this release says, and return how many versions were made.

    A missing rule is created. One that no person has edited here gets the release's values as a new version; the clocks
    that run by the old one are moved over by `dispatch.actions.recompute`. One edited here is never touched.
    """
    current = {rule.key: rule for rule in Policy.objects.select_for_update().filter(is_current=True)}
    made = []
    for row in POLICIES:
        wanted, old = Policy(**row), current.get(row["key"])
        if old is not None and (old.is_edited or not differences(old, wanted)):
            continue
        if old is not None:
            Policy.objects.filter(pk=old.pk).update(is_current=False)
            wanted.version, wanted.valid_from = old.version + 1, at
        made.append(wanted)
    Policy.objects.bulk_create(made)
    forget_cached_rules()
    return len(made)


def differences(old: Policy, new: Policy) -> dict[str, tuple[Any, Any]]:
    """The fields in which two versions of a rule differ, with both values."""
    pairs = {name: (getattr(old, name), getattr(new, name)) for name in RULE_FIELDS}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


@transaction.atomic
def load_days(*, until_year: int, from_year: int = FIRST_YEAR) -> int:
    """Fill the working calendar from `chinese-calendar`; years it does not know are Monday–Friday and unconfirmed.

    Days already there stay as they are: what has been published since for a provisional year is entered as a change of
    the calendar (`dispatch.actions.changes.published_days`), because clocks in flight move by it. Returns how many
    were made.
    """
    have = set(Day.objects.values_list("day", flat=True))
    day, rows = date(from_year, 1, 1), []
    while day.year <= until_year:
        if day not in have:
            rows.append(published(day) or guessed(day))
        day += timedelta(days=1)
    Day.objects.bulk_create(rows)
    forget_cached_rules()
    return len(rows)


def published(day: date) -> Day | None:
    """The day as the State Council's notice has it; None while this release does not know that year."""
    try:
        is_holiday, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return None
    note = chinese_calendar.Holiday(name).chinese if name else ""
    return Day(day=day, is_work=not is_holiday, note=note, source=Day.Source.PACKAGE)


def guessed(day: date) -> Day:
    """Monday to Friday, provisional: the State Council publishes a year's holidays the autumn before."""
    return Day(day=day, is_work=day.weekday() < 5, is_confirmed=False, source=Day.Source.GUESS)
