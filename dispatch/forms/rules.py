"""Forms for rules, profile, calendar and annual reports: what is typed becomes what an action takes."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.widgets import LocalDateInput, Segmented
from dispatch.forms.base import lines
from dispatch.models import Policy
from dispatch.recipients import WORD_LABELS
from dispatch.rule_words import WEEKDAYS, hours_words
from dispatch.rulebook import LEGAL_PROFILES

_HOUR, _DAY = 60, 24 * 60
MAX_RUNGS = 6
_INTERVAL = re.compile(r"(\d{1,2})[:：](\d{2})\s*(?:-|–|—|至|to)\s*(\d{1,2})[:：](\d{2})")
_DATE = re.compile(r"(\d{4})[-年/.](\d{1,2})[-月/.](\d{1,2})日?")


class ReasonForm(forms.Form):
    """Base: every change says why."""

    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=200,
        help_text=gettext_lazy("Stands in the history and is read by everybody whose deadlines move."),
    )


class PolicyForm(ReasonForm):
    """The part of a rule an office may set. The ladder has forms of its own (`RungForm`)."""

    length = forms.IntegerField(label=gettext_lazy("Length"), min_value=1, max_value=100_000)
    ends_on_work_day = forms.BooleanField(
        label=gettext_lazy("A last day that is a day off moves to the next working day (Civil Code, art. 203)"),
        required=False,
    )
    extend_max = forms.IntegerField(
        label=gettext_lazy("Longest extension, in all"),
        min_value=0,
        max_value=10_000,
        help_text=gettext_lazy("0: it cannot be extended."),
    )
    name = forms.CharField(label=gettext_lazy("Name of the rule"), max_length=40)
    name_en = forms.CharField(label=gettext_lazy("English name"), max_length=60)
    article = forms.CharField(label=gettext_lazy("Legal source"), max_length=80)

    def __init__(self, *args: Any, rule: Policy, **kwargs: Any) -> None:
        self.rule = rule
        kwargs.setdefault("initial", {name: getattr(rule, name) for name in self.base_fields if hasattr(rule, name)})
        super().__init__(*args, **kwargs)
        if not rule.extend_permission:
            del self.fields["extend_max"]
        if rule.unit not in {Policy.Unit.CALENDAR_DAY}:
            del self.fields["ends_on_work_day"]
        self.fields["length"].help_text = rule.get_unit_display()

    def values(self) -> dict[str, Any]:
        """The fields an action takes."""
        return {name: value for name, value in self.cleaned_data.items() if name != "reason"}


class RungForm(forms.Form):
    """One rung: when, and who hears. Without recipients it is left out."""

    WHENS = (
        ("share", gettext_lazy("% of the time used")),
        ("due", gettext_lazy("when it is due")),
        ("minutes", gettext_lazy("minutes after")),
        ("hours", gettext_lazy("hours after")),
        ("days", gettext_lazy("days after")),
    )
    when = forms.ChoiceField(label=gettext_lazy("When"), choices=WHENS)
    number = forms.IntegerField(label=gettext_lazy("How much"), min_value=1, max_value=10_000, required=False)
    to = forms.MultipleChoiceField(
        label=gettext_lazy("Who hears"),
        choices=list(WORD_LABELS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("to") and data.get("when") != "due" and not data.get("number"):
            self.add_error("number", _("Say how much."))
        if data.get("when") == "share" and (data.get("number") or 0) > 99:
            self.add_error("number", _("A warning comes before the deadline: at most 99 %."))
        return data

    @staticmethod
    def typed(step: Mapping[str, Any]) -> dict[str, Any]:
        """A stored rung as it is typed."""
        if "fraction" in step:
            return {"when": "share", "number": round(step["fraction"] * 100), "to": step["to"]}
        minutes = step["after"]
        if minutes == 0:
            return {"when": "due", "number": None, "to": step["to"]}
        for name, size in (("days", _DAY), ("hours", _HOUR)):
            if minutes % size == 0:
                return {"when": name, "number": minutes // size, "to": step["to"]}
        return {"when": "minutes", "number": minutes, "to": step["to"]}


RungFormSet = forms.formset_factory(RungForm, extra=1, max_num=MAX_RUNGS)


def ladder_of(rungs: Sequence[forms.Form]) -> list[dict[str, Any]]:
    """The ladder as a rule stores it: warnings first, then what comes once it is due."""
    warnings, late = [], []
    for rung in rungs:
        data = rung.cleaned_data
        if not data.get("to"):
            continue
        if data["when"] == "share":
            warnings.append({"name": "warn", "fraction": data["number"] / 100, "to": data["to"]})
        else:
            size = {"due": 0, "minutes": 1, "hours": _HOUR, "days": _DAY}[data["when"]]
            late.append({"after": size * (data["number"] or 0), "to": data["to"]})
    warnings.sort(key=lambda step: step["fraction"])
    late.sort(key=lambda step: step["after"])
    places = [step for step in late if step["after"]]
    for step in late:
        step["name"] = "due" if not step["after"] else f"overdue_{min(places.index(step) + 1, 2)}"
    return [*warnings, *({"name": s["name"], "after": s["after"], "to": s["to"]} for s in late)]


class ProfileForm(ReasonForm):
    """Which regulation sets the legal periods."""

    profile = forms.ChoiceField(
        label=gettext_lazy("Legal profile"),
        choices=[(value, Policy.Profile(value).label) for value in LEGAL_PROFILES],
        widget=forms.RadioSelect,
    )


def parse_hours(text: str) -> list[list[int]]:
    """`8:30–12:00, 13:30–17:30` as intervals in minutes. Raises ValidationError for what is no interval."""
    found = _INTERVAL.findall(text)
    if text.strip() and (not found or _INTERVAL.sub("", text).strip(" ,，、;；")):
        raise ValidationError(_("Write office hours as 8:30–12:00, 13:30–17:30."))
    spans = [[int(a) * 60 + int(b), int(c) * 60 + int(d)] for a, b, c, d in found]
    if any(minute >= 60 for _a, b, _c, d in found for minute in (int(b), int(d))):
        raise ValidationError(_("An hour has 60 minutes."))
    return spans


class HoursField(forms.CharField):
    """Office hours in one line; cleans to intervals in minutes, empty for none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=120, **kwargs)

    def clean(self, value: Any) -> Any:
        return parse_hours(super().clean(value))


