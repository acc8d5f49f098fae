"""Words for points in time and for the time left until one: what the deadline chip and the timeline say."""

from datetime import date, datetime, timedelta
from typing import TypedDict

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

SOON = timedelta(days=3)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


class Remaining(TypedDict):
    """What `sla_chip` draws. `pct` is the share of the term used, 0–100; `due` is written in Asia/Shanghai."""

    state: str
    text: str
    pct: int
    due: str


def local_text(value: datetime | date | None, now: datetime | None = None) -> str:
    """`11-23 17:00`, with the year in front when it is not the current one; a plain date has no clock; '' for None."""
    if value is None:
        return ""
    today = timezone.localdate(now)
    if isinstance(value, datetime):
        local = timezone.localtime(value)
        return local.strftime("%m-%d %H:%M" if local.year == today.year else "%Y-%m-%d %H:%M")
    return value.strftime("%m-%d" if value.year == today.year else "%Y-%m-%d")


def ago_text(value: datetime | None, now: datetime | None = None) -> str:
    """`12 minutes ago`, `today 08:12`, `yesterday 17:40`, then the date; '' for None. `now` defaults to the clock."""
    if value is None:
        return ""
    now = now or timezone.now()
    passed = now - value
    local, today = timezone.localtime(value), timezone.localdate(now)
    if timedelta(0) <= passed < HOUR:
        minutes = int(passed.total_seconds() // 60)
        if minutes == 0:
            return _("just now")
        return ngettext("%(n)d minute ago", "%(n)d minutes ago", minutes) % {"n": minutes}
    if local.date() == today:
        return _("today %(time)s") % {"time": local.strftime("%H:%M")}
    if local.date() == today - DAY:
        return _("yesterday %(time)s") % {"time": local.strftime("%H:%M")}
    if local.date() == today + DAY:
        return _("tomorrow %(time)s") % {"time": local.strftime("%H:%M")}
    return local.strftime("%m-%d" if local.year == today.year else "%Y-%m-%d")


def span_text(span: timedelta) -> str:
    """Two units at most, and none that does not matter: `9 d`, `2 d 4 h`, `1 h 48 min`, `7 min`."""
    minutes = max(int(abs(span).total_seconds() // 60), 0)
    days, rest = divmod(minutes, 24 * 60)
    hours, mins = divmod(rest, 60)
    values = {"days": days, "hours": hours, "minutes": mins}
    if days >= SOON.days or (days and not hours):
        return _("%(days)d d") % values
    if days:
        return _("%(days)d d %(hours)d h") % values
    if hours and mins:
        return _("%(hours)d h %(minutes)d min") % values
    if hours:
        return _("%(hours)d h") % values
    return _("%(minutes)d min") % values


def paused() -> Remaining:
    """The chip of a row whose clocks all rest: no date, and no share that grows."""
    return Remaining(state="paused", text=_("Clock paused"), pct=0, due="")


def remaining(
    due: datetime | None, now: datetime, *, start: datetime | None = None, is_paused: bool = False
) -> Remaining | None:
    """How a deadline stands at `now`, in wall-clock time; None when there is no deadline.

    `start` is when the term began; without it the bar shows the last thirty days before `due`.
    """
    if due is None:
        return None
    term = (due - start) if start and start < due else timedelta(days=30)
    used = 1 - (due - now) / term
    pct = min(max(round(used * 100), 0), 100)
    due_text = local_text(due, now)
    if is_paused:
        return Remaining(state="paused", text=_("Clock paused"), pct=pct, due=due_text)
    if now > due:
        text = _("overdue %(span)s") % {"span": span_text(now - due)}
        return Remaining(state="over", text=text, pct=100, due=due_text)
    left = due - now
    state = "soon" if left <= SOON else "ok"
    if timezone.localdate(due) == timezone.localdate(now):
        state = "today"
    return Remaining(state=state, text=_("%(span)s left") % {"span": span_text(left)}, pct=pct, due=due_text)
