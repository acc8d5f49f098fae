"""Papers as files: preview pictures kept for a short while, PDF and Word on the record, masked where they must be."""

import hashlib
import json
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.actions import log_access
from accounts.addresses import address_of
from accounts.models import AccessLog, User
from dispatch.views.reading import reader
from petitions.actions import documents
from petitions.documents.composing import Paper
from petitions.documents.receipts import receipt_paper
from petitions.documents.rendering import pdf_of, pictures_of
from petitions.documents.word import CONTENT_TYPE
from petitions.models import Document, Petition
from petitions.states import Refused

PREVIEW_SECONDS = 900
# Pages of a preview; a longer one says so and points to the PDF.
PREVIEW_PAGES = 8


def keep_preview(user: User, paper: Paper) -> dict[str, Any]:
    """Set the pages and keep their pictures for this person; addresses to show, and characters no font has."""
    digest = hashlib.sha256(json.dumps(paper.data, sort_keys=True).encode()).hexdigest()[:32]
    try:
        pages = pictures_of(paper, ppi=100)
    except Refused as refusal:
        return {"urls": [], "missing": paper.missing, "error": str(refusal)}
    for number, picture in enumerate(pages[:PREVIEW_PAGES], start=1):
        cache.set(f"paper:{user.pk}:{digest}:{number}", picture, PREVIEW_SECONDS)
    count = min(len(pages), PREVIEW_PAGES)
    urls = [reverse("paper_page", args=[digest, number]) for number in range(1, count + 1)]
    return {"urls": urls, "missing": paper.missing, "more": len(pages) - count, "error": ""}


@require_GET
def paper_page(request: HttpRequest, digest: str, number: int) -> HttpResponse:
    """One page of a preview of one's own; 404 once it is forgotten."""
    user = reader(request)
    picture = cache.get(f"paper:{user.pk}:{digest}:{number}")
    if picture is None:
        raise Http404
    response = HttpResponse(picture, content_type="image/png")
    response["Cache-Control"] = "private, max-age=600"
    return response


@require_GET
@never_cache
def document_file(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    """A document as PDF or Word, on the record. Whoever may not see the identity gets a masked copy."""
    user = reader(request)
    document = get_object_or_404(Document.objects.visible_to(user).select_related("petition", "unit"), pk=pk)
    wanted = request.GET.get("v", "")
    rows = document.versions.filter(no=int(wanted)) if wanted.isdecimal() and len(wanted) < 6 else document.versions
    version = rows.order_by("-no").first()
    if version is None or form not in {"pdf", "docx"}:
        raise Http404
    version.document = document
    is_masked = not Petition.objects.filter(pk=document.petition_id).within(user, "petitions.reveal").exists()
    if not is_masked and document.issued_at and not document.filed_at and not wanted:
        documents.file_document(pk, at=timezone.now())
        version.refresh_from_db()
    maker = documents.document_pdf if form == "pdf" else documents.document_word
    content = maker(version, is_masked=is_masked)
    with transaction.atomic():
        log_access(
            user=user,
            action=AccessLog.Action.DOWNLOAD,
            target=f"petition:{document.petition_id}",
            detail=f"{document.number or document.title} v{version.no}.{form}",
            ip=address_of(request),
            at=timezone.now(),
        )
    return file_response(content, f"{document.number or document.title}.{form}", form)


@require_GET
@never_cache
def delivery_receipt(request: HttpRequest, pk: int, delivery: int) -> HttpResponse:
    """The receipt of a delivery (送达回证) as PDF, to be signed or put into the file; on the record."""
    user = reader(request)
    document = get_object_or_404(Document.objects.visible_to(user).select_related("petition", "unit"), pk=pk)
    row = get_object_or_404(document.deliveries.all(), pk=delivery)
    row.document = document
    is_open = Petition.objects.filter(pk=document.petition_id).within(user, "petitions.reveal").exists()
    content = pdf_of(receipt_paper(row, is_masked=not is_open), at=row.recorded_at)
    with transaction.atomic():
        log_access(
            user=user,
            action=AccessLog.Action.DOWNLOAD,
            target=f"petition:{document.petition_id}",
            detail=f"送达回证 {document.number or document.title}",
            ip=address_of(request),
            at=timezone.now(),
        )
    return file_response(content, f"送达回证 {document.number or document.title}.pdf", "pdf")


def file_response(content: bytes, name: str, form: str) -> HttpResponse:
    """A file to save; its name may be Chinese."""
    from django.utils.http import content_disposition_header

    types = {"pdf": "application/pdf", "docx": CONTENT_TYPE, "zip": "application/zip"}
    response = HttpResponse(content, content_type=types[form])
    response["Content-Disposition"] = str(content_disposition_header(True, name))
    response["X-Content-Type-Options"] = "nosniff"
    return response
