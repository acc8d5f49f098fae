"""Weekly video dispatch (domain-facts §3.7): meeting, sites, agenda with decisions. Tasks hang on agenda items."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Area, Unit, User
from backlog.models.cases import BacklogCase
from backlog.querysets import MeetingQuerySet
from backlog.states import MEETING_TONES, ItemOutcome, MeetingState


class Meeting(models.Model):
    """One meeting of the city or of a district. Only `backlog.actions.meetings` writes it."""

    # The city, or the district whose own meeting it is.
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("held by"))
    year = models.PositiveSmallIntegerField()
    serial = models.PositiveIntegerField()
    version = models.PositiveIntegerField(default=1)
    state = models.CharField(_("status"), max_length=10, choices=MeetingState.choices, default=MeetingState.PLANNED)
    title = models.CharField(_("title"), max_length=60)
    starts_at = models.DateTimeField(_("starts at"))
    chair = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("chair"))
    secretary = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("secretary"))
    place = models.CharField(_("main site"), max_length=60, blank=True)
    # Made from the office's template when the meeting is planned; any meeting system, opened in a new window.
    join_link = models.CharField(_("join link"), max_length=300, blank=True)
    minutes = models.TextField(_("general minutes"), blank=True)
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = _("dispatch meeting")
        verbose_name_plural = _("dispatch meetings")
        constraints = [models.UniqueConstraint(fields=["area", "year", "serial"], name="meeting_number")]
        indexes = [models.Index(fields=["-starts_at", "-id"], name="meeting_starts")]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """The number on paper, for example 甬信调〔2026〕25号."""
        return f"{settings.NUMBER_PREFIX}调〔{self.year}〕{self.serial}号"

    @property
    def state_tone(self) -> str:
        return MEETING_TONES[MeetingState(self.state)]


class MeetingSite(models.Model):
    """A site that takes part: usually a district's workgroup or a bureau."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="sites")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("site"))
    attendees = models.CharField(_("who attends"), max_length=200, blank=True)
    joined_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["meeting", "unit"], name="meeting_site_once")]

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.unit_id}"


class AgendaItem(models.Model):
    """A case on the agenda, with the score it was proposed by, what was said and what was decided."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="items")
    case = models.ForeignKey(BacklogCase, models.PROTECT, related_name="agenda_items")
    position = models.PositiveSmallIntegerField()
    # As of when it was put on: {"age": 12, "stuck": 8, "rebounds": 10, "people": 6, "missed": 4}; null: chosen by hand.
    score = models.PositiveSmallIntegerField(null=True)
    terms = models.JSONField(default=dict)
    question = models.TextField(_("question to be decided"), blank=True)
    discussion = models.TextField(_("discussion"), blank=True)
    decision = models.TextField(_("decision"), blank=True)
    outcome = models.CharField(_("came to"), max_length=10, choices=ItemOutcome.choices, default=ItemOutcome.WAITING)

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["meeting", "case"], name="agenda_case_once")]
        indexes = [models.Index(fields=["case", "outcome"], name="agenda_case")]

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.case_id}"
