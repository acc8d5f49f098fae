"""The task pages without their templates: tabs, rows by due day, steps, what waits for whom, the card of the desk."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.context import register_badge
from accounts.models import User
from accounts.roles import Scope
from backlog.actions import handovers
from backlog.commanding import duties_owed
from backlog.models import BacklogCase, Task
from backlog.states import CASE_MOVES, OPEN_TASK_STATES, CaseState, TaskState
from backlog.steps import CASE_STEPS
from backlog.tabs import FileTab, register_tab
from dispatch.clocks import city_day
from dispatch.panels import Panel, register_desk_card
from dispatch.steps.supervision import RowStep
from dispatch.supervision_desk import deadline_of, with_deadline
from dispatch.views.row_steps import options
from petitions.paging import Order, capped_counts

BY_DAY = Order("due_on", is_day=True)
NEWEST_ENDED = Order("ended_at", is_descending=True)
CARD_ROWS = 5


@dataclass(frozen=True)
class TaskTab:
    """A tab of the task page."""

    key: str
    label: Promise
    rows: Callable[[User, datetime], QuerySet[Any]]
    order: Order = BY_DAY
    tone: str = ""
    is_counted: bool = True


def _seen(user: User) -> QuerySet[Any]:
    return Task.objects.visible_to(user)


def mine(user: User) -> QuerySet[Any]:
    """Open tasks this person does: their own, and those of their unit nobody in it has yet."""
    rows = _seen(user).filter(state=TaskState.OPEN, ended_at=None)
    does = user.scope_for("backlog.report_task") in {Scope.UNIT, Scope.OWN}
    works = Q(unit=user.unit, owner=None) if does else Q(pk__in=[])
    return rows.filter(Q(owner=user) | works)


def to_confirm(user: User) -> QuerySet[Any]:
    """Reported tasks this person is asked about: what they gave, and what was given on the cases they lead.

    Whoever reports is not asked about it.
    """
    rows = Task.objects.within(user, "backlog.confirm_task").filter(state=TaskState.REPORTED, ended_at=None)
    asked = Q(assigned_by=user) | Q(case__leader=user)
    return rows.filter(asked).exclude(Q(owner=user) & ~Q(assigned_by=user))


def _overdue(user: User, at: datetime) -> QuerySet[Any]:
    return _seen(user).filter(state=TaskState.OPEN, ended_at=None, due_on__lt=city_day(at))


def _unit(user: User, _at: datetime) -> QuerySet[Any]:
    return _seen(user).filter(ended_at=None, state__in=OPEN_TASK_STATES, unit=user.unit)


TABS = (
    TaskTab("mine", _("Mine"), lambda user, at: mine(user)),
    TaskTab("confirm", _("To confirm"), lambda user, at: to_confirm(user), tone="amber"),
    TaskTab("unit", _("My unit's"), _unit),
    TaskTab("given", _("Given by me"), lambda user, at: _seen(user).filter(ended_at=None, assigned_by=user)),
    TaskTab("overdue", pgettext_lazy("tasks", "Overdue"), _overdue, tone="red"),
    TaskTab("all", _("All open"), lambda user, at: _seen(user).filter(ended_at=None)),
    TaskTab(
        "ended",
        pgettext_lazy("tasks", "Done and dropped"),
        lambda user, at: _seen(user).filter(ended_at__isnull=False),
        NEWEST_ENDED,
        is_counted=False,
    ),
)


def tabs_for(user: User) -> list[TaskTab]:
    """The tabs that can hold something for this role."""
    hidden = set() if user.may("backlog.confirm_task") else {"confirm", "given"}
    if user.unit is None or user.scope_for("backlog.view_tasks") == Scope.NAMED:
        hidden.add("unit")
    return [tab for tab in TABS if tab.key not in hidden]


def tab_counts(user: User, at: datetime) -> dict[str, int]:
    """Every counted tab's number, capped, in one statement."""
    tabs = [tab for tab in tabs_for(user) if tab.is_counted]
    return dict(zip((tab.key for tab in tabs), capped_counts([tab.rows(user, at) for tab in tabs]), strict=True))


def joined(rows: QuerySet[Any]) -> Any:
    """Rows with what a line shows."""
    return with_deadline(rows.select_related("case", "unit", "owner", "assigned_by"), "task")


def lines_of(rows: list[Task], at: datetime) -> list[tuple[Task, Any]]:
    """Each row with the chip of its deadline."""
    return [(row, deadline_of(row, at)) for row in rows]


def waiting(user: User) -> int:
    """The badge: tasks to do, and tasks to confirm."""
    parts = [mine(user)] + ([to_confirm(user)] if user.may("backlog.confirm_task") else [])
    return capped_counts([parts])[0]


register_badge("backlog_tasks", waiting)


# ---- the card of the desk ----

_WAITS = {
    "accept": CaseState.NOMINATED,
    "sign": CaseState.APPLIED,
    "check": CaseState.SIGNED,
    "certify": CaseState.CHECKED,
}


def cases_waiting(user: User) -> QuerySet[Any]:
    """Cases whose next step is this person's: to take up, to sign, to check, to certify."""
    wanted = Q(pk__in=[])
    for name, state in _WAITS.items():
        permission = CASE_MOVES[name].permission
        if user.may(permission):
            rows = Q(state=state)
            if name == "sign":
                rows &= Q(leader=user)
            if name in {"accept", "check"} and user.scope_for(permission) == Scope.CITY:
                # The city may do either too, but it is the district's turn.
                continue
            wanted |= rows
    return BacklogCase.objects.visible_to(user).filter(wanted)


@register_desk_card
def backlog_card(user: User, at: datetime) -> Panel | None:
    """What of the backlog waits for this person: hand-overs, cases, tasks; nothing when nothing does."""
    if not user.may("backlog.view_tasks"):
        return None
    tasks = lines_of(list(joined(mine(user)).order_by("due_on", "id")[: CARD_ROWS + 1]), at)
    confirm = list(joined(to_confirm(user)).order_by("due_on", "id")[:CARD_ROWS])
    cases = list(cases_waiting(user).order_by("applied_at", "id")[:CARD_ROWS])
    received = list(handovers.waiting_for(user).select_related("case", "user").order_by("id")[:CARD_ROWS])
    done, owed = duties_owed(user, city_day(at)) if user.may("backlog.sign") else (0, 0)
    if not (tasks or confirm or cases or received or done < owed):
        return None
    data: dict[str, Any] = {"tasks": tasks[:CARD_ROWS], "has_more": len(tasks) > CARD_ROWS, "confirm": confirm}
    data |= {"duties_done": done, "duties_owed": owed, "leader": user.pk}
    return Panel("backlog/desk_card.html", {**data, "cases": cases, "received": received})


# ---- the tab of the file ----


def _tab(_request: HttpRequest, case: BacklogCase, user: User) -> dict[str, Any]:
    at = timezone.now()
    rows = joined(Task.objects.visible_to(user).filter(case=case))
    is_open = Q(ended_at=None)
    wanted: dict[str, RowStep] = {name: CASE_STEPS[name] for name in ("instruct", "task")}
    return {
        "case": case,
        "lines": lines_of(list(rows.filter(is_open).order_by("due_on", "id")[:200]), at),
        "ended": list(rows.exclude(is_open).order_by("-ended_at", "-id")[:50]),
        "steps": options(user, case, wanted, CASE_MOVES),
    }


register_tab(FileTab("tasks", _("Tasks"), "backlog/tab_tasks.html", _tab, place=60))
