"""Files of a case."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from petitions.models.events import Event
from petitions.models.petition import Petition


def attachment_path(instance: "Attachment", filename: str) -> str:
    """Storage key without anything the uploader chose: petition, then the checksum."""
    return f"attachments/{instance.petition_id}/{instance.sha256}"


class Attachment(models.Model):
    """A file of the case: type sniffed from its bytes, checksum kept, stored through Django storages."""

    petition = models.ForeignKey(Petition, models.PROTECT, related_name="attachments")
    event = models.ForeignKey(Event, models.PROTECT, related_name="attachments")
    name = models.CharField(_("file name"), max_length=150)
    file = models.FileField(upload_to=attachment_path, max_length=200)
    size = models.PositiveBigIntegerField()
    content_type = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["petition", "sha256"], name="attachment_digest")]

    def __str__(self) -> str:
        return self.name
