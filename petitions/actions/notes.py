"""Internal records on the timeline."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from petitions import events
from petitions.actions.archiving import refuse_erased
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
    refuse_erased(petition)
    touch(petition, at)
    return events.record(petition_id, kind, actor=who, at=at, text=text.strip())


@transaction.atomic
def withdraw_note(petition_id: int, *, event_id: int, reason: str, actor: User | Actor, at: datetime) -> Event:
    """Take one's own note back by an entry that says so; the note stays readable, for nothing is ever deleted.

    Raises Refused for somebody else's note, without a reason, or when it was withdrawn before.
    """
    if not reason.strip():
        raise Refused(_("Please say why the note is withdrawn."), field="reason")
    who = Actor.of(actor)
    petition = lock(petition_id)
    require(petition, "petitions.note", who)
    note = Event.objects.filter(pk=event_id, petition=petition, kind__in=NOTE_KINDS).first()
    if note is None or note.actor != who.user:
        raise Refused(_("Only who wrote the note may withdraw it."), code="forbidden")
    if Event.objects.filter(petition=petition, kind="withdraw_note", data__of=note.seq).exists():
        raise Refused(_("This note is withdrawn already."), code="withdrawn")
    touch(petition, at)
    return events.record(
        petition_id, "withdraw_note", actor=who, at=at, data={"of": note.seq, "kind": note.kind}, text=reason.strip()
    )
