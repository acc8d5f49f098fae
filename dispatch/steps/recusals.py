"""Steps of recusals (Regulation on Petition Work, art. 28)."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from dispatch.forms.recusals import AskRecusalForm, DecideRecusalForm, LiftRecusalForm
from dispatch.steps.base import Step
from petitions.actions import ask_recusal
from petitions.actions.recusals import move
from petitions.models import Recusal


def _ask(petition_id: int, *, version: int | None = None, **arguments: Any) -> None:
    """A recusal changes nothing the version guards."""
    ask_recusal(petition_id, **arguments)


def _decide(petition_id: int, *, version: int | None = None, recusal: Recusal, decision: str, **arguments: Any) -> None:
    move(recusal.pk, decision, **arguments)


RECUSAL_STEPS: tuple[Step, ...] = (
    Step(
        "ask_recusal",
        _("Ask for a recusal"),
        "user-x",
        AskRecusalForm,
        _ask,
        _("Ask for it"),
        _("Asked for. Who decides has been told."),
        own_permission="petitions.ask_recusal",
        reader=_("Who decides and inspectors read this."),
        template="dispatch/step_name_person.html",
        is_rare=True,
    ),
    Step(
        "decide_recusal",
        _("Decide on the recusal"),
        "user-x",
        DecideRecusalForm,
        _decide,
        _("Decide"),
        _("Decided. It holds from now on."),
        own_permission="petitions.decide_recusal",
        reader=_("Granted: the person no longer sees the case; what they have in hand goes back to their unit."),
        template="dispatch/step_name_person.html",
        is_rare=True,
    ),
    Step(
        "lift_recusal",
        _("Lift the recusal"),
        "user-check",
        LiftRecusalForm,
        _decide,
        _("Lift it"),
        _("Lifted. The person may be given the case again."),
        own_permission="petitions.decide_recusal",
        reader=_("Who decides and inspectors read this."),
        is_rare=True,
    ),
)
