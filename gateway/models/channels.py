"""What other systems send in their own shape: the mapping of each channel, every message, and the merged lines."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from accounts.crypto import EncryptedTextField
from accounts.models import Unit, User
from gateway.models.clients import ApiClient
from petitions.models import Channel, Petition


class ChannelMapping(models.Model):
    """How a channel's messages are read and answered (`gateway.channels.mapping`). Each save is a version.

    Departments' own systems share a channel, not a shape: what one client has of its own stands before the channel's.
    """

    channel = models.CharField(_("channel"), max_length=12, choices=Channel.choices)
    client = models.ForeignKey(
        ApiClient, models.PROTECT, null=True, blank=True, related_name="mappings", verbose_name=_("client")
    )
    document = models.JSONField(_("mapping"), default=dict)
    # A made-up message in the source's shape: shown in the editor and in the demo. No real person's words.
    sample = models.JSONField(_("sample"), default=dict)
    changed_at = models.DateTimeField(_("changed"))
    history = HistoricalRecords()

    class Meta:
        ordering = ["channel", "client"]
        verbose_name = _("mapping of a channel")
        verbose_name_plural = _("mappings of channels")
        constraints = [
            models.UniqueConstraint(fields=["channel", "client"], name="mapping_once", nulls_distinct=False),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} · {self.client}" if self.client else str(self.get_channel_display())


class LegacyLine(models.Model):
    """A service line merged into 12345 (2015: 53 lines of 46 departments; domain-facts §9.1 item 17)."""

    number = models.CharField(_("number"), max_length=12, unique=True)
    name = models.CharField(_("name"), max_length=40)
    department = models.CharField(_("department"), max_length=40)
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("unit that answers now")
    )
    # True as long as nobody here has confirmed the row: the list of 2015 is not published line by line.
    is_proposal = models.BooleanField(_("proposal"), default=True)
    # A retired line is still read, since a citizen's matter must not wait because of an old number; it hints at no unit
    # and is not offered to anybody.
    is_active = models.BooleanField(_("in use"), default=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["number"]
        verbose_name = _("merged line")
        verbose_name_plural = _("merged lines")

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


class InboundItemQuerySet(models.QuerySet["InboundItem"]):
    def visible_to(self, user: User) -> "InboundItemQuerySet":
        """What this person may see in triage: an accusation only who is named for them (domain-facts §1.17)."""
        if not user.is_active or not user.may("gateway.triage"):
            return self.none()
        return self if user.handles_accusations else self.filter(is_restricted=False)

    def waiting(self) -> "InboundItemQuerySet":
        """Messages a person must place."""
        return self.filter(state=InboundItem.State.WAITING)


class InboundItem(models.Model):
    """One message as it came. It is kept whatever becomes of it; only `gateway.actions.channels` writes it."""

    class Kind(models.TextChoices):
        PETITION = "petition", _("new matter")
        STATUS = "status", _("status of a known matter")

    class State(models.TextChoices):
        WAITING = "waiting", _("To be placed")
        TAKEN = "taken", _("Taken in")
        REFUSED = "refused", pgettext_lazy("message", "Refused")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.PETITION)
    client = models.ForeignKey(ApiClient, models.PROTECT, related_name="inbound", verbose_name=_("client"))
    channel = models.CharField(_("channel"), max_length=12, choices=Channel.choices)
    source_ref = models.CharField(_("number at the source"), max_length=64, blank=True)
    # The client's, as it was then (`ApiClient.numbering`).
    numbering = models.CharField(_("numbering"), max_length=24, blank=True)
    # JSON, encrypted: it names persons before anybody has looked at it.
    body = EncryptedTextField(_("message"))
    # Keyed (`petitions.crypto.keyed_digest`), since it outlives the message: nobody can try words against it.
    digest = models.CharField(max_length=64)
    # In our own words already (PetitionInput), as Open311 reads its form: the channel's mapping has no say in it.
    is_own_shape = models.BooleanField(default=False)
    state = models.CharField(_("status"), max_length=8, choices=State.choices, default=State.WAITING)
    # [{"field": "category", "code": "unknown"}, …]: what keeps it from being taken in. No words of the message.
    problems = models.JSONField(default=list)
    is_restricted = models.BooleanField(default=False)
    petition = models.ForeignKey(Petition, models.PROTECT, null=True, related_name="inbound")
    # Its number was a petition already, and its words went to that one as a supplement.
    is_addition = models.BooleanField(default=False)
    line = models.ForeignKey(LegacyLine, models.PROTECT, null=True, related_name="+")
    received_at = models.DateTimeField(_("received"))
    decided_at = models.DateTimeField(null=True)
    # Empty when the mapping alone decided.
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    objects = InboundItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("message of a source")
        verbose_name_plural = _("messages of sources")
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "numbering", "kind", "source_ref", "digest"],
                condition=~Q(source_ref=""),
                name="inbound_once",
            ),
        ]
        indexes = [
            models.Index(fields=["received_at", "id"], condition=Q(state="waiting"), name="inbound_waiting"),
            models.Index(fields=["channel", "-received_at"], name="inbound_channel"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.source_ref or self.pk}"

    @property
    def fields(self) -> list[str]:
        """The names of the fields that keep it waiting."""
        return [str(row.get("field", "")) for row in self.problems if isinstance(row, dict)]

    def facts(self) -> dict[str, Any]:
        """What lists show of it: nothing of the text."""
        return {"channel": self.get_channel_display(), "ref": self.source_ref, "fields": self.fields}
