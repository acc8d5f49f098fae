"""What moves of this room cause in it, in the transaction of the move."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from accounts.actors import Actor
from backlog.actions import milestones
from backlog.models import BacklogCase
from backlog.signals import case_moved


@receiver(case_moved)
def move_milestones(case: BacklogCase, move: str, actor: Actor, at: datetime, **_kwargs: Any) -> None:
    milestones.case_moved(case, move, actor=actor, at=at)
