"""Forms of the people page: absences and handing over."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Role
from dispatch.absences import standing_in_for


class AbsenceForm(forms.Form):
    """From which day to which day, whole days in the city's time, and who stands in."""

    since = forms.DateField(label=_("First day away"), widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("Last day away"), widget=forms.DateInput(attrs={"type": "date"}))
    substitute = forms.ModelChoiceField(
        label=_("Substitute"), queryset=User.objects.none(), widget=forms.RadioSelect, empty_label=None
    )
    reason = forms.CharField(label=_("Reason"), max_length=100, required=False, help_text=_("The unit reads it."))

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        colleagues = User.objects.filter(unit=person.unit_id, is_active=True).exclude(pk=person.pk)
        field = self.fields["substitute"]
        field.queryset = colleagues.order_by("role", "username")  # type: ignore[attr-defined]
        field.label_from_instance = _person  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("since") and data.get("until") and data["until"] < data["since"]:
            self.add_error("until", _("The end must lie after the beginning."))
        return data

    def period(self) -> tuple[datetime, datetime]:
        """From the first moment of the first day to the first moment after the last."""
        first, last = self.cleaned_data["since"], self.cleaned_data["until"]
        make = timezone.make_aware
        return make(datetime.combine(first, time.min)), make(datetime.combine(last + timedelta(days=1), time.min))


def _person(user: User) -> str:
    return " · ".join(filter(None, [user.name, user.title, str(Role(user.role).label)]))


class HandOverForm(forms.Form):
    """To whom everything goes, and what that person must know."""

    to = forms.ModelChoiceField(
        label=_("New handler"), queryset=User.objects.none(), widget=forms.RadioSelect, empty_label=None
    )
    note = forms.CharField(
        label=_("Hand-over note"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What was agreed with the petitioners, what is open. It goes to the record of every case."),
    )

    def __init__(self, *args: Any, person: User, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = (Role.UNIT_ADMIN, Role.UNIT_HANDLER)
        people = User.objects.filter(unit=person.unit_id, is_active=True, role__in=roles).exclude(pk=person.pk)
        away = standing_in_for(people, at)
        field = self.fields["to"]
        field.queryset = people.exclude(pk__in=away).order_by("role", "username")  # type: ignore[attr-defined]
        field.label_from_instance = _person  # type: ignore[attr-defined]
