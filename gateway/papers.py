"""Documents of a petition for other systems: which there are, and each as a masked PDF."""

from typing import Any

from django.db.models import OuterRef, Subquery
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from gateway import outputs
from gateway.api import MAX_ID, OnePetition
from gateway.problems import not_found
from gateway.reference import units
from gateway.renderers import OrjsonRenderer
from gateway.schema import READ, answers, page_schema
from petitions.actions import documents
from petitions.documents.kinds import KINDS
from petitions.models import Document, DocumentVersion
from petitions.states.documents import DocumentState

_COLUMNS = ("id", "kind", "title", "state", "number", "unit_id", "addressee_unit_id", "issued_at", "delivered_at")


class DocumentRow(serializers.Serializer):
    """One issued document addressed to the petitioner; drafts, letters between organs and records stay inside."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    title = serializers.CharField()
    state = serializers.ChoiceField(DocumentState.choices)
    number = serializers.CharField(allow_blank=True)
    unit = outputs.Named(allow_null=True)
    addressee = outputs.Named(allow_null=True)
    issued_at = serializers.DateTimeField(allow_null=True)
    delivered_at = serializers.DateTimeField(allow_null=True)
    pages = serializers.IntegerField(help_text="0 while the file is being made.")
    sha256 = serializers.CharField(allow_blank=True, help_text="Of the PDF as filed; the copy handed out is masked.")


def _row(row: dict[str, Any]) -> dict[str, Any]:
    found = {name: row[name] for name in _COLUMNS if not name.endswith("unit_id")}
    return {
        **found,
        "label": str(KINDS[row["kind"]].label) if row["kind"] in KINDS else row["kind"],
        "unit": units().brief(row["unit_id"]),
        "addressee": units().brief(row["addressee_unit_id"]),
        "pages": row["pages"] or 0,
        "sha256": row["sha256"] or "",
    }


class PetitionDocuments(OnePetition):
    @extend_schema(
        operation_id="petitions_documents",
        summary="The documents issued on a petition",
        responses=answers(page_schema(DocumentRow), READ),
    )
    def get(self, request: Request, pk: int) -> Response:
        self.require(pk)
        newest = DocumentVersion.objects.filter(document=OuterRef("pk")).order_by("-no")
        rows = Document.objects.visible_to(self.client.actor).to_citizens().filter(petition=pk)
        pages, sha256 = (Subquery(newest.values(name)[:1]) for name in ("pages", "pdf_sha256"))
        rows = rows.annotate(pages=pages, sha256=sha256)
        found = rows.order_by("id").values(*_COLUMNS, "pages", "sha256")
        return self.answer({"items": [_row(row) for row in found], "next": None})


class PdfRenderer(OrjsonRenderer):
    """Lets a caller ask for `Accept: application/pdf`; the view answers with the bytes, a problem stays JSON."""

    media_type = "application/pdf"
    format = "pdf"
    render_style = "binary"


class PetitionDocumentFile(OnePetition):
    renderer_classes = [*OnePetition.renderer_classes, PdfRenderer]

    @extend_schema(
        operation_id="petitions_document_file",
        summary="A document as PDF, its petitioner masked",
        responses=answers({(200, "application/pdf"): OpenApiTypes.BINARY}, READ),
    )
    def get(self, request: Request, pk: int, document: int) -> HttpResponse:
        self.require(pk)
        rows = Document.objects.visible_to(self.client.actor).to_citizens().filter(petition=pk)
        row = rows.select_related("petition", "unit").filter(pk=min(document, MAX_ID)).first()
        if row is None:
            raise not_found()
        version = row.current
        version.document = row
        content = documents.document_pdf(version, is_masked=True)
        response = HttpResponse(content, content_type="application/pdf")
        name = f"{row.number or row.title}.pdf"
        response["Content-Disposition"] = str(content_disposition_header(True, name))
        return response
