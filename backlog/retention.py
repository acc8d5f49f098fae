"""The copies of personal words this room keeps, and how each is emptied (`petitions.retention`)."""

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
