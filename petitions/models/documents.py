"""The letters of a case: templates with their history, documents with every version, sign-off, delivery."""

import json
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.crypto import EncryptedTextField
from accounts.models import Unit, User
from petitions.documents.querysets import DocumentQuerySet
from petitions.models.petition import Petition
from petitions.states.documents import DOCUMENT_TONES, OPEN_DOCUMENT_STATES, DocumentState


class DocumentTemplate(models.Model):
    """One edition of the wording of a kind of document. Append-only: the highest `no` of a kind is in force.

    A kind without a row uses the text shipped in petitions/documents/texts.py.
    """

    kind = models.CharField(_("kind of document"), max_length=32)
    no = models.PositiveIntegerField(_("edition"))
    title = models.CharField(_("title"), max_length=120)
    body = models.TextField(_("text"))
    note = models.CharField(_("what was changed"), max_length=200, blank=True)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["kind", "-no"]
        constraints = [models.UniqueConstraint(fields=["kind", "no"], name="document_template_edition")]
        verbose_name = _("document template")
        verbose_name_plural = _("document templates")

    def __str__(self) -> str:
        return f"{self.kind} {self.no}"


class Letterhead(models.Model):
    """What a unit's letters carry: the name in the red head and the short form that begins its numbers (机关代字)."""

    unit = models.OneToOneField(Unit, models.PROTECT, related_name="letterhead", verbose_name=_("unit"))
    name = models.CharField(_("name in the letterhead"), max_length=60)
    prefix = models.CharField(_("short form in numbers"), max_length=16, unique=True)
    contact = models.CharField(_("address and telephone"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("letterhead")
        verbose_name_plural = _("letterheads")

    def __str__(self) -> str:
        return self.name


class DocumentSeries(models.Model):
    """The last number a unit has given in one series of one year. Its row is locked while the next one is given."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    series = models.CharField(max_length=8)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "series", "year"], name="document_series")]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.series} {self.year}: {self.last}"


class Document(models.Model):
    """A letter of a case from its draft to its delivery. Only `petitions.actions.documents` writes it."""

    petition = models.ForeignKey(Petition, models.PROTECT, related_name="documents")
    kind = models.CharField(_("kind of document"), max_length=32)
    # Which of several like ones it is, for example "supervision:12"; empty for the one of its kind.
    subject = models.CharField(max_length=40, blank=True)
    # The petition's round it belongs to; for an opinion of review, the round whose opinion was attacked.
    round = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(_("status"), max_length=9, choices=DocumentState.choices, default=DocumentState.DRAFT)
    version = models.PositiveIntegerField(default=1)
    title = models.CharField(_("title"), max_length=160)
    # The organ in whose name it goes out, and whose people draft, check and sign it.
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("issued by"))
    addressee_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("addressee of the letter")
    )
    # Major matters are signed by the head of the unit, ordinary ones by a deputy (domain-facts §1.8).
    is_major = models.BooleanField(_("major matter"), default=False)
    # How many steps of the chain are behind it.
    signed_steps = models.PositiveSmallIntegerField(default=0)
    drafter = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("drafted by"))
    drafted_at = models.DateTimeField()
    # The person whose turn it is, when one is named; None: anybody of the unit who may.
    waits_for = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    year = models.PositiveSmallIntegerField(null=True)
    serial = models.PositiveIntegerField(null=True)
    series = models.CharField(max_length=8, blank=True)
    number = models.CharField(_("number"), max_length=40, blank=True)
    issued_at = models.DateTimeField(null=True)
    issued_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    delivered_at = models.DateTimeField(null=True)
    # When the files of the issued version were made and kept; that happens after the issue, outside its locks.
    filed_at = models.DateTimeField(null=True)
    # When that was last tried by the worker; None while it has not been its turn.
    file_tried_at = models.DateTimeField(null=True)
    void_reason = models.CharField(max_length=300, blank=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "series", "year", "serial"], condition=Q(serial__isnull=False), name="document_number"
            ),
        ]
        indexes = [
            models.Index(fields=["petition", "id"], name="document_case"),
            models.Index(fields=["unit", "id"], condition=Q(state="in_review"), name="document_waiting"),
            models.Index(
                fields=["id"], condition=Q(issued_at__isnull=False, filed_at__isnull=True), name="document_to_file"
            ),
        ]

    def __str__(self) -> str:
        return self.number or self.title

    @property
    def is_open(self) -> bool:
        """Not issued yet: it may still change."""
        return self.state in OPEN_DOCUMENT_STATES

    @property
    def state_tone(self) -> str:
        return DOCUMENT_TONES[DocumentState(self.state)]

    @property
    def current(self) -> "DocumentVersion":
        """The newest version."""
        newest = self.versions.order_by("-no").first()
        assert newest is not None
        return newest


def document_path(instance: "DocumentVersion", filename: str) -> str:
    """Storage key without anything a person chose: petition, document and version, then the checksum as name."""
    return f"documents/{instance.document.petition_id}/{instance.document_id}-{instance.no}/{filename}"


class DocumentVersion(models.Model):
    """One version of a document as it stood, append-only; its files and their checksums once they are made."""

    document = models.ForeignKey(Document, models.PROTECT, related_name="versions")
    no = models.PositiveIntegerField()
    title = models.CharField(max_length=160)
    # The wording with its placeholders.
    body = models.TextField()
    # What the placeholders stand for, as JSON; names and addresses are among it.
    values_text = EncryptedTextField(default="{}")
    # SHA-256 (hex) of title, body and values: what was read is what was signed.
    digest = models.CharField(max_length=64)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    note = models.CharField(max_length=200, blank=True)
    pdf = models.FileField(upload_to=document_path, max_length=200, blank=True)
    pdf_sha256 = models.CharField(max_length=64, blank=True)
    docx = models.FileField(upload_to=document_path, max_length=200, blank=True)
    docx_sha256 = models.CharField(max_length=64, blank=True)
    pages = models.PositiveSmallIntegerField(default=0)
    # Characters no font of the house has; they are printed as their code.
    missing = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ["no"]
        constraints = [models.UniqueConstraint(fields=["document", "no"], name="document_version")]

    def __str__(self) -> str:
        return f"{self.document_id}.{self.no}"

    @property
    def values(self) -> dict[str, Any]:
        """What the placeholders stand for."""
        found: dict[str, Any] = json.loads(self.values_text or "{}")
        return found


class SignOff(models.Model):
    """One decision in the chain of sign-off: who let which version pass, or sent it back and why."""

    class Decision(models.TextChoices):
        PASSED = "passed", _("Passed")
        SENT_BACK = "sent_back", _("Sent back")

    document = models.ForeignKey(Document, models.PROTECT, related_name="sign_offs")
    version = models.ForeignKey(DocumentVersion, models.PROTECT, related_name="+")
    step = models.CharField(max_length=8)
    decision = models.CharField(max_length=9, choices=Decision.choices)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    by_label = models.CharField(max_length=60)
    at = models.DateTimeField()
    comment = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.document_id} {self.step} {self.decision}"


class Delivery(models.Model):
    """One attempt to deliver an issued document, and what came of it (domain-facts §1.8, 送达回证)."""

    class Way(models.TextChoices):
        BY_HAND = "by_hand", _("Handed over against signature")
        POST = "post", _("Registered post")
        ELECTRONIC = "electronic", _("Electronically, receipt confirmed")
        PUBLIC_NOTICE = "notice", _("Public notice")
        REFUSED = "refused", _("Left with witness after refusal")

    class Stance(models.TextChoices):
        """How the petitioner takes the opinion."""

        AGREES = "agrees", _("Agrees")
        DISAGREES = "disagrees", _("Disagrees")
        UNCLEAR = "unclear", _("No clear opinion")

    document = models.ForeignKey(Document, models.PROTECT, related_name="deliveries")
    way = models.CharField(_("how it was delivered"), max_length=10, choices=Way.choices)
    # Handed in at the post office, put up, or released on the citizens' page.
    sent_at = models.DateTimeField()
    # When it counts as delivered; None while it is under way.
    delivered_at = models.DateTimeField(null=True)
    deliverer = models.CharField(_("delivered by"), max_length=60, blank=True)
    phone = models.CharField(_("telephone of the deliverer"), max_length=20, blank=True)
    # Who signed: the petitioner, or whoever took it for them.
    receiver = EncryptedTextField(_("signed by"), blank=True)
    tracking = models.CharField(_("number of the item"), max_length=40, blank=True)
    returned_at = models.DateTimeField(null=True)
    place = models.CharField(_("place"), max_length=120, blank=True)
    notice_until = models.DateField(_("public until"), null=True)
    witness = models.CharField(_("witness"), max_length=60, blank=True)
    stance = models.CharField(_("stance of the petitioner"), max_length=9, choices=Stance.choices, blank=True)
    remark = models.CharField(_("remark"), max_length=300, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            # One at a time: the next way is tried when the last has failed.
            models.UniqueConstraint(
                fields=["document"],
                condition=Q(delivered_at__isnull=True, returned_at__isnull=True),
                name="delivery_under_way",
            ),
            models.UniqueConstraint(fields=["document"], condition=Q(delivered_at__isnull=False), name="delivery_once"),
        ]
        indexes = [
            models.Index(
                fields=["notice_until"],
                condition=Q(way="notice", delivered_at__isnull=True, returned_at__isnull=True),
                name="delivery_notice",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document_id} {self.way}"

    @property
    def is_under_way(self) -> bool:
        return self.delivered_at is None and self.returned_at is None
