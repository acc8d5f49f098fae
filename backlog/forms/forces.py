"""Forms of task forces, workgroups, members and reports."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Unit, User
from accounts.roles import Role
from accounts.widgets import LocalDateInput
from backlog.models import TaskForce, Workgroup
from dispatch.catalogue import search_units
from dispatch.clocks import city_day
from dispatch.forms.base import lines
from dispatch.forms.supervision import RowForm

_LEADERS = [Role.LEAD_OFFICIAL, Role.CITY_OFFICER, Role.DISTRICT_OFFICER, Role.CONFERENCE_OFFICER]


def leaders(district: int | None = None) -> QuerySet[User]:
    """Who may lead a force or a workgroup: officials and offices, those of the district or of the whole city."""
    rows = User.objects.filter(is_active=True, role__in=_LEADERS).select_related("unit")
    if district is not None:
        rows = rows.filter(Q(unit__area=district) | Q(unit__area__district=district))
    return rows.order_by("unit__code", "name")


class _PersonField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} · {obj.unit or '–'}"


class _WholeForm(RowForm):
    """A row of a table as a form: `PARTS` are its columns."""

    PARTS: tuple[str, ...] = ()

    def __init__(self, *args: Any, row: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {**{name: getattr(row, name) for name in self.PARTS}, **kwargs.get("initial", {})}
        super().__init__(*args, row=row, **kwargs)

    def arguments(self) -> dict[str, Any]:
        return {"changes": {name: self.cleaned_data[name] for name in self.PARTS}}


_RULES_HELP = gettext_lazy(
    "One paragraph a line; a line that begins with 一、 二、 is a heading. Printed as it stands."
)


class ForceForm(_WholeForm):
    PARTS = ("name", "name_en", "leader", "lead_unit", "begins_on", "ends_on", "focus", "rules", "is_active")

    name = forms.CharField(label=gettext_lazy("Name"), max_length=40, min_length=2)
    name_en = forms.CharField(label=gettext_lazy("English name"), max_length=60, required=False)
    leader = _PersonField(label=gettext_lazy("Leader"), queryset=User.objects.none(), required=False)
    lead_unit = forms.ModelChoiceField(label=gettext_lazy("Lead unit"), queryset=Unit.objects.none(), required=False)
    begins_on = forms.DateField(label=gettext_lazy("Campaign from"), required=False, widget=LocalDateInput)
    ends_on = forms.DateField(
        label=gettext_lazy("Campaign until"),
        required=False,
        widget=LocalDateInput,
        help_text=gettext_lazy("Between the two runs the line of time the progress is measured by."),
    )
    focus = forms.CharField(
        label=gettext_lazy("Points of this week"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("Shown on the wall; no names of petitioners."),
    )
    rules = forms.CharField(
        label=gettext_lazy("Working rules"), required=False, widget=lines(14), help_text=_RULES_HELP
    )
    is_active = forms.BooleanField(label=gettext_lazy("The task force is at work"), required=False)

    def __init__(self, *args: Any, row: TaskForce, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        self.fields["leader"].queryset = leaders()  # type: ignore[attr-defined]
        bodies = Unit.objects.filter(is_active=True, area__kind="city")
        kinds = [Unit.Kind.BUREAU, Unit.Kind.PETITION_OFFICE, Unit.Kind.CONFERENCE]
        self.fields["lead_unit"].queryset = bodies.filter(kind__in=kinds).order_by("code")  # type: ignore[attr-defined]


class FocusForm(RowForm):
    focus = forms.CharField(
        label=gettext_lazy("Points of this week"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("Shown on the wall; no names of petitioners. Empty takes it off."),
    )

    def __init__(self, *args: Any, row: TaskForce, **kwargs: Any) -> None:
        kwargs["initial"] = {"focus": row.focus, **kwargs.get("initial", {})}
        super().__init__(*args, row=row, **kwargs)


class GroupForm(_WholeForm):
    PARTS = (
        "name", "leader", "office", "established_on", "meets_on", "meets_at", "reports_every", "rules", "is_active",
    )  # fmt: skip

    name = forms.CharField(label=gettext_lazy("Name"), max_length=60, min_length=2)
    leader = _PersonField(label=gettext_lazy("Leader"), queryset=User.objects.none(), required=False)
    office = forms.ModelChoiceField(label=gettext_lazy("Office"), queryset=Unit.objects.none(), required=False)
    established_on = forms.DateField(label=gettext_lazy("Set up on"), required=False, widget=LocalDateInput)
    meets_on = forms.TypedChoiceField(
        label=gettext_lazy("Meets every"), required=False, coerce=int, empty_value=None, choices=()
    )
    meets_at = forms.TimeField(
        label=gettext_lazy("At"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    reports_every = forms.IntegerField(label=gettext_lazy("Reports every … days"), min_value=1, max_value=90)
    rules = forms.CharField(
        label=gettext_lazy("Working rules"), required=False, widget=lines(14), help_text=_RULES_HELP
    )
    is_active = forms.BooleanField(label=gettext_lazy("The workgroup is at work"), required=False)

    def __init__(self, *args: Any, row: Workgroup, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        self.fields["leader"].queryset = leaders(row.district_id)  # type: ignore[attr-defined]
        self.fields["office"].queryset = district_units(row.district_id)  # type: ignore[attr-defined]
        days = [("", "–"), *((str(n), WEEKDAYS[n]) for n in range(7))]
        self.fields["meets_on"].choices = days  # type: ignore[attr-defined]


def district_units(district: int) -> QuerySet[Unit]:
    """Bodies of a district, its towns left out."""
    rows = Unit.objects.filter(Q(area=district) | Q(area__district=district), is_active=True)
    return rows.exclude(kind=Unit.Kind.TOWN).order_by("code")


class MemberForm(RowForm):
    """Somebody joins a force or a workgroup."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=40, min_length=2)
    unit = forms.CharField(
        label=gettext_lazy("Unit"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"list": "member-units", "autocomplete": "off"}),
        help_text=gettext_lazy("Name, short name or code. With an account of that name there, it is linked."),
    )
    title = forms.CharField(label=gettext_lazy("Post"), max_length=40, required=False)
    duty = forms.CharField(label=gettext_lazy("Duty in the group"), max_length=60, required=False)

    def units(self) -> list[Unit]:
        """What the field offers."""
        if isinstance(self.row, Workgroup):
            return list(district_units(self.row.district_id))
        return list(Unit.objects.filter(is_active=True, area__kind="city", kind=Unit.Kind.BUREAU).order_by("code"))

    def clean_unit(self) -> Unit | None:
        words = self.cleaned_data["unit"].strip()
        if not words:
            return None
        found = list(search_units(words, among=Unit.objects.filter(is_active=True))[:6])
        exact = [unit for unit in found if words in {unit.code, unit.name, unit.short_name}]
        if len(exact) == 1 or len(found) == 1:
            return (exact or found)[0]
        if not found:
            raise ValidationError(_("There is no unit of this name. Choose one from the list."))
        raise ValidationError(
            _("Which one? %(names)s") % {"names": _(", ").join(unit.name for unit in found)}, code="several"
        )


class ReportForm(RowForm):
    on = forms.DateField(label=gettext_lazy("As of"), widget=LocalDateInput)
    text = forms.CharField(
        label=gettext_lazy("Report"),
        max_length=4000,
        widget=lines(10),
        help_text=gettext_lazy(
            "What was done, what is difficult, what is to be coordinated, what comes next. No names of petitioners."
        ),
    )

    def __init__(self, *args: Any, at: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"on": city_day(at), **kwargs.get("initial", {})}
        super().__init__(*args, at=at, **kwargs)
