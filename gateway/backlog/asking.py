"""Which rows of the backlog room a list asks for, and in which order they are paged."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from accounts.actors import Actor
from backlog.models import BacklogCase, Task
from gateway.pagination import Order
from gateway.queries import given

NEWEST_CASES = Order("cases", ("nominated_at", "id"), descending=True)
NEWEST_TASKS = Order("tasks", ("assigned_at", "id"), descending=True)

_TASK_LOOKUPS = {"state": "state__in", "case": "case", "unit": "unit", "due_before": "due_on__lt"}
_CASE_LOOKUPS = {"state": "state__in", "district": "district", "force": "force__key", "lead_unit": "lead_unit"}


def cases(actor: Actor, asked: Mapping[str, Any], *, at: datetime) -> QuerySet[BacklogCase]:
    """The client's cases that were asked for."""
    return BacklogCase.objects.visible_to(actor).filter(**given(asked, _CASE_LOOKUPS))


def tasks(actor: Actor, asked: Mapping[str, Any]) -> QuerySet[Task]:
    """The client's tasks that were asked for."""
    return Task.objects.visible_to(actor).filter(**given(asked, _TASK_LOOKUPS))
