"""Forms of the steps: what a person types; the actions decide."""

from dispatch.forms.base import StepForm
from dispatch.forms.case import NoteForm, RevealForm
from dispatch.forms.orders import AssignForm, CallbackForm, CheckForm, ContactForm, FeedbackForm, RecallForm
from dispatch.forms.petitions import (
    AnswerForm,
    CloseForm,
    DispatchForm,
    LeadOutForm,
    MergeForm,
    NamePersonForm,
    NewMatterForm,
    RateForm,
    ReasonForm,
    ReopenForm,
    RepeatForm,
    ReplyForm,
    ReworkForm,
    WithdrawForm,
)

__all__ = [
    "AnswerForm",
    "AssignForm",
    "CallbackForm",
    "CheckForm",
    "CloseForm",
    "ContactForm",
    "DispatchForm",
    "FeedbackForm",
    "LeadOutForm",
    "MergeForm",
    "NamePersonForm",
    "NewMatterForm",
    "NoteForm",
    "RateForm",
    "ReasonForm",
    "RecallForm",
    "ReopenForm",
    "RepeatForm",
    "ReplyForm",
    "RevealForm",
    "ReworkForm",
    "StepForm",
    "WithdrawForm",
]
