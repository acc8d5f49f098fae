"""The only code that writes milestones: the plan of a case by steps, each with a planned and an actual day.

A milestone's planned day is a clock (B_milestone) of the case's responsible unit. Replanning is another deadline; that
the first day passed stays on its own clock, and `first_planned_on` stays on the row. Days are days of the city
(Asia/Shanghai). Locks: case, then milestone, then clocks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from backlog.actions import moves
from backlog.models import BacklogCase, Milestone
from dispatch.actions.clocks import Subject, subject_moved
from dispatch.clocks import city_day
from dispatch.models import Clock, Policy
from petitions.states import Refused

# A plan that reaches further is no plan.
LONGEST = 3 * 366
MOST = 20


@dataclass(frozen=True)
class Planned:
    """One milestone to be planned."""

    name: str
    planned_on: date
    starts_on: date | None = None
    note: str = ""


def plan(
    case_id: int,
    *,
    name: str,
    planned_on: date,
    actor: User | Actor,
    at: datetime,
    starts_on: date | None = None,
    note: str = "",
    version: int | None = None,
) -> Milestone:
    """Add a milestone to a case, with its clock and an event. `version`: the case's. Raises Refused."""
    rows = [Planned(name, planned_on, starts_on, note)]
    return plan_all(case_id, rows=rows, actor=actor, at=at, version=version)[0]


@transaction.atomic
def plan_all(
    case_id: int, *, rows: Sequence[Planned], actor: User | Actor, at: datetime, version: int | None = None
) -> list[Milestone]:
    """Add several milestones in their order: one event, a clock each. `version`: the case's. Raises Refused."""
    who = Actor.of(actor)
    if not rows:
        raise Refused(_("Keep one milestone at least."), code="empty")
    for row in rows:
        _check(row.name, row.starts_on, row.planned_on, at)
    case = moves.lock(case_id)
    moves.check_version(case, version)
    standing = case.milestones.filter(dropped_at=None)
    if standing.count() + len(rows) > MOST:
        raise Refused(_("A case has %(n)d milestones at most. Remove one first.") % {"n": MOST}, code="too_many")
    last = case.milestones.aggregate(last=Max("position"))["last"] or 0
    made = Milestone.objects.bulk_create(
        Milestone(
            case=case,
            name=row.name.strip(),
            position=last + place,
            starts_on=row.starts_on,
            planned_on=row.planned_on,
            first_planned_on=row.planned_on,
            note=row.note.strip(),
        )
        for place, row in enumerate(rows, start=1)
    )
    data = {"do": "plan", "milestones": [row.pk for row in made]}
    text = " · ".join(f"{row.name} {row.planned_on}" for row in made)
    case = moves.move(case_id, "milestone", actor=who, at=at, data=data, text=text)
    for milestone in made:
        _tick(case, milestone, "plan", who, at)
    return made


def replan(
    milestone_id: int,
    *,
    planned_on: date,
    actor: User | Actor,
    at: datetime,
    starts_on: date | None = None,
    reason: str = "",
    version: int | None = None,
) -> Milestone:
    """Another planned day: the old clock ends, a new one starts. A later day needs a reason. Raises Refused."""
    changes = {"planned_on": planned_on, "starts_on": starts_on}
    return edit(milestone_id, changes=changes, reason=reason, actor=actor, at=at, version=version)


def reach(
    milestone_id: int,
    *,
    actual_on: date,
    actor: User | Actor,
    at: datetime,
    note: str | None = None,
    version: int | None = None,
) -> Milestone:
    """It was reached on a day up to today: the clock stops, the case got on. Raises Refused.

    The clock judges when it was reported, the table when it was reached: a day entered late is visible as both.
    """
    changes: dict[str, Any] = {"actual_on": actual_on}
    if note is not None:
        changes["note"] = note
    return edit(milestone_id, changes=changes, actor=actor, at=at, version=version)


def reopen(
    milestone_id: int, *, actor: User | Actor, at: datetime, reason: str = "", version: int | None = None
) -> Milestone:
    """It was not reached after all: the clock runs on with its old day. Raises Refused."""
    return edit(milestone_id, changes={"actual_on": None}, reason=reason, actor=actor, at=at, version=version)


@transaction.atomic
def edit(
    milestone_id: int,
    *,
    changes: dict[str, Any],
    actor: User | Actor,
    at: datetime,
    reason: str = "",
    version: int | None = None,
) -> Milestone:
    """Change name, note, starts_on, planned_on, actual_on together; the rest stays. Nothing changed: nothing written.

    Raises Refused: stale version, days that cannot be, a reached milestone that is replanned, a later day without
    reason.
    """
    who = Actor.of(actor)
    case, row = _locked(milestone_id)
    moves.check_version(row, version)
    wanted = {name: value.strip() if isinstance(value, str) else value for name, value in changes.items()}
    wanted = {name: value for name, value in wanted.items() if value != getattr(row, name)}
    if not wanted:
        return row
    steps = _steps(row, wanted, reason.strip(), at)
    before = row.planned_on
    for name, value in wanted.items():
        setattr(row, name, value)
    row.version += 1
    row.save()
    data = {"do": steps[-1], "milestone": row.pk, "from": f"{before}", "to": f"{row.planned_on}"}
    is_progress = "reach" in steps
    case = moves.move(
        case.pk, "milestone", actor=who, at=at, data=data, text=_words(row, before, reason), is_progress=is_progress
    )
    for step in steps:
        if step != "change":
            _tick(case, row, step, who, at)
    return row


