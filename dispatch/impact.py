"""What a prepared change of the rules would do to the clocks in flight: which, how far, and which become overdue.

Nothing is written here. The same plan (`plan_of`) is what `dispatch.actions.changes.apply` sends to the background.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from dispatch.actions import reckoning
from dispatch.calendar import CITY_TIME, Calendar, DayInfo, Spans
from dispatch.models import Clock, Policy, RuleChange
from dispatch.rulebook import as_spans, build_calendar, calendar, successors

OPEN = (Clock.State.RUNNING, Clock.State.PAUSED)
# Clocks looked at in one go: enough to be quick, few enough for the memory of a web process.
CHUNK = 2000
_BY_CALENDAR = Q(policy__unit__in=[Policy.Unit.WORKING_DAY, Policy.Unit.WORKING_MINUTE]) | Q(
    policy__ends_on_work_day=True
)


@dataclass(frozen=True)
class Plan:
    """Which open clocks a change could touch, and by what they are computed anew."""

    clocks: QuerySet[Clock]
    calendar: Calendar
    # The rule a clock has now (by id) → the rule it would get.
    rules: Mapping[int, Policy] = field(default_factory=dict)
    # Every clock of the plan gets its new rule, whether its date moves or not.
    takes_all: bool = False


def plan_of(change: RuleChange) -> Plan:
    """The plan of a change. Raises CalendarError when the calendar it asks for is none."""
    if change.kind == RuleChange.Kind.DAYS:
        infos = [wanted_day(row) for row in change.values["days"]]
        return Plan(_between(infos), build_calendar(instead=infos))
    if change.kind == RuleChange.Kind.HOURS:
        new = build_calendar(weekday_spans=wanted_hours(change.values["hours"]))
        return Plan(_open().filter(policy__unit=Policy.Unit.WORKING_MINUTE), new)
    if change.kind == RuleChange.Kind.PROFILE:
        return _replacing(successors(change.values["profile"]))
    if change.kind == RuleChange.Kind.POLICY:
        return _replacing({change.values["key"]: wanted_rule(change)})
    return _replacing(successors())


def _open() -> QuerySet[Clock]:
    return Clock.objects.filter(state__in=OPEN)


def _replacing(wanted: Mapping[str, Policy]) -> Plan:
    """The open clocks whose rule is not the one their key leads to."""
    known = Policy.objects.filter(key__in=wanted)
    rules = {old.pk: wanted[old.key] for old in known if wanted[old.key].pk != old.pk}
    return Plan(_open().filter(policy__in=list(rules)), calendar(), rules, takes_all=True)


def _between(infos: Sequence[DayInfo]) -> QuerySet[Clock]:
    """The open clocks that count by the calendar and run while one of these days passes."""
    days = sorted(info.day for info in infos)
    if not days:
        return _open().none()
    first = datetime.combine(days[0], time(), tzinfo=CITY_TIME)
    last = datetime.combine(days[-1] + timedelta(days=1), time(), tzinfo=CITY_TIME)
    return _open().filter(_BY_CALENDAR, started_at__lt=last).filter(Q(due_at__gte=first) | Q(state=Clock.State.PAUSED))


def wanted_day(row: Mapping[str, Any]) -> DayInfo:
    """A day as a change asks for it."""
    spans = as_spans(row["spans"]) if row.get("spans") else None
    return DayInfo(date.fromisoformat(row["day"]), row["is_work"], True, spans, row.get("note", ""))


def wanted_hours(hours: Mapping[str, Any]) -> dict[int, Spans]:
    """Office hours by weekday as a change asks for them."""
    return {int(weekday): as_spans(spans) for weekday, spans in hours.items()}


def wanted_rule(change: RuleChange) -> Policy:
    """The version of a rule that a change would make; not saved."""
    rule = Policy.objects.get(key=change.values["key"], is_current=True)
    rule.pk = None
    for name, value in change.values["fields"].items():
        setattr(rule, name, value)
    return rule


# ---- counting ----

# Shift in whole days up to and including; the last has no end. Keys are stored, words are shown.
BUCKETS = (
    ("much_earlier", None, -8, _("8 days or more earlier")),
    ("earlier", -7, -1, _("1–7 days earlier")),
    ("same_day", 0, 0, _("on the same day, at another hour")),
    ("later", 1, 7, _("1–7 days later")),
    ("much_later", 8, None, _("8 days or more later")),
)


def bucket_of(change: reckoning.Change) -> str:
    """How far a due date moves, by Shanghai days; "unmoved" when it stays."""
    if change.old_due_at == change.new_due_at:
        return "unmoved"
    new, old = (moment.astimezone(CITY_TIME).date() for moment in (change.new_due_at, change.old_due_at))
    days = (new - old).days
    for key, low, high, _label in BUCKETS:
        if (low is None or days >= low) and (high is None or days <= high):
            return key
    raise AssertionError(days)  # pragma: no cover - the buckets have no gap


def walk(plan: Plan, *, at: datetime, after: int = 0) -> Iterator[list[reckoning.Change]]:
    """The changes of a plan in order of their clocks' ids, chunk by chunk, from beyond `after`."""
    while True:
        rows = plan.clocks.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)
        ids = list(rows[:CHUNK])
        if not ids:
            return
        yield reckoning.preview(ids, at=at, policies=plan.rules, calendar=plan.calendar)
        after = ids[-1]


def count(plan: Plan, *, at: datetime) -> dict[str, Any]:
    """The figures above a preview: clocks looked at, moved (by how far), newly overdue, no longer overdue."""
    shifts = {"unmoved": 0, **{key: 0 for key, *_rest in BUCKETS}}
    newly = undone = paused = 0
    for changes in walk(plan, at=at):
        for change in changes:
            shifts[bucket_of(change)] += 1
            newly += change.is_late_now
            undone += change.undoes_breach
            paused += change.is_paused
    moved = sum(shifts.values()) - shifts["unmoved"]
    return {
        "looked_at": plan.clocks.count(),
        "moved": moved,
        "newly_overdue": newly,
        "no_longer_overdue": undone,
        "paused": paused,
        "shifts": shifts,
    }


def moved_after(plan: Plan, *, at: datetime, after: int, size: int, only_late: bool = False) -> list[reckoning.Change]:
    """The first `size` + 1 moved clocks beyond the id `after`: one page, and whether another follows."""
    found: list[reckoning.Change] = []
    for changes in walk(plan, at=at, after=after):
        found += [c for c in changes if c.old_due_at != c.new_due_at and (c.is_late_now or not only_late)]
        if len(found) > size:
            break
    return found[: size + 1]


def targets(plan: Plan, *, at: datetime) -> list[int]:
    """The clocks the background has to write."""
    if plan.takes_all:
        return list(plan.clocks.order_by("pk").values_list("pk", flat=True))
    return [change.clock_id for changes in walk(plan, at=at) for change in changes]
