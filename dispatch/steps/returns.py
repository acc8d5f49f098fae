"""Steps of returns, sub-orders, lead and assisting units."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from dispatch import forms
from dispatch.actions import leading, returns
from dispatch.models import WorkOrder
from dispatch.steps.base import Step

_UNITS = "dispatch/step_units.html"


def decide_return(
    order_id: int, *, is_accepted: bool, actor: User, at: datetime, version: int | None = None, **arguments: Any
) -> WorkOrder | None:
    """One form, two moves."""
    act: Any = returns.accept_return if is_accepted else returns.reject_return
    return act(order_id, actor=actor, at=at, version=version, **arguments)


RETURN_STEPS: tuple[Step, ...] = (
    Step(
        "ask_return",
        _("Ask to return it"),
        "undo-2",
        forms.AskReturnForm,
        returns.ask_return,
        _("Ask the hub"),
        _("Asked. The hub decides; until then your clocks run on."),
        moves=("ask_return",),
        reader=_("The hub decides from this. Your clocks run on until then: sign for it first."),
        template=_UNITS,
        is_wide=True,
        block=returns.refusal_of,
    ),
    Step(
        "decide_return",
        _("Decide the return"),
        "gavel",
        forms.DecideReturnForm,
        decide_return,
        _("Decide"),
        _("The return is decided. The units have been told."),
        moves=("accept_return", "reject_return"),
        template="dispatch/step_decide_return.html",
        is_wide=True,
    ),
    Step(
        "allow_return",
        _("Allow a late return"),
        "calendar-plus",
        forms.AllowReturnForm,
        returns.allow_return,
        _("Allow it"),
        _("Allowed. The unit has been told."),
        moves=("allow_return",),
        reader=_("The unit reads this."),
        is_rare=True,
    ),
    Step(
        "delegate",
        _("Give sub-orders"),
        "network",
        forms.DelegateForm,
        leading.delegate,
        _("Give the sub-orders"),
        _("Given. The units below have been told."),
        moves=("delegate",),
        reader=_("The units below read this; you answer for the whole."),
        template=_UNITS,
        is_wide=True,
    ),
    Step(
        "check_below",
        _("Check the sub-order"),
        "clipboard-check",
        forms.CheckForm,
        leading.check_below,
        _("Save the decision"),
        _("The decision is saved."),
        moves=("pass_below", "send_below"),
        template="dispatch/step_check.html",
    ),
)

LEAD_STEPS: tuple[Step, ...] = (
    Step(
        "assist",
        _("Add assisting units"),
        "users-round",
        forms.AssistForm,
        leading.add_assisting,
        _("Add these units"),
        _("Added. The units have been told."),
        moves=("assist",),
        reader=_("The units and their people read this."),
        template=_UNITS,
        is_wide=True,
        is_rare=True,
    ),
    Step(
        "change_lead",
        _("Change the lead unit"),
        "arrow-left-right",
        forms.ChangeLeadForm,
        leading.change_lead,
        _("Change the lead"),
        _("Changed. Both units have been told."),
        moves=("change_lead",),
        reader=_("Both units read this. The former lead assists from now on; all deadlines stay."),
        is_rare=True,
    ),
)
