"""Where other systems listen, what they are told, and how each telling went (design/api.md "Webhooks")."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.crypto import EncryptedTextField
from gateway.models.clients import ApiClient
from gateway.querysets import WebhookEndpointQuerySet, WebhookMessageQuerySet


class WebhookEndpoint(models.Model):
    """One address of a client. It is told of the client's own petitions only: `visible_to` is asked at sending."""

    client = models.ForeignKey(ApiClient, models.CASCADE, related_name="endpoints", verbose_name=_("client"))
    url = models.CharField(_("address"), max_length=500)
    # Event kinds of petitions, as the trigger on petitions_event compares them (gateway/sql.py).
    kinds = ArrayField(models.CharField(max_length=32), verbose_name=_("event kinds"))
    secret = EncryptedTextField(_("secret"))
    previous_secret = EncryptedTextField(default="", blank=True)
    # Until then both secrets sign.
    previous_until = models.DateTimeField(null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    disabled_reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(_("created"))
    # Raised by every change of what the client or an office decides: its ETag.
    version = models.PositiveIntegerField(default=1, db_default=1)
    last_success_at = models.DateTimeField(_("last success"), null=True, blank=True)
    # One sender per endpoint at a time: who holds it, others leave alone until then.
    leased_until = models.DateTimeField(null=True, blank=True)
    # Who sent the city's news where, and since when. Secrets have no past.
    history = HistoricalRecords(
        excluded_fields=["secret", "previous_secret", "last_success_at", "leased_until"],
        history_change_reason_field=models.CharField(max_length=60, null=True),
    )

    objects = WebhookEndpointQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = _("webhook endpoint")
        verbose_name_plural = _("webhook endpoints")

    def __str__(self) -> str:
        return self.url


class WebhookMessage(models.Model):
    """One thing to tell one endpoint: an outbox row, written by a trigger in the transaction of the event."""

    class Outcome(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DELIVERED = "delivered", _("Delivered")
        FAILED = "failed", _("Given up")

    class Reason(models.TextChoices):
        ATTEMPTS = "attempts", _("Every attempt failed.")
        GONE = "gone", _("The receiver answered 410: it is gone for good.")
        CLOSED = "closed", _("It was not sent any more: the receiver had answered 410 to another message.")

    # Read by `webhook_listed`.
    endpoint = models.ForeignKey(WebhookEndpoint, models.CASCADE, related_name="messages", db_index=False)
    # `webhook-id`: the same at every attempt.
    msg_id = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=32)
    # No foreign keys: the trigger stays one cheap insert, and the row outlives nothing (`gateway.copies`).
    petition_key = models.BigIntegerField(null=True, db_index=True)
    happened_at = models.DateTimeField()
    # The exact text that is signed; made at the first attempt, from what the client may read then.
    body = models.TextField(default="", db_default="", blank=True)
    deliver_after = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    outcome = models.CharField(max_length=9, choices=Outcome.choices, default="waiting", db_default="waiting")
    # Why it was given up; empty otherwise.
    reason = models.CharField(max_length=8, choices=Reason.choices, default="", db_default="", blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = WebhookMessageQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["endpoint", "happened_at", "id"], name="webhook_listed"),
            models.Index(
                fields=["endpoint", "deliver_after"],
                condition=models.Q(outcome="waiting"),
                name="webhook_due",
            ),
            # Few: what people look for, and what the figures count at each scrape.
            models.Index(
                fields=["endpoint", "happened_at", "id"],
                condition=models.Q(outcome="failed"),
                name="webhook_failed",
            ),
        ]

    def __str__(self) -> str:
        return self.msg_id


class WebhookAttempt(models.Model):
    """One sending: what came back, in words and as the first bytes of the answer."""

    message = models.ForeignKey(WebhookMessage, models.CASCADE, related_name="log")
    at = models.DateTimeField()
    # 0 when no answer came.
    status = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    answer = models.CharField(max_length=1000, blank=True)
    took_ms = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.message_id} {self.status}"
