"""Planning milestones as steps: of a case, and of one milestone."""

from django.utils.translation import gettext_lazy as _

from backlog.actions import milestones
from backlog.forms import milestones as forms
from backlog.steps import register
from dispatch.steps.supervision import RowStep

register(
    RowStep(
        "milestone",
        _("Add a milestone"),
        "milestone",
        forms.PlanForm,
        milestones.plan,
        _("Add"),
        _("The milestone is planned."),
        moves=("milestone",),
        is_rare=True,
    )
)
MILESTONE_STEPS = {
    "remove": RowStep(
        "remove",
        _("Remove the milestone"),
        "trash-2",
        forms.RemoveForm,
        milestones.remove,
        _("Remove"),
        _("The milestone is removed."),
        tone="danger",
    )
}
