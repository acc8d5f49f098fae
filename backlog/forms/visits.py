"""Forms of joint supervisions."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.actors import Actor
from accounts.models import Area, Unit, User
from accounts.roles import Scope
from accounts.widgets import LocalDateInput
from backlog.actions.visits import RUN, Finding, Member
from backlog.forms.meetings import PersonChoice, chairs
from backlog.forms.naming import UnitField, UnitsField, case_named, person_named, split, unit_named
from backlog.models import BacklogCase, SupervisionVisit
from backlog.querysets import district_of
from dispatch.forms.base import lines
from dispatch.forms.supervision import RowForm

FINDING_ROWS = 3
NO_NAMES = _("No names of petitioners.")


def districts_for(user: User) -> Any:
    """Where the person's office may supervise."""
    rows = Area.objects.filter(kind="district").order_by("code")
    if user.scope_for(RUN) == Scope.CITY:
        return rows
    return rows.filter(pk=district_of(Actor.of(user)) or 0)


def member_of(line: str) -> Member:
    """A member as a line says it: name, then the unit if it is to be known. An account of that name there is found."""
    name, _blank, rest = line.strip().partition(" ")
    if not rest.strip():
        return Member(name=name)
    unit = unit_named(rest)
    try:
        return Member(name=name, unit=unit, user=person_named(name, unit))
    except ValidationError:
        return Member(name=name, unit=unit)


def seen_cases(row: SupervisionVisit, user: User) -> Any:
    """The cases of a visit the person may read; one they are kept out of is not even named."""
    return row.cases.filter(pk__in=BacklogCase.objects.visible_to(user).values("pk"))


class _VisitFields(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=60, help_text=NO_NAMES)
    unit = UnitField(label=_("Unit visited"), required=False, help_text=_("Left empty: the district as a whole."))
    departments = UnitsField(
        label=_("Departments in the team"),
        widget=lines(3),
        help_text=_("At least two, one a line: who watches together watches better than the petition office alone."),
    )
    leader = PersonChoice(label=_("Team leader"), queryset=User.objects.none(), required=False)
    members = forms.CharField(
        label=_("Members"),
        max_length=600,
        required=False,
        widget=lines(3),
        help_text=_("One a line: name, blank, department."),
    )
    visit_on = forms.DateField(label=_("Day of the visit"), widget=LocalDateInput)
    place = forms.CharField(label=_("Place"), max_length=60, required=False)
    cases = forms.CharField(
        label=_("Cases to look at"),
        max_length=1000,
        required=False,
        widget=lines(3),
        help_text=_("Numbers, one a line, as in 2026-12."),
    )

    def clean_members(self) -> list[Member]:
        rows = [line for line in self.cleaned_data["members"].replace("\r", "").split("\n") if line.strip()]
        return [member_of(row) for row in rows]

    def reached(self, user: User) -> Any:
        """The open cases the person may choose."""
        return BacklogCase.objects.within(user, RUN).filter(listed_at__isnull=False)

    def _cases(self, user: User) -> list[BacklogCase]:
        found = {
            case.pk: case for case in (case_named(w, self.reached(user)) for w in split(self.cleaned_data["cases"]))
        }
        return list(found.values())


class PlanVisitForm(_VisitFields):
    """A new visit."""

    district = forms.ModelChoiceField(label=_("District"), queryset=Area.objects.none(), empty_label=None)
    field_order = ("title", "district", "unit", "visit_on", "place", "departments", "leader", "members", "cases")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["district"].queryset = districts_for(user)  # type: ignore[attr-defined]
        self.fields["leader"].queryset = chairs(None)  # type: ignore[attr-defined]

    def clean_cases(self) -> list[BacklogCase]:
        return self._cases(self.user)

    def arguments(self) -> dict[str, Any]:
        """Cleaned values for the action."""
        return dict(self.cleaned_data)


