"""The one place where a backlog case changes its state, and what every writer of a case shares.

Order of locks: petition, then case, then task or milestone, then clocks. A step that touches the petition takes the
petition's lock first (`petitions.actions.lock`).
"""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from backlog.models import BacklogCase, CaseEvent
from backlog.signals import case_moved
from backlog.states import CASE_MOVES, OPEN_CASE_STATES, CaseState
from dispatch.actions.clocks import Subject, subject_moved
from dispatch.clocks import city_day
from dispatch.models import Policy
from petitions.models import Attachment
from petitions.states import Move, Refused, check_move

# Calendar days in which to end an observation: before its last day nobody may, so its clock runs on from there.
GRACE = 14


def lock(case_id: int) -> BacklogCase:
    """The case, its row locked until the transaction ends. Every writer of a case takes this lock first."""
    return BacklogCase.objects.select_for_update(of=("self",)).get(pk=case_id)


def require(case: BacklogCase, permission: str, actor: Actor) -> None:
    """Refuse when the permission does not reach this case for this actor."""
    if not BacklogCase.objects.within(actor, permission).filter(pk=case.pk).exists():
        raise Refused(_("Your role may not do this for this case."), code="forbidden")


def check_version(row: Any, version: int | None) -> None:
    """Refuse when somebody has changed the locked row since the person saw it; None skips the check."""
    if version is not None and version != row.version:
        raise Refused(
            _("Somebody else has changed this meanwhile. Please look at it again and repeat the step."), code="stale"
        )


def allow(case: BacklogCase, name: str, actor: Actor, *, version: int | None = None) -> Move:
    """The row of a move that may be taken now with a locked case. Raises Refused otherwise; see `move`."""
    check_version(case, version)
    step = check_move(CASE_MOVES, name, case.state, case.get_state_display())
    require(case, step.permission, actor)
    return step


@transaction.atomic
def move(
    case_id: int,
    name: str,
    *,
    actor: User | Actor,
    at: datetime,
    data: dict[str, Any] | None = None,
    text: str = "",
    changes: dict[str, Any] | None = None,
    document: Attachment | None = None,
    version: int | None = None,
    is_progress: bool = False,
) -> BacklogCase:
    """Take one step of the move table: the only place that assigns `BacklogCase.state`.

    Locks the row, checks version, table and permission, writes state, `changes` and event, moves the case's clocks and
    sends `case_moved`. Call it inside your own `atomic` block when you write more. `is_progress`: the case got on, so
    "stuck since" starts anew. Raises Refused with a sentence for the officer.
    """
    actor = Actor.of(actor)
    case = lock(case_id)
    step = allow(case, name, actor, version=version)
    before = case.state
    case.state = step.target or before
    case.is_open = case.state in OPEN_CASE_STATES
    for attribute, value in (changes or {}).items():
        setattr(case, attribute, value)
    if is_progress:
        case.progressed_at = at
    case.version += 1
    case.save()
    record(case, name, actor=actor, at=at, before=before, data=data, text=text, document=document)
    tick(case, name, actor=actor, at=at)
    case_moved.send(BacklogCase, case=case, move=name, before=before, actor=actor, at=at)
    return case


def record(
    case: BacklogCase,
    name: str,
    *,
    actor: Actor,
    at: datetime,
    before: str = "",
    data: dict[str, Any] | None = None,
    text: str = "",
    document: Attachment | None = None,
) -> CaseEvent:
    """Write the event of a step, in the step's transaction."""
    return CaseEvent.objects.create(
        case=case,
        at=at,
        move=name,
        before=before,
        after=case.state,
        actor=actor.user,
        actor_label=actor.label[:60],
        unit=actor.unit,
        text=text,
        data=data or {},
        document=document,
    )


def touch(case: BacklogCase, at: datetime) -> None:
    """A locked case got on without a move of its own: a task done, a milestone reached."""
    case.progressed_at = at
    BacklogCase.objects.filter(pk=case.pk).update(progressed_at=at)


def subject_of(case: BacklogCase) -> Subject | None:
    """What the case's own clocks run on; None while no unit is responsible, for nobody would owe it."""
    if case.lead_unit is None:
        return None
    terms = {}
    if case.state == CaseState.STRUCK_OFF and case.observe_until and case.struck_off_at:
        terms["B_observation"] = max((case.observe_until - city_day(case.struck_off_at)).days, 1) + GRACE
    return Subject(Policy.Subject.BACKLOG, case.pk, case.lead_unit, asker=case.leader, terms=terms)


def tick(case: BacklogCase, name: str, *, actor: Actor, at: datetime) -> None:
    """Apply a move to the case's own clocks."""
    subject = subject_of(case)
    if subject is not None:
        subject_moved(subject, name, actor=actor, at=at)


def days_until(day: date, at: datetime) -> int:
    """Calendar days from the city's day at `at` to `day`, none where it has come: the term of a clock that ends that
    day."""
    return max((day - city_day(at)).days, 0)
