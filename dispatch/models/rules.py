"""Edits of the rules deadlines rest on, each with who, why and what it moved; and the yearly reports of the offices."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Unit, User
from accounts.roles import Scope
from dispatch.models.clocks import Clock


class OfficeHours(models.Model):
    """Office hours of one weekday, as intervals in minutes since midnight. A weekday without a row has the usual ones.

    Saturday's and Sunday's count only on make-up working days.
    """

    weekday = models.PositiveSmallIntegerField(_("weekday"), primary_key=True)
    spans = models.JSONField(_("office hours"))

    class Meta:
        ordering = ["weekday"]
        verbose_name = _("office hours")
        verbose_name_plural = _("office hours")

    def __str__(self) -> str:
        return f"{self.weekday} {self.spans}"


class RuleChange(models.Model):
    """A prepared edit of a deadline rule, of the profile or of the calendar: seen first, then confirmed or dropped.

    Once confirmed it is the record of the edit, and the parent of the shifts it caused.
    """

    class Kind(models.TextChoices):
        POLICY = "policy", _("Deadline rule")
        PROFILE = "profile", _("Legal profile")
        DAYS = "days", _("Calendar days")
        HOURS = "hours", _("Office hours")
        RELEASE = "release", _("New release")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    # What may be edited by one person at a time: "policy:D05_handle", "profile", "calendar".
    key = models.CharField(max_length=40)
    # The version it was prepared on; if another edit has been confirmed since, this one must be prepared anew.
    base_version = models.PositiveIntegerField(default=0)
    # policy: the changed fields; profile: {"profile": …}; days: [{"day", "is_work", "note", "spans"}]; hours: spans.
    values = models.JSONField(default=dict)
    # The same fields as they stood, for the history.
    before = models.JSONField(default=dict)
    # What the preview counted, and when (`dispatch.impact.count`).
    impact = models.JSONField(default=dict)
    reason = models.CharField(_("reason"), max_length=200)
    prepared_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("prepared by"))
    prepared_at = models.DateTimeField(_("prepared"))
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by"))
    decided_at = models.DateTimeField(_("decided"), null=True)
    # None while it waits, then whether it was confirmed.
    is_applied = models.BooleanField(_("confirmed"), null=True)
    # The rule's or the calendar's version that came of it.
    version = models.PositiveIntegerField(_("version"), default=0)
    job_id = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("change of rules")
        verbose_name_plural = _("changes of rules")
        constraints = [
            # Two edits of one thing at once: the second is refused in words (`dispatch.actions.changes.prepare`).
            models.UniqueConstraint(fields=["key"], condition=Q(is_applied=None), name="rule_change_waiting_once"),
        ]
        indexes = [
            models.Index(fields=["key", "-id"], name="rule_change_key"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.pk}"

    @property
    def is_calendar(self) -> bool:
        return self.key == "calendar"


class ClockShift(models.Model):
    """A due date that an edit moved; written with the move itself, so that the list of an edit is complete."""

    change = models.ForeignKey(RuleChange, models.PROTECT, related_name="shifts")
    clock = models.ForeignKey(Clock, models.PROTECT, related_name="shifts")
    at = models.DateTimeField()
    old_due_at = models.DateTimeField()
    new_due_at = models.DateTimeField()
    # Past the new date at the moment it moved, and not before.
    is_newly_overdue = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["change", "clock"], name="clock_shift_once")]

    def __str__(self) -> str:
        return f"{self.change_id}/{self.clock_id}"


class AnnualReportQuerySet(models.QuerySet["AnnualReport"]):
    def visible_to(self, user: User) -> "AnnualReportQuerySet":
        """The reports this person may read."""
        return self.within(user, "dispatch.reports")

    def within(self, user: User, permission: str) -> "AnnualReportQuerySet":
        """The reports the permission reaches: all, or those of the person's own office."""
        scope = user.scope_for(permission)
        if scope is None:
            return self.none()
        return self.all() if scope == Scope.CITY else self.filter(unit=user.unit)


class AnnualReport(models.Model):
    """The yearly report of one petition office (Regulation on Petition Work, art. 41); opened when the year ends."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("petition office"))
    year = models.PositiveSmallIntegerField(_("year"))
    opened_at = models.DateTimeField(_("opened"))
    filed_at = models.DateTimeField(_("filed"), null=True)
    filed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("filed by"))
    # Number of the report as issued, and what it says in short.
    document = models.CharField(_("number of the document"), max_length=60, blank=True)
    summary = models.TextField(_("summary"), blank=True)

    objects = AnnualReportQuerySet.as_manager()

    class Meta:
        ordering = ["-year", "unit"]
        verbose_name = _("annual report")
        verbose_name_plural = _("annual reports")
        constraints = [models.UniqueConstraint(fields=["unit", "year"], name="annual_report_once")]

    def __str__(self) -> str:
        return f"{self.unit} {self.year}"
