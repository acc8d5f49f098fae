"""The tables of this room, one module per concern."""

from gateway.models.answers import IdempotencyRecord
from gateway.models.channels import ChannelMapping, InboundItem, LegacyLine
from gateway.models.clients import ApiClient, ApiKey

__all__ = ["ApiClient", "ApiKey", "ChannelMapping", "IdempotencyRecord", "InboundItem", "LegacyLine"]
