"""Forms of the backlog file: nominate, take up, place, link, assess, report, agree."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Area, Unit
from accounts.roles import Scope
from accounts.widgets import FilesField, FilesInput, LocalDateInput, Segmented
from backlog.actions import matter
from backlog.actions.writing import FIELDS
from backlog.entry import sentences
from backlog.forms.naming import UnitField, UnitsField
from backlog.models import Assessment, CaseLink, TaskForce
from backlog.states import Reasonableness, Source
from dispatch.clocks import city_day
from dispatch.forms.base import lines, petition_by_number
from dispatch.forms.supervision import RowForm
from petitions.attachments import allowed_extensions
from petitions.duplicates import people_of, same_person
from petitions.models import Petition, Petitioner

# A campaign's usual length: what the target day starts with.
USUAL_DAYS = 180
SUGGESTED = 8
_TITLE_HELP = _("Stands on the wall: place and matter, no names of petitioners.")


def title_field() -> forms.CharField:
    """The title of a case."""
    return forms.CharField(label=_("Title"), max_length=matter.TITLE_LENGTH, help_text=_TITLE_HELP)


def papers_field(label: Any) -> FilesField:
    """Papers kept with the file."""
    return FilesField(label=label, required=False, widget=FilesInput(attrs={"accept": allowed_extensions()}))


def _units_list() -> forms.TextInput:
    return forms.TextInput(attrs={"list": "units", "autocomplete": "off"})


class NominateForm(forms.Form):
    """By hand, with reasons."""

    SOURCES = ((Source.HAND, _("By this office or unit")), (Source.SUPERIOR, _("On a superior's list")))

    title = title_field()
    source = forms.ChoiceField(label=_("Proposed"), choices=SOURCES, initial=Source.HAND, widget=Segmented)
    force = forms.ModelChoiceField(
        label=_("Task force"), queryset=TaskForce.objects.filter(is_active=True), required=False, empty_label="–"
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=1000,
        widget=lines(4),
        help_text=_("What has been tried, why it is still open, what keeps it from being settled."),
    )

    def arguments(self) -> dict[str, Any]:
        """Cleaned values for the action."""
        return {**self.cleaned_data, "source": Source(self.cleaned_data["source"])}


class PlaceForm(RowForm):
    """Whose the case is and who works on it."""

    title = title_field()
    district = forms.ModelChoiceField(
        label=_("District"), queryset=Area.objects.filter(kind=Area.Kind.DISTRICT).order_by("code"), empty_label=None
    )
    force = forms.ModelChoiceField(
        label=_("Task force"), queryset=TaskForce.objects.filter(is_active=True), required=False, empty_label="–"
    )
    lead_unit = UnitField(label=_("Responsible unit"), widget=_units_list(), help_text=_("Name or code."))
    assisting = UnitsField(
        label=_("Assisting units"), required=False, help_text=_("Several names with a comma between them.")
    )
    target_on = forms.DateField(label=_("To be settled by"), widget=LocalDateInput)
    text = forms.CharField(label=_("Remark"), max_length=500, required=False, widget=lines(2))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        case = self.row
        start = {
            "title": case.title,
            "district": case.district_id,
            "force": case.force_id,
            "lead_unit": case.lead_unit.name if case.lead_unit else "",
            "assisting": "、".join(unit.name for unit in case.assisting.all()),
            "target_on": case.target_on or city_day(self.at) + timedelta(days=USUAL_DAYS),
        }
        self.initial = {**start, **{k: v for k, v in self.initial.items() if v not in (None, "")}}
        if self.user.scope_for("backlog.accept") != Scope.CITY:
            districts = self.fields["district"]
            districts.queryset = districts.queryset.filter(pk=case.district_id)  # type: ignore[attr-defined]

    def hits(self) -> list[str]:
        """Why it was proposed, in words."""
        return sentences(self.row.hits)

    def units(self) -> list[Unit]:
        """Bureaus and towns of the district and the city's own, as proposals."""
        district = self.row.district_id
        near = Q(area=district) | Q(area__district=district) | Q(area__kind=Area.Kind.CITY)
        return list(Unit.objects.filter(near, is_active=True).order_by("-area__kind", "code")[:150])


class DeclineForm(RowForm):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=lines(3),
        help_text=_("Whoever nominated it reads it. The rules leave the petition alone for a year."),
    )


