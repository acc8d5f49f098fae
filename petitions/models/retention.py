"""How long a closed case is kept, what holds it back, and the proof that it went (domain-facts §1.18; PIPL 19, 47)."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.models import Unit, User
from petitions.models.petition import Petition


class ArchiveRule(models.Model):
    """How long files of one kind are kept. Which kind a case is of is decided by `petitions.archive_rules`."""

    class Key(models.TextChoices):
        # National Archives Administration order no. 8 (2006), as petition offices read it [verify with the archive].
        LEADER_RESULT = "leader_result", _("Important leader's instruction, with a result")
        RESULT = "result", _("With a result")
        NO_RESULT = "no_result", _("Without a result")
        # Not an archive period: what of a closed case need not be kept as long as its file.
        RECORDINGS = "recordings", _("Sound and video recordings")

    key = models.CharField(_("kind"), max_length=16, choices=Key.choices, unique=True)
    # Months; empty keeps for ever.
    months = models.PositiveSmallIntegerField(_("months kept"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=120, blank=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["id"]
        verbose_name = _("archive period")
        verbose_name_plural = _("archive periods")

    def __str__(self) -> str:
        return str(self.get_key_display())

    def save_as(self, user: User | None, at: datetime) -> None:
        """Save, and write into the history whose change it is."""
        self._history_user, self._history_date = user, at
        self.save()

    @property
    def period(self) -> str:
        """The period in words: permanent, whole years, or months."""
        return period_words(self.months)


def period_words(months: int | None) -> str:
    """A keeping period in the interface language; None is for ever."""
    is_english = get_language() == "en"
    if months is None:
        return "Permanent" if is_english else "永久"
    if months % 12:
        return f"{months} months" if is_english else f"{months}个月"
    return f"{months // 12} years" if is_english else f"{months // 12}年"


class ArchiveSerial(models.Model):
    """The last archive number an office gave in a year; locked and advanced, so that numbers have no gap."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "year"], name="archive_serial_once")]

    def __str__(self) -> str:
        return f"{self.unit_id}/{self.year}: {self.last}"


class ArchiveRecord(models.Model):
    """A closed case in the archive: its number, how long it is kept and by which rule."""

    petition = models.OneToOneField(Petition, models.PROTECT, related_name="archive_record")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("archived by"))
    year = models.PositiveSmallIntegerField()
    serial = models.PositiveIntegerField()
    rule = models.CharField(_("kind"), max_length=16, choices=ArchiveRule.Key.choices)
    # The period as it was set on the day of archiving; None keeps for ever.
    months = models.PositiveSmallIntegerField(null=True)
    # Why another period than the rule's was chosen; empty where it was not.
    override_reason = models.CharField(_("reason for another period"), max_length=300, blank=True)
    # The last day on which everything is kept (Asia/Shanghai); None: for ever.
    keep_until = models.DateField(null=True)
    archived_at = models.DateTimeField()
    archived_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    # Set when the recordings of the case, which are kept for a shorter time, have gone.
    recordings_erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "year", "serial"], name="archive_number")]
        indexes = [models.Index(fields=["keep_until", "id"], name="archive_due")]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """The archive number: office, year, running number, for example NB-PETITION-XF-2026-00012."""
        return f"{self.unit.code}-XF-{self.year}-{self.serial:05d}"

    @property
    def period(self) -> str:
        """How long it is kept, in words."""
        return period_words(self.months)


class LegalHold(models.Model):
    """Something (a lawsuit, an audit, a review) forbids to erase a case until it is lifted."""

    petition = models.ForeignKey(Petition, models.PROTECT, related_name="legal_holds")
    reason = models.CharField(_("reason"), max_length=300)
    placed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    placed_at = models.DateTimeField()
    # Ends by itself after this day (Asia/Shanghai); empty: only when somebody lifts it.
    until = models.DateField(_("until"), null=True, blank=True)
    released_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    released_at = models.DateTimeField(null=True)
    release_reason = models.CharField(_("why it is lifted"), max_length=300, blank=True)

    class Meta:
        ordering = ["-placed_at"]
        indexes = [models.Index(fields=["petition"], condition=Q(released_at=None), name="legal_hold_open")]

    def __str__(self) -> str:
        return f"{self.petition_id}: {self.reason}"


class Erasure(models.Model):
    """The proof that the personal words of a case were removed: when, by which rule, how much in which copy.

    It holds no personal words itself. `before` and `after` are SHA-256 over the digests of everything removed and over
    what is left of it.
    """

    petition = models.OneToOneField(Petition, models.PROTECT, related_name="erasure")
    rule = models.CharField(max_length=16, choices=ArchiveRule.Key.choices)
    months = models.PositiveSmallIntegerField(null=True)
    keep_until = models.DateField(null=True)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    # {"petition": 1, "files": 4, …}: rows or files changed in each copy.
    counts = models.JSONField(default=dict)
    # Words found again in any copy after the removal; an erasure that left some is not finished.
    left = models.JSONField(default=dict)
    before = models.CharField(max_length=64)
    after = models.CharField(max_length=64, blank=True)
    # When every copy was searched again and nothing was found.
    checked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-at"]
        indexes = [
            models.Index(fields=["-at", "-id"], name="erasure_new"),
            models.Index(fields=["id"], condition=Q(checked_at=None), name="erasure_to_check"),
        ]

    def __str__(self) -> str:
        return f"{self.petition_id} {self.at:%Y-%m-%d}"
