"""Weekly video dispatch (domain-facts §3.7): meeting, sites, agenda with decisions. Tasks hang on agenda items."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.models import Area, Unit, User
from backlog.models.cases import BacklogCase
from backlog.models.events import StepEvent
from backlog.querysets import MeetingQuerySet
from backlog.states import MEETING_TONES, OUTCOME_TONES, ItemOutcome, MeetingState


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
    # Invitations went out last; null while only the office knows of it.
    invited_at = models.DateTimeField(null=True)
    # The head of the minutes as closed: when, where, who. What was said of a case stands on its item.
    record = models.JSONField(default=dict)
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
        """The number on paper, for example 甬信调〔2026〕25号, or 甬信调（海曙区）〔2026〕3号."""
        place = f"（{self.area.name}）" if self.area.kind != "city" else ""
        return f"{settings.NUMBER_PREFIX}调{place}〔{self.year}〕{self.serial}号"

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
    # As of when it was put on, see `backlog.score`: {"age": [41, 13], "stuck": [96, 19], …}, value and points.
    score = models.PositiveSmallIntegerField(null=True)
    terms = models.JSONField(default=dict)
    question = models.TextField(_("question to be decided"), blank=True)
    discussion = models.TextField(_("discussion"), blank=True)
    decision = models.TextField(_("decision"), blank=True)
    outcome = models.CharField(_("came to"), max_length=10, choices=ItemOutcome.choices, default=ItemOutcome.WAITING)
    version = models.PositiveIntegerField(default=1)
    # Whose words stand here: one's own saves are no conflict.
    written_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    # As minuted when the meeting was closed, tasks included: what later happens to case and tasks changes no minutes.
    record = models.JSONField(default=dict)

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["meeting", "case"], name="agenda_case_once")]
        indexes = [models.Index(fields=["case", "outcome"], name="agenda_case")]

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.case_id}"

    @property
    def outcome_tone(self) -> str:
        return OUTCOME_TONES[ItemOutcome(self.outcome)]


class MeetingEvent(StepEvent):
    """Append-only: what was done with a meeting, and what was added to its minutes after it was closed ("amend")."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="events")

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.move}"


class ScoreWeight(models.Model):
    """A term of the score of hardness (`backlog.score`) as the office set it; without a row the shipped one holds."""

    key = models.CharField(_("term"), max_length=12, primary_key=True)
    step = models.PositiveSmallIntegerField(_("for every …"), validators=[MinValueValidator(1)])
    points = models.PositiveSmallIntegerField(_("points"), validators=[MaxValueValidator(100)])
    cap = models.PositiveSmallIntegerField(_("at most"), validators=[MaxValueValidator(100)])
    history = HistoricalRecords()

    class Meta:
        ordering = ["key"]
        verbose_name = _("weight of the score")
        verbose_name_plural = _("weights of the score")

    def __str__(self) -> str:
        return self.key
