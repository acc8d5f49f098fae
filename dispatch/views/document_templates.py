"""Templates of documents: list, edit beside a live sample, editions, restore. No case is shown here."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from accounts.responses import go_to
from dispatch.forms.documents import TemplateForm
from dispatch.views.document_files import file_response, keep_preview
from dispatch.views.reading import permitted
from petitions.actions import documents
from petitions.documents.composing import sample_paper
from petitions.documents.filling import unknown_places
from petitions.documents.kinds import KINDS, DocumentKind
from petitions.documents.rendering import pdf_of
from petitions.documents.wording import wording_of
from petitions.models import DocumentTemplate
from petitions.states import Refused

PERMISSION = "petitions.document_templates"


def _kind_or_404(key: str) -> DocumentKind:
    kind = KINDS.get(key)
    if kind is None or not kind.body:
        raise Http404
    return kind


@require_GET
@never_cache
def template_list(request: HttpRequest) -> HttpResponse:
    """Every kind with the edition in force."""
    permitted(request, PERMISSION)
    newest: dict[str, DocumentTemplate] = {}
    for row in DocumentTemplate.objects.select_related("made_by").order_by("kind", "no"):
        newest[row.kind] = row
    kinds = sorted((kind for kind in KINDS.values() if kind.body), key=lambda kind: (kind.place, kind.key))
    context = {"rows": [(kind, newest.get(kind.key)) for kind in kinds], "now": timezone.now()}
    return render(request, "dispatch/documents/templates.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
def template_edit(request: HttpRequest, key: str) -> HttpResponse:
    """The wording of a kind beside a sample of it; saving makes a new edition."""
    user = permitted(request, PERMISSION)
    kind = _kind_or_404(key)
    editions = list(DocumentTemplate.objects.filter(kind=key).select_related("made_by").order_by("-no"))
    wanted = request.GET.get("edition", "")
    shown = next((row for row in editions if str(row.no) == wanted), None)
    title, body = (shown.title, shown.body) if shown else wording_of(kind)
    if wanted == "0":
        title, body = kind.title, kind.body
    start = {"title": title, "body": body, "base": editions[0].no if editions else 0}
    form = TemplateForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            documents.save_template(key, **form.cleaned_data, actor=user, at=timezone.now())
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("Saved as a new edition. Drafts begun from now on use it."))
            return go_to(request, "document_template", key=key)
    context = {
        "kind": kind,
        "form": form,
        "editions": editions,
        "wanted": wanted,
        "preview": _sample(user, kind, form["title"].value() or "", form["body"].value() or ""),
        "nav": "document_templates",
        "now": timezone.now(),
    }
    return render(request, "dispatch/documents/template.html", context, status=422 if form.errors else 200)


def _sample(user: User, kind: DocumentKind, title: str, body: str) -> dict[str, Any]:
    unknown = unknown_places(kind, f"{title}\n{body}")
    preview = keep_preview(user, sample_paper(kind, title=title, body=body))
    if unknown:
        words = _("There is no placeholder %(names)s.") % {"names": _(", ").join(unknown)}
        preview = {**preview, "error": words}
    return preview


@require_POST
@never_cache
def template_preview(request: HttpRequest, key: str) -> HttpResponse:
    """The sample with the wording as typed so far."""
    user = permitted(request, PERMISSION)
    kind = _kind_or_404(key)
    preview = _sample(user, kind, request.POST.get("title", "")[:160], request.POST.get("body", "")[:20000])
    return render(request, "dispatch/documents/paper.html", {"preview": preview})


@require_GET
@never_cache
def template_pdf(request: HttpRequest, key: str) -> HttpResponse:
    """The sample of the wording in force as PDF."""
    permitted(request, PERMISSION)
    kind = _kind_or_404(key)
    title, body = wording_of(kind)
    return file_response(pdf_of(sample_paper(kind, title=title, body=body)), f"{kind.title}.pdf", "pdf")


@require_POST
def template_restore(request: HttpRequest, key: str) -> HttpResponse:
    """Put an earlier edition in force again."""
    user = permitted(request, PERMISSION)
    kind = _kind_or_404(key)
    number = request.POST.get("edition", "")
    try:
        documents.restore_template(
            kind.key, int(number) if number.isdecimal() and len(number) < 6 else 0, actor=user, at=timezone.now()
        )
    except Refused as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("That edition is in force again, as a new one."))
    return go_to(request, "document_template", key=key)
