"""The lifecycle of a work order as data (docs/lifecycle.md is generated from here)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from petitions.states import Move


class OrderState(models.TextChoices):
    WAITING = "waiting", _("Waiting for sign-for")
    IN_HAND = "in_hand", _("In hand")
    RETURN_ASKED = "return_asked", _("Return asked")
    PAUSED = "paused", _("Paused")
    FED_BACK = "fed_back", _("Fed back")
    CHECKED = "checked", _("Checked")
    CALLED_BACK = "called_back", _("Called back")
    DONE = "done", _("Done")
    RETURNED = "returned", _("Returned")
    CANCELLED = "cancelled", _("Cancelled")


OPEN_ORDER_STATES = frozenset(
    {
        OrderState.WAITING,
        OrderState.IN_HAND,
        OrderState.RETURN_ASKED,
        OrderState.PAUSED,
        OrderState.FED_BACK,
        OrderState.CHECKED,
        OrderState.CALLED_BACK,
    }
)
# Taken from the unit: no longer its business, and no work to answer from.
TAKEN_BACK = frozenset({OrderState.RETURNED, OrderState.CANCELLED})
ORDER_TONES = {
    OrderState.WAITING: "amber",
    OrderState.IN_HAND: "brand",
    OrderState.RETURN_ASKED: "orange",
    OrderState.PAUSED: "grey",
    OrderState.FED_BACK: "violet",
    OrderState.CHECKED: "teal",
    OrderState.CALLED_BACK: "teal",
    OrderState.DONE: "green",
    OrderState.RETURNED: "grey",
    OrderState.CANCELLED: "grey",
}

_ROWS = (
    Move(
        "sign",
        _("Sign for"),
        _("signed for the work order"),
        frozenset({OrderState.WAITING}),
        OrderState.IN_HAND,
        "dispatch.sign",
        _("The responsible unit has taken up your matter."),
    ),
    Move(
        "assign",
        _("Assign"),
        _("assigned the work order to"),
        # Later only when the handler has left: what comes back must come back to somebody.
        frozenset(OPEN_ORDER_STATES),
        None,
        "dispatch.assign",
    ),
    # The handler is recused (Regulation on Petition Work, art. 28): the order lies in the unit's pool again.
    Move(
        "unassign",
        _("Take from the handler"),
        _("took the work order from its handler, who is recused"),
        frozenset(OPEN_ORDER_STATES),
        None,
        "dispatch.assign",
    ),
    Move(
        "contact",
        _("Record contact"),
        _("spoke with the petitioner"),
        frozenset({OrderState.WAITING, OrderState.IN_HAND}),
        OrderState.IN_HAND,
        "dispatch.contact",
        _("The responsible unit has spoken with you."),
    ),
    Move(
        "miss_contact",
        _("Note an attempt to reach the petitioner"),
        _("could not reach the petitioner"),
        frozenset({OrderState.WAITING, OrderState.IN_HAND}),
        OrderState.IN_HAND,
        "dispatch.contact",
    ),
    Move(
        "feed_back",
        _("Feed back"),
        _("fed back the outcome"),
        frozenset({OrderState.IN_HAND}),
        OrderState.FED_BACK,
        "dispatch.feed_back",
    ),
    Move(
        "report_closing",
        _("File the closing report"),
        _("filed the closing report"),
        frozenset({OrderState.IN_HAND, OrderState.FED_BACK, OrderState.CHECKED, OrderState.CALLED_BACK}),
        None,
        "dispatch.feed_back",
    ),
    # ---- pauses and extensions (dispatch/actions/ledger.py) ----
    Move(
        "ask_pause",
        _("Ask to pause"),
        _("asked to pause the work order"),
        frozenset({OrderState.IN_HAND}),
        None,
        "dispatch.ask_pause",
    ),
    Move(
        "pause",
        _("Pause"),
        _("paused the work order of"),
        frozenset({OrderState.IN_HAND}),
        OrderState.PAUSED,
        "dispatch.decide_pause",
        _("Work on your matter rests on grounds you have been told."),
    ),
    Move(
        "refuse_pause",
        _("Refuse the pause"),
        _("refused the pause asked by"),
        frozenset({OrderState.IN_HAND}),
        None,
        "dispatch.decide_pause",
    ),
    Move(
        "resume",
        _("Resume"),
        _("resumed the work order of"),
        frozenset({OrderState.PAUSED}),
        OrderState.IN_HAND,
        "dispatch.decide_pause",
        _("Work on your matter goes on."),
    ),
    Move(
        "ask_extension",
        _("Ask for more time"),
        _("asked for more time"),
        frozenset({OrderState.IN_HAND}),
        None,
        "dispatch.ask_extension",
    ),
    # Decided under the permission the rule names: the hub's for a promise, the head's of the unit for a legal period.
    Move(
        "extend",
        _("Extend the deadline"),
        _("extended a deadline of"),
        frozenset({OrderState.IN_HAND}),
        None,
        "dispatch.extend",
        _("The period for your matter has been extended; you have been told why."),
    ),
    Move(
        "refuse_extension",
        _("Refuse the extension"),
        _("refused the extension asked by"),
        frozenset({OrderState.IN_HAND}),
        None,
        "dispatch.extend",
    ),
    Move(
        "ask_return",
        _("Ask to return it"),
        _("asked to return the work order"),
        frozenset({OrderState.WAITING, OrderState.IN_HAND}),
        OrderState.RETURN_ASKED,
        "dispatch.ask_return",
    ),
    Move(
        "accept_return",
        _("Accept the return"),
        _("accepted the return by"),
        frozenset({OrderState.RETURN_ASKED}),
        OrderState.RETURNED,
        "dispatch.decide_return",
    ),
    Move(
        "reject_return",
        _("Reject the return"),
        _("rejected the return by"),
        frozenset({OrderState.RETURN_ASKED}),
        OrderState.IN_HAND,
        "dispatch.decide_return",
    ),
    Move(
        "allow_return",
        _("Allow a late return"),
        _("allowed a late return by"),
        frozenset({OrderState.WAITING, OrderState.IN_HAND}),
        None,
        "dispatch.decide_return",
    ),
    Move(
        "take_lead",
        _("Take the lead"),
        _("now leads"),
        frozenset({OrderState.WAITING, OrderState.IN_HAND}),
        None,
        "dispatch.dispatch",
    ),
    Move(
        "yield_lead",
        _("Yield the lead"),
        _("no longer leads"),
        frozenset({OrderState.WAITING, OrderState.IN_HAND}),
        None,
        "dispatch.dispatch",
    ),
    Move(
        "delegate",
        _("Give sub-orders"),
        _("gave sub-orders to"),
        frozenset({OrderState.IN_HAND}),
        None,
        "dispatch.delegate",
    ),
    Move(
        "pass_check",
        _("Pass the check"),
        _("checked the feedback"),
        frozenset({OrderState.FED_BACK}),
        OrderState.CHECKED,
        "dispatch.check",
    ),
    Move(
        "send_back",
        _("Send back to the unit"),
        _("sent the feedback back"),
        frozenset({OrderState.FED_BACK}),
        OrderState.IN_HAND,
        "dispatch.check",
    ),
    Move(
        "pass_below",
        _("Pass the sub-order"),
        _("checked the feedback"),
        frozenset({OrderState.FED_BACK}),
        OrderState.CHECKED,
        "dispatch.check_below",
    ),
    Move(
        "send_below",
        _("Send the sub-order back"),
        _("sent the feedback back"),
        frozenset({OrderState.FED_BACK}),
        OrderState.IN_HAND,
        "dispatch.check_below",
    ),
    Move(
        "call_back",
        _("Call back"),
        _("called the petitioner back"),
        frozenset({OrderState.CHECKED}),
        OrderState.CALLED_BACK,
        "dispatch.call_back",
        _("We have asked you about the outcome."),
    ),
    Move(
        "call_again",
        _("Call back once more"),
        _("called the petitioner back once more"),
        frozenset({OrderState.CALLED_BACK}),
        None,
        "dispatch.call_back",
    ),
    Move(
        "explain",
        _("Record the explanation"),
        _("explained to the petitioner why it is not solved"),
        frozenset({OrderState.IN_HAND, OrderState.FED_BACK, OrderState.CHECKED, OrderState.CALLED_BACK}),
        None,
        "dispatch.explain",
        _("It has been explained to you why your matter is not solved as you asked."),
    ),
    Move(
        "verify",
        _("Verify with the petitioner"),
        _("verified the outcome with the petitioner"),
        frozenset({OrderState.CHECKED, OrderState.CALLED_BACK, OrderState.DONE}),
        None,
        "dispatch.verify",
        _("We have asked you whether it was done as reported."),
    ),
    Move(
        "miss_call",
        _("Note a call without answer"),
        _("could not reach the petitioner by phone"),
        frozenset({OrderState.CHECKED}),
        None,
        "dispatch.call_back",
    ),
    Move(
        "finish",
        _("Finish"),
        _("finished the work order"),
        # Fed back is enough for a sub-order: the feedback of the order above it has been checked.
        frozenset({OrderState.FED_BACK, OrderState.CHECKED, OrderState.CALLED_BACK}),
        OrderState.DONE,
        "petitions.reply",
    ),
    Move(
        "remind",
        _("Remind the unit"),
        _("reminded"),
        frozenset({OrderState.WAITING, OrderState.IN_HAND}),
        None,
        "dispatch.remind",
    ),
    Move(
        "answer_reminder",
        _("Answer the reminder"),
        _("answered the reminder"),
        frozenset({OrderState.WAITING, OrderState.IN_HAND}),
        None,
        "dispatch.answer_reminder",
    ),
    Move(
        "recall",
        _("Recall and dispatch anew"),
        _("recalled the work order from"),
        frozenset({OrderState.WAITING, OrderState.IN_HAND, OrderState.PAUSED}),
        OrderState.CANCELLED,
        "dispatch.recall",
    ),
    Move(
        "cancel",
        _("Cancel the work order"),
        _("cancelled the work order"),
        frozenset(OPEN_ORDER_STATES),
        OrderState.CANCELLED,
        "dispatch.cancel",
    ),
)
ORDER_MOVES: dict[str, Move] = {row.name: row for row in _ROWS}


class ConsultationState(models.TextChoices):
    """A consultation on whose a matter is (疑难会商)."""

    ASKED = "asked", _("Collecting opinions")
    HELD = "held", _("Held, ruling to come")
    RULED = "ruled", _("Ruled")
    DROPPED = "dropped", _("Dropped")


OPEN_CONSULTATION_STATES = frozenset({ConsultationState.ASKED, ConsultationState.HELD})
CONSULTATION_TONES = {
    ConsultationState.ASKED: "amber",
    ConsultationState.HELD: "violet",
    ConsultationState.RULED: "green",
    ConsultationState.DROPPED: "grey",
}

CONSULTATION_MOVES: dict[str, Move] = {
    row.name: row
    for row in (
        Move(
            "opine",
            _("Give the unit's opinion"),
            _("gave an opinion"),
            OPEN_CONSULTATION_STATES,
            None,
            "dispatch.opine",
        ),
        Move(
            "hold",
            _("Record the meeting"),
            _("held the consultation"),
            frozenset({ConsultationState.ASKED}),
            ConsultationState.HELD,
            "dispatch.rule",
        ),
        Move(
            "rule",
            _("Rule"),
            _("ruled that the lead is"),
            OPEN_CONSULTATION_STATES,
            ConsultationState.RULED,
            "dispatch.rule",
            _("The offices have settled which unit is responsible for your matter."),
        ),
        Move(
            "drop",
            _("Drop the consultation"),
            _("dropped the consultation"),
            OPEN_CONSULTATION_STATES,
            ConsultationState.DROPPED,
            "dispatch.rule",
        ),
    )
}
