"""Work orders, what their units record on them, and the catalogue that says who gets them."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.models import Area, Unit, User
from dispatch.querysets import WorkOrderQuerySet
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

    class Mode(models.TextChoices):
        """How the office gives a matter on (Regulation on Petition Work, art. 22)."""

        TRANSFER = "transfer", _("Transfer")
        ASSIGN = "assign", _("Assign, with a closing report")

    petition = models.ForeignKey(Petition, models.PROTECT, related_name="orders")
    seq = models.PositiveSmallIntegerField()
    version = models.PositiveIntegerField(default=1)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="orders", verbose_name=_("unit"))
    is_lead = models.BooleanField(_("lead"), default=True)
    mode = models.CharField(
        _("transfer or assignment"), max_length=8, choices=Mode.choices, default=Mode.TRANSFER, db_default="transfer"
    )
    # Calendar days the assignment gives for the closing report (D10), and why when it is not the usual term.
    term_days = models.PositiveSmallIntegerField(_("term in days"), null=True)
    # The closing report (办结报告) an assignment is owed.
    report = models.TextField(_("closing report"), blank=True, db_default="")
    reported_at = models.DateTimeField(null=True)
    # Given by the unit of this order to one below it (domain-facts §4.2, "inside unit").
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    # May not be returned (事不过二): dispatched after an accepted return, named by a ruling, or a return was rejected.
    is_final = models.BooleanField(_("final"), default=False, db_default=False)
    # The hub lets the unit object although its time is over.
    may_return_late = models.BooleanField(default=False, db_default=False)
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
    reminder_count = models.PositiveSmallIntegerField(_("reminders"), default=0)

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
    # Why it was fed back although units that work with this one had not (ui.md, pattern 16).
    without_reason = models.CharField(_("why without the others"), max_length=500, blank=True, db_default="")
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
        WRONG_NUMBER = "wrong", _("Wrong number")
        LATER = "later", _("Call again later")

    class Attitude(models.TextChoices):
        GOOD = "good", _("Friendly")
        FAIR = "fair", _("So so")
        POOR = "poor", _("Unfriendly")

    class Level(models.IntegerChoices):
        """The five levels of 好差评; the last two are a bad rating (domain-facts §2.7)."""

        VERY_GOOD = 5, _("Very satisfied")
        GOOD = 4, _("Satisfied")
        FAIR = 3, _("Basically satisfied")
        BAD = 2, _("Dissatisfied")
        VERY_BAD = 1, _("Very dissatisfied")

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
    attitude = models.CharField(_("How was the unit's manner?"), max_length=4, choices=Attitude.choices, blank=True)
    # Five levels as asked; `satisfaction` are the national three they stand for.
    level = models.PositiveSmallIntegerField(_("satisfaction, five levels"), choices=Level.choices, null=True)
    satisfaction = models.PositiveSmallIntegerField(_("satisfaction"), null=True)
    why_not = models.TextField(_("why not satisfied"), blank=True)
    wants_review = models.BooleanField(_("wants a review"), null=True)
    said = models.TextField(_("what was said"), blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.order_id} {self.result}"
