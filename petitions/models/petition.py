"""The petition itself: one matter from registration to its end, and the lists its fields choose from."""

import secrets
from datetime import UTC, datetime

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.crypto import EncryptedTextField
from accounts.models import Area, Unit, User
from petitions.querysets import PetitionQuerySet
from petitions.routes import LegalClass, Route, class_of
from petitions.states import STATE_TONES, State

# "No deadline is running", as a date so that one index orders every open petition.
NO_DEADLINE = datetime(9999, 12, 31, tzinfo=UTC)


# Ways the legal life may end after which the same facts and reasons are not taken up again (models/reviews.py, EndWay).
TERMINATING = frozenset({"rereviewed", "certified"})

QUERY_CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def new_query_code() -> str:
    """Ten characters (49 bits) a citizen can read over the telephone; no 0/O, 1/I/L."""
    letters = ""
    while len(letters) < 10:
        # Five bits each; the thirty-second value is thrown away, so that every letter is as likely.
        letters += "".join(QUERY_CODE_ALPHABET[bits & 31] for bits in secrets.token_bytes(12) if bits & 31 != 31)
    return letters[:10]


class Channel(models.TextChoices):
    """How the matter came in (domain-facts §1.2)."""

    LETTER = "letter", _("Letter")
    VISIT = "visit", _("Visit")
    ONLINE = "online", _("Online")
    PHONE = "phone", _("Phone")
    HOTLINE = "hotline", "12345"
    MINHUWOWEI = "minhuwowei", _("People Call, We Act")
    QR = "qr", _("QR code")
    HELPLINE = "helpline", "81890"
    MINSHENG = "minsheng", _("Livelihood e-Link")
    TOWN = "town", _("Town platforms")
    SUPERIOR = "superior", _("Assigned from above")
    LEADER = "leader", _("Leader's mailbox")


class Purpose(models.TextChoices):
    """Why the person writes (domain-facts §5.1); decides the legal class."""

    SETTLE = "QJ", _("Request to settle")
    APPEAL = "SS", _("Appeal")
    ACCUSE = "JK", _("Accusation")
    SUGGEST = "YJ", _("Suggestion")
    ENQUIRE = "ZX", _("Enquiry")
    OTHER = "QT", _("Other")


class Urgency(models.TextChoices):
    """Service class (domain-facts §2.4): 4 hours, 24 hours, 7 days, case by case."""

    EXTRA = "extra_urgent", _("Extra urgent")
    URGENT = "urgent", _("Urgent")
    NORMAL = "normal", _("Normal")
    DIFFICULT = "difficult", _("Difficult")


class Sensitivity(models.TextChoices):
    NORMAL = "normal", _("Normal")
    CONFIDENTIAL = "confidential", _("Confidential")
    ACCUSATION = "accusation", _("Accusation (class A)")


class Adoption(models.TextChoices):
    """What the organ makes of a suggestion (Regulation on Petition Work, art. 29)."""

    ADOPTED = "adopted", _("Adopted")
    PARTLY = "partly", _("Partly adopted")
    REJECTED = "rejected", _("Not adopted")


class CrossKind(models.TextChoices):
    """Why nobody alone is in charge (三跨三分离, domain-facts §1.12)."""

    REGIONS = "regions", _("Across regions")
    DEPARTMENTS = "departments", _("Across departments")
    INDUSTRIES = "industries", _("Across industries")
    MATTER = "matter", _("Person apart from the matter")
    HOUSEHOLD = "household", _("Person apart from the household register")
    BOTH = "both", _("Person apart from matter and household register")


