"""Which periods intake would start, from the rules in force, for the panel that shows consequences."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from dispatch.actions.clocks import starting_with
from dispatch.conditions import Facts
from dispatch.timeline import rule_name
from petitions.consequences import Choice, ClockLine

_MOVES = (("register", _("from registration")), ("accept", _("from acceptance, if accepted today")))


def clocks_of(choice: Choice, at: datetime) -> list[ClockLine]:
    """The petition's own periods, those of registration first; rights to object or to ask are left out."""
    facts = Facts(
        urgency=choice.urgency,
        is_anonymous=choice.is_anonymous,
        purpose=choice.purpose,
        route=choice.route,
        receiver_kind=choice.register_unit.kind,
    )
    return [
        ClockLine(rule_name(policy), due, policy.article, words)
        for move, words in _MOVES
        for policy, due in starting_with(move, facts, at)
        if not policy.is_right
    ]
