"""Rules, the working calendar, and the clocks that run by them."""

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.models import Unit, User
from dispatch.models.orders import WorkOrder
from petitions.models import Attachment, Petition


class Day(models.Model):
    """One day of the working calendar, make-up workdays included. Days of an unpublished year are unconfirmed."""

    class Source(models.TextChoices):
        GUESS = "guess", _("provisional")
        PACKAGE = "package", _("published holidays")
        EDIT = "edit", _("edited here")

    day = models.DateField(_("day"), primary_key=True)
    is_work = models.BooleanField(_("working day"))
    note = models.CharField(_("note"), max_length=40, blank=True)
    is_confirmed = models.BooleanField(_("confirmed"), default=True)
    source = models.CharField(_("source"), max_length=8, choices=Source.choices, default=Source.PACKAGE)
    # Hours of this day alone, [[begin, end], …] in minutes since midnight; null: those of its weekday.
    spans = models.JSONField(_("office hours"), null=True, blank=True)

    class Meta:
        ordering = ["day"]
        verbose_name = _("calendar day")
        verbose_name_plural = _("working calendar")

    def __str__(self) -> str:
        return self.day.isoformat()


class Policy(models.Model):
    """One version of a rule that sets a deadline: what starts and stops it, how long it is, who hears when it slips."""

    class Subject(models.TextChoices):
        PETITION = "petition", _("Petition")
        ORDER = "order", _("Work order")
        SUPERVISION = "supervision", _("Supervision order")
        SUGGESTION = "suggestion", _("Formal suggestion")
        OFFICE = "office", _("Petition office")
        CONSULTATION = "consultation", _("Consultation")
        OPINION = "opinion", _("Opinion of a consulted unit")
        PROMISE = "promise", _("Promise in the record book")
        BACKLOG = "backlog", _("Backlog case")
        MILESTONE = "milestone", _("Milestone of a backlog case")
        TASK = "task", _("Task of a backlog case")

    class Profile(models.TextChoices):
        """Whose rule it is. One legal profile is in force at a time, promises always (domain-facts §0.1 no. 6)."""

        NATIONAL = "national", _("National regulation")
        ZHEJIANG = "zhejiang", _("Zhejiang regulation")
        COMMON = "common", _("Both legal profiles")
        PROMISE = "promise", _("Service promise")

    class Unit(models.TextChoices):
        CALENDAR_DAY = "calendar_day", _("calendar days")
        WORKING_DAY = "working_day", _("working days")
        WORKING_MINUTE = "working_minute", _("working minutes")
        WALL_MINUTE = "wall_minute", _("minutes")

    class OwedBy(models.TextChoices):
        OFFICE = "office", _("the office that registered")
        LEAD = "lead", _("the unit in the lead")
        SUPERIOR = "superior", _("the organ above the unit in the lead")

    key = models.CharField(_("key"), max_length=24)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    name = models.CharField(_("name"), max_length=40)
    name_en = models.CharField(_("English name"), max_length=60)
    subject = models.CharField(_("subject"), max_length=12, choices=Subject.choices)
    profile = models.CharField(_("profile"), max_length=8, choices=Profile.choices, default=Profile.PROMISE)
    # The key of the other profile's rule this one stands in for when the profile is switched; empty when there is none.
    replaces = models.CharField(_("stands in for"), max_length=24, blank=True)
    valid_from = models.DateTimeField(_("valid from"), null=True)
    # Names from `dispatch.conditions` that must all hold when the clock would start.
    conditions = ArrayField(models.CharField(max_length=24), default=list, blank=True, verbose_name=_("only if"))
    # Empty: every service class.
    urgencies = ArrayField(models.CharField(max_length=12), default=list, blank=True, verbose_name=_("service classes"))
    start_moves = ArrayField(models.CharField(max_length=40))
    stop_moves = ArrayField(models.CharField(max_length=40))
    cancel_moves = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    pause_moves = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    resume_moves = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    # Starts the whole period anew from the move on.
    reset_moves = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    # Permission that decides an extension; empty: it cannot be extended. `extend_max` in the rule's unit, in all.
    extend_permission = models.CharField(_("who extends"), max_length=40, blank=True)
    extend_max = models.PositiveSmallIntegerField(_("longest extension"), default=0)
    # A met clock runs on with its old due date: work sent back was not done, and no edit may reset a deadline.
    reopen_moves = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    # Whose clock a petition's is: the office that registered it, the unit in the lead, or the organ above that one.
    owed_by = models.CharField(_("owed by"), max_length=8, choices=OwedBy.choices, default=OwedBy.OFFICE)
    # A right that lapses (to object, to ask for review), not a duty: nobody is chased, nothing is breached.
    is_right = models.BooleanField(_("a right, not a duty"), default=False)
    # The figure is this office's own: the source names none.
    is_ours = models.BooleanField(_("own figure"), default=False)
    # Nobody can be called or spoken with on an anonymous petition: such a clock could only ever be breached.
    needs_person = models.BooleanField(_("not for anonymous petitions"), default=False)
    length = models.PositiveIntegerField(_("length"))
    unit = models.CharField(_("unit of time"), max_length=16, choices=Unit.choices)
    ends_on_work_day = models.BooleanField(_("moves to the next working day"), default=False)
    # [{"name": "warn", "fraction": 0.7, "to": ["handler"]}, {"name": "due", "after": 0, "to": […]}, …] in firing order.
    ladder = models.JSONField(_("ladder"), blank=True)
    article = models.CharField(_("source"), max_length=80, blank=True)
    is_current = models.BooleanField(_("current"), default=True)
    # True for a version a person made here: no new release ever replaces it.
    is_edited = models.BooleanField(_("edited here"), default=False)
    history = HistoricalRecords()

    class Meta:
        ordering = ["key", "-version"]
        verbose_name = _("deadline rule")
        verbose_name_plural = _("deadline rules")
        constraints = [
            models.UniqueConstraint(fields=["key", "version"], name="policy_version"),
            models.UniqueConstraint(fields=["key"], condition=Q(is_current=True), name="policy_current_once"),
        ]

    def __str__(self) -> str:
        return f"{self.key} v{self.version}"

    @property
    def label(self) -> str:
        """The rule's name in the interface language."""
        return self.name_en if get_language() == "en" else self.name


