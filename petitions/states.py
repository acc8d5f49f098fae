"""The lifecycle of a petition as data: states, legal moves, refusals (docs/lifecycle.md is generated from here)."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Refused(Exception):
    """A step that may not be taken. `str()` is a sentence the officer can read; `field` names the input at fault."""

    def __init__(self, message: str | Promise, *, field: str = "", legal: Iterable[str] = (), code: str = "refused"):
        super().__init__(str(message))
        self.field = field
        self.legal = list(legal)
        self.code = code


class State(models.TextChoices):
    REGISTERED = "registered", _("Registered")
    HANDLING = "handling", _("In handling")
    REPLIED = "replied", _("Replied")
    CLOSED = "closed", _("Closed")
    LED_OUT = "led_out", _("Led to another route")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    MERGED = "merged", _("Merged")
    NOT_ACCEPTED = "not_accepted", _("Not accepted")
    NO_LONGER = "no_longer", _("No longer accepted")
    IN_REVIEW = "in_review", _("In review")
    IN_REREVIEW = "in_rereview", _("In re-review")


OPEN_STATES = frozenset({State.REGISTERED, State.HANDLING, State.REPLIED, State.IN_REVIEW, State.IN_REREVIEW})

# Tone of the status chip; the tones are those of design/ui.md.
STATE_TONES = {
    State.REGISTERED: "blue",
    State.HANDLING: "brand",
    State.REPLIED: "teal",
    State.CLOSED: "green",
    State.LED_OUT: "violet",
    State.WITHDRAWN: "grey",
    State.MERGED: "grey",
    State.NOT_ACCEPTED: "grey",
    State.NO_LONGER: "grey",
    State.IN_REVIEW: "violet",
    State.IN_REREVIEW: "violet",
}


@dataclass(frozen=True)
class Move:
    """One row of a move table.

    `target` None keeps the state. `done` is the past-tense line of the timeline; `citizen` the sentence the petitioner
    may read, empty when the step is not shown to them.
    """

    name: str
    label: Promise
    done: Promise
    sources: frozenset[str]
    target: str | None
    permission: str
    citizen: Promise | str = ""


def _moves(*rows: Move) -> dict[str, Move]:
    return {row.name: row for row in rows}


# Still without the answer the law asks for.
_UNANSWERED = frozenset({State.REGISTERED, State.HANDLING})

# A bad rating is put right while a review runs, too.
_RATED_BADLY = frozenset({State.HANDLING, State.REPLIED, State.CLOSED, State.IN_REVIEW, State.IN_REREVIEW})

MOVES = _moves(
    Move(
        "answer_at_once",
        _("Answer at once"),
        _("answered at once"),
        # In handling only while no unit has it in hand: taken back from a unit, for example as settled before.
        frozenset({State.REGISTERED, State.HANDLING}),
        State.CLOSED,
        "petitions.answer",
        _("Your question has been answered."),
    ),
    Move(
        "lead_out",
        _("Lead to another legal route"),
        _("led the matter to another legal route"),
        frozenset({State.REGISTERED, State.HANDLING}),
        State.LED_OUT,
        "petitions.lead_out",
        _("Your matter belongs to another legal route; you have been told which."),
    ),
    Move(
        "dispatch",
        _("Dispatch"),
        _("dispatched to"),
        frozenset({State.REGISTERED, State.HANDLING}),
        State.HANDLING,
        "dispatch.dispatch",
        _("Your matter has been given to the responsible unit."),
    ),
    Move(
        "assist",
        _("Add assisting units"),
        _("asked further units to assist"),
        frozenset({State.HANDLING}),
        None,
        "dispatch.dispatch",
        _("Further units help with your matter."),
    ),
    Move(
        "change_lead",
        _("Change the lead unit"),
        _("gave the lead to"),
        frozenset({State.HANDLING}),
        None,
        "dispatch.dispatch",
        _("Another of the units now leads the handling of your matter."),
    ),
    Move(
        "reply",
        _("Reply to the petitioner"),
        _("replied to the petitioner"),
        frozenset({State.HANDLING}),
        State.REPLIED,
        "petitions.reply",
        _("Your matter has been answered."),
    ),
    Move(
        "rate",
        _("Record the rating"),
        _("recorded the petitioner's rating"),
        frozenset({State.REPLIED, State.CLOSED}),
        None,
        "petitions.rate",
        _("Your rating has been recorded."),
    ),
    Move(
        "rate_badly",
        _("Note a bad rating"),
        _("noted a bad rating"),
        frozenset({State.HANDLING, State.REPLIED, State.CLOSED}),
        None,
        "petitions.rate",
    ),
    Move(
        "bad_called",
        _("Call about a bad rating"),
        _("spoke with the petitioner about the bad rating"),
        _RATED_BADLY,
        None,
        "petitions.rate",
        _("We have asked you why you are not satisfied."),
    ),
    Move(
        "put_right",
        _("Put a bad rating right"),
        _("reported what was put right"),
        _RATED_BADLY,
        None,
        "petitions.put_right",
        _("What you were not satisfied with has been put right."),
    ),
    Move(
        "rerate",
        _("Record the rating once more"),
        _("recorded the petitioner's rating once more"),
        _RATED_BADLY,
        None,
        "petitions.rate",
        _("Your new rating has been recorded."),
    ),
    Move(
        "settle_rating",
        _("Go on to closing"),
        _("settled the bad rating; closing goes on"),
        frozenset({State.REPLIED}),
        None,
        "petitions.rate",
    ),
    Move(
        "no_rerate",
        _("No rating once more"),
        _("could not obtain a rating once more"),
        _RATED_BADLY,
        None,
        "petitions.rate",
    ),
    Move(
        "rework",
        _("Send back for rework"),
        _("sent the matter back for rework"),
        frozenset({State.REPLIED}),
        State.HANDLING,
        "petitions.rework",
        _("Your matter is being handled again."),
    ),
    Move(
        "close",
        _("Close the petition"),
        _("closed the petition"),
        frozenset({State.REPLIED}),
        State.CLOSED,
        "petitions.close",
        _("Your matter is closed."),
    ),
    Move(
        "take_back",
        _("Take the dispatch back"),
        _("took the dispatch back"),
        frozenset({State.HANDLING}),
        State.REGISTERED,
        "dispatch.dispatch",
    ),
    Move(
        "set_urgency",
        _("Set the urgency"),
        _("set the urgency to"),
        # Once a unit has it, its clocks run by the class it was dispatched with.
        frozenset({State.REGISTERED}),
        None,
        "petitions.amend",
    ),
    Move(
        "withdraw",
        _("Record withdrawal"),
        _("recorded the withdrawal"),
        frozenset(OPEN_STATES),
        State.WITHDRAWN,
        "petitions.withdraw",
        _("You have withdrawn your matter."),
    ),
    Move(
        "merge",
        _("Merge into another petition"),
        _("merged the petition into"),
        frozenset({State.REGISTERED, State.HANDLING}),
        State.MERGED,
        "petitions.merge",
        _("Your matter is handled together with an earlier one."),
    ),
    Move(
        "reopen",
        _("Reopen"),
        _("reopened the petition"),
        frozenset({State.CLOSED, State.WITHDRAWN, State.LED_OUT}),
        State.HANDLING,
        "petitions.reopen",
        _("Your matter has been taken up again."),
    ),
    Move(
        "report_up",
        _("Report upwards"),
        _("reported the matter upwards"),
        frozenset(OPEN_STATES),
        None,
        "petitions.report_up",
    ),
    # ---- the legal life of a petition (Regulation on Petition Work, arts. 22, 23, 31-36) ----
    Move(
        "notify_receipt",
        _("Tell of receipt, route and procedure"),
        _("told the petitioner of receipt, route and procedure"),
        _UNANSWERED,
        None,
        "petitions.notify",
        _("Your matter has been received; you have been told how it goes on."),
    ),
    Move(
        "accept",
        _("Give notice of acceptance"),
        _("accepted the petition"),
        _UNANSWERED,
        None,
        "petitions.notify",
        _("Your matter has been accepted and will be decided within the legal period."),
    ),
    Move(
        "not_accept",
        _("Give notice of non-acceptance"),
        _("did not accept the petition"),
        _UNANSWERED,
        State.NOT_ACCEPTED,
        "petitions.refuse",
        _("Your matter is not accepted; you have been told why and which way is open to you."),
    ),
    Move(
        "no_longer_accept",
        _("Give notice that it is no longer accepted"),
        _("no longer accepted the petition"),
        _UNANSWERED,
        State.NO_LONGER,
        "petitions.refuse",
        _("Your matter is no longer accepted; you have been told why."),
    ),
    Move(
        "deliver_opinion",
        _("Record delivery of the opinion"),
        _("delivered the handling opinion"),
        frozenset({State.REPLIED, State.CLOSED}),
        None,
        "petitions.deliver",
        _("The written opinion has been delivered to you; you may ask for review within 30 days."),
    ),
    Move(
        "ask_review",
        _("Register a request for review"),
        _("registered the request for review"),
        frozenset({State.REPLIED, State.CLOSED}),
        State.IN_REVIEW,
        "petitions.ask_review",
        _("Your request for review has been received."),
    ),
    Move(
        "decide_review",
        _("Uphold the opinion in review"),
        _("upheld the opinion in review"),
        frozenset({State.IN_REVIEW}),
        State.CLOSED,
        "petitions.decide_review",
        _("The review upholds the opinion; you may ask for re-review within 30 days."),
    ),
    Move(
        "revoke_review",
        _("Revoke or change the opinion in review"),
        _("revoked or changed the opinion in review"),
        frozenset({State.IN_REVIEW}),
        State.HANDLING,
        "petitions.decide_review",
        _("The review has revoked or changed the opinion; your matter is handled again."),
    ),
    Move(
        "ask_rereview",
        _("Register a request for re-review"),
        _("registered the request for re-review"),
        frozenset({State.CLOSED}),
        State.IN_REREVIEW,
        "petitions.ask_review",
        _("Your request for re-review has been received."),
    ),
    Move(
        "hold_hearing",
        _("Open a hearing"),
        _("opened a hearing"),
        frozenset({State.HANDLING, State.IN_REVIEW, State.IN_REREVIEW}),
        None,
        "petitions.hearing",
        _("A hearing is held in your matter."),
    ),
    Move(
        "end_hearing",
        _("Conclude the hearing"),
        _("concluded the hearing"),
        frozenset({State.HANDLING, State.IN_REVIEW, State.IN_REREVIEW}),
        None,
        "petitions.hearing",
        _("The hearing in your matter is concluded."),
    ),
    Move(
        "decide_rereview",
        _("Uphold the opinion in re-review"),
        _("upheld the opinion in re-review, which ends the procedure"),
        frozenset({State.IN_REREVIEW}),
        State.CLOSED,
        "petitions.decide_review",
        _("The re-review upholds the opinion; the procedure has ended."),
    ),
    Move(
        "revoke_rereview",
        _("Revoke or change the opinion in re-review"),
        _("revoked or changed the opinion in re-review"),
        frozenset({State.IN_REREVIEW}),
        State.HANDLING,
        "petitions.decide_review",
        _("The re-review has revoked or changed the opinion; your matter is handled again."),
    ),
)


def legal_moves(state: str) -> list[Move]:
    """The moves the table holds for a state, in table order."""
    return [move for move in MOVES.values() if state in move.sources]


def check_move(table: dict[str, Move], name: str, state: str, state_label: str | Promise) -> Move:
    """The move if `table` allows it from `state`; raises Refused naming what is legal instead."""
    move = table[name]
    if state in move.sources:
        return move
    legal = [m for m in table.values() if state in m.sources]
    raise Refused(
        _("“%(move)s” is not possible while the status is “%(state)s”. Possible now: %(legal)s.")
        % {
            "move": move.label,
            "state": state_label,
            "legal": _(", ").join(str(m.label) for m in legal) or _("nothing"),
        },
        legal=[m.name for m in legal],
        code="illegal_move",
    )
