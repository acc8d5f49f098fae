"""The copies of personal words this room keeps: stored answers and messages as they came (`petitions.retention`)."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import BinaryField, F, Func, IntegerField, Q, QuerySet, Value
from django.db.models.lookups import GreaterThan

from gateway.models import IdempotencyRecord, InboundItem, WebhookMessage
from petitions.models import Petition
from petitions.retention import register_copy


def _answers(petition_ids: Sequence[int]) -> QuerySet[IdempotencyRecord]:
    """Answers about these petitions: their path or body names them."""
    found = Q(pk__in=[])
    for petition in Petition.objects.filter(pk__in=petition_ids):
        for number in (petition.number, petition.short_number):
            found |= Q(route__contains=number) | Q(GreaterThan(Position(number.encode()), 0))
    return IdempotencyRecord.objects.filter(found)


class Position(Func):
    """Where bytes begin in the stored answer, from 1; 0 for nowhere. LIKE does not read bytes."""

    template = "position(%(expressions)s)"
    arg_joiner = " IN "
    output_field = IntegerField()

    def __init__(self, needle: bytes) -> None:
        super().__init__(Value(needle, output_field=BinaryField()), F("response"))


def _forget(petition_ids: Sequence[int], _at: datetime) -> int:
    return _answers(petition_ids).delete()[0]


def _messages(petition_ids: Sequence[int]) -> QuerySet[WebhookMessage]:
    """Webhook messages about these petitions: their bodies name them, and receivers' answers may say anything."""
    return WebhookMessage.objects.filter(petition_key__in=petition_ids)


def _forget_messages(petition_ids: Sequence[int], _at: datetime) -> int:
    return _messages(petition_ids).delete()[0]


def _items(petition_ids: Sequence[int]) -> QuerySet[InboundItem]:
    return InboundItem.objects.filter(petition__in=petition_ids).exclude(body="")


def _forget_items(petition_ids: Sequence[int], _at: datetime) -> int:
    return _items(petition_ids).update(body="")


def register_copies() -> None:
    """Called when the room starts. Order before the petition itself: the numbers stay, the answers go."""
    register_copy("answers", anonymise=_forget, find=lambda ids: _answers(ids).count(), order=35)
    # Last, as the erasure itself is an event too, and whatever it put into the outbox goes with the rest.
    register_copy("webhooks", anonymise=_forget_messages, find=lambda ids: _messages(ids).count(), order=90)
    register_copy("inbound", anonymise=_forget_items, find=lambda ids: _items(ids).count(), order=36)
