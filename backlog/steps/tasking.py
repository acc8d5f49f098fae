"""The steps of a task."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.actors import Actor
from backlog.actions import tasking
from backlog.forms import tasking as forms
from dispatch.steps.supervision import RowStep


def _judges(user: Any, task: Any) -> bool:
    """Only who may judge the task is offered to."""
    return tasking.is_judge(task, Actor.of(user))


TASK_STEPS = {
    row.name: row
    for row in (
        RowStep(
            "report",
            _("Report done"),
            "message-square-reply",
            forms.ReportForm,
            tasking.report,
            _("Report it"),
            _("Reported. Whoever gave the task confirms it."),
            moves=("report",),
        ),
        RowStep(
            "confirm",
            pgettext_lazy("task", "Confirm"),
            "circle-check",
            forms.ConfirmForm,
            tasking.confirm,
            _("Confirm as done"),
            _("Confirmed as done."),
            moves=("confirm",),
            fits=_judges,
        ),
        RowStep(
            "send_back",
            pgettext_lazy("task", "Send back"),
            "corner-down-left",
            forms.TaskReasonForm,
            tasking.send_back,
            pgettext_lazy("task", "Send back"),
            _("Sent back; its day has not changed."),
            moves=("send_back",),
            fits=_judges,
        ),
        RowStep(
            "pass_on",
            pgettext_lazy("task", "Pass on"),
            "user-check",
            forms.PassOnForm,
            tasking.pass_on,
            _("Pass it on"),
            _("Passed on; the day stays."),
            moves=("pass_on",),
            is_rare=True,
        ),
        RowStep(
            "drop",
            pgettext_lazy("task", "Drop"),
            "circle-x",
            forms.TaskReasonForm,
            tasking.drop,
            _("Drop the task"),
            _("Dropped."),
            moves=("drop",),
            fits=_judges,
            tone="danger",
            is_rare=True,
        ),
    )
}
