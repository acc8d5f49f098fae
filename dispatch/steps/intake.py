"""Steps of intake on a registered petition (Regulation on Petition Work, arts. 20, 22, 24, 31, 36)."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from dispatch.actions.conference import name_lead
from dispatch.forms import intake as forms
from dispatch.steps.base import Step
from petitions import actions

_STAFF = _("Offices and units of this case read this.")
_OFFICES = _("Both offices and the office above read this.")


def _unversioned(action: Any) -> Any:
    """Signers change nothing the version of the petition guards."""

    def run(petition_id: int, *, version: int | None = None, **arguments: Any) -> Any:
        return action(petition_id, **arguments)

    return run


INTAKE_STEPS: tuple[Step, ...] = (
    Step(
        "set_route",
        _("Set purpose and legal route"),
        "signpost",
        forms.SetRouteForm,
        actions.set_route,
        _("Set them"),
        _("Purpose and route are set; the deadlines follow."),
        moves=("set_route",),
        reader=_STAFF,
        template="dispatch/step_set_route.html",
        is_rare=True,
    ),
    Step(
        "supplement",
        _("Add material"),
        "paperclip",
        forms.SupplementForm,
        actions.supplement,
        _("Add it"),
        _("Added. Whoever handles the matter has been told."),
        moves=("supplement",),
        reader=_STAFF,
        is_rare=True,
    ),
    Step(
        "add_signers",
        _("Add joint signers"),
        "users-round",
        forms.SignersForm,
        _unversioned(actions.add_signers),
        _("Add them"),
        _("The signers are added."),
        own_permission="petitions.sign",
        reader=_("Names and papers are encrypted; others see them masked."),
        is_rare=True,
        is_wide=True,
    ),
    Step(
        "set_signer_role",
        _("Change the part of a signer"),
        "user-check",
        forms.SignerRoleForm,
        _unversioned(actions.set_role),
        _("Change it"),
        _("The part is changed."),
        own_permission="petitions.sign",
        is_rare=True,
    ),
    Step(
        "withdraw_signer",
        _("One of the signers withdraws"),
        "user-minus",
        forms.WithdrawSignerForm,
        _unversioned(actions.withdraw_signer),
        _("Record it"),
        _("Recorded. The petition goes on with the others."),
        own_permission="petitions.withdraw",
        reader=_STAFF,
        is_rare=True,
    ),
    Step(
        "send_up",
        _("Send up to a higher organ"),
        "arrow-up-from-line",
        forms.SendUpForm,
        actions.send_up,
        _("Send it up and empty it here"),
        _("Sent up. Nothing of its content is kept here."),
        moves=("send_up",),
        reader=_("Number, date and organ stay on record; every word and file of it is removed for good."),
        tone="danger",
        is_rare=True,
    ),
    Step(
        "split",
        _("Split into several matters"),
        "split",
        forms.SplitForm,
        actions.split,
        _("Split it"),
        _("Split. Each matter has a number of its own; its periods run from the submission."),
        moves=("split",),
        reader=_STAFF,
        template="dispatch/step_split.html",
        is_rare=True,
        is_wide=True,
    ),
    Step(
        "hand_over",
        _("Hand over to another office"),
        "arrow-left-right",
        forms.HandOverForm,
        actions.hand_over,
        _("Ask the office"),
        _("Asked. The deadlines run on until the office has answered."),
        moves=("hand_over",),
        reader=_OFFICES,
        is_rare=True,
    ),
    Step(
        "take_over",
        _("Take the petition over"),
        "arrow-left-right",
        forms.RemarkForm,
        actions.take_over,
        _("Take it over"),
        _("Taken over. It stands in your list now."),
        moves=("take_over",),
        reader=_OFFICES,
    ),
    Step(
        "refuse_over",
        _("Refuse the hand-over"),
        "circle-x",
        forms.GroundsForm,
        actions.refuse_over,
        _("Refuse it"),
        _("Refused. The city office rules."),
        moves=("refuse_over",),
        reader=_OFFICES,
        tone="danger",
    ),
    Step(
        "drop_over",
        _("Take the hand-over back"),
        "undo-2",
        forms.GroundsForm,
        actions.drop_over,
        _("Take it back"),
        _("Taken back."),
        moves=("drop_over",),
        reader=_OFFICES,
        is_rare=True,
    ),
    Step(
        "rule_over",
        _("Rule the hand-over"),
        "gavel",
        forms.RuleOverForm,
        actions.rule_over,
        _("Give the ruling"),
        _("Ruled. Both offices have been told."),
        moves=("rule_over",),
        reader=_OFFICES,
    ),
    Step(
        "lay_before",
        _("Lay before the joint conference"),
        "landmark",
        forms.LayBeforeForm,
        actions.lay_before,
        _("Lay it before the conference"),
        _("It lies before the joint conference, which names the lead unit."),
        moves=("lay_before",),
        reader=_STAFF,
        is_rare=True,
    ),
    Step(
        "name_lead",
        _("Name the lead unit"),
        "landmark",
        forms.NameLeadForm,
        name_lead,
        _("Name it and dispatch"),
        _("Named and dispatched. The naming is final."),
        moves=("name_lead",),
        reader=_("The units and their people read this."),
        template="dispatch/step_units.html",
        is_wide=True,
    ),
    Step(
        "name_new_facts",
        _("Name new facts"),
        "file-plus",
        forms.NewFactsForm,
        actions.name_new_facts,
        _("Record them"),
        _("Recorded. The matter may be taken up."),
        moves=("name_new_facts",),
        reader=_STAFF,
        is_rare=True,
    ),
)
