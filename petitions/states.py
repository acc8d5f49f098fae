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


OPEN_STATES = frozenset({State.REGISTERED, State.HANDLING, State.REPLIED})

# Tone of the status chip; the tones are those of design/ui.md.
STATE_TONES = {
    State.REGISTERED: "blue",
    State.HANDLING: "brand",
    State.REPLIED: "teal",
    State.CLOSED: "green",
    State.LED_OUT: "violet",
    State.WITHDRAWN: "grey",
    State.MERGED: "grey",
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
