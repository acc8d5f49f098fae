"""Webhook endpoints and deliveries for the machines themselves: each client sees and changes its own only."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from gateway import idempotency
from gateway.actions import webhooks
from gateway.api import MAX_ID, ApiView, listed
from gateway.idempotency import Answer
from gateway.models import WebhookEndpoint, WebhookMessage
from gateway.pagination import Order
from gateway.preconditions import etag, expected_version
from gateway.problems import not_found
from gateway.queries import ThinQuery
from gateway.schema import READ, STEP, WRITE, answers, page_schema
from gateway.strict import StrictSerializer, WordsField
from gateway.webhooks import PING, TYPES, type_of, types_of

ENDPOINTS = Order("webhook-endpoints", ("id",))
DELIVERIES = Order("webhook-deliveries", ("id",), descending=True)
ENDPOINT_COLUMNS = (
    "id", "url", "kinds", "is_active", "disabled_reason", "created_at", "last_success_at", "previous_until", "version",
)  # fmt: skip
DELIVERY_COLUMNS = (
    "id", "msg_id", "endpoint_id", "kind", "happened_at", "outcome", "attempts", "deliver_after", "ended_at", "reason",
)  # fmt: skip

# ---- shapes ----


class EndpointRow(serializers.Serializer):
    id = serializers.IntegerField()
    url = serializers.CharField()
    types = serializers.ListField(child=serializers.ChoiceField(list(TYPES)))
    is_active = serializers.BooleanField()
    disabled_reason = serializers.CharField(allow_blank=True, help_text="Why we switched it off, if we did.")
    created_at = serializers.DateTimeField()
    last_success_at = serializers.DateTimeField(allow_null=True, help_text="When it last answered 2xx.")
    previous_until = serializers.DateTimeField(allow_null=True, help_text="Until then the old secret signs as well.")
    version = serializers.IntegerField(help_text="The ETag without its quotes.")


class EndpointSecret(serializers.Serializer):
    secret = serializers.CharField(help_text="whsec_… as Standard Webhooks has it.")


class EndpointGone(serializers.Serializer):
    id = serializers.IntegerField()


class EndpointResent(serializers.Serializer):
    count = serializers.IntegerField(help_text="How many messages go out once more.")


class DeliveryRow(serializers.Serializer):
    id = serializers.IntegerField()
    webhook_id = serializers.CharField(help_text="The header webhook-id, the same at every attempt.")
    endpoint = serializers.IntegerField()
    type = serializers.CharField()
    happened_at = serializers.DateTimeField()
    outcome = serializers.ChoiceField(WebhookMessage.Outcome.choices)
    attempts = serializers.IntegerField()
    next_attempt_at = serializers.DateTimeField(allow_null=True, help_text="While it waits.")
    ended_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField(allow_blank=True, help_text="Why it was given up, in the caller's language.")


class AttemptRow(serializers.Serializer):
    at = serializers.DateTimeField()
    status = serializers.IntegerField(help_text="The HTTP status; 0 when no answer came.")
    error = serializers.CharField(allow_blank=True)
    answer = serializers.CharField(allow_blank=True, help_text="The first bytes of what the receiver answered.")
    took_ms = serializers.IntegerField()


class Delivery(DeliveryRow):
    body = serializers.CharField(allow_blank=True, help_text="The exact text that is signed; empty before the first.")
    log = AttemptRow(many=True)


class EndpointInput(StrictSerializer):
    url = serializers.CharField(max_length=500, help_text="https; redirects are not followed.")
    types = serializers.ListField(child=serializers.ChoiceField(list(TYPES)), min_length=1, max_length=len(TYPES))


class EndpointChangeInput(EndpointInput):
    is_active = serializers.BooleanField(default=True, help_text="Switching on again sends what waits.")


class NothingInput(StrictSerializer):
    """No body, or an empty object."""


class DeliveryQuery(ThinQuery):
    endpoint = serializers.IntegerField(min_value=1, max_value=MAX_ID, required=False)
    outcome = WordsField(list(WebhookMessage.Outcome.values), required=False)


def endpoint_shape(row: dict[str, Any]) -> dict[str, Any]:
    """An endpoint without its secret, from ENDPOINT_COLUMNS."""
    shown = {name: row[name] for name in ENDPOINT_COLUMNS if name != "kinds"}
    return {**shown, "types": types_of(row["kinds"])}


def delivery_shape(row: dict[str, Any]) -> dict[str, Any]:
    """A delivery as lists show it, from DELIVERY_COLUMNS."""
    shown = {name: row[name] for name in ("id", "happened_at", "outcome", "attempts", "ended_at")}
    return {
        **shown,
        "webhook_id": row["msg_id"],
        "endpoint": row["endpoint_id"],
        "type": type_of(row["kind"]),
        "next_attempt_at": row["deliver_after"] if row["outcome"] == "waiting" else None,
        "reason": str(WebhookMessage.Reason(row["reason"]).label) if row["reason"] else "",
    }


# ---- resources ----


class WebhookView(ApiView):
    """Base: endpoints and deliveries of the calling client; another client's are 404."""

    scopes = {"GET": "webhooks:manage", "POST": "webhooks:manage"}

    def endpoint(self, pk: int) -> WebhookEndpoint:
        """One of the client's own. Raises Problem (404)."""
        found = WebhookEndpoint.objects.filter(client=self.client, pk=min(pk, MAX_ID)).first()
        if found is None:
            raise not_found()
        return found

    def messages(self) -> QuerySet[WebhookMessage]:
        """What was sent to the client, or was found fit to be sent: before that it may name what it must not see."""
        return WebhookMessage.objects.filter(~Q(body="") | Q(kind=PING), endpoint__client=self.client)

    def endpoint_body(self, pk: int) -> dict[str, Any]:
        return endpoint_shape(WebhookEndpoint.objects.values(*ENDPOINT_COLUMNS).get(pk=pk))

    def change(self, request: Request, pk: int, kind: type[StrictSerializer], act: Callable[..., Any]) -> Response:
        """A change of an endpoint: once per key, on the version the client saw, answered with the endpoint."""
        at, version = timezone.now(), expected_version(request)

        def effect() -> Answer:
            row = self.endpoint(pk)
            act(row, **self.body(kind), actor=self.client.actor, at=at, version=version)
            return self.endpoint_answer(200, pk)

        return idempotency.once(request, effect, at=at)

    def endpoint_answer(self, status: int, pk: int, **headers: str) -> Answer:
        found = self.endpoint_body(pk)
        return Answer(status, found, {"ETag": etag(found["version"]), **headers})

    def delivery_body(self, pk: int) -> dict[str, Any]:
        row = self.messages().filter(pk=min(pk, MAX_ID)).values(*DELIVERY_COLUMNS, "body").first()
        if row is None:
            raise not_found()
        message = WebhookMessage(pk=row["id"])
        log = list(message.log.values("at", "status", "error", "answer", "took_ms"))
        return {**delivery_shape(row), "body": row["body"], "log": log}


