"""Documents of a case: begin one, fill it in beside its preview, take it through sign-off, issue and delivery."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.context import forget_badges
from accounts.models import Unit, User
from accounts.responses import go_to
from dispatch import papers
from dispatch.forms.documents import EntriesForm, MatterFormSet, matters_of, values_for_preview
from dispatch.models import Suggestion, SupervisionOrder
from dispatch.steps.documents import DOCUMENT_STEPS, options
from dispatch.views.document_files import keep_preview
from dispatch.views.reading import permitted, petition_or_404, reader
from dispatch.views.row_steps import take
from petitions.actions import documents
from petitions.actions.documents.signing import next_step
from petitions.documents.checks import problems_of
from petitions.documents.composing import compose, paper_of, personal_words
from petitions.documents.kinds import KINDS
from petitions.models import Document, Petition
from petitions.paging import Order, page_of
from petitions.states import Refused
from petitions.states.documents import DOCUMENT_MOVES, DocumentState

_JOINED = ("petition__area", "unit", "addressee_unit", "drafter", "issued_by", "waits_for")


def document_or_404(user: User, pk: int) -> Document:
    """The document if this person may read its case."""
    return get_object_or_404(Document.objects.visible_to(user).select_related(*_JOINED), pk=pk)


@require_POST
def document_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin a document of the kind chosen on the case page."""
    user = reader(request)
    petition = petition_or_404(user, pk)
    kind = KINDS.get(request.POST.get("kind", ""))
    if kind is None or not kind.is_offered:
        raise Http404
    try:
        document = documents.draft(petition.pk, kind.key, actor=user, at=timezone.now())
    except Refused as refusal:
        messages.warning(request, str(refusal))
        return go_to(request, f"{reverse('petition', args=[pk])}?tab=documents")
    return go_to(request, "document", pk=document.pk)


def may_edit(user: User, document: Document) -> bool:
    """A draft, by people of its organ whom the permission reaches."""
    rows = Petition.objects.filter(pk=document.petition_id)
    return (
        document.state == DocumentState.DRAFT
        and document.unit_id == user.unit_id
        and rows.within(user, "petitions.document_draft").exists()
    )


@require_http_methods(["GET", "POST"])
@never_cache
def document_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One document: its paper, its way, its versions and deliveries; a draft with its form."""
    user = reader(request)
    document = document_or_404(user, pk)
    if not may_edit(user, document):
        if request.method == "POST":
            raise Http404
        return render(request, "dispatch/documents/document.html", _context(request, user, document))
    form, formset = _forms(document, request.POST if request.method == "POST" else None)
    if request.method == "POST" and "add" in request.POST:
        formset = _one_more(document, request)
        return render(request, "dispatch/documents/document.html", _context(request, user, document, form, formset))
    if request.method == "POST" and _is_valid(form, formset):
        answer = _save(request, user, document, form, formset)
        if answer is not None:
            return answer
    status = 422 if request.method == "POST" else 200
    context = _context(request, user, document, form, formset)
    return render(request, "dispatch/documents/document.html", context, status=status)


def _has_matters(document: Document) -> bool:
    return any(place.widget == "matters" for place in KINDS[document.kind].entries)


def _forms(document: Document, data: Any) -> tuple[EntriesForm, Any]:
    form = EntriesForm(data, kind=KINDS[document.kind], document=document)
    if not _has_matters(document):
        return form, None
    if data is not None:
        return form, MatterFormSet(data, prefix="matters")
    return form, MatterFormSet(initial=document.current.values.get("matters") or [{}], prefix="matters")


def _one_more(document: Document, request: HttpRequest) -> Any:
    """The matters as typed, and an empty one more."""
    data = request.POST.copy()
    data["matters-TOTAL_FORMS"] = str(min(30, int(data.get("matters-TOTAL_FORMS") or 0) + 1))
    return MatterFormSet(data, prefix="matters")


def _is_valid(form: EntriesForm, formset: Any) -> bool:
    return form.is_valid() and (formset is None or formset.is_valid())


def _save(request: HttpRequest, user: User, document: Document, form: EntriesForm, formset: Any) -> HttpResponse | None:
    """Keep what was typed; go on to the sign-off when that was asked for and nothing is missing."""
    matters = matters_of(formset) if formset is not None else None
    at, version = timezone.now(), form.cleaned_data["version"]
    try:
        documents.amend(document.pk, **form.arguments(matters), actor=user, at=at, version=version)
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return None
    document.refresh_from_db()
    if "submit" not in request.POST:
        messages.success(request, _("The draft is saved."))
        return go_to(request, "document", pk=document.pk)
    found = problems_of(document, document.current)
    if found:
        form.data = form.data.copy()  # type: ignore[attr-defined]
        form.data["version"] = str(document.version)  # type: ignore[index]
        form.show(found)
        return None
    return go_to(request, "document_act", pk=document.pk, move="submit")


def _context(
    request: HttpRequest, user: User, document: Document, form: EntriesForm | None = None, formset: Any = None
) -> dict[str, Any]:
    versions = list(document.versions.select_related("made_by").order_by("-no"))
    wanted = request.GET.get("v", "")
    version = next((v for v in versions if str(v.no) == wanted), versions[0])
    version.document = document
    deliveries = list(document.deliveries.select_related("recorded_by").order_by("-pk"))
    paper = paper_of(document, version, is_masked=True)
    steps = options(user, document, is_under_way=any(row.is_under_way for row in deliveries))
    kind = KINDS[document.kind]
    return {
        "document": document,
        "p": document.petition,
        "kind": kind,
        "version": version,
        "versions": versions,
        "deliveries": deliveries,
        "preview": keep_preview(user, paper),
        "form": form,
        "formset": formset,
        "units": _units(document) if form and kind.is_to_unit else [],
        "steps": [step for step in steps if not step.is_rare and not (form and step.name == "submit")],
        "rare": [step for step in steps if step.is_rare],
        "chain": _chain(document),
        "sign_offs": list(document.sign_offs.select_related("by", "version")),
        "problems": problems_of(document, versions[0]) if document.is_open and not (form and form.errors) else [],
        "places": kind.all_places,
        "nav": "worklist",
        "now": timezone.now(),
    }


def _chain(document: Document) -> list[dict[str, Any]]:
    """The signatures in order: given, due, to come."""
    due = next_step(document)
    rows = []
    for place, step in enumerate(KINDS[document.kind].chain):
        label = step.head_label if document.is_major and step.head_label else step.label
        is_given = place < document.signed_steps
        rows.append({"label": label, "mark": "done" if is_given else "now" if step is due else ""})
    return rows


def _units(document: Document) -> list[str]:
    """Names to choose the addressee from: the district's organs first."""
    district = document.petition.district_id
    rows = Unit.objects.filter(is_active=True, area__district=district).exclude(pk=document.unit_id)
    return list(rows.order_by("code").values_list("name", flat=True)[:200])


