"""The rules in force, read from the tables and kept for half a minute: profile, policies, working calendar."""

from collections.abc import Callable, Iterable, Mapping
from time import monotonic
from typing import Any, TypeVar

from django.db.models import Max

from dispatch.calendar import Calendar, DayInfo, Spans
from dispatch.models import Day, OfficeHours, Policy, RuleChange

T = TypeVar("T")

# Whether the Zhejiang regulation of 2016 is still in force could not be confirmed (domain-facts §10 no. 1).
DEFAULT_PROFILE = Policy.Profile.NATIONAL
LEGAL_PROFILES = (Policy.Profile.NATIONAL, Policy.Profile.ZHEJIANG)
CALENDAR_KEY = "calendar"
PROFILE_KEY = "profile"

# Rules and calendar change a few times a year and are read at every step. What a process starts by a rule that has
# just changed elsewhere is put right afterwards (`dispatch.actions.recompute.catch_up`).
CACHE_SECONDS = 30
_cache: dict[str, tuple[float, Any]] = {}


def _cached(key: str, load: Callable[[], T]) -> T:
    found = _cache.get(key)
    if found is None or found[0] < monotonic():
        found = (monotonic() + CACHE_SECONDS, load())
        _cache[key] = found
    value: T = found[1]
    return value


def forget_cached_rules() -> None:
    """Read rules and calendar afresh: after an edit in this process, and between tests."""
    _cache.clear()


def calendar() -> Calendar:
    """The working calendar from the tables. Raises CalendarError while it is empty."""
    return _cached("calendar", build_calendar)


def policies() -> list[Policy]:
    """The rules in force: promises, rules of both profiles, and those of the profile that is switched on."""
    return _cached("policies", lambda: rules_of(profile()))


def profile() -> str:
    """The legal profile in force; the national one until somebody switches."""
    return _cached("profile", read_profile)


def read_profile() -> str:
    """The legal profile as the tables say it, unbuffered."""
    last = RuleChange.objects.filter(key=PROFILE_KEY, is_applied=True).order_by("-version").first()
    return last.values["profile"] if last else DEFAULT_PROFILE


def rules_of(name: str) -> list[Policy]:
    """The current rules that hold under a legal profile, by key."""
    kept = [Policy.Profile.COMMON, Policy.Profile.PROMISE, name]
    return list(Policy.objects.filter(is_current=True, profile__in=kept).order_by("key"))


def calendar_version() -> int:
    """The number of the calendar's last edit; 0 before the first."""
    return RuleChange.objects.filter(key=CALENDAR_KEY, is_applied=True).aggregate(top=Max("version"))["top"] or 0


def build_calendar(
    *,
    instead: Iterable[DayInfo] = (),
    weekday_spans: Mapping[int, Spans] | None = None,
    version: int | None = None,
) -> Calendar:
    """The calendar from the tables, with some days or hours put in their place: to see what an edit would do.

    Raises CalendarError when that would be no calendar.
    """
    infos = {row.day: day_info(row) for row in Day.objects.all()}
    infos.update((info.day, info) for info in instead)
    if weekday_spans is None:
        weekday_spans = {row.weekday: as_spans(row.spans) for row in OfficeHours.objects.all()}
    number = calendar_version() if version is None else version
    return Calendar(infos.values(), weekday_spans=weekday_spans, version=number)


def as_spans(stored: Iterable[Iterable[int]]) -> Spans:
    """Office hours as JSON keeps them, as the calendar wants them."""
    return tuple((int(begin), int(end)) for begin, end in stored)


def day_info(row: Day) -> DayInfo:
    """A stored day as the calendar wants it."""
    return DayInfo(
        day=row.day,
        is_work=row.is_work,
        is_confirmed=row.is_confirmed,
        spans=as_spans(row.spans) if row.spans else None,
        note=row.note,
    )


def successors(name: str | None = None) -> dict[str, Policy]:
    """By which rule an open clock runs under a profile (the one in force unless named): key of its rule → rule.

    A rule of the other profile is followed by the one that stands in for it, in both directions.
    """
    current = {rule.key: rule for rule in Policy.objects.filter(is_current=True)}
    wanted = name or read_profile()
    found: dict[str, Policy] = {}
    for key, rule in current.items():
        if rule.profile in LEGAL_PROFILES and rule.profile != wanted:
            other = current.get(rule.replaces) or next((r for r in current.values() if r.replaces == key), None)
            found[key] = other if other is not None and other.profile == wanted else rule
        else:
            found[key] = rule
    return found
