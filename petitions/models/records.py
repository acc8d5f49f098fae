"""The work record book (工作记录簿, domain-facts §7.4): entries, what was offered at reception, rapport notes."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.actors import Actor
from accounts.crypto import EncryptedTextField
from accounts.models import Unit, User
from petitions.models.events import Event
from petitions.models.petition import Petition


class RecordQuerySet(models.QuerySet["RecordEntry"]):
    def visible_to(self, who: User | Actor) -> "RecordQuerySet":
        """Entries of the cases whose record book this person may read (domain-facts §4.2, “work notes”)."""
        return self.filter(petition__in=Petition.objects.within(who, "petitions.records").values("pk"))

    def book_of(self, user: User) -> "RecordQuerySet":
        """The person's own entries, of the cases that are still theirs to read; newest first."""
        return self.visible_to(user).filter(author=user).order_by("-at", "-id")

    def public_lines(self, petition: Petition) -> "RecordQuerySet":
        """What the citizen may read of the book: the edited sentence of an entry and its day, nothing else."""
        return self.filter(petition=petition).exclude(public_line="").only("at", "public_line").order_by("-at")


class RecordEntry(models.Model):
    """One entry of the record book. Its author may correct it for 24 hours; after that it only grows by amendments.

    Dates are local days (Asia/Shanghai). The event that was written with the entry carries the digest of its words, so
    that a changed word shows; the words themselves stand here only.
    """

    class Type(models.TextChoices):
        RECEPTION = "reception", _("Reception talk")
        VISIT = "visit", _("Visit on site")
        PHONE = "phone", _("Telephone call")
        MEETING = "meeting", _("Coordination meeting")
        INVESTIGATION = "investigation", _("Investigation")
        INSTRUCTION = "instruction", _("Leader's instruction")
        FOLLOW_UP = "follow_up", _("Follow-up visit")

    class Outcome(models.TextChoices):
        KEPT = "kept", _("Kept")
        RELEASED = "released", _("Released")

    petition = models.ForeignKey(Petition, models.PROTECT, related_name="records")
    entry_no = models.PositiveSmallIntegerField(_("number"))
    author = models.ForeignKey(User, models.PROTECT, related_name="records")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(_("written"))
    entry_type = models.CharField(_("kind of entry"), max_length=13, choices=Type.choices)
    happened_at = models.DateTimeField(_("when it took place"))
    place = models.CharField(_("place"), max_length=100, blank=True)
    cause = models.TextField(_("cause"), blank=True)
    facts_found = models.TextField(_("facts found"), blank=True)
    progress = models.TextField(_("progress"), blank=True)
    demand_change = models.TextField(_("change of the demand"), blank=True)
    sticking_point = models.TextField(_("sticking point"), blank=True)
    promise = models.CharField(_("promise made"), max_length=300, blank=True)
    promise_due = models.DateField(_("promised until"), null=True, blank=True)
    promise_outcome = models.CharField(_("what became of it"), max_length=8, choices=Outcome.choices, blank=True)
    promise_ended_at = models.DateTimeField(null=True)
    promise_words = models.CharField(max_length=300, blank=True)
    next_step = models.CharField(_("next step"), max_length=200, blank=True)
    next_on = models.DateField(_("on"), null=True, blank=True)
    next_done_at = models.DateTimeField(null=True)
    # Time of day, dialect, a relative present: the useful part of "temper" (domain-facts §7.4).
    contact_preference = models.CharField(_("how to talk with the person"), max_length=100, blank=True)
    step_no = models.PositiveSmallIntegerField(_("step of the checklist"), null=True, blank=True)
    public_line = models.CharField(_("line for the petitioner"), max_length=200, blank=True)
    corrected_at = models.DateTimeField(null=True)
    event = models.OneToOneField(Event, models.PROTECT, null=True, related_name="record_entry")

    objects = RecordQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name = _("record entry")
        verbose_name_plural = _("record entries")
        # No constraint binds the day of a promise to its words: the words go by law, that there was one stays.
        constraints = [models.UniqueConstraint(fields=["petition", "entry_no"], name="record_entry_no")]
        indexes = [
            models.Index(fields=["author", "-at", "-id"], name="record_book"),
            models.Index(
                fields=["author", "next_on"],
                condition=Q(next_on__isnull=False, next_done_at=None),
                name="record_next_step",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.petition_id}/{self.entry_no}"

    @property
    def has_open_promise(self) -> bool:
        """Somebody waits for what was promised."""
        return self.promise_due is not None and not self.promise_outcome


class RecordAmendment(models.Model):
    """What is added to an entry that can no longer be changed; the entry shows both."""

    entry = models.ForeignKey(RecordEntry, models.PROTECT, related_name="amendments")
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    text = models.TextField(_("addition"))

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.entry_id} +{self.pk}"


class CareCheck(models.Model):
    """What was offered at a reception (接待关怀): a service checklist. Never health data: offered, not measured."""

    class Offer(models.TextChoices):
        TEA = "tea", _("Tea or water")
        SEAT = "seat", _("A seat, out of the crowd")
        REST = "rest", _("A rest before the talk")
        BLOOD_PRESSURE = "blood_pressure", _("Blood pressure check offered")
        INTERPRETER = "interpreter", _("Dialect or sign language interpreter")
        GLASSES = "glasses", _("Reading glasses, large print")
        WHEELCHAIR = "wheelchair", _("Wheelchair, step-free way")
        CHILD = "child", _("Child looked after")
        WRITING = "writing", _("Help with writing")
        WAY_HOME = "way_home", _("The way home seen to")

    entry = models.OneToOneField(RecordEntry, models.CASCADE, related_name="care")
    offered = ArrayField(models.CharField(max_length=16, choices=Offer.choices), default=list)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.entry_id}: {len(self.offered)}"

    @property
    def labels(self) -> list[str]:
        """What was offered, in words, in the order of the list."""
        return [str(offer.label) for offer in self.Offer if offer.value in self.offered]


class RapportNoteQuerySet(models.QuerySet["RapportNote"]):
    def visible_to(self, who: Any) -> "RapportNoteQuerySet":
        """The notes one wrote, or was handed the case with; nobody else's, whatever else one may see (PIPL 6, 28).

        The case itself must be within reach as well: whoever has left it has left its notes.
        """
        user = Actor.of(who).user if not getattr(who, "is_anonymous", False) else None
        if user is None:
            return self.none()
        cases = Petition.objects.visible_to(user).values("pk")
        return self.filter(Q(author=user) | Q(successor=user), petition__in=cases)


class RapportNote(models.Model):
    """How to talk with this person (性情爱好): narrow, encrypted, for its author and the successor, gone in time.

    In no list, export, search, print or statistic, and not in the API (domain-facts §7.4; docs/adr/0029).
    """

    class Basis(models.TextChoices):
        CONSENT = "consent", _("The person agreed")
        NECESSITY = "necessity", _("Needed for handling the matter")

    petition = models.ForeignKey(Petition, models.PROTECT, related_name="+")
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    # Who the case was handed to, by the real hand-over or assignment.
    successor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    text = EncryptedTextField(_("note"))
    basis = models.CharField(_("on what ground"), max_length=9, choices=Basis.choices)
    reason = EncryptedTextField(_("why it is needed"))
    at = models.DateTimeField()
    # Six months after the case has ended; none while it is open.
    expires_at = models.DateTimeField(null=True)

    objects = RapportNoteQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["petition"], name="rapport_petition"),
            models.Index(fields=["expires_at"], condition=Q(expires_at__isnull=False), name="rapport_expires"),
        ]

    def __str__(self) -> str:
        return f"{self.petition_id}"
