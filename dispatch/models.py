"""Work orders, the clocks that run on them, and the outbox."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.models import Area, Unit, User
from dispatch.querysets import NoticeQuerySet, WorkOrderQuerySet
from dispatch.states import ORDER_TONES, OrderState
from petitions.models import ContentClass, Petition, Urgency


class CatalogueEntry(models.Model):
    """A row of the dispatch catalogue (派单目录): matters of this class in this place go to this unit."""

    content_class = models.ForeignKey(ContentClass, models.CASCADE, verbose_name=_("content class"))
    area = models.ForeignKey(Area, models.CASCADE, verbose_name=_("area"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("dispatch catalogue entry")
        verbose_name_plural = _("dispatch catalogue")
        constraints = [models.UniqueConstraint(fields=["content_class", "area"], name="catalogue_class_area")]

    def __str__(self) -> str:
        return f"{self.content_class} × {self.area} → {self.unit}"


class WorkOrder(models.Model):
    """One order to one unit (工单). Only `dispatch.actions.orders` writes it."""

    petition = models.ForeignKey(Petition, models.PROTECT, related_name="orders")
    seq = models.PositiveSmallIntegerField()
    version = models.PositiveIntegerField(default=1)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="orders", verbose_name=_("unit"))
    is_lead = models.BooleanField(_("lead"), default=True)
    state = models.CharField(_("status"), max_length=12, choices=OrderState.choices, default=OrderState.WAITING)
    is_open = models.BooleanField(default=True)
    urgency = models.CharField(_("urgency"), max_length=12, choices=Urgency.choices)
    instruction = models.TextField(_("instruction"), blank=True)
    handler = models.ForeignKey(User, models.PROTECT, null=True, related_name="orders", verbose_name=_("handler"))
    dispatched_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    dispatched_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True)
    first_contact_at = models.DateTimeField(null=True)
    fed_back_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    called_back_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    next_due_at = models.DateTimeField()
    next_due_from = models.DateTimeField(null=True)
    next_due_key = models.CharField(max_length=24, blank=True)

    objects = WorkOrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("work order")
        verbose_name_plural = _("work orders")
        constraints = [
            models.UniqueConstraint(fields=["petition", "seq"], name="order_number"),
            # One open order per unit and petition: a second click on "dispatch" cannot double the work.
            models.UniqueConstraint(fields=["petition", "unit"], condition=Q(is_open=True), name="order_open_once"),
        ]
        indexes = [
            models.Index(fields=["unit", "next_due_at", "id"], condition=Q(is_open=True), name="order_unit_due"),
            models.Index(fields=["handler", "next_due_at", "id"], condition=Q(is_open=True), name="order_handler_due"),
            models.Index(fields=["state", "next_due_at", "id"], condition=Q(is_open=True), name="order_state_due"),
            models.Index(fields=["unit", "-dispatched_at", "-id"], name="order_unit_new"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """The petition's number and a running part, for example 26-000123-01. Needs the petition loaded."""
        return f"{self.petition.short_number}-{self.seq:02d}"

    @property
    def deadline(self) -> Any:
        """The nearest running deadline (UTC), or None when no clock runs."""
        return None if self.next_due_at.year == 9999 else self.next_due_at

    @property
    def state_tone(self) -> str:
        return ORDER_TONES[OrderState(self.state)]


class ContactRecord(models.Model):
    """A talk with the petitioner: who, when, by what means, what was said (Beilun's rule, domain-facts §9.2 no. 13)."""

    class Stage(models.TextChoices):
        HANDLING = "handling", _("During handling")
        CALLBACK = "callback", _("At callback")
        VERIFICATION = "verification", _("At verification")

    class Means(models.TextChoices):
        PHONE = "phone", _("Phone")
        VISIT = "visit", _("Visit to the person")
        MEETING = "meeting", _("Talk at the office")
        MESSAGE = "message", _("Message")

    class Result(models.TextChoices):
        REACHED = "reached", _("Reached")
        UNREACHED = "unreached", _("Not reached")
        REFUSED = "refused", _("Declined to talk")

    order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="contacts")
    stage = models.CharField(_("stage"), max_length=12, choices=Stage.choices, default=Stage.HANDLING)
    means = models.CharField(_("means"), max_length=8, choices=Means.choices, default=Means.PHONE)
    result = models.CharField(_("result"), max_length=10, choices=Result.choices, default=Result.REACHED)
    said = models.TextField(_("what was said"))
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.order_id} {self.stage} {self.at:%Y-%m-%d}"


