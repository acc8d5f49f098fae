"""Deadline rules and their changes in words a reader needs no key for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from chinese_calendar import Holiday
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from dispatch.calendar import DEFAULT_SPANS
from dispatch.conditions import CONDITIONS
from dispatch.models import Policy, RuleChange
from dispatch.policies import RUNG_LABELS
from dispatch.recipients import WORD_LABELS
from dispatch.states import ORDER_MOVES
from dispatch.supervision import LEVELS, SUGGESTION_MOVES, SUPERVISION_MOVES, SupervisionLevel
from petitions.models import Urgency
from petitions.states import MOVES, Move

_DAY = 24 * 60

# Moves that stand in no move table: births, and those of subjects with a table elsewhere.
BIRTHS: dict[str, Promise] = {
    "register": gettext_lazy("Registration"),
    "dispatch": gettext_lazy("Dispatch"),
    "issue": gettext_lazy("Issue of the suggestion"),
    **{row.issue_move: SupervisionLevel(level).label for level, row in LEVELS.items()},
    "promise": gettext_lazy("Promise made"),
    "keep_promise": gettext_lazy("Promise kept"),
    "release_promise": gettext_lazy("Released from the promise"),
    "year_ends": gettext_lazy("End of the year"),
    "report_filed": gettext_lazy("Report filed"),
    "accept": gettext_lazy("Backlog case taken up"),
    "progress": gettext_lazy("Report of progress"),
    "renew": gettext_lazy("Renewal finished"),
    "apply": gettext_lazy("Application for acceptance"),
    "relist": gettext_lazy("Taken up again after a rebound"),
    "certify": gettext_lazy("Certified"),
    "strike_off": gettext_lazy("Struck off"),
    "observe": gettext_lazy("End of the observation"),
    "rebound": gettext_lazy("Rebound"),
    "end_legally": gettext_lazy("Legal end"),
    "plan": gettext_lazy("Milestone planned"),
    "replan": gettext_lazy("Milestone planned anew"),
    "reach": gettext_lazy("Milestone reached"),
    "remove": gettext_lazy("Milestone removed"),
    "assign": gettext_lazy("Task given"),
    "report": gettext_lazy("Task reported done"),
    "confirm": gettext_lazy("Task confirmed"),
    "drop": gettext_lazy("Task dropped"),
}
_TABLES: dict[str, Mapping[str, Move]] = {
    Policy.Subject.PETITION: MOVES,
    Policy.Subject.ORDER: ORDER_MOVES,
    Policy.Subject.SUPERVISION: SUPERVISION_MOVES,
    Policy.Subject.SUGGESTION: SUGGESTION_MOVES,
}

WEEKDAYS = (
    gettext_lazy("Monday"),
    gettext_lazy("Tuesday"),
    gettext_lazy("Wednesday"),
    gettext_lazy("Thursday"),
    gettext_lazy("Friday"),
    gettext_lazy("Saturday"),
    gettext_lazy("Sunday"),
)


def rule_name(rule: Policy) -> str:
    """The name in the interface language."""
    return rule.name_en if get_language() == "en" else rule.name


def amount(length: int, unit: str) -> str:
    """`7 calendar days`, `2 hours`."""
    if unit == Policy.Unit.WALL_MINUTE and length % 60 == 0:
        hours = length // 60
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    words = {
        Policy.Unit.CALENDAR_DAY: ngettext("%(n)d calendar day", "%(n)d calendar days", length),
        Policy.Unit.WORKING_DAY: ngettext("%(n)d working day", "%(n)d working days", length),
        Policy.Unit.WORKING_MINUTE: ngettext("%(n)d working minute", "%(n)d working minutes", length),
        Policy.Unit.WALL_MINUTE: ngettext("%(n)d minute", "%(n)d minutes", length),
    }
    return words[Policy.Unit(unit)] % {"n": length}


def length_words(rule: Policy) -> str:
    """How long, and whether the last day moves."""
    text = amount(rule.length, rule.unit)
    return _("%(length)s, ends on a working day") % {"length": text} if rule.ends_on_work_day else text


def move_words(names: Iterable[str], subject: str) -> str:
    """The moves of a rule by their labels."""
    return _(", ").join(dict.fromkeys(_move(name, subject) for name in names))


def _move(name: str, subject: str) -> str:
    subject, name = name.split(".") if "." in name else (subject, name)
    table = _TABLES.get(subject, {})
    return str(table[name].label if name in table else BIRTHS.get(name, name))


def start_words(rule: Policy) -> str:
    """What starts it, and when it applies at all."""
    text = move_words(rule.start_moves, rule.subject)
    limits = [str(CONDITIONS[name].label) for name in rule.conditions if name in CONDITIONS]
    limits += [str(Urgency(value).label) for value in rule.urgencies]
    if rule.needs_person:
        limits.append(_("not for anonymous petitions"))
    return _("%(start)s (%(limits)s)") % {"start": text, "limits": _(", ").join(limits)} if limits else text


def rung_time(step: Mapping[str, Any]) -> str:
    """`after 70 % of the time`, `when due`, `2 days after`."""
    if "fraction" in step:
        return _("after %(share)d %% of the time") % {"share": round(step["fraction"] * 100)}
    minutes = step["after"]
    if minutes == 0:
        return _("when it is due")
    if minutes % _DAY == 0:
        return ngettext("%(n)d day after", "%(n)d days after", minutes // _DAY) % {"n": minutes // _DAY}
    return ngettext("%(n)d minute after", "%(n)d minutes after", minutes) % {"n": minutes}


def who_words(words: Iterable[str]) -> str:
    """Who hears on a rung."""
    return _(", ").join(str(WORD_LABELS.get(word, word)) for word in words)


def ladder_words(ladder: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    """(what it is called, when, who hears) for each rung."""
    return [(str(RUNG_LABELS.get(s["name"], s["name"])), rung_time(s), who_words(s["to"])) for s in ladder]


# ---- changes ----

FIELD_LABELS: dict[str, Promise] = {
    "name": gettext_lazy("Name of the rule"),
    "name_en": gettext_lazy("English name"),
    "length": gettext_lazy("Length"),
    "unit": gettext_lazy("Unit of time"),
    "ends_on_work_day": gettext_lazy("Last day moves to the next working day"),
    "extend_max": gettext_lazy("Longest extension, in all"),
    "ladder": gettext_lazy("Who hears when"),
    "article": gettext_lazy("Legal source"),
    "start_moves": gettext_lazy("Started by"),
    "stop_moves": gettext_lazy("Stopped by"),
    "cancel_moves": gettext_lazy("Ended without judgement by"),
    "pause_moves": gettext_lazy("Paused by"),
    "resume_moves": gettext_lazy("Resumed by"),
    "reset_moves": gettext_lazy("Started anew by"),
    "reopen_moves": gettext_lazy("Runs on after"),
}


def value_words(name: str, value: Any, rule: Policy) -> str:
    """A field's value as a reader wants it."""
    if name in {"length", "extend_max"}:
        return amount(value, rule.unit)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name.endswith("_moves"):
        return move_words(value, rule.subject)
    if name == "ladder":
        return "; ".join(f"{when}: {who}" for _label, when, who in ladder_words(value))
    if isinstance(value, list):
        return _(", ").join(map(str, value))
    return str(value) if value != "" else "–"


