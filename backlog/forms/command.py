"""Forms of command: who leads, who assists, the hand-over, duties, instructions and tasks."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Unit, User
from backlog.actions.command import TaskDraft
from backlog.actions.handovers import waiting_for
from backlog.forms.base import (
    CaseForm,
    FilesForm,
    day_field,
    officials_near,
    person_field,
    unit_field,
    units_near,
)
from backlog.forms.naming import person_named, unit_named
from backlog.models import CaseOfficial
from backlog.states import Duty
from dispatch.forms.base import lines
from dispatch.forms.petitions import staff_by_name

ROWS = 4


class LeadForm(CaseForm):
    official = person_field(
        _("Lead official"), help_text=_("User name or name. Leading officials, or heads of organs.")
    )
    note = forms.CharField(
        label=_("Note"),
        max_length=500,
        required=False,
        widget=lines(2),
        help_text=_("Kept in the history of the case."),
    )

    def candidates(self) -> list[User]:
        """Who can be named."""
        return officials_near(self.row)

    def clean_official(self) -> User:
        return staff_by_name(self.cleaned_data["official"])


class AssistForm(CaseForm):
    add = person_field(_("Name an assisting official"), required=False, help_text=_("User name or name."))
    end = forms.ModelMultipleChoiceField(
        label=_("No longer assists"), queryset=User.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = CaseOfficial.objects.filter(case=self.row, part=CaseOfficial.Part.ASSIST, until=None)
        known = User.objects.filter(pk__in=rows.values("user"))
        if known.exists():
            self.fields["end"].queryset = known  # type: ignore[attr-defined]
        else:
            del self.fields["end"]

    def candidates(self) -> list[User]:
        """Who can be named."""
        return officials_near(self.row)

    def clean_add(self) -> list[User]:
        words = self.cleaned_data["add"]
        return [staff_by_name(words)] if words.strip() else []

    def arguments(self) -> dict[str, Any]:
        return {"add": self.cleaned_data["add"], "end": list(self.cleaned_data.get("end") or [])}


class HandOverForm(CaseForm):
    to = person_field(_("Successor"), help_text=_("User name or name."))
    note = forms.CharField(
        label=_("Hand-over note"),
        max_length=3000,
        widget=lines(6),
        help_text=_("What is agreed, what is open, what the successor should know. Open tasks go over with it."),
    )

    def candidates(self) -> list[User]:
        """Who can be named."""
        return officials_near(self.row)

    def clean_to(self) -> User:
        return staff_by_name(self.cleaned_data["to"])


class TakeOverForm(CaseForm):
    remark = forms.CharField(
        label=_("Remark"), max_length=500, required=False, widget=lines(3), help_text=_("May stay empty.")
    )

    def handovers(self) -> list[CaseOfficial]:
        """What waits to be confirmed, with its note."""
        return list(waiting_for(self.user).filter(case=self.row).select_related("user"))


class _NamesOfficial(CaseForm):
    """A step for one of the officials of the case; whoever is named acts for themselves."""

    official = forms.ModelChoiceField(label=_("Official"), queryset=User.objects.none(), empty_label=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = CaseOfficial.objects.filter(case=self.row, until=None)
        officials = User.objects.filter(pk__in=rows.values("user"))
        if self.user in officials:
            del self.fields["official"]
        else:
            self.fields["official"].queryset = officials  # type: ignore[attr-defined]
            self.initial.setdefault("official", self.row.leader_id)


class DutyForm(FilesForm, _NamesOfficial):
    duty = forms.ChoiceField(label=_("Duty"), choices=Duty.choices, widget=forms.RadioSelect)
    done_on = day_field(_("Done on"))
    evidence = forms.CharField(
        label=_("Evidence"),
        max_length=2000,
        widget=lines(4),
        help_text=_("What was done, with whom, and how it shows."),
    )

    field_order = ["duty", "official", "done_on", "evidence", "files"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("done_on", self.today())


class _Task(CaseForm):
    def units(self) -> list[Unit]:
        """Units the input proposes."""
        return units_near(self.row)


def owner_in(words: str, unit: Unit | None) -> User | None:
    """The person of the unit a task is for, None for the whole unit. Raises ValidationError."""
    return person_named(words, unit) if words.strip() and unit is not None else None


class TaskForm(_Task):
    text = forms.CharField(label=_("What is to be done"), max_length=300, widget=lines(3))
    unit = unit_field(_("Unit"))
    owner = forms.CharField(
        label=pgettext_lazy("task", "Person"),
        max_length=60,
        required=False,
        help_text=_("May stay empty: then it is the whole unit's."),
    )
    due_on = day_field(_("Due on"))

    def clean_unit(self) -> Unit:
        return unit_named(self.cleaned_data["unit"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        try:
            data["owner"] = owner_in(data.get("owner") or "", data.get("unit"))
        except ValidationError as error:
            self.add_error("owner", error)
        return data


class InstructForm(_Task, _NamesOfficial):
    """An instruction with up to four tasks; the first is asked for."""

    text = forms.CharField(
        label=pgettext_lazy("backlog", "Instruction"),
        max_length=2000,
        widget=lines(4),
        help_text=_("As it was given. Who gets a task reads its own words only."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for n in range(1, ROWS + 1):
            self.fields[f"task_{n}"] = forms.CharField(
                label=gettext("What is to be done"), max_length=300, required=n == 1
            )
            self.fields[f"unit_{n}"] = unit_field(gettext("Unit"), required=n == 1)
            self.fields[f"owner_{n}"] = forms.CharField(label=pgettext("task", "Person"), max_length=60, required=False)
            self.fields[f"due_{n}"] = day_field(gettext("Due on"), required=n == 1)
        self.order_fields(["official", "text"])

    def general(self) -> list[forms.BoundField]:
        """The fields above the tasks."""
        return [self[name] for name in ("official", "text") if name in self.fields]

    def task_rows(self) -> list[list[forms.BoundField]]:
        """The fields of each task."""
        names = ("task", "unit", "owner", "due")
        return [[self[f"{name}_{n}"] for name in names] for n in range(1, ROWS + 1)]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        data["tasks"] = [row for n in range(1, ROWS + 1) if (row := self._draft(n, data)) is not None]
        return data

    def _draft(self, n: int, data: Mapping[str, Any]) -> TaskDraft | None:
        text, words, due = (data.get(f"{name}_{n}") for name in ("task", "unit", "due"))
        if not text and not words and not due:
            return None
        for name, value in (("task", text), ("unit", words), ("due", due)):
            if not value and f"{name}_{n}" not in self.errors:
                self.add_error(f"{name}_{n}", gettext("Say what, who and until when."))
        if not (text and words and due):
            return None
        try:
            unit = unit_named(words)
        except ValidationError as error:
            self.add_error(f"unit_{n}", error)
            return None
        try:
            owner = owner_in(data.get(f"owner_{n}") or "", unit)
        except ValidationError as error:
            self.add_error(f"owner_{n}", error)
            return None
        return TaskDraft(text, unit, due, owner)

    def arguments(self) -> dict[str, Any]:
        data = self.cleaned_data
        found = {"text": data["text"], "tasks": data["tasks"]}
        return {**found, "official": data["official"]} if "official" in data else found


class HandOverAllForm(forms.Form):
    """Everything of an official to a successor: which cases, a note for all, words for each."""

    to = person_field(_("Successor"), help_text=_("User name or name."))
    note = forms.CharField(
        label=_("Hand-over note"),
        max_length=3000,
        widget=lines(4),
        help_text=_("For all cases: what is agreed, what is open, what the successor should know."),
    )

    def __init__(self, *args: Any, parts: Sequence[CaseOfficial], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parts = parts
        for row in parts:
            label = row.case.number
            self.fields[f"case_{row.case_id}"] = forms.BooleanField(label=label, required=False, initial=True)
            self.fields[f"note_{row.case_id}"] = forms.CharField(
                label=gettext("Note on %(number)s") % {"number": label},
                max_length=1000,
                required=False,
                widget=forms.TextInput(attrs={"class": "input", "placeholder": gettext("Words on this case")}),
            )

    def box(self, case_id: int) -> forms.BoundField:
        """The tick of a case."""
        return self[f"case_{case_id}"]

    def note_of(self, case_id: int) -> forms.BoundField:
        """The words on a case."""
        return self[f"note_{case_id}"]

    def candidates(self) -> list[User]:
        """Who can succeed."""
        return officials_near(self.parts[0].case) if self.parts else []

    def clean_to(self) -> User:
        return staff_by_name(self.cleaned_data["to"])

    def arguments(self) -> dict[str, Any]:
        """Cleaned values for the action."""
        data = self.cleaned_data
        chosen = [row.case_id for row in self.parts if data.get(f"case_{row.case_id}")]
        notes = {pk: data[f"note_{pk}"] for pk in chosen if data.get(f"note_{pk}")}
        return {"to": data["to"], "note": data["note"], "cases": chosen, "notes": notes}
