"""Changes of rules, profile and calendar: prepared, looked at, confirmed by who may, then carried over by a job.

A rule of law and the legal profile take two people; a service promise and the calendar one (docs/adr/0012).
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from dispatch import impact
from dispatch.actions import jobs
from dispatch.actions.rules import differences, guessed, published
from dispatch.calendar import CalendarError, check_spans
from dispatch.models import Day, OfficeHours, Policy, RuleChange
from dispatch.rulebook import (
    CALENDAR_KEY,
    LEGAL_PROFILES,
    PROFILE_KEY,
    as_spans,
    build_calendar,
    calendar_version,
    forget_cached_rules,
    read_profile,
)
from petitions.states import Refused

Kind = RuleChange.Kind
JOB_KIND = "recompute"
# What the office may edit; what starts and stops a clock is a matter of the program and comes with a release.
EDITABLE = ("name", "name_en", "length", "ends_on_work_day", "extend_max", "ladder", "article")


def prepare_policy(key: str, fields: Mapping[str, Any], *, reason: str, actor: User, at: datetime) -> RuleChange:
    """Prepare a new version of a rule. Raises Refused when nothing changes or another edit of it waits."""
    current = Policy.objects.get(key=key, is_current=True)
    wanted = Policy.objects.get(pk=current.pk)
    for name in EDITABLE:
        if name in fields:
            setattr(wanted, name, fields[name])
    changed = differences(current, wanted)
    if not changed:
        raise Refused(_("Nothing was changed."), code="unchanged")
    _check_ladder(wanted)
    values = {"key": key, "fields": {name: new for name, (_old, new) in changed.items()}}
    before = {name: old for name, (old, _new) in changed.items()}
    return _prepare(Kind.POLICY, f"policy:{key}", current.version, values, before, reason=reason, actor=actor, at=at)


def _check_ladder(rule: Policy) -> None:
    if rule.length < 1:
        raise Refused(_("A deadline must be at least one unit long."), field="length")
    if not rule.ladder and not rule.is_right:
        raise Refused(_("Somebody must hear of the deadline: keep at least one rung."), field="ladder")
    shares = [step["fraction"] for step in rule.ladder if "fraction" in step]
    delays = [step["after"] for step in rule.ladder if "after" in step]
    if shares != sorted(shares) or delays != sorted(delays) or any(not step["to"] for step in rule.ladder):
        raise Refused(_("Rungs must follow one another in time, and each must name somebody."), field="ladder")


def prepare_profile(name: str, *, reason: str, actor: User, at: datetime) -> RuleChange:
    """Prepare the switch to the other legal profile."""
    if name not in LEGAL_PROFILES:
        raise Refused(_("There is no such profile."), field="profile")
    before = read_profile()
    if before == name:
        raise Refused(_("This profile is in force already."), field="profile", code="unchanged")
    base = RuleChange.objects.filter(key=PROFILE_KEY, is_applied=True).count()
    values, old = {"profile": name}, {"profile": before}
    return _prepare(Kind.PROFILE, PROFILE_KEY, base, values, old, reason=reason, actor=actor, at=at)


def prepare_days(
    days: Iterable[Mapping[str, Any]], *, reason: str, actor: User, at: datetime, source: str = Day.Source.EDIT
) -> RuleChange:
    """Prepare an edit of calendar days: each {"day", "is_work", "note", "spans"}; the days are confirmed by it.

    Raises Refused when nothing changes, a day is not in the calendar, or what comes of it is no calendar.
    """
    wanted = {row["day"]: {"spans": None, "note": "", **row} for row in days}
    have = {row.day.isoformat(): row for row in Day.objects.filter(day__in=list(wanted))}
    missing = sorted(set(wanted) - set(have))
    if missing:
        raise Refused(_("%(day)s is not in the calendar yet.") % {"day": missing[0]}, field="day")
    changed = [row for key, row in sorted(wanted.items()) if _as_row(have[key]) != row or not have[key].is_confirmed]
    if not changed:
        raise Refused(_("Nothing was changed."), code="unchanged")
    values = {"days": changed, "source": source}
    before = {"days": [_as_row(have[row["day"]]) for row in changed]}
    return _prepare(Kind.DAYS, CALENDAR_KEY, calendar_version(), values, before, reason=reason, actor=actor, at=at)


def _as_row(day: Day) -> dict[str, Any]:
    return {"day": day.day.isoformat(), "is_work": day.is_work, "note": day.note, "spans": day.spans}


def published_days(year: int) -> list[dict[str, Any]]:
    """The days of a year as its published notice has them; empty while this release does not know that year."""
    rows = [published(day.day) for day in Day.objects.filter(day__year=year)]
    return [_as_row(row) for row in rows if row is not None]


def notice_days(
    year: int, *, off: Iterable[date], make_up: Iterable[date], names: Mapping[date, str]
) -> list[dict[str, Any]]:
    """The days of a year as a typed notice has them: Monday to Friday but for the days off and the make-up days.

    Raises Refused when a date lies outside the year or stands in both lists.
    """
    free, worked = set(off), set(make_up)
    for day in sorted(free | worked):
        if day.year != year:
            raise Refused(_("%(day)s is not in %(year)d.") % {"day": day, "year": year}, field="off")
    if free & worked:
        raise Refused(
            _("%(day)s stands among the days off and among the working days.") % {"day": min(free & worked)},
            field="make_up",
        )
    rows = []
    for stored in Day.objects.filter(day__year=year):
        row = guessed(stored.day)
        row.is_work = stored.day in worked or (row.is_work and stored.day not in free)
        row.note = names.get(stored.day, _("Make-up working day") if stored.day in worked else "")
        row.spans = stored.spans
        rows.append(_as_row(row))
    return rows


def prepare_hours(hours: Mapping[int, Any], *, reason: str, actor: User, at: datetime) -> RuleChange:
    """Prepare new office hours by weekday (0 is Monday). Raises Refused for empty or overlapping intervals."""
    before = {str(row.weekday): row.spans for row in OfficeHours.objects.all()}
    wanted = {str(weekday): [list(span) for span in spans] for weekday, spans in hours.items()}
    if wanted == before:
        raise Refused(_("Nothing was changed."), code="unchanged")
    return _prepare(
        Kind.HOURS,
        CALENDAR_KEY,
        calendar_version(),
        {"hours": wanted},
        {"hours": before},
        reason=reason,
        actor=actor,
        at=at,
    )


def _prepare(
    kind: str,
    key: str,
    base: int,
    values: dict[str, Any],
    before: dict[str, Any],
    *,
    reason: str,
    actor: User,
    at: datetime,
) -> RuleChange:
    require(actor, permission_to_prepare(key))
    if not reason.strip():
        raise Refused(_("Please say why."), field="reason")
    change = RuleChange(
        kind=kind,
        key=key,
        base_version=base,
        values=values,
        before=before,
        reason=reason.strip(),
        prepared_by=actor,
        prepared_at=at,
    )
    change.impact = measured(change, at=at)
    try:
        with transaction.atomic():
            change.save()
    except IntegrityError as error:
        waiting = RuleChange.objects.select_related("prepared_by").filter(key=key, is_applied=None).first()
        if waiting is None:
            raise
        raise Refused(
            _("%(who)s has prepared a change of this already; confirm or drop that one first.")
            % {"who": waiting.prepared_by},
            code="waiting",
        ) from error
    return change


def measured(change: RuleChange, *, at: datetime) -> dict[str, Any]:
    """The figures of a change as they stand at `at`. Raises Refused when the calendar it asks for is none."""
    try:
        return {**impact.count(impact.plan_of(change), at=at), "at": at.isoformat()}
    except CalendarError as error:
        raise Refused(_calendar_words(), field="days", code="no_calendar") from error


def _calendar_words() -> str:
    return _("With this the calendar would have no working time left, or end before a deadline that runs.")


def checked_spans(spans: Iterable[Iterable[int]], field: str) -> list[list[int]]:
    """Office hours as they may be stored. Raises Refused in words for empty or overlapping intervals."""
    try:
        found = check_spans(as_spans(spans))
    except CalendarError as error:
        raise Refused(
            _("Office hours must be intervals that end after they begin and do not overlap, such as 8:30–12:00."),
            field=field,
        ) from error
    if not found:
        raise Refused(_("A working day needs office hours."), field=field)
    return [list(span) for span in found]


# ---- deciding ----


def permission_to_prepare(key: str) -> str:
    """Who may prepare a change of this."""
    return "dispatch.calendar" if key == CALENDAR_KEY else "dispatch.prepare_rules"


def permission_to_apply(change: RuleChange) -> str:
    """Who may confirm a change."""
    return "dispatch.calendar" if change.is_calendar else "dispatch.approve_rules"


def needs_two(change: RuleChange) -> bool:
    """A rule of law and the profile are confirmed by somebody else than who prepared them."""
    if change.kind == Kind.PROFILE:
        return True
    if change.kind != Kind.POLICY:
        return False
    rule = Policy.objects.get(key=change.values["key"], is_current=True)
    return rule.profile != Policy.Profile.PROMISE


def require(actor: User, permission: str) -> None:
    """Refuse when the role does not hold the permission."""
    if not actor.may(permission):
        raise Refused(_("Your role may not do this."), code="forbidden")


@transaction.atomic
def apply(change_id: int, *, actor: User, at: datetime) -> RuleChange:
    """Confirm a change: the new version is in force with the transaction, and a job moves the clocks in flight.

    Raises Refused when it was decided already, the rule has another version since, or one person would do both halves.
    """
    change = RuleChange.objects.select_for_update(of=("self",)).get(pk=change_id)
    _check_open(change)
    require(actor, permission_to_apply(change))
    if needs_two(change) and change.prepared_by_id == actor.pk:
        raise Refused(_("A rule of law takes two people: somebody else must confirm what you prepared."), code="two")
    # Counted before the tables change, by the same plan the preview showed.
    try:
        plan = impact.plan_of(change)
        touched = [] if plan.takes_all else impact.targets(plan, at=at)
    except CalendarError as error:
        raise Refused(_calendar_words(), code="no_calendar") from error
    _WRITERS[Kind(change.kind)](change, at)
    change.is_applied, change.decided_by, change.decided_at = True, actor, at
    change.save()
    forget_cached_rules()
    transaction.on_commit(forget_cached_rules)
    if plan.takes_all:
        # Only now is the new version's id known.
        touched = impact.targets(impact.plan_of(RuleChange(kind=Kind.RELEASE)), at=at)
    if touched:
        job = jobs.start(JOB_KIND, touched, params={"change": change.pk}, actor=Actor.of(actor), at=at)
        change.job_id = job.pk
        change.save(update_fields=["job_id"])
    return change


def _check_open(change: RuleChange) -> None:
    if change.is_applied is not None:
        raise Refused(_("This change has been decided already."), code="decided")


@transaction.atomic
def recount(change_id: int, *, actor: User, at: datetime) -> RuleChange:
    """Count a waiting change anew: cases come and go while it waits."""
    change = RuleChange.objects.select_for_update(of=("self",)).get(pk=change_id)
    _check_open(change)
    require(actor, permission_to_prepare(change.key))
    change.impact = measured(change, at=at)
    change.save(update_fields=["impact"])
    return change


@transaction.atomic
def drop(change_id: int, *, actor: User, at: datetime) -> RuleChange:
    """Give up a prepared change; nothing comes of it. Who prepared it may, and who may confirm it."""
    change = RuleChange.objects.select_for_update(of=("self",)).get(pk=change_id)
    _check_open(change)
    if change.prepared_by_id != actor.pk:
        require(actor, permission_to_apply(change))
    change.is_applied, change.decided_by, change.decided_at = False, actor, at
    change.save()
    return change


def _stale() -> Refused:
    return Refused(_("This has been changed meanwhile; drop this change and prepare it anew."), code="stale")


def _write_policy(change: RuleChange, at: datetime) -> None:
    current = Policy.objects.select_for_update().get(key=change.values["key"], is_current=True)
    if current.version != change.base_version:
        raise _stale()
    new = impact.wanted_rule(change)
    new.version, new.valid_from, new.is_edited = current.version + 1, at, True
    Policy.objects.filter(pk=current.pk).update(is_current=False)
    new.save(force_insert=True)
    change.version = new.version


def _write_profile(change: RuleChange, at: datetime) -> None:
    if read_profile() != change.before["profile"]:
        raise _stale()
    change.version = change.base_version + 1


def _write_days(change: RuleChange, at: datetime) -> None:
    _check_calendar(change)
    rows = {row.day: row for row in Day.objects.select_for_update().filter(day__in=_days_of(change))}
    for value in change.values["days"]:
        row = rows[date.fromisoformat(value["day"])]
        row.is_work, row.note, row.spans = value["is_work"], value["note"], value["spans"]
        row.is_confirmed, row.source = True, change.values["source"]
    Day.objects.bulk_update(rows.values(), ["is_work", "note", "spans", "is_confirmed", "source"], batch_size=500)
    build_calendar()


def _days_of(change: RuleChange) -> list[str]:
    return [row["day"] for row in change.values["days"]]


def _write_hours(change: RuleChange, at: datetime) -> None:
    _check_calendar(change)
    OfficeHours.objects.all().delete()
    OfficeHours.objects.bulk_create(
        OfficeHours(weekday=int(weekday), spans=spans) for weekday, spans in change.values["hours"].items()
    )
    build_calendar()


def _check_calendar(change: RuleChange) -> None:
    if calendar_version() != change.base_version:
        raise _stale()
    change.version = change.base_version + 1


_WRITERS = {
    Kind.POLICY: _write_policy,
    Kind.PROFILE: _write_profile,
    Kind.DAYS: _write_days,
    Kind.HOURS: _write_hours,
}
