"""Forms of intake on the case page: route, more material, signers, splitting, hand-over, joint conference."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from accounts.models import Area, Unit
from accounts.widgets import FilesField, FilesInput, Segmented
from dispatch.catalogue import suggest
from dispatch.forms.base import StepForm, lines
from dispatch.forms.units import UnitsForm
from dispatch.models import WorkOrder
from petitions.actions import Part, Signer
from petitions.attachments import allowed_extensions
from petitions.consequences import Choice, Consequences, consequences
from petitions.forms import class_choices
from petitions.forms.people import clean_people, sheet_people
from petitions.models import Attachment, ContentClass, CrossKind, Petition, Petitioner, Purpose
from petitions.routes import ROUTES, Route, routes_for


class SetRouteForm(StepForm):
    """Purpose and legal route corrected, with what follows from them."""

    purpose = forms.ChoiceField(label=_("Purpose"), choices=Purpose.choices, widget=Segmented)
    route = forms.ChoiceField(
        label=_("Legal route"),
        choices=[("", _("– not decided –")), *((key, Route(key).label) for key in ROUTES)],
        required=False,
    )
    reason = forms.CharField(label=_("Why it is a different one"), max_length=500, widget=lines(2))

    def proposals_for(self, petition: Petition, order: WorkOrder | None) -> dict[str, Any]:
        return {"purpose": petition.purpose, "route": petition.route}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("route") and data["route"] not in routes_for(data.get("purpose", "")):
            self.add_error("route", _("This purpose does not know that route. Choose another."))
        return data

    def follows(self) -> Consequences:
        """What the choice typed so far would mean."""
        petition = self.petition
        purpose, route = (str(self[name].value() or "") for name in ("purpose", "route"))
        choice = Choice(
            purpose=purpose,
            route=route if route in routes_for(purpose) else "",
            urgency=petition.urgency,
            register_unit=petition.register_unit,
            is_anonymous=petition.is_anonymous,
        )
        text = f"{petition.summary}\n{petition.content}\n{petition.demand}"
        return consequences(choice, self.at, text=text, content_class=petition.content_class.code)


class SupplementForm(StepForm):
    """What the petitioner adds, in words or files."""

    text = forms.CharField(label=_("What is added"), max_length=5000, required=False, widget=lines(5))
    uploads = FilesField(  # type: ignore[assignment]
        label=_("Material handed in"), required=False, widget=FilesInput(attrs={"accept": allowed_extensions()})
    )


class SignersForm(StepForm):
    """Joint signers, one by one, pasted as lines or as a sheet; each line is judged before any is taken."""

    rows = forms.CharField(
        label=_("Persons"),
        max_length=200000,
        required=False,
        widget=lines(6),
        help_text=_(
            "One person a line: name, number of the paper, phone, home address; only the name is needed. A line that"
            " begins with * is a representative."
        ),
    )
    sheet = forms.FileField(
        label=_("Or a sheet (xlsx)"),
        required=False,
        help_text=_("Columns as in the lines; the first row may be a heading."),
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        today = localdate(self.at)
        found: list[Signer] = []
        for name, read in (("rows", clean_people), ("sheet", sheet_people)):
            if data.get(name) and name not in self.errors:
                try:
                    found += read(data[name], today=today)
                except ValidationError as error:
                    self.add_error(name, error)
        if not found and not self.errors:
            self.add_error("rows", _("Please name at least one person."))
        data["signers"] = found
        return data

    def arguments(self) -> dict[str, Any]:
        return {"signers": self.cleaned_data["signers"]}


class SendUpForm(StepForm):
    """The organ an accusation belongs to; nothing else is asked, nothing else is kept."""

    organ = forms.CharField(label=_("Organ it is sent up to"), max_length=60)


class SignerField(forms.ModelChoiceField):
    """A person of the petition, masked, with their part."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name_masked or '–'} · {obj.phone_masked or obj.id_masked or '–'} · {obj.get_role_display()}"


