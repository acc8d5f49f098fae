"""Days that come again: "every second Thursday until …". Pure dates, nothing of the database."""

from datetime import date, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

# A year of weekly receptions, and no more at one click.
MOST = 53


class Rhythm(models.TextChoices):
    ONCE = "once", _("Once")
    WEEKLY = "weekly", _("Every week")
    FORTNIGHTLY = "fortnightly", _("Every second week")
    # The second Thursday stays the second Thursday.
    MONTHLY = "monthly", _("Every month, the same weekday")


def days_of(first: date, rhythm: str, until: date | None) -> list[date]:
    """The days of a rhythm from `first` to `until` (both counted), at most MOST of them."""
    if rhythm == Rhythm.ONCE or until is None:
        return [first]
    found = [first]
    while len(found) < MOST:
        following = _next(found[-1], first, rhythm)
        if following > until:
            break
        found.append(following)
    return found


def _next(day: date, first: date, rhythm: str) -> date:
    if rhythm == Rhythm.WEEKLY:
        return day + timedelta(days=7)
    if rhythm == Rhythm.FORTNIGHTLY:
        return day + timedelta(days=14)
    # The fifth Thursday is the last one, where a month has only four.
    place = (first.day - 1) // 7
    start = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    found = start + timedelta(days=(first.weekday() - start.weekday()) % 7 + 7 * place)
    return found if found.month == start.month else found - timedelta(days=7)
