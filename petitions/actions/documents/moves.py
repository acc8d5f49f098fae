"""The one place where a document changes its state, and what every step of one shares."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from petitions import events
from petitions.actions.moves import lock, require, touch
from petitions.documents.kinds import KINDS
from petitions.models import Document, Petition, ReviewRequest, Stage
from petitions.signals import document_moved
from petitions.states import Refused, check_move
from petitions.states.documents import DOCUMENT_MOVES
from petitions.states.reviews import ReviewState

# Deliveries are made for the units by the offices; every other step is the organ's own.
_FOR_OTHERS = frozenset({"deliver"})


def lock_document(document_id: int) -> Document:
    """The document, locked after its petition (the order every writer keeps)."""
    petition_id = Document.objects.values_list("petition_id", flat=True).get(pk=document_id)
    petition = lock(petition_id)
    document = Document.objects.select_for_update(of=("self",)).select_related("unit").get(pk=document_id)
    document.petition = petition
    return document


def check_version(document: Document, version: int | None) -> None:
    """Refuse when the person saw another state of the document than it has now."""
    if version is not None and version != document.version:
        raise Refused(
            _("Somebody else has changed this document meanwhile. Please look at it again and repeat the step."),
            code="stale",
        )


def require_on(document: Document, permission: str, actor: Actor, *, for_others: bool = False) -> None:
    """Refuse when the permission does not reach this document: its petition, and (but for delivery) its organ."""
    require(document.petition, permission, actor)
    if actor.is_system or for_others:
        return
    if actor.unit is None or actor.unit.pk != document.unit_id:
        raise Refused(
            _("This document is %(unit)s's; only its own people may do this.") % {"unit": document.unit},
            code="forbidden",
        )


@transaction.atomic
def move(
    document_id: int,
    name: str,
    *,
    actor: User | Actor,
    at: datetime,
    data: dict[str, Any] | None = None,
    text: str = "",
    changes: dict[str, Any] | None = None,
    version: int | None = None,
) -> Document:
    """Take one step of DOCUMENT_MOVES: the only place that assigns `Document.state`.

    Locks petition and document, checks version, table and permission, writes state, `changes` and the event, and sends
    `document_moved`. Raises Refused with a sentence for the officer.
    """
    who = Actor.of(actor)
    document = lock_document(document_id)
    check_version(document, version)
    step = check_move(DOCUMENT_MOVES, name, document.state, document.get_state_display())
    require_on(document, step.permission, who, for_others=name in _FOR_OTHERS)
    document.state = step.target or document.state
    for attribute, value in (changes or {}).items():
        setattr(document, attribute, value)
    document.version += 1
    document.save()
    record(document, name, who, at, data=data, text=text)
    document_moved.send(Document, document=document, move=name, actor=who, at=at)
    return document


def record(
    document: Document, name: str, who: Actor, at: datetime, *, data: dict[str, Any] | None = None, text: str = ""
) -> None:
    """The event of a step in the history of the case: which document, and the digest of what it said."""
    newest = document.current
    facts = {
        "document": document.pk,
        "kind": document.kind,
        "number": document.number,
        "edition": newest.no,
        "digest": newest.digest,
        **(data or {}),
    }
    events.record(document.petition_id, f"document.{name}", actor=who, at=at, data=facts, text=text)
    touch(document.petition, at)


# The opinions of review, and the stage each belongs to.
REVIEW_KINDS = {"review_opinion": Stage.REVIEW, "rereview_opinion": Stage.REREVIEW}


def round_of(petition: Petition, kind: str) -> int:
    """The round a document of this kind begun now belongs to.

    An opinion that revokes begins the next round itself, so the opinions of review take theirs from the request.
    """
    if kind not in REVIEW_KINDS:
        return petition.round
    rows = ReviewRequest.objects.filter(petition=petition, stage=REVIEW_KINDS[kind])
    row = rows.exclude(state__in=[ReviewState.REFUSED, ReviewState.DROPPED]).first()
    return petition.round if row is None else row.round


def kind_of(key: str) -> Any:
    """The kind of that key. Raises Refused for one nobody registered."""
    if key not in KINDS:
        raise Refused(_("There is no such kind of document."), field="kind", code="unknown")
    return KINDS[key]
