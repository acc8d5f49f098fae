"""Who takes command (领导包案, domain-facts §3.3): lead and assisting officials, the five duties, instructions, tasks.

Whoever commands a case sees its petitions: they are named to the official on the petition's own record.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Unit, User
from accounts.roles import Role
from backlog.actions import deadlines, grounds, matter, moves, tasking
from backlog.models import BacklogCase, CaseEvent, CaseLink, CaseOfficial, DutyRecord, Instruction, Milestone, Task
from backlog.states import CASE_MOVES, OPEN_TASK_STATES, Duty, TaskOrigin
from dispatch.actions.clocks import change_asker, turn
from dispatch.clocks import city_day
from dispatch.models import Clock, Policy
from petitions import actions as petitions
from petitions import events
from petitions.models import Involvement, Petition, Recusal
from petitions.states import Refused

# Why a petition is open to the official: so that leaving the case closes it again, and nothing else does.
NAMED_FOR = "backlog"
LEAD, ASSIST = CaseOfficial.Part.LEAD, CaseOfficial.Part.ASSIST
MOST_TASKS = 12


@dataclass(frozen=True)
class TaskDraft:
    """A task an instruction asks for. `due_on` is a day of the city."""

    text: str
    unit: Unit
    due_on: date
    owner: User | None = None


def may_lead(person: User) -> bool:
    """Whether somebody can be named: a leading official, or another head of an organ, at work."""
    is_fit = person.role == Role.LEAD_OFFICIAL or person.is_head
    return person.is_active and is_fit and person.may("backlog.sign")


def check_official(person: User, *, field: str) -> None:
    """Raises Refused for somebody who cannot take command."""
    if not may_lead(person):
        text = _("%(person)s is no leading official and no head of an organ. Choose somebody else.")
        raise Refused(text % {"person": person}, field=field, code="no_official")


# ---- lead and assisting officials ----


@transaction.atomic
def lead(
    case_id: int, *, official: User, note: str = "", actor: User | Actor, at: datetime, version: int | None = None
) -> BacklogCase:
    """Name the lead official of a case that has none; they see the linked petitions from now on.

    Raises Refused where somebody leads already (that is a hand-over), for somebody who cannot lead, and for somebody
    recused in one of the petitions.
    """
    who, case = Actor.of(actor), grounds.hold_one(case_id)
    moves.allow(case, "lead", who, version=version)
    if case.leader is not None:
        text = _("%(person)s leads this case. Use the hand-over, so that nothing is left behind.")
        raise Refused(text % {"person": case.leader}, field="official", code="has_leader")
    check_official(official, field="official")
    data = {"official": official.pk, "name": official.name}
    case = moves.move(
        case_id, "lead", actor=who, at=at, data=data, text=note.strip(), changes={"leader": official}, version=version
    )
    appoint(case, official, LEAD, actor=who, at=at)
    wait_for(case, official)
    grounds.tell([official], case, "backlog_lead", at)
    return case


@transaction.atomic
def assist(
    case_id: int,
    *,
    add: Sequence[User] = (),
    end: Sequence[User] = (),
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> BacklogCase:
    """Name further officials who help to lead, and let others go. Raises Refused for nobody, twice, or the leader."""
    who, case = Actor.of(actor), grounds.hold_one(case_id)
    moves.allow(case, "assist", who, version=version)
    if not add and not end:
        raise Refused(_("Choose whom to name or whom to let go."), field="add")
    rows = {row.user_id: row for row in case.officials.filter(until=None).select_related("user")}
    for person in add:
        check_official(person, field="add")
        if person.pk in rows:
            raise Refused(_("%(person)s is named for this case already.") % {"person": person}, field="add")
    leaving = [rows[person.pk] for person in end if person.pk in rows and rows[person.pk].part == ASSIST]
    data = {
        "add": [{"official": person.pk, "name": person.name} for person in add],
        "end": [{"official": row.user_id, "name": row.user.name} for row in leaving],
    }
    case = moves.move(case_id, "assist", actor=who, at=at, data=data, version=version)
    for row in leaving:
        dismiss(row, at=at)
    for person in add:
        appoint(case, person, ASSIST, actor=who, at=at)
    grounds.tell(add, case, "backlog_lead", at)
    return case


def appoint(case: BacklogCase, person: User, part: str, *, actor: Actor, at: datetime) -> CaseOfficial:
    """Open the row of an official and the petitions to them. The caller holds the locks and has taken the move."""
    row = CaseOfficial.objects.create(case=case, user=person, part=part, since=at)
    open_petitions(case, person, actor=actor, at=at)
    return row


def dismiss(row: CaseOfficial, *, at: datetime, successor: User | None = None, note: str = "") -> None:
    """End an official's row and close the petitions that were open to them for this case only."""
    row.until, row.successor, row.handover = at, successor, note
    row.save(update_fields=["until", "successor", "handover"])
    linked = CaseLink.objects.filter(case=row.case_id).values_list("petition_id", flat=True)
    others = CaseOfficial.objects.filter(user=row.user_id, until=None).values("case_id")
    still = set(CaseLink.objects.filter(case__in=others, petition__in=linked).values_list("petition_id", flat=True))
    for petition_id in linked:
        if petition_id not in still:
            petitions.unname(petition_id, user=row.user, reason=NAMED_FOR)


