"""The answers that are kept for repeated requests."""

from django.db import models

from gateway.models.clients import ApiClient


class IdempotencyRecord(models.Model):
    """The answer to one POST, written in the transaction of its effect: either both stand or neither."""

    client = models.ForeignKey(ApiClient, models.CASCADE, related_name="+")
    method = models.CharField(max_length=6)
    # The path with its ids: the same key on another work order is another request.
    route = models.CharField(max_length=120)
    key = models.CharField(max_length=255)
    body_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    response = models.BinaryField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "method", "route", "key"], name="idempotency_key_once"),
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotency_age")]

    def __str__(self) -> str:
        return f"{self.method} {self.route} {self.key}"
