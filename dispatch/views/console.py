"""The unit console; for an office the same page is its list of work orders."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.models import User
from dispatch import console
from dispatch.batch import CAP, open_to
from dispatch.models import WorkOrder
from dispatch.states import OrderState
from dispatch.views.reading import reader
from petitions.paging import capped_text, page_of

SIZE = 50
# What can be done with many chosen orders; steps on petitions are chosen in the worklist.
BAR = ("sign", "assign", "remind")


@require_GET
@never_cache
def unit_console(request: HttpRequest) -> HttpResponse:
    """Tabs with counts, rows by deadline, sign-for from the row."""
    user = reader(request)
    if not user.may("dispatch.view"):
        raise PermissionDenied
    at = timezone.now()
    tabs = console.tabs_for(user)
    tab = next((t for t in tabs if t.key == request.GET.get("tab")), tabs[0])
    counts = console.counts_for(user, at)
    page = page_of(console.rows_of(user, tab, at), tab.order, cursor=request.GET.get("cursor", ""), size=SIZE)
    signable = _signable(user, page.rows)
    bulk = open_to(user, *BAR) if page.rows and tab.key != "done" else []
    context = {
        "tabs": [_tab(t, counts, tab) for t in tabs],
        "tab": tab,
        "groups": console.groups_of(page.rows, at, by_deadline=tab.order is console.BY_DEADLINE),
        "page": page,
        "signable": signable,
        "bulk": bulk,
        "bulk_cap": CAP,
        # Cells of a row, for the headings that span it.
        "columns": 7 + bool(bulk) + bool(signable) + (not console.is_unit_person(user)),
        "is_unit": console.is_unit_person(user),
        "here": f"{reverse('unit_console')}?tab={tab.key}",
        "now": at,
    }
    return render(request, "dispatch/console.html", context)


def _tab(tab: console.Tab, counts: dict[str, int], current: console.Tab) -> dict[str, Any]:
    count = counts.get(tab.key)
    return {
        "url": f"{reverse('unit_console')}?tab={tab.key}",
        "label": tab.label,
        "count": capped_text(count) if count is not None else None,
        "tone": tab.tone if count else "",
        "current": tab is current,
    }


def _signable(user: User, rows: list[WorkOrder]) -> set[int]:
    """Which of the shown orders this person may sign for."""
    waiting = [row.pk for row in rows if row.state == OrderState.WAITING]
    if not waiting or not user.may("dispatch.sign"):
        return set()
    return set(WorkOrder.objects.within(user, "dispatch.sign").filter(pk__in=waiting).values_list("pk", flat=True))
