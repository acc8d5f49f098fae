"""What states and moves are, and the refusal of a step (docs/lifecycle.md is generated from this package)."""

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


def check_step(steps: dict[str, tuple[frozenset[str], str]], name: str, state: str, state_label: str | Promise) -> str:
    """The state a step of a case's part (a review request, a hearing) leads to. Raises Refused from a wrong one."""
    sources, target = steps[name]
    if state not in sources:
        raise Refused(_("This is not possible while the status is “%(state)s”.") % {"state": state_label}, code="step")
    return target
