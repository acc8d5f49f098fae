"""Assignment (交办): a dispatch with a term, owed a closing report (Regulation on Petition Work, art. 22)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from dispatch.actions.clocks import ASSIGNED_KEY
from dispatch.rulebook import policies
from petitions.states import Refused

if TYPE_CHECKING:
    from dispatch.models import WorkOrder

# Bounds of a term in calendar days: shorter leaves no time to hear the person, longer than the Regulation's own
# handling period with its extension (art. 34) no assignment may be.
SHORTEST, LONGEST = 3, 90
USUAL = 30
MIN_REASON = 4
MIN_REPORT = 20


@dataclass(frozen=True)
class Assignment:
    """The term an assignment gives, in calendar days, and why where it is not the usual one."""

    days: int
    reason: str = ""


def usual_term() -> int:
    """The term an assignment has unless another is named: that of the rule D10."""
    return next((rule.length for rule in policies() if rule.key == ASSIGNED_KEY), USUAL)


def check_reported(order: "WorkOrder") -> None:
    """Raises Refused while the closing report of an assignment is owed."""
    if order.mode == order.Mode.ASSIGN and order.reported_at is None:
        raise Refused(
            _("%(unit)s has not filed the closing report of this assignment yet.") % {"unit": order.unit},
            code="no_report",
        )


def check_term(assignment: Assignment | None) -> None:
    """Raises Refused for a term out of bounds, and for one that differs from the usual without a reason."""
    if assignment is None:
        return
    if not SHORTEST <= assignment.days <= LONGEST:
        raise Refused(
            _("The term of an assignment is between %(low)d and %(high)d days.") % {"low": SHORTEST, "high": LONGEST},
            field="term_days",
            code="term",
        )
    if assignment.days != usual_term() and len(assignment.reason.strip()) < MIN_REASON:
        raise Refused(
            _("The usual term is %(days)d days. Please say why this one is different.") % {"days": usual_term()},
            field="term_reason",
            code="term_reason",
        )
