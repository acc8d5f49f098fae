"""What supervision is asked to look at, and what it orders (domain-facts §1.16, §2.6)."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from accounts.models import Unit, User
from dispatch.models.orders import WorkOrder
from dispatch.querysets import ProposalQuerySet, SuggestionQuerySet, SupervisionQuerySet
from dispatch.supervision import (
    LEVELS,
    OPEN_SUPERVISION,
    SUGGESTION_TONES,
    SUPERVISION_TONES,
    THRESHOLDS,
    Level,
    SuggestionKind,
    SuggestionState,
    SupervisionLevel,
    SupervisionState,
    Verdict,
)
from petitions.models import Petition


class Proposal(models.Model):
    """A trigger of supervision that was found by itself; a person confirms it or sets it aside with a reason."""

    class Trigger(models.TextChoices):
        OVERDUE = "overdue", _("Overdue")
        REFUSES = "refuses", _("Refuses its own matter")
        UNSOLVED = "unsolved", _("Could be solved but is not")
        BAD_HANDLING = "bad_handling", _("Bad handling")
        REPEATED = "repeated", pgettext_lazy("trigger", "Raised again and again")
        TWICE = "twice", _("No matter more than twice")
        LATE_PAUSE = "late_pause", _("Paused shortly before the deadline")
        BAD_RATING = "bad_rating", _("Bad rating not put right")
        OTHER = "other", _("Other")

    trigger = models.CharField(_("trigger"), max_length=12, choices=Trigger.choices)
    # One proposal for one finding, however often it is found: for example "late_pause:812".
    key = models.CharField(max_length=60, unique=True)
    petition = models.ForeignKey(Petition, models.PROTECT, null=True, related_name="proposals")
    order = models.ForeignKey(WorkOrder, models.PROTECT, null=True, related_name="proposals")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    # Numbers and keys only, never case text; the sentence is made when it is read.
    facts = models.JSONField(default=dict)
    found_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    is_confirmed = models.BooleanField(null=True)
    remark = models.CharField(_("remark"), max_length=300, blank=True)
    # Not shown again before this moment: looked at, and not yet ripe.
    snoozed_until = models.DateTimeField(null=True)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("finding for supervision")
        verbose_name_plural = _("findings for supervision")
        indexes = [
            models.Index(fields=["-found_at", "-id"], condition=Q(decided_at=None), name="proposal_open"),
            models.Index(fields=["order", "trigger"], condition=Q(order__isnull=False), name="proposal_order"),
        ]

    def __str__(self) -> str:
        return self.key


class SupervisionOrder(models.Model):
    """A supervision (督办) of one unit, on a case or at large. Only `dispatch.actions.supervision` writes it."""

    year = models.PositiveSmallIntegerField()
    serial = models.PositiveIntegerField()
    version = models.PositiveIntegerField(default=1)
    petition = models.ForeignKey(Petition, models.PROTECT, null=True, related_name="supervisions")
    order = models.ForeignKey(WorkOrder, models.PROTECT, null=True, related_name="supervisions")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="supervisions", verbose_name=_("unit"))
    level = models.CharField(_("level of supervision"), max_length=9, choices=SupervisionLevel.choices)
    state = models.CharField(
        _("status"), max_length=8, choices=SupervisionState.choices, default=SupervisionState.WAITING
    )
    trigger = models.CharField(_("trigger"), max_length=12, choices=Proposal.Trigger.choices)
    proposal = models.OneToOneField(Proposal, models.PROTECT, null=True, related_name="supervision")
    text = models.TextField(_("what is ordered"))
    issuing_unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    issued_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    issued_at = models.DateTimeField()
    # When the present level was reached: the answer asked for is the answer to that level.
    raised_at = models.DateTimeField(null=True)
    answer = models.TextField(_("answer of the unit"), blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    result = models.TextField(_("result"), blank=True)
    ended_at = models.DateTimeField(null=True)
    # Listed supervision.
    is_public = models.BooleanField(_("the list is public"), default=False)
    listed_from = models.DateField(_("listed from"), null=True)
    listed_until = models.DateField(_("listed until"), null=True)
    # Summons for a talk.
    talk_at = models.DateTimeField(_("time of the talk"), null=True)
    talk_place = models.CharField(_("place of the talk"), max_length=100, blank=True)
    talk_attendees = models.CharField(_("who attends"), max_length=300, blank=True)
    talk_record = models.TextField(_("record of the talk"), blank=True)
    # Circular.
    circular_text = models.TextField(_("text of the circular"), blank=True)

    objects = SupervisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("supervision order")
        verbose_name_plural = _("supervision orders")
        constraints = [
            models.UniqueConstraint(fields=["year", "serial"], name="supervision_number"),
            # A case has one supervision of a unit at a time: it rises, it is not doubled.
            models.UniqueConstraint(
                fields=["petition", "unit"],
                condition=Q(state__in=sorted(OPEN_SUPERVISION)),
                name="supervision_open_once",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-issued_at", "-id"], name="supervision_state"),
            models.Index(fields=["unit", "state"], name="supervision_unit"),
            models.Index(fields=["-ended_at", "-id"], condition=Q(ended_at__isnull=False), name="supervision_ended"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """The number on paper, for example 甬信督〔2026〕12号."""
        return f"{settings.NUMBER_PREFIX}督〔{self.year}〕{self.serial}号"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_SUPERVISION

    @property
    def level_row(self) -> Level:
        return LEVELS[self.level]

    @property
    def state_tone(self) -> str:
        return SUPERVISION_TONES[SupervisionState(self.state)]


class SupervisionEvent(models.Model):
    """Append-only: what was done in a supervision. On a case the petition's own history has the step as well."""

    supervision = models.ForeignKey(SupervisionOrder, models.PROTECT, related_name="events")
    at = models.DateTimeField()
    move = models.CharField(max_length=16)
    level = models.CharField(max_length=9, choices=SupervisionLevel.choices)
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    actor_label = models.CharField(max_length=60)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    text = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.supervision_id} {self.move}"


