"""The steps of a task."""

from django.utils.translation import gettext_lazy as _

from backlog.actions import tasking
from backlog.forms import tasking as forms
from dispatch.steps.supervision import RowStep

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
            _("Confirm"),
            "circle-check",
            forms.ConfirmForm,
            tasking.confirm,
            _("Confirm as done"),
            _("Confirmed as done."),
            moves=("confirm",),
        ),
        RowStep(
            "send_back",
            _("Send back"),
            "corner-down-left",
            forms.TaskReasonForm,
            tasking.send_back,
            _("Send back"),
            _("Sent back; its day has not changed."),
            moves=("send_back",),
        ),
        RowStep(
            "pass_on",
            _("Pass on"),
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
            _("Drop"),
            "circle-x",
            forms.TaskReasonForm,
            tasking.drop,
            _("Drop the task"),
            _("Dropped."),
            moves=("drop",),
            tone="danger",
            is_rare=True,
        ),
    )
}
