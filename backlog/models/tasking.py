"""Tasks with an owner and a clock; instructions, meetings, joint supervision and receptions all end in these."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Unit, User
from backlog.models.cases import BacklogCase, Instruction
from backlog.models.events import StepEvent
from backlog.models.meetings import AgendaItem
from backlog.models.receptions import Reception
from backlog.models.visits import VisitFinding
from backlog.querysets import TaskQuerySet
from backlog.states import TASK_TONES, TaskOrigin, TaskState


class Task(models.Model):
    """What a unit, and in it perhaps one person, must do by a day. Only `backlog.actions.tasking` writes it."""

    case = models.ForeignKey(BacklogCase, models.PROTECT, null=True, related_name="tasks", verbose_name=_("case"))
    origin = models.CharField(_("from"), max_length=12, choices=TaskOrigin.choices)
    instruction = models.ForeignKey(Instruction, models.PROTECT, null=True, related_name="tasks")
    item = models.ForeignKey(AgendaItem, models.PROTECT, null=True, related_name="tasks")
    finding = models.ForeignKey(VisitFinding, models.PROTECT, null=True, related_name="tasks")
    reception = models.ForeignKey(Reception, models.PROTECT, null=True, related_name="tasks")
    text = models.CharField(_("task"), max_length=300)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="backlog_tasks", verbose_name=_("unit"))
    owner = models.ForeignKey(User, models.PROTECT, null=True, related_name="backlog_tasks", verbose_name=_("person"))
    due_on = models.DateField(_("due on"))
    state = models.CharField(_("status"), max_length=8, choices=TaskState.choices, default=TaskState.OPEN)
    result = models.TextField(_("result"), blank=True)
    assigned_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    assigned_at = models.DateTimeField()
    reported_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        indexes = [
            models.Index(fields=["unit", "due_on", "id"], condition=Q(ended_at=None), name="backlogtask_unit"),
            models.Index(fields=["owner", "due_on"], condition=Q(ended_at=None), name="backlogtask_owner"),
            models.Index(fields=["due_on", "id"], condition=Q(ended_at=None), name="backlogtask_due"),
            models.Index(fields=["case", "due_on"], name="backlogtask_case"),
        ]

    def __str__(self) -> str:
        return self.text[:40]

    @property
    def state_tone(self) -> str:
        return TASK_TONES[TaskState(self.state)]


class TaskEvent(StepEvent):
    """Append-only: what was done with a task."""

    task = models.ForeignKey(Task, models.PROTECT, related_name="events")

    def __str__(self) -> str:
        return f"{self.task_id} {self.move}"
