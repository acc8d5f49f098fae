"""Forms of the five renewals, of acceptance and strike-off, and of what comes after."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.widgets import Segmented
from backlog.acceptance_words import so_far
from backlog.actions import acceptance, renewals, watching
from backlog.actions.acceptance import Application, Basis, Called, Help, Sample
from backlog.forms.base import CaseForm, FilesForm, day_field, rating_field, rating_of
from backlog.states import SettlementWay, Stage
from dispatch.forms.base import lines, petition_by_number
from petitions.models import Petition

_SHOWS = _("What shows it: document, day, place.")


class RenewForm(FilesForm):
    """The next of the five renewals."""

    stage = forms.IntegerField(widget=forms.HiddenInput)
    done_on = day_field(_("Done on"))
    text = forms.CharField(label=_("What was done"), max_length=4000, widget=lines(6))

    field_order = ["done_on", "text", "files"]

    HINTS = {
        Stage.RESPONSIBILITY: _("Who leads, which unit is responsible, who assists."),
        Stage.RECEPTION: _("Who received whom, when and where; what the person said and asks for."),
        Stage.FACTS: _("What was looked into anew, and what it changes."),
        Stage.PLAN: _("The plan and its milestones, and who agreed to it."),
        Stage.SETTLEMENT: _("What was offered, agreed and done."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stage_now = renewals.next_stage(self.row)
        self.initial["stage"] = self.stage_now
        self.initial.setdefault("done_on", self.today())
        if self.stage_now is not None:
            self.fields["text"].help_text = self.HINTS[Stage(self.stage_now)]

    @property
    def stage_label(self) -> str:
        """The stage in words; '' when all are done."""
        return str(Stage(self.stage_now).label) if self.stage_now is not None else ""

    def lacking(self) -> list[str]:
        """What must be there first."""
        return renewals.lacking(self.row, self.stage_now) if self.stage_now is not None else []


class HearForm(CaseForm):
    petition = forms.ModelChoiceField(
        label=_("Petition"), queryset=Petition.objects.none(), empty_label=None, widget=forms.RadioSelect
    )
    subject = forms.CharField(label=_("What the hearing is about"), max_length=2000, widget=lines(4))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Petition.objects.visible_to(self.user).filter(backlog_links__case=self.row).order_by("-is_open", "pk")
        field = self.fields["petition"]
        field.queryset = rows  # type: ignore[attr-defined]
        field.label_from_instance = lambda p: f"{p.short_number} · {p.summary} · {p.get_state_display()}"  # type: ignore[attr-defined]
        self.initial.setdefault("petition", self.row.petition_id)


class ApplyForm(FilesForm):
    """The checklist (a)–(e) of acceptance."""

    text = forms.CharField(label=_("How it was settled"), max_length=4000, widget=lines(4))
    way = forms.ChoiceField(label=_("Way of settlement"), choices=SettlementWay.choices)
    facts_clear = forms.CharField(
        label=_("(a) Facts clear, opinion lawful, reasonable demands met"),
        max_length=500,
        widget=lines(2),
        help_text=_SHOWS,
    )
    basis = forms.ChoiceField(
        label=_("(b) The settlement rests on"), choices=Basis.choices, widget=forms.RadioSelect, initial=Basis.AGREEMENT
    )
    basis_evidence = forms.CharField(
        label=_("What shows that it is performed or ended"), max_length=500, widget=lines(2), help_text=_SHOWS
    )
    help = forms.ChoiceField(label=_("(c) Help where due"), choices=Help.choices, widget=forms.RadioSelect)
    help_evidence = forms.CharField(
        label=_("Which help, or why none is due"), max_length=500, widget=lines(2), help_text=_SHOWS
    )
    informed_on = day_field(_("(d) The person was informed on"))
    rating = rating_field(_("The person's rating"))

    field_order = [
        "text",
        "way",
        "facts_clear",
        "basis",
        "basis_evidence",
        "help",
        "help_evidence",
        "informed_on",
        "rating",
        "files",
    ]

    def gaps(self) -> list[str]:
        """(e) What the file lacks."""
        return acceptance.file_gaps(self.row)

    def arguments(self) -> dict[str, Any]:
        data = self.cleaned_data
        names = ("facts_clear", "basis", "basis_evidence", "help", "help_evidence", "informed_on", "way")
        application = Application(**{name: data[name] for name in names}, rating=rating_of(data["rating"]))
        return {"application": application, "text": data["text"]}


class _OnApplication(CaseForm):
    """A decision on an application."""

    def so_far(self) -> list[Any]:
        """What was applied for and found until now."""
        return so_far(self.row)


class SignForm(_OnApplication):
    text = forms.CharField(
        label=_("Opinion"), max_length=1000, required=False, widget=lines(3), help_text=_("May stay empty.")
    )


class CheckForm(FilesForm, _OnApplication):
    text = forms.CharField(label=_("What the file shows"), max_length=2000, widget=lines(4))
    called = forms.ChoiceField(label=_("Callback"), choices=Called.choices, widget=forms.RadioSelect)
    said = forms.CharField(label=_("What came of the call"), max_length=1000, widget=lines(3))
    rating = rating_field(_("The person's rating"))

    field_order = ["text", "called", "said", "rating", "files"]

    def arguments(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "text": data["text"],
            "called": data["called"],
            "said": data["said"],
            "rating": rating_of(data["rating"]),
        }


class CertifyForm(FilesForm, _OnApplication):
    sample = forms.ChoiceField(label=_("How the city has looked"), choices=Sample.choices, widget=Segmented)
    way = forms.ChoiceField(label=_("Way of settlement"), choices=SettlementWay.choices)
    text = forms.CharField(label=_("What you found"), max_length=2000, widget=lines(4))

    field_order = ["sample", "way", "text", "files"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        step = acceptance.last_step(self.row, acceptance.Kind.APPLY)
        if step is not None:
            self.initial.setdefault("way", step.facts.get("way"))


class SendBackForm(_OnApplication):
    reason = forms.CharField(
        label=_("What is missing"),
        max_length=2000,
        widget=lines(4),
        help_text=_("The unit reads it and applies again."),
    )


class StrikeOffForm(CaseForm):
    days = forms.IntegerField(
        label=_("Observed for … days"),
        min_value=watching.SHORTEST,
        max_value=watching.LONGEST,
        help_text=_("By the rule unless you change it. Raised again with new facts in this time it is a rebound."),
    )
    text = forms.CharField(label=_("Remark"), max_length=500, required=False, widget=lines(2))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("days", watching.observation_days())


class ObserveForm(FilesForm):
    text = forms.CharField(label=_("What the observation has shown"), max_length=2000, widget=lines(4))

    field_order = ["text", "files"]


class ReboundForm(CaseForm):
    petition = forms.CharField(
        label=_("Petition that shows it"),
        max_length=40,
        required=False,
        help_text=_("Year and number, as in 26-000123. It joins the file. May stay empty when it came up otherwise."),
    )
    reason = forms.CharField(
        label=_("What has come up again"), max_length=2000, widget=lines(4), help_text=_("And what is new in it.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        waiting = watching.proposals(self.row)
        if waiting:
            shown = Petition.objects.visible_to(self.user).filter(pk=waiting[-1].data["petition"]).first()
            self.initial.setdefault("petition", shown.short_number if shown is not None else "")

    def clean_petition(self) -> Petition | None:
        words = self.cleaned_data["petition"]
        return petition_by_number(words, self.user) if words.strip() else None


class NoReboundForm(CaseForm):
    petition = forms.ModelChoiceField(
        label=_("Petition"), queryset=Petition.objects.none(), empty_label=None, widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label=_("Why it is no rebound"),
        max_length=1000,
        widget=lines(3),
        help_text=_("For example: the same facts and reasons, answered already; or another matter."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        waiting = [row.data["petition"] for row in watching.proposals(self.row)]
        field = self.fields["petition"]
        field.queryset = Petition.objects.visible_to(self.user).filter(pk__in=waiting).order_by("pk")  # type: ignore[attr-defined]
        field.label_from_instance = lambda p: f"{p.short_number} · {p.summary}"  # type: ignore[attr-defined]
        if len(waiting) == 1:
            self.initial.setdefault("petition", waiting[0])


class RelistForm(CaseForm):
    reason = forms.CharField(label=_("Remark"), max_length=500, required=False, widget=lines(2))


class EndLegallyForm(FilesForm):
    way = forms.ChoiceField(
        label=_("Ended by"),
        choices=[(way.value, way.label) for way in (SettlementWay.REVIEW, SettlementWay.JUDICIAL)],
        widget=Segmented,
        initial=SettlementWay.REVIEW,
    )
    text = forms.CharField(
        label=_("How it ended, and by which document"), max_length=2000, widget=lines(4), help_text=_("Number and day.")
    )

    field_order = ["way", "text", "files"]
