"""Who petitioners are, for a system that must know: each reading with its reason, in the inspectors' access log."""

from dataclasses import replace
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actors import Actor
from accounts.addresses import address_of
from accounts.roles import Scope
from gateway import queries
from gateway.api import OnePetition, listed
from gateway.pagination import Order
from gateway.schema import SEARCH, answers, page_schema
from petitions import actions as petitions
from petitions.models import Petitioner

BY_ID = Order("people", ("id",))
COLUMNS = (
    "id",
    "role",
    "is_main",
    "party_type",
    "name",
    "sex",
    "id_type",
    "id_no",
    "phone",
    "address",
    "contact_preference",
    "withdrawn_at",
)


class IdentityQuery(queries.PageQuery):
    """What for. It stands in the body: reasons name persons, and addresses stand in the logs of every proxy."""

    reason = serializers.CharField(
        max_length=200, help_text="What the identity is needed for, in four characters or more; it is logged."
    )


class IdentityRow(serializers.Serializer):
    """One person or organisation of the petition, unmasked. Empty for what nobody told."""

    id = serializers.IntegerField()
    role = serializers.ChoiceField(Petitioner.Role.choices)
    is_main = serializers.BooleanField()
    party_type = serializers.ChoiceField(Petitioner.PartyType.choices)
    name = serializers.CharField(allow_blank=True)
    sex = serializers.CharField(allow_blank=True)
    id_type = serializers.ChoiceField(Petitioner.IdType.choices, allow_blank=True)
    id_no = serializers.CharField(allow_blank=True)
    phone = serializers.CharField(allow_blank=True)
    address = serializers.CharField(allow_blank=True)
    contact_preference = serializers.CharField(allow_blank=True)
    withdrawn_at = serializers.DateTimeField(allow_null=True, help_text="Joint signers may take their name back.")


class PetitionIdentities(OnePetition):
    """Reads only, therefore without an Idempotency-Key: each call is a reading and an entry of the access log."""

    scopes = {"POST": "identities:read"}
    is_write = False

    @extend_schema(
        operation_id="petitions_identities",
        summary="Read names, papers and telephone numbers of a petition unmasked, with a reason that is logged",
        request=IdentityQuery,
        responses=answers(page_schema(IdentityRow), SEARCH),
    )
    def post(self, request: Request, pk: int) -> Response:
        self.require(pk)
        asked = self.body(IdentityQuery)
        petitions.reveal(
            pk, reason=asked["reason"], actor=self.unmasking, at=timezone.now(), ip=address_of(request._request)
        )
        rows = Petitioner.objects.filter(petition=pk)
        answer = listed(request, rows, BY_ID, asked, columns=COLUMNS, shape=_row, row_type=IdentityRow)
        answer["Cache-Control"] = "no-store"
        return answer

    @property
    def unmasking(self) -> Actor:
        """The client with the right to lift the mask: here alone, for with it a search would find people by name."""
        actor = self.client.actor
        return replace(actor, grants={**actor.grants, "petitions.reveal": Scope.UNIT})


def _row(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in COLUMNS}
