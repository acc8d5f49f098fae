"""Bulk intake in the API: send a table, follow its job, fetch what became of each line."""

from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from dispatch.models import Job
from gateway import idempotency, queries
from gateway.actions.bulk import start_for_client
from gateway.api import MAX_ID, ApiView
from gateway.bulk import results
from gateway.bulk.landing import KNOWN, REFUSED, TAKEN
from gateway.bulk.reading import Sheet, read_ndjson, read_table, receive
from gateway.idempotency import Answer
from gateway.models import BulkIntake
from gateway.pagination import Order, next_link
from gateway.problems import Problem, not_found
from gateway.renderers import OrjsonRenderer
from gateway.schema import READ, WRITE, answers, page_schema
from petitions.states import Refused

NDJSON = "application/x-ndjson"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"
BY_LINE = Order("bulk", ("line",))
OUTCOMES = [TAKEN, KNOWN, REFUSED]


class JobReceipt(serializers.Serializer):
    """A bulk intake and how far it is; poll it every few seconds until done, failed or cancelled."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(Job.State.choices)
    file = serializers.CharField(allow_blank=True)
    total = serializers.IntegerField(help_text="Lines in the file.")
    handled = serializers.IntegerField(help_text="Lines that have a result.")
    taken = serializers.IntegerField(help_text="Lines that became new petitions.")
    known = serializers.IntegerField(help_text="Lines whose source_ref is a petition already.")
    refused = serializers.IntegerField(help_text="Lines to correct and send again; see rows and errors.")
    percent = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    rows = serializers.CharField(help_text="Address of the result of each line.")
    errors_file = serializers.CharField(help_text="Address of the refused lines as a file; kept thirty days.")


class BulkRow(serializers.Serializer):
    """What became of one line."""

    line = serializers.IntegerField(help_text="As an editor or spreadsheet counts, from 1.")
    outcome = serializers.ChoiceField(OUTCOMES)
    petition = serializers.IntegerField(allow_null=True)
    field = serializers.CharField(allow_blank=True)
    code = serializers.CharField(allow_blank=True)
    message = serializers.CharField(allow_blank=True)


class BulkRowQuery(queries.PageQuery):
    outcome = serializers.ChoiceField(OUTCOMES, required=False)


class ErrorsQuery(queries.StrictSerializer):
    """In which form."""

    form = serializers.ChoiceField(["csv", "xlsx"], default="csv")


class _Stream(BaseParser):
    """Hands the body on as it comes: the view writes it to disk piece by piece."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        return stream


class NdjsonParser(_Stream):
    media_type = NDJSON


class XlsxParser(_Stream):
    media_type = XLSX


class CsvParser(_Stream):
    media_type = CSV


class FileRenderer(OrjsonRenderer):
    """Lets a caller ask for any type: the view answers with the file itself, a problem stays JSON."""

    media_type = "*/*"
    format = "file"
    render_style = "binary"


def receipt(intake: BulkIntake) -> dict[str, Any]:
    """The job as its client reads it."""
    place = reverse("api_job", args=[intake.job_id])
    return {
        "id": intake.job_id,
        "state": intake.job.state,
        "file": intake.name,
        **{name: getattr(intake, name) for name in ("total", "handled", "taken", "known", "refused", "percent")},
        "created_at": intake.created_at,
        "finished_at": intake.job.finished_at,
        "rows": f"{place}/rows",
        "errors_file": f"{place}/errors",
    }


class BulkPetitions(ApiView):
    """Up to 50,000 lines and 64 MiB. Each line of NDJSON is a body of POST /petitions; a table's headings are matched
    to fields by their names. All good lines are registered, each once, also when the same file is sent again."""

    scopes = {"POST": "petitions:write"}
    parser_classes = [NdjsonParser, XlsxParser, CsvParser]

    @extend_schema(
        operation_id="petitions_bulk",
        summary="Register a file of petitions",
        request={NDJSON: OpenApiTypes.BINARY, XLSX: OpenApiTypes.BINARY, CSV: OpenApiTypes.BINARY},
        parameters=[OpenApiParameter("X-File-Name", str, OpenApiParameter.HEADER, description="Shown beside the job.")],
        responses=answers(
            {202: OpenApiResponse(JobReceipt, description="Taken; Location is the address of the job")}, WRITE
        ),
    )
    def post(self, request: Request) -> Response:
        at = timezone.now()
        with NamedTemporaryFile(prefix="yq-bulk-") as file:
            digest = self._receive(request, file)
            name = "".join(c for c in request.headers.get("X-File-Name", "") if c.isprintable())
            # Read within the transaction that holds the key: a retry meanwhile hears 409 and reads nothing again.
            return idempotency.once(
                request, lambda: self._begin(request, Path(file.name), name, at), at=at, digest=digest
            )

    def _receive(self, request: Request, file: Any) -> str:
        stream = request.data
        if not hasattr(stream, "read"):
            raise Problem("malformed", _("Send the file as the body of the request."))
        try:
            return receive(stream, file)
        except Refused as refusal:
            raise Problem("too_large", str(refusal)) from None

    def _begin(self, request: Request, path: Path, name: str, at: Any) -> Answer:
        is_ndjson = (request.content_type or "").split(";")[0].strip().lower() == NDJSON
        sheet: Sheet = read_ndjson(path) if is_ndjson else read_table(path)
        intake = start_for_client(self.client, sheet, name=name, at=at)
        return Answer(202, receipt(intake), {"Location": reverse("api_job", args=[intake.job_id])})


class OneJob(ApiView):
    """What stands below one job of this client; those of others are 404."""

    scopes = {"GET": "petitions:write"}

    def find(self, pk: int) -> BulkIntake:
        """Raises Problem (404)."""
        found = BulkIntake.objects.select_related("job").filter(client=self.client, job=min(pk, MAX_ID)).first()
        if found is None:
            raise not_found()
        return found


class JobRows(OneJob):
    @extend_schema(
        operation_id="jobs_rows",
        summary="What became of each line",
        parameters=[BulkRowQuery],
        responses=answers(page_schema(BulkRow), READ),
    )
    def get(self, request: Request, pk: int) -> Response:
        asked, intake = self.query(BulkRowQuery), self.find(pk)
        cursor, limit = asked.get("cursor", ""), asked["limit"]
        line = int(BY_LINE.read(cursor)[0]) if cursor else 0
        found = results.rows_after(intake, line, limit + 1, asked.get("outcome", ""))
        names = ("line", "outcome", "petition", "field", "code", "message")
        rows = [dict(zip(names, row, strict=True)) for row in found[:limit]]
        more = BY_LINE.cursor(rows[-1]) if len(found) > limit else None
        headers = {"Link": next_link(request.path, queries.plain(request.query_params), more)} if more else {}
        return self.answer({"items": rows, "next": more}, **headers)


class JobErrors(OneJob):
    renderer_classes = [*OneJob.renderer_classes, FileRenderer]

    @extend_schema(
        operation_id="jobs_errors",
        summary="The refused lines as a file to correct and send again",
        parameters=[ErrorsQuery],
        responses=answers({(200, CSV): OpenApiTypes.BINARY, (200, XLSX): OpenApiTypes.BINARY}, READ),
    )
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        return errors_file(self.find(pk), self.query(ErrorsQuery)["form"])


def errors_file(intake: BulkIntake, form: str) -> HttpResponseBase:
    """The error file as an answer."""
    name = f"errors-{intake.job_id}.{form}"
    if form == "xlsx":
        return FileResponse(results.errors_xlsx(intake), content_type=XLSX, as_attachment=True, filename=name)
    response = StreamingHttpResponse(results.errors_csv(intake), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
