"""The weekly video dispatch (周视频调度, domain-facts §3.7)."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from petitions.states import Move


class MeetingState(models.TextChoices):
    PLANNED = "planned", pgettext_lazy("meeting", "Planned")
    LIVE = "live", pgettext_lazy("meeting", "In session")
    CLOSED = "closed", pgettext_lazy("meeting", "Closed")
    CALLED_OFF = "called_off", _("Called off")


MEETING_TONES = {
    MeetingState.PLANNED: "blue",
    MeetingState.LIVE: "red",
    MeetingState.CLOSED: "green",
    MeetingState.CALLED_OFF: "grey",
}


class ItemOutcome(models.TextChoices):
    """What came of a case on the agenda."""

    WAITING = "waiting", _("Not yet called")
    DECIDED = "decided", pgettext_lazy("meeting", "Decided")
    ADJOURNED = "adjourned", _("Adjourned")
    SKIPPED = "skipped", _("Not called")


OUTCOME_TONES = {
    ItemOutcome.WAITING: "grey",
    ItemOutcome.DECIDED: "green",
    ItemOutcome.ADJOURNED: "amber",
    ItemOutcome.SKIPPED: "grey",
}
# A case counts as discussed with these.
ITEM_OUTCOMES = frozenset({ItemOutcome.DECIDED, ItemOutcome.ADJOURNED})

_PREPARED = frozenset({MeetingState.PLANNED})
_RUN = "backlog.run_meeting"
_ROWS = (
    Move("prepare", _("Prepare the meeting"), _("prepared the meeting"), _PREPARED, None, _RUN),
    Move("invite", _("Send the invitations"), _("sent the invitations"), _PREPARED, None, _RUN),
    Move("begin", _("Open the meeting"), _("opened the meeting"), _PREPARED, MeetingState.LIVE, _RUN),
    Move(
        "minute",
        _("Write the minutes"),
        _("wrote the minutes"),
        frozenset({MeetingState.LIVE}),
        None,
        _RUN,
    ),
    Move(
        "close",
        _("Close the meeting"),
        _("closed the meeting"),
        frozenset({MeetingState.LIVE}),
        MeetingState.CLOSED,
        _RUN,
    ),
    # Closed minutes stay as they are; a correction stands below them, with its day and author.
    Move(
        "amend",
        _("Add to the minutes"),
        _("added to the minutes"),
        frozenset({MeetingState.CLOSED}),
        None,
        _RUN,
    ),
    Move("call_off", _("Call off"), _("called the meeting off"), _PREPARED, MeetingState.CALLED_OFF, _RUN),
)
MEETING_MOVES = {row.name: row for row in _ROWS}
