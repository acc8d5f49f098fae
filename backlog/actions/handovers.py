"""When officials change, the new one settles the old accounts (新官理旧账, domain-facts §3.4): nothing is orphaned."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from backlog.actions import command, grounds, moves, tasking
from backlog.models import BacklogCase, CaseOfficial, Task
from backlog.states import CASE_MOVES, OPEN_TASK_STATES
from petitions.states import Refused

LEAST_NOTE = 10


@transaction.atomic
def hand_over(
    case_id: int, *, to: User, note: str, actor: User | Actor, at: datetime, version: int | None = None
) -> BacklogCase:
    """Another official leads from now on: with the note, the open tasks, the petitions and all deadlines.

    Raises Refused where nobody leads, for somebody who cannot lead or leads already, and without a note.
    """
    who, case = Actor.of(actor), grounds.hold_one(case_id)
    moves.allow(case, "hand_over", who, version=version)
    if case.leader is None:
        raise Refused(_("Nobody leads this case yet. Name the lead official."), field="to", code="no_leader")
    row = case.officials.select_related("user").get(part=CaseOfficial.Part.LEAD, until=None)
    note = _check(row.user, to, note)
    _pass_on(case, row, to, note, actor=who, at=at, version=version)
    return BacklogCase.objects.get(pk=case_id)


def _check(official: User, to: User, note: str) -> str:
    if to.pk == official.pk:
        raise Refused(_("%(person)s leads this case already.") % {"person": to}, field="to")
    command.check_official(to, field="to")
    return grounds.words(
        note,
        _("Write what is agreed, what is open and what the successor should know, in at least ten characters."),
        "note",
        least=LEAST_NOTE,
    )


@transaction.atomic
def hand_over_all(
    official: User,
    *,
    to: User,
    note: str,
    notes: Mapping[int, str] | None = None,
    cases: Sequence[int] | None = None,
    actor: User | Actor,
    at: datetime,
) -> list[BacklogCase]:
    """Hand over everything an official has in the backlog at once: led and assisted cases, open tasks, deadlines.

    `notes` adds words of its own to a case, `cases` narrows it to some. All or nothing: a successor who is recused in
    one petition is refused by that case's number. Raises Refused when there is nothing the actor may hand over.
    """
    who = Actor.of(actor)
    note = _check(official, to, note)
    reached = BacklogCase.objects.within(who, "backlog.command").values("pk")
    rows = parts_of(official).filter(case__in=reached)
    if cases is not None:
        rows = rows.filter(case__in=cases)
    held = {case.pk: case for case in grounds.hold(rows.values_list("case_id", flat=True))}
    found = list(rows.filter(case__in=held).select_related("user").order_by("case_id"))
    if not found:
        raise Refused(_("%(person)s has no case you may hand over.") % {"person": official}, code="nothing")
    done = []
    for row in found:
        case = held[row.case_id]
        words = "\n".join(filter(None, [note, (notes or {}).get(case.pk, "").strip()]))
        try:
            _pass_on(case, row, to, words, actor=who, at=at)
        except Refused as refusal:
            text = _("%(number)s: %(reason)s") % {"number": case.number, "reason": str(refusal)}
            raise Refused(text, field="to", code=refusal.code) from refusal
        done.append(case)
    for task in _open_tasks(official).filter(case=None).order_by("pk"):
        if Task.objects.within(who, "backlog.confirm_task").filter(pk=task.pk).exists():
            tasking.take_over(task.pk, to=to, actor=who, at=at)
    return done


def parts_of(official: User) -> QuerySet[CaseOfficial]:
    """The official's open rows on cases whose file is still kept."""
    kept = CASE_MOVES["hand_over"].sources
    return CaseOfficial.objects.filter(user=official, until=None, case__state__in=kept)


def _open_tasks(official: User) -> QuerySet[Task]:
    return Task.objects.filter(owner=official, state__in=OPEN_TASK_STATES)


def _pass_on(
    case: BacklogCase,
    row: CaseOfficial,
    to: User,
    note: str,
    *,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> None:
    """One official's part in one case goes to another. The caller holds the locks."""
    is_lead = row.part == CaseOfficial.Part.LEAD
    data = {
        "from": {"official": row.user_id, "name": row.user.name},
        "to": {"official": to.pk, "name": to.name},
        "part": row.part,
    }
    changes = {"leader": to} if is_lead else {}
    moved = moves.move(case.pk, "hand_over", actor=actor, at=at, data=data, text=note, changes=changes, version=version)
    command.dismiss(row, at=at, successor=to, note=note)
    known = CaseOfficial.objects.filter(case=case, user=to, until=None).first()
    if known is not None and is_lead:
        # Who assisted leads now; the petitions stay open to them.
        known.until = at
        known.save(update_fields=["until"])
        known = None
    if known is None:
        command.appoint(moved, to, row.part, actor=actor, at=at)
    if is_lead:
        command.wait_for(moved, to)
    for task in _open_tasks(row.user).filter(case=case).order_by("pk"):
        tasking.take_over(task.pk, to=to, actor=actor, at=at)
    tasking.wait_for(moved, row.user, to)
    grounds.tell([to], moved, "backlog_handed", at)


@transaction.atomic
def take_over(
    case_id: int, *, remark: str = "", actor: User | Actor, at: datetime, version: int | None = None
) -> BacklogCase:
    """The successor has read the hand-over note and leads from here. Raises Refused where nothing waits for them."""
    who, case = Actor.of(actor), moves.lock(case_id)
    moves.allow(case, "take_over", who, version=version)
    rows = waiting_for(who.user) if who.user is not None else CaseOfficial.objects.none()
    mine = rows.filter(case=case)
    if not mine.exists():
        raise Refused(_("No hand-over of this case waits for you."), code="nothing")
    case = moves.move(case_id, "take_over", actor=who, at=at, text=remark.strip(), version=version)
    mine.update(received_at=at)
    return case


def take_over_all(*, actor: User, at: datetime) -> int:
    """Confirm every hand-over that waits for the actor, each on its own case; how many."""
    cases = sorted(set(waiting_for(actor).values_list("case_id", flat=True)))
    for case_id in cases:
        take_over(case_id, actor=actor, at=at)
    return len(cases)


def waiting_for(official: User) -> QuerySet[CaseOfficial]:
    """Hand-overs to this official that are not confirmed yet, on cases they still have."""
    mine = CaseOfficial.objects.filter(user=official, until=None).values("case_id")
    return CaseOfficial.objects.filter(successor=official, received_at=None, case__in=mine)
