"""Letters of the matter: read, received, taken along; opening one is its electronic delivery."""

from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods

from petitions.actions import documents as actions
from petitions.actions.documents.filing import document_pdf
from petitions.documents.filling import fill
from petitions.models import Document
from petitions.states import Refused
from portal.access import Matter, matter_page
from portal.reading import MatterFile


@require_GET
@matter_page
def documents(request: HttpRequest, matter: Matter, at: datetime) -> HttpResponse:
    """What has been issued to the petitioner."""
    return render(request, "portal/documents.html", {"file": MatterFile(matter, at), "now": at})


def _document_or_404(matter: Matter, ref: str) -> Document:
    rows = Document.objects.for_citizen(matter.petition).select_related("unit")
    found = rows.filter(pk=int(ref)).first() if ref.isdecimal() and len(ref) < 18 else None
    if found is None:
        raise Http404
    return found


@require_http_methods(["GET", "POST"])
@matter_page
def document(request: HttpRequest, matter: Matter, at: datetime, ref: str) -> HttpResponse:
    """One letter. Before it is delivered only what it is; the press on “received” opens it and is its receipt."""
    found = _document_or_404(matter, ref)
    if request.method == "POST":
        try:
            actions.read_by_citizen(found.pk, at=at)
        except Refused as refusal:
            messages.error(request, str(refusal))
        return redirect("portal_document", ref=ref)
    context = {"file": MatterFile(matter, at), "doc": found, "now": at}
    if found.delivered_at is not None:
        version = found.current
        context |= {"version": version, "text": fill(version.body, version.values, {})}
    return render(request, "portal/document.html", context)


@require_GET
@matter_page
def document_file(request: HttpRequest, matter: Matter, at: datetime, ref: str) -> HttpResponse:
    """The letter as it was issued, as PDF; only once it is delivered."""
    found = _document_or_404(matter, ref)
    version = found.current
    version.document = found
    if found.delivered_at is None:
        raise Http404
    try:
        content = document_pdf(version)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("portal_document", ref=ref)
    response = HttpResponse(content, content_type="application/pdf")
    name = f"{found.number or found.title}.pdf"
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response
