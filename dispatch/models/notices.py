"""The outbox and the inbox."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from dispatch.models.orders import WorkOrder
from dispatch.querysets import NoticeQuerySet
from petitions.models import Petition


class Notice(models.Model):
    """A message to one person over one channel: the outbox and, for the in-app channel, the inbox."""

    class Channel(models.TextChoices):
        INAPP = "inapp", _("In-app")
        EMAIL = "email", _("E-mail")

    recipient = models.ForeignKey(User, models.CASCADE, related_name="notices")
    channel = models.CharField(max_length=5, choices=Channel.choices)
    kind = models.CharField(max_length=24)
    petition = models.ForeignKey(Petition, models.PROTECT, null=True, related_name="+")
    order = models.ForeignKey(WorkOrder, models.PROTECT, null=True, related_name="+")
    # Numbers and keys only, never case text (domain-facts §1.17); the sentence is made when it is read or sent.
    params = models.JSONField(default=dict)
    dedupe_key = models.CharField(max_length=80)
    created_at = models.DateTimeField()
    deliver_after = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [
            models.UniqueConstraint(fields=["dedupe_key", "recipient", "channel"], name="notice_once"),
        ]
        indexes = [
            models.Index(fields=["recipient", "-created_at", "-id"], condition=Q(channel="inapp"), name="notice_inbox"),
            models.Index(
                fields=["recipient"], condition=Q(channel="inapp", read_at__isnull=True), name="notice_unread"
            ),
            models.Index(
                fields=["deliver_after", "id"],
                condition=Q(channel="email", delivered_at__isnull=True),
                name="notice_outbox",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} → {self.recipient_id} ({self.channel})"
