"""Task forces (专项攻坚组) and workgroups (专班) of the districts (domain-facts §3.4)."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.models import Area, Unit, User
from backlog.querysets import TaskForceQuerySet, WorkgroupQuerySet


class TaskForce(models.Model):
    """A special task force of the joint conference: legacy issues, rural affairs, demolition, and others by setting."""

    key = models.SlugField(_("key"), max_length=24, unique=True)
    name = models.CharField(_("name"), max_length=40)
    name_en = models.CharField(_("English name"), max_length=60, blank=True)
    lead_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("lead unit")
    )
    leader = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("leader"))
    # 制度: duties, meeting rhythm, reports; plain paragraphs.
    rules = models.TextField(_("working rules"), blank=True)
    # What the force wants said on the wall this week; no names of petitioners.
    focus = models.CharField(_("points of this week"), max_length=60, blank=True)
    # Until when all its cases are to be settled: the time-progress line runs from the first to the second day.
    begins_on = models.DateField(_("campaign from"), null=True, blank=True)
    ends_on = models.DateField(_("campaign until"), null=True, blank=True)
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    version = models.PositiveIntegerField(default=1)
    is_active = models.BooleanField(_("active"), default=True)
    history = HistoricalRecords()

    objects = TaskForceQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("task force")
        verbose_name_plural = _("task forces")

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Name in the interface language."""
        return self.name_en if self.name_en and get_language() == "en" else self.name


class Workgroup(models.Model):
    """The workgroup of one district: who leads it, how often it meets and reports, by which rules it works."""

    district = models.OneToOneField(Area, models.PROTECT, related_name="workgroup", verbose_name=_("district"))
    name = models.CharField(_("name"), max_length=60)
    leader = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("leader"))
    office = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("office"))
    established_on = models.DateField(_("set up on"), null=True, blank=True)
    # 0 is Monday.
    meets_on = models.PositiveSmallIntegerField(_("meets on"), null=True, blank=True, validators=[MaxValueValidator(6)])
    meets_at = models.TimeField(_("at"), null=True, blank=True)
    reports_every = models.PositiveSmallIntegerField(
        _("reports every … days"), default=7, validators=[MinValueValidator(1), MaxValueValidator(90)]
    )
    rules = models.TextField(_("working rules"), blank=True)
    version = models.PositiveIntegerField(default=1)
    # Counts for the coverage (专班覆盖率) while it is.
    is_active = models.BooleanField(_("at work"), default=True)
    history = HistoricalRecords()

    objects = WorkgroupQuerySet.as_manager()

    class Meta:
        ordering = ["district__code"]
        verbose_name = _("workgroup")
        verbose_name_plural = _("workgroups")

    def __str__(self) -> str:
        return self.name


class GroupMember(models.Model):
    """Somebody in a task force or a workgroup; people without an account are named with unit and post."""

    force = models.ForeignKey(TaskForce, models.CASCADE, null=True, related_name="members")
    group = models.ForeignKey(Workgroup, models.CASCADE, null=True, related_name="members")
    user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("person"))
    name = models.CharField(_("name"), max_length=40)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("unit"))
    title = models.CharField(_("post"), max_length=40, blank=True)
    duty = models.CharField(_("duty in the group"), max_length=60, blank=True)
    since = models.DateField(_("since"), null=True)
    # Gone: kept for the record.
    until = models.DateField(null=True)

    class Meta:
        ordering = ["id"]
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [
            models.CheckConstraint(
                condition=Q(force__isnull=False, group__isnull=True) | Q(force__isnull=True, group__isnull=False),
                name="member_of_one",
            )
        ]

    def __str__(self) -> str:
        return self.name


class GroupReport(models.Model):
    """A report a workgroup handed in (专班工作制度): what was done since the last one. Append-only."""

    group = models.ForeignKey(Workgroup, models.PROTECT, related_name="reports")
    on = models.DateField(_("as of"))
    text = models.TextField(_("report"))
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-on", "-id"]
        verbose_name = _("report of a workgroup")
        verbose_name_plural = _("reports of workgroups")
        indexes = [models.Index(fields=["group", "-on", "-id"], name="groupreport_group")]

    def __str__(self) -> str:
        return f"{self.group_id} {self.on}"
