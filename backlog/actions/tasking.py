"""The only code that writes tasks: given by an instruction, a meeting, a joint supervision or a reception."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Unit, User
from backlog.actions import grounds, moves
from backlog.models import BacklogCase, CaseOfficial, Task, TaskEvent
from backlog.signals import task_moved
from backlog.states import OPEN_TASK_STATES, TASK_MOVES, TaskOrigin, TaskState
from dispatch.actions.clocks import Subject, change_asker, hand_subject_to, subject_moved
from dispatch.actions.notices import notify
from dispatch.actions.opening import staff
from dispatch.clocks import city_day
from dispatch.models import Policy
from petitions.states import Refused, check_move

LONGEST = 366
# Steps of whoever judges the task; nobody judges what they were given to do by somebody else.
JUDGED = frozenset({"confirm", "send_back", "drop"})


@transaction.atomic
def assign(
    *,
    text: str,
    unit: Unit,
    due_on: date,
    origin: TaskOrigin,
    actor: User | Actor,
    at: datetime,
    owner: User | None = None,
    case: BacklogCase | None = None,
    **source: Any,
) -> Task:
    """Give a task: row, event, clock and notice in one transaction. `source`: instruction, item, finding or reception.

    `due_on` is a day of the city (Asia/Shanghai); the clock ends with it. Raises Refused naming the field at fault.
    The caller holds the lock of the case and has judged that the actor may give it.
    """
    who = Actor.of(actor)
    _check(text, unit, due_on, owner, at)
    # Locked and read again: between what the caller saw and now the case may have been certified.
    if case is not None and not moves.lock(case.pk).is_open:
        raise Refused(
            _("%(case)s is not open for work: no task can be given on it.") % {"case": case.number},
            field="case",
            code="not_open",
        )
    task = Task.objects.create(
        case=case,
        origin=origin,
        text=text.strip()[:300],
        unit=unit,
        owner=owner,
        due_on=due_on,
        assigned_by=who.user,
        assigned_at=at,
        **source,
    )
    _record(task, "assign", "", who, at)
    _tell(task, "task_given", at)
    return task


def _check(text: str, unit: Unit, due_on: date, owner: User | None, at: datetime) -> None:
    if len(text.strip()) < 4:
        raise Refused(_("Say what is to be done."), field="text")
    if not unit.is_active:
        raise Refused(_("%(unit)s is no longer active. Choose another unit.") % {"unit": unit}, field="unit")
    if not 0 <= (due_on - city_day(at)).days <= LONGEST:
        raise Refused(_("Choose a day from today on, within a year."), field="due_on")
    if owner is not None and (owner.unit_id != unit.pk or not owner.is_active):
        raise Refused(_("%(person)s does not work in %(unit)s.") % {"person": owner, "unit": unit}, field="owner")


@transaction.atomic
def move(
    task_id: int,
    name: str,
    *,
    actor: User | Actor,
    at: datetime,
    text: str = "",
    version: int | None = None,
    changes: dict[str, Any] | None = None,
) -> Task:
    """Take one step of the task's move table: the only place that assigns `Task.state`. Raises Refused."""
    who = Actor.of(actor)
    case_id = Task.objects.values_list("case_id", flat=True).get(pk=task_id)
    case = moves.lock(case_id) if case_id else None
    task = Task.objects.select_for_update(of=("self",)).select_related("unit", "owner").get(pk=task_id)
    moves.check_version(task, version)
    step = check_move(TASK_MOVES, name, task.state, task.get_state_display())
    if not Task.objects.within(who, step.permission).filter(pk=task.pk).exists():
        raise Refused(_("Your role may not do this for this task."), code="forbidden")
    if name in JUDGED:
        _check_not_own(task, who)
    before = task.state
    task.state = step.target or before
    for attribute, value in (changes or {}).items():
        setattr(task, attribute, value)
    if task.state in {TaskState.DONE, TaskState.DROPPED}:
        task.ended_at = at
    task.version += 1
    task.save()
    _record(task, name, before, who, at, text)
    if case is not None and name in {"report", "confirm"}:
        moves.touch(case, at)
    return task


def is_judge(task: Task, who: Actor) -> bool:
    """Nobody judges what they, or their unit, were given to do by somebody else; who commands the case may."""
    if who.is_system or who.user is None or task.assigned_by_id == who.user.pk:
        return True
    is_own = task.owner_id == who.user.pk
    is_units = who.unit is not None and task.unit.path.startswith(who.unit.path)
    commands = CaseOfficial.objects.filter(case=task.case_id, user=who.user, until=None).exists() if is_units else False
    return not is_own and (commands or not is_units)


def _check_not_own(task: Task, who: Actor) -> None:
    if not is_judge(task, who):
        raise Refused(_("You were given this task; whoever gave it, or the office, decides on it."), code="own_task")


