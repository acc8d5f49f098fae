"""Steps of command: who leads and assists, the hand-over, duties, instructions, tasks."""

from django.utils.translation import gettext_lazy as _

from backlog.actions import command, handovers
from backlog.forms import command as forms
from backlog.steps import register
from dispatch.steps.supervision import RowStep

register(
    RowStep(
        "lead",
        _("Name the lead official"),
        "flag",
        forms.LeadForm,
        command.lead,
        _("Name and tell"),
        _("Named. The official sees the case and its petitions now."),
        moves=("lead",),
        template="backlog/step_people.html",
    ),
    RowStep(
        "assist",
        _("Assisting officials"),
        "user-plus",
        forms.AssistForm,
        command.assist,
        _("Save"),
        _("Saved. Who was named has been told."),
        moves=("assist",),
        is_rare=True,
        template="backlog/step_people.html",
    ),
    RowStep(
        "hand_over",
        _("Hand over to another official"),
        "arrow-left-right",
        forms.HandOverForm,
        handovers.hand_over,
        _("Hand over"),
        _("Handed over with its open tasks. The successor has been told and confirms it."),
        moves=("hand_over",),
        is_rare=True,
        template="backlog/step_people.html",
    ),
    RowStep(
        "take_over",
        _("Confirm the hand-over"),
        "handshake",
        forms.TakeOverForm,
        handovers.take_over,
        _("I have taken over"),
        _("Confirmed: you have taken the case over."),
        moves=("take_over",),
        template="backlog/step_take_over.html",
    ),
    RowStep(
        "duty",
        _("Record a duty done"),
        "list-checks",
        forms.DutyForm,
        command.record_duty,
        _("Record it"),
        _("Recorded."),
        moves=("duty",),
    ),
    RowStep(
        "instruct",
        _("Give an instruction"),
        "pen-line",
        forms.InstructForm,
        command.instruct,
        _("Give it"),
        _("Given. Every task has its clock; the units have been told."),
        moves=("instruct",),
        template="backlog/step_instruct.html",
    ),
    RowStep(
        "task",
        _("Give a task"),
        "square-plus",
        forms.TaskForm,
        command.give_task,
        _("Give the task"),
        _("Given. Its clock runs; the unit has been told."),
        moves=("task",),
        is_rare=True,
        template="backlog/step_people.html",
    ),
)
