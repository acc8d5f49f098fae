"""Forms of the reception calendar: a day and its rhythm, a booking for somebody, one batch received."""

import re
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Area, Unit, User
from accounts.widgets import LocalDateInput, Segmented
from backlog.actions.bookings import MOST_PERSONS
from backlog.actions.receiving import Visit
from backlog.actions.receptions import Plan
from backlog.models import BacklogCase, Booking, ReceptionDay
from backlog.reception_calendar import areas_for, officials_for
from backlog.rhythm import Rhythm, days_of
from backlog.states import ReceptionKind, ReceptionResult
from dispatch.catalogue import search_units
from dispatch.forms.base import lines, petition_by_number
from dispatch.forms.supervision import RowForm
from petitions.models import Petition, Rating


class LocalTimeInput(forms.TimeInput):
    """The browser's own time picker, to the minute."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class UnitInput(forms.TextInput):
    """A unit by name or code; what is typed brings the names that fit."""

    def __init__(self) -> None:
        super().__init__(
            attrs={
                "list": "unit-names",
                "autocomplete": "off",
                "hx-get": reverse_lazy("reception_units"),
                "hx-trigger": "input changed delay:250ms",
                "hx-target": "#unit-names",
                "hx-sync": "this:replace",
            }
        )


def unit_by_words(words: str) -> Unit | None:
    """The unit of a name or code; None for no words. Raises ValidationError when none or several fit."""
    if not words.strip():
        return None
    found = list(search_units(words)[:2])
    exact = [unit for unit in found if words.strip() in {unit.name, unit.short_name, unit.code}]
    if len(found) != 1 and len(exact) != 1:
        raise ValidationError(gettext("No unit, or more than one, is called so. Choose one of the list."))
    return (exact or found)[0]


def case_by_number(words: str, user: User) -> BacklogCase | None:
    """The backlog case of a number as people write it (2026-12); None for no words. Raises ValidationError."""
    if not words.strip():
        return None
    numbers = re.findall(r"\d+", words)
    found = None
    if len(numbers) == 2 and all(len(n) < 8 for n in numbers):
        year = int(numbers[0]) + (2000 if int(numbers[0]) < 100 else 0)
        rows = BacklogCase.objects.visible_to(user).select_related("petition")
        found = rows.filter(year=year, serial=int(numbers[1])).first()
    if found is None:
        raise ValidationError(gettext("There is no such backlog case. Give year and number, as in 2026-12."))
    return found


class DayForm(forms.Form):
    """A reception day; when it is set anew, with the rhythm in which it comes again."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    kind = forms.ChoiceField(
        label=_("Kind"), choices=ReceptionKind.choices, initial=ReceptionKind.HALL, widget=Segmented
    )
    official = forms.ModelChoiceField(label=_("Official"), queryset=User.objects.none(), empty_label=None)
    area = forms.ModelChoiceField(label=_("City or district"), queryset=Area.objects.none(), empty_label=None)
    day = forms.DateField(label=_("Day"), widget=LocalDateInput)
    starts = forms.TimeField(label=_("Begins at"), widget=LocalTimeInput, initial="09:00")
    ends = forms.TimeField(label=_("Ends at"), widget=LocalTimeInput, initial="11:30")
    rhythm = forms.ChoiceField(
        label=_("Comes again"), choices=Rhythm.choices, initial=Rhythm.ONCE, required=False, widget=Segmented
    )
    until = forms.DateField(label=_("for the last time on"), required=False, widget=LocalDateInput)
    place = forms.CharField(
        label=_("Place"), max_length=80, help_text=_("Citizens read it: building, room, how to get in.")
    )
    subjects = forms.CharField(
        label=_("Subjects received"),
        max_length=100,
        required=False,
        help_text=_("What the official is responsible for, so that citizens know whom to ask. No case."),
    )
    capacity = forms.IntegerField(label=_("Places for bookings"), initial=10, min_value=0, max_value=200)
    case = forms.CharField(
        label=_("Backlog case taken along"),
        max_length=20,
        required=False,
        help_text=_("Year and number, as in 2026-12. Only for a visit with a case; citizens do not see it."),
    )

    def __init__(self, *args: Any, user: User, at: datetime, row: ReceptionDay | None = None, **kwargs: Any) -> None:
        self.user, self.row, self.at = user, row, at
        kwargs["initial"] = {**self._present(row), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.fields["official"].queryset = officials_for(user)  # type: ignore[attr-defined]
        self.fields["official"].label_from_instance = _with_post  # type: ignore[attr-defined]
        self.fields["area"].queryset = areas_for(user)  # type: ignore[attr-defined]
        if row is not None:
            del self.fields["rhythm"], self.fields["until"]

    @staticmethod
    def _present(row: ReceptionDay | None) -> dict[str, Any]:
        if row is None:
            return {}
        starts, ends = timezone.localtime(row.starts_at), timezone.localtime(row.ends_at)
        plain = ("version", "kind", "official", "area", "place", "subjects", "capacity")
        return {
            **{name: getattr(row, f"{name}_id", getattr(row, name)) for name in plain},
            "day": starts.date(),
            "starts": starts.time(),
            "ends": ends.time(),
            "case": f"{row.case.year}-{row.case.serial}" if row.case else "",
        }

    def clean_case(self) -> BacklogCase | None:
        return case_by_number(self.cleaned_data["case"], self.user)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        rhythm, until, day = data.get("rhythm") or Rhythm.ONCE, data.get("until"), data.get("day")
        if rhythm != Rhythm.ONCE and "until" not in self.errors:
            if until is None:
                self.add_error("until", _("Say until when it comes again."))
            elif day is not None and until < day:
                self.add_error("until", _("The last day is before the first."))
        return data

    @property
    def days(self) -> list[date]:
        """All days of the rhythm."""
        data = self.cleaned_data
        return days_of(data["day"], data.get("rhythm") or Rhythm.ONCE, data.get("until"))

    def plan(self, day: date) -> Plan:
        """The reception on one of the days."""
        data = self.cleaned_data
        names = ("kind", "official", "area", "place", "subjects", "capacity", "case")
        return Plan(
            **{name: data[name] for name in names},
            starts_at=timezone.make_aware(datetime.combine(day, data["starts"])),
            ends_at=timezone.make_aware(datetime.combine(day, data["ends"])),
        )

    def field_of(self, name: str) -> str | None:
        """The form's field for a field an action refused."""
        name = {"starts_at": "starts", "ends_at": "ends"}.get(name, name)
        return name if name in self.fields else None


def _with_post(user: User) -> str:
    words = (user.name, user.title or (user.unit.short_name if user.unit else ""))
    return " · ".join(word for word in words if word)


class ConfirmForm(RowForm):
    """Nothing is asked but whether."""


class CallOffForm(RowForm):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        widget=lines(3),
        help_text=_("For the office. Those who booked are told that it does not take place, not why."),
    )