class ContentClass(models.Model):
    """What the matter is about: one tree with the petition label and the 12345 label (domain-facts §5.2–5.3)."""

    code = models.CharField(_("code"), max_length=6, unique=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    level = models.PositiveSmallIntegerField(_("level"))
    name = models.CharField(_("name"), max_length=40)
    name_en = models.CharField(_("English name"), max_length=80)
    hotline_label = models.CharField(_("12345 label"), max_length=60, blank=True)
    national_code = models.CharField(_("national code"), max_length=6, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["code"]
        verbose_name = _("content class")
        verbose_name_plural = _("content classes")

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Name in the interface language."""
        return self.name_en if get_language() == "en" else self.name


class Petition(models.Model):
    """One petition matter (信访件) from registration to its end. Only `petitions.actions` writes it."""

    year = models.PositiveSmallIntegerField()
    serial = models.PositiveIntegerField()
    query_code = models.CharField(_("query code"), max_length=10, unique=True, default=new_query_code)
    version = models.PositiveIntegerField(default=1)

    channel = models.CharField(_("channel"), max_length=12, choices=Channel.choices)
    source_ref = models.CharField(_("number at the source"), max_length=64, blank=True)
    # Whose count the number belongs to, where several systems share a channel and each counts for itself; empty: the
    # channel has one count.
    numbering = models.CharField(_("numbering"), max_length=24, blank=True)
    petition_date = models.DateField(_("date of the petition"))
    registered_at = models.DateTimeField(_("registered"))
    registrar = models.ForeignKey(User, models.PROTECT, null=True, related_name="registered")
    register_unit = models.ForeignKey(Unit, models.PROTECT, related_name="registered", verbose_name=_("registered by"))

    state = models.CharField(_("status"), max_length=12, choices=State.choices, default=State.REGISTERED)
    is_open = models.BooleanField(default=True)
    purpose = models.CharField(_("purpose"), max_length=2, choices=Purpose.choices, default=Purpose.SETTLE)
    # The legal route within the class (petitions.routes); empty until somebody has chosen.
    route = models.CharField(_("legal route"), max_length=16, choices=Route.choices, blank=True)
    content_class = models.ForeignKey(ContentClass, models.PROTECT, verbose_name=_("content class"))
    urgency = models.CharField(_("urgency"), max_length=12, choices=Urgency.choices, default=Urgency.NORMAL)
    sensitivity = models.CharField(
        _("sensitivity"), max_length=12, choices=Sensitivity.choices, default=Sensitivity.NORMAL
    )
    is_restricted = models.BooleanField(default=False)

    district = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("district"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("place of the problem"))
    address = models.CharField(_("address of the problem"), max_length=200, blank=True)

    summary = models.CharField(_("summary"), max_length=200)
    content = models.TextField(_("content"))
    demand = models.TextField(_("demand"), blank=True)
    occurred_on = models.DateField(_("happened on"), null=True, blank=True)
    headcount = models.PositiveIntegerField(_("persons"), default=1, validators=[MinValueValidator(1)])
    affected_count = models.PositiveIntegerField(_("persons affected"), default=1)
    is_anonymous = models.BooleanField(_("anonymous"), default=False)
    is_open_to_public = models.BooleanField(_("may be published"), default=False)
    respondent_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("unit complained of")
    )
    respondent = EncryptedTextField(_("person complained of"), blank=True)
    repeat_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="repeats")
    # Which time this matter is raised by this person: 1 the first (domain-facts §1.11); kept by actions.repeats.
    recurrence = models.PositiveSmallIntegerField(_("raised for the nth time"), default=1)
    # Raised so often that leaders read it and the lists mark it (domain-facts §2.3, third counter).
    is_priority = models.BooleanField(_("priority"), default=False)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged_children")
    # The submission this matter was split off from; each part has its own number and course.
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="parts")
    # Three-cross-three-separation kinds (三跨三分离, domain-facts §1.12), comma-separated; since when the joint
    # conference has it to name the lead unit, empty before and afterwards.
    cross_kinds = models.CharField(_("three-cross-three-separation"), max_length=100, blank=True)
    conference_since = models.DateTimeField(null=True)
    # A hand-over waits for its answer ("asked") or a ruling ("refused"); a copy, so that a case page asks for none.
    hand_over_state = models.CharField(max_length=8, blank=True)
    # Facts that make a terminated matter a new one are on the record (Regulation, art. 36).
    new_facts_at = models.DateTimeField(null=True)
    # What became of a suggestion (Regulation on Petition Work, art. 29).
    adoption = models.CharField(_("adoption"), max_length=8, choices=Adoption.choices, blank=True)

    # Copies that keep the worklist at one table: the masked petitioner, the lead unit, the nearest running deadline.
    petitioner_label = models.CharField(_("petitioner"), max_length=60, blank=True)
    lead_unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="led", verbose_name=_("lead unit"))
    # First-asked responsibility (首问负责): the first unit the matter was rightly given to; it stays answerable.
    first_unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("first unit"))
    next_due_at = models.DateTimeField(default=NO_DEADLINE)
    next_due_from = models.DateTimeField(null=True)
    next_due_key = models.CharField(max_length=24, blank=True)

    # Copied here by the room that supervises: the highest level that stands open, empty for none.
    supervision_level = models.CharField(max_length=9, blank=True)

    reply_text = models.TextField(_("reply"), blank=True)
    replied_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    close_type = models.CharField(_("way of closing"), max_length=16, blank=True)
    rework_count = models.PositiveSmallIntegerField(default=0)
    # Work done before the last reopening answers the old facts, not the new ones.
    reopened_at = models.DateTimeField(null=True)
    # Ratings are taken once a round; a rework or a reopening begins the next one.
    round = models.PositiveSmallIntegerField(default=0)
    # The legal life: told of receipt, accepted, opinion delivered; 1 once reviewed, 2 once re-reviewed (then final).
    notified_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    review_level = models.PositiveSmallIntegerField(default=0)
    hearing_since = models.DateTimeField(null=True)
    # How and when the legal life ended (EndWay, domain-facts §1.10); empty while a remedy is open. `closed_at` is the
    # office's own closing: a closed matter may still be reviewed.
    end_way = models.CharField(_("end"), max_length=12, blank=True)
    ended_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField()

    objects = PetitionQuerySet.as_manager()

    class Meta:
        verbose_name = _("petition")
        verbose_name_plural = _("petitions")
        constraints = [
            models.UniqueConstraint(fields=["year", "serial"], name="petition_number"),
            models.UniqueConstraint(
                fields=["channel", "numbering", "source_ref"], condition=~Q(source_ref=""), name="petition_source_ref"
            ),
            models.CheckConstraint(condition=Q(headcount__gte=1), name="petition_headcount"),
            models.CheckConstraint(condition=Q(affected_count__gte=models.F("headcount")), name="petition_affected"),
        ]
        indexes = [
            models.Index(fields=["next_due_at", "id"], condition=Q(is_open=True), name="petition_due"),
            models.Index(fields=["district", "next_due_at", "id"], condition=Q(is_open=True), name="petition_area_due"),
            models.Index(
                fields=["lead_unit", "next_due_at", "id"], condition=Q(is_open=True), name="petition_unit_due"
            ),
            models.Index(fields=["state", "next_due_at", "id"], condition=Q(is_open=True), name="petition_state_due"),
            models.Index(
                fields=["district", "state", "next_due_at", "id"], condition=Q(is_open=True), name="petition_area_state"
            ),
            models.Index(
                fields=["register_unit", "next_due_at", "id"], condition=Q(is_open=True), name="petition_office_due"
            ),
            # With what the reach of a unit asks of each row, so that a page is looked for in the index alone.
            models.Index(
                fields=["-registered_at", "-id"], include=["register_unit", "is_restricted"], name="petition_new"
            ),
            models.Index(fields=["district", "-registered_at", "-id"], name="petition_area_new"),
            models.Index(fields=["lead_unit", "-registered_at", "-id"], name="petition_unit_new"),
            models.Index(fields=["registrar", "-registered_at", "-id"], name="petition_registrar_new"),
            models.Index(
                fields=["updated_at", "id"], include=["register_unit", "is_restricted"], name="petition_changed"
            ),
            models.Index(fields=["next_due_at", "id"], condition=~Q(supervision_level=""), name="petition_supervised"),
            # Class A is rare, and every figure about cases must leave it out without looking at each petition.
            models.Index(fields=["id"], condition=Q(is_restricted=True), name="petition_restricted"),
            models.Index(
                fields=["conference_since", "id"],
                condition=Q(conference_since__isnull=False),
                name="petition_conference",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """The number on paper, for example 甬信〔2026〕000123号."""
        return f"{settings.NUMBER_PREFIX}〔{self.year}〕{self.serial:06d}号"

    @property
    def short_number(self) -> str:
        """The number in lists, for example 26-000123."""
        return f"{self.year % 100:02d}-{self.serial:06d}"

    @property
    def deadline(self) -> datetime | None:
        """The nearest running deadline (UTC), or None when no clock runs."""
        return None if self.next_due_at >= NO_DEADLINE else self.next_due_at

    @property
    def state_tone(self) -> str:
        return STATE_TONES[State(self.state)]

    @property
    def end_label(self) -> str:
        """How the legal life ended, in words; empty while a remedy is open."""
        from petitions.models.reviews import EndWay

        return str(EndWay(self.end_way).label) if self.end_way in EndWay.values else ""

    @property
    def is_terminated(self) -> bool:
        """On the same facts and reasons nobody takes the matter up again (Regulation on Petition Work, art. 36)."""
        return self.end_way in TERMINATING

    @property
    def legal_class(self) -> LegalClass:
        """The class of the Regulation (arts. 29-31) the purpose belongs to."""
        return class_of(self.purpose)

    @property
    def cross_labels(self) -> list[str]:
        """The three-cross-three-separation kinds in the interface language."""
        return [str(CrossKind(kind).label) for kind in self.cross_kinds.split(",") if kind in CrossKind.values]

    @property
    def is_group(self) -> bool:
        """Five or more persons (domain-facts §1.4)."""
        return self.headcount >= 5
