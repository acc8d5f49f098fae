"""What follows within this room, in its transaction, when something happens to a case."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from accounts.actors import Actor
from petitions.actions import checklists, documents, rapport
from petitions.models import Event, Petition
from petitions.signals import event_recorded, petition_moved
from petitions.states import OPEN_STATES


@receiver(event_recorded)
def tick_steps(event: Event, actor: Actor, **_kwargs: Any) -> None:
    checklists.happened(event, actor)


@receiver(petition_moved)
def time_rapport_notes(petition: Petition, before: str, at: datetime, **_kwargs: Any) -> None:
    rapport.case_turned(petition, was_open=before in OPEN_STATES, at=at)


@receiver(petition_moved)
def draft_documents(petition: Petition, move: str, actor: Actor, at: datetime, **_kwargs: Any) -> None:
    documents.draft_for_move(petition, move, actor=actor, at=at)
