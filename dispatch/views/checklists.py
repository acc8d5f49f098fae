"""The steps of a case: its tab, ticking by hand; and the pages on which an office keeps its checklists."""

from typing import Any

from django.contrib import messages
from django.forms import formset_factory
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from accounts.responses import go_to
from dispatch.case_file import CaseFile
from dispatch.forms.records import ChecklistForm, StepForm, TickForm
from dispatch.panels import Panel, register_case_panel
from dispatch.tabs import CaseTab, register_tab
from dispatch.views.reading import permitted, petition_or_404, reader
from petitions.actions import StepDraft, save_checklist, tick, untick
from petitions.checklists import count_of, progress_of
from petitions.models import ChecklistStep, ChecklistTemplate, ContentClass, Petition, Purpose
from petitions.states import Refused

TAB = "steps"
SPARE_ROWS = 2


def _tab(_request: HttpRequest, case: CaseFile) -> dict[str, Any]:
    return {"progress": progress_of(case.petition), "may_tick": case.reach("petitions.tick")}


def _count(case: CaseFile) -> str:
    found = count_of(case.petition)
    return f"{found[0]}/{found[1]}" if found else ""


register_tab(
    CaseTab(
        TAB,
        gettext_lazy("Steps"),
        "dispatch/case_progress.html",
        context=_tab,
        count=_count,
        is_open=lambda case: count_of(case.petition) is not None,
        place=50,
    )
)


