"""More time for a work order: the request that the page makes too, for other systems."""

from datetime import datetime
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dispatch.actions import ledger
from gateway import outputs
from gateway.api import MAX_ID, OneOrder
from gateway.schema import STEP, answers
from gateway.strict import StrictSerializer

REASON_LENGTH = 2000


class ExtensionInput(StrictSerializer):
    """Which deadline, how much more, and why."""

    clock = serializers.IntegerField(
        min_value=1, max_value=MAX_ID, help_text="Id of a running clock, from GET /petitions/{id}/clocks."
    )
    amount = serializers.IntegerField(
        min_value=1,
        max_value=365,
        help_text="In the unit of the clock's rule: days, working days, working minutes or minutes.",
    )
    reason = serializers.CharField(min_length=10, max_length=REASON_LENGTH)


class OrderExtension(OneOrder):
    """The deadline itself moves only when the office, or for a legal period the head of the unit, has agreed."""

    needs_match = True

    @extend_schema(
        operation_id="work_orders_extend",
        summary="Ask for more time before a deadline ends",
        request=ExtensionInput,
        responses=answers(outputs.OrderDetail, STEP),
    )
    def post(self, request: Request, pk: int) -> Response:
        def act(given: dict[str, Any], at: datetime, version: int | None) -> None:
            ledger.ask_extension(pk, **given, actor=self.client.actor, at=at, version=version)

        return self.step(request, pk, ExtensionInput, act)
