"""Links that open one matter without its query code, the messages to telephones, and what was typed and not sent."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.crypto import EncryptedTextField
from accounts.models import User
from backlog.models import Booking
from petitions.models import Petition


class Link(models.Model):
    """A secret address that opens one matter until it expires. Only its SHA-256 is kept."""

    class Goal(models.TextChoices):
        """The page it opens."""

        TRACK = "track", _("Progress")
        RATE = "rate", _("Rating")
        DOCUMENTS = "documents", _("Documents")

    class Way(models.TextChoices):
        """Where it is used: decides how long it lives, and what a rating given with it is called."""

        LINK = "link", _("sent to the petitioner")
        COUNTER = "counter", _("shown at the counter")

    petition = models.ForeignKey(Petition, models.PROTECT, related_name="links")
    goal = models.CharField(max_length=10, choices=Goal.choices)
    way = models.CharField(max_length=8, choices=Way.choices)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    # Empty: sent by Yongqing itself after an answer.
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    expires_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    # Dead before its time: a new code was given, or at the counter it has been used.
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        indexes = [models.Index(fields=["petition", "-created_at"], name="link_petition")]

    def __str__(self) -> str:
        return f"{self.petition_id} {self.goal}"


class Message(models.Model):
    """The outbox to petitioners and who booked: a short text without a word of the case (domain-facts §1.17)."""

    class Kind(models.TextChoices):
        TRACK = "track", _("Progress")
        RATE = "rate", _("Rating")
        DOCUMENTS = "documents", _("Documents")
        REMINDER = "reminder", _("Reminder to rate")
        # About a booked reception; these carry no link.
        BOOKED = "booked", _("Place booked")
        DAY_CHANGED = "changed", _("Reception changed")
        DAY_OFF = "off", _("Reception called off")
        PLACE_ENDED = "ended", _("Booking cancelled")
        TOMORROW = "tomorrow", _("Reminder of a reception")

    # One of the two: a link to a matter, or the booking it is about.
    petition = models.ForeignKey(Petition, models.PROTECT, null=True, related_name="messages")
    link = models.ForeignKey(Link, models.CASCADE, null=True, related_name="messages")
    booking = models.ForeignKey(Booking, models.PROTECT, null=True, related_name="messages")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    phone = EncryptedTextField()
    # The secret of a link, or the booking code, until the message is out; then it is nobody's any more but theirs.
    token = EncryptedTextField(blank=True)
    dedupe_key = models.CharField(max_length=80, unique=True)
    created_at = models.DateTimeField()
    deliver_after = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("message to a petitioner")
        verbose_name_plural = _("messages to petitioners")
        indexes = [
            models.Index(fields=["deliver_after", "id"], condition=Q(delivered_at__isnull=True), name="message_outbox"),
            models.Index(fields=["petition"], name="message_petition"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(link__isnull=False, petition__isnull=False) | Q(booking__isnull=False),
                name="message_about",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} → {self.petition_id or self.booking_id}"


class Unsent(models.Model):
    """What a petitioner typed into a step and keeps for later. The session holds only its key, and goes with it."""

    petition = models.ForeignKey(Petition, models.CASCADE, related_name="unsent")
    step = models.CharField(max_length=20)
    data = EncryptedTextField(blank=True)
    saved_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("unsent words")
        verbose_name_plural = _("unsent words")

    def __str__(self) -> str:
        return f"{self.petition_id} {self.step}"