class Clock(models.Model):
    """One running obligation. A projection of its ClockEvents; only `dispatch.actions.clocks` writes it."""

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        PAUSED = "paused", _("Paused")
        MET = "met", _("Met")
        CANCELLED = "cancelled", _("Cancelled")

    policy = models.ForeignKey(Policy, models.PROTECT, related_name="+")
    # What it runs on: the row of that kind. Petition and order stand beside as joins where the subject has them.
    subject = models.CharField(max_length=12, choices=Policy.Subject.choices)
    subject_id = models.BigIntegerField()
    petition = models.ForeignKey(Petition, models.PROTECT, null=True, related_name="clocks")
    order = models.ForeignKey(WorkOrder, models.PROTECT, null=True, related_name="clocks")
    # Who owes, and who waits for it.
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    asker = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    generation = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=9, choices=State.choices, default=State.RUNNING)
    started_at = models.DateTimeField()
    # A length of its own in the rule's unit, where the obligation names one (the term of an assignment).
    term = models.PositiveIntegerField(null=True)
    # In the rule's unit: what was used up before the stretch that runs (until the pause, while paused), and what
    # extensions have added.
    consumed = models.IntegerField(default=0)
    extended = models.IntegerField(default=0)
    resumed_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    paused_for = models.DurationField(default=timedelta)
    calendar_version = models.PositiveIntegerField(default=0)
    # Means nothing while the clock is paused.
    due_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    # Always equal to due_at once breached: a late sweep cannot bend the statistics. When it was noticed stands beside.
    breached_at = models.DateTimeField(null=True)
    detected_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["petition", "due_at"], condition=Q(state="running"), name="clock_running_petition"),
            models.Index(fields=["order"], condition=Q(order__isnull=False), name="clock_order"),
            models.Index(fields=["subject", "subject_id"], name="clock_subject"),
            models.Index(fields=["unit", "due_at"], condition=Q(state="running"), name="clock_running_unit"),
            models.Index(fields=["policy", "id"], condition=Q(state__in=["running", "paused"]), name="clock_open_rule"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"

    @property
    def length(self) -> int:
        """The period in the rule's unit, without extensions."""
        return int(self.policy.length if self.term is None else self.term)


class ClockEvent(models.Model):
    """Append-only: what was done to a clock, with all that a replay needs (`dispatch.projection`)."""

    class Kind(models.TextChoices):
        START = "start", _("started")
        PAUSE = "pause", _("paused")
        RESUME = "resume", _("resumed")
        EXTEND = "extend", _("extended")
        RESET = "reset", _("started anew")
        RECOMPUTE = "recompute", _("recomputed")
        BREACH = "breach", _("found overdue")
        STOP = "stop", _("met")
        REOPEN = "reopen", _("runs again")
        CANCEL = "cancel", _("ended without judgement")

    clock = models.ForeignKey(Clock, models.PROTECT, related_name="events")
    at = models.DateTimeField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    # As they stand after the event: the due date, and what was used up before the stretch that runs.
    due_at = models.DateTimeField(null=True)
    consumed = models.IntegerField(default=0)
    # What an extension adds, in the rule's unit.
    amount = models.IntegerField(default=0)
    # The version of the rule and of the calendar the due date rests on from here.
    policy = models.ForeignKey(Policy, models.PROTECT, null=True, related_name="+")
    calendar_version = models.PositiveIntegerField(default=0)
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    actor_label = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    document = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.clock_id} {self.kind}"


