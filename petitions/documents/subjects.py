"""What a document may be about besides its case: a row of a later room, whose readers are its readers.

`Document.subject` names the row, "supervision:12". A room whose rows have papers registers who may read the rows.
"""

from collections.abc import Callable
from typing import Any

from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from accounts.actors import Actor

# Kind of row → the rows this actor may read.
Readers = Callable[[Actor], QuerySet[Any]]
_READERS: dict[str, Readers] = {}


def register_subject(kind: str, readers: Readers) -> None:
    """Papers about rows of this kind are read by the organ that gives them and by who may read the row."""
    _READERS[kind] = readers


def subjects_open_to(actor: Actor) -> Q:
    """Documents about no such row, or about one this actor may read, or given by the actor's own organ."""
    is_open = Q()
    for kind, readers in _READERS.items():
        keys = readers(actor).order_by().values_list(Concat(Value(f"{kind}:"), Cast("pk", CharField())))
        mine = Q(unit=actor.unit) if actor.unit is not None else Q(pk__in=[])
        is_open &= ~Q(subject__startswith=f"{kind}:") | mine | Q(subject__in=keys)
    return is_open
