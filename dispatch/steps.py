"""The steps a person takes on the case page, as data: form, action, words. What is legal the move tables say."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dispatch import forms
from dispatch.actions import orders
from dispatch.states import ORDER_MOVES
from petitions import actions
from petitions.states import MOVES, Move


@dataclass(frozen=True)
class Step:
    """One step with a page of its own. `moves` are the rows of the move table it can take; any one makes it legal."""

    name: str
    title: Promise
    icon: str
    form: type[forms.StepForm]
    run: Callable[..., Any]
    submit: Promise
    done: Promise
    moves: tuple[str, ...] = ()
    # Who will read what is typed here; the form says it (ui.md, pattern 13).
    reader: Promise | str = ""
    tone: str = "brand"
    template: str = "dispatch/step.html"
    # Shown once more before it is sent (ui.md, pattern 14).
    previews: bool = False
    # The step's page is opened without a dialog: it needs room.
    is_wide: bool = False
    # A step of one click: no page in between when the button is pressed.
    is_instant: bool = False
    # Where a step without a row in the move table takes its permission from.
    own_permission: str = ""
    # What is typed is kept on the server until it is sent.
    keeps_draft: bool = False
    # Stands in the menu, never among the buttons.
    is_rare: bool = False
    # Name of the step to go on with, instead of the case page.
    then: str = ""


def permission_of(step: Step, table: dict[str, Move]) -> str:
    """The permission the step needs."""
    return step.own_permission or table[step.moves[0]].permission


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
    )
}

ORDER_STEPS: dict[str, Step] = {
    step.name: step
    for step in (
        Step(
            "sign",
            _("Sign for"),
            "pen-line",
            forms.StepForm,
            orders.sign,
            _("Sign for"),
            _("Signed for. Please speak with the petitioner now."),
            moves=("sign",),
            is_instant=True,
        ),
        Step(
            "contact",
            _("Record contact"),
            "phone",
            forms.ContactForm,
            orders.record_contact,
            _("Save the contact"),
            _("The contact is recorded."),
            moves=("contact",),
            reader=_("Offices and units of this case read this; the petitioner sees only that you spoke."),
        ),
        Step(
            "feed_back",
            _("Feed back"),
            "send",
            forms.FeedbackForm,
            orders.feed_back,
            _("Feed back"),
            _("Fed back. The office checks it now."),
            moves=("feed_back",),
            reader=_("The office reads this and answers the petitioner from it."),
            is_wide=True,
            keeps_draft=True,
        ),
        Step(
            "check",
            _("Check the feedback"),
            "clipboard-check",
            forms.CheckForm,
            orders.check,
            _("Save the decision"),
            _("The decision is saved."),
            moves=("pass_check", "send_back"),
            template="dispatch/step_check.html",
        ),
        Step(
            "call_back",
            _("Call back"),
            "phone-call",
            forms.CallbackForm,
            orders.call_back,
            _("Save the callback"),
            _("The callback is recorded."),
            moves=("call_back",),
            reader=_("Offices and units of this case read this."),
            template="dispatch/step_call_back.html",
        ),
        Step(
            "assign",
            _("Assign"),
            "user-check",
            forms.AssignForm,
            orders.assign,
            _("Assign"),
            _("Assigned. The person has been told."),
            moves=("assign",),
        ),
        Step(
            "recall",
            _("Recall and dispatch anew"),
            "corner-up-left",
            forms.RecallForm,
            orders.recall,
            _("Recall the work order"),
            _("Recalled. Choose the unit it goes to now."),
            moves=("recall",),
            tone="danger",
            is_rare=True,
            then="dispatch",
        ),
    )
}


def table_of(order: object | None) -> tuple[dict[str, Step], dict[str, Move]]:
    """Steps and moves for an order, or for a petition when there is none."""
    return (ORDER_STEPS, ORDER_MOVES) if order is not None else (PETITION_STEPS, MOVES)
