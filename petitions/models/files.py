"""Files of a case: what is kept of it, what is held before it belongs to one, and the pictures made of it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from petitions.models.events import Event
from petitions.models.petition import Petition


def attachment_path(instance: "Attachment", filename: str) -> str:
    """Storage key without anything the uploader chose: petition, then the checksum."""
    return f"attachments/{instance.petition_id}/{instance.sha256}"


class Scan(models.TextChoices):
    """What the virus scanner said of a file. While a scanner is configured, only a clean file leaves the quarantine."""

    WAITING = "waiting", _("Waiting for the virus scan")
    CLEAN = "clean", _("Scanned, nothing found")
    INFECTED = "infected", _("Infected; locked")
    UNSCANNED = "unscanned", _("Not scanned")


class Attachment(models.Model):
    """A file of the case: type sniffed from its bytes, checksum kept, stored through Django storages."""

    class Preview(models.TextChoices):
        WAITING = "waiting", _("Preview is being made")
        READY = "ready", _("Preview ready")
        NONE = "none", _("No preview")

    petition = models.ForeignKey(Petition, models.PROTECT, related_name="attachments")
    event = models.ForeignKey(Event, models.PROTECT, related_name="attachments")
    name = models.CharField(_("file name"), max_length=150)
    file = models.FileField(upload_to=attachment_path, max_length=200)
    size = models.PositiveBigIntegerField()
    content_type = models.CharField(max_length=100)
    # Of what is kept: metadata are removed first, and what was sent is never stored.
    sha256 = models.CharField(max_length=64)
    # The place a picture was taken at was kept on purpose.
    keeps_place = models.BooleanField(default=False)
    uploaded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField()
    scan = models.CharField(max_length=9, choices=Scan.choices, default=Scan.UNSCANNED)
    # What the scanner found, for example "Eicar-Test-Signature".
    scan_finding = models.CharField(max_length=120, blank=True)
    scanned_at = models.DateTimeField(null=True)
    # A file the scanner could not be asked about is tried again from then on.
    scan_after = models.DateTimeField(null=True)
    preview = models.CharField(max_length=7, choices=Preview.choices, default=Preview.WAITING)
    # Pages of a document (1 for a picture); of these the first few have a preview.
    pages = models.PositiveIntegerField(null=True)
    # Removed by law when its time was over; the row stays, without name and bytes.
    erased_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["petition", "sha256"], name="attachment_digest"),
            models.Index(
                fields=["scan_after", "id"],
                condition=Q(scan__in=["waiting", "unscanned"], erased_at=None),
                name="attachment_to_scan",
            ),
            models.Index(fields=["id"], condition=Q(scan="infected"), name="attachment_infected"),
            models.Index(fields=["id"], condition=Q(preview="waiting"), name="attachment_to_preview"),
        ]

    def __str__(self) -> str:
        return self.name or str(_("Removed by law"))

    @property
    def is_open(self) -> bool:
        """Whether it may be opened: found clean, or nobody is there to ask; never when infected or removed by law."""
        if self.erased_at is not None:
            return False
        return self.scan == Scan.CLEAN or (self.scan != Scan.INFECTED and not settings.CLAMAV)

    @property
    def has_preview(self) -> bool:
        """Whether its pages can be looked at without downloading it."""
        return self.is_open and self.preview == self.Preview.READY

    @property
    def is_picture(self) -> bool:
        return self.content_type.startswith("image/")


class PreviewPage(models.Model):
    """The picture of one page of a file, small enough for a screen; page 0 is the thumbnail."""

    attachment = models.ForeignKey(Attachment, models.CASCADE, related_name="preview_pages")
    page = models.PositiveSmallIntegerField()
    file = models.FileField(max_length=200)
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["attachment_id", "page"]
        constraints = [models.UniqueConstraint(fields=["attachment", "page"], name="preview_page_once")]

    def __str__(self) -> str:
        return f"{self.attachment_id}/{self.page}"


class HeldFile(models.Model):
    """A file sent ahead of its form: checked at once, kept until the form is sent, forgotten after two days."""

    user = models.ForeignKey(User, models.CASCADE, related_name="held_files")
    # Names the file in the form; random, so that nobody guesses another's.
    token = models.CharField(max_length=43, unique=True)
    name = models.CharField(_("file name"), max_length=150)
    file = models.FileField(max_length=200)
    size = models.PositiveBigIntegerField()
    keeps_place = models.BooleanField(default=False)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.name
