"""One milestone, edited in place in the progress table or in the file; a plan of several at once."""

from typing import Any, cast
from urllib.parse import urlsplit

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from accounts.responses import go_to, is_htmx, with_toast
from backlog.actions import milestones as actions
from backlog.forms.milestones import BeginForm, MilestoneForm, PlanSet, first_day, plan_set
from backlog.milestone_tab import may_plan
from backlog.models import BacklogCase, Milestone
from backlog.progress import ProgressTable
from backlog.reference.milestones import usual
from backlog.steps.milestones import MILESTONE_STEPS
from backlog.views.cases import case_or_404
from dispatch.clocks import city_day
from dispatch.views.reading import reader, safe_next
from dispatch.views.row_steps import take
from petitions.states import Refused


def _milestone_or_404(user: User, pk: int, permission: str = "backlog.plan") -> Milestone:
    rows = Milestone.objects.within(user, permission).standing().select_related("case__district", "case__force")
    return get_object_or_404(rows, pk=pk)


def _tab(case_id: int) -> str:
    return f"{reverse('backlog_case', args=[case_id])}?tab=milestones"


@require_GET
def milestone(request: HttpRequest, pk: int) -> HttpResponse:
    """Where a milestone stands: the tab of its file."""
    row = _milestone_or_404(reader(request), pk, "backlog.view")
    return HttpResponseRedirect(f"{_tab(row.case_id)}#milestone-{pk}")


@require_http_methods(["GET", "POST"])
@never_cache
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """A milestone's form: below its row in the table, in the dialog of the file, or a page without scripts."""
    user, at = reader(request), timezone.now()
    row = _milestone_or_404(user, pk)
    back = safe_next(request, _tab(row.case_id))
    if "close" in request.GET:
        return HttpResponse()
    if request.method == "POST":
        data = request.POST.copy()
        if "reached_today" in data and not data.get("actual_on"):
            data["actual_on"] = city_day(at).isoformat()
        form = MilestoneForm(data, user=user, row=row, at=at)
        if form.is_valid() and _save(form, row, user, at):
            return _saved(request, user, row, back)
    else:
        form = MilestoneForm(user=user, row=row, at=at)
    context = {
        "form": form,
        "row": row,
        "case": row.case,
        "title": _("Milestone"),
        "submit": _("Save"),
        "cancel_url": back,
        "next": back,
        "today": city_day(at),
        "nav": "backlog",
        "is_inline": _is_inline(request),
    }
    template = "backlog/milestone_inline.html" if _is_inline(request) else "backlog/milestone_edit.html"
    return render(request, template, context, status=422 if form.errors else 200)


def _is_inline(request: HttpRequest) -> bool:
    """Whether it is edited below its row of the table."""
    return is_htmx(request) and request.headers.get("HX-Target", "").startswith("edit-")


def _save(form: MilestoneForm, row: Milestone, user: User, at: Any) -> bool:
    try:
        actions.edit(row.pk, **form.arguments(), version=form.cleaned_data["version"], actor=user, at=at)
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, ValidationError(str(refusal)))
        if refusal.code == "stale":
            # What was typed stays; sent again it is about the row as it is now.
            row.refresh_from_db(fields=["version"])
            data = cast(QueryDict, form.data).copy()
            data["version"] = str(row.version)
            form.data = data
        return False
    return True


def _saved(request: HttpRequest, user: User, row: Milestone, back: str) -> HttpResponse:
    """The row of the table again, or back to where one came from."""
    done = _("The milestone is saved.")
    if not _is_inline(request):
        messages.success(request, done)
        return go_to(request, back)
    table = ProgressTable(user, QueryDict(urlsplit(back).query), timezone.now())
    line = table.line_of(row.case_id)
    # With the change the case may no longer fit the filters: then the page is asked for anew.
    if line is None:
        return go_to(request, back)
    context = {"line": line, "table": table, "is_editor": True, "here": table.here, "is_fresh": True}
    answer = render(request, "backlog/table_row.html", context)
    answer["HX-Retarget"] = f"#case-{row.case_id}"
    answer["HX-Reswap"] = "outerHTML"
    return with_toast(answer, done)


@require_POST
def shift(request: HttpRequest, pk: int) -> HttpResponse:
    """One place up or down in the plan."""
    user = reader(request)
    row = _milestone_or_404(user, pk)
    by = -1 if request.POST.get("by") == "up" else 1
    try:
        actions.shift(pk, by=by, actor=user, at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(f"{_tab(row.case_id)}#milestone-{pk}")


@require_http_methods(["GET", "POST"])
@never_cache
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """The other steps of a milestone."""
    user = reader(request)
    row = _milestone_or_404(user, pk)
    return take(
        request, user, row, name, steps=MILESTONE_STEPS, moves=None, permission="backlog.plan",
        page="backlog/step.html", back=safe_next(request, _tab(row.case_id)),
        context={"case": row.case, "nav": "backlog"},
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@never_cache
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """The usual milestones of the case's task force, to be changed before they are saved."""
    user, at = reader(request), timezone.now()
    case = case_or_404(user, pk)
    if not may_plan(user, case):
        raise Http404
    begin = first_day(request.GET.get("begin", ""), at)
    if request.method == "POST":
        rows = PlanSet(request.POST, prefix="plan")
        error = _save_plan(rows, case, user, at) if rows.is_valid() else ""
        if rows.is_valid() and not error:
            messages.success(request, _("The plan is saved."))
            return go_to(request, _tab(pk))
    else:
        rows, error = plan_set(usual(case.force.key if case.force is not None else "", begin)), ""
    context = {
        "case": case,
        "rows": rows,
        "error": error,
        "begin": BeginForm(initial={"begin": begin}),
        "cancel_url": _tab(pk),
        "nav": "backlog",
    }
    return render(request, "backlog/milestone_plan.html", context, status=422 if error or rows.errors else 200)


def _save_plan(rows: Any, case: BacklogCase, user: User, at: Any) -> str:
    """Plan what is kept; the sentence of a refusal, '' when it is done."""
    try:
        actions.plan_all(case.pk, rows=rows.planned(), actor=user, at=at)
    except Refused as refusal:
        return str(refusal)
    return ""
