"""When a workgroup meets next, and when its next report is expected."""

from datetime import date, datetime, time, timedelta

import pytest
from django.utils import timezone

from backlog.group_rhythm import next_meeting, next_report
from backlog.models import Workgroup
from tests.city import City

pytestmark = pytest.mark.django_db


def at(*parts: int) -> datetime:
    return timezone.make_aware(datetime(*parts))


@pytest.mark.parametrize(
    ("now", "meets"),
    [
        # Mondays at nine: before, at, and after the hour.
        (at(2026, 11, 16, 8), at(2026, 11, 16, 9)),
        (at(2026, 11, 16, 9), at(2026, 11, 16, 9)),
        (at(2026, 11, 16, 9, 1), at(2026, 11, 23, 9)),
        (at(2026, 11, 22, 23), at(2026, 11, 23, 9)),
    ],
)
def test_the_next_meeting_is_the_first_that_has_not_begun(city: City, now: datetime, meets: datetime) -> None:
    assert next_meeting(Workgroup(meets_on=0, meets_at=time(9)), now) == meets


def test_on_a_holiday_it_meets_on_the_next_work_day(city: City) -> None:
    # National Day: the 1st of October 2026 is a Thursday; the holiday ends with the 7th, a Wednesday.
    found = next_meeting(Workgroup(meets_on=3, meets_at=time(9)), at(2026, 9, 30, 12))
    assert found == at(2026, 10, 8, 9)
    # A Friday's meeting moves into the next week, but not past the Friday after it.
    assert next_meeting(Workgroup(meets_on=4, meets_at=time(9)), at(2026, 9, 30, 12)) == at(2026, 10, 8, 9)


def test_without_a_day_there_is_no_next_meeting(city: City) -> None:
    assert next_meeting(Workgroup(meets_at=time(9)), city.at) is None
    assert next_meeting(Workgroup(meets_on=1), city.at) is None


def test_a_report_is_expected_so_many_days_after_the_last(city: City) -> None:
    group = Workgroup(reports_every=7)
    assert next_report(group, date(2026, 11, 10)) == date(2026, 11, 17)
    assert next_report(group, None) is None
    group.established_on = date(2026, 11, 1)
    assert next_report(group, None) == date(2026, 11, 1) + timedelta(days=7)
