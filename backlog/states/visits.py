"""Joint supervision (联合督导, domain-facts §3.7): a team of several departments, findings, orders, result."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from petitions.states import Move


class VisitState(models.TextChoices):
    PLANNED = "planned", pgettext_lazy("visit", "Planned")
    VISITED = "visited", _("Visited, orders running")
    CLOSED = "closed", pgettext_lazy("visit", "Closed")
    CALLED_OFF = "called_off", _("Called off")


VISIT_TONES = {
    VisitState.PLANNED: "blue",
    VisitState.VISITED: "amber",
    VisitState.CLOSED: "green",
    VisitState.CALLED_OFF: "grey",
}

_RUN = "backlog.supervise_jointly"
_ROWS = (
    Move("prepare", _("Prepare the visit"), _("prepared the visit"), frozenset({VisitState.PLANNED}), None, _RUN),
    Move(
        "record",
        _("Record findings and orders"),
        _("recorded findings and orders"),
        frozenset({VisitState.PLANNED, VisitState.VISITED}),
        VisitState.VISITED,
        _RUN,
    ),
    Move("close", _("Close"), _("closed the supervision"), frozenset({VisitState.VISITED}), VisitState.CLOSED, _RUN),
    Move(
        "call_off",
        _("Call off"),
        _("called the visit off"),
        frozenset({VisitState.PLANNED}),
        VisitState.CALLED_OFF,
        _RUN,
    ),
)
VISIT_MOVES = {row.name: row for row in _ROWS}
