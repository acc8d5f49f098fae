"""Backlog files (一案一档, domain-facts §3.2): the case, what is written on it, who commands it, how it is settled."""

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.models import Area, Unit, User
from backlog.models.events import StepEvent
from backlog.models.forces import TaskForce
from backlog.querysets import BacklogCaseQuerySet, MilestoneQuerySet
from backlog.states import (
    CASE_TONES,
    OPEN_CASE_STATES,
    CaseState,
    Duty,
    Reasonableness,
    SettlementWay,
    Source,
    Stage,
)
from petitions.models import NO_DEADLINE, Attachment, Petition


class EntryRule(models.Model):
    """One criterion by which cases are proposed for the backlog (§3.1). `backlog.entry` says what each kind counts."""

    class Kind(models.TextChoices):
        AGE = "age", _("open for … months")
        REPEATS = "repeats", _("raised … times")
        AFTER_REVIEW = "after_review", _("raised again after review or re-review, … times")
        SUPERIOR = "superior", _("assigned from above and open for … months")
        GROUP = "group", _("… people or more")
        OVERDUE = "overdue", _("overdue for … days")

    kind = models.CharField(_("criterion"), max_length=12, choices=Kind.choices, unique=True)
    threshold = models.PositiveSmallIntegerField(_("threshold"), default=1)
    is_active = models.BooleanField(_("in force"), default=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["kind"]
        verbose_name = _("entry criterion")
        verbose_name_plural = _("entry criteria")

    def __str__(self) -> str:
        return self.kind


class BacklogCase(models.Model):
    """A long-standing matter with a file of its own. Only `backlog.actions.moves.move` writes its state."""

    year = models.PositiveSmallIntegerField()
    serial = models.PositiveIntegerField()
    version = models.PositiveIntegerField(default=1)
    state = models.CharField(_("status"), max_length=12, choices=CaseState.choices, default=CaseState.NOMINATED)
    is_open = models.BooleanField(default=False)
    # How often it has been taken up: 1, and one more after each rebound. Renewals and acceptance belong to a round.
    round = models.PositiveSmallIntegerField(default=1)
    # The last round whose five renewals were all done, 0: none. A copy of `renewals`, so that the wall needs no join.
    renewed_round = models.PositiveSmallIntegerField(default=0)
    # Stands on boards and screens: without names of petitioners.
    title = models.CharField(_("title"), max_length=60)
    petition = models.ForeignKey(
        Petition, models.PROTECT, related_name="backlog_cases", verbose_name=_("main petition")
    )
    district = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("district"))
    force = models.ForeignKey(TaskForce, models.PROTECT, null=True, related_name="cases", verbose_name=_("task force"))
    lead_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="backlog_cases", verbose_name=_("responsible unit")
    )
    assisting: Any = models.ManyToManyField(Unit, related_name="+", blank=True, verbose_name=_("assisting units"))
    # The lead official now: a copy of the open row of `officials`, so that lists and boards need no join.
    leader = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("lead official"))
    source = models.CharField(_("source"), max_length=8, choices=Source.choices)
    # Why it was proposed: [{"rule": "age", "value": 31, "threshold": 24}, …]; numbers and keys only.
    hits = models.JSONField(default=list)
    reason = models.TextField(_("reason"), blank=True)
    # When the matter was first raised, and by how many people: the terms of the score and of the age.
    since = models.DateField(_("first raised on"))
    people = models.PositiveIntegerField(_("people concerned"), default=1)
    times = models.PositiveSmallIntegerField(_("times raised"), default=1)
    nominated_at = models.DateTimeField()
    nominated_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    listed_at = models.DateTimeField(null=True)
    # Until when it is to be settled.
    target_on = models.DateField(_("to be settled by"), null=True)
    # Last milestone reached, renewal, duty, task or report: what "stuck since" counts from.
    progressed_at = models.DateTimeField(null=True)
    progress = models.TextField(_("latest progress"), blank=True)
    applied_at = models.DateTimeField(null=True)
    # Certified by the city, or legally ended: settled.
    settled_at = models.DateTimeField(null=True)
    way = models.CharField(_("way of settlement"), max_length=12, choices=SettlementWay.choices, blank=True)
    struck_off_at = models.DateTimeField(null=True)
    observe_until = models.DateField(_("observed until"), null=True)
    observed_at = models.DateTimeField(null=True)
    rebounded_at = models.DateTimeField(null=True)
    rebounds = models.PositiveSmallIntegerField(_("rebounds"), default=0)
    # Copies that keep lists at one table: the nearest running deadline of the case, its milestones and its tasks
    # (`backlog.actions.deadlines`). Overdue means: before now.
    next_due_at = models.DateTimeField(default=NO_DEADLINE)
    next_due_from = models.DateTimeField(null=True)
    next_due_key = models.CharField(max_length=24, blank=True)

    objects = BacklogCaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("backlog case")
        verbose_name_plural = _("backlog cases")
        constraints = [
            models.UniqueConstraint(fields=["year", "serial"], name="backlog_number"),
            # One living file for a petition.
            models.UniqueConstraint(
                fields=["petition"],
                condition=~Q(state__in=["declined", "struck_off", "ended"]),
                name="backlog_petition_once",
            ),
        ]
        indexes = [
            models.Index(fields=["district", "state", "id"], name="backlog_district"),
            models.Index(fields=["force", "state"], name="backlog_force"),
            models.Index(fields=["leader"], condition=Q(is_open=True), name="backlog_leader"),
            models.Index(fields=["next_due_at", "id"], condition=Q(is_open=True), name="backlog_due"),
            models.Index(fields=["since", "id"], condition=Q(is_open=True), name="backlog_open_since"),
            models.Index(fields=["state", "-nominated_at", "-id"], name="backlog_state"),
            models.Index(fields=["lead_unit", "state"], name="backlog_unit"),
            models.Index(fields=["listed_at"], condition=Q(listed_at__isnull=False), name="backlog_listed"),
            models.Index(fields=["settled_at"], condition=Q(settled_at__isnull=False), name="backlog_settled"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """The number on paper, for example 甬信积〔2026〕12号."""
        return f"{settings.NUMBER_PREFIX}积〔{self.year}〕{self.serial}号"

    @property
    def state_tone(self) -> str:
        return CASE_TONES[CaseState(self.state)]

    @property
    def stuck_since(self) -> datetime | None:
        """Since when nothing has got on (UTC): the last progress, else the day it was taken up; None before that."""
        return self.progressed_at or self.listed_at

    @property
    def deadline(self) -> datetime | None:
        """The nearest running deadline (UTC), None when no clock runs."""
        return None if self.next_due_at >= NO_DEADLINE else self.next_due_at

    @property
    def is_over(self) -> bool:
        """A new file may follow: not taken up, ended by law, or struck off and no longer observed."""
        return self.state in {CaseState.DECLINED, CaseState.ENDED} or (
            self.state == CaseState.STRUCK_OFF and self.observed_at is not None
        )

    @property
    def is_stock(self) -> bool:
        return self.state in OPEN_CASE_STATES


class Assessment(models.Model):
    """What the file says of the matter; one row a case, its past in `history`."""

    case = models.OneToOneField(BacklogCase, models.PROTECT, related_name="assessment", primary_key=True)
    demands = models.TextField(_("main demands"), blank=True)
    facts = models.TextField(_("facts found"), blank=True)
    legal_position = models.TextField(_("legal position"), blank=True)
    sticking_point = models.TextField(_("sticking point"), blank=True)
    reasonableness = models.CharField(_("reasonableness"), max_length=12, choices=Reasonableness.choices, blank=True)
    plan = models.TextField(_("plan"), blank=True)
    agreement = models.TextField(_("agreement"), blank=True)
    agreed_on = models.DateField(_("agreement signed on"), null=True)
    performance = models.TextField(_("performance of the agreement"), blank=True)
    performed_on = models.DateField(_("performed on"), null=True)
    outcome = models.TextField(_("outcome"), blank=True)
    follow_up = models.TextField(_("follow-up"), blank=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")

    def __str__(self) -> str:
        return f"{self.case_id}"


class CaseLink(models.Model):
    """A petition that belongs to the matter, the main one among them."""

    case = models.ForeignKey(BacklogCase, models.PROTECT, related_name="links")
    petition = models.ForeignKey(Petition, models.PROTECT, related_name="backlog_links")
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["case", "petition"], name="backlog_link_once")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.petition_id}"


class CaseEvent(StepEvent):
    """Append-only: what was done on a case. `text` is what a person wrote; `data` holds numbers and keys."""

    case = models.ForeignKey(BacklogCase, models.PROTECT, related_name="events")
    before = models.CharField(max_length=12, blank=True)
    after = models.CharField(max_length=12, blank=True)
    data = models.JSONField(default=dict)
    document = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="+")

    class Meta(StepEvent.Meta):
        indexes = [models.Index(fields=["case", "id"], name="backlogevent_case")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.move}"


