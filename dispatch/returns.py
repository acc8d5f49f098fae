"""What each reason for a return needs, and reads of returns. Data and pure questions; the actions decide."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Area, Unit
from dispatch.models import Clock, OrderReturn, WorkOrder
from dispatch.twice import limits
from petitions.models import Channel, Petition

Reason = OrderReturn.Reason


@dataclass(frozen=True)
class Need:
    """What a reason must name besides its words: a field of `OrderReturn`, and the sentence when it is missing."""

    field: str
    sentence: Promise


_UNIT = Need("right_unit", _("Please name the unit you hold to be the right one."))
NEEDS: dict[str, Need | None] = {
    Reason.R1: _UNIT,
    Reason.R2: _UNIT,
    Reason.R3: None,
    Reason.R4: _UNIT,
    Reason.R5: Need("missing", _("Please say which facts are missing.")),
    Reason.R6: Need("duplicate", _("Please give the number of the petition this one repeats.")),
    Reason.R7: Need("route", _("Please choose the legal route the matter belongs to.")),
    Reason.R8: None,
}
# Disputes over competence, which the joint conference may decide as well (R22 art. 24; domain-facts §4.2).
DISPUTES = frozenset({Reason.R3, Reason.R4})
# Calls and platform orders carry service promises; the other channels are petitions proper, with the law's time.
SERVICE_CHANNELS = frozenset({Channel.HOTLINE, Channel.MINHUWOWEI, Channel.HELPLINE, Channel.MINSHENG, Channel.TOWN})


def window_of(petition: Petition) -> str:
    """The move that opens the time in which a unit may object: by law, or by the office's promise."""
    return "open_return" if petition.channel in SERVICE_CHANNELS else "open_objection"


def right_to_object(order: WorkOrder) -> Clock | None:
    """The clock of the time in which the order may be objected to; None where no such time was opened."""
    rows = Clock.objects.filter(order=order, policy__is_right=True, policy__stop_moves__contains=["ask_return"])
    return rows.select_related("policy").order_by("-id").first()


def is_late(order: WorkOrder, at: datetime) -> bool:
    """Whether the time to object is over and the hub has not opened it again."""
    clock = right_to_object(order)
    return clock is not None and at > clock.due_at and not order.may_return_late


def accepted_count(petition: Petition) -> int:
    """How often a return of this matter was accepted: the first counter of 事不过二 (domain-facts §2.3)."""
    return OrderReturn.objects.filter(petition=petition, is_accepted=True).count()


def accepted_limit() -> int:
    """How many returns of one matter may be accepted; the dispatch after the last one is final."""
    return int(limits().max_returns)


def backstop(petition: Petition) -> Unit | None:
    """The district government of the place, for matters no unit answers for (兜底; domain-facts §2.5)."""
    government = Unit.objects.handling().filter(kind=Unit.Kind.GOVERNMENT, area=petition.district)
    found = government.filter(area__kind=Area.Kind.DISTRICT).first()
    respondent = petition.respondent_unit
    if found is not None and petition.is_restricted and respondent is not None and found.is_in_line_with(respondent):
        return None
    return found
