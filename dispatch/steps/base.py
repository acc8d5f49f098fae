"""What a step is: form, action, words. What is legal the move tables say."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from dispatch import forms
from petitions.states import Move


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
    # The step that takes this one back; the message after it offers the way.
    undo: str = ""
    # Name of the step to go on with, instead of the case page.
    then: str = ""


def permission_of(step: Step, table: dict[str, Move]) -> str:
    """The permission the step needs."""
    return step.own_permission or table[step.moves[0]].permission