@require_POST
@never_cache
def document_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """The paper with what has been typed so far, for the draft's form; nothing is kept."""
    user = reader(request)
    document = document_or_404(user, pk)
    if not may_edit(user, document):
        raise Http404
    form, formset = _forms(document, request.POST)
    form.is_valid()
    if formset is not None:
        formset.is_valid()
    form.cleaned_data.setdefault("title", document.current.title)
    form.cleaned_data.setdefault("body", document.current.body)
    kind = KINDS[document.kind]
    values = values_for_preview(form, matters_of(formset) if formset is not None and formset.is_valid() else None)
    addressee = form.cleaned_data.get("addressee")
    values = {**values, **({"addressee": addressee.name} if addressee else {})}
    title, body = form.cleaned_data["title"], form.cleaned_data["body"]
    paper = compose(
        kind,
        title=title,
        body=body,
        values=values,
        is_to_unit=kind.is_to_unit,
        mark=str(_("Preview")),
        hidden=personal_words(document.petition, kind, values),
    )
    context = {"preview": keep_preview(user, paper)}
    return render(request, "dispatch/documents/paper.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
def document_act(request: HttpRequest, pk: int, move: str) -> HttpResponse:
    """A step of a document: its form, and what the form sends. Files are made after the step, outside its locks."""
    user = reader(request)
    document = document_or_404(user, pk)
    before = document.state
    answer = take(
        request,
        user,
        document,
        move,
        steps=DOCUMENT_STEPS,
        moves=DOCUMENT_MOVES,
        back=reverse("document", args=[pk]),
        context={"p": document.petition, "document": document, "nav": "worklist"},
    )
    if request.method == "POST":
        forget_badges(user)
        document.refresh_from_db()
        if document.state == DocumentState.ISSUED and before != document.state:
            documents.file_document(pk, at=timezone.now())
    return answer


@require_POST
def supervision_letter(request: HttpRequest, pk: int) -> HttpResponse:
    """The official letter of a supervision order: the one there is, or its draft."""
    user = permitted(request, "dispatch.supervise")
    row = get_object_or_404(SupervisionOrder.objects.whole_to(user), pk=pk)
    return _paper(request, lambda: papers.letter_of(row, actor=user, at=timezone.now()), "supervision", pk)


@require_POST
def suggestion_letter(request: HttpRequest, pk: int) -> HttpResponse:
    """The paper of a formal suggestion: the one there is, or its draft."""
    user = permitted(request, "dispatch.suggest")
    row = get_object_or_404(Suggestion.objects.visible_to(user), pk=pk)
    return _paper(request, lambda: papers.suggestion_of(row, actor=user, at=timezone.now()), "suggestion", pk)


def _paper(request: HttpRequest, make: Callable[[], Document], back: str, pk: int) -> HttpResponse:
    try:
        return go_to(request, "document", pk=make().pk)
    except Refused as refusal:
        messages.warning(request, str(refusal))
        return go_to(request, back, pk=pk)


NEWEST = Order("id", is_descending=True)


@require_GET
@never_cache
def document_approvals(request: HttpRequest) -> HttpResponse:
    """What waits for my signature, and what I have submitted that is on its way."""
    user = permitted(request, "petitions.document_check")
    show = "mine" if request.GET.get("show") == "mine" else "waiting"
    if show == "mine":
        rows = Document.objects.visible_to(user).filter(drafter=user, state__in=["draft", "in_review", "signed"])
    else:
        rows = Document.objects.waiting_for(user)
    page = page_of(
        rows.select_related("petition", "unit", "drafter"), NEWEST, cursor=request.GET.get("cursor", ""), size=50
    )
    here = reverse("document_approvals")
    context = {
        "rows": [(row, KINDS[row.kind], next_step(row)) for row in page.rows],
        "page": page,
        "show": show,
        "tabs": [
            {"url": here, "label": _("Waiting for my signature"), "current": show == "waiting"},
            {"url": f"{here}?show=mine", "label": _("My drafts under way"), "current": show == "mine"},
        ],
        "now": timezone.now(),
    }
    return render(request, "dispatch/documents/approvals.html", context)
