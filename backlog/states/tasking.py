"""What somebody must do by a day: from an instruction, a meeting, a joint supervision or a reception."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from petitions.states import Move


class TaskState(models.TextChoices):
    OPEN = "open", pgettext_lazy("task", "Open")
    REPORTED = "reported", _("Reported done")
    DONE = "done", _("Done")
    DROPPED = "dropped", _("Dropped")


OPEN_TASK_STATES = frozenset({TaskState.OPEN, TaskState.REPORTED})
TASK_TONES = {
    TaskState.OPEN: "brand",
    TaskState.REPORTED: "violet",
    TaskState.DONE: "green",
    TaskState.DROPPED: "grey",
}


class TaskOrigin(models.TextChoices):
    INSTRUCTION = "instruction", pgettext_lazy("backlog", "Instruction")
    MEETING = "meeting", _("Weekly dispatch")
    VISIT = "visit", _("Joint supervision")
    RECEPTION = "reception", _("Reception")
    CASE = "case", _("Work on the case")


_ROWS = (
    Move(
        "report",
        _("Report done"),
        _("reported it done"),
        frozenset({TaskState.OPEN}),
        TaskState.REPORTED,
        "backlog.report_task",
    ),
    Move(
        "confirm",
        pgettext_lazy("task", "Confirm"),
        _("confirmed it"),
        frozenset({TaskState.OPEN, TaskState.REPORTED}),
        TaskState.DONE,
        "backlog.confirm_task",
    ),
    Move(
        "send_back",
        pgettext_lazy("task", "Send back"),
        _("sent it back"),
        frozenset({TaskState.REPORTED}),
        TaskState.OPEN,
        "backlog.confirm_task",
    ),
    Move(
        "drop",
        pgettext_lazy("task", "Drop"),
        _("dropped it"),
        frozenset(OPEN_TASK_STATES),
        TaskState.DROPPED,
        "backlog.confirm_task",
    ),
    # With the case or the post, when officials change: also what is reported already, for it may come back.
    Move(
        "hand_over",
        pgettext_lazy("task", "Hand over"),
        _("handed it over"),
        frozenset(OPEN_TASK_STATES),
        None,
        "backlog.confirm_task",
    ),
    # Somebody else takes it over; the day stays.
    Move(
        "pass_on",
        pgettext_lazy("task", "Pass on"),
        _("passed it on"),
        frozenset({TaskState.OPEN}),
        None,
        "backlog.pass_task",
    ),
)
TASK_MOVES = {row.name: row for row in _ROWS}
