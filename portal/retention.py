"""The copy of personal words this room keeps: telephones in messages, and secrets not sent yet."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from petitions.retention import register_copy
from portal.models import Message

_HELD = ~Q(phone="") | ~Q(token="")


def find(petition_ids: Sequence[int]) -> int:
    """Messages that still hold a telephone or a secret."""
    return Message.objects.filter(_HELD, petition__in=petition_ids).count()


def anonymise(petition_ids: Sequence[int], _at: datetime) -> int:
    """Empty them; what was not sent is not sent any more."""
    return Message.objects.filter(_HELD, petition__in=petition_ids).update(phone="", token="", last_error="")


register_copy("portal.messages", anonymise=anonymise, find=find)
