"""Forms of the archive: its kind and period, a hold, its lifting, the periods themselves."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.widgets import LocalDateInput
from dispatch.forms.base import StepForm, lines
from dispatch.models import WorkOrder
from petitions.actions.archiving import archive_checklist, kind_of, rules
from petitions.models import ArchiveRule, Petition


class ArchiveForm(StepForm):
    """The kind of file, proposed by result and origin; another one needs a reason."""

    rule = forms.ChoiceField(label=_("Kind of file and period"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Why another period than proposed"), max_length=300, required=False, widget=lines(2)
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = {key: rule for key, rule in rules().items() if key != ArchiveRule.Key.RECORDINGS}
        field = self.fields["rule"]
        field.choices = [(key, f"{rule} · {rule.period}") for key, rule in kinds.items()]  # type: ignore[attr-defined]
        self.checklist = archive_checklist(self.petition)

    def proposals_for(self, petition: Petition, order: WorkOrder | None) -> dict[str, Any]:
        return {"rule": kind_of(petition)}


class HoldForm(StepForm):
    """What forbids the erasure, and until when."""

    reason = forms.CharField(
        label=_("Why it must be kept"),
        max_length=300,
        widget=lines(3),
        help_text=_("For example the number of the lawsuit or the audit that needs the case."),
    )
    until = forms.DateField(
        label=_("Until (empty: until it is lifted)"), required=False, widget=LocalDateInput(), initial=None
    )


class ReleaseForm(StepForm):
    """Why the hold is no longer needed."""

    reason = forms.CharField(label=_("Why it is lifted"), max_length=300, widget=lines(3))


class PeriodForm(forms.Form):
    """How long one kind of file is kept."""

    months = forms.IntegerField(label=_("Months kept (empty: for ever)"), required=False, min_value=6, max_value=1200)
    source = forms.CharField(label=_("Source"), max_length=120, required=False)
