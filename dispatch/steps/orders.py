"""Steps on a work order."""

from django.utils.translation import gettext_lazy as _

from dispatch import forms
from dispatch.actions import orders, supervision
from dispatch.steps.base import Step
from dispatch.steps.returns import RETURN_STEPS

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
            "answer_reminder",
            _("Answer the reminder"),
            "message-square-reply",
            forms.AnswerReminderForm,
            supervision.answer_reminder,
            _("Send the note of progress"),
            _("The office has your note of progress."),
            moves=("answer_reminder",),
            reader=_("Offices and units of this case read this."),
        ),
        Step(
            "remind",
            _("Remind the unit"),
            "bell-ring",
            forms.RemindForm,
            supervision.remind,
            _("Remind the unit"),
            _("Reminded. Handler and leader have been told."),
            moves=("remind",),
            is_instant=True,
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
        *RETURN_STEPS,
    )
}
