"""What a step on many chosen rows is: who may take it, what it asks, what the preview says of each row."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from dispatch.forms.batch import BatchForm
from dispatch.jobs import Handler
from dispatch.models import Job, JobItem, WorkOrder
from dispatch.states import ORDER_MOVES
from petitions.bulk import BULK_CAP
from petitions.models import Petition
from petitions.states import MOVES, Move, Refused, check_move

CAP = BULK_CAP


class Rehearsed(Exception):
    """Raised at the end of a rehearsal, so that its transaction is rolled back."""


@dataclass
class Outlook:
    """What would become of one row if it were sent now."""

    item: JobItem
    target: Any = None
    # What will happen, in words; and why not, from the action itself.
    words: str = ""
    stop: str = ""
    # A text as the reader of it will see it.
    letter: str = ""
    is_checked: bool = True
    controls: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_out(self) -> bool:
        """Taken out of the batch by the person."""
        return bool(self.item.params.get("out"))


class Batch(Handler):
    """A step on many petitions or work orders. Subclasses name the move and do one row."""

    slug = ""
    # The row of the move table it takes, or (for a step without one) its permission.
    move = ""
    own_permission = ""
    form: type[BatchForm] = BatchForm
    button: str | Promise = ""
    # Who will read what is typed here, and whether it can be undone: both said before anything is sent.
    reader: str | Promise = ""
    undo_words: str | Promise = ""
    # What cannot be undone asks once more.
    can_undo = False
    # Fields of single rows: name → widget of the preview ("unit", "urgency", "letter").
    row_fields: tuple[str, ...] = ()

    @property
    def table(self) -> dict[str, Move]:
        """The move table of its subject."""
        return MOVES if self.subject == "petition" else ORDER_MOVES

    @property
    def permission(self) -> str:
        """What one needs for it; asked again for every row."""
        return self.own_permission or self.table[self.move].permission

    def is_open_to(self, user: User) -> bool:
        """Whether the bar offers it."""
        return user.may(self.permission)

    # ---- the rows ----

    def targets_from(self, user: User, place: str, ids: Sequence[int]) -> list[int]:
        """The targets meant by rows chosen in the worklist ("petitions") or the console ("orders"), in their order."""
        if self.subject == "order" and place != "orders":
            return self._orders_of(user, ids)
        model: Any = Petition if self.subject == "petition" else WorkOrder
        found = set(model.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))
        return [pk for pk in dict.fromkeys(ids) if pk in found]

    def _orders_of(self, user: User, petitions: Sequence[int]) -> list[int]:
        """The orders of chosen petitions that this step could take, the lead units' first."""
        rows = WorkOrder.objects.visible_to(user).filter(petition__in=petitions, is_open=True)
        rows = rows.filter(state__in=self.table[self.move].sources).order_by("petition_id", "-is_lead", "seq")
        by_petition: dict[int, list[int]] = {}
        for pk, petition in rows.values_list("pk", "petition_id"):
            by_petition.setdefault(petition, []).append(pk)
        return [pk for petition in dict.fromkeys(petitions) for pk in by_petition.get(petition, [])]

    def load(self, items: Sequence[JobItem], user: User) -> dict[int, Any]:
        """Targets with what the preview shows, those this person may see."""
        ids = [item.target_id for item in items]
        rows: Any
        if self.subject == "petition":
            rows = Petition.objects.visible_to(user).select_related(
                "content_class__parent", "area__parent__parent", "area__district", "lead_unit", "respondent_unit"
            )
            rows = rows.select_related("repeat_of__lead_unit")
        else:
            rows = WorkOrder.objects.visible_to(user).select_related("petition", "unit", "handler")
        return {row.pk: row for row in rows.filter(pk__in=ids)}

    def quick_stops(self, job: Job, user: User) -> dict[int, str]:
        """Item → why not, as far as status and rights tell: two questions for any number of rows."""
        places = dict(job.items.values_list("target_id", "pk"))
        model: Any = Petition if self.subject == "petition" else WorkOrder
        mine = set(model.objects.within(user, self.permission).filter(pk__in=places).values_list("pk", flat=True))
        stops: dict[int, str] = {}
        for row in model.objects.filter(pk__in=places).only("pk", "state"):
            try:
                if row.pk not in mine:
                    raise Refused(_("Your role may not do this for this petition."))
                if self.move:
                    check_move(self.table, self.move, row.state, row.get_state_display())
            except Refused as refusal:
                stops[places[row.pk]] = str(refusal)
        return stops

    # ---- the preview ----

    def propose(self, item: JobItem, target: Any) -> None:
        """Put into `item.params` what the row starts with; called once, when the row is first shown."""

    def read_row(self, item: JobItem, data: Any) -> None:
        """Take over what was set for this row."""

    def controls(self, item: JobItem, target: Any) -> list[dict[str, Any]]:
        """Fields of this row as the preview draws them."""
        return []

    def letter(self, job: Job, item: JobItem, target: Any) -> str:
        """The text as its reader will see it. Raises Refused while a place in it is not filled in."""
        return ""

    def outlook(self, job: Job, item: JobItem, target: Any, user: User, at: datetime) -> Outlook:
        """Rehearse one row: everything the action checks and does, rolled back."""
        found = Outlook(item, target, controls=self.controls(item, target))
        if found.is_out:
            return found
        try:
            found.letter = self.letter(job, item, target)
            found.words = rehearse(lambda: self.run_one(job, item, at=at, actor=Actor.of(user)))
        except Refused as refusal:
            found.stop = str(refusal)
        return found

    def extras(self, job: Job, user: User, at: datetime) -> dict[str, Any]:
        """What else the preview shows."""
        return {}


def rehearse(step: Callable[[], str | None]) -> str:
    """Run a step and roll it back; what it said. The same checks, the same words, and nothing remains."""
    said = ""
    try:
        with transaction.atomic():
            said = step() or ""
            raise Rehearsed
    except Rehearsed:
        return said


def chosen_ids(values: Iterable[str]) -> list[int]:
    """The numbers among what a form sent, at most CAP."""
    return [int(value) for value in values if value.isdecimal() and len(value) < 18][:CAP]
