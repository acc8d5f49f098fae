"""Steps of consultations. They belong to the petition: it has one open consultation at most."""

from django.utils.translation import gettext_lazy as _

from dispatch import forms
from dispatch.actions import consultations
from dispatch.steps.base import Step

CONSULTATION_STEPS: tuple[Step, ...] = (
    Step(
        "consult",
        _("Call a consultation"),
        "messages-square",
        forms.ConsultForm,
        consultations.call,
        _("Ask these units"),
        _("Called. The units have been asked for their opinion."),
        own_permission="dispatch.consult",
        reader=_("The units asked see the case until the matter is settled."),
        template="dispatch/step_units.html",
        is_wide=True,
        is_rare=True,
    ),
    Step(
        "opine",
        _("Give the unit's opinion"),
        "message-square-text",
        forms.OpineForm,
        consultations.opine,
        _("Give the opinion"),
        _("Given. The office rules when all have answered."),
        own_permission="dispatch.opine",
        reader=_("All units of the consultation read this."),
        template="dispatch/step_opine.html",
    ),
    Step(
        "hold_consultation",
        _("Record the meeting"),
        "notebook-pen",
        forms.HoldForm,
        consultations.hold,
        _("Save the minutes"),
        _("The minutes are saved."),
        own_permission="dispatch.rule",
        reader=_("All units of the consultation read this."),
        is_rare=True,
    ),
    Step(
        "rule_consultation",
        _("Rule on the consultation"),
        "gavel",
        forms.RuleForm,
        consultations.rule,
        _("Rule and dispatch"),
        _("Ruled. The units named have their final orders."),
        own_permission="dispatch.rule",
        reader=_("All units of the consultation read this."),
        template="dispatch/step_rule.html",
        is_wide=True,
    ),
    Step(
        "drop_consultation",
        _("Drop the consultation"),
        "circle-x",
        forms.DropForm,
        consultations.drop,
        _("Drop it"),
        _("Dropped. The units have been told."),
        own_permission="dispatch.rule",
        reader=_("All units of the consultation read this."),
        tone="danger",
        is_rare=True,
    ),
)
