"""Forms of the wall: a screen nobody signs in to, the targets, the reason of an export."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Area, User
from backlog import board
from backlog.actions.boards import ROTATIONS, may_show
from backlog.indicators import INDICATORS, Better, targets


class ScreenForm(forms.Form):
    """Where it hangs, what it shows, whether it turns over."""

    name = forms.CharField(
        label=gettext_lazy("Where it hangs"),
        max_length=40,
        min_length=2,
        help_text=gettext_lazy(
            "So that you know later which one to switch off: hall, meeting room, a person's tablet."
        ),
    )
    area = forms.ModelChoiceField(label=gettext_lazy("What it shows"), queryset=Area.objects.none(), empty_label=None)
    rotate = forms.TypedChoiceField(label=gettext_lazy("Turns over"), coerce=int)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        areas = [area for area in [board.city(), *board.districts()] if may_show(user, area)]
        self.fields["area"].queryset = Area.objects.filter(pk__in=[a.pk for a in areas])  # type: ignore[attr-defined]
        self.fields["rotate"].choices = [(n, _rotation(n)) for n in ROTATIONS]  # type: ignore[attr-defined]


def _rotation(seconds: int) -> str:
    if not seconds:
        return _("never: it stays on the overview")
    return ngettext("every %(n)d second", "every %(n)d seconds", seconds) % {"n": seconds}


class TargetsForm(forms.Form):
    """One figure for each indicator that can be good or bad; empty takes the target away."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = targets()
        for row in INDICATORS.values():
            if row.better == Better.NONE:
                continue
            sign = "≥" if row.better == Better.UP else "≤"
            self.fields[row.key] = forms.DecimalField(
                label=f"{row.label} ({sign} {row.unit.label})",
                required=False,
                min_value=0,
                max_digits=10,
                decimal_places=2,
                initial=f"{held[row.key]:g}" if row.key in held else None,
                help_text=str(row.formula),
            )

    def values(self) -> dict[str, Decimal | None]:
        """The targets as the action takes them."""
        return {key: self.cleaned_data[key] for key in self.fields}


class ReasonForm(forms.Form):
    """Why the table is taken out of the system; stands in the access log and in the file."""

    reason = forms.CharField(label=gettext_lazy("What is it for?"), max_length=100, min_length=4)
