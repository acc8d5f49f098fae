"""Forms of the case page itself: the composer and the question before an identity is shown."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.widgets import FilesField, FilesInput, Segmented
from dispatch.forms.base import lines
from petitions.attachments import allowed_extensions


class NoteForm(forms.Form):
    """The composer: an internal note, a telephone record or a talk record, with files."""

    KINDS = (
        ("note", _("Internal note"), "lock"),
        ("phone_note", _("Telephone record"), "phone"),
        ("talk_note", _("Talk record"), "users"),
    )

    kind = forms.ChoiceField(choices=[(value, label) for value, label, _icon in KINDS], initial="note")
    text = forms.CharField(label=_("Text of the record"), max_length=5000, widget=lines(2))
    files = FilesField(  # type: ignore[assignment]
        label=_("Files"), required=False, widget=FilesInput(attrs={"accept": allowed_extensions(), "class": "vh"})
    )


class RevealForm(forms.Form):
    """Why somebody needs to see who the petitioner is; the answer is logged with their name."""

    PURPOSES = (
        ("contact", _("To speak with the person")),
        ("deliver", _("To deliver a document")),
        ("identity", _("To check who it is")),
        ("same", _("To tell repeats and joint signers apart")),
        ("inspect", _("To inspect or supervise")),
    )

    purpose = forms.ChoiceField(
        label=_("What for"), choices=PURPOSES, initial="contact", required=False, widget=Segmented
    )
    reason = forms.CharField(
        label=_("Why do you need to see it?"),
        max_length=200,
        help_text=_("Your name, the time and this reason are written to the access log."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean_reason(self) -> str:
        """What is typed must say something by itself; the purpose only stands before it."""
        return str(self.cleaned_data["reason"]).strip()

    def logged(self) -> str:
        """Purpose and reason as the access log keeps them."""
        purpose = dict(self.PURPOSES).get(self.cleaned_data.get("purpose", ""))
        reason = str(self.cleaned_data["reason"])
        # Too short a reason is refused by the action, whatever stands before it.
        return f"{purpose} · {reason}" if purpose and len(reason) >= 4 else reason