class PendingRung(models.Model):
    """One future rung: a thin row, deleted when it fires. `rung` numbers the steps of the policy's ladder from 1."""

    pk = models.CompositePrimaryKey("fire_at", "clock_id", "generation", "rung")
    fire_at = models.DateTimeField()
    clock_id = models.BigIntegerField()
    generation = models.PositiveSmallIntegerField()
    rung = models.PositiveSmallIntegerField()

    class Meta:
        indexes = [models.Index(fields=["clock_id"], name="pending_rung_clock")]

    def __str__(self) -> str:
        return f"{self.clock_id}/{self.generation}/{self.rung}"


class Firing(models.Model):
    """A rung that fired. Its primary key makes firing twice impossible; it is the parent of event and notices."""

    pk = models.CompositePrimaryKey("clock_id", "generation", "rung")
    clock_id = models.BigIntegerField()
    generation = models.PositiveSmallIntegerField()
    rung = models.PositiveSmallIntegerField()
    planned_at = models.DateTimeField()
    fired_at = models.DateTimeField()
    announced_at = models.DateTimeField(null=True)
    # Told together with a higher rung that had passed as well (after downtime): one message instead of a storm.
    is_coalesced = models.BooleanField(default=False)
    # Nobody on this rung or on any above it could be found: shown on the drill page, never silent.
    is_unheard = models.BooleanField(default=False)
    # The clock was stopped, paused or moved before anybody was told: as if it had not fired.
    is_moot = models.BooleanField(default=False)
    error = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["clock_id"], condition=Q(announced_at__isnull=True, error=""), name="firing_unannounced"
            ),
            models.Index(fields=["-fired_at"], condition=Q(is_unheard=True), name="firing_unheard"),
            models.Index(fields=["-fired_at"], condition=~Q(error=""), name="firing_set_aside"),
        ]

    def __str__(self) -> str:
        return f"{self.clock_id}/{self.generation}/{self.rung}"


class SweepRun(models.Model):
    """One finished sweep, for /healthz and the lag figure. Only the newest rows are kept."""

    at = models.DateTimeField()
    # When it really ended; `at` may have been given by hand and lie anywhere.
    finished_at = models.DateTimeField(db_index=True)
    fired = models.PositiveIntegerField()
    announced = models.PositiveIntegerField()
    set_aside = models.PositiveIntegerField()
    lag_seconds = models.FloatField()

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.fired}"
