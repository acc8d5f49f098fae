"""Data sets in the API: ask for one, follow its job, take the file. Those of other units are 404."""

from datetime import datetime
from typing import Any

from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.addresses import address_of
from dispatch.models import Job
from gateway import idempotency, outputs, queries
from gateway.actions import datasets as actions
from gateway.api import MAX_ID, ApiView, listed
from gateway.bulk.resources import FileRenderer
from gateway.datasets import files, writers
from gateway.idempotency import Answer
from gateway.models import DatasetRun
from gateway.pagination import Order
from gateway.problems import not_found
from gateway.querysets import DatasetRunQuerySet
from gateway.reference import units
from gateway.schema import READ, WRITE, answers, page_schema
from gateway.strict import StrictSerializer

NEWEST = Order("datasets", ("id",), descending=True)
STATES = [*DatasetRun.State.values, "failed"]
COLUMNS = (
    "id", "period", "unit_id", "state", "k", "method", "total", "exact", "generalised", "suppressed", "row_count",
    "created_at", "made_at", "job_id", "job__state", "job__total", "job__done", "job__refused",
)  # fmt: skip


class DatasetShape(serializers.Serializer):
    """A data set and how far it is. Figures count petitions; null while it is made."""

    id = serializers.IntegerField()
    period = serializers.CharField(help_text="A month (2026-10), a quarter (2026-Q3) or a year (2025) of city time.")
    reach = outputs.Named(allow_null=True, help_text="The unit with those below it; null is the whole city.")
    state = serializers.ChoiceField(STATES, help_text="expired: the rows have been removed; ask again.")
    percent = serializers.IntegerField()
    k = serializers.IntegerField(help_text="No row holds fewer petitions.")
    method = serializers.IntegerField(help_text="The number of the way rows are made.")
    total = serializers.IntegerField(allow_null=True, help_text="All in reach; null: fewer than k.")
    exact = serializers.IntegerField(allow_null=True, help_text="Told by town, class and month.")
    generalised = serializers.IntegerField(allow_null=True, help_text="Told more coarsely.")
    suppressed = serializers.IntegerField(allow_null=True, help_text="Told in no row; null: fewer than k in all.")
    rows = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()
    made_at = serializers.DateTimeField(allow_null=True)
    job = serializers.CharField(help_text="Address of its job.")
    file = serializers.CharField(allow_null=True, help_text="Address of the rows, once there are any.")


class DatasetInput(StrictSerializer):
    period = serializers.CharField(max_length=7, help_text="It must have ended; no two periods asked for may overlap.")


class FileQuery(StrictSerializer):
    """In which form."""

    form = serializers.ChoiceField(list(writers.FORMS), default="csv")


def shape(row: dict[str, Any]) -> dict[str, Any]:
    """A data set as clients read it, from COLUMNS."""
    fields = ("period", "state", "k", "method", "total", "exact", "generalised", "suppressed", "row_count", "made_at")
    run = DatasetRun(**{name: row[name] for name in fields})
    run.job = Job(**{name: row[f"job__{name}"] for name in ("state", "total", "done", "refused")})
    figures = run.published
    if run.state == DatasetRun.State.WAITING:
        figures |= dict.fromkeys(("total", "exact", "generalised", "suppressed", "rows"))
    place = reverse("api_dataset", args=[row["id"]])
    return {
        "id": row["id"],
        "period": run.period,
        "reach": units().brief(row["unit_id"]),
        "state": "failed" if run.has_failed else run.state,
        "percent": run.job.percent if run.state == DatasetRun.State.WAITING else 100,
        **figures,
        "created_at": row["created_at"],
        "made_at": run.made_at,
        "job": reverse("api_job", args=[row["job_id"]]),
        "file": f"{place}/file" if run.is_made else None,
    }


class DatasetView(ApiView):
    """Base: data sets of exactly the units the client acts for."""

    scopes = {"GET": "reports:read", "POST": "reports:read"}

    @property
    def runs(self) -> DatasetRunQuerySet:
        return DatasetRun.objects.of_reach_of(self.client.actor)

    def found(self, pk: int) -> dict[str, Any]:
        """Raises Problem (404)."""
        row = self.runs.filter(pk=min(pk, MAX_ID)).values(*COLUMNS).first()
        if row is None:
            raise not_found()
        return shape(row)


class Datasets(DatasetView):
    """Numbers of petitions by town, class and month, for assessments; without accusations, and k-anonymous."""

    @extend_schema(
        operation_id="datasets_list",
        summary="List the data sets of the client's units",
        parameters=[queries.ThinQuery],
        responses=answers(page_schema(DatasetShape), READ),
    )
    def get(self, request: Request) -> Response:
        asked = self.query(queries.ThinQuery)
        return listed(request, self.runs, NEWEST, asked, columns=COLUMNS, shape=shape, row_type=DatasetShape)

    @extend_schema(
        operation_id="datasets_create",
        summary="Ask for the data set of a period",
        request=DatasetInput,
        responses=answers(
            {
                202: OpenApiResponse(DatasetShape, description="Being made; Location is the address of the job"),
                200: OpenApiResponse(DatasetShape, description="Made before, and the same for whoever asks"),
            },
            WRITE,
        ),
    )
    def post(self, request: Request) -> Response:
        at = timezone.now()
        return idempotency.once(request, lambda: self._ask(at), at=at)

    def _ask(self, at: datetime) -> Answer:
        run = actions.ask_for_client(self.client, self.body(DatasetInput)["period"], at=at)
        body = self.found(run.pk)
        place = reverse("api_dataset", args=[run.pk])
        return Answer(200, body, {"Location": place}) if run.is_made else Answer(202, body, {"Location": body["job"]})


class DatasetItem(DatasetView):
    @extend_schema(
        operation_id="datasets_read", summary="Read a data set's figures", responses=answers(DatasetShape, READ)
    )
    def get(self, request: Request, pk: int) -> Response:
        return self.answer(self.found(pk))


class DatasetFile(DatasetView):
    renderer_classes = [*DatasetView.renderer_classes, FileRenderer]

    @extend_schema(
        operation_id="datasets_file",
        summary="Take the rows as a file; each taking is logged",
        parameters=[FileQuery],
        responses=answers({(200, media): OpenApiTypes.BINARY for media in files.MEDIA.values()}, READ | {409}),
    )
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        form, at = self.query(FileQuery)["form"], timezone.now()
        run = self.runs.select_related("unit").filter(pk=min(pk, MAX_ID)).first()
        if run is None:
            raise not_found()
        actions.log_download(run, form, by=self.client, ip=address_of(request._request), at=at)
        return files.answer(run, form, who=self.client.actor, at=at)
