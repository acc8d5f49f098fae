"""Forms of returns, of lead and assisting units, and of sub-orders."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Unit
from accounts.widgets import FilesField, FilesInput, Segmented
from dispatch import returns
from dispatch.catalogue import search_units, suggest
from dispatch.forms.base import StepForm, lines, petition_by_number
from dispatch.forms.units import UnitsForm
from dispatch.models import OrderReturn, WorkOrder
from petitions.attachments import allowed_extensions
from petitions.models import Petition
from petitions.routes import Route

BELOW_SHOWN = 30


def _reasons() -> list[tuple[str, str]]:
    return [(reason.value, f"{reason.value} {reason.label}") for reason in OrderReturn.Reason]


class AskReturnForm(UnitsForm):
    """Why the order is not the unit's, whose it is, and on what this rests."""

    files_field = "evidence"
    pickers = ("lead",)
    legends = {"lead": _("Right unit (needed for R1, R2 and R4)")}
    needs_lead = False

    reason = forms.ChoiceField(label=_("Reason"), choices=_reasons, widget=forms.RadioSelect)
    duplicate = forms.CharField(
        label=_("Number of the petition it repeats"), max_length=40, required=False, help_text=_("For R6.")
    )
    route = forms.ChoiceField(
        label=_("Legal route"), choices=[("", "–"), *Route.choices], required=False, help_text=_("For R7.")
    )
    missing = forms.CharField(
        label=_("What is missing"), max_length=500, required=False, widget=lines(2), help_text=_("For R5.")
    )
    words = forms.CharField(
        label=_("Facts and basis"),
        max_length=2000,
        widget=lines(4),
        help_text=_("What the duty list, the boundary or the file says. The hub decides from exactly this."),
    )
    evidence = FilesField(
        label=_("Evidence"), required=False, widget=FilesInput(attrs={"accept": allowed_extensions()})
    )

    def proposals_for(self, petition: Petition, order: WorkOrder | None) -> dict[str, Any]:
        own = order.unit_id if order else None
        self.suggestions = [(unit, reason) for unit, reason in suggest(petition) if unit.pk != own]
        return {}

    def clean_duplicate(self) -> Petition | None:
        words = self.cleaned_data["duplicate"].strip()
        return petition_by_number(words, self.user) if words else None

    def arguments(self) -> dict[str, Any]:
        data = self.cleaned_data
        names = ("reason", "words", "duplicate", "route", "missing")
        return {"right_unit": data["lead"], **{name: data[name] for name in names}}

    def field_of(self, name: str) -> str:
        """The right unit is chosen in the picker called lead."""
        return "lead" if name == "right_unit" else name


class DecideReturnForm(UnitsForm):
    """The hub's decision: give the matter to another unit, take it back, or leave it where it is."""

    legends = {"lead": _("Goes to, when accepted"), "assisting": _("Assisting units")}
    needs_lead = False

    decision = forms.ChoiceField(
        label=_("Ruling"),
        choices=[("accept", _("Accept: it goes to another unit")), ("reject", _("Reject: it stays, finally"))],
        widget=Segmented,
        error_messages={"required": _("Please decide: accept or reject.")},
    )
    keeps = forms.BooleanField(
        label=_("Accept without a new unit: the office completes, merges or answers it"), required=False
    )
    is_groundless = forms.BooleanField(
        label=_("When rejected: groundless, counts against the unit"), required=False, initial=True
    )
    ruling = forms.CharField(
        label=_("Reasons of the decision"),
        max_length=1000,
        widget=lines(3),
        help_text=_("The unit reads exactly this. Whatever you decide is final: the matter is not returned again."),
    )

    def proposals_for(self, petition: Petition, order: WorkOrder | None) -> dict[str, Any]:
        asked = OrderReturn.objects.filter(order=order, decided_at=None).select_related("right_unit", "unit").first()
        self.asked = asked
        own = order.unit_id if order else None
        found: list[tuple[Unit, Any]] = []
        if asked is not None and asked.right_unit is not None:
            found.append((asked.right_unit, _("Proposed by %(unit)s") % {"unit": asked.unit}))
        found += [(unit, reason) for unit, reason in suggest(petition) if unit.pk != own]
        last = returns.backstop(petition)
        if last is not None and last.pk != own:
            found.append((last, _("District government, as backstop")))
        self.suggestions = _once(found)
        keeps = asked is not None and asked.reason in {"R5", "R6", "R7", "R8"}
        return {"lead": found[0][0].pk if found and not keeps else None, "keeps": keeps}

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        is_accepted = data.get("decision") == "accept"
        if is_accepted and not data.get("keeps") and not data.get("lead") and "lead" not in self.errors:
            self.add_error("lead", _("Choose the unit it goes to, or tick that the office keeps it."))
        return data

    def arguments(self) -> dict[str, Any]:
        data = self.cleaned_data
        shared = {"ruling": data["ruling"], "assisting": self.chosen_assisting()}
        if data["decision"] == "accept":
            return {"is_accepted": True, "to": None if data["keeps"] else data["lead"], **shared}
        return {"is_accepted": False, "is_groundless": data["is_groundless"], **shared}


def _once(found: list[tuple[Unit, Any]]) -> list[tuple[Unit, str]]:
    kept: dict[int, tuple[Unit, str]] = {}
    for unit, reason in found:
        kept.setdefault(unit.pk, (unit, str(reason)))
    return list(kept.values())


class AllowReturnForm(StepForm):
    """Why a unit may object although its time is over."""

    reason = forms.CharField(label=_("Reason"), max_length=500, widget=lines(3))


class AssistForm(UnitsForm):
    """More units that help the lead."""

    pickers = ("assisting",)
    needs_lead = False

    instruction = forms.CharField(
        label=_("Instruction"),
        max_length=1000,
        required=False,
        widget=lines(3),
        help_text=_("What each of them does; they feed back by the lead unit's date."),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not data.get("assisting") and "assisting" not in self.errors:
            self.add_error("assisting", _("Choose at least one unit."))
        return data

    def arguments(self) -> dict[str, Any]:
        return {"units": list(self.cleaned_data["assisting"]), "instruction": self.cleaned_data["instruction"]}


class DelegateForm(AssistForm):
    """Parts of an order for units below one's own."""

    legends = {"assisting": _("Units below yours")}

    instruction = forms.CharField(
        label=_("Instruction"),
        max_length=1000,
        widget=lines(3),
        help_text=_("What each of them does. You answer for the whole; they feed back to you by your own date."),
    )

    def _below(self) -> QuerySet[Unit]:
        assert self.order is not None
        return Unit.objects.handling().below(self.order.unit).exclude(pk=self.order.unit_id)

    def suggestions_for(self, picker: str) -> list[tuple[Unit, str]]:
        return [(unit, unit.name) for unit in self._below().order_by("code")[:BELOW_SHOWN]]

    def search(self, words: str) -> QuerySet[Unit]:
        return search_units(words, among=self._below())


class ChangeLeadForm(StepForm):
    """Which assisting unit leads from now on."""

    to = forms.ModelChoiceField(
        label=_("New lead unit"), queryset=WorkOrder.objects.none(), widget=forms.RadioSelect, empty_label=None
    )
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=lines(3))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = WorkOrder.objects.filter(petition=self.petition, is_open=True, is_lead=False, parent=None)
        field = self.fields["to"]
        field.queryset = rows.select_related("unit", "petition").order_by("seq")  # type: ignore[attr-defined]
        field.label_from_instance = _order_label  # type: ignore[attr-defined]


def _order_label(order: WorkOrder) -> str:
    return f"{order.unit.name} · {order.get_state_display()}"
