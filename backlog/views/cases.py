"""The list of backlog cases, one case's file, and every registered step of it."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import User
from backlog.file import BacklogFile
from backlog.models import BacklogCase
from backlog.states import CASE_MOVES
from backlog.steps import CASE_STEPS
from backlog.tabs import FileTab, tabs
from backlog.worklist import FLAGS, SORTS, Desk, controls
from dispatch.views.reading import permitted, reader
from dispatch.views.row_steps import take

_JOINED = ("district", "force", "lead_unit", "leader", "petition", "nominated_by")


@require_GET
@never_cache
def backlog(request: HttpRequest) -> HttpResponse:
    """The list: saved views as tabs, filters, rows by deadline, paged by key."""
    user, at = permitted(request, "backlog.view"), timezone.now()
    desk = Desk(user, request.GET, at)
    lines = desk.lines
    context = {
        "desk": desk,
        "lines": lines,
        "tabs": desk.tabs(),
        "filters": controls(desk.filters),
        "flags": [(name, label, name in desk.filters.values) for name, label in FLAGS],
        "sorts": [(key, label) for key, (label, _order) in SORTS.items()],
        "tags": desk.filters.tags(),
        "here": desk.here(),
        "may_nominate": user.may("backlog.nominate"),
        "may_rules": user.may("backlog.entry_rules"),
        "now": at,
        "nav": "backlog",
    }
    return render(request, "backlog/list.html", context)


def case_or_404(user: User, pk: int) -> BacklogCase:
    """The case if this person may read it; else 404, as if it were not there."""
    rows = BacklogCase.objects.visible_to(user).select_related(*_JOINED)
    case: BacklogCase = get_object_or_404(rows, pk=pk)
    return case


@require_GET
@never_cache
def backlog_case(request: HttpRequest, pk: int) -> HttpResponse:
    """One backlog file, one tab at a time."""
    user = reader(request)
    case = case_or_404(user, pk)
    tab = tab_or_404(request.GET.get("tab", ""))
    at = timezone.now()
    context = {
        "case": case,
        "file": BacklogFile(user, case, at),
        "tab": tab.key,
        "tab_template": tab.template,
        "tabs": tab_links(case, tab.key),
        "now": at,
        "nav": "backlog",
        **tab.context(request, case, user),
    }
    return render(request, "backlog/case.html", context)


def tab_or_404(key: str) -> FileTab:
    """The tab of this key, the first one without a key."""
    known = tabs()
    tab = next((tab for tab in known if tab.key == key), None) if key else known[0]
    if tab is None:
        raise Http404
    return tab


def tab_links(case: BacklogCase, current: str) -> list[dict[str, Any]]:
    """The tabs as links."""
    url = reverse("backlog_case", args=[case.pk])
    return [
        {"url": url if place == 0 else f"{url}?tab={tab.key}", "label": tab.label, "current": tab.key == current}
        for place, tab in enumerate(tabs())
    ]


@require_http_methods(["GET", "POST"])
@never_cache
def case_act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """A step of a backlog case: its form, and what the form sends."""
    user = reader(request)
    case = case_or_404(user, pk)
    back = reverse("backlog_case", args=[pk])
    return take(
        request, user, case, name, steps=CASE_STEPS, moves=CASE_MOVES, back=back, page="backlog/step.html",
        context={"case": case, "nav": "backlog"},
    )  # fmt: skip
