"""Forms of channels, quiet hours and preferences."""

from datetime import time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.widgets import Segmented
from dispatch.actions.channels import ChannelData, Preferences
from dispatch.models import NoticePreference, NotificationChannel
from dispatch.notices import ALWAYS_INAPP, KINDS
from dispatch.policies import RUNG_LABELS


def _kind_choices() -> list[tuple[str, Any]]:
    return [(kind, label) for kind, (label, _icon) in KINDS.items()]


def _offer(field: forms.Field, choices: list[tuple[str, Any]]) -> None:
    """Kinds are known only when every file has added its own."""
    assert isinstance(field, forms.MultipleChoiceField)
    field.choices = choices


class TimeInput(forms.TimeInput):
    """The browser's own time picker, to the minute."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class ChannelForm(forms.Form):
    """A unit's channel. The stored address is never shown again; leaving it empty keeps it."""

    name = forms.CharField(label=_("Name"), max_length=40)
    url = forms.CharField(
        label=_("Address (apprise)"),
        max_length=500,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_(
            "For example dingtalk://token, wecombot://key, feishu://token or jsons://host/path. It is stored encrypted."
        ),
    )
    kinds = forms.MultipleChoiceField(
        label=_("Takes these notices"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: all of them."),
    )
    rungs = forms.MultipleChoiceField(
        label=_("Of deadlines, these rungs"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: every rung."),
    )
    is_active = forms.BooleanField(label=_("In use"), required=False)

    def __init__(self, *args: Any, channel: NotificationChannel | None = None, **kwargs: Any) -> None:
        if channel is not None:
            kwargs["initial"] = {
                "name": channel.name,
                "kinds": channel.kinds,
                "rungs": channel.rungs,
                "is_active": channel.is_active,
            }
        else:
            kwargs["initial"] = {"is_active": True}
        super().__init__(*args, **kwargs)
        _offer(self.fields["kinds"], _kind_choices())
        _offer(self.fields["rungs"], list(RUNG_LABELS.items()))
        self.fields["url"].required = channel is None

    def channel_data(self) -> ChannelData:
        """For the action."""
        return ChannelData(**self.cleaned_data)


class QuietForm(forms.Form):
    """From … until; both empty: never quiet."""

    starts = forms.TimeField(label=_("Quiet from"), required=False, widget=TimeInput)
    ends = forms.TimeField(label=_("until"), required=False, widget=TimeInput)


class PreferencesForm(forms.Form):
    """How a person wants to hear."""

    SINGLE, DAILY = "single", "daily"

    inapp = forms.MultipleChoiceField(label=_("In the inbox"), required=False, widget=forms.CheckboxSelectMultiple)
    mail = forms.MultipleChoiceField(label=_("By e-mail"), required=False, widget=forms.CheckboxSelectMultiple)
    pace = forms.ChoiceField(
        label=_("E-mails"),
        choices=[(SINGLE, _("Each by itself")), (DAILY, _("One a day"))],
        widget=Segmented,
        help_text=_("Several deadlines at once always come in one mail. Urgent matters are never held back."),
    )
    digest_at = forms.TimeField(label=_("The day's mail comes at"), required=False, widget=TimeInput)
    has_own_quiet = forms.BooleanField(label=_("Quiet hours of my own"), required=False)
    quiet_from = forms.TimeField(label=_("Quiet from"), required=False, widget=TimeInput)
    quiet_until = forms.TimeField(
        label=_("until"),
        required=False,
        widget=TimeInput,
        help_text=_("Both empty: mails come at any hour. Deadlines do not move; only the mail waits."),
    )

    def __init__(self, *args: Any, stored: NoticePreference | None = None, **kwargs: Any) -> None:
        row = stored or NoticePreference()
        kwargs["initial"] = {
            "inapp": [kind for kind in KINDS if kind not in row.no_inapp],
            "mail": [kind for kind in KINDS if kind not in row.no_mail],
            "pace": self.DAILY if row.digest_at else self.SINGLE,
            "digest_at": row.digest_at or time(8, 30),
            "has_own_quiet": row.has_own_quiet,
            "quiet_from": row.quiet_from,
            "quiet_until": row.quiet_until,
        }
        super().__init__(*args, **kwargs)
        for name in ("inapp", "mail"):
            _offer(self.fields[name], _kind_choices())

    def clean(self) -> dict[str, Any]:
        """The day's mail needs an hour."""
        cleaned = super().clean() or {}
        if cleaned.get("pace") == self.DAILY and not cleaned.get("digest_at") and "digest_at" not in self.errors:
            self.add_error("digest_at", _("Say at what hour the day's mail is to come."))
        return cleaned

    def preferences(self) -> Preferences:
        """For the action. Kinds that always stand in the inbox are not asked for: their box is fixed."""
        data = self.cleaned_data
        wanted = {*data["inapp"], *ALWAYS_INAPP}
        return Preferences(
            no_mail=[kind for kind in KINDS if kind not in data["mail"]],
            no_inapp=[kind for kind in KINDS if kind not in wanted],
            digest_at=data["digest_at"] if data["pace"] == self.DAILY else None,
            has_own_quiet=data["has_own_quiet"],
            quiet_from=data["quiet_from"],
            quiet_until=data["quiet_until"],
        )

    def rows(self) -> list[dict[str, Any]]:
        """One line of the table for each kind: its two boxes."""
        chosen = {name: set(self[name].value() or []) for name in ("inapp", "mail")}
        return [
            {
                "kind": kind,
                "label": label,
                "icon": icon,
                "is_fixed": kind in ALWAYS_INAPP,
                "inapp": kind in chosen["inapp"] or kind in ALWAYS_INAPP,
                "mail": kind in chosen["mail"],
            }
            for kind, (label, icon) in KINDS.items()
        ]
