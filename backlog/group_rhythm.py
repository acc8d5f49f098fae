"""The rhythm of a workgroup (专班工作制度): when it meets next, when its next report is expected.

A rhythm is a habit, not a deadline: nothing escalates by it, so it is counted here and not by a clock (ADR 0036).
"""

from datetime import date, datetime, timedelta

from django.utils import timezone

from backlog.models import Workgroup
from dispatch.clocks import city_day
from dispatch.rulebook import calendar


def next_meeting(group: Workgroup, at: datetime) -> datetime | None:
    """The next meeting that has not begun at `at` (aware, Asia/Shanghai); on a holiday the next work day.

    None without a meeting day. A meeting moved by a holiday never passes the regular one after it.
    """
    if group.meets_on is None or group.meets_at is None:
        return None
    by = calendar()
    first = city_day(at) - timedelta(days=7)
    first += timedelta(days=(group.meets_on - first.weekday()) % 7)
    for week in range(4):
        regular = first + timedelta(weeks=week)
        day = regular if by.is_work(regular) else by.next_work_day(regular)
        if day >= regular + timedelta(weeks=1):
            continue
        starts = timezone.make_aware(datetime.combine(day, group.meets_at), timezone.get_default_timezone())
        if starts >= at:
            return starts
    return None


def next_report(group: Workgroup, last: date | None) -> date | None:
    """The day the next report is expected: so many days after the last, or after the group was set up."""
    since = last or group.established_on
    return since + timedelta(days=group.reports_every) if since is not None else None