class CaseOfficial(models.Model):
    """Who takes command (领导包案), since when. A hand-over ends one row and opens the next: none is orphaned."""

    class Part(models.TextChoices):
        LEAD = "lead", _("Lead official")
        ASSIST = "assist", _("Assisting official")

    case = models.ForeignKey(BacklogCase, models.PROTECT, related_name="officials")
    user = models.ForeignKey(User, models.PROTECT, related_name="backlog_parts", verbose_name=_("official"))
    part = models.CharField(_("part"), max_length=6, choices=Part.choices)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    # Words of the hand-over: what is agreed, what is open, what the successor should know.
    handover = models.TextField(_("hand-over note"), blank=True)
    successor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    # The successor has read it (新官理旧账).
    received_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(part="lead", until=None), name="backlog_one_leader"),
            models.UniqueConstraint(fields=["case", "user"], condition=Q(until=None), name="backlog_official_once"),
        ]
        indexes = [models.Index(fields=["user", "until"], name="backlog_official_user")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.user_id}"


class DutyRecord(models.Model):
    """One of the five duties done by an official, with day and evidence (§3.3)."""

    case = models.ForeignKey(BacklogCase, models.PROTECT, related_name="duties")
    duty = models.CharField(_("duty"), max_length=8, choices=Duty.choices)
    official = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("official"))
    done_on = models.DateField(_("done on"))
    evidence = models.TextField(_("evidence"))
    document = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["done_on", "id"]
        indexes = [models.Index(fields=["case", "duty"], name="backlog_duty")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.duty}"


