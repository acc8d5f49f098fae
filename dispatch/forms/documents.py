"""Forms of documents: what is filled in, the wording of one document, and the steps of its way."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Unit, User
from accounts.widgets import LocalDateInput
from dispatch.forms.base import lines
from dispatch.forms.supervision import RowForm
from petitions.documents.checks import Problem
from petitions.documents.filling import OPINIONS
from petitions.documents.kinds import DocumentKind, Place
from petitions.documents.places import chinese_date
from petitions.models import Delivery, Document

_DATE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")
Way = Delivery.Way


class ChineseDateField(forms.DateField):
    """A day, picked from the browser's calendar and written as letters write it: 2026年11月16日."""

    widget = LocalDateInput

    def prepare_value(self, value: Any) -> Any:
        found = _DATE.fullmatch(value) if isinstance(value, str) else None
        return date(*map(int, found.groups())) if found else value

    def clean(self, value: Any) -> str:
        return chinese_date(super().clean(value))


def _field(place: Place) -> forms.Field:
    words: dict[str, Any] = {"label": place.label, "required": False, "help_text": place.help}
    if place.widget == "date":
        return ChineseDateField(**words)
    if place.widget == "text":
        return forms.CharField(max_length=8000, widget=lines(4), **words)
    return forms.CharField(max_length=300, **words)


class EntriesForm(forms.Form):
    """What is filled in for one document. Nothing is required here: a draft may be saved half done."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, kind: DocumentKind, document: Document, **kwargs: Any) -> None:
        self.kind, self.document = kind, document
        newest = document.current
        addressee = document.addressee_unit
        start = {
            "version": document.version,
            "title": newest.title,
            "body": newest.body,
            "is_major": document.is_major,
            "addressee": addressee.name if addressee else "",
            **{place.name: newest.values.get(place.name, "") for place in kind.entries},
        }
        kwargs["initial"] = start | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        if kind.is_to_unit:
            attrs = {"list": "units", "autocomplete": "off"}
            self.fields["addressee"] = forms.CharField(
                label=_("addressee of the letter"), required=False, widget=forms.TextInput(attrs=attrs)
            )
        for place in kind.entries:
            if place.widget != "matters":
                self.fields[place.name] = _field(place)
        self.fields["is_major"] = forms.BooleanField(
            label=_("Major matter: the head of the unit signs"), required=False
        )
        self.fields["title"] = forms.CharField(label=_("title"), max_length=160)
        self.fields["body"] = forms.CharField(label=_("wording of this document"), widget=lines(12), max_length=20000)

    def clean_addressee(self) -> Unit | None:
        """The unit of that name. Raises ValidationError for a name no unit has."""
        words = self.cleaned_data["addressee"].strip()
        if not words:
            return None
        unit = Unit.objects.filter(is_active=True, name=words).first()
        unit = unit or Unit.objects.filter(is_active=True, short_name=words).first()
        if unit is None:
            raise ValidationError(_("There is no unit of this name; choose one of the list."))
        return unit

    def arguments(self, matters: list[dict[str, str]] | None) -> dict[str, Any]:
        """What `documents.amend` gets."""
        data = self.cleaned_data
        values = {place.name: data[place.name] for place in self.kind.entries if place.name in data}
        if matters is not None:
            values["matters"] = matters
        return {
            "values": values,
            "title": data["title"],
            "body": data["body"],
            "is_major": data["is_major"],
            "addressee_unit": data.get("addressee"),
        }

    def show(self, problems: list[Problem]) -> None:
        """Put what is missing at its fields."""
        for problem in problems:
            name = "addressee" if problem.field == "addressee_unit" else problem.field
            self.add_error(name if name in self.fields else None, problem.sentence)

    @property
    def entry_fields(self) -> list[forms.BoundField]:
        """The fields of the kind, without title and wording."""
        return [self[name] for name in self.fields if name not in {"version", "title", "body"}]


class MatterForm(forms.Form):
    """One matter of a handling opinion (domain-facts §7.5)."""

    request = forms.CharField(label=_("the request"), required=False, max_length=1000, widget=lines(2))
    facts = forms.CharField(label=_("the facts found"), required=False, max_length=4000, widget=lines(4))
    evidence = forms.CharField(label=_("evidence"), required=False, max_length=1000)
    basis = forms.CharField(label=_("the legal basis"), required=False, max_length=1000, widget=lines(2))
    opinion = forms.ChoiceField(
        label=_("the opinion"),
        required=False,
        choices=[
            ("", _("– choose –")),
            ("support", _("Supported")),
            ("partly", _("Partly supported")),
            ("explain", _("Reasonable without legal basis, explained")),
            ("reject", _("Not supported")),
        ],
    )
    reason = forms.CharField(label=_("the reason"), required=False, max_length=4000, widget=lines(3))
    unit = forms.CharField(label=_("unit that carries it out"), required=False, max_length=60)
    until = ChineseDateField(label=_("carried out by"), required=False)


assert set(OPINIONS) == {key for key, _label in MatterForm.base_fields["opinion"].choices if key}  # type: ignore[attr-defined]

MatterFormSet = forms.formset_factory(MatterForm, extra=0, can_delete=True, max_num=30)


def matters_of(formset: Any) -> list[dict[str, str]]:
    """The matters that were kept and say anything."""
    rows = []
    for form in formset:
        row = {name: value for name, value in form.cleaned_data.items() if name != "DELETE"}
        if any(row.values()) and not form.cleaned_data.get("DELETE"):
            rows.append({name: str(value or "") for name, value in row.items()})
    return rows


# ---- steps ----


class PersonChoice(forms.ModelChoiceField):
    """A colleague with their post."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} {obj.title}".strip()


