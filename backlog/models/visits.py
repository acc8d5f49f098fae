"""Joint supervision (domain-facts §3.7): a team of several departments visits, finds, orders."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Area, Unit, User
from backlog.models.cases import BacklogCase
from backlog.models.events import StepEvent
from backlog.querysets import VisitQuerySet
from backlog.states import VISIT_TONES, VisitState


class SupervisionVisit(models.Model):
    """A visit of a joint team to a district or a unit. Only `backlog.actions.visits` writes it."""

    year = models.PositiveSmallIntegerField()
    serial = models.PositiveIntegerField()
    version = models.PositiveIntegerField(default=1)
    state = models.CharField(_("status"), max_length=10, choices=VisitState.choices, default=VisitState.PLANNED)
    title = models.CharField(_("title"), max_length=60)
    district = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("district"))
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("unit visited"))
    leader = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("team leader"))
    departments: Any = models.ManyToManyField(Unit, related_name="+", verbose_name=_("departments in the team"))
    cases: Any = models.ManyToManyField(BacklogCase, related_name="visits", blank=True, verbose_name=_("cases"))
    visit_on = models.DateField(_("day of the visit"))
    place = models.CharField(_("place"), max_length=60, blank=True)
    summary = models.TextField(_("summary of the visit"), blank=True)
    result = models.TextField(_("result"), blank=True)
    planned_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    planned_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = _("joint supervision")
        verbose_name_plural = _("joint supervisions")
        constraints = [models.UniqueConstraint(fields=["year", "serial"], name="visit_number")]
        indexes = [models.Index(fields=["-visit_on", "-id"], name="visit_day")]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """The number on paper, for example 甬信联督〔2026〕3号."""
        return f"{settings.NUMBER_PREFIX}联督〔{self.year}〕{self.serial}号"

    @property
    def state_tone(self) -> str:
        return VISIT_TONES[VisitState(self.state)]


class VisitMember(models.Model):
    """A member of the team, with account or by name."""

    visit = models.ForeignKey(SupervisionVisit, models.CASCADE, related_name="members")
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    name = models.CharField(_("name"), max_length=40)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("department"))

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class VisitFinding(models.Model):
    """What the team found; the order that follows is a task with a clock."""

    visit = models.ForeignKey(SupervisionVisit, models.CASCADE, related_name="findings")
    case = models.ForeignKey(BacklogCase, models.PROTECT, null=True, related_name="findings", verbose_name=_("case"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    text = models.TextField(_("finding"))
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.visit_id} {self.pk}"


class VisitEvent(StepEvent):
    """Append-only: what was done with a joint supervision."""

    visit = models.ForeignKey(SupervisionVisit, models.CASCADE, related_name="events")

    def __str__(self) -> str:
        return f"{self.visit_id} {self.move}"
