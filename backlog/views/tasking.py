"""Tasks: mine, my unit's, those I gave; one task with its history and steps."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import User
from backlog import task_desk as desk
from backlog.models import BacklogCase, Task
from backlog.states import TASK_MOVES
from backlog.steps.tasking import TASK_STEPS
from dispatch import deadlines
from dispatch.models import Clock
from dispatch.views.reading import permitted
from dispatch.views.row_steps import options, take
from petitions.paging import capped_text, page_of

SIZE = 40


@require_GET
@never_cache
def task_list(request: HttpRequest) -> HttpResponse:
    """The tabs, by due day, paged by key; the first tab that holds something is open."""
    user, at = permitted(request, "backlog.view_tasks"), timezone.now()
    tabs, counts = desk.tabs_for(user), desk.tab_counts(user, at)
    busy = next((tab for tab in tabs if counts.get(tab.key)), tabs[0])
    tab = next((tab for tab in tabs if tab.key == request.GET.get("tab")), busy)
    page = page_of(desk.joined(tab.rows(user, at)), tab.order, cursor=request.GET.get("cursor", ""), size=SIZE)
    context = {
        "tabs": [_tab_link(row, counts, row is tab) for row in tabs],
        "tab": tab,
        "page": page,
        "lines": desk.lines_of(page.rows, at),
        "here": f"{reverse('backlog_tasks')}?tab={tab.key}",
        "now": at,
        "nav": "backlog_tasks",
    }
    return render(request, "backlog/tasks.html", context)


def _tab_link(tab: desk.TaskTab, counts: dict[str, int], is_current: bool) -> dict[str, Any]:
    count = counts.get(tab.key)
    return {
        "url": f"{reverse('backlog_tasks')}?tab={tab.key}",
        "label": tab.label,
        "count": capped_text(count) if count is not None else None,
        "tone": tab.tone if count else "",
        "current": is_current,
    }


def task_or_404(user: User, pk: int) -> Task:
    """The task if this person may read it, with its running deadline."""
    rows = Task.objects.visible_to(user).select_related(
        "instruction__official", "item__meeting", "finding__visit", "reception__day", "unit__area"
    )
    task: Task = get_object_or_404(desk.joined(rows), pk=pk)
    return task


@require_GET
@never_cache
def task_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One task: where it comes from, who does it until when and why that day, what was done with it."""
    user, at = permitted(request, "backlog.view_tasks"), timezone.now()
    task = task_or_404(user, pk)
    steps = options(user, task, TASK_STEPS, TASK_MOVES)
    clocks = Clock.objects.filter(subject="task", subject_id=pk).select_related("policy", "order__unit")
    case = BacklogCase.objects.visible_to(user).filter(pk=task.case_id or 0).first()
    context = {
        "row": task,
        "case": case,
        "left": desk.deadline_of(task, at),
        "steps": [step for step in steps if not step.is_rare],
        "rare": [step for step in steps if step.is_rare],
        "events": [
            (event, TASK_MOVES[event.move].done if event.move in TASK_MOVES else None) for event in _events(task)
        ],
        "clock_rows": deadlines.rows_of(list(clocks), at),
        "now": at,
        "nav": "backlog_tasks",
    }
    return render(request, "backlog/task.html", context)


def _events(task: Task) -> Any:
    return task.events.select_related("unit")


@require_http_methods(["GET", "POST"])
@never_cache
def task_act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """A step of a task: its form, and what the form sends."""
    user = permitted(request, "backlog.view_tasks")
    task = task_or_404(user, pk)
    back = reverse("task", args=[pk])
    context = {"task": task, "nav": "backlog_tasks"}
    return take(
        request, user, task, name, steps=TASK_STEPS, moves=TASK_MOVES, back=back, context=context,
        page="backlog/step_task.html",
    )  # fmt: skip
