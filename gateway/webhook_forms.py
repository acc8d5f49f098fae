"""Forms of the webhook pages."""

from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from gateway.models import ApiClient
from gateway.webhooks import TYPES


class VersionForm(forms.Form):
    """What a step is taken on: the version its page showed."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)


class EndpointForm(VersionForm):
    """Where one client is told, and of what. The action looks at address and types."""

    client = forms.ModelChoiceField(
        label=_("Client"),
        queryset=ApiClient.objects.filter(is_active=True),
        help_text=_("Whose petitions are told: those this system may read with its key, and no others."),
    )
    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        widget=forms.TextInput(attrs={"inputmode": "url", "spellcheck": "false", "autocomplete": "off"}),
        help_text=_("https://host/path of the other system. Redirects are not followed."),
    )
    types = forms.MultipleChoiceField(
        label=_("What it is told"), choices=[], widget=forms.CheckboxSelectMultiple, initial=list(TYPES)
    )

    def __init__(self, *args: Any, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        types = self.fields["types"]
        assert isinstance(types, forms.ChoiceField)
        types.choices = [
            (name, format_html("{} <code class='mut'>{}</code>", label, name))
            for name, (label, _kinds) in TYPES.items()
        ]
        if not is_new:
            del self.fields["client"]