@transaction.atomic
def remove(
    milestone_id: int, *, reason: str, actor: User | Actor, at: datetime, version: int | None = None
) -> Milestone:
    """Nothing is planned there any more; the row stays for the record, its clock ends unjudged. Raises Refused."""
    who = Actor.of(actor)
    if len(reason.strip()) < 2:
        raise Refused(_("Say why the milestone is removed."), field="reason")
    case, row = _locked(milestone_id)
    moves.check_version(row, version)
    row.dropped_at = at
    row.version += 1
    row.save(update_fields=["dropped_at", "version"])
    data = {"do": "remove", "milestone": row.pk}
    case = moves.move(case.pk, "milestone", actor=who, at=at, data=data, text=f"{row.name} · {reason.strip()}")
    _tick(case, row, "remove", who, at)
    return row


@transaction.atomic
def shift(milestone_id: int, *, by: int, actor: User | Actor, at: datetime, version: int | None = None) -> Milestone:
    """Move it before the one above (`by` -1) or behind the one below (1); at an end it stays. Raises Refused."""
    case, row = _locked(milestone_id)
    moves.check_version(row, version)
    rows = list(case.milestones.select_for_update().filter(dropped_at=None))
    here = next(place for place, one in enumerate(rows) if one.pk == row.pk)
    there = min(max(here + by, 0), len(rows) - 1)
    if there == here:
        return row
    rows.insert(there, rows.pop(here))
    for place, one in enumerate(rows, start=1):
        one.position = place
    Milestone.objects.bulk_update(rows, ["position"])
    data = {"do": "order", "milestones": [one.pk for one in rows]}
    moves.move(case.pk, "milestone", actor=actor, at=at, data=data, text=row.name)
    row.refresh_from_db()
    return row


def case_moved(case: BacklogCase, move: str, *, actor: Actor, at: datetime) -> None:
    """What a step of the case means for the clocks of its open milestones; in the step's transaction.

    The responsible unit is named or changes, the case is taken up (again): clocks run, for the unit there is now. It
    is certified or ended: nothing is owed any more. A clock that is already late stays with the unit it was missed by.
    """
    if move in {"accept", "place", "relist"} and case.is_open:
        # Who works on a certified case may still be corrected; nothing is owed on it.
        name = "plan"
    elif move in {"certify", "end_legally"}:
        name = "remove"
    else:
        return
    rows = list(case.milestones.filter(dropped_at=None, actual_on=None))
    elsewhere = set[int]()
    if name == "plan" and rows:
        running = Clock.objects.filter(subject=Policy.Subject.MILESTONE, subject_id__in=[row.pk for row in rows])
        running = running.filter(state=Clock.State.RUNNING, due_at__gte=at).exclude(unit=case.lead_unit)
        elsewhere = set(running.values_list("subject_id", flat=True))
    for row in rows:
        _tick(case, row, "replan" if row.pk in elsewhere else name, actor, at)


def _locked(milestone_id: int) -> tuple[BacklogCase, Milestone]:
    case = moves.lock(Milestone.objects.values_list("case_id", flat=True).get(pk=milestone_id))
    row = Milestone.objects.select_for_update(of=("self",)).get(pk=milestone_id)
    if row.dropped_at is not None:
        raise Refused(_("This milestone has been removed."), code="gone")
    return case, row


def _check(name: str, starts_on: date | None, planned_on: date, at: datetime, *, is_new_day: bool = True) -> None:
    if not 2 <= len(name.strip()) <= 40:
        raise Refused(_("Name the milestone in 2 to 40 characters."), field="name")
    if starts_on is not None and starts_on > planned_on:
        raise Refused(_("It begins after the day it is planned for. Change one of the two."), field="starts_on")
    if is_new_day and not 0 <= (planned_on - city_day(at)).days <= LONGEST:
        raise Refused(_("Choose a day from today on, within three years."), field="planned_on")


def _steps(row: Milestone, wanted: dict[str, Any], reason: str, at: datetime) -> list[str]:
    """What an edit amounts to, in order, checked."""
    name, starts_on = wanted.get("name", row.name), wanted.get("starts_on", row.starts_on)
    planned_on = wanted.get("planned_on", row.planned_on)
    steps = ["change"] if set(wanted) - {"planned_on", "actual_on"} else []
    if "actual_on" in wanted and wanted["actual_on"] is None:
        steps.append("reopen")
    if "planned_on" in wanted:
        if row.actual_on is not None and "reopen" not in steps:
            raise Refused(_("It is reached: its planned day stays for the record."), field="planned_on")
        if planned_on > row.planned_on and len(reason) < 2:
            raise Refused(_("Say why the day moves back."), field="reason")
        steps.append("replan")
    _check(name, starts_on, planned_on, at, is_new_day="planned_on" in wanted)
    if wanted.get("actual_on") is not None:
        if wanted["actual_on"] > city_day(at):
            raise Refused(_("That day has not come yet."), field="actual_on")
        steps.append("reach")
    return steps


def _words(row: Milestone, before: date, reason: str) -> str:
    """What the timeline says: names and days, and the reason a person gave."""
    day = f"{row.planned_on}" if before == row.planned_on else f"{before} → {row.planned_on}"
    done = f" ✓ {row.actual_on}" if row.actual_on else ""
    return " · ".join(part for part in (f"{row.name} {day}{done}", reason.strip()) if part)


def _tick(case: BacklogCase, row: Milestone, name: str, actor: Actor, at: datetime) -> None:
    """Apply a move to the milestone's clock; without a responsible unit nobody would owe it."""
    if case.lead_unit is None:
        return
    subject = Subject(
        Policy.Subject.MILESTONE,
        row.pk,
        case.lead_unit,
        asker=case.leader,
        terms={"B_milestone": moves.days_until(row.planned_on, at)},
    )
    subject_moved(subject, name, actor=actor, at=at)
