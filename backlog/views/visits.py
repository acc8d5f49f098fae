"""Joint supervisions: list, planning, and one visit with its findings and orders."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import User
from accounts.responses import go_to
from backlog.actions import visits as actions
from backlog.forms.visits import PlanVisitForm
from backlog.models import BacklogCase, SupervisionVisit, Task, VisitFinding
from backlog.papers import visit_paper
from backlog.states import OPEN_TASK_STATES, VISIT_MOVES, VisitState
from backlog.steps.visits import VISIT_STEPS
from backlog.views.meeting_papers import file_of
from dispatch.clocks import city_day
from dispatch.views.reading import permitted, reader
from dispatch.views.row_steps import options, take
from petitions.paging import Order, capped_counts, capped_text, page_of
from petitions.states import Refused

SIZE = 20
BY_PLAN = Order("planned_at", is_descending=True)
TABS = (
    ("running", gettext_lazy("Orders running"), (VisitState.VISITED,)),
    ("planned", pgettext_lazy("visit", "Planned"), (VisitState.PLANNED,)),
    ("closed", pgettext_lazy("visit", "Closed"), (VisitState.CLOSED,)),
    ("called_off", gettext_lazy("Called off"), (VisitState.CALLED_OFF,)),
)


@require_GET
@never_cache
def visits(request: HttpRequest) -> HttpResponse:
    """Joint supervisions by tab, paged by key."""
    user, at = permitted(request, "backlog.view_visits"), timezone.now()
    rows = SupervisionVisit.objects.visible_to(user)
    counts = dict(
        zip([tab[0] for tab in TABS], capped_counts([rows.filter(state__in=tab[2]) for tab in TABS]), strict=True)
    )
    busy = next((tab for tab in TABS if counts[tab[0]]), TABS[0])
    tab = next((tab for tab in TABS if tab[0] == request.GET.get("tab")), busy)
    found = rows.filter(state__in=tab[2]).select_related("district", "unit", "leader").annotate(
        found=Count("findings", distinct=True),
        orders=Count("findings__tasks", filter=~Q(findings__tasks__state="dropped"), distinct=True),
        orders_open=Count("findings__tasks", filter=Q(findings__tasks__state__in=OPEN_TASK_STATES), distinct=True),
    ).prefetch_related("departments")  # fmt: skip
    url = reverse("visits")
    context = {
        "tabs": [
            {
                "url": f"{url}?tab={key}",
                "label": label,
                "count": capped_text(counts[key]),
                "tone": "red" if key == "running" and counts[key] else "",
                "current": key == tab[0],
            }
            for key, label, _states in TABS
        ],
        "page": page_of(found, BY_PLAN, cursor=request.GET.get("cursor", ""), size=SIZE),
        "may_plan": user.may("backlog.supervise_jointly"),
        "here": f"{url}?tab={tab[0]}",
        "now": at,
        "nav": "meetings",
    }
    return render(request, "backlog/visits.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
def visit_new(request: HttpRequest) -> HttpResponse:
    """Plan a joint supervision; ?case= proposes one to look at."""
    user, at = permitted(request, "backlog.supervise_jointly"), timezone.now()
    form = PlanVisitForm(request.POST or None, user=user, initial=_proposed(request, user))
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.plan(**form.arguments(), actor=user, at=at)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("Planned. The team has been told."))
            return go_to(request, "visit", pk=made.pk)
    context = {
        "form": form,
        "title": _("Plan a joint supervision"),
        "submit": _("Plan and tell the team"),
        "cancel_url": reverse("visits"),
        "nav": "meetings",
    }
    return render(request, "backlog/visit_new.html", context, status=422 if form.errors else 200)


def _proposed(request: HttpRequest, user: User) -> dict[str, Any]:
    value = request.GET.get("case", "")
    rows = BacklogCase.objects.within(user, actions.RUN).select_related("district", "lead_unit")
    case = rows.filter(pk=value).first() if value.isdecimal() and len(value) < 18 else None
    if case is None:
        return {}
    unit = case.lead_unit.name if case.lead_unit else ""
    return {"cases": f"{case.year}-{case.serial}", "district": case.district_id, "unit": unit}


def visit_or_404(user: User, pk: int) -> SupervisionVisit:
    """The visit if this person may read it; out of scope is 404."""
    rows = SupervisionVisit.objects.visible_to(user).select_related("district", "unit", "leader__unit", "planned_by")
    found: SupervisionVisit = get_object_or_404(rows, pk=pk)
    return found


def findings_for(row: SupervisionVisit, user: User) -> tuple[list[VisitFinding], dict[int, list[Task]]]:
    """The findings the person may read, with their orders: those on cases only with the case."""
    seen = BacklogCase.objects.visible_to(user).values("pk")
    findings = list(row.findings.filter(Q(case=None) | Q(case__in=seen)).select_related("unit", "case").order_by("pk"))
    tasks: dict[int, list[Task]] = {}
    for task in Task.objects.filter(finding__in=findings).select_related("unit", "owner").order_by("pk"):
        tasks.setdefault(task.finding_id or 0, []).append(task)
    return findings, tasks


@require_GET
@never_cache
def visit(request: HttpRequest, pk: int) -> HttpResponse:
    """One joint supervision."""
    user, at = reader(request), timezone.now()
    row = visit_or_404(user, pk)
    steps = options(user, row, VISIT_STEPS, VISIT_MOVES)
    findings, tasks = findings_for(row, user)
    context = {
        "row": row,
        "steps": [step for step in steps if not step.is_rare],
        "rare": [step for step in steps if step.is_rare],
        "findings": [(one, tasks.get(one.pk, [])) for one in findings],
        "departments": list(row.departments.all()),
        "members": list(row.members.select_related("unit")),
        "cases": list(row.cases.filter(pk__in=BacklogCase.objects.visible_to(user).values("pk"))),
        "events": [(one, _done(one.move)) for one in row.events.select_related("unit")],
        "now": at,
        "today": city_day(at),
        "nav": "meetings",
    }
    return render(request, "backlog/visit.html", context)


def _done(move: str) -> str:
    return str(VISIT_MOVES[move].done) if move in VISIT_MOVES else _("planned the visit")


@require_http_methods(["GET", "POST"])
@never_cache
def visit_act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """A step of a joint supervision: its form, and what the form sends."""
    user = reader(request)
    row = visit_or_404(user, pk)
    return take(
        request, user, row, name, steps=VISIT_STEPS, moves=VISIT_MOVES, back=reverse("visit", args=[pk]),
        context={"nav": "meetings", "open_orders": actions.open_orders(row)},
    )  # fmt: skip


@require_GET
@never_cache
def visit_paper_file(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    """The feedback (督导反馈单) as PDF or Word, with the findings the reader may see."""
    user = reader(request)
    row = visit_or_404(user, pk)
    findings, tasks = findings_for(row, user)
    return file_of(visit_paper(row, findings, tasks), form, f"{row.number}反馈单", row.closed_at)
