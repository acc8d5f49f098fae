"""What is asked for a client, and for a key."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import Unit
from backlog.forms.naming import UnitField, split
from gateway.actions import check_networks
from gateway.actions.clients import MOST_RATE, RATE
from gateway.models import ApiClient
from gateway.scopes import ApiScope
from petitions.models import Channel
from petitions.states import Refused

# Days a key lives; 0 has no end.
LIVES = ((365, _("one year")), (180, _("180 days")), (90, _("90 days")), (30, _("30 days")), (0, _("no end date")))


def _scope_choices() -> list[tuple[str, str]]:
    """The names programs use stand beside the words: the vendor asks for them by name."""
    return [(scope.value, f"{scope.label}（{scope.value}）") for scope in ApiScope]


class NetworksField(forms.CharField):
    """Addresses and networks, one a line."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 2, "spellcheck": "false"})
        super().__init__(max_length=2000, required=False, widget=widget, **kwargs)

    def clean(self, value: Any) -> list[str]:
        found = list(dict.fromkeys(split(super().clean(value))))
        try:
            check_networks(found)
        except Refused as refusal:
            raise ValidationError(str(refusal)) from None
        return found


class RightsForm(forms.Form):
    """What a client may do, from where, how often."""

    scopes = forms.MultipleChoiceField(
        label=_("What its keys may do"),
        choices=_scope_choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only what the other system really needs: each tick opens data or steps of this unit to it."),
    )
    allowed_ips = NetworksField(
        label=_("Addresses it may come from"),
        help_text=_("One address or network a line, such as 10.1.0.0/16. Empty lets every address in."),
    )
    rate_per_minute = forms.IntegerField(
        label=_("Requests a minute at most"), min_value=1, max_value=MOST_RATE, initial=RATE
    )

    @classmethod
    def of(cls, client: ApiClient, data: Any = None) -> "RightsForm":
        """The form of a client, with what holds now."""
        start = {
            "scopes": client.scopes,
            "allowed_ips": "\n".join(client.allowed_ips),
            "rate_per_minute": client.rate_per_minute,
        }
        return cls(data, initial=start)


class ClientForm(RightsForm):
    """A new client. Name, channel and unit stand in the petitions it registers and cannot be changed later."""

    name = forms.CharField(
        label=_("Name of the other system"),
        min_length=2,
        max_length=60,
        help_text=_("It stands in the record of every petition the system touches."),
    )
    channel = forms.ChoiceField(
        label=_("Channel of all it registers"), choices=Channel.choices, initial=Channel.HOTLINE
    )
    unit = UnitField(
        label=_("Unit it acts for"),
        widget=forms.TextInput(attrs={"list": "client-units", "autocomplete": "off"}),
        help_text=_("Name or code. Its keys reach what this unit and the units below it may see."),
    )
    field_order = ["name", "channel", "unit", "scopes", "allowed_ips", "rate_per_minute"]

    def clean_name(self) -> str:
        """A name twice would make the record ambiguous."""
        name = str(self.cleaned_data["name"])
        if ApiClient.objects.filter(name=name).exists():
            raise ValidationError(_("There is a client of this name already. Give that one a second key."))
        return name

    @property
    def units(self) -> list[Unit]:
        """Proposals: the units systems usually act for; every other one is found by its name."""
        kinds = [Unit.Kind.GOVERNMENT, Unit.Kind.PETITION_OFFICE, Unit.Kind.HOTLINE]
        return list(Unit.objects.filter(is_active=True, kind__in=kinds).only("name").order_by("path")[:60])


class KeyForm(forms.Form):
    """How long a new key lives. `newest` is the newest key on the page, so that a form sent twice makes one key."""

    days = forms.TypedChoiceField(label=_("Key ends after"), choices=LIVES, coerce=int, initial=365)
    newest = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def expires_at(self, at: datetime) -> datetime | None:
        """The moment the key ends, or None for never."""
        days = self.cleaned_data["days"]
        return at + timedelta(days=days) if days else None