class PrepareVisitForm(RowForm, _VisitFields):
    """Team, day, place and cases before the visit."""

    row: SupervisionVisit

    def __init__(self, *args: Any, row: SupervisionVisit, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "title": row.title,
            "unit": row.unit.name if row.unit else "",
            "departments": "\n".join(unit.name for unit in row.departments.all()),
            "leader": row.leader_id,
            "members": "\n".join(
                f"{one.name} {one.unit.name}" if one.unit else one.name for one in row.members.select_related("unit")
            ),
            "visit_on": row.visit_on,
            "place": row.place,
            "cases": "\n".join(f"{case.year}-{case.serial}" for case in seen_cases(row, kwargs["user"])),
            **kwargs.get("initial", {}),
        }
        super().__init__(*args, row=row, **kwargs)
        self.fields["leader"].queryset = chairs(None)  # type: ignore[attr-defined]

    def clean_cases(self) -> list[BacklogCase]:
        return self._cases(self.user)


class RecordForm(RowForm):
    """What was found, three findings at a time; one with an order becomes a task with a clock."""

    summary = forms.CharField(
        label=_("Summary of the visit"), max_length=2000, required=False, widget=lines(4), help_text=NO_NAMES
    )

    def __init__(self, *args: Any, row: SupervisionVisit, **kwargs: Any) -> None:
        kwargs["initial"] = {"summary": row.summary, **kwargs.get("initial", {})}
        super().__init__(*args, row=row, **kwargs)
        self.looked_at = list(seen_cases(row, self.user))
        choices = [("", gettext("none")), *((str(case.pk), f"{case.number} {case.title}") for case in self.looked_at)]
        for place in range(FINDING_ROWS):
            start = row.unit.name if row.unit and not place else ""
            made = {
                "unit": UnitField(label=_("Unit"), required=False, initial=start),
                "case": forms.ChoiceField(label=_("Case"), choices=choices, required=False),
                "text": forms.CharField(label=_("Finding"), max_length=1000, required=False, widget=lines(2)),
                "order": forms.CharField(label=pgettext_lazy("visit", "Order"), max_length=300, required=False),
                "due_on": forms.DateField(label=pgettext_lazy("task", "By"), required=False, widget=LocalDateInput),
            }
            self.fields.update({f"findings-{place}-{name}": field for name, field in made.items()})

    def rows(self) -> list[dict[str, Any]]:
        """The bound fields of each finding."""
        names = ("unit", "case", "text", "order", "due_on")
        return [{name: self[f"findings-{place}-{name}"] for name in names} for place in range(FINDING_ROWS)]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self.found: list[Finding] = []
        for place in range(FINDING_ROWS):
            one = {name: data.get(f"findings-{place}-{name}") for name in ("unit", "case", "text", "order", "due_on")}
            if not (one["text"] or one["order"]):
                # An unused row: the unit it proposes says nothing.
                continue
            if one["unit"] is None:
                if f"findings-{place}-unit" not in self.errors:
                    self.add_error(f"findings-{place}-unit", gettext("Say which unit."))
                continue
            self.found.append(self._finding(place, one))
        return data

    def _finding(self, place: int, one: dict[str, Any]) -> Finding:
        case = next((case for case in self.looked_at if str(case.pk) == one["case"]), None)
        unit: Unit = one["unit"]
        if not one["text"]:
            self.add_error(f"findings-{place}-text", gettext("Say what was found."))
        if one["order"] and not one["due_on"] and f"findings-{place}-due_on" not in self.errors:
            self.add_error(f"findings-{place}-due_on", gettext("Say by which day."))
        return Finding(unit=unit, text=one["text"] or "", case=case, order=one["order"] or "", due_on=one["due_on"])

    def arguments(self) -> dict[str, Any]:
        return {"summary": self.cleaned_data["summary"], "findings": self.found}


class CloseVisitForm(RowForm):
    result = forms.CharField(label=_("Result"), max_length=2000, widget=lines(4), help_text=NO_NAMES)
    reason = forms.CharField(
        label=_("Why it is closed although orders are open"),
        max_length=300,
        required=False,
        widget=lines(2),
        help_text=_("Only needed while orders run. They keep their days and clocks."),
    )


class CallOffVisitForm(RowForm):
    reason = forms.CharField(label=_("Reason"), max_length=300, widget=lines(3), help_text=_("The team reads this."))