class SubmitForm(RowForm):
    """Who is to check or sign first; anybody of the unit who may, unless one is named."""

    to = PersonChoice(label=_("To whom"), queryset=User.objects.none(), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["to"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = User.objects.filter(unit=self.row.unit, is_active=True).exclude(pk=self.user.pk)
        field.empty_label = str(_("anybody of the unit who may"))


class SignForm(RowForm):
    comment = forms.CharField(label=_("Remark"), required=False, max_length=500, widget=lines(3))


class ReasonForm(RowForm):
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=lines(3))


class PlainForm(RowForm):
    """Nothing to fill in: the step is confirmed."""


def _moment(day: date, at: datetime) -> datetime:
    """A past day counts from its end of office hours, today from now: dates on receipts have no time."""
    if day == timezone.localdate(at):
        return at
    return timezone.make_aware(datetime.combine(day, time(17, 0)))


class DayForm(RowForm):
    """A step that happened on a day, as the receipt says."""

    on = forms.DateField(label=_("On"), widget=LocalDateInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("on", timezone.localdate(self.at))

    def arguments(self) -> dict[str, Any]:
        return {**super().arguments(), "on": _moment(self.cleaned_data["on"], self.at)}


class DeliverForm(DayForm):
    """How the document is delivered; what each way needs the action says."""

    way = forms.ChoiceField(label=_("how it was delivered"), choices=Way.choices, widget=forms.RadioSelect)
    receiver = forms.CharField(
        label=_("signed by"), required=False, max_length=60, help_text=_("When handed over: who signed the receipt.")
    )
    deliverer = forms.CharField(label=_("delivered by"), required=False, max_length=60)
    phone = forms.CharField(label=_("telephone of the deliverer"), required=False, max_length=20)
    tracking = forms.CharField(
        label=_("number of the item"), required=False, max_length=40, help_text=_("By registered post.")
    )
    witness = forms.CharField(
        label=_("witness"), required=False, max_length=60, help_text=_("When it was refused and left there.")
    )
    place = forms.CharField(label=_("place"), required=False, max_length=120, help_text=_("Of the public notice."))
    notice_until = forms.DateField(label=_("public until"), required=False, widget=LocalDateInput)
    stance = forms.ChoiceField(
        label=_("stance of the petitioner"), required=False, choices=[("", "–"), *Delivery.Stance.choices]
    )
    remark = forms.CharField(label=_("remark"), required=False, max_length=300, widget=lines(2))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("deliverer", self.user.name)

    def arguments(self) -> dict[str, Any]:
        return {name: value for name, value in super().arguments().items() if value not in ("", None)}


class ReceiveForm(DayForm):
    receiver = forms.CharField(label=_("signed by"), required=False, max_length=60)
    stance = forms.ChoiceField(
        label=_("stance of the petitioner"), required=False, choices=[("", "–"), *Delivery.Stance.choices]
    )
    remark = forms.CharField(label=_("remark"), required=False, max_length=300, widget=lines(2))


class ReturnedForm(DayForm):
    reason = forms.CharField(label=_("Reason"), max_length=300, widget=lines(2))


class TemplateForm(forms.Form):
    """The wording of a kind."""

    base = forms.IntegerField(widget=forms.HiddenInput)
    title = forms.CharField(label=_("title"), max_length=120)
    body = forms.CharField(label=_("text"), widget=lines(18), max_length=20000, required=False)
    note = forms.CharField(label=_("what was changed"), required=False, max_length=200)


class ExportForm(forms.Form):
    """What for the file leaves the system."""

    reason = forms.CharField(
        label=_("Reason"), min_length=4, max_length=200, help_text=_("It stands in the access log, with your name.")
    )


def values_for_preview(form: EntriesForm, matters: list[dict[str, str]] | None) -> Mapping[str, Any]:
    """What was typed so far, laid over what is kept."""
    kept = form.document.current.values
    return {**kept, **form.arguments(matters)["values"]}


__all__ = [
    "DayForm",
    "DeliverForm",
    "EntriesForm",
    "ExportForm",
    "MatterFormSet",
    "PlainForm",
    "ReasonForm",
    "ReceiveForm",
    "ReturnedForm",
    "SignForm",
    "SubmitForm",
    "TemplateForm",
    "matters_of",
    "values_for_preview",
]
