"""What a source posts in its own shape, and how it asks for the status in its own words."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from gateway import idempotency
from gateway.actions import channels as actions
from gateway.api import ApiView
from gateway.channels import statuses
from gateway.idempotency import Answer
from gateway.models import ApiClient, InboundItem
from gateway.problems import Problem, not_found
from gateway.schema import READ, WRITE, answers
from gateway.strict import StrictSerializer
from petitions.models import Petition


class InboundAnswer(serializers.Serializer):
    """What became of a message."""

    outcome = serializers.ChoiceField(InboundItem.State.choices)
    item = serializers.IntegerField(help_text="Our number of the message.", allow_null=True)
    source_ref = serializers.CharField(allow_blank=True)
    petition = serializers.IntegerField(allow_null=True, help_text="Our id of the matter, once it is registered.")
    number = serializers.CharField(allow_blank=True)
    query_code = serializers.CharField(allow_blank=True)
    state = serializers.CharField(allow_blank=True, help_text="Our state of the matter.")
    status = serializers.CharField(allow_blank=True, help_text="The state in the source's own word; empty for none.")
    reason = serializers.CharField(allow_blank=True, help_text="Why the message was refused.")
    is_addition = serializers.BooleanField(
        help_text="The number was known and the words were other ones: they were added to the matter."
    )
    waiting_for = serializers.ListField(
        child=serializers.CharField(), help_text="Fields a person here is looking at; you need do nothing."
    )


class InboundStatus(StrictSerializer):
    """The source's own status of a matter it sent, for example “撤单” or “催办”."""

    status = serializers.CharField(max_length=60)
    reason = serializers.CharField(max_length=2000, required=False, allow_blank=True)


def told(client: ApiClient, item: InboundItem | None, petition: Petition | None, source_ref: str) -> dict[str, Any]:
    """The answer about a message, its matter, or both."""
    status = statuses.words(client, [petition])[petition.pk] if petition else ""
    return {
        "outcome": item.state if item else InboundItem.State.TAKEN,
        "item": item.pk if item else None,
        "source_ref": source_ref,
        "petition": petition.pk if petition else None,
        "number": petition.number if petition else "",
        "query_code": petition.query_code if petition else "",
        "state": petition.state if petition else "",
        "status": status,
        "reason": item.reason if item else "",
        "is_addition": item.is_addition if item else False,
        "waiting_for": item.fields if item and item.state == InboundItem.State.WAITING else [],
    }


class InboundView(ApiView):
    """What belongs to one channel; a key of another channel finds nothing here."""

    scopes = {"GET": "petitions:write", "POST": "petitions:write"}

    def require_channel(self, channel: str) -> None:
        """Raises Problem (404) for any channel but the client's own."""
        if channel != self.client.channel:
            raise not_found()

    def own(self, channel: str, source_ref: str) -> Petition | None:
        """The matter of this number that the client itself sent and may see."""
        rows = Petition.objects.visible_to(self.client.actor).filter(
            channel=channel,
            numbering=self.client.numbering,
            source_ref=source_ref,
            register_unit__path__startswith=self.client.unit.path,
        )
        return rows.exclude(source_ref="").first()


class Inbound(InboundView):
    @extend_schema(
        operation_id="inbound_create",
        summary="Post a message in your own shape; the channel's mapping reads it",
        request={"application/json": {"type": "object", "additionalProperties": True}},
        responses=answers(
            {
                201: OpenApiResponse(InboundAnswer, description="Registered; Location is given"),
                200: OpenApiResponse(InboundAnswer, description="Known before, as it stands"),
                202: OpenApiResponse(InboundAnswer, description="Kept; a person here places it. Do not send it again"),
            },
            WRITE,
        ),
    )
    def post(self, request: Request, channel: str) -> Response:
        at = timezone.now()
        self.require_channel(channel)
        return idempotency.once(request, lambda: self._receive(at), at=at)

    def _receive(self, at: datetime) -> Answer:
        message = self.request.data
        if not isinstance(message, dict) or not message:
            raise Problem("malformed", _("Send one message as a JSON object."))
        found = actions.receive(self.client, message, at=at)
        item, petition = found.item, found.item.petition
        if petition is not None and item.client_id != self.client.pk:
            # Systems may share a channel. Whoever repeats another's message is not told its number and query code.
            petition = self.own(item.channel, item.source_ref)
            if petition is None:
                detail = _("This number has been taken in already, as a petition your key cannot see.")
                raise Problem("source_ref_taken", detail, legal=[])
        body = told(self.client, item, petition, item.source_ref)
        if petition is None or item.state != InboundItem.State.TAKEN:
            return Answer(202, body)
        headers = {"Location": reverse("api_petition", args=[petition.pk])}
        return Answer(201 if petition.registered_at == at else 200, body, headers)


class InboundOne(InboundView):
    @extend_schema(
        operation_id="inbound_read",
        summary="What became of your number, with the status in your own word",
        responses=answers(InboundAnswer, READ),
    )
    def get(self, request: Request, channel: str, source_ref: str) -> Response:
        self.require_channel(channel)
        rows = InboundItem.objects.filter(
            client=self.client, channel=channel, source_ref=source_ref, kind=InboundItem.Kind.PETITION
        )
        item = rows.order_by("-id").first()
        petition = self.own(channel, source_ref)
        if item is None and petition is None:
            raise not_found()
        return self.answer(told(self.client, item, petition, source_ref))


class InboundOneStatus(InboundView):
    @extend_schema(
        operation_id="inbound_status",
        summary="Tell what your side says of a matter: withdrawn, urged, …",
        request=InboundStatus,
        responses=answers(
            {
                200: OpenApiResponse(InboundAnswer, description="Done, or nothing to be done for this status"),
                202: OpenApiResponse(InboundAnswer, description="Kept; a person here decides what it means"),
            },
            WRITE,
        ),
    )
    def post(self, request: Request, channel: str, source_ref: str) -> Response:
        at = timezone.now()
        self.require_channel(channel)
        return idempotency.once(request, lambda: self._tell(channel, source_ref, at), at=at)

    def _tell(self, channel: str, source_ref: str, at: datetime) -> Answer:
        given = self.body(InboundStatus)
        petition = self.own(channel, source_ref)
        if petition is None:
            raise not_found()
        item = actions.receive_status(self.client, petition, given["status"], given.get("reason", ""), at=at).item
        petition.refresh_from_db()
        waits = item.state == InboundItem.State.WAITING
        return Answer(202 if waits else 200, told(self.client, item, petition, source_ref))
