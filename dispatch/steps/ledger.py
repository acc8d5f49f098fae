"""Steps of pauses and extensions on a work order."""

from django.utils.translation import gettext_lazy as _

from dispatch.actions import ledger
from dispatch.forms.ledger import (
    AskExtensionForm,
    AskPauseForm,
    DecideExtensionForm,
    DecideLegalExtensionForm,
    DecidePauseForm,
    ResumeForm,
)
from dispatch.steps.base import Step

LEDGER_STEPS: dict[str, Step] = {
    step.name: step
    for step in (
        Step(
            "decide_pause",
            _("Decide on the pause"),
            "circle-pause",
            DecidePauseForm,
            ledger.decide_pause,
            _("Save the decision"),
            _("The decision is saved."),
            moves=("pause", "refuse_pause"),
            reader=_("The unit reads this."),
            template="dispatch/step_decide_pause.html",
        ),
        Step(
            "decide_extension",
            _("Decide on more time"),
            "calendar-plus",
            DecideExtensionForm,
            ledger.decide_extension,
            _("Save the decision"),
            _("The decision is saved."),
            moves=("extend", "refuse_extension"),
            template="dispatch/step_decide_extension.html",
        ),
        Step(
            "decide_legal_extension",
            _("Decide on extending the legal period"),
            "calendar-plus",
            DecideLegalExtensionForm,
            ledger.decide_extension,
            _("Save the decision"),
            _("The decision is saved."),
            moves=("extend", "refuse_extension"),
            own_permission="dispatch.extend_legal",
            template="dispatch/step_decide_extension.html",
        ),
        Step(
            "resume",
            _("Resume"),
            "circle-play",
            ResumeForm,
            ledger.resume,
            _("Resume the clock"),
            _("The clock runs again."),
            moves=("resume",),
            reader=_("The unit reads this."),
        ),
        Step(
            "ask_pause",
            _("Ask to pause"),
            "circle-pause",
            AskPauseForm,
            ledger.ask_pause,
            _("Ask to pause"),
            _("Asked. The office decides; until then the clock runs."),
            moves=("ask_pause",),
            reader=_("The office reads this. A pause asked shortly before the deadline is shown to supervision."),
            template="dispatch/step_ask_pause.html",
            is_rare=True,
        ),
        Step(
            "ask_extension",
            _("Ask for more time"),
            "calendar-plus",
            AskExtensionForm,
            ledger.ask_extension,
            _("Ask for more time"),
            _("Asked. Until it is decided the deadline stands."),
            moves=("ask_extension",),
            reader=_("Whoever decides reads this; the petitioner is told the reason."),
            is_rare=True,
        ),
    )
}
