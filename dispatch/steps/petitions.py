"""Steps on a petition."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from dispatch import forms
from dispatch.actions import loop, orders
from dispatch.steps.base import Step
from dispatch.steps.consultations import CONSULTATION_STEPS
from dispatch.steps.legal import LEGAL_STEPS
from dispatch.steps.returns import LEAD_STEPS
from petitions import actions


def _name_person(petition_id: int, *, version: int | None = None, **arguments: Any) -> None:
    """Naming a person changes nothing the version guards."""
    actions.name_person(petition_id, **arguments)


PETITION_STEPS: dict[str, Step] = {
    step.name: step
    for step in (
        Step(
            "dispatch",
            _("Dispatch"),
            "share-2",
            forms.DispatchForm,
            orders.dispatch,
            _("Dispatch now"),
            _("Dispatched. The units have been told."),
            moves=("dispatch",),
            reader=_("The units and their people read this."),
            template="dispatch/step_dispatch.html",
            is_wide=True,
        ),
        Step(
            "answer_at_once",
            _("Answer at once"),
            "message-circle-reply",
            forms.AnswerForm,
            actions.answer_at_once,
            _("Answer and close"),
            _("Answered and closed."),
            moves=("answer_at_once",),
            reader=_("The petitioner can read the answer."),
        ),
        Step(
            "lead_out",
            _("Lead to another legal route"),
            "signpost",
            forms.LeadOutForm,
            actions.lead_out,
            _("Lead to this route"),
            _("Led to the other route."),
            moves=("lead_out",),
            reader=_("The petitioner can read what they were told."),
            template="dispatch/step_lead_out.html",
        ),
        Step(
            "reply",
            _("Reply to the petitioner"),
            "file-text",
            forms.ReplyForm,
            actions.reply,
            _("Send the reply"),
            _("The reply is sent."),
            moves=("reply",),
            reader=_("The petitioner will read this."),
            previews=True,
            is_wide=True,
            keeps_draft=True,
        ),
        Step(
            "rate",
            _("Record the rating"),
            "star",
            forms.RateForm,
            actions.rate,
            _("Record the rating"),
            _("The rating is recorded."),
            moves=("rate",),
            reader=_("The rating counts for both objects; it cannot be changed."),
        ),
        Step(
            "close",
            _("Close the petition"),
            "circle-check",
            forms.CloseForm,
            actions.close,
            _("Close the petition"),
            _("The petition is closed."),
            moves=("close",),
            template="dispatch/step_close.html",
        ),
        Step(
            "rework",
            _("Send back for rework"),
            "rotate-ccw",
            forms.ReworkForm,
            actions.rework,
            _("Send back for rework"),
            _("Sent back. The unit has been told."),
            moves=("rework",),
            reader=_("The unit reads this. A petition is reworked once; a second time goes to supervision."),
        ),
        Step(
            "raise_twice",
            _("Raise to supervision"),
            "megaphone",
            forms.StepForm,
            loop.raise_to_supervision,
            _("Raise to supervision"),
            _("Laid before supervision. The unit's leader and the office have been told."),
            moves=("rework",),
            is_instant=True,
        ),
        Step(
            "mark_repeat",
            _("Mark as a repeat"),
            "repeat",
            forms.RepeatForm,
            actions.mark_repeat,
            _("Mark as a repeat"),
            _("Marked. The petition is numbered and raised."),
            reader=_("Offices and units of this case read this."),
            template="dispatch/step_repeat.html",
            own_permission="petitions.amend",
            is_rare=True,
        ),
        Step(
            "not_a_repeat",
            _("Not a repeat"),
            "split",
            forms.NewMatterForm,
            actions.not_a_repeat,
            _("It is a new matter"),
            _("Noted as a new matter."),
            reader=_("Offices and units of this case read this."),
            template="dispatch/step_repeat.html",
            own_permission="petitions.amend",
            is_rare=True,
        ),
        Step(
            "merge",
            _("Merge into another petition"),
            "git-merge",
            forms.MergeForm,
            actions.merge,
            _("Merge"),
            _("Merged."),
            moves=("merge",),
            reader=_("Open work orders of this petition are cancelled; the other petition goes on."),
            tone="danger",
            is_rare=True,
        ),
        Step(
            "withdraw",
            _("Record withdrawal"),
            "undo-2",
            forms.WithdrawForm,
            actions.withdraw,
            _("Record the withdrawal"),
            _("The withdrawal is recorded."),
            moves=("withdraw",),
            reader=_("Open work orders of this petition are cancelled."),
            tone="danger",
            is_rare=True,
        ),
        Step(
            "reopen",
            _("Reopen"),
            "folder-open",
            forms.ReopenForm,
            actions.reopen,
            _("Reopen"),
            _("The petition is open again."),
            moves=("reopen",),
            is_rare=True,
        ),
        Step(
            "name_person",
            _("Name a person"),
            "user-plus",
            forms.NamePersonForm,
            _name_person,
            _("Name this person"),
            _("The person can see the petition now."),
            reader=_("The person sees this petition from now on; the step is on the record."),
            template="dispatch/step_name_person.html",
            own_permission="petitions.name_persons",
            is_rare=True,
        ),
        *LEAD_STEPS,
        *CONSULTATION_STEPS,
        *LEGAL_STEPS,
    )
}
