"""The tables of this room, one module per concern."""

from gateway.models.answers import IdempotencyRecord
from gateway.models.bulk import BulkIntake, BulkPart
from gateway.models.clients import ApiClient, ApiKey
from gateway.models.open311 import Open311Update

__all__ = ["ApiClient", "ApiKey", "BulkIntake", "BulkPart", "IdempotencyRecord", "Open311Update"]