class Endpoints(WebhookView):
    @extend_schema(
        operation_id="webhook_endpoints_list",
        summary="List the client's webhook endpoints",
        parameters=[ThinQuery],
        responses=answers(page_schema(EndpointRow), READ),
    )
    def get(self, request: Request) -> Response:
        return listed(
            request,
            WebhookEndpoint.objects.filter(client=self.client),
            ENDPOINTS,
            self.query(ThinQuery),
            columns=ENDPOINT_COLUMNS,
            shape=endpoint_shape,
            row_type=EndpointRow,
        )

    @extend_schema(
        operation_id="webhook_endpoints_create",
        summary="Add an endpoint; its secret is read from /secret",
        request=EndpointInput,
        responses=answers({201: OpenApiResponse(EndpointRow, description="Added; Location and ETag are given")}, WRITE),
    )
    def post(self, request: Request) -> Response:
        at = timezone.now()
        return idempotency.once(request, lambda: self._create(at), at=at)

    def _create(self, at: datetime) -> Answer:
        row = webhooks.create_endpoint(self.client, **self.body(EndpointInput), actor=self.client.actor, at=at)
        return self.endpoint_answer(201, row.pk, Location=reverse("api_webhook_endpoint", args=[row.pk]))


class EndpointItem(WebhookView):
    @extend_schema(
        operation_id="webhook_endpoints_read", summary="Read an endpoint", responses=answers(EndpointRow, READ)
    )
    def get(self, request: Request, pk: int) -> Response:
        found = self.endpoint_body(self.endpoint(pk).pk)
        return self.answer(found, ETag=etag(found["version"]))


class EndpointSecretItem(WebhookView):
    """The secret stands in no other answer, so that no kept answer of a POST holds it."""

    @extend_schema(
        operation_id="webhook_endpoints_secret",
        summary="Read the secret an endpoint's messages are signed with",
        responses=answers(EndpointSecret, READ),
    )
    def get(self, request: Request, pk: int) -> Response:
        return self.answer({"secret": self.endpoint(pk).secret}, Cache_Control="no-store")


