"""Casework on many rows (成批办, domain-facts §9.2 no. 10): chosen in a list, previewed, then done as a job."""

from django.urls import reverse

from accounts.models import User
from dispatch.batch.base import CAP, Batch
from dispatch.batch.orders import BatchAssign, BatchRemind, BatchSign
from dispatch.batch.petitions import BatchClose, BatchDispatch, BatchNote, BatchReply, BatchUrgency
from dispatch.batch.undo import Undo
from dispatch.jobs import register
from petitions.bulk import BULK_ACTIONS, BulkAction

# In the order of the bar.
BATCHES: dict[str, Batch] = {
    batch.slug: batch
    for batch in (
        BatchDispatch(),
        BatchRemind(),
        BatchSign(),
        BatchAssign(),
        BatchReply(),
        BatchClose(),
        BatchNote(),
        BatchUrgency(),
    )
}
UNDO = "undo"

for _batch in BATCHES.values():
    register(f"batch_{_batch.slug}", _batch)
register(UNDO, Undo())


def batch_of(kind: str) -> Batch | None:
    """The batch step behind a kind of job; None for jobs nobody chose rows for."""
    return BATCHES.get(kind.removeprefix("batch_")) if kind.startswith("batch_") else None


def open_to(user: User, *slugs: str) -> list[Batch]:
    """The steps this person's bar offers, of those named (all, when none is)."""
    return [batch for batch in BATCHES.values() if (not slugs or batch.slug in slugs) and batch.is_open_to(user)]


def bulk_buttons(user: User) -> list[BulkAction]:
    """What the worklist's bar offers: only steps on many this person may take."""
    return [BulkAction(b.button, b.icon, reverse("batch_start", args=[b.slug])) for b in open_to(user)]


BULK_ACTIONS.append(bulk_buttons)

__all__ = ["BATCHES", "CAP", "UNDO", "Batch", "batch_of", "open_to"]
