"""The lifecycle of a work order as data (docs/lifecycle.md is generated from here)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from petitions.states import Move


class OrderState(models.TextChoices):
    WAITING = "waiting", _("Waiting for sign-for")
    IN_HAND = "in_hand", _("In hand")
    PAUSED = "paused", _("Paused")
    FED_BACK = "fed_back", _("Fed back")
    CHECKED = "checked", _("Checked")
    CALLED_BACK = "called_back", _("Called back")
    DONE = "done", _("Done")
    CANCELLED = "cancelled", _("Cancelled")


OPEN_ORDER_STATES = frozenset(
    {
        OrderState.WAITING,
        OrderState.IN_HAND,
        OrderState.PAUSED,
        OrderState.FED_BACK,
        OrderState.CHECKED,
        OrderState.CALLED_BACK,
    }
)
ORDER_TONES = {
    OrderState.WAITING: "amber",
    OrderState.IN_HAND: "brand",
    OrderState.PAUSED: "grey",
    OrderState.FED_BACK: "violet",
    OrderState.CHECKED: "teal",
    OrderState.CALLED_BACK: "teal",
    OrderState.DONE: "green",
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
        frozenset({OrderState.WAITING, OrderState.IN_HAND}),
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
        "call_back",
        _("Call back"),
        _("called the petitioner back"),
        frozenset({OrderState.CHECKED, OrderState.CALLED_BACK}),
        OrderState.CALLED_BACK,
        "dispatch.call_back",
        _("We have asked you about the outcome."),
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
        frozenset({OrderState.CHECKED, OrderState.CALLED_BACK}),
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
