"""Forms of consultations."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.widgets import Segmented
from dispatch.catalogue import suggest
from dispatch.forms.base import StepForm, lines
from dispatch.forms.units import UnitsForm
from dispatch.models import Consultation, Opinion, WorkOrder
from dispatch.states import OPEN_CONSULTATION_STATES
from petitions.models import Petition


class ConsultForm(UnitsForm):
    """Who is asked, and what."""

    pickers = ("assisting",)
    legends = {"assisting": _("Units to ask")}
    needs_lead = False

    question = forms.CharField(
        label=_("What is in question"),
        max_length=2000,
        widget=lines(4),
        help_text=_("Facts, rules and the views so far. The units read exactly this, and the case."),
    )

    def proposals_for(self, petition: Petition, order: WorkOrder | None) -> dict[str, Any]:
        self.suggestions = suggest(petition)
        at_work = WorkOrder.objects.filter(petition=petition, is_open=True, parent=None).values_list("unit", flat=True)
        return {"assisting": list(at_work)}

    def suggestions_for(self, picker: str) -> list[tuple[Any, str]]:
        return self.suggestions

    def arguments(self) -> dict[str, Any]:
        return {"units": list(self.cleaned_data["assisting"]), "question": self.cleaned_data["question"]}

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not data.get("assisting") and "assisting" not in self.errors:
            self.add_error("assisting", _("Choose at least one unit."))
        return data


class OpineForm(StepForm):
    """The unit's opinion."""

    stance = forms.ChoiceField(label=_("Opinion"), choices=Opinion.Stance.choices, widget=Segmented)
    text = forms.CharField(
        label=_("Reasons"),
        max_length=2000,
        widget=lines(5),
        help_text=_("The rule on duties it rests on, and what your unit can do."),
    )


class HoldForm(StepForm):
    """What was said in the meeting."""

    minutes = forms.CharField(
        label=_("Minutes"),
        max_length=3000,
        widget=lines(6),
        help_text=_("Who took part, what was said, what is agreed."),
    )


class DropForm(StepForm):
    """Why no ruling is needed."""

    reason = forms.CharField(label=_("Reason"), max_length=500, widget=lines(3))


class RuleForm(UnitsForm):
    """Who leads and who assists, finally."""

    ruling = forms.CharField(
        label=_("Reasons of the ruling"),
        max_length=2000,
        widget=lines(4),
        help_text=_("The units read exactly this. It binds them: the orders are final and cannot be returned."),
    )

    def proposals_for(self, petition: Petition, order: WorkOrder | None) -> dict[str, Any]:
        rows = Consultation.objects.filter(petition=petition, state__in=OPEN_CONSULTATION_STATES)
        self.consultation = rows.prefetch_related("opinions__unit").first()
        opinions = list(self.consultation.opinions.all()) if self.consultation else []
        # Who says it is theirs comes first, then who would help, then the others.
        ranks = {Opinion.Stance.OURS: 0, Opinion.Stance.ASSIST: 1, "": 2}
        opinions.sort(key=lambda opinion: ranks.get(opinion.stance, 3))
        found = {o.unit_id: (o.unit, o.get_stance_display() or _("no opinion yet")) for o in opinions}
        for unit, reason in suggest(petition):
            found.setdefault(unit.pk, (unit, reason))
        self.suggestions = [(unit, str(reason)) for unit, reason in found.values()]
        ours = [o.unit_id for o in opinions if o.stance == Opinion.Stance.OURS]
        helping = [o.unit_id for o in opinions if o.stance == Opinion.Stance.ASSIST]
        return {"lead": ours[0] if ours else None, "assisting": [*ours[1:], *helping]}

    def arguments(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {"lead": data["lead"], "assisting": self.chosen_assisting(), "ruling": data["ruling"]}
