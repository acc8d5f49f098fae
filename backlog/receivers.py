"""What moves cause in this room: in the transaction of the move, so that all or nothing stands."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.dispatch import receiver

from accounts.actors import Actor
from backlog.actions import command, deadlines, milestones, watching, writing
from backlog.models import BacklogCase
from backlog.signals import case_moved
from backlog.states import CASE_MOVES, MILESTONE_MOVES, TASK_MOVES
from dispatch.actions.clocks import Subject
from dispatch.deadlines import SUBJECT_MOVES
from dispatch.models import Policy
from dispatch.signals import clocks_recomputed, subject_clocked
from petitions.attachments import MAY_ATTACH
from petitions.models import Petition
from petitions.signals import petition_moved, petition_recurred

SUBJECT_MOVES[Policy.Subject.BACKLOG] = CASE_MOVES
SUBJECT_MOVES[Policy.Subject.MILESTONE] = MILESTONE_MOVES
SUBJECT_MOVES[Policy.Subject.TASK] = TASK_MOVES


@receiver(case_moved, dispatch_uid="backlog.move_milestones")
def move_milestones(case: BacklogCase, move: str, actor: Actor, at: datetime, **_kwargs: Any) -> None:
    milestones.case_moved(case, move, actor=actor, at=at)


@receiver(case_moved, dispatch_uid="backlog.open_linked_petitions")
def open_linked_petitions(case: BacklogCase, move: str, actor: Actor, at: datetime, **_kwargs: Any) -> None:
    """A petition that joins the file is open to whoever commands the case, and closed when it leaves."""
    if move in {"link", "unlink"}:
        command.petitions_changed(case, actor=actor, at=at)


@receiver(petition_moved, dispatch_uid="backlog.close_restricted")
def close_restricted(petition: Petition, move: str, at: datetime, **_kwargs: Any) -> None:
    if move == "set_route" and petition.is_restricted:
        command.close_restricted(petition, at=at)


@receiver(petition_recurred, dispatch_uid="backlog.propose_rebound")
def propose_rebound(petition: Petition, actor: Actor, at: datetime, **_kwargs: Any) -> None:
    watching.raised_again(petition, actor=actor, at=at)


@receiver(subject_clocked, dispatch_uid="backlog.subject_clocked")
def copy_deadline(subject: Subject, **_kwargs: Any) -> None:
    deadlines.subject_moved(subject)


@receiver(clocks_recomputed, dispatch_uid="backlog.clocks_recomputed")
def copy_deadlines(clock_ids: Sequence[int], **_kwargs: Any) -> None:
    deadlines.clocks_moved(clock_ids)


@receiver(petition_recurred, dispatch_uid="backlog.petition_recurred")
def link_telling(petition: Petition, actor: Actor, at: datetime, **_kwargs: Any) -> None:
    writing.follow_telling(petition, actor=actor, at=at)


def _works_on_file(petition: Petition, actor: Actor) -> bool:
    """Papers of a backlog file are kept with its main petition; whoever writes on the file hands them in."""
    return BacklogCase.objects.within(actor, "backlog.write").filter(petition=petition).exists()


MAY_ATTACH.append(_works_on_file)