def open_petitions(case: BacklogCase, person: User, *, actor: Actor, at: datetime) -> None:
    """Name the linked petitions to an official, on the petitions' record. Raises Refused for somebody recused."""
    linked = CaseLink.objects.filter(case=case).order_by("petition_id").values_list("petition_id", flat=True)
    known = Involvement.objects.filter(petition__in=linked, user=person, unit=None)
    seen = set(known.values_list("petition_id", flat=True))
    for petition_id in linked:
        if petition_id in seen:
            continue
        petitions.involve(petition_id, user=person, at=at, reason=NAMED_FOR)
        data = {"person": person.pk, "name": person.name, "backlog": case.number}
        events.record(petition_id, "name_person", actor=actor, at=at, data=data)


def petitions_changed(case: BacklogCase, *, actor: Actor, at: datetime) -> None:
    """A petition was linked or taken off: whoever commands the case sees those of the file, and no others for it."""
    linked = CaseLink.objects.filter(case=case).values("petition_id")
    for row in case.officials.filter(until=None).select_related("user"):
        # Recused since they were named: nothing more is opened to them, and nobody's registration fails for it.
        if not Recusal.objects.in_force().filter(petition__in=linked, person=row.user).exists():
            open_petitions(case, row.user, actor=actor, at=at)
        theirs = CaseOfficial.objects.filter(user=row.user, until=None).values("case_id")
        kept = CaseLink.objects.filter(case__in=theirs).values("petition_id")
        gone = Involvement.objects.filter(user=row.user, unit=None, reason=NAMED_FOR).exclude(petition__in=kept)
        for petition_id in gone.values_list("petition_id", flat=True):
            petitions.unname(petition_id, user=row.user, reason=NAMED_FOR)


def close_restricted(petition: Petition, *, at: datetime) -> None:
    """A petition became an accusation: it leaves every file, and is closed to whoever saw it for one (R22 art. 30).

    The caller holds the petition's lock. Where it was the main one another petition of the file takes its place; a
    file that holds no other stays hidden, and if it was only nominated, is not taken up.
    """
    system = Actor.system("backlog")
    for user_id in Involvement.objects.filter(petition=petition, unit=None, reason=NAMED_FOR).values_list(
        "user", flat=True
    ):
        petitions.unname(petition.pk, user=User.objects.get(pk=user_id), reason=NAMED_FOR)
    ids = CaseLink.objects.filter(petition=petition).order_by("case_id").values_list("case_id", flat=True)
    for case_id in list(ids):
        case = moves.lock(case_id)
        other = CaseLink.objects.filter(case=case).exclude(petition=petition).order_by("pk").first()
        if case.petition_id == petition.pk and other is None:
            if case.state in CASE_MOVES["decline"].sources:
                moves.move(case.pk, "decline", actor=system, at=at)
            _cancel_clocks(case, system, at)
            continue
        CaseLink.objects.filter(case=case, petition=petition).delete()
        changes: dict[str, Any] = dict(matter.figures_of(matter.petitions_of(case)).changes())
        if other is not None and case.petition_id == petition.pk:
            changes["petition"] = other.petition
        if case.state in CASE_MOVES["unlink"].sources:
            # Without its number: that it was here is nobody's to know (domain-facts §1.17).
            moves.move(case.pk, "unlink", actor=system, at=at, changes=changes)
        else:
            BacklogCase.objects.filter(pk=case.pk).update(**changes)
    _forget_number(petition)


def _forget_number(petition: Petition) -> None:
    """What was written of it on any file, also one it was taken off or never joined, names it no more."""
    # Rare enough to read the table once for it.
    for event in CaseEvent.objects.filter(data__petition=petition.pk):
        event.data = {key: value for key, value in event.data.items() if key not in {"petition", "number"}}
        event.save(update_fields=["data"])


def _cancel_clocks(case: BacklogCase, actor: Actor, at: datetime) -> None:
    """Nobody reaches this file any more, so nobody can keep its deadlines."""
    plan, tasks = case.milestones.values("pk"), case.tasks.values("pk")
    theirs = Q(subject=Policy.Subject.BACKLOG, subject_id=case.pk)
    theirs |= Q(subject=Policy.Subject.MILESTONE, subject_id__in=plan) | Q(
        subject=Policy.Subject.TASK, subject_id__in=tasks
    )
    alive = Clock.objects.filter(theirs, state__in=[Clock.State.RUNNING, Clock.State.PAUSED])
    for clock in alive.select_related("policy").select_for_update(of=("self",)).order_by("pk"):
        turn(clock, "cancel", at=at, actor=actor)
    deadlines.refresh([case.pk])


