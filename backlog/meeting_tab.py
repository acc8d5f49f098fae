"""The tab "meetings" of the file: how hard the case is, term by term, and what meetings decided on it."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from backlog import agenda
from backlog.actions.meetings import may_run
from backlog.models import BacklogCase, Meeting
from backlog.score import score_of
from backlog.states import MeetingState
from backlog.tabs import FileTab, register_tab
from dispatch.clocks import city_day


def _meetings(request: HttpRequest, case: BacklogCase, user: User) -> dict[str, Any]:
    at = timezone.now()
    visits = case.visits.visible_to(user) if user.may("backlog.view_visits") else case.visits.none()
    return {
        "score": score_of(case, at=at) if case.is_open else None,
        "history": agenda.history_of(case, user),
        "next_meetings": _next(case, user),
        "visits": list(visits.select_related("district").order_by("-visit_on")[:10]),
        "today": city_day(at),
        "may_visit": user.may("backlog.supervise_jointly"),
    }


def _next(case: BacklogCase, user: User) -> list[Meeting]:
    """Meetings in preparation the person runs that could take the case up."""
    if not case.is_open or not user.may("backlog.run_meeting"):
        return []
    rows = Meeting.objects.within(user, "backlog.run_meeting").filter(state=MeetingState.PLANNED)
    rows = rows.exclude(items__case=case).select_related("area").order_by("starts_at")[:6]
    return [row for row in rows if row.area.kind == "city" or row.area_id == case.district_id if may_run(row, user)]


register_tab(FileTab("meetings", _("Meetings"), "backlog/case_meetings.html", _meetings, place=70))
