"""Forms of the weekly dispatch."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.actors import Actor
from accounts.models import Area, User
from accounts.roles import Role, Scope
from accounts.widgets import LocalDateInput, LocalDateTimeInput
from backlog.actions.agenda import TaskDraft
from backlog.agenda import next_wednesday
from backlog.forms.naming import UnitField, person_named
from backlog.models import Meeting
from backlog.querysets import district_of
from backlog.score import TERM_KEYS, weights
from dispatch.clocks import city_day
from dispatch.forms.base import lines
from dispatch.forms.supervision import RowForm

TASK_ROWS = 3


class PersonChoice(forms.ModelChoiceField):
    """A person with the unit beside the name."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} · {obj.unit}" if obj.unit else str(obj.name)


def areas_for(user: User) -> QuerySet[Area]:
    """Whose meetings the person may hold: the city's and any district's, or the own district's."""
    scope = user.scope_for("backlog.run_meeting")
    if scope == Scope.CITY:
        return Area.objects.filter(kind__in=["city", "district"]).order_by("code")
    return Area.objects.filter(pk=district_of(Actor.of(user)) or 0)


def chairs(area: Area | None) -> QuerySet[User]:
    """Who may take the chair: lead officials and officers, of the district where it is a district's meeting."""
    roles = [Role.LEAD_OFFICIAL, Role.CITY_OFFICER, Role.CONFERENCE_OFFICER, Role.DISTRICT_OFFICER]
    rows = User.objects.filter(is_active=True, role__in=roles, unit__isnull=False)
    if area is not None and area.kind != "city":
        rows = rows.filter(Q(unit__area=area) | Q(unit__area__district=area))
    return rows.select_related("unit").order_by("unit__code", "name")


class _MeetingFields(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=60, required=False)
    starts_at = forms.DateTimeField(label=_("Starts at"), widget=LocalDateTimeInput)
    chair = PersonChoice(label=_("Chair"), queryset=User.objects.none())
    secretary = PersonChoice(label=_("Secretary"), queryset=User.objects.none())
    place = forms.CharField(label=_("Main site"), max_length=60, required=False)
    join_link = forms.CharField(
        label=_("Join link"),
        max_length=300,
        required=False,
        help_text=_("Of any meeting system. Left empty, the office's template makes it from the number."),
    )


class PlanForm(_MeetingFields):
    """A new meeting."""

    area = forms.ModelChoiceField(label=_("Held by"), queryset=Area.objects.none(), empty_label=None)
    size = forms.IntegerField(
        label=_("Cases to propose"),
        min_value=0,
        max_value=20,
        initial=8,
        help_text=_("What the last meeting left open first, then the hardest by score. You decide what stays."),
    )
    field_order = ("area", "starts_at", "chair", "secretary", "place", "join_link", "size", "title")

    def __init__(self, *args: Any, user: User, at: datetime, **kwargs: Any) -> None:
        areas = areas_for(user)
        area = areas.first()
        kwargs["initial"] = {
            "area": area.pk if area else None,
            "starts_at": next_wednesday(at),
            "secretary": user.pk,
            "place": str(user.unit or ""),
            **kwargs.get("initial", {}),
        }
        super().__init__(*args, **kwargs)
        self.fields["area"].queryset = areas  # type: ignore[attr-defined]
        among = chairs(area if area is not None and area.kind != "city" else None)
        for name in ("chair", "secretary"):
            self.fields[name].queryset = among  # type: ignore[attr-defined]
        self.fields["title"].help_text = _("Left empty, it is called by its number.")

    def arguments(self) -> dict[str, Any]:
        """Cleaned values for the action."""
        return dict(self.cleaned_data)


class PrepareForm(RowForm, _MeetingFields):
    """Day, people, place and link of a planned meeting."""

    row: Meeting

    def __init__(self, *args: Any, row: Meeting, **kwargs: Any) -> None:
        names = ("title", "starts_at", "chair", "secretary", "place", "join_link")
        kwargs["initial"] = {**{name: getattr(row, name) for name in names}, **kwargs.get("initial", {})}
        for name in ("chair", "secretary"):
            person = kwargs["initial"][name]
            kwargs["initial"][name] = getattr(person, "pk", person)
        super().__init__(*args, row=row, **kwargs)
        self.fields["title"].required = True
        for name in ("chair", "secretary"):
            self.fields[name].queryset = chairs(row.area)  # type: ignore[attr-defined]


