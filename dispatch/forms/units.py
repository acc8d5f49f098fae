"""Choosing units: from proposals, by a search, or (without script) by exact code or name."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts.models import Unit
from dispatch.catalogue import search_units
from dispatch.forms.base import StepForm

MAX_ASSISTING = 9
Proposal = tuple[Unit, str]


class UnitsForm(StepForm):
    """Base of the forms with a picker. `pickers` names those it shows, `suggestions` what the first one proposes."""

    pickers: tuple[str, ...] = ("lead", "assisting")
    # Legends by picker; those not named here keep the field's label.
    legends: dict[str, Any] = {}
    needs_lead = True
    suggestions: list[Proposal] = []

    lead = forms.ModelChoiceField(
        label=_("Lead unit"),
        queryset=Unit.objects.handling(),
        required=False,
        error_messages={"invalid_choice": _("This unit takes no work orders. Choose another.")},
    )
    # Without script: the exact code or name; with it, what is searched for.
    lead_text = forms.CharField(label=_("Search by name or code"), max_length=40, required=False)
    assisting = forms.ModelMultipleChoiceField(
        label=_("Assisting units"), queryset=Unit.objects.handling(), required=False
    )
    assisting_text = forms.CharField(label=_("Search by name or code"), max_length=40, required=False)

    def suggestions_for(self, picker: str) -> list[Proposal]:
        """Units proposed before anybody searches, with the reason for each."""
        return self.suggestions if picker == "lead" else []

    def search(self, words: str) -> QuerySet[Unit]:
        """What a search finds; a form may look among fewer units."""
        return search_units(words)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "lead" in self.errors:
            return data
        if data.get("lead_text") and not self.data.get(self.add_prefix("lead")) and "lead" in self.pickers:
            data["lead"] = self._by_words(data["lead_text"])
        if self.needs_lead and data.get("lead") is None and "lead" not in self.errors:
            self.add_error("lead", _("Choose the lead unit."))
        if len(data.get("assisting") or ()) > MAX_ASSISTING:
            text = ngettext_lazy("At most %d assisting unit.", "At most %d assisting units.", MAX_ASSISTING)
            self.add_error("assisting", ValidationError(text % MAX_ASSISTING))
        return data

    def _by_words(self, words: str) -> Unit | None:
        found = list(self.search(words)[:2])
        exact = [u for u in found if words in (u.code, u.name, u.short_name)]
        if len(exact) == 1 or len(found) == 1:
            return (exact or found)[0]
        text = (
            _("Several units fit “%(words)s”. Search and choose one.") if found else _("No unit is called “%(words)s”.")
        )
        self.add_error("lead", text % {"words": words})
        return None

    def chosen_assisting(self) -> list[Unit]:
        """The assisting units without the lead."""
        return [unit for unit in self.cleaned_data["assisting"] if unit != self.cleaned_data.get("lead")]
