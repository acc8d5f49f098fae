"""Steps of a joint supervision: form, action, words. What is legal `backlog.states.visits` says."""

from django.utils.translation import gettext_lazy as _

from backlog.actions import visits
from backlog.forms import visits as forms
from dispatch.steps.supervision import RowStep

_TEMPLATE = "backlog/visit_step.html"
_ROWS = (
    RowStep(
        "record",
        _("Record findings and orders"),
        "clipboard-pen",
        forms.RecordForm,
        visits.record,
        _("Save"),
        _("Recorded. Whoever has an order has been told."),
        moves=("record",),
        template=_TEMPLATE,
    ),
    RowStep(
        "close",
        _("Close the supervision"),
        "circle-check",
        forms.CloseVisitForm,
        visits.close,
        _("Close the supervision"),
        _("Closed, with its result."),
        moves=("close",),
        template=_TEMPLATE,
    ),
    RowStep(
        "prepare",
        _("Change team, day or cases"),
        "pencil",
        forms.PrepareVisitForm,
        visits.prepare,
        _("Save"),
        _("Saved. The team has been told."),
        moves=("prepare",),
        is_rare=True,
        template=_TEMPLATE,
    ),
    RowStep(
        "call_off",
        _("Call off"),
        "circle-x",
        forms.CallOffVisitForm,
        visits.call_off,
        _("Call the visit off"),
        _("Called off."),
        moves=("call_off",),
        tone="danger",
        is_rare=True,
        template=_TEMPLATE,
    ),
)
VISIT_STEPS = {row.name: row for row in _ROWS}