def report(task_id: int, *, result: str, actor: User | Actor, at: datetime, version: int | None = None) -> Task:
    """The unit says what was done; whoever gave the task confirms it."""
    if len(result.strip()) < 4:
        raise Refused(_("Say what was done."), field="result")
    with transaction.atomic():
        changes = {"result": result.strip(), "reported_at": at}
        task = move(task_id, "report", actor=actor, at=at, text=result.strip(), version=version, changes=changes)
        _tell_giver(task, "task_reported", at)
    return task


def confirm(
    task_id: int,
    *,
    actor: User | Actor,
    at: datetime,
    result: str = "",
    remark: str = "",
    version: int | None = None,
) -> Task:
    """It is done. `result` only where nobody reported before; a `remark` stands in the history."""
    changes = {"result": result.strip()} if result.strip() else {}
    text = result.strip() or remark.strip()
    return move(task_id, "confirm", actor=actor, at=at, text=text, version=version, changes=changes)


def send_back(task_id: int, *, reason: str, actor: User | Actor, at: datetime, version: int | None = None) -> Task:
    """It is not done; the day stays."""
    if len(reason.strip()) < 4:
        raise Refused(_("Say what is missing."), field="reason")
    with transaction.atomic():
        task = move(task_id, "send_back", actor=actor, at=at, text=reason.strip(), version=version)
        _tell(task, "task_sent_back", at)
    return task


def drop(task_id: int, *, reason: str, actor: User | Actor, at: datetime, version: int | None = None) -> Task:
    """Nothing is to be done any more: whoever was to do it hears so."""
    if len(reason.strip()) < 4:
        raise Refused(_("Say why it is dropped."), field="reason")
    with transaction.atomic():
        task = move(task_id, "drop", actor=actor, at=at, text=reason.strip(), version=version)
        _tell(task, "task_dropped", at)
    return task


def pass_on(task_id: int, *, owner: User, actor: User | Actor, at: datetime, version: int | None = None) -> Task:
    """Another person of the unit has it now; the day stays."""
    with transaction.atomic():
        task = move(task_id, "pass_on", actor=actor, at=at, version=version, changes={"owner": owner})
        if owner.unit_id != task.unit_id or not owner.is_active:
            raise Refused(
                _("%(person)s does not work in %(unit)s.") % {"person": owner, "unit": task.unit}, field="owner"
            )
        _tell(task, "task_given", at)
    return task


def take_over(task_id: int, *, to: User, actor: Actor, at: datetime) -> Task:
    """An official's open task goes to the successor, with the successor's unit where that is another; the day stays.

    Part of a hand-over: the caller has judged it and holds the lock of the case.
    """
    unit = to.unit if to.unit is not None else Task.objects.select_related("unit").get(pk=task_id).unit
    task = move(task_id, "hand_over", actor=actor, at=at, changes={"owner": to, "unit": unit})
    hand_subject_to(Policy.Subject.TASK, task.pk, unit)
    _tell(task, "task_given", at)
    return task


def wait_for(case: BacklogCase, former: User, leader: User) -> None:
    """What the former official gave on the case is judged by the successor from now on; who gave it stays written."""
    rows = Task.objects.filter(case=case, assigned_by=former, state__in=OPEN_TASK_STATES)
    change_asker(Policy.Subject.TASK, list(rows.values_list("pk", flat=True)), leader)


def judges_of(task: Task) -> list[User]:
    """Who is asked to confirm: whoever gave it, while they are at work and, where an official gave it, still named;
    else the lead official of the case, else the petition office of its district."""
    giver, case = task.assigned_by, task.case
    if giver is not None and giver.is_active and not _has_left(giver, case):
        return [giver]
    if case is None:
        return []
    return [case.leader] if case.leader is not None and case.leader.is_active else grounds.district_office(case)


def _has_left(giver: User, case: BacklogCase | None) -> bool:
    rows = CaseOfficial.objects.filter(case=case, user=giver) if case is not None else CaseOfficial.objects.none()
    parts = list(rows.values_list("until", flat=True))
    return bool(parts) and None not in parts


def _record(task: Task, name: str, before: str, actor: Actor, at: datetime, text: str = "") -> None:
    TaskEvent.objects.create(
        task=task, at=at, move=name, actor=actor.user, actor_label=actor.label[:60], unit=actor.unit, text=text
    )
    subject = Subject(
        Policy.Subject.TASK,
        task.pk,
        task.unit,
        asker=task.assigned_by,
        terms={"B_task": moves.days_until(task.due_on, at)},
    )
    subject_moved(subject, name, actor=actor, at=at)
    task_moved.send(Task, task=task, move=name, before=before, actor=actor, at=at)


def _tell(task: Task, kind: str, at: datetime) -> None:
    people = [task.owner] if task.owner else staff(task.unit)
    key = f"task:{task.pk}:{kind}:{task.version}"
    notify(people, kind=kind, key=key, at=at, params={"link": reverse("task", args=[task.pk])})


def _tell_giver(task: Task, kind: str, at: datetime) -> None:
    key = f"task:{task.pk}:{kind}:{task.version}"
    notify(judges_of(task), kind=kind, key=key, at=at, params={"link": reverse("task", args=[task.pk])})