class Feedback(models.Model):
    """The unit's answer to the office (反馈). A sent-back feedback stays; the newest counts."""

    class Outcome(models.TextChoices):
        SOLVED = "solved", _("Solved")
        PARTLY = "partly", _("Partly solved")
        EXPLAINED = "explained", _("Explained, no legal ground")
        UNSOLVED = "unsolved", _("Not solved")

    order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="feedbacks")
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices)
    is_true = models.BooleanField(_("the facts are as described"), default=True)
    findings = models.TextField(_("findings and measures"))
    legal_basis = models.CharField(_("legal basis"), max_length=300, blank=True)
    explanation = models.TextField(_("why it is not solved, and how this was explained"), blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    checked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    check_remark = models.TextField(blank=True)

    class Meta:
        get_latest_by = "at"

    def __str__(self) -> str:
        return f"{self.order_id} {self.outcome}"


class Callback(models.Model):
    """The office's call to the petitioner after the check (回访, domain-facts §2.7)."""

    class Result(models.TextChoices):
        REACHED = "reached", _("Reached")
        UNREACHED = "unreached", _("Not reached")
        REFUSED = "refused", _("Declined to answer")

    class Solved(models.TextChoices):
        YES = "yes", _("Yes")
        PARTLY = "partly", _("Partly")
        NO = "no", _("No")

    order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="callbacks")
    result = models.CharField(_("result"), max_length=10, choices=Result.choices)
    was_contacted = models.BooleanField(_("The unit spoke with the person"), null=True)
    was_on_time = models.BooleanField(_("The unit was in time"), null=True)
    was_truthful = models.BooleanField(_("The feedback tells the truth"), null=True)
    solved = models.CharField(_("Is the matter solved?"), max_length=6, choices=Solved.choices, blank=True)
    satisfaction = models.PositiveSmallIntegerField(_("satisfaction"), null=True)
    said = models.TextField(_("what was said"), blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.order_id} {self.result}"


