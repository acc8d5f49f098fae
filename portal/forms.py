"""What citizens type, length-bounded."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.widgets import FilesField
from backlog.actions.bookings import MOST_PERSONS
from petitions.attachments import allowed_extensions
from petitions.models import Rating, Recusal


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


def _lines(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


def _files() -> FilesField:
    return FilesField(
        label=_("Photographs and papers"), required=False, widget=FilesField.widget(attrs={"accept": _Accept()})
    )


class _Accept:
    """The extensions that are taken, asked for when the field is drawn."""

    def __str__(self) -> str:
        return allowed_extensions()


class StepForm(forms.Form):
    """What a step asks. `drafted` names the fields a draft keeps: words, never files."""

    @property
    def drafted(self) -> dict[str, str]:
        """What is typed, as text."""
        return {name: str(self.data.get(name, ""))[:5000] for name, field in self.fields.items() if _is_words(field)}


def _is_words(field: forms.Field) -> bool:
    return isinstance(field, forms.CharField)


class SupplementForm(StepForm):
    text = forms.CharField(label=_("What do you want to add?"), max_length=5000, required=False, widget=_lines(7))
    files = _files()  # type: ignore[assignment]


class WithdrawForm(StepForm):
    reason = forms.CharField(label=_("Why do you withdraw it?"), max_length=500, widget=_lines(4))
    sure = forms.BooleanField(label=_("I withdraw it of my own will; nobody has urged me to."))


class ReviewForm(StepForm):
    """The request (domain-facts §7.6); `excuse` is asked only when the thirty days are over."""

    request = forms.CharField(
        label=_("What do you not agree with, what do you ask for?"), max_length=2000, widget=_lines(5)
    )
    facts = forms.CharField(label=_("Facts and reasons"), max_length=3000, required=False, widget=_lines(5))
    new_facts = forms.CharField(label=_("New facts or proofs"), max_length=2000, required=False, widget=_lines(3))
    agent = forms.CharField(label=_("Somebody acts for me: name"), max_length=60, required=False)
    excuse = forms.CharField(
        label=_("What kept you from asking in time (force majeure)"), max_length=500, required=False, widget=_lines(3)
    )
    files = _files()  # type: ignore[assignment]


class HearingForm(StepForm):
    subject = forms.CharField(label=_("What should the hearing be about, and why?"), max_length=2000, widget=_lines(6))


class RecusalForm(StepForm):
    named = forms.CharField(label=_("Who should keep out (name or post)"), max_length=60)
    ground = forms.ChoiceField(label=_("Ground"), choices=Recusal.Ground.choices, widget=forms.RadioSelect)
    reason = forms.CharField(label=_("Reason"), min_length=4, max_length=300, widget=_lines(4))


class BookForm(forms.Form):
    """A place at a leader's reception."""

    name = forms.CharField(label=_("Your name"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    phone = forms.CharField(
        label=_("Your telephone"),
        max_length=24,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )
    persons = forms.TypedChoiceField(
        label=_("How many people come"), choices=[(n, n) for n in range(1, MOST_PERSONS + 1)], coerce=int, initial=1
    )
    matter = forms.CharField(label=_("What do you want to speak about?"), max_length=300, widget=_lines(4))
    code = forms.CharField(
        label=_("Query code of your matter"),
        max_length=24,
        required=False,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "class": "code"}
        ),
    )


class BookingForm(forms.Form):
    """The code of a booking, and the end of the telephone it was made with."""

    code = forms.CharField(
        label=_("Booking code"),
        max_length=24,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "class": "code"}
        ),
    )
    phone = forms.CharField(
        label=_("Last four digits of your telephone"),
        max_length=24,
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "numeric", "autocomplete": "off"}),
    )
