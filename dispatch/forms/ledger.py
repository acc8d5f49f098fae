"""Forms of pauses and extensions."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.widgets import FilesField, FilesInput, LocalDateInput, Segmented
from dispatch import ledger
from dispatch.actions.ledger import extendable
from dispatch.forms.base import StepForm, lines
from dispatch.grounds import GROUNDS, PauseGround
from dispatch.models import Clock, Extension
from dispatch.timeline import rule_name
from petitions.attachments import allowed_extensions

_FILES = {"accept": allowed_extensions()}


def _ground_choices() -> list[tuple[str, str]]:
    return [(g.value, f"{g.label}（{GROUNDS[g].source}）") for g in PauseGround if not GROUNDS[g].opens_by_move]


class AskPauseForm(StepForm):
    """On what ground the order should rest, until when, with which document."""

    files_field = "documents"

    ground = forms.ChoiceField(label=_("Ground"), choices=_ground_choices, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("What is waited for"),
        max_length=1000,
        widget=lines(3),
        help_text=_("From whom, since when, and why nothing can be done before."),
    )
    until = forms.DateField(
        label=_("Last day of the pause"),
        required=False,
        widget=LocalDateInput,
        help_text=_("The clock goes on by itself after this day. Without a day the office ends the pause."),
    )
    documents = FilesField(
        label=_("Document"),
        required=False,
        widget=FilesInput(attrs=_FILES),
        help_text=_("The order for an expert opinion, the petitioner's letter, the other organ's notice …"),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        ground = data.get("ground")
        if ground and GROUNDS[PauseGround(ground)].needs_document and not data.get("documents"):
            self.add_error("documents", _("This ground needs a document."))
        return data


def _decision(grant: Any, refuse: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("Decision"),
        choices=[("grant", grant), ("refuse", refuse)],
        widget=Segmented,
        error_messages={"required": _("Please decide: grant or refuse.")},
    )


class DecidePauseForm(StepForm):
    """The office's decision on a request to pause."""

    decision = _decision(_("Pause the clock"), _("Refuse"))
    remark = forms.CharField(
        label=_("Remark"),
        max_length=1000,
        required=False,
        widget=lines(3),
        help_text=_("When refused: why. The unit reads exactly this."),
    )

    def arguments(self) -> dict[str, Any]:
        return {"grants": self.cleaned_data["decision"] == "grant", "remark": self.cleaned_data["remark"]}


class ResumeForm(StepForm):
    """Why the pause ends."""

    remark = forms.CharField(label=_("Remark"), max_length=500, required=False, widget=lines(2))


class AskExtensionForm(StepForm):
    """Which deadline needs more time, how much, and why."""

    files_field = "evidence"

    clock = forms.ModelChoiceField(
        label=_("Deadline"), queryset=Clock.objects.none(), widget=forms.RadioSelect, empty_label=None
    )
    amount = forms.IntegerField(
        label=_("How much more time"), min_value=1, help_text=_("In the unit of the deadline chosen above.")
    )
    reason = forms.CharField(
        label=_("Grounds"),
        max_length=1000,
        widget=lines(3),
        help_text=_("Why it cannot be done in time although it was worked on. The petitioner will be told."),
    )
    evidence = FilesField(label=_("Evidence"), required=False, widget=FilesInput(attrs=_FILES))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assert self.order is not None
        ids = [clock.pk for clock in extendable(self.order, self.at)]
        field = self.fields["clock"]
        field.queryset = Clock.objects.filter(pk__in=ids).select_related("policy")  # type: ignore[attr-defined]
        field.label_from_instance = _clock_label  # type: ignore[attr-defined]
        if len(ids) == 1:
            self.initial["clock"] = ids[0]


def _clock_label(clock: Clock) -> str:
    most = ledger.amount_text(clock.policy.extend_max - clock.extended, clock.policy)
    return str(_("%(rule)s, by %(amount)s at most") % {"rule": rule_name(clock.policy), "amount": most})


class DecideExtensionForm(StepForm):
    """The hub's decision on a promise; the petitioner must have been told."""

    permission = "dispatch.extend"

    extension = forms.ModelChoiceField(
        label=_("Request"), queryset=Extension.objects.none(), widget=forms.RadioSelect, empty_label=None
    )
    decision = _decision(_("Extend"), _("Refuse"))
    told_how = forms.ChoiceField(
        label=_("How the petitioner was told"), choices=Extension.Told.choices, required=False, widget=Segmented
    )
    told = forms.CharField(
        label=_("What the petitioner was told"),
        max_length=1000,
        required=False,
        widget=lines(3),
        help_text=_("The reason and the new date. The petitioner can read this when looking up the matter."),
    )
    remark = forms.CharField(
        label=_("Why it is refused"),
        max_length=1000,
        required=False,
        widget=lines(2),
        help_text=_("The unit reads exactly this."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assert self.order is not None
        self.requests = ledger.asked_extensions(self.order, self.permission)
        field = self.fields["extension"]
        field.queryset = Extension.objects.filter(  # type: ignore[attr-defined]
            pk__in=[entry.pk for entry in self.requests]
        ).select_related("clock__policy")
        field.label_from_instance = _extension_label  # type: ignore[attr-defined]
        if len(self.requests) == 1:
            self.initial["extension"] = self.requests[0].pk
        nobody = Extension.Told.NOBODY
        telling = self.fields["told_how"]
        telling.choices = [  # type: ignore[attr-defined]
            choice for choice in Extension.Told.choices if (choice[0] == nobody) == self.petition.is_anonymous
        ]
        if self.petition.is_anonymous:
            self.initial["told_how"] = nobody
            del self.fields["told"]

    def arguments(self) -> dict[str, Any]:
        data = super().arguments()
        is_granted = data.pop("decision") == "grant"
        return {**data, "grants": is_granted}


def _extension_label(entry: Extension) -> str:
    more = ledger.amount_text(entry.amount, entry.clock.policy)
    return str(_("%(rule)s, %(amount)s more") % {"rule": rule_name(entry.clock.policy), "amount": more})


class DecideLegalExtensionForm(DecideExtensionForm):
    """The same for a legal period: the head of the handling unit decides (Regulation, art. 34)."""

    permission = "dispatch.extend_legal"
