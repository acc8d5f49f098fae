"""Leaders' receptions and visits (domain-facts §3.6): the day, who booked, who was received and what came of it."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.crypto import EncryptedTextField
from accounts.models import Area, Unit, User
from backlog.models.cases import BacklogCase
from backlog.querysets import BookingQuerySet, ReceptionDayQuerySet, ReceptionQuerySet
from backlog.states import (
    BOOKING_TONES,
    DAY_TONES,
    RESULT_TONES,
    BookingState,
    DayState,
    ReceptionKind,
    ReceptionResult,
)
from petitions.crypto import mask_name, mask_number
from petitions.models import Petition, Rating


class ReceptionDay(models.Model):
    """An official receives at a place and time. Only `backlog.actions.receptions` writes it."""

    kind = models.CharField(_("kind"), max_length=10, choices=ReceptionKind.choices)
    state = models.CharField(_("status"), max_length=10, choices=DayState.choices, default=DayState.PLANNED)
    version = models.PositiveIntegerField(default=1)
    official = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("official"))
    # As published, whatever post the official has later.
    title = models.CharField(_("post"), max_length=40, blank=True)
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("city or district"))
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    place = models.CharField(_("place"), max_length=80)
    # What the official is responsible for, so that citizens know whom to ask.
    subjects = models.CharField(_("subjects received"), max_length=100, blank=True)
    capacity = models.PositiveSmallIntegerField(_("places for bookings"), default=10)
    case = models.ForeignKey(
        BacklogCase, models.PROTECT, null=True, related_name="+", verbose_name=_("case taken along")
    )
    published_at = models.DateTimeField(null=True)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()

    objects = ReceptionDayQuerySet.as_manager()

    class Meta:
        verbose_name = _("reception day")
        verbose_name_plural = _("reception days")
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="reception_span")]
        indexes = [
            models.Index(fields=["-starts_at", "-id"], name="reception_starts"),
            models.Index(fields=["starts_at"], condition=Q(state="published"), name="reception_published"),
        ]

    def __str__(self) -> str:
        return f"{self.official} {self.starts_at:%Y-%m-%d}"

    @property
    def state_tone(self) -> str:
        return DAY_TONES[DayState(self.state)]


class DayEvent(models.Model):
    """Append-only: what was done with a reception day, and why it was called off."""

    day = models.ForeignKey(ReceptionDay, models.PROTECT, related_name="events")
    at = models.DateTimeField()
    move = models.CharField(max_length=16)
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    actor_label = models.CharField(max_length=60)
    # Why, or which particulars were changed; never a word of a case.
    text = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.day_id} {self.move}"


class Booking(models.Model):
    """A place a citizen booked. The code is known to the citizen only; a keyed digest of it is kept.

    Name, telephone and matter are emptied some time after the day (`backlog.actions.visitors`).
    """

    day = models.ForeignKey(ReceptionDay, models.PROTECT, related_name="bookings")
    digest = models.CharField(max_length=64, unique=True)
    state = models.CharField(_("status"), max_length=10, choices=BookingState.choices, default=BookingState.BOOKED)
    name = EncryptedTextField(_("name"))
    phone = EncryptedTextField(_("phone"))
    # So that one telephone takes one place of a day (petitions.crypto.blind_index).
    phone_index = models.CharField(max_length=32, blank=True)
    persons = models.PositiveSmallIntegerField(_("persons"), default=1)
    matter = models.CharField(_("what about"), max_length=300)
    petition = models.ForeignKey(Petition, models.PROTECT, null=True, related_name="+")
    booked_at = models.DateTimeField()
    # Empty: the citizen, on the public page.
    booked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    objects = BookingQuerySet.as_manager()

    class Meta:
        ordering = ["booked_at", "id"]
        verbose_name = _("booking")
        verbose_name_plural = _("bookings")

    def __str__(self) -> str:
        return f"{self.day_id} {self.pk}"

    @property
    def state_tone(self) -> str:
        return BOOKING_TONES[BookingState(self.state)]

    @property
    def masked_name(self) -> str:
        """The name as boards and lists show it."""
        return mask_name(self.name)

    @property
    def masked_phone(self) -> str:
        """The telephone with its middle hidden: the last four digits tell two bookings apart."""
        return mask_number(self.phone)


class Reception(models.Model):
    """One batch of visitors received: how many, what about, the official's opinion, who does what by when, the end."""

    day = models.ForeignKey(ReceptionDay, models.PROTECT, related_name="receptions")
    seq = models.PositiveSmallIntegerField()
    booking = models.OneToOneField(Booking, models.PROTECT, null=True, related_name="reception")
    visitor = EncryptedTextField(_("visitor"), blank=True)
    persons = models.PositiveSmallIntegerField(_("persons"), default=1)
    petition = models.ForeignKey(Petition, models.PROTECT, null=True, related_name="receptions")
    case = models.ForeignKey(BacklogCase, models.PROTECT, null=True, related_name="receptions")
    matter = models.TextField(_("matter"))
    opinion = models.TextField(_("opinion of the official"), blank=True)
    result = models.CharField(_("result"), max_length=10, choices=ReceptionResult.choices, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("given to"))
    due_on = models.DateField(_("to be answered by"), null=True)
    # As the petitions' own ratings; null: not asked or not given.
    satisfaction = models.PositiveSmallIntegerField(_("satisfaction"), choices=Rating.Score.choices, null=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    objects = ReceptionQuerySet.as_manager()

    class Meta:
        ordering = ["seq", "id"]
        verbose_name = _("reception")
        verbose_name_plural = _("receptions")
        constraints = [models.UniqueConstraint(fields=["day", "seq"], name="reception_seq")]
        indexes = [models.Index(fields=["-at", "-id"], name="reception_at")]

    def __str__(self) -> str:
        return f"{self.day_id}/{self.seq}"

    @property
    def result_tone(self) -> str:
        return RESULT_TONES[ReceptionResult(self.result)] if self.result else "grey"

    @property
    def masked_visitor(self) -> str:
        """The name as lists show it."""
        return mask_name(self.visitor)
