"""Forms of the accounts pages."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts import preferences
from accounts.models import User
from accounts.widgets import Segmented


class SignInForm(AuthenticationForm):
    """User name and password."""

    error_messages = {
        "invalid_login": _("User name or password is not right. Capitals count in both."),
        "inactive": _("This account is closed. Ask your system administrator."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("User name")
        self.fields["password"].label = _("Password")
        # The field's own limit is no help to anybody here and would be read out.
        self.fields["username"].widget.attrs.pop("autofocus", None)


class OwnPasswordForm(PasswordChangeForm):
    """The old password once, the new one twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old_password"].label = _("Current password")
        self.fields["old_password"].widget.attrs.pop("autofocus", None)
        self.fields["new_password1"].label = _("New password")
        self.fields["new_password2"].label = _("New password again")
        self.fields["new_password2"].help_text = ""

    def clean_new_password1(self) -> str:
        """A change must change something; a demo password outside the demo is as public as ever."""
        password: str = self.cleaned_data["new_password1"]
        if self.user.check_password(password):
            raise ValidationError(_("This is the password you have now. Choose another one."), code="same_password")
        if not settings.DEMO and preferences.is_demo_password(password):
            raise ValidationError(_("This password is printed in public. Choose another one."), code="demo_password")
        return password

    def save(self, commit: bool = True) -> User:
        """Store it through the room's writer."""
        preferences.set_own_password(self.user, self.cleaned_data["new_password1"])
        return self.user


class PreferencesForm(forms.Form):
    """What a person may set for themselves."""

    language = forms.ChoiceField(
        label=_("Language"), choices=list(preferences.LANGUAGE_NAMES.items()), widget=Segmented
    )
    shortcuts_enabled = forms.BooleanField(
        label=_("Keyboard shortcuts"),
        required=False,
        help_text=_("Single keys such as J, K and X in lists. Switch them off if you dictate or use a screen reader."),
    )

    def save(self, user: User) -> User:
        """Store both settings."""
        preferences.set_language(user, self.cleaned_data["language"])
        preferences.set_shortcuts(user, self.cleaned_data["shortcuts_enabled"])
        return user
