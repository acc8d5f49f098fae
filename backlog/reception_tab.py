"""The receptions tab of the backlog file: when the person was received about it, and when that is to come."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from backlog.models import BacklogCase, Reception, ReceptionDay
from backlog.states import DayState
from backlog.tabs import FileTab, register_tab

MOST = 100


def _context(request: HttpRequest, case: BacklogCase, user: User) -> dict[str, Any]:
    at = timezone.now()
    # Whoever reads the file reads who was received about it, the calendar's own limits apart; not the names.
    rows = Reception.objects.filter(case=case).select_related("day__official", "unit")
    coming = ReceptionDay.objects.filter(case=case, state__in=[DayState.PLANNED, DayState.PUBLISHED], ends_at__gt=at)
    return {
        "reception_case": case,
        "receptions": list(rows.order_by("-at", "-pk")[:MOST]),
        "coming": list(coming.select_related("official").order_by("starts_at")[:10]),
        "may_open": user.may("backlog.view_receptions"),
        "may_set": user.may("backlog.run_reception"),
        "now": at,
    }


register_tab(FileTab("receptions", _("Receptions"), "backlog/file_receptions.html", _context, place=80))
