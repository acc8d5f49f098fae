"""The tables of this room, one module per concern."""

from gateway.models.answers import IdempotencyRecord
from gateway.models.bulk import BulkIntake, BulkPart
from gateway.models.channels import ChannelMapping, InboundItem, LegacyLine
from gateway.models.clients import ApiClient, ApiKey, ApiRefusal
from gateway.models.datasets import DatasetDownload, DatasetPart, DatasetRow, DatasetRun
from gateway.models.open311 import Open311Update
from gateway.models.webhooks import WebhookAttempt, WebhookEndpoint, WebhookMessage

__all__ = [
    "ApiClient",
    "ApiKey",
    "ApiRefusal",
    "BulkIntake",
    "BulkPart",
    "ChannelMapping",
    "DatasetDownload",
    "DatasetPart",
    "DatasetRow",
    "DatasetRun",
    "IdempotencyRecord",
    "InboundItem",
    "LegacyLine",
    "Open311Update",
    "WebhookAttempt",
    "WebhookEndpoint",
    "WebhookMessage",
]