class CircularReading(models.Model):
    """A unit that is to read a circular, and when it did."""

    supervision = models.ForeignKey(SupervisionOrder, models.PROTECT, related_name="readings")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    read_at = models.DateTimeField(null=True)
    read_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["supervision", "unit"], name="reading_once")]

    def __str__(self) -> str:
        return f"{self.supervision_id} {self.unit_id}"


class Reminder(models.Model):
    """A reminder (催办) of a work order and the unit's note of progress. Its deadline is a clock of the order."""

    order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="reminders")
    text = models.CharField(_("text of the reminder"), max_length=300, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    answer = models.TextField(_("progress"), blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.order_id} {self.at:%Y-%m-%d %H:%M}"


class Suggestion(models.Model):
    """One of the three suggestions (三项建议) and its written answer. Only `dispatch.actions.suggestions` writes it."""

    year = models.PositiveSmallIntegerField()
    serial = models.PositiveIntegerField()
    version = models.PositiveIntegerField(default=1)
    kind = models.CharField(_("kind of suggestion"), max_length=16, choices=SuggestionKind.choices)
    state = models.CharField(
        _("status"), max_length=9, choices=SuggestionState.choices, default=SuggestionState.WAITING
    )
    addressee = models.ForeignKey(Unit, models.PROTECT, related_name="suggestions", verbose_name=_("addressee"))
    issue = models.CharField(_("issue"), max_length=200)
    evidence = models.TextField(_("evidence"))
    proposal = models.TextField(_("proposal"))
    petitions: Any = models.ManyToManyField(Petition, related_name="suggestions", blank=True)
    supervision = models.ForeignKey(SupervisionOrder, models.PROTECT, null=True, related_name="suggestions")
    issuing_unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    issued_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    issued_at = models.DateTimeField()
    verdict = models.CharField(_("adopted?"), max_length=8, choices=Verdict.choices, blank=True)
    answer = models.TextField(_("written answer"), blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    follow_up = models.TextField(_("what came of it"), blank=True)
    followed_up_at = models.DateTimeField(null=True)
    is_published = models.BooleanField(_("published"), default=False)
    withdrawn_at = models.DateTimeField(null=True)

    objects = SuggestionQuerySet.as_manager()

    class Meta:
        verbose_name = _("formal suggestion")
        verbose_name_plural = _("formal suggestions")
        constraints = [models.UniqueConstraint(fields=["year", "serial"], name="suggestion_number")]
        indexes = [
            models.Index(fields=["state", "-issued_at", "-id"], name="suggestion_state"),
            models.Index(fields=["addressee", "state"], name="suggestion_addressee"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """The number on paper, for example 甬信建〔2026〕3号."""
        return f"{settings.NUMBER_PREFIX}建〔{self.year}〕{self.serial}号"

    @property
    def state_tone(self) -> str:
        return SUGGESTION_TONES[SuggestionState(self.state)]


class SuggestionEvent(models.Model):
    """Append-only: what was done with a suggestion."""

    suggestion = models.ForeignKey(Suggestion, models.PROTECT, related_name="events")
    at = models.DateTimeField()
    move = models.CharField(max_length=16)
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    actor_label = models.CharField(max_length=60)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    text = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.suggestion_id} {self.move}"


class SupervisionThreshold(models.Model):
    """A number of dispatch.supervision.THRESHOLDS the office has set otherwise; every change is kept."""

    key = models.CharField(
        _("threshold"), max_length=24, primary_key=True, choices=[(key, row.label) for key, row in THRESHOLDS.items()]
    )
    value = models.PositiveIntegerField(_("value"))
    history = HistoricalRecords()

    class Meta:
        ordering = ["key"]
        verbose_name = _("threshold of supervision")
        verbose_name_plural = _("thresholds of supervision")

    def __str__(self) -> str:
        return self.key
