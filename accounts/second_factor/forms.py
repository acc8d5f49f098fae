"""One field: the code."""

from django import forms
from django.utils.translation import gettext_lazy as _


class CodeForm(forms.Form):
    """Six digits of the authenticator, or a recovery code."""

    code = forms.CharField(label=_("Code of the app, or a recovery code"), max_length=20)


class SetUpForm(forms.Form):
    """The first code, which proves that the app has the key."""

    code = forms.CharField(label=_("Code the app shows"), max_length=10)

    def clean_code(self) -> str:
        """Apps show the digits in two groups."""
        return "".join(self.cleaned_data["code"].split())
