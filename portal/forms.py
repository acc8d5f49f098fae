"""What citizens type, length-bounded."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from petitions.models import Rating


class TrackForm(forms.Form):
    """Number and query code, or the code alone."""

    number = forms.CharField(
        label=_("Number of your matter"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "text"}),
    )
    code = forms.CharField(
        label=_("Query code"),
        max_length=24,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "class": "code"}
        ),
    )


class RateForm(forms.Form):
    """Two objects, each with its score and what may be ticked beside it."""

    unit = forms.TypedChoiceField(
        label=_("The unit that handled it"), choices=Rating.Score.choices, coerce=int, widget=forms.RadioSelect
    )
    unit_reasons = forms.MultipleChoiceField(
        label=_("What was it?"), choices=Rating.Reason.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    office = forms.TypedChoiceField(
        label=_("The petition office"), choices=Rating.Score.choices, coerce=int, widget=forms.RadioSelect
    )
    office_reasons = forms.MultipleChoiceField(
        label=_("What was it?"), choices=Rating.Reason.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    comment = forms.CharField(
        label=_("Anything else you want to say"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def scores(self) -> dict[str, Any]:
        """What the action takes."""
        data = self.cleaned_data
        return {"office": data["office"], "unit": data["unit"], "comment": data["comment"].strip()}

    def reasons(self) -> dict[str, list[str]]:
        """What was ticked, by object."""
        return {"office": self.cleaned_data["office_reasons"], "unit": self.cleaned_data["unit_reasons"]}


class NewCodeForm(forms.Form):
    """Why a new code is given."""

    reason = forms.CharField(label=_("Reason"), max_length=200, widget=forms.TextInput)
