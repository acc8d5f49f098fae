"""What kinds of jobs there are: each kind has a handler that knows its rows, registered when its room starts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from dispatch.models import Job, JobItem, WorkOrder
from petitions.models import Petition
from petitions.states import Refused


@dataclass(frozen=True)
class Row:
    """What a row of a job is of, as this reader may know it; no `url` for what lies out of sight."""

    label: str
    words: str = ""
    url: str = ""


class Handler:
    """One kind of job. A subclass says what is done to a row (`run_one`), or to a whole batch (`run_batch`)."""

    # What `JobItem.target_id` points to: "petition", "order", or "" when `rows` is overridden.
    subject: str = ""
    label: str | Promise = ""
    icon: str = "list-checks"
    # Rows of one transaction: 1 for casework, so that no row waits for another; a set-based kind takes what it can do
    # within a second.
    batch_size: int = 1

    def title(self, job: Job) -> str:
        """What the job is called on its page."""
        return str(self.label)

    def run_one(self, job: Job, item: JobItem, *, at: datetime, actor: Actor) -> str | None:
        """Do one row; the sentence returned stands beside it. May set `item.undo` and `item.event_id`.

        Raises Refused with the reason why not. Runs in a transaction with the row's result.
        """
        raise NotImplementedError

    def run_batch(self, job: Job, items: Sequence[JobItem], *, at: datetime, actor: Actor) -> None:
        """Do these rows within the transaction that writes their results; a row left WAITING counts as done.

        An exception other than Refused halves the batch until the row at fault stands alone and is set aside.
        """
        for item in items:
            try:
                with transaction.atomic():
                    item.message = self.run_one(job, item, at=at, actor=actor) or ""
            except Refused as refusal:
                item.result, item.message, item.undo = JobItem.Result.REFUSED, str(refusal), {}

    def rows(self, job: Job, items: Sequence[JobItem], user: User) -> Mapping[int, Row]:
        """Target → what it is, for those this reader may see."""
        ids = [item.target_id for item in items]
        if self.subject == "petition":
            seen = Petition.objects.visible_to(user).filter(pk__in=ids).only("year", "serial", "summary")
            return {p.pk: Row(p.short_number, p.summary, reverse("petition", args=[p.pk])) for p in seen}
        if self.subject == "order":
            orders = WorkOrder.objects.visible_to(user).filter(pk__in=ids).select_related("petition", "unit")
            return {o.pk: Row(o.number, o.petition.summary, reverse("petition", args=[o.petition_id])) for o in orders}
        return {pk: Row(str(pk)) for pk in ids}

    def undoable(self, job: Job, items: Sequence[JobItem], at: datetime) -> set[int]:
        """Which of these rows (keys of the items) could be taken back at `at`. The step itself asks once more."""
        return set()

    def undo_one(self, job: Job, item: JobItem, *, at: datetime, actor: Actor) -> str | None:
        """Take one row back by a real step with an event of its own. Raises Refused."""
        raise Refused(_("This cannot be undone."), code="final")


_HANDLERS: dict[str, Handler] = {}


def register(kind: str, handler: Handler) -> None:
    """Make a kind of job known. Call it when the room starts; raises ValueError for a kind that is taken."""
    if kind in _HANDLERS and type(_HANDLERS[kind]) is not type(handler):
        raise ValueError(f"the kind of job {kind} is taken")
    _HANDLERS[kind] = handler


def handler_for(kind: str) -> Handler:
    """The handler of a kind. Raises KeyError for one nobody registered."""
    return _HANDLERS[kind]


def title_of(job: Job) -> str:
    """What a job is called, also one whose kind this release no longer knows."""
    handler = _HANDLERS.get(job.kind)
    return handler.title(job) if handler else job.kind


def icon_of(job: Job) -> str:
    """The icon of its kind."""
    handler = _HANDLERS.get(job.kind)
    return handler.icon if handler else "list-checks"


def undoable(job: Job, items: Sequence[JobItem], at: datetime) -> set[int]:
    """Which of these rows (keys of the items) can be taken back now."""
    handler = _HANDLERS.get(job.kind)
    return handler.undoable(job, items, at) if handler else set()


def rows_of(job: Job, items: Sequence[JobItem], user: User) -> list[dict[str, Any]]:
    """Rows with what the reader may know of each; what lies out of sight keeps its result and loses its words."""
    handler = _HANDLERS.get(job.kind)
    known = handler.rows(job, items, user) if handler else {}
    hidden = Row("–", _("Not open to you"))
    lines = []
    for item in items:
        row = known.get(item.target_id, hidden)
        is_open = item.target_id in known
        lines.append({"item": item, "row": row, "message": item.message if is_open else ""})
    return lines
