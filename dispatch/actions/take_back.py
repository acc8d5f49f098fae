"""Undoing a dispatch: possible while nobody has begun, by a step of its own (docs/adr/0022-undo-is-a-step.md)."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from dispatch.actions import orders
from dispatch.models import WorkOrder
from dispatch.states import OrderState
from petitions import actions as petitions
from petitions.models import Petition
from petitions.states import MOVES, Refused, check_move

# After half an hour the unit may have read it and made plans: from then on it is a recall with a reason.
UNDO_WITHIN = timedelta(minutes=30)


@transaction.atomic
def take_back(
    petition_id: int, *, reason: str, actor: User | Actor, at: datetime, version: int | None = None
) -> Petition:
    """Recall every order of a first dispatch nobody has signed for, and put the petition back among those to dispatch.

    The routing clock runs on with its old due date. Raises Refused once a unit has signed, after half an hour, or when
    there is nothing to take back.
    """
    if not reason.strip():
        raise Refused(_("Please say why the dispatch is taken back; the unit reads it."), field="reason")
    petition = petitions.lock(petition_id)
    check_move(MOVES, "take_back", petition.state, petition.get_state_display())
    made = list(WorkOrder.objects.filter(petition=petition).exclude(state=OrderState.CANCELLED).select_related("unit"))
    stop = why_not(made, at)
    if stop:
        raise Refused(stop, code="too_late")
    for order in made:
        orders.recall(order.pk, reason=reason, actor=actor, at=at)
    changes = {"lead_unit": None}
    return petitions.move(
        petition_id, "take_back", actor=actor, at=at, text=reason.strip(), changes=changes, version=version
    )


def why_not(made: list[WorkOrder], at: datetime) -> str:
    """Why these orders, all there are of a petition, cannot be taken back at `at`; "" when they can."""
    begun = next((order for order in made if order.state != OrderState.WAITING), None)
    if begun is not None:
        return _("%(unit)s has begun already. Recall the work order instead, with a reason.") % {"unit": begun.unit}
    if not made:
        return _("There is no dispatch to take back.")
    if at - max(order.dispatched_at for order in made) > UNDO_WITHIN:
        return _("More than half an hour has passed. Recall the work order instead, with a reason.")
    return ""