def wait_for(case: BacklogCase, leader: User) -> None:
    """From now on the deadlines of the case and its plan report to this official."""
    change_asker(Policy.Subject.BACKLOG, [case.pk], leader)
    change_asker(
        Policy.Subject.MILESTONE, list(Milestone.objects.filter(case=case).values_list("pk", flat=True)), leader
    )


# ---- the five duties ----


@transaction.atomic
def record_duty(
    case_id: int,
    *,
    duty: str,
    official: User | None = None,
    done_on: date,
    evidence: str,
    uploads: Sequence[UploadedFile] = (),
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> DutyRecord:
    """One of the five duties (五包) was done: by whom, on which day, shown by what. The case got on with it.

    Without `official` it is the actor where they are named, else the lead official. Raises Refused for somebody not
    named, a day ahead, and without evidence in words.
    """
    who, case = Actor.of(actor), grounds.hold_one(case_id)
    moves.allow(case, "duty", who, version=version)
    evidence = grounds.words(evidence, _("Say what was done and how it shows."), "evidence")
    grounds.check_day(done_on, at)
    row = _official_of(case, official, who)
    if done_on < city_day(row.since) and row.part == ASSIST:
        grounds.check_day(done_on, at, since=city_day(row.since))
    document = grounds.keep(case, uploads, actor=who, at=at)
    data = {"duty": Duty(duty).value, "official": row.user_id, "name": row.user.name, "done_on": done_on.isoformat()}
    case = moves.move(
        case_id,
        "duty",
        actor=who,
        at=at,
        data=data,
        text=evidence,
        document=document,
        version=version,
        is_progress=True,
    )
    return DutyRecord.objects.create(
        case=case, duty=duty, official=row.user, done_on=done_on, evidence=evidence, document=document, at=at
    )


def _official_of(case: BacklogCase, official: User | None, actor: Actor) -> CaseOfficial:
    rows = {row.user_id: row for row in case.officials.filter(until=None).select_related("user")}
    if official is None:
        own = actor.user.pk if actor.user is not None else 0
        official_id = own if own in rows else case.leader_id or 0
    else:
        official_id = official.pk
    if official_id not in rows:
        raise Refused(_("Choose an official who is named for this case."), field="official", code="no_official")
    return rows[official_id]


# ---- instructions and tasks ----


@transaction.atomic
def instruct(
    case_id: int,
    *,
    text: str,
    tasks: Sequence[TaskDraft],
    official: User | None = None,
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> Instruction:
    """Give an instruction (批示) with the tasks it asks for, each with a clock.

    An office may write it down for the official who gave it. Raises Refused without words or without a task.
    """
    who, case = Actor.of(actor), grounds.hold_one(case_id)
    moves.allow(case, "instruct", who, version=version)
    text = grounds.words(text, _("Write the instruction."), "text")
    row = _official_of(case, official, who)
    if not tasks:
        raise Refused(_("Say at least one thing to be done, by whom and until when."), field="task_1")
    if len(tasks) > MOST_TASKS:
        raise Refused(_("At most %(n)d tasks at once.") % {"n": MOST_TASKS}, field="task_1")
    data = {"official": row.user_id, "name": row.user.name, "tasks": len(tasks)}
    case = moves.move(case_id, "instruct", actor=who, at=at, data=data, text=text, version=version)
    made = Instruction.objects.create(case=case, official=row.user, text=text, at=at)
    for draft in tasks:
        tasking.assign(
            text=draft.text,
            unit=draft.unit,
            due_on=draft.due_on,
            owner=draft.owner,
            origin=TaskOrigin.INSTRUCTION,
            case=case,
            instruction=made,
            actor=who,
            at=at,
        )
    return made


@transaction.atomic
def give_task(
    case_id: int,
    *,
    text: str,
    unit: Unit,
    due_on: date,
    owner: User | None = None,
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> Task:
    """Give a task of the daily work on the case. Raises Refused as `tasking.assign` does."""
    who, case = Actor.of(actor), grounds.hold_one(case_id)
    moves.allow(case, "task", who, version=version)
    data = {"unit": unit.pk, "name": unit.short_name, "due_on": due_on.isoformat()}
    case = moves.move(case_id, "task", actor=who, at=at, data=data, text=text.strip(), version=version)
    return tasking.assign(
        text=text, unit=unit, due_on=due_on, owner=owner, origin=TaskOrigin.CASE, case=case, actor=who, at=at
    )


def open_tasks(case: BacklogCase) -> list[Task]:
    """What is still to be done on the case."""
    return list(case.tasks.filter(state__in=OPEN_TASK_STATES).select_related("unit", "owner").order_by("due_on", "pk"))
