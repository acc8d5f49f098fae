"""Forms of the steps of a task."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from dispatch.forms.base import lines
from dispatch.forms.supervision import RowForm


class ReportForm(RowForm):
    result = forms.CharField(
        label=_("What was done"),
        max_length=3000,
        widget=lines(5),
        help_text=_("Whoever gave the task reads and confirms it."),
    )


class ConfirmForm(RowForm):
    result = forms.CharField(
        label=_("Remark"), max_length=1000, required=False, widget=lines(3), help_text=_("May stay empty.")
    )

    def arguments(self) -> dict[str, Any]:
        # A remark of the confirmation must not replace what the unit reported.
        words = self.cleaned_data["result"]
        return {"result": words} if not self.row.result else {"remark": words}


class TaskReasonForm(RowForm):
    reason = forms.CharField(label=_("Reason"), max_length=1000, widget=lines(4))


class PassOnForm(RowForm):
    owner = forms.ModelChoiceField(label=_("Person"), queryset=User.objects.none(), empty_label=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = self.row.unit.users.filter(is_active=True).exclude(pk=self.row.owner_id or 0)
        self.fields["owner"].queryset = people.order_by("role", "name")  # type: ignore[attr-defined]
