"""When a deadline rule applies at all: named conditions a rule lists, and what they look at. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Unit
from petitions.models import Petition, Purpose
from petitions.routes import Route

if TYPE_CHECKING:
    from dispatch.models import WorkOrder

# Who receives for the office as a whole; every other kind of unit is an organ that receives its own matters.
_OFFICES = frozenset(
    {
        Unit.Kind.GOVERNMENT,
        Unit.Kind.PETITION_OFFICE,
        Unit.Kind.HOTLINE,
        Unit.Kind.CONFERENCE,
        Unit.Kind.MEDIATION,
    }
)


@dataclass(frozen=True)
class Facts:
    """What decides whether a rule applies. Empty strings: not known, and a condition on it does not hold."""

    urgency: str = ""
    is_anonymous: bool = False
    purpose: str = ""
    route: str = ""
    is_assigned: bool = False
    receiver_kind: str = ""
    is_lead: bool = True
    is_rework: bool = False

    @classmethod
    def of(cls, petition: Petition) -> "Facts":
        """The facts of a petition."""
        return cls(
            urgency=petition.urgency,
            is_anonymous=petition.is_anonymous,
            purpose=petition.purpose,
            route=petition.route,
            receiver_kind=petition.register_unit.kind,
        )

    @classmethod
    def of_order(cls, order: "WorkOrder") -> "Facts":
        """The facts of a work order: those of its petition with the order's own service class.

        Who received the petition is left out: it would cost a query at every step of every order, and no rule of
        orders asks for it.
        """
        return cls(
            urgency=order.urgency,
            is_anonymous=order.petition.is_anonymous,
            purpose=order.petition.purpose,
            route=order.petition.route,
            is_assigned=order.mode == order.Mode.ASSIGN,
            is_lead=order.is_lead,
            is_rework=order.petition.rework_count > 0,
        )


UNKNOWN = Facts()


@dataclass(frozen=True)
class Condition:
    """One condition: words for the rule's page, and the test."""

    label: Promise
    holds: Callable[[Facts], bool]


CONDITIONS: dict[str, Condition] = {
    # Art. 22 speaks of the petition office, art. 23 of any other organ a matter is handed to directly.
    "office_received": Condition(_("received by a petition office"), lambda facts: facts.receiver_kind in _OFFICES),
    "organ_received": Condition(
        _("received directly by another organ"),
        lambda facts: bool(facts.receiver_kind) and facts.receiver_kind not in _OFFICES,
    ),
    # Art. 31(6): only requests to settle that fit no other legal route run on the 60 days.
    "settlement": Condition(
        _("a request to settle or an appeal in the petition procedure"),
        lambda facts: facts.purpose in {Purpose.SETTLE, Purpose.APPEAL} and facts.route in {"", Route.PETITION},
    ),
    # Art. 29: no period in the Regulation, one of the office's own.
    "suggestion": Condition(_("a suggestion"), lambda facts: facts.purpose == Purpose.SUGGEST),
    # Art. 22: to be reported back with a closing report within the term set.
    "assigned": Condition(_("an assignment with a closing report"), lambda facts: facts.is_assigned),
    "accusation": Condition(_("an accusation"), lambda facts: facts.purpose == Purpose.ACCUSE),
    # The petitioner was told when the matter came to the unit first.
    "first_handling": Condition(_("not for rework"), lambda facts: not facts.is_rework),
    "lead": Condition(_("for the unit in the lead"), lambda facts: facts.is_lead),
}


def hold(names: Iterable[str], facts: Facts) -> bool:
    """Whether all named conditions hold. Raises KeyError for a name no row of the table has."""
    return all(CONDITIONS[name].holds(facts) for name in names)