@register_case_panel
def _card(user: User, petition: Petition, orders: list[Any], at: Any) -> Panel | None:
    found = count_of(petition)
    if found is None or not found[1]:
        return None
    done, total = found
    url = f"{reverse('petition', args=[petition.pk])}?tab={TAB}"
    return Panel(
        "dispatch/progress_card.html", {"done": done, "total": total, "share": 100 * done // total, "url": url}
    )


def _case(request: HttpRequest, pk: int) -> CaseFile:
    user = reader(request)
    case = CaseFile(user, petition_or_404(user, pk), timezone.now())
    if not case.reach("petitions.tick"):
        raise Http404
    return case


def _back(petition: Petition, number: int) -> str:
    return f"{reverse('petition', args=[petition.pk])}?tab={TAB}#step-{number}"


@require_http_methods(["GET", "POST"])
@never_cache
def step_tick(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Tick a step with what shows it."""
    return _tick(request, pk, number, is_applicable=True)


@require_http_methods(["GET", "POST"])
@never_cache
def step_leave_out(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Say why a step does not apply."""
    return _tick(request, pk, number, is_applicable=False)


def _tick(request: HttpRequest, pk: int, number: int, *, is_applicable: bool) -> HttpResponse:
    case = _case(request, pk)
    progress = progress_of(case.petition)
    line = next((line for line in progress.lines if line.step.number == number), None) if progress else None
    if line is None:
        raise Http404
    form = TickForm(request.POST if request.method == "POST" else None)
    if not is_applicable:
        form.fields["words"].label = _("Why it does not apply")
        form.fields["words"].required = True
    form.fields["words"].required |= line.step.needs_evidence
    if request.method == "POST" and form.is_valid():
        try:
            tick(
                pk,
                number=number,
                words=form.cleaned_data["words"],
                is_applicable=is_applicable,
                actor=case.user,
                at=case.at,
            )
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("The step is ticked.") if is_applicable else _("The step is left out."))
            return go_to(request, _back(case.petition, number))
    title = _("Step %(n)d: done") if is_applicable else _("Step %(n)d: does not apply")
    context = {
        "form": form,
        "p": case.petition,
        "line": line,
        "title": title % {"n": number},
        "submit": _("Tick") if is_applicable else _("Leave out"),
        "cancel_url": _back(case.petition, number),
        "nav": "worklist",
    }
    return render(request, "dispatch/step_tick.html", context, status=422 if form.errors else 200)


@require_POST
def step_untick(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Take a tick made by hand back."""
    case = _case(request, pk)
    try:
        untick(pk, number=number, actor=case.user, at=case.at)
    except Refused as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("The tick is taken back."))
    return go_to(request, _back(case.petition, number))


# ---- keeping the checklists ----

Rows = formset_factory(StepForm, extra=SPARE_ROWS, max_num=80, absolute_max=90)


@require_GET
@never_cache
def checklist_list(request: HttpRequest) -> HttpResponse:
    """The checklists in force, and where one may be made for a class or a purpose of its own."""
    permitted(request, "petitions.checklists")
    rows = ChecklistTemplate.objects.filter(replaced_at=None).select_related("content_class", "made_by")
    context = {
        "rows": list(rows.prefetch_related("steps").order_by("content_class__code", "purpose")),
        "classes": list(ContentClass.objects.filter(level=1, is_active=True)),
        "purposes": Purpose,
        "now": timezone.now(),
    }
    return render(request, "dispatch/checklists.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
def checklist_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """One checklist: its steps to edit while it is in force, read only after; its versions below."""
    user = permitted(request, "petitions.checklists")
    template = get_object_or_404(ChecklistTemplate.objects.select_related("content_class"), pk=pk)
    return _edit(request, user, template, template.content_class, template.purpose)


@require_http_methods(["GET", "POST"])
@never_cache
def checklist_new(request: HttpRequest) -> HttpResponse:
    """A checklist for a class or a purpose that follows the general one so far: it starts from that."""
    user = permitted(request, "petitions.checklists")
    purpose = request.GET.get("purpose", "")
    chosen = ContentClass.objects.filter(code=request.GET.get("class", "")).first()
    if purpose not in {"", *Purpose.values}:
        raise Http404
    current = ChecklistTemplate.objects.filter(replaced_at=None)
    own = current.filter(content_class=chosen, purpose=purpose).first()
    if own is not None:
        return go_to(request, "checklist_edit", pk=own.pk)
    template = current.filter(content_class=None, purpose="").first()
    return _edit(request, user, template, chosen, purpose)


def _edit(
    request: HttpRequest, user: User, template: ChecklistTemplate | None, chosen: ContentClass | None, purpose: str
) -> HttpResponse:
    steps = list(template.steps.all()) if template else []
    form = ChecklistForm(request.POST or None)
    rows = Rows(request.POST or None, initial=[_initial(step) for step in steps])
    if request.method == "POST" and form.is_valid() and rows.is_valid():
        try:
            saved = save_checklist(
                content_class=chosen,
                purpose=purpose,
                steps=_drafts(rows),
                reason=form.cleaned_data["reason"],
                actor=user,
                at=timezone.now(),
            )
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("The checklist is saved. Cases registered from now on follow it."))
            return go_to(request, "checklist_edit", pk=saved.pk)
    versions = ChecklistTemplate.objects.filter(content_class=chosen, purpose=purpose).select_related("made_by")
    context = {
        "form": form,
        "rows": rows,
        "template": template,
        "is_current": template is None or template.replaced_at is None,
        "content_class": chosen,
        "purpose": Purpose(purpose).label if purpose else "",
        "versions": list(versions),
        "nav": "checklists",
        "now": timezone.now(),
    }
    return render(request, "dispatch/checklist_edit.html", context, status=422 if form.errors else 200)


_NAMES = ("key", "label", "label_en", "who", "who_en", "evidence", "evidence_en")
_FLAGS = ("needs_evidence", "is_visit_only", "is_active")


def _initial(step: ChecklistStep) -> dict[str, Any]:
    values = {name: getattr(step, name) for name in (*_NAMES, *_FLAGS)}
    return {**values, "place": step.number, "events": ",".join(step.events)}


def _drafts(rows: Any) -> list[StepDraft]:
    """The filled rows in the order their numbers say; rows without words are left out."""
    filled = [row.cleaned_data for row in rows if row.cleaned_data.get("label", "").strip()]
    filled.sort(key=lambda data: data.get("place") or 999)
    return [
        StepDraft(
            **{name: data.get(name, "").strip() for name in _NAMES if name != "key"},
            needs_evidence=bool(data.get("needs_evidence")),
            is_visit_only=bool(data.get("is_visit_only")),
            is_active=bool(data.get("is_active")),
            key=data.get("key") or get_random_string(8).lower(),
            events=tuple(kind for kind in data.get("events", "").split(",") if kind),
        )
        for data in filled
    ]
