"""Forms of the plan: one milestone, several at once, taking one off."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.widgets import LocalDateInput
from backlog.actions.milestones import MOST, Planned
from backlog.models import Milestone
from backlog.reference.milestones import Usual
from dispatch.clocks import city_day
from dispatch.forms.supervision import RowForm


class PlanForm(RowForm):
    """One more milestone of a case."""

    name = forms.CharField(label=gettext_lazy("Milestone"), min_length=2, max_length=40)
    starts_on = forms.DateField(label=gettext_lazy("Begins on"), required=False, widget=LocalDateInput)
    planned_on = forms.DateField(
        label=gettext_lazy("Planned for"),
        widget=LocalDateInput,
        help_text=gettext_lazy("The deadline of the responsible unit. It can be moved later, with the reason."),
    )
    note = forms.CharField(label=gettext_lazy("Remark"), max_length=100, required=False)


class MilestoneForm(PlanForm):
    """A milestone in place: what is planned, when it was reached, why the day moves."""

    planned_on = forms.DateField(label=gettext_lazy("Planned for"), widget=LocalDateInput)
    actual_on = forms.DateField(label=gettext_lazy("Reached on"), required=False, widget=LocalDateInput)
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("Needed when the planned day moves back; the day first planned stays visible."),
    )
    PARTS = ("name", "starts_on", "planned_on", "actual_on", "note")
    field_order = ("name", "starts_on", "planned_on", "actual_on", "note", "reason")

    def __init__(self, *args: Any, row: Milestone, **kwargs: Any) -> None:
        kwargs["initial"] = {**{name: getattr(row, name) for name in self.PARTS}, **kwargs.get("initial", {})}
        # Several may be open in the table at once.
        super().__init__(*args, row=row, auto_id=f"m{row.pk}_%s", **kwargs)

    def arguments(self) -> dict[str, Any]:
        changes = {name: self.cleaned_data[name] for name in self.PARTS}
        return {"changes": changes, "reason": self.cleaned_data["reason"]}


class RemoveForm(RowForm):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=100,
        min_length=2,
        help_text=gettext_lazy("The milestone stays in the history of the file; its deadline ends without judgement."),
    )


class BeginForm(forms.Form):
    """From which day usual milestones are proposed."""

    begin = forms.DateField(label=gettext_lazy("The plan begins on"), required=False, widget=LocalDateInput)


class PlanRowForm(forms.Form):
    """A line of a plan; a line without a name is left out."""

    name = forms.CharField(label=gettext_lazy("Milestone"), max_length=40, required=False)
    starts_on = forms.DateField(label=gettext_lazy("Begins on"), required=False, widget=LocalDateInput)
    planned_on = forms.DateField(label=gettext_lazy("Planned for"), required=False, widget=LocalDateInput)
    is_left_out = forms.BooleanField(label=gettext_lazy("Do not plan it"), required=False)

    @property
    def planned(self) -> Planned | None:
        """The line as the action takes it; None when it is left out."""
        data = self.cleaned_data
        if data.get("is_left_out") or not data.get("name"):
            return None
        return Planned(data["name"], data["planned_on"], data.get("starts_on"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("is_left_out") or not data.get("name"):
            # What is left out may be incomplete or wrong.
            self.errors.clear()
            return data
        if not data.get("planned_on") and "planned_on" not in self.errors:
            self.add_error("planned_on", ValidationError(_("Give the day it is planned for.")))
        if data.get("starts_on") and data.get("planned_on") and data["starts_on"] > data["planned_on"]:
            self.add_error("starts_on", _("It begins after the day it is planned for. Change one of the two."))
        return data


class _PlanSet(forms.BaseFormSet):
    """The lines of a plan."""

    def planned(self) -> list[Planned]:
        """The lines that are kept."""
        return [row.planned for row in self.forms if row.planned is not None]


PlanSet = forms.formset_factory(PlanRowForm, formset=_PlanSet, extra=0, max_num=MOST, absolute_max=MOST)
# Empty lines below the proposed ones.
SPARE = 2


def plan_set(proposed: list[Usual]) -> Any:
    """A plan of the proposed milestones, with a few empty lines."""
    rows: list[dict[str, Any]] = [
        {"name": row.name, "starts_on": row.starts_on, "planned_on": row.planned_on} for row in proposed
    ]
    return PlanSet(initial=[*rows, *({} for _n in range(SPARE))], prefix="plan")


def first_day(text: str, at: Any) -> date:
    """The day of an address a plan begins on, today without one."""
    form = BeginForm({"begin": text})
    today = city_day(at)
    return max(form.cleaned_data["begin"] or today, today) if form.is_valid() else today