class Instruction(models.Model):
    """A leader's instruction (批示) on a case; what it asks for are tasks with clocks."""

    case = models.ForeignKey(BacklogCase, models.PROTECT, related_name="instructions")
    official = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("official"))
    text = models.TextField(_("instruction"))
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.case_id} {self.at:%Y-%m-%d}"


class Renewal(models.Model):
    """One of the five renewals (五个重新), finished: who, when, with which document. In order, once a round."""

    case = models.ForeignKey(BacklogCase, models.PROTECT, related_name="renewals")
    round = models.PositiveSmallIntegerField()
    stage = models.PositiveSmallIntegerField(_("stage"), choices=Stage.choices)
    done_on = models.DateField(_("done on"))
    text = models.TextField(_("what was done"))
    document = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["round", "stage"]
        constraints = [models.UniqueConstraint(fields=["case", "round", "stage"], name="backlog_renewal_once")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.round}/{self.stage}"


class AcceptanceStep(models.Model):
    """A step of acceptance and strike-off (§3.9): who found what, with the facts the step asks for."""

    class Kind(models.TextChoices):
        APPLY = "apply", _("Application")
        SIGN = "sign", _("Lead official's signature")
        CHECK = "check", _("District check with callback")
        CERTIFY = "certify", _("City sample and certification")
        OBSERVE = "observe", _("End of the observation")

    case = models.ForeignKey(BacklogCase, models.PROTECT, related_name="acceptance")
    round = models.PositiveSmallIntegerField()
    kind = models.CharField(_("step"), max_length=8, choices=Kind.choices)
    is_passed = models.BooleanField(_("passed"))
    text = models.TextField(_("findings"))
    # Answers of the step's checklist: {"facts_clear": true, "performed": true, "called": "yes", "rating": 4, …}.
    facts = models.JSONField(default=dict)
    document = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["case", "round"], name="backlog_acceptance")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"


class Milestone(models.Model):
    """A step of the plan with a planned and an actual day. Its planned day is a clock."""

    case = models.ForeignKey(BacklogCase, models.PROTECT, related_name="milestones")
    name = models.CharField(_("milestone"), max_length=40)
    position = models.PositiveSmallIntegerField(default=0)
    starts_on = models.DateField(_("from"), null=True)
    planned_on = models.DateField(_("planned for"))
    # As first planned: replanning does not hide that it moved.
    first_planned_on = models.DateField()
    actual_on = models.DateField(_("reached on"), null=True)
    note = models.CharField(_("note"), max_length=100, blank=True)
    version = models.PositiveIntegerField(default=1)
    dropped_at = models.DateTimeField(null=True)

    objects = MilestoneQuerySet.as_manager()

    class Meta:
        ordering = ["position", "planned_on", "id"]
        indexes = [
            models.Index(fields=["case", "position"], name="milestone_case"),
            models.Index(fields=["planned_on"], condition=Q(actual_on=None, dropped_at=None), name="milestone_open"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(starts_on__lte=F("planned_on")), name="milestone_span"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def is_missed(self, today: date) -> bool:
        """Planned for a day before `today` (a day of the city) and not reached."""
        return self.actual_on is None and self.dropped_at is None and self.planned_on < today