class LinkForm(RowForm):
    """By number, or one of those that look like the same people's."""

    number = forms.CharField(
        label=_("Petition number"),
        max_length=40,
        required=False,
        help_text=_("As in 26-000123. It must be one you may read."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("number", "")

    def suggestions(self) -> list[Petition]:
        """Petitions of the same people the reader may see that are on no living file, newest first."""
        people = people_of(self.row.petition)
        rows = Petition.objects.visible_to(self.user).filter(matter.is_free(), is_restricted=False, merged_into=None)
        same = Petitioner.objects.filter(same_person(people), withdrawn_at=None).values("petition_id")
        return list(rows.filter(pk__in=same).select_related("district").order_by("-id")[:SUGGESTED])

    def clean_number(self) -> Petition:
        words = self.cleaned_data["number"]
        if not words:
            raise ValidationError(_gettext("Give the number of the petition, or choose one below."))
        return petition_by_number(words, self.user)

    def arguments(self) -> dict[str, Any]:
        return {"petition": self.cleaned_data["number"]}


class UnlinkForm(RowForm):
    petition = forms.ModelChoiceField(label=_("Petition"), queryset=Petition.objects.none(), widget=forms.RadioSelect)
    reason = forms.CharField(label=_("Why it is another matter"), max_length=300, widget=lines(2))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = CaseLink.objects.filter(case=self.row).exclude(petition=self.row.petition_id)
        choice = self.fields["petition"]
        choice.queryset = Petition.objects.visible_to(self.user).filter(  # type: ignore[attr-defined]
            pk__in=others.values("petition_id")
        )
        choice.label_from_instance = lambda p: f"{p.short_number} {p.summary}"  # type: ignore[attr-defined]
        choice.empty_label = None  # type: ignore[attr-defined]


class ProgressForm(RowForm):
    files_field = "files"

    text = forms.CharField(
        label=_("Progress"),
        max_length=2000,
        widget=lines(5),
        help_text=_("What has been done since the last report, what is still open, what comes next."),
    )
    files = papers_field(_("Papers"))  # type: ignore[assignment]


def _long(label: Any, help_text: Any = "", rows: int = 3) -> forms.CharField:
    return forms.CharField(label=label, max_length=4000, required=False, widget=lines(rows), help_text=help_text)


class AssessForm(RowForm):
    """The file's own words; every field may stay as it is."""

    sticking_point = _long(_("Sticking point"), _("The one thing that has to change for the matter to end."), 2)
    reasonableness = forms.ChoiceField(
        label=_("Reasonableness"),
        choices=[("", _("not judged yet")), *Reasonableness.choices],
        required=False,
        widget=Segmented,
    )
    demands = _long(_("Main demands"))
    facts = _long(_("Facts found"), _("What is established, by which paper or visit."))
    legal_position = _long(_("Legal position"), _("What law decides; earlier replies, reviews, judgements."))
    plan = _long(_("Plan"), _("How it is to be settled; single steps with days are milestones."))
    outcome = _long(_("Outcome"), rows=2)
    follow_up = _long(_("Follow-up"), rows=2)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = Assessment.objects.filter(case=self.row).first()
        for name in FIELDS:
            self.initial.setdefault(name, getattr(known, name, ""))

    def arguments(self) -> dict[str, Any]:
        return {"values": {name: self.cleaned_data[name] for name in FIELDS}}


class AgreeForm(RowForm):
    files_field = "files"

    agreement = forms.CharField(
        label=_("Agreement"), max_length=4000, widget=lines(4), help_text=_("Who does what until when.")
    )
    agreed_on = forms.DateField(label=_("Agreement signed on"), required=False, widget=LocalDateInput)
    performance = forms.CharField(
        label=_("Performance of the agreement"),
        max_length=2000,
        required=False,
        widget=lines(3),
        help_text=_("What has been paid, built, issued; with which receipt."),
    )
    performed_on = forms.DateField(
        label=_("Performed on"), required=False, widget=LocalDateInput, help_text=_("Only when all of it is performed.")
    )
    files = papers_field(_("Papers"))  # type: ignore[assignment]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = Assessment.objects.filter(case=self.row).first()
        for name in ("agreement", "agreed_on", "performance", "performed_on"):
            self.initial.setdefault(name, getattr(known, name, None))
