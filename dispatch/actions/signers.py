"""Whom the sign-off of a document tells: who is next, and the drafter when it comes back or is signed."""

from datetime import datetime

from accounts.models import User
from accounts.roles import full_matrix
from dispatch.actions.notices import notify
from petitions.actions.documents.signing import next_step
from petitions.models import Document
from petitions.states.documents import DOCUMENT_MOVES

_WAITING = frozenset({"submit", "check"})


def document_moved(document: Document, move: str, *, at: datetime) -> None:
    """One notice a person and step; numbers only, never what the document says."""
    people: list[User] = []
    kind = ""
    if move in _WAITING:
        kind, people = "document_waiting", _next(document)
    elif move in {"send_back", "sign"} and document.drafter is not None:
        kind = "document_sent_back" if move == "send_back" else "document_signed"
        people = [document.drafter]
    if people:
        assert move in DOCUMENT_MOVES
        key = f"document:{document.pk}:{document.version}"
        notify(people, kind=kind, petition=document.petition, key=key, at=at)


def tell_next(document: Document, *, at: datetime) -> None:
    """The person it waited for is gone: whoever may give the signature hears."""
    key = f"document:{document.pk}:{document.version}"
    notify(_next(document), kind="document_waiting", petition=document.petition, key=key, at=at)


def _next(document: Document) -> list[User]:
    if document.waits_for is not None:
        return [document.waits_for]
    step = next_step(document)
    if step is None:
        return []
    roles = list(full_matrix()[step.permission])
    rows = User.objects.filter(unit=document.unit, is_active=True, role__in=roles)
    return list(rows.exclude(pk=document.drafter_id or 0)[:20])
