"""The registration form: what a clerk takes down (domain-facts §7.1–7.2), checked where it is typed."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import Area, Unit, User
from accounts.roles import Role
from accounts.widgets import FilesField, FilesInput, LocalDateInput, Segmented
from petitions.actions import Person, Registration, Signer
from petitions.actions.representatives import check_representatives
from petitions.attachments import allowed_extensions
from petitions.forms.choices import URGENCY_MEANING, class_choices, district_choices, propose_summary, town_choices
from petitions.forms.people import clean_people
from petitions.identity import ResidentId, check_organisation_code, check_phone, parse_resident_id
from petitions.models import Channel, ContentClass, Petition, Petitioner, Purpose, Sensitivity, Urgency
from petitions.routes import ROUTES, Route, routes_for
from petitions.states import Refused

SUMMARY_LENGTH = 200
MAX_FILES = 10
_DEFAULT_CHANNEL = {Role.HOTLINE_AGENT: Channel.HOTLINE, Role.DISPATCHER: Channel.HOTLINE}


@dataclass(frozen=True)
class TypedMatter:
    """What kind of matter and where, as typed so far (petitions.likeness compares it)."""

    content_class_id: int
    area_id: int
    district_id: int


class RegistrationForm(forms.Form):
    """Everything said about a new matter. `registration` is what the action takes; valid forms only."""

    once = forms.CharField(widget=forms.HiddenInput, max_length=40)

    channel = forms.ChoiceField(label=gettext_lazy("Channel"), choices=Channel.choices)
    petition_date = forms.DateField(label=gettext_lazy("Date of the petition"), widget=LocalDateInput)
    source_ref = forms.CharField(
        label=gettext_lazy("Number at the source"),
        max_length=64,
        required=False,
        help_text=gettext_lazy("For example the 12345 order or the number of the superior's letter."),
    )

    is_anonymous = forms.BooleanField(
        label=gettext_lazy("The petitioner wants to stay anonymous or gives no name"), required=False
    )
    party_type = forms.ChoiceField(
        label=gettext_lazy("Petitioner is a"), choices=Petitioner.PartyType.choices, widget=Segmented
    )
    name = forms.CharField(label=gettext_lazy("Name"), max_length=60, required=False)
    phone = forms.CharField(label=gettext_lazy("Phone"), max_length=24, required=False)
    id_type = forms.ChoiceField(
        label=gettext_lazy("Kind of paper"), choices=[("", "–"), *Petitioner.IdType.choices], required=False
    )
    id_no = forms.CharField(label=gettext_lazy("Number of the paper"), max_length=30, required=False)
    sex = forms.ChoiceField(
        label=gettext_lazy("Sex"),
        choices=[("", gettext_lazy("not stated")), ("male", gettext_lazy("male")), ("female", gettext_lazy("female"))],
        required=False,
    )
    home_address = forms.CharField(label=gettext_lazy("Home address"), max_length=200, required=False)
    contact_preference = forms.CharField(
        label=gettext_lazy("How to reach"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("Times, dialect, who may answer: only what the petitioner asks for."),
    )

    content = forms.CharField(label=gettext_lazy("Content"), max_length=20000, widget=forms.Textarea(attrs={"rows": 7}))
    summary = forms.CharField(
        label=gettext_lazy("Summary"),
        max_length=SUMMARY_LENGTH,
        required=False,
        help_text=gettext_lazy("One line for lists, without names or numbers of papers. Empty: the first sentence."),
    )
    demand = forms.CharField(
        label=gettext_lazy("Demand"), max_length=5000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    purpose = forms.ChoiceField(label=gettext_lazy("Purpose"), choices=Purpose.choices, widget=Segmented)
    route = forms.ChoiceField(
        label=gettext_lazy("Legal route"),
        choices=lambda: [("", _("– decided after registration –")), *((key, Route(key).label) for key in ROUTES)],
        required=False,
    )
    respondent_unit = forms.CharField(
        label=gettext_lazy("Unit complained of"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("It will never see the petition, nor will the units above and below it."),
    )
    respondent = forms.CharField(label=gettext_lazy("Person complained of"), max_length=200, required=False)
    content_class = forms.ModelChoiceField(
        label=gettext_lazy("Content class"), queryset=ContentClass.objects.filter(is_active=True)
    )
    urgency = forms.ChoiceField(
        label=gettext_lazy("Urgency"),
        # A lazy list: labels are translated for each person, not once when the module loads.
        choices=lambda: [(value, f"{Urgency(value).label} · {words}") for value, words in URGENCY_MEANING.items()],
        widget=forms.RadioSelect,
    )

    district = forms.ModelChoiceField(
        label=pgettext_lazy("place", "District"), queryset=Area.objects.none(), required=False
    )
    town = forms.ModelChoiceField(label=gettext_lazy("Town or street"), queryset=Area.objects.none(), required=False)
    address = forms.CharField(label=gettext_lazy("Address of the problem"), max_length=200, required=False)
    occurred_on = forms.DateField(label=gettext_lazy("Happened on"), widget=LocalDateInput, required=False)
    headcount = forms.IntegerField(label=gettext_lazy("Persons"), min_value=1, max_value=100000)
    affected_count = forms.IntegerField(
        label=gettext_lazy("Persons affected"), min_value=1, max_value=1000000, required=False
    )
    is_open_to_public = forms.BooleanField(label=gettext_lazy("The outcome may be published"), required=False)
    signers = forms.CharField(
        label=gettext_lazy("Representatives and joint signers"),
        max_length=60000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "One person a line: name, number of the paper, phone, home address; only the name is needed. A line that"
            " begins with * is a representative."
        ),
    )
    is_confidential = forms.BooleanField(label=gettext_lazy("Confidential"), required=False)

    repeat_of = forms.IntegerField(required=False, widget=forms.HiddenInput)
    # What the chosen earlier petition is to this one, and why none of those shown is.
    repeat_kind = forms.ChoiceField(
        label=gettext_lazy("This is"),
        choices=[
            ("repeat", gettext_lazy("the same matter raised again")),
            ("same", gettext_lazy("the same submission twice: merge it")),
        ],
        required=False,
        widget=Segmented,
    )
    new_matter = forms.CharField(
        label=gettext_lazy("Why is it a new matter?"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("Needed where the same person has said much the same before."),
    )
    # The class attribute goes into `base_fields`; `form.files` stays the uploads of the request.
    files = FilesField(  # type: ignore[assignment]
        label=gettext_lazy("Material handed in"),
        required=False,
        widget=FilesInput(attrs={"accept": allowed_extensions()}),
    )

    def __init__(self, *args: Any, user: User, today: date, class_words: str = "", **kwargs: Any) -> None:
        self.user, self.today = user, today
        super().__init__(*args, **kwargs)
        self.districts = district_choices(user)
        district = self.fields["district"]
        district.queryset = Area.objects.filter(pk__in=[area.pk for area in self.districts])  # type: ignore[attr-defined]
        district.choices = [("", _("– choose –")), *((str(a.pk), a.label) for a in self.districts)]  # type: ignore[attr-defined]
        town = self.fields["town"]
        town.queryset = Area.objects.filter(district__in=self.districts).exclude(kind=Area.Kind.DISTRICT)  # type: ignore[attr-defined]
        town.choices = town_choices(self.districts, str(self["district"].value() or ""))  # type: ignore[attr-defined]
        chosen = str(self["content_class"].value() or "")
        self.fields["content_class"].choices = class_choices(class_words, always=chosen)  # type: ignore[attr-defined]
        self.fields["petition_date"].widget.attrs["max"] = today.isoformat()
        self.fields["occurred_on"].widget.attrs["max"] = today.isoformat()
        self.fields["respondent_unit"].widget.attrs["list"] = "units"
        open_routes = routes_for(str(self["purpose"].value() or ""))
        none = ("", _("– decided after registration –"))
        self.fields["route"].choices = [none, *((key, Route(key).label) for key in open_routes)]  # type: ignore[attr-defined]

    @staticmethod
    def defaults(user: User, today: date) -> dict[str, Any]:
        """What a fresh form shows."""
        districts = district_choices(user)
        own = user.unit.area.district_id if user.unit else None
        return {
            "channel": _DEFAULT_CHANNEL.get(Role(user.role), Channel.VISIT),
            "petition_date": today,
            "party_type": Petitioner.PartyType.PERSON,
            "purpose": Purpose.SETTLE,
            "urgency": Urgency.NORMAL,
            "headcount": 1,
            "repeat_kind": "repeat",
            "district": next((a.pk for a in districts if a.pk == own or len(districts) == 1), None),
            "id_type": Petitioner.IdType.RESIDENT,
        }

    # ---- checks ----

    def clean_petition_date(self) -> date:
        """Not in the future, and not so old that the year was mistyped."""
        day: date = self.cleaned_data["petition_date"]
        if day > self.today:
            raise ValidationError(_("The petition cannot come from the future."))
        if day < self.today - timedelta(days=3650):
            raise ValidationError(_("That is more than ten years ago. Please check the year."))
        return day

    def clean_occurred_on(self) -> date | None:
        """Not in the future."""
        day: date | None = self.cleaned_data["occurred_on"]
        if day and day > self.today:
            raise ValidationError(_("This day has not come yet."))
        return day

    def clean_phone(self) -> str:
        """A number somebody can be called on."""
        phone: str = self.cleaned_data["phone"]
        return _judged(check_phone, phone) if phone else ""

    def clean_respondent_unit(self) -> Unit | None:
        """The one unit the words mean: its code, its name or its short name."""
        text = self.cleaned_data["respondent_unit"].strip()
        if not text:
            return None
        exact = list(Unit.objects.filter(Q(code=text) | Q(name=text) | Q(short_name=text))[:2])
        found = exact or list(Unit.objects.filter(Q(name__icontains=text) | Q(short_name__icontains=text))[:6])
        if len(found) == 1:
            return found[0]
        if not found:
            raise ValidationError(_("No unit has this name."))
        raise ValidationError(
            _("Several units fit: %(names)s. Please write one in full."),
            params={"names": _(", ").join(u.name for u in found)},
        )

    def clean_signers(self) -> list[Signer]:
        """The persons of the lines, or what is wrong with each line."""
        return clean_people(self.cleaned_data["signers"], today=self.today)

    def clean_content_class(self) -> ContentClass:
        """A class of the second level where there is one: a head alone says too little to dispatch by."""
        chosen: ContentClass = self.cleaned_data["content_class"]
        if chosen.level == 1 and chosen.children.filter(is_active=True).exists():
            raise ValidationError(
                _("Please choose one of the classes below “%(head)s”."), params={"head": chosen.label}
            )
        return chosen

    def clean_files(self) -> list[Any]:
        """Not more than somebody looks at."""
        files: list[Any] = self.cleaned_data["files"]
        if len(files) > MAX_FILES:
            raise ValidationError(_("Please send at most %(limit)d files at once."), params={"limit": MAX_FILES})
        return files

    def clean_repeat_of(self) -> Petition | None:
        """An earlier petition this person may see."""
        pk = self.cleaned_data["repeat_of"]
        if not pk:
            return None
        earlier = Petition.objects.visible_to(self.user).filter(pk=pk).first()
        if earlier is None:
            raise ValidationError(_("The earlier petition is not there any more."))
        return earlier

    def clean(self) -> dict[str, Any]:
        """What needs more than one field."""
        data = super().clean() or self.cleaned_data
        self._check_paper(data)
        if not data.get("is_anonymous") and not data.get("name") and "name" not in self.errors:
            self.add_error("name", _("Please write the name, or mark the petition as anonymous."))
        town, district = data.get("town"), data.get("district")
        if town and district and town.district_id != district.pk:
            self.add_error("town", _("This town does not belong to the district chosen."))
        if not town and not district and not {"town", "district"} & set(self.errors):
            self.add_error("district", _("Please choose where the problem is."))
        headcount, affected = data.get("headcount"), data.get("affected_count")
        if headcount and affected and affected < headcount:
            self.add_error("affected_count", _("At least as many are affected as petition."))
        if data.get("route") and data.get("route") not in routes_for(data.get("purpose", "")):
            self.add_error("route", _("This purpose does not know that route. Choose another."))
        self._check_group(data)
        earlier = data.get("repeat_of")
        if earlier and earlier.is_restricted and data.get("purpose") != Purpose.ACCUSE:
            # The number of an accusation must not stand on a case others read (domain-facts §1.17).
            self.add_error("repeat_of", _("The earlier petition is not there any more."))
        if earlier and data.get("repeat_kind") == "same":
            if not self.user.may("petitions.merge"):
                self.add_error("repeat_kind", _("Your role may not merge. Mark it as raised again; the office merges."))
            elif not earlier.is_open:
                self.add_error("repeat_kind", _("The earlier petition has ended; this one is a repeat of it."))
        if data.get("content") and not data.get("summary"):
            data["summary"] = propose_summary(data["content"])
        return data

    def _check_group(self, data: dict[str, Any]) -> None:
        """Signers need a main petitioner; representatives are capped by the size of the group (art. 20)."""
        signers: list[Signer] = data.get("signers") or []
        if signers and data.get("is_anonymous"):
            self.add_error("signers", _("An anonymous petition has no named signers."))
        if not signers or not data.get("headcount"):
            return
        data["headcount"] = max(data["headcount"], len(signers) + 1)
        delegates = sum(signer.role == Petitioner.Role.REPRESENTATIVE for signer in signers)
        try:
            check_representatives(data["headcount"], delegates)
        except Refused as refusal:
            self.add_error("signers", str(refusal))

    def _check_paper(self, data: dict[str, Any]) -> None:
        number, kind = data.get("id_no", ""), data.get("id_type", "")
        if not number:
            return
        try:
            if kind == Petitioner.IdType.RESIDENT:
                person = parse_resident_id(number, today=self.today)
                data["id_no"], data["sex"] = person.number, person.sex
            elif kind == Petitioner.IdType.CREDIT_CODE:
                data["id_no"] = check_organisation_code(number)
            elif not kind:
                self.add_error("id_type", _("Please say what kind of paper this is."))
        except ValueError as error:
            self.add_error("id_no", str(error))

    # ---- what comes out ----

    @property
    def paper_problem(self) -> str:
        """What is wrong with the number typed so far, for the hint beside it."""
        number, kind = str(self["id_no"].value() or ""), self["id_type"].value()
        checks = {Petitioner.IdType.CREDIT_CODE: check_organisation_code}
        try:
            if number and kind == Petitioner.IdType.RESIDENT:
                parse_resident_id(number, today=self.today)
            elif number and kind in checks:
                checks[kind](number)
        except ValueError as error:
            return "" if self.is_bound else str(error)
        return ""

    @cached_property
    def resident(self) -> ResidentId | None:
        """What the identity number typed says, for the hint beside it; None while it is empty or wrong."""
        number = str(self["id_no"].value() or "")
        if self["id_type"].value() != Petitioner.IdType.RESIDENT or not number:
            return None
        try:
            return parse_resident_id(number, today=self.today)
        except ValueError:
            return None

    def typed_person(self) -> Person:
        """The person as typed so far, whether or not the rest is right."""
        values = {name: str(self[name].value() or "").strip() for name in ("name", "phone", "id_no")}
        return Person(**values)

    def typed_text(self) -> str:
        """The words as typed so far."""
        parts = (str(self[name].value() or "").strip() for name in ("summary", "content", "demand"))
        return "\n".join(part for part in parts if part)

    def typed_matter(self) -> "TypedMatter | None":
        """Class and place as typed so far, for the score; None until both are chosen."""
        district, town, chosen = (str(self[n].value() or "") for n in ("district", "town", "content_class"))
        if not (district.isdecimal() and chosen.isdecimal()):
            return None
        return TypedMatter(int(chosen), int(town) if town.isdecimal() else int(district), int(district))

    def person(self) -> Person:
        """The petitioner of a valid form."""
        data = self.cleaned_data
        return Person(
            name=data["name"].strip(),
            party_type=data["party_type"],
            id_type=data["id_type"] if data["id_no"] else "",
            id_no=data["id_no"],
            phone=data["phone"],
            address=data["home_address"],
            sex=data["sex"],
            contact_preference=data["contact_preference"],
        )

    def registration(self, register_unit: Unit) -> Registration:
        """What the action takes, from a valid form."""
        data = self.cleaned_data
        accuses = data["purpose"] == Purpose.ACCUSE
        return Registration(
            channel=data["channel"],
            summary=data["summary"],
            content=data["content"],
            content_class=data["content_class"],
            area=data["town"] or data["district"],
            petition_date=data["petition_date"],
            register_unit=register_unit,
            person=self.person(),
            source_ref=data["source_ref"].strip(),
            purpose=data["purpose"],
            route=data["route"],
            signers=data["signers"],
            urgency=data["urgency"],
            sensitivity=Sensitivity.CONFIDENTIAL if data["is_confidential"] else Sensitivity.NORMAL,
            address=data["address"],
            demand=data["demand"],
            occurred_on=data["occurred_on"],
            headcount=data["headcount"],
            affected_count=max(data["affected_count"] or 0, data["headcount"]),
            is_anonymous=data["is_anonymous"],
            is_open_to_public=data["is_open_to_public"],
            # Kept only where it is needed: an ordinary matter stores nobody as complained of (PIPL 6).
            respondent_unit=data["respondent_unit"] if accuses else None,
            respondent=data["respondent"] if accuses else "",
            repeat_of=None if self.is_same_submission else data["repeat_of"],
            new_matter="" if data["repeat_of"] else data["new_matter"].strip(),
        )

    @property
    def is_same_submission(self) -> bool:
        """The clerk says it came in twice: it is registered and merged into the chosen one at once."""
        return bool(self.cleaned_data.get("repeat_of")) and self.cleaned_data.get("repeat_kind") == "same"


def _judged(check: Any, value: str) -> str:
    try:
        return str(check(value))
    except ValueError as error:
        raise ValidationError(str(error)) from None