class BookForForm(forms.Form):
    """A place for somebody who calls or stands at the counter."""

    name = forms.CharField(label=_("Name"), max_length=60)
    phone = forms.CharField(label=_("Phone"), max_length=24, widget=forms.TextInput(attrs={"inputmode": "tel"}))
    persons = forms.IntegerField(
        label=pgettext_lazy("visitors", "Persons"), min_value=1, max_value=MOST_PERSONS, initial=1
    )
    matter = forms.CharField(
        label=_("What about"), max_length=300, widget=lines(3), help_text=_("In a sentence; no names of other people.")
    )
    petition = forms.CharField(
        label=_("Number of the petition"), max_length=40, required=False, help_text=_("If there is one already.")
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    def clean_petition(self) -> Petition | None:
        words = self.cleaned_data["petition"]
        return petition_by_number(words, self.user) if words.strip() else None


class ReceiveForm(forms.Form):
    """One batch received, on one page: who, what about, what the official said, what comes of it."""

    visitor = forms.CharField(label=_("Visitor"), max_length=60, required=False)
    persons = forms.IntegerField(label=pgettext_lazy("visitors", "Persons"), min_value=1, max_value=999, initial=1)
    matter = forms.CharField(label=_("What they said"), max_length=2000, widget=lines(4))
    petition = forms.CharField(
        label=_("Number of the petition"),
        max_length=40,
        required=False,
        help_text=_("If there is one already."),
    )
    case = forms.CharField(
        label=_("Number of the backlog case"), max_length=20, required=False, help_text=_("As in 2026-12.")
    )
    opinion = forms.CharField(label=_("Opinion of the official"), max_length=2000, required=False, widget=lines(3))
    result = forms.ChoiceField(
        label=_("Result"), choices=ReceptionResult.choices, initial=ReceptionResult.HANDED, widget=Segmented
    )
    unit = forms.CharField(
        label=_("Given to"), max_length=60, required=False, widget=UnitInput, help_text=_("Name or code of the unit.")
    )
    due_on = forms.DateField(label=_("To be answered by"), required=False, widget=LocalDateInput)
    task = forms.CharField(
        label=_("Task for the unit"),
        max_length=300,
        required=False,
        widget=lines(2),
        help_text=_("Becomes its task with a deadline. Left empty, the official's opinion stands for it."),
    )
    satisfaction = forms.TypedChoiceField(
        label=_("Satisfied?"),
        choices=[("", _("not asked")), *Rating.Score.choices],
        coerce=int,
        empty_value=None,
        required=False,
        widget=Segmented,
    )

    def __init__(self, *args: Any, user: User, booking: Booking | None = None, **kwargs: Any) -> None:
        self.user, self.booking = user, booking
        super().__init__(*args, **kwargs)

    def clean_petition(self) -> Petition | None:
        words = self.cleaned_data["petition"]
        return petition_by_number(words, self.user) if words.strip() else None

    def clean_case(self) -> BacklogCase | None:
        return case_by_number(self.cleaned_data["case"], self.user)

    def clean_unit(self) -> Unit | None:
        return unit_by_words(self.cleaned_data["unit"])

    def visit(self) -> Visit:
        """What the action takes."""
        # A booking's name is not typed again: who records it need not see it.
        visitor = self.cleaned_data["visitor"].strip() or (self.booking.name if self.booking else "")
        return Visit(**{**self.cleaned_data, "visitor": visitor}, booking=self.booking)


class LinkForm(forms.Form):
    """The petition a batch belongs to."""

    petition = forms.CharField(label=_("Number of the petition"), max_length=40, help_text=_("As in 26-000123."))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    def clean_petition(self) -> Petition:
        return petition_by_number(self.cleaned_data["petition"], self.user)
