"""Forms of the steps: what a person types; the actions decide."""

from dispatch.forms.base import StepForm
from dispatch.forms.case import NoteForm, RevealForm
from dispatch.forms.legal import (
    AcceptForm,
    DeliveryForm,
    HearingEndForm,
    HearingForm,
    NoLongerForm,
    NotAcceptForm,
    ReceiptForm,
    ReviewDecisionForm,
    ReviewForm,
)
from dispatch.forms.orders import AssignForm, CallbackForm, CheckForm, ContactForm, FeedbackForm, RecallForm
from dispatch.forms.petitions import (
    AnswerForm,
    CloseForm,
    DispatchForm,
    LeadOutForm,
    MergeForm,
    NamePersonForm,
    RateForm,
    ReasonForm,
    ReopenForm,
    ReplyForm,
    ReworkForm,
    WithdrawForm,
)
from dispatch.forms.returns import (
    AllowReturnForm,
    AskReturnForm,
    AssistForm,
    ChangeLeadForm,
    DecideReturnForm,
    DelegateForm,
)
from dispatch.forms.units import UnitsForm

__all__ = [
    "AcceptForm",
    "AllowReturnForm",
    "AnswerForm",
    "AskReturnForm",
    "AssignForm",
    "AssistForm",
    "CallbackForm",
    "ChangeLeadForm",
    "CheckForm",
    "CloseForm",
    "ContactForm",
    "DecideReturnForm",
    "DelegateForm",
    "DeliveryForm",
    "DispatchForm",
    "FeedbackForm",
    "HearingEndForm",
    "HearingForm",
    "LeadOutForm",
    "MergeForm",
    "NamePersonForm",
    "NoLongerForm",
    "NotAcceptForm",
    "NoteForm",
    "RateForm",
    "ReasonForm",
    "RecallForm",
    "ReceiptForm",
    "ReopenForm",
    "ReplyForm",
    "RevealForm",
    "ReviewDecisionForm",
    "ReviewForm",
    "ReworkForm",
    "StepForm",
    "UnitsForm",
    "WithdrawForm",
]
