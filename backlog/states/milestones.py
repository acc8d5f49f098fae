"""What is done with a milestone of a case's plan. It has no status of its own: its days say how it stands."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from petitions.states import Move

_ANY = frozenset[str]()
_ROWS = (
    Move("plan", _("Milestone planned"), _("planned a milestone"), _ANY, None, "backlog.plan"),
    Move("replan", _("Milestone replanned"), _("replanned a milestone"), _ANY, None, "backlog.plan"),
    Move("reach", _("Milestone reached"), _("reached a milestone"), _ANY, None, "backlog.plan"),
    Move("reopen", _("Milestone not reached after all"), _("reopened a milestone"), _ANY, None, "backlog.plan"),
    Move("remove", pgettext_lazy("step", "Remove milestone"), _("removed a milestone"), _ANY, None, "backlog.plan"),
)
# The words of the deadline rules; what is legal `backlog.actions.milestones` checks by days.
MILESTONE_MOVES = {row.name: row for row in _ROWS}