class Day(models.Model):
    """One day of the working calendar, make-up workdays included. Days of an unpublished year are unconfirmed."""

    day = models.DateField(_("day"), primary_key=True)
    is_work = models.BooleanField(_("working day"))
    note = models.CharField(_("note"), max_length=40, blank=True)
    is_confirmed = models.BooleanField(_("confirmed"), default=True)

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

    class Unit(models.TextChoices):
        CALENDAR_DAY = "calendar_day", _("calendar days")
        WORKING_DAY = "working_day", _("working days")
        WORKING_MINUTE = "working_minute", _("working minutes")
        WALL_MINUTE = "wall_minute", _("minutes")

    key = models.CharField(_("key"), max_length=24)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    name = models.CharField(_("name"), max_length=40)
    name_en = models.CharField(_("English name"), max_length=60)
    subject = models.CharField(_("subject"), max_length=8, choices=Subject.choices)
    # Empty: every service class.
    urgencies = ArrayField(models.CharField(max_length=12), default=list, blank=True, verbose_name=_("service classes"))
    start_moves = ArrayField(models.CharField(max_length=24))
    stop_moves = ArrayField(models.CharField(max_length=24))
    cancel_moves = ArrayField(models.CharField(max_length=24), default=list, blank=True)
    # A met clock runs on with its old due date: work sent back was not done, and no edit may reset a deadline.
    reopen_moves = ArrayField(models.CharField(max_length=24), default=list, blank=True)
    # Nobody can be called or spoken with on an anonymous petition: such a clock could only ever be breached.
    needs_person = models.BooleanField(_("not for anonymous petitions"), default=False)
    length = models.PositiveIntegerField(_("length"))
    unit = models.CharField(_("unit of time"), max_length=16, choices=Unit.choices)
    ends_on_work_day = models.BooleanField(_("moves to the next working day"), default=False)
    # [{"name": "warn", "fraction": 0.7, "to": ["handler"]}, {"name": "due", "after": 0, "to": […]}, …] in firing order.
    ladder = models.JSONField(_("ladder"))
    article = models.CharField(_("source"), max_length=80, blank=True)
    is_current = models.BooleanField(_("current"), default=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["key", "-version"]
        verbose_name = _("deadline rule")
        verbose_name_plural = _("deadline rules")
        constraints = [models.UniqueConstraint(fields=["key", "version"], name="policy_version")]

    def __str__(self) -> str:
        return f"{self.key} v{self.version}"


class Clock(models.Model):
    """One running obligation. A projection of its ClockEvents; only `dispatch.actions.clocks` writes it."""

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        MET = "met", _("Met")
        CANCELLED = "cancelled", _("Cancelled")

    policy = models.ForeignKey(Policy, models.PROTECT, related_name="+")
    petition = models.ForeignKey(Petition, models.PROTECT, related_name="clocks")
    order = models.ForeignKey(WorkOrder, models.PROTECT, null=True, related_name="clocks")
    generation = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=9, choices=State.choices, default=State.RUNNING)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    # Always equal to due_at once breached: a late sweep cannot bend the statistics. When it was noticed stands beside.
    breached_at = models.DateTimeField(null=True)
    detected_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["petition", "due_at"], condition=Q(state="running"), name="clock_running_petition"),
            models.Index(fields=["order"], condition=Q(order__isnull=False), name="clock_order"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"


class ClockEvent(models.Model):
    """Append-only: what was done to a clock."""

    clock = models.ForeignKey(Clock, models.PROTECT, related_name="events")
    at = models.DateTimeField()
    kind = models.CharField(max_length=10)
    due_at = models.DateTimeField(null=True)
    actor_label = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=200, blank=True)

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
    error = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["clock_id"], condition=Q(announced_at__isnull=True, error=""), name="firing_unannounced"
            )
        ]

    def __str__(self) -> str:
        return f"{self.clock_id}/{self.generation}/{self.rung}"


class SweepRun(models.Model):
    """One finished sweep, for /healthz and the lag figure. Only the newest rows are kept."""

    at = models.DateTimeField(db_index=True)
    finished_at = models.DateTimeField()
    fired = models.PositiveIntegerField()
    announced = models.PositiveIntegerField()
    set_aside = models.PositiveIntegerField()
    lag_seconds = models.FloatField()
    # Looked below the watermark too.
    is_deep = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.fired}"


class Notice(models.Model):
    """A message to one person over one channel: the outbox and, for the in-app channel, the inbox."""

    class Channel(models.TextChoices):
        INAPP = "inapp", _("In-app")
        EMAIL = "email", _("E-mail")

    recipient = models.ForeignKey(User, models.CASCADE, related_name="notices")
    channel = models.CharField(max_length=5, choices=Channel.choices)
    kind = models.CharField(max_length=24)
    petition = models.ForeignKey(Petition, models.PROTECT, null=True, related_name="+")
    order = models.ForeignKey(WorkOrder, models.PROTECT, null=True, related_name="+")
    # Numbers and keys only, never case text (domain-facts §1.17); the sentence is made when it is read or sent.
    params = models.JSONField(default=dict)
    dedupe_key = models.CharField(max_length=80)
    created_at = models.DateTimeField()
    deliver_after = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [
            models.UniqueConstraint(fields=["dedupe_key", "recipient", "channel"], name="notice_once"),
        ]
        indexes = [
            models.Index(fields=["recipient", "-created_at", "-id"], condition=Q(channel="inapp"), name="notice_inbox"),
            models.Index(
                fields=["recipient"], condition=Q(channel="inapp", read_at__isnull=True), name="notice_unread"
            ),
            models.Index(
                fields=["deliver_after", "id"],
                condition=Q(channel="email", delivered_at__isnull=True),
                name="notice_outbox",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} → {self.recipient_id} ({self.channel})"
