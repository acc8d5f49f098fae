"""What follows a move within this room, in its transaction: the documents it calls for."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from accounts.actors import Actor
from petitions.actions import documents
from petitions.models import Petition
from petitions.signals import petition_moved


@receiver(petition_moved)
def draft_documents(petition: Petition, move: str, actor: Actor, at: datetime, **_kwargs: Any) -> None:
    documents.draft_for_move(petition, move, actor=actor, at=at)
