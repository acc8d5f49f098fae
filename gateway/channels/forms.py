"""Forms of the triage queue and of the mapping editor."""

import json
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gateway import reference
from gateway.channels import mapping
from gateway.channels.reading import CHOICES
from gateway.models import InboundItem, LegacyLine
from gateway.serializers import PLACES
from petitions.states import State

LABELS = {
    "source_ref": _("Number at the source"),
    "summary": _("Summary"),
    "content": _("Content"),
    "demand": _("Demand"),
    "address": _("Address of the problem"),
    "petitioner": _("Petitioner"),
    "petitioner.name": _("Name of the petitioner"),
    "petitioner.phone": _("Telephone of the petitioner"),
    "petitioner.id_no": _("Identity number of the petitioner"),
    "petitioner.address": _("Address of the petitioner"),
    "petitioner.contact_preference": _("How to reach the petitioner"),
    "petitioner.party_type": _("Kind of petitioner"),
    "petitioner.id_type": _("Kind of identity paper"),
    "purpose": _("Purpose"),
    "category": _("Content class"),
    "area": _("Place of the problem"),
    "urgency": _("Urgency"),
    "line": _("Line that was dialled"),
    "petition_date": _("Date of the petition"),
    "occurred_on": _("Happened on"),
    "headcount": _("Persons"),
    "affected_count": _("Persons affected"),
    "is_anonymous": _("Anonymous"),
    "is_open_to_public": _("May be published"),
    "is_confidential": _("Confidential"),
    "status": _("Status at the source"),
}
MEANINGS = [
    ("withdraw", _("The petitioner withdrew")),
    ("remind", _("The petitioner urges")),
    ("nothing", _("Nothing to do")),
]
MAX_SAMPLE = 100_000


def label_of(name: str) -> Any:
    """The name of one of our fields as officers read it."""
    return LABELS.get(name, name)


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
    return [(row.number, str(row)) for row in LegacyLine.objects.order_by("number")]


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
        self.order_fields([*self.names, "remember"])
        if item.is_own_shape:
            # No mapping reads such a message, so none can remember anything of it.
            del self.fields["remember"]

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


def states() -> list[tuple[str, str]]:
    """Our states with their labels, for the status map."""
    return [(str(code), str(label)) for code, label in State.choices]
