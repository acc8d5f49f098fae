"""What the backlog does when something moves in an earlier room: in its transaction, so that all or nothing stands."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from accounts.actors import Actor
from backlog.actions import command, watching
from backlog.models import BacklogCase
from backlog.signals import case_moved
from petitions.models import Petition
from petitions.signals import petition_recurred


@receiver(petition_recurred)
def propose_rebound(petition: Petition, actor: Actor, at: datetime, **_kwargs: Any) -> None:
    watching.raised_again(petition, actor=actor, at=at)


@receiver(case_moved)
def open_linked_petitions(case: BacklogCase, move: str, actor: Actor, at: datetime, **_kwargs: Any) -> None:
    """A petition that joins the file is open to whoever commands the case."""
    if move == "link":
        command.petitions_changed(case, actor=actor, at=at)
