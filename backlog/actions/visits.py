"""The only code that writes joint supervisions (联合督导, domain-facts §3.7): a team of departments, findings, orders.

Order of locks: visit, then case, then task. An order is a task with a clock (`backlog.actions.tasking`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Area, Unit, User
from accounts.roles import Scope
from backlog.actions import moves, tasking
from backlog.models import BacklogCase, SupervisionVisit, Task, VisitEvent, VisitFinding, VisitMember
from backlog.querysets import district_of
from backlog.states import OPEN_TASK_STATES, VISIT_MOVES, TaskOrigin
from dispatch.actions.notices import notify
from dispatch.actions.opening import staff
from dispatch.actions.supervision import next_serial
from petitions.states import Move, Refused, check_move

RUN = "backlog.supervise_jointly"
LEAST_DEPARTMENTS = 2
LEAST_WORDS = 4


@dataclass(frozen=True)
class Member:
    """Somebody in the team: with an account, or by name."""

    name: str
    unit: Unit | None = None
    user: User | None = None


@dataclass(frozen=True)
class Finding:
    """What the team found at a unit; with `order` and `due_on` (a day of the city) it becomes a task with a clock."""

    unit: Unit
    text: str
    case: BacklogCase | None = None
    order: str = ""
    due_on: date | None = None
    owner: User | None = None


# ---- what every writer shares ----


def lock(visit_id: int) -> SupervisionVisit:
    """The visit, its row locked until the transaction ends."""
    return SupervisionVisit.objects.select_for_update(of=("self",)).select_related("district").get(pk=visit_id)


def may_run(district: Area, actor: User | Actor) -> bool:
    """Whether this actor plans and records visits in the district: the city's offices any, a district's its own."""
    who = Actor.of(actor)
    scope = Scope.CITY if who.is_system else who.scope_for(RUN)
    return scope == Scope.CITY or (scope == Scope.AREA and district.pk == district_of(who))


def allow(visit: SupervisionVisit, name: str, actor: Actor, *, version: int | None = None) -> Move:
    """The row of a move that may be taken now with a locked visit. Raises Refused otherwise."""
    moves.check_version(visit, version)
    step = check_move(VISIT_MOVES, name, visit.state, visit.get_state_display())
    if not may_run(visit.district, actor):
        raise Refused(_("Your role may not do this for this joint supervision."), code="forbidden")
    return step


@transaction.atomic
def move(
    visit_id: int,
    name: str,
    *,
    actor: User | Actor,
    at: datetime,
    text: str = "",
    changes: dict[str, Any] | None = None,
    version: int | None = None,
) -> SupervisionVisit:
    """Take one step of the move table: the only place that assigns `SupervisionVisit.state`. Raises Refused."""
    who = Actor.of(actor)
    visit = lock(visit_id)
    step = allow(visit, name, who, version=version)
    visit.state = step.target or visit.state
    for attribute, value in (changes or {}).items():
        setattr(visit, attribute, value)
    visit.version += 1
    visit.save()
    _record(visit, name, who, at, text)
    return visit


def _record(visit: SupervisionVisit, name: str, actor: Actor, at: datetime, text: str = "") -> None:
    VisitEvent.objects.create(
        visit=visit, at=at, move=name, actor=actor.user, actor_label=actor.label[:60], unit=actor.unit, text=text
    )


# ---- before the visit ----


@transaction.atomic
def plan(
    *,
    title: str,
    district: Area,
    departments: Sequence[Unit],
    visit_on: date,
    actor: User | Actor,
    at: datetime,
    leader: User | None = None,
    unit: Unit | None = None,
    members: Iterable[Member] = (),
    cases: Iterable[BacklogCase] = (),
    place: str = "",
) -> SupervisionVisit:
    """Plan a visit of a joint team. Raises Refused for fewer than two departments, and more."""
    who = Actor.of(actor)
    if not may_run(district, who):
        raise Refused(_("Your office supervises in its own district only."), field="district", code="forbidden")
    team, looked_at = list(departments), list(cases)
    _check(title, district, team, unit, looked_at, who)
    visit = SupervisionVisit.objects.create(
        year=visit_on.year,
        serial=next_serial(SupervisionVisit, visit_on.year),
        title=title.strip()[:60],
        district=district,
        unit=unit,
        leader=leader,
        visit_on=visit_on,
        place=place.strip()[:60],
        planned_by=who.user,
        planned_at=at,
    )
    _set_team(visit, team, members, looked_at)
    _record(visit, "plan", who, at)
    _tell(visit, "visit_called", at)
    return visit


@transaction.atomic
def prepare(
    visit_id: int,
    *,
    title: str,
    departments: Sequence[Unit],
    visit_on: date,
    actor: User | Actor,
    at: datetime,
    leader: User | None = None,
    unit: Unit | None = None,
    members: Iterable[Member] = (),
    cases: Iterable[BacklogCase] = (),
    place: str = "",
    version: int | None = None,
) -> SupervisionVisit:
    """Change team, day, place or cases before the visit; whoever takes part is told again."""
    who = Actor.of(actor)
    visit = lock(visit_id)
    allow(visit, "prepare", who, version=version)
    team, looked_at = list(departments), list(cases)
    _check(title, visit.district, team, unit, looked_at, who)
    changes = {
        "title": title.strip()[:60],
        "unit": unit,
        "leader": leader,
        "visit_on": visit_on,
        "place": place.strip()[:60],
    }
    visit = move(visit_id, "prepare", actor=who, at=at, changes=changes)
    # A case the officer is kept out of was not theirs to take off.
    hidden = visit.cases.exclude(pk__in=BacklogCase.objects.within(who, RUN).values("pk"))
    _set_team(visit, team, members, [*looked_at, *hidden])
    _tell(visit, "visit_called", at)
    return visit


def _check(
    title: str, district: Area, team: Sequence[Unit], unit: Unit | None, cases: Sequence[BacklogCase], actor: Actor
) -> None:
    if len(title.strip()) < LEAST_WORDS:
        raise Refused(_("Give the visit a title."), field="title")
    if len({one.pk for one in team}) < LEAST_DEPARTMENTS:
        raise Refused(_("A joint team needs at least two departments."), field="departments")
    if unit is not None and unit.pk in {one.pk for one in team}:
        raise Refused(_("Nobody supervises their own unit."), field="departments")
    if unit is not None and (unit.area.district_id or unit.area_id) != district.pk:
        raise Refused(_("This unit lies in another district."), field="unit")
    if any(case.district_id != district.pk for case in cases):
        raise Refused(_("Choose cases of the district visited."), field="cases")
    reached = BacklogCase.objects.within(actor, RUN).filter(pk__in=[case.pk for case in cases]).count()
    if reached != len({case.pk for case in cases}):
        raise Refused(_("There is no such case within your reach."), field="cases", code="unknown")


def _set_team(
    visit: SupervisionVisit, team: Sequence[Unit], members: Iterable[Member], cases: Sequence[BacklogCase]
) -> None:
    visit.departments.set(team)
    visit.cases.set(cases)
    visit.members.all().delete()
    VisitMember.objects.bulk_create(
        [VisitMember(visit=visit, name=one.name[:40], unit=one.unit, user=one.user) for one in members]
    )


def _tell(visit: SupervisionVisit, kind: str, at: datetime) -> None:
    """The leader, the members with an account and the heads of the departments; never the unit visited beforehand."""
    people = {member.user for member in visit.members.select_related("user") if member.user is not None}
    if visit.leader is not None:
        people.add(visit.leader)
    for unit in visit.departments.all():
        people.update(staff(unit, "unit_admin"))
    link = reverse("visit", args=[visit.pk])
    key = f"visit:{visit.pk}:{kind}:{visit.version}"
    notify(people, kind=kind, key=key, at=at, params={"link": link, "number": visit.number})


def call_off(
    visit_id: int, *, reason: str, actor: User | Actor, at: datetime, version: int | None = None
) -> SupervisionVisit:
    """The visit does not take place."""
    if len(reason.strip()) < LEAST_WORDS:
        raise Refused(_("Say why it is called off."), field="reason")
    with transaction.atomic():
        visit = move(visit_id, "call_off", actor=actor, at=at, text=reason.strip(), version=version)
        _tell(visit, "visit_off", at)
    return visit


# ---- the visit and what follows ----


@transaction.atomic
def record(
    visit_id: int,
    *,
    findings: Iterable[Finding],
    actor: User | Actor,
    at: datetime,
    summary: str = "",
    version: int | None = None,
) -> SupervisionVisit:
    """What the team found, with the orders that follow. May be done again while the orders run.

    Raises Refused naming the field at fault; a finding's own fields are called findings-0-text and so on.
    """
    who = Actor.of(actor)
    visit = lock(visit_id)
    allow(visit, "record", who, version=version)
    rows = list(findings)
    text = summary.strip() or visit.summary
    if not rows and len(text) < LEAST_WORDS:
        raise Refused(_("Write down what was found, or at least a summary."), field="summary")
    # In the order of the key, as a meeting takes them when it closes.
    for key in sorted({row.case.pk for row in rows if row.case is not None}):
        moves.lock(key)
    for place, row in enumerate(rows):
        _find(visit, row, place, who, at)
    return move(visit_id, "record", actor=who, at=at, changes={"summary": text})


def _find(visit: SupervisionVisit, row: Finding, place: int, actor: Actor, at: datetime) -> VisitFinding:
    field = f"findings-{place}"
    if len(row.text.strip()) < LEAST_WORDS:
        raise Refused(_("Say what was found."), field=f"{field}-text")
    if (row.unit.area.district_id or row.unit.area_id) != visit.district_id:
        raise Refused(_("This unit lies in another district."), field=f"{field}-unit")
    if row.order.strip() and row.due_on is None:
        raise Refused(_("Say by which day."), field=f"{field}-due_on")
    if row.case is not None and not BacklogCase.objects.within(actor, RUN).filter(pk=row.case.pk).exists():
        raise Refused(_("There is no such case within your reach."), field=f"{field}-case", code="unknown")
    found = VisitFinding.objects.create(visit=visit, case=row.case, unit=row.unit, text=row.text.strip(), at=at)
    if row.order.strip() and row.due_on is not None:
        try:
            tasking.assign(
                text=row.order,
                unit=row.unit,
                owner=row.owner,
                due_on=row.due_on,
                origin=TaskOrigin.VISIT,
                case=row.case,
                finding=found,
                actor=actor,
                at=at,
            )
        except Refused as refusal:
            name = "order" if refusal.field == "text" else refusal.field
            raise Refused(str(refusal), field=f"{field}-{name}", code=refusal.code) from refusal
    return found


def open_orders(visit: SupervisionVisit) -> int:
    """How many orders of the visit are still to be done."""
    return Task.objects.filter(finding__visit=visit, state__in=OPEN_TASK_STATES).count()


@transaction.atomic
def close(
    visit_id: int,
    *,
    result: str,
    actor: User | Actor,
    at: datetime,
    reason: str = "",
    version: int | None = None,
) -> SupervisionVisit:
    """Write down what came of it and close. Raises Refused while orders run, unless `reason` says why it may be."""
    if len(result.strip()) < LEAST_WORDS:
        raise Refused(_("Say what came of the supervision."), field="result")
    visit = lock(visit_id)
    left = open_orders(visit)
    if left and len(reason.strip()) < LEAST_WORDS:
        raise Refused(
            _("%(count)s orders are still open. Wait until they are done, or say why it is closed all the same.")
            % {"count": left},
            field="reason",
            code="orders_open",
        )
    changes = {"result": result.strip(), "closed_at": at}
    return move(
        visit_id, "close", actor=actor, at=at, text=reason.strip() if left else "", changes=changes, version=version
    )
