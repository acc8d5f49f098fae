"""Forms of the triage queue and of the mapping editor."""

import json
from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Unit
from backlog.forms.receptions import unit_by_words
from gateway import reference
from gateway.actions.lines import LineData
from gateway.channels import mapping
from gateway.channels.reading import CHOICES
from gateway.channels.wording import label_of
from gateway.models import InboundItem, LegacyLine
from gateway.serializers import PLACES
from petitions.states import State

MEANINGS = [
    ("withdraw", _("The petitioner withdrew")),
    ("remind", _("The petitioner urges")),
    ("nothing", _("Nothing to do")),
]
MAX_SAMPLE = 100_000


def choices_of(name: str) -> list[tuple[str, str]]:
    """What may be chosen for a value field."""
    if name in CHOICES:
        return [(str(code), str(label)) for code, label in CHOICES[name].choices]
    if name == "area":
        places = [row for row in reference.areas().by_id.values() if row.kind in PLACES]
        return [(row.code, f"{row.label} {row.code}") for row in sorted(places, key=lambda row: row.code)]
    if name == "category":
        rows = [row for row in reference.classes().by_id.values() if row.is_active]
        return [(row.code, f"{row.code} {row.label}") for row in sorted(rows, key=lambda row: row.code)]
    return [(row.number, str(row)) for row in LegacyLine.objects.filter(is_active=True).order_by("number")]


class PlaceForm(forms.Form):
    """One field for each question a message leaves open, with what the source said beside it."""

    remember = forms.BooleanField(
        label=_("Remember this in the mapping"),
        required=False,
        help_text=_("The next message with these words then needs nobody."),
    )

    def __init__(self, data: Any, *, item: InboundItem, found: mapping.Reading) -> None:
        super().__init__(data)
        self.names = {f"f_{name.replace('.', '__')}": name for name in item.fields if name in mapping.FIELDS}
        for key, name in self.names.items():
            raw = found.raw(name)
            said = _("The source says: %(word)s") % {"word": raw[:60]} if raw else _("The source says nothing here.")
            self.fields[key] = self._field(name, raw, str(said))
        asks_a_word = any(name in mapping.VALUE_FIELDS for name in self.names.values())
        if item.is_own_shape or not asks_a_word:
            # No mapping reads such a message, or it is read and only its number is in question.
            del self.fields["remember"]
        self.order_fields([*self.names, "remember"])

    def _field(self, name: str, raw: str, said: str) -> forms.Field:
        label = label_of(name)
        if name in mapping.VALUE_FIELDS:
            blank = [("", "—")]
            return forms.ChoiceField(
                label=label, choices=blank + choices_of(name), required=True, help_text=_escaped(said)
            )
        if name in mapping.DATE_FIELDS:
            widget = forms.DateInput(attrs={"type": "date"})
            return forms.CharField(label=label, widget=widget, required=True, help_text=_escaped(said))
        if name in mapping.FLAG_FIELDS:
            yes_no = [("", "—"), ("true", _("Yes")), ("false", _("No"))]
            return forms.ChoiceField(label=label, choices=yes_no, required=True, help_text=_escaped(said))
        return forms.CharField(label=label, initial=raw, required=True, max_length=20_000, help_text=_escaped(said))

    def chosen(self) -> dict[str, str]:
        """Our field names with what was chosen."""
        return {name: str(self.cleaned_data.get(key, "")) for key, name in self.names.items()}

    def key_of(self, name: str) -> str | None:
        """The form's own name for one of our fields; None for what it does not ask."""
        return next((key for key, own in self.names.items() if own == name), None)


def _escaped(text: str) -> str:
    # The component prints help texts unescaped, and this one holds a stranger's words.
    from django.utils.html import escape

    return escape(text)


class StatusForm(forms.Form):
    """What a status of the source means."""

    meaning = forms.ChoiceField(label=_("What the status means"), choices=[("", "—"), *MEANINGS])
    remember = forms.BooleanField(label=_("Remember this in the mapping"), required=False)


class RefuseForm(forms.Form):
    """Why a message is no petition."""

    reason = forms.CharField(
        label=_("Why it is not taken in"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


class SampleForm(forms.Form):
    """A message pasted to see what would become of it."""

    sample = forms.CharField(
        label=_("A message as the source sends it"),
        max_length=MAX_SAMPLE,
        widget=forms.Textarea(attrs={"rows": 14, "spellcheck": "false"}),
    )

    def clean_sample(self) -> Any:
        """The decoded message."""
        try:
            found = json.loads(self.cleaned_data["sample"])
        except ValueError:
            raise forms.ValidationError(_("This is no JSON. Paste the body of one message.")) from None
        if not isinstance(found, dict):
            raise forms.ValidationError(_("Paste one message: a JSON object in braces."))
        return found


class UnitOfLineInput(forms.TextInput):
    """A unit by name or code; what is typed brings the names that fit."""

    def __init__(self) -> None:
        asks = {"hx-get": reverse_lazy("gateway_line_units"), "hx-trigger": "input changed delay:250ms"}
        super().__init__(
            attrs={
                **asks,
                "list": "unit-names",
                "autocomplete": "off",
                "hx-target": "#unit-names",
                "hx-sync": "this:replace",
            }
        )


class LineForm(forms.Form):
    """A merged line: a new one with its number, a known one without, since messages and mappings name it."""

    number = forms.CharField(
        label=_("Number of the line"), max_length=12, help_text=_("As it is dialled. It cannot be changed later.")
    )
    name = forms.CharField(label=_("Name of the line"), max_length=40)
    department = forms.CharField(label=_("Department that ran it"), max_length=40)
    unit = forms.CharField(
        label=_("Unit that answers now"),
        max_length=60,
        required=False,
        widget=UnitOfLineInput,
        help_text=_("Name or code. The dispatcher is offered it first; empty: nobody."),
    )

    def __init__(self, data: Any, *, line: LegacyLine | None) -> None:
        initial = {"name": line.name, "department": line.department} if line else {}
        if line and line.unit:
            initial["unit"] = line.unit.name
        super().__init__(data, initial=initial)
        if line:
            del self.fields["number"]

    def clean_unit(self) -> Unit | None:
        """The unit of the words. Raises ValidationError when none or several fit."""
        return unit_by_words(self.cleaned_data["unit"])

    def line_data(self) -> LineData:
        """What the line is to say."""
        data = self.cleaned_data
        return LineData(name=data["name"], department=data["department"], unit=data["unit"])


def states() -> list[tuple[str, str]]:
    """Our states with their labels, for the status map."""
    return [(str(code), str(label)) for code, label in State.choices]
