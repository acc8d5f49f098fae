"""Forms of the callback desk."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.widgets import Segmented
from dispatch.forms.orders import Questionnaire
from dispatch.models import Callback, CallTask
from petitions.models import Rating


class CallAt(forms.Form):
    """When the person wants to be called."""

    call_at = forms.DateTimeField(
        label=_("Call again at"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("Only with “call again later”."),
    )


class OutcomeCallForm(Questionnaire, CallAt):
    """The questionnaire, with an appointment for who has no time now."""

    field_order: Sequence[str] = ("result", "call_at")

    def values(self) -> dict[str, Any]:
        """What the action takes."""
        data = self.cleaned_data
        return {
            "result": data["result"],
            "said": data["said"],
            "answers": self.answers(),
            "call_at": data["call_at"],
        }


class BadCallForm(CallAt):
    """A call about a bad rating: what is missing."""

    result = forms.ChoiceField(
        label=_("Outcome of the call"), choices=Callback.Result.choices, initial="reached", widget=Segmented
    )
    said = forms.CharField(
        label=_("What the person finds missing"), max_length=2000, required=False, widget=forms.Textarea({"rows": 4})
    )

    field_order: Sequence[str] = ("result", "said", "call_at")

    def values(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class AgainCallForm(BadCallForm):
    """A call for the one rating more."""

    unit_score = forms.TypedChoiceField(
        label=_("Responsible unit"),
        choices=Rating.Score.choices,
        coerce=int,
        empty_value=None,
        required=False,
        widget=Segmented,
    )
    office_score = forms.TypedChoiceField(
        label=_("Petition office"),
        choices=Rating.Score.choices,
        coerce=int,
        empty_value=None,
        required=False,
        widget=Segmented,
    )

    field_order = ("result", "unit_score", "office_score", "said", "call_at")

    def values(self) -> dict[str, Any]:
        data = self.cleaned_data
        scores = (data["office_score"], data["unit_score"])
        rating = scores if all(scores) else None
        return {"result": data["result"], "said": data["said"], "call_at": data["call_at"], "rating": rating}


FORMS: dict[str, type[OutcomeCallForm | BadCallForm]] = {
    CallTask.Kind.OUTCOME: OutcomeCallForm,
    CallTask.Kind.BAD: BadCallForm,
    CallTask.Kind.AGAIN: AgainCallForm,
}
