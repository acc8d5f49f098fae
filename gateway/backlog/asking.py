"""Which rows of the backlog room a list asks for, and in which order they are paged."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict

from accounts.actors import Actor
from backlog.filters import CaseFilters
from backlog.models import BacklogCase, Task
from gateway.pagination import Order
from gateway.problems import invalid
from gateway.queries import given

NEWEST_CASES = Order("cases", ("nominated_at", "id"), descending=True)
NEWEST_TASKS = Order("tasks", ("assigned_at", "id"), descending=True)


def _code(row: Any) -> str:
    return str(row.code)


def _flag(value: bool) -> str:
    # Left out is the only "no" the filters of an address know.
    return "1" if value else ""


# Parameter → how its value is written in the address of the list.
_WORDS: dict[str, Any] = {
    **dict.fromkeys(("district", "unit"), _code),
    **dict.fromkeys(("state", "group", "force", "q", "stuck", "stage"), str),
    **dict.fromkeys(("listed_from", "listed_to", "settled_from", "settled_to"), date.isoformat),
    **dict.fromkeys(("overdue", "no_leader", "discussed"), _flag),
}
_TASK_LOOKUPS = {"state": "state__in", "case": "case", "unit": "unit", "due_before": "due_on__lt"}


def cases(actor: Actor, asked: Mapping[str, Any], *, at: datetime) -> QuerySet[BacklogCase]:
    """The client's cases that were asked for: by the filters of the list of the pages (`backlog.filters`)."""
    query = QueryDict(mutable=True)
    for name, value in asked.items():
        if name in _WORDS:
            query.setlist(name, [_WORDS[name](one) for one in (value if isinstance(value, list) else [value])])
    found = CaseFilters(query, at=at)
    rows = found.apply(BacklogCase.objects.visible_to(actor))
    if found.errors:
        errors = [{"pointer": f"/{name}", "code": "invalid", "detail": text} for name, text in found.errors.items()]
        raise invalid(errors)
    return rows


def tasks(actor: Actor, asked: Mapping[str, Any]) -> QuerySet[Task]:
    """The client's tasks that were asked for."""
    return Task.objects.visible_to(actor).filter(**given(asked, _TASK_LOOKUPS))