@dataclass(frozen=True)
class Difference:
    """One changed field, before and after."""

    label: str
    before: str
    after: str


def differences_of(before: Mapping[str, Any], after: Mapping[str, Any], rule: Policy) -> list[Difference]:
    """The changed fields in words."""
    return [
        Difference(
            str(FIELD_LABELS.get(name, name)),
            value_words(name, before.get(name), rule),
            value_words(name, value, rule),
        )
        for name, value in after.items()
    ]


def change_title(change: RuleChange) -> str:
    """What a change is of, in a line."""
    kind = RuleChange.Kind(change.kind)
    if kind == RuleChange.Kind.POLICY:
        rule = Policy.objects.filter(key=change.values["key"]).order_by("-version").first()
        return _("Deadline rule “%(name)s”") % {"name": rule_name(rule) if rule else change.values["key"]}
    if kind == RuleChange.Kind.PROFILE:
        return _("Legal profile: %(name)s") % {"name": Policy.Profile(change.values["profile"]).label}
    if kind == RuleChange.Kind.DAYS:
        return _("Working calendar, %(days)s") % {"days": days_words(change.values["days"])}
    if kind == RuleChange.Kind.HOURS:
        return _("Office hours")
    return _("Rules of a new release")


def days_words(rows: Sequence[Mapping[str, Any]]) -> str:
    """`2027-02-06`, `2027-02-06 to 2027-02-12`, or the year when it is a whole notice."""
    days = [date.fromisoformat(row["day"]) for row in rows]
    if len(days) == 1:
        return date_format(days[0], "Y-m-d")
    if len(days) > 300:
        return _("notice for %(year)d") % {"year": days[0].year}
    if days[-1] - days[0] == timedelta(days=len(days) - 1):
        return _("%(first)s to %(last)s") % {"first": f"{days[0]:%Y-%m-%d}", "last": f"{days[-1]:%Y-%m-%d}"}
    return ngettext("%(n)d day", "%(n)d days", len(days)) % {"n": len(days)}


_HOLIDAYS = {holiday.chinese: holiday.value for holiday in Holiday}


def holiday_name(note: str) -> str:
    """A day's note in the interface language; what people wrote themselves stays as it is."""
    return _HOLIDAYS.get(note, note) if get_language() == "en" else note


def hours_words(spans: Iterable[Sequence[int]]) -> str:
    """`08:30–12:00, 13:30–17:30`."""
    return _(", ").join(f"{clock_text(begin)}–{clock_text(end)}" for begin, end in spans)


def clock_text(minute: int) -> str:
    """Minutes since midnight as `08:30`."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def day_words(row: Mapping[str, Any]) -> str:
    """`working day`, `day off · Spring Festival`, `working day · 08:30–12:00`."""
    words = [_("working day") if row["is_work"] else _("day off"), holiday_name(row.get("note", ""))]
    if row.get("spans"):
        words.append(hours_words(row["spans"]))
    return " · ".join(filter(None, words))


def hours_differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Weekdays whose office hours change."""
    names = [str(name) for name in WEEKDAYS]
    usual = [list(span) for span in DEFAULT_SPANS]
    pairs = [(n, before.get(str(n), usual), after.get(str(n), usual)) for n in range(7)]
    return [Difference(names[n], hours_words(old), hours_words(new)) for n, old, new in pairs if old != new]
