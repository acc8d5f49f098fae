"""What work orders and clocks do when a petition moves: in its transaction, so that all or nothing stands."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _

from accounts.actors import Actor
from dispatch.actions import clocks, ledger, loop, orders, review
from dispatch.models import WorkOrder
from dispatch.signals import order_moved
from dispatch.states import OrderState
from petitions.actions import CLOSING_CHECKS, FIRST_DEADLINES, ChecklistItem
from petitions.models import Petition
from petitions.signals import petition_moved, petition_recurred, petition_registered


@receiver(petition_registered)
def start_petition_clocks(petitions: Sequence[Petition], actor: Actor, at: datetime, **_kwargs: Any) -> None:
    clocks.petitions_registered(petitions, actor=actor, at=at)


@receiver(petition_recurred)
def raise_repeat(petition: Petition, actor: Actor, at: datetime, **_kwargs: Any) -> None:
    loop.recurred(petition, actor=actor, at=at)


@receiver(order_moved)
def tell_leaders(order: WorkOrder, move: str, at: datetime, **_kwargs: Any) -> None:
    if move == "dispatch":
        loop.dispatched(order.petition, order, at=at)


_CONSEQUENCES = {
    "reply": orders.petition_replied,
    "withdraw": orders.petition_ended,
    "merge": orders.petition_ended,
    "rework": orders.petition_reworked,
    "not_accept": orders.petition_ended,
    "no_longer_accept": orders.petition_ended,
    "ask_review": review.asked,
    "ask_rereview": review.asked,
    "decide_review": review.decided,
    "revoke_review": review.decided,
    "decide_rereview": review.decided,
    "revoke_rereview": review.decided,
}


@receiver(petition_moved)
def follow_petition(petition: Petition, move: str, actor: Actor, at: datetime, **_kwargs: Any) -> None:
    if move in _CONSEQUENCES:
        _CONSEQUENCES[move](petition, actor=actor, at=at)
    clocks.petition_moved(petition, move, actor=actor, at=at)
    ledger.hearing_moved(petition, move, actor=actor, at=at)


@receiver(order_moved)
def settle_ledger(order: WorkOrder, actor: Actor, at: datetime, **_kwargs: Any) -> None:
    ledger.order_left(order, actor=actor, at=at)


def work_items(petition: Petition) -> list[ChecklistItem]:
    """What the closing checklist asks of the work: fed back, checked, petitioner spoken with, called back."""
    done = list(WorkOrder.objects.filter(petition=petition).exclude(state=OrderState.CANCELLED).order_by("seq"))
    checked = {OrderState.CHECKED, OrderState.CALLED_BACK, OrderState.DONE}
    leads = [order for order in done if order.is_lead][-1:]
    anonymous = petition.is_anonymous
    return [
        ChecklistItem("fed_back", _("Fed back by every unit"), bool(done) and all(o.fed_back_at for o in done)),
        ChecklistItem(
            "checked", _("Feedback checked by the office"), bool(done) and all(o.state in checked for o in done)
        ),
        ChecklistItem(
            "contacted", _("The unit spoke with the petitioner"), anonymous or any(o.first_contact_at for o in done)
        ),
        ChecklistItem("called_back", _("Petitioner called back"), anonymous or bool(leads and leads[0].called_back_at)),
    ]


CLOSING_CHECKS.append(work_items)
FIRST_DEADLINES.append(clocks.first_deadline)
