"""Jobs in the API: what a client has begun, each told in the shape of its kind."""

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dispatch.models import Job
from gateway.api import MAX_ID, ApiView
from gateway.bulk.resources import JobReceipt, receipt
from gateway.models import BulkIntake, DatasetRun
from gateway.problems import not_found
from gateway.schema import READ, answers


class DatasetJob(serializers.Serializer):
    """The making of a data set, month by month; poll it every few seconds until done, failed or cancelled."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(Job.State.choices)
    total = serializers.IntegerField(help_text="Months to count, and one for the rows made of them.")
    handled = serializers.IntegerField()
    percent = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    dataset = serializers.CharField(help_text="Address of the data set; its state tells whether there are rows.")


def dataset_job(run: DatasetRun) -> dict[str, Any]:
    """The job of a data set as its client reads it."""
    job = run.job
    fields = ("id", "state", "total", "handled", "percent", "created_at", "finished_at")
    return {**{name: getattr(job, name) for name in fields}, "dataset": reverse("api_dataset", args=[run.pk])}


class JobItem(ApiView):
    """A bulk intake (scope petitions:write) or a data set being made (reports:read); those of others are 404."""

    scopes = {"GET": ""}

    @extend_schema(
        operation_id="jobs_read",
        summary="How far a job is",
        responses=answers(PolymorphicProxySerializer("AnyJob", [JobReceipt, DatasetJob], None), READ),
    )
    def get(self, request: Request, pk: int) -> Response:
        job = min(pk, MAX_ID)
        if "petitions:write" in self.client.scopes:
            intake = BulkIntake.objects.select_related("job").filter(client=self.client, job=job).first()
            if intake is not None:
                return self.answer(receipt(intake))
        run = DatasetRun.objects.of_reach_of(self.client.actor).select_related("job").filter(job=job).first()
        if run is None:
            raise not_found()
        return self.answer(dataset_job(run))