class DayForm(ReasonForm):
    """One day, or all days from one to another."""

    first = forms.DateField(label=pgettext_lazy("day", "From"), widget=LocalDateInput)
    last = forms.DateField(
        label=pgettext_lazy("day", "To"),
        widget=LocalDateInput,
        required=False,
        help_text=gettext_lazy("Empty: this one day."),
    )
    is_work = forms.ChoiceField(
        label=gettext_lazy("These days are"),
        choices=[("yes", gettext_lazy("working days")), ("no", gettext_lazy("days off"))],
        widget=Segmented,
    )
    note = forms.CharField(label=gettext_lazy("Name of the holiday, or a note"), max_length=40, required=False)
    spans = HoursField(
        label=gettext_lazy("Office hours on these days"),
        required=False,
        help_text=gettext_lazy("Such as 8:30–12:00. Empty: the usual hours of the weekday."),
    )
    field_order = ["first", "last", "is_work", "note", "spans", "reason"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("first"), data.get("last")
        if first and last and not first <= last <= first + timedelta(days=366):
            self.add_error("last", _("The last day must follow the first, within a year."))
        return data

    def days(self) -> list[dict[str, Any]]:
        """The days as the action takes them."""
        data = self.cleaned_data
        day, last, rows = data["first"], data["last"] or data["first"], []
        while day <= last:
            rows.append(
                {
                    "day": day.isoformat(),
                    "is_work": data["is_work"] == "yes",
                    "note": data["note"],
                    "spans": data["spans"] or None,
                }
            )
            day += timedelta(days=1)
        return rows


class NoticeForm(ReasonForm):
    """A State Council notice, typed: days off with the holiday's name, and the working days made up for them."""

    off = forms.CharField(
        label=gettext_lazy("Days off"),
        widget=lines(8, placeholder="2027-01-01 至 2027-01-03 元旦"),
        help_text=gettext_lazy("One holiday a line: first day, last day, name."),
    )
    make_up = forms.CharField(
        label=gettext_lazy("Make-up working days"),
        widget=lines(3, placeholder="2027-02-06, 2027-02-20"),
        required=False,
        help_text=gettext_lazy("The weekend days that are worked, separated by commas."),
    )
    field_order = ["off", "make_up", "reason"]

    def clean_off(self) -> dict[date, str]:
        found: dict[date, str] = {}
        for line in filter(None, map(str.strip, self.cleaned_data["off"].splitlines())):
            days = dates_in(line)
            if not 1 <= len(days) <= 2 or days[0] > days[-1] or days[-1] - days[0] > timedelta(days=30):
                raise ValidationError(_("This line names no day or no span of days: %(line)s") % {"line": line})
            name = _DATE.sub("", line).strip(" -–—至,，、to")
            day = days[0]
            while day <= days[-1]:
                found[day] = name[:40]
                day += timedelta(days=1)
        return found

    def clean_make_up(self) -> list[date]:
        text = self.cleaned_data["make_up"]
        found = dates_in(text)
        if text.strip() and not found:
            raise ValidationError(_("Write dates as 2027-02-06."))
        return found


def dates_in(text: str) -> list[date]:
    """The dates in a line. Raises ValidationError for a day no calendar has."""
    try:
        return [date(int(y), int(m), int(d)) for y, m, d in _DATE.findall(text)]
    except ValueError as error:
        raise ValidationError(_("There is no such day: %(line)s") % {"line": text}) from error


class HoursForm(ReasonForm):
    """Office hours of the week, one line a weekday."""

    def __init__(self, *args: Any, hours: Mapping[int, Sequence[Sequence[int]]], **kwargs: Any) -> None:
        kwargs.setdefault("initial", {f"day{n}": hours_words(hours[n]) for n in range(7)})
        super().__init__(*args, **kwargs)
        for number, name in enumerate(WEEKDAYS):
            self.fields[f"day{number}"] = HoursField(label=name)
        self.fields["day5"].help_text = self.fields["day6"].help_text = _("Counts on make-up working days only.")
        self.order_fields([*(f"day{n}" for n in range(7)), "reason"])

    def hours(self) -> dict[int, list[list[int]]]:
        """Weekday → intervals."""
        return {n: self.cleaned_data[f"day{n}"] for n in range(7)}


class AnnualReportForm(forms.Form):
    """The report as it was issued (Regulation on Petition Work, art. 41)."""

    document = forms.CharField(label=gettext_lazy("Number of the document"), max_length=60)
    summary = forms.CharField(
        label=gettext_lazy("What it says, in short"),
        max_length=3000,
        widget=lines(8),
        help_text=gettext_lazy(
            "Numbers, fields concerned, units most complained of; transfers and supervision; suggestions and what"
            " became of them."
        ),
    )