class SignerStepForm(StepForm):
    """Base: one of the persons who have signed."""

    petitioner_id = SignerField(
        label=_("Person"), queryset=Petitioner.objects.none(), widget=forms.RadioSelect, empty_label=None
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Petitioner.objects.filter(petition=self.petition, withdrawn_at=None).order_by("-is_main", "id")
        self.fields["petitioner_id"].queryset = self.people(rows)  # type: ignore[attr-defined]

    def people(self, rows: QuerySet[Petitioner]) -> QuerySet[Petitioner]:
        """Who may be chosen."""
        return rows

    def arguments(self) -> dict[str, Any]:
        return {**super().arguments(), "petitioner_id": self.cleaned_data["petitioner_id"].pk}


class WithdrawSignerForm(SignerStepForm):
    """One of several takes their name back."""

    reason = forms.CharField(label=_("Why and how the petitioner withdrew"), max_length=1000, widget=lines(3))


class SignerRoleForm(SignerStepForm):
    """A signer becomes a representative, or the other way round."""

    role = forms.ChoiceField(
        label=_("Part in the petition"),
        choices=[c for c in Petitioner.Role.choices if c[0] != Petitioner.Role.MAIN],
        widget=Segmented,
    )

    def people(self, rows: QuerySet[Petitioner]) -> QuerySet[Petitioner]:
        return rows.exclude(role=Petitioner.Role.MAIN)


PARTS = 3
_PART_FIELDS = ("summary", "content", "content_class", "purpose", "files")


class SplitForm(StepForm):
    """Up to three matters split off at once; what is left empty is as in the submission."""

    reason = forms.CharField(label=_("Why it is split"), max_length=500, widget=lines(2))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        petition = self.petition
        classes = ContentClass.objects.filter(is_active=True)
        choices = class_choices(always=str(petition.content_class_id))
        files = Attachment.objects.filter(petition=petition).order_by("id")
        for n in range(1, PARTS + 1):
            self.fields[f"summary_{n}"] = forms.CharField(label=_("Summary"), max_length=200, required=n == 1)
            self.fields[f"content_{n}"] = forms.CharField(
                label=_("Content"), max_length=20000, required=n == 1, widget=lines(4)
            )
            chosen = forms.ModelChoiceField(
                label=_("Content class"), queryset=classes, required=False, initial=petition.content_class_id
            )
            chosen.choices = choices
            self.fields[f"content_class_{n}"] = chosen
            self.fields[f"purpose_{n}"] = forms.ChoiceField(
                label=_("Purpose"), choices=Purpose.choices, required=False, initial=petition.purpose, widget=Segmented
            )
            self.fields[f"files_{n}"] = forms.ModelMultipleChoiceField(
                label=_("Files that belong to it"),
                queryset=files,
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )

    def blocks(self) -> list[list[forms.BoundField]]:
        """The fields of each matter, for the page; files only where there are any."""
        has_files = Attachment.objects.filter(petition=self.petition).exists()
        names = [name for name in _PART_FIELDS if has_files or name != "files"]
        return [[self[f"{name}_{n}"] for name in names] for n in range(1, PARTS + 1)]

    def arguments(self) -> dict[str, Any]:
        data = self.cleaned_data
        parts = [
            Part(
                summary=data[f"summary_{n}"],
                content=data[f"content_{n}"],
                content_class=data[f"content_class_{n}"] or self.petition.content_class,
                purpose=data[f"purpose_{n}"],
                files=[row.pk for row in data[f"files_{n}"]],
            )
            for n in range(1, PARTS + 1)
            if data[f"summary_{n}"].strip() or data[f"content_{n}"].strip()
        ]
        return {"parts": parts, "reason": data["reason"]}

    def field_of(self, name: str) -> str:
        return "summary_1" if name == "parts" else name


class HandOverForm(StepForm):
    """The other office, the place, and why it is in charge."""

    to_office = forms.ModelChoiceField(label=_("Petition office"), queryset=Unit.objects.none())
    area = forms.ModelChoiceField(label=_("Place of the problem"), queryset=Area.objects.none())
    reason = forms.CharField(
        label=_("Why it is in charge"), max_length=1000, widget=lines(4), help_text=_("The other office reads it.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offices = Unit.objects.filter(kind=Unit.Kind.PETITION_OFFICE, is_active=True)
        self.fields["to_office"].queryset = offices.exclude(pk=self.petition.register_unit_id)  # type: ignore[attr-defined]
        areas = Area.objects.exclude(kind=Area.Kind.CITY).select_related("district").order_by("district__code", "code")
        self.fields["area"].queryset = areas  # type: ignore[attr-defined]
        self.fields["area"].label_from_instance = _place  # type: ignore[attr-defined]

    def proposals_for(self, petition: Petition, order: WorkOrder | None) -> dict[str, Any]:
        return {"area": petition.area_id}


def _place(area: Area) -> str:
    above = area.district
    return f"{above.label} · {area.label}" if above is not None and above.pk != area.pk else area.label


class RemarkForm(StepForm):
    """A remark that may be empty."""

    remark = forms.CharField(label=_("Remark"), max_length=1000, required=False, widget=lines(3))


class GroundsForm(StepForm):
    """Grounds others read."""

    remark = forms.CharField(label=_("Grounds"), max_length=1000, widget=lines(4))


class RuleOverForm(GroundsForm):
    """Which office has it."""

    goes = forms.ChoiceField(
        label=_("Ruling"),
        choices=[("yes", _("It goes to the office that was asked")), ("no", _("It stays where it is"))],
        widget=forms.RadioSelect,
    )
    field_order = ["version", "goes", "remark"]

    def arguments(self) -> dict[str, Any]:
        return {"goes": self.cleaned_data["goes"] == "yes", "remark": self.cleaned_data["remark"]}


class LayBeforeForm(StepForm):
    """Why nobody alone is in charge."""

    kinds = forms.MultipleChoiceField(
        label=_("Three-cross-three-separation"), choices=CrossKind.choices, widget=forms.CheckboxSelectMultiple
    )
    reason = forms.CharField(
        label=_("What the conference has to decide"),
        max_length=2000,
        widget=lines(4),
        help_text=_("Which organs are concerned, and what each of them says."),
    )


class NameLeadForm(UnitsForm):
    """The unit the joint conference names, those that assist, and the grounds."""

    reason = forms.CharField(label=_("Grounds of the naming"), max_length=2000, widget=lines(4))

    def proposals_for(self, petition: Petition, order: WorkOrder | None) -> dict[str, Any]:
        self.suggestions = suggest(petition)
        return {"lead": self.suggestions[0][0].pk if self.suggestions else None}

    def arguments(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {"lead": data["lead"], "assisting": self.chosen_assisting(), "reason": data["reason"]}


class NewFactsForm(StepForm):
    """What is new in a matter raised again."""

    facts = forms.CharField(
        label=_("The new facts"),
        max_length=2000,
        widget=lines(4),
        help_text=_("What was not known or not claimed when the earlier petition was decided."),
    )
