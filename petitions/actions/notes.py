"""Internal records on the timeline."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from petitions import events
from petitions.actions.moves import lock, require, touch
from petitions.models import (
    Event,
)
from petitions.states import Refused

NOTE_KINDS = ("note", "phone_note", "talk_note")


@transaction.atomic
def add_note(petition_id: int, *, kind: str, text: str, actor: User | Actor, at: datetime) -> Event:
    """Add an internal note, phone or talk record to the timeline. `kind` is one of NOTE_KINDS."""
    if kind not in NOTE_KINDS:
        raise ValueError(f"unknown kind of note: {kind}")
    if not text.strip():
        raise Refused(_("Please write something first."), field="text")
    who = Actor.of(actor)
    petition = lock(petition_id)
    require(petition, "petitions.note", who)
    touch(petition, at)
    return events.record(petition_id, kind, actor=who, at=at, text=text.strip())
