"""The milestones tab of the file: the plan by steps, planned, first planned and reached."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from backlog.gantt import Window, bars
from backlog.models import BacklogCase, Milestone
from backlog.states import CASE_MOVES
from backlog.tabs import FileTab, register_tab
from dispatch.clocks import city_day


def may_plan(user: User, case: BacklogCase) -> bool:
    """Whether this person may change the plan of the case now."""
    if case.state not in CASE_MOVES["milestone"].sources:
        return False
    return bool(BacklogCase.objects.within(user, "backlog.plan").filter(pk=case.pk).exists())


def _milestones(request: HttpRequest, case: BacklogCase, user: User) -> dict[str, Any]:
    at = timezone.now()
    today = city_day(at)
    rows = list(Milestone.objects.filter(case=case))
    standing = [row for row in rows if row.dropped_at is None]
    days = [row.starts_on or row.planned_on for row in standing]
    window = Window.of("12m" if len(days) and (max(days) - min(days)).days > 150 else "6m", "", today)
    if days:
        window = Window.of(window.span, min(days).isoformat(), today)
    drawn, _lanes = bars(standing, window, today, city_day(case.listed_at) if case.listed_at else None)
    return {
        "bars": drawn,
        "window": window,
        "today_x": window.today(today),
        "removed": [row for row in rows if row.dropped_at is not None],
        "reached": sum(row.actual_on is not None for row in standing),
        "missed": sum(row.is_missed(today) for row in standing),
        "may_plan": may_plan(user, case),
    }


register_tab(FileTab("milestones", _("Milestones"), "backlog/case_milestones.html", _milestones, place=50))