class PlainForm(RowForm):
    """A step that asks for nothing more."""


class CallOffForm(RowForm):
    reason = forms.CharField(
        label=_("Reason"), max_length=300, widget=lines(3), help_text=_("Everybody invited is told and reads this.")
    )


class AmendForm(RowForm):
    text = forms.CharField(
        label=_("Correction or addition"),
        max_length=1000,
        widget=lines(4),
        help_text=_("It stands below the minutes with your name and the day. What stands in them does not change."),
    )


class ItemForm(forms.Form):
    """What came of a case, with the tasks given."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    discussion = forms.CharField(label=_("Discussion"), max_length=4000, required=False, widget=lines(4))
    decision = forms.CharField(
        label=pgettext_lazy("meeting", "Decision"), max_length=2000, required=False, widget=lines(3)
    )


class TaskForm(forms.Form):
    """One task of a decision; an empty row gives none."""

    text = forms.CharField(label=_("Task"), max_length=300, required=False)
    unit = UnitField(label=_("Unit"), required=False)
    owner = forms.CharField(label=pgettext_lazy("task", "Person"), max_length=40, required=False)
    due_on = forms.DateField(label=pgettext_lazy("task", "By"), required=False, widget=LocalDateInput)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("text"):
            return data
        for name, sentence in (("unit", _("Say which unit.")), ("due_on", _("Say by which day."))):
            if not data.get(name) and name not in self.errors:
                self.add_error(name, str(sentence))
        if data.get("owner") and data.get("unit"):
            try:
                data["person"] = person_named(data["owner"], data["unit"])
            except forms.ValidationError as error:
                self.add_error("owner", error)
        return data

    def draft(self) -> TaskDraft | None:
        """The task, None for an empty row."""
        data = self.cleaned_data
        if not data.get("text"):
            return None
        return TaskDraft(text=data["text"], unit=data["unit"], due_on=data["due_on"], owner=data.get("person"))


TaskRows = forms.formset_factory(TaskForm, extra=TASK_ROWS, max_num=TASK_ROWS, absolute_max=TASK_ROWS + 3)


def task_rows(data: Any = None, *, unit: str = "", due_on: date | None = None) -> Any:
    """The rows of tasks; the first proposes the responsible unit and the next meeting's day."""
    initial: list[dict[str, Any]] = [{"unit": unit, "due_on": due_on}, *[{"due_on": due_on}] * (TASK_ROWS - 1)]
    rows = TaskRows(data, prefix="tasks", initial=initial, form_kwargs={"use_required_attribute": False})
    rows.extra = 0 if data is None else TASK_ROWS
    return rows


def a_week_after(meeting: Meeting, at: datetime) -> date:
    """The day tasks are due unless the secretary says otherwise: a week after the meeting, when the next one sits."""
    return city_day(max(meeting.starts_at, at)) + timedelta(days=7)


class WeightsForm(forms.Form):
    """The terms of the score, three numbers each."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.terms = weights()
        for term in self.terms:
            for name, least, most in (("step", 1, 1000), ("points", 0, 100), ("cap", 0, 100)):
                field = forms.IntegerField(min_value=least, max_value=most, initial=getattr(term, name))
                field.label = f"{term.label} {name}"
                self.fields[f"{term.key}_{name}"] = field

    def rows(self) -> list[tuple[Any, ...]]:
        """Each term with its three bound fields."""
        return [(t, *(self[f"{t.key}_{name}"] for name in ("step", "points", "cap"))) for t in self.terms]

    def arguments(self) -> dict[str, dict[str, int]]:
        """Cleaned values by term."""
        data = self.cleaned_data
        return {key: {name: data[f"{key}_{name}"] for name in ("step", "points", "cap")} for key in TERM_KEYS}
