"""The copies of personal words this room keeps, and how each is emptied (`petitions.retention`)."""

from django.db.models import Exists, OuterRef

from petitions.actions.erasing import STILL_NEEDED
from petitions.erasure import cover_room

cover_room(
    "backlog",
    keep={
        "CaseEvent.move",
        "CaseEvent.before",
        "CaseEvent.after",
        "CaseEvent.actor_label",
        "DayEvent.move",
        "DayEvent.actor_label",
        "TaskEvent.move",
        "TaskEvent.actor_label",
        "BacklogCase.hits",
        "BacklogCase.next_due_key",
        "AgendaItem.terms",
    },
)


def _on_living_file(path: str) -> Exists:
    """An old telling of a matter that is still to be settled: its words would take the whole file with them."""
    from backlog.actions.matter import OVER
    from backlog.models import CaseLink

    return Exists(CaseLink.objects.filter(petition=OuterRef(path)).exclude(OVER))


STILL_NEEDED.append(_on_living_file)