class EndpointChange(WebhookView):
    needs_match = True

    @extend_schema(
        operation_id="webhook_endpoints_change",
        summary="Replace address and types of an endpoint, switch it on or off",
        request=EndpointChangeInput,
        responses=answers(EndpointRow, STEP),
    )
    def post(self, request: Request, pk: int) -> Response:
        return self.change(request, pk, EndpointChangeInput, webhooks.change_endpoint)


class EndpointRemove(WebhookView):
    needs_match = True

    @extend_schema(
        operation_id="webhook_endpoints_remove",
        summary="Remove an endpoint with all its deliveries",
        request=NothingInput,
        responses=answers(EndpointGone, STEP),
    )
    def post(self, request: Request, pk: int) -> Response:
        at, version = timezone.now(), expected_version(request)

        def effect() -> Answer:
            row = self.endpoint(pk)
            self.body(NothingInput)
            webhooks.remove_endpoint(row, actor=self.client.actor, at=at, version=version)
            return Answer(200, {"id": pk})

        return idempotency.once(request, effect, at=at)


class EndpointRotate(WebhookView):
    needs_match = True

    @extend_schema(
        operation_id="webhook_endpoints_rotate",
        summary="Make a new secret; the old one signs beside it for a day",
        request=NothingInput,
        responses=answers(EndpointRow, STEP),
    )
    def post(self, request: Request, pk: int) -> Response:
        return self.change(request, pk, NothingInput, webhooks.rotate)


class EndpointResend(WebhookView):
    @extend_schema(
        operation_id="webhook_endpoints_resend",
        summary="Send everything once more that was given up",
        request=NothingInput,
        responses=answers({202: OpenApiResponse(EndpointResent, description="On its way")}, WRITE),
    )
    def post(self, request: Request, pk: int) -> Response:
        at = timezone.now()

        def effect() -> Answer:
            row = self.endpoint(pk)
            self.body(NothingInput)
            return Answer(202, {"count": webhooks.resend_failed(row, at=at)})

        return idempotency.once(request, effect, at=at)


class EndpointTest(WebhookView):
    @extend_schema(
        operation_id="webhook_endpoints_test",
        summary="Send a message of type ping",
        request=NothingInput,
        responses=answers({202: OpenApiResponse(Delivery, description="On its way; Location is given")}, WRITE),
    )
    def post(self, request: Request, pk: int) -> Response:
        at = timezone.now()

        def effect() -> Answer:
            row = self.endpoint(pk)
            self.body(NothingInput)
            message = webhooks.test_endpoint(row, at=at)
            headers = {"Location": reverse("api_webhook_delivery", args=[message.pk])}
            return Answer(202, self.delivery_body(message.pk), headers)

        return idempotency.once(request, effect, at=at)


class Deliveries(WebhookView):
    @extend_schema(
        operation_id="webhook_deliveries_list",
        summary="List what was sent to the client's endpoints, the newest first",
        parameters=[DeliveryQuery],
        responses=answers(page_schema(DeliveryRow), READ),
    )
    def get(self, request: Request) -> Response:
        asked = self.query(DeliveryQuery)
        rows = self.messages()
        if "endpoint" in asked:
            rows = rows.filter(endpoint=asked["endpoint"])
        if "outcome" in asked:
            rows = rows.filter(outcome__in=asked["outcome"])
        return listed(
            request, rows, DELIVERIES, asked, columns=DELIVERY_COLUMNS, shape=delivery_shape, row_type=DeliveryRow
        )


class DeliveryItem(WebhookView):
    @extend_schema(
        operation_id="webhook_deliveries_read",
        summary="Read a delivery: its body and every attempt",
        responses=answers(Delivery, READ),
    )
    def get(self, request: Request, pk: int) -> Response:
        return self.answer(self.delivery_body(pk))


class DeliveryResend(WebhookView):
    @extend_schema(
        operation_id="webhook_deliveries_resend",
        summary="Send once more, under the same webhook-id",
        request=NothingInput,
        responses=answers(Delivery, WRITE),
    )
    def post(self, request: Request, pk: int) -> Response:
        at = timezone.now()

        def effect() -> Answer:
            row = self.messages().filter(pk=min(pk, MAX_ID)).first()
            if row is None:
                raise not_found()
            self.body(NothingInput)
            webhooks.resend(row, at=at)
            return Answer(200, self.delivery_body(pk))

        return idempotency.once(request, effect, at=at)
