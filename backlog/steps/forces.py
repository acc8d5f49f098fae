"""Steps of task forces and workgroups, as data."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from backlog.actions import forces as actions
from backlog.forms import forces as forms
from dispatch.steps.supervision import RowStep


def _join_force(pk: int, **given: Any) -> Any:
    return actions.add_member(force=pk, **given)


def _join_group(pk: int, **given: Any) -> Any:
    return actions.add_member(group=pk, **given)


_SAVED = _("It is saved.")
FORCE_STEPS = {
    row.name: row
    for row in (
        RowStep("edit", _("Task force"), "pencil", forms.ForceForm, actions.save_force, _("Save"), _SAVED),
        RowStep("focus", _("Points of this week"), "target", forms.FocusForm, actions.set_focus, _("Save"), _SAVED),
        RowStep(
            "member",
            _("Add a member"),
            "user-plus",
            forms.MemberForm,
            _join_force,
            _("Add"),
            _("The member is added."),
            template="backlog/member_form.html",
        ),
    )
}
GROUP_STEPS = {
    row.name: row
    for row in (
        RowStep("edit", _("Workgroup"), "pencil", forms.GroupForm, actions.save_group, _("Save"), _SAVED),
        RowStep(
            "member",
            _("Add a member"),
            "user-plus",
            forms.MemberForm,
            _join_group,
            _("Add"),
            _("The member is added."),
            template="backlog/member_form.html",
        ),
        RowStep(
            "report",
            _("Hand in a report"),
            "file-text",
            forms.ReportForm,
            actions.report,
            _("Hand in"),
            _("The report is handed in."),
        ),
    )
}
