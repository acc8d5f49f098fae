"""Bulk intake: a table of petitions, and its lines in parts."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.crypto import EncryptedTextField
from accounts.models import Unit
from dispatch.models import Job
from gateway.models.clients import ApiClient
from gateway.querysets import BulkIntakeQuerySet
from petitions.models import Channel


class BulkIntake(models.Model):
    """A table somebody sent, worked on by a job. The counts change with the lines, in their transaction."""

    class Form(models.TextChoices):
        # Each line as a body of POST /petitions; or cells under headings, matched to fields by petitions.sheets.
        NDJSON = "ndjson", "NDJSON"
        TABLE = "table", _("Table")

    job = models.OneToOneField(Job, models.PROTECT, related_name="bulk_intake")
    # Another system, or the person of the job.
    client = models.ForeignKey(ApiClient, models.PROTECT, null=True, related_name="bulk_intakes")
    channel = models.CharField(_("channel"), max_length=12, choices=Channel.choices)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    name = models.CharField(_("file"), max_length=120, blank=True)
    form = models.CharField(max_length=6, choices=Form.choices)
    # petitions.sheets.Columns of a table: headers, places, ignored.
    columns = models.JSONField(default=dict)
    total = models.PositiveIntegerField(default=0)
    taken = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(_("created"))
    # When the refused lines went, after which there is no error file.
    cleared_at = models.DateTimeField(null=True)

    objects = BulkIntakeQuerySet.as_manager()

    class Meta:
        verbose_name = _("bulk intake")
        verbose_name_plural = _("bulk intakes")
        indexes = [
            models.Index(fields=["-id"], condition=Q(client=None), name="bulk_of_persons"),
            models.Index(fields=["created_at"], condition=Q(cleared_at=None), name="bulk_uncleared"),
        ]

    def __str__(self) -> str:
        return self.name or f"#{self.pk}"

    @property
    def handled(self) -> int:
        """Lines that have a result."""
        return self.taken + self.known + self.refused

    @property
    def percent(self) -> int:
        """Share of the lines that have a result, 0 to 100."""
        return 100 * self.handled // self.total if self.total else 100


class BulkPart(models.Model):
    """Some hundred lines, one transaction. What has landed is no longer kept here; what was refused is, for a while."""

    intake = models.ForeignKey(BulkIntake, models.CASCADE, related_name="parts")
    # From 1; the job's row for this part has it as its target.
    number = models.PositiveIntegerField()
    last_row = models.PositiveIntegerField()
    # Names and numbers of people stand in it: encrypted like the petitioners. gateway.bulk.packing reads it.
    lines = EncryptedTextField(blank=True)
    # [line, taken | known | refused, petition, field, code, message] for each line.
    results = models.JSONField(default=list)
    refused = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("part of a bulk intake")
        verbose_name_plural = _("parts of bulk intakes")
        constraints = [models.UniqueConstraint(fields=["intake", "number"], name="bulk_part_once")]

    def __str__(self) -> str:
        return f"{self.intake_id}/{self.number}"

    def __repr__(self) -> str:
        return f"<BulkPart {self}>"
