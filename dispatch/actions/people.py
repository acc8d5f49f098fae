"""Handing over everything somebody has in hand, when they leave or move."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.actors import Actor
from accounts.models import User
from dispatch.actions import orders
from dispatch.models import WorkOrder
from petitions.states import Refused


@dataclass(frozen=True)
class Handed:
    """What became of one order: handed over, or why not."""

    order: WorkOrder
    refusal: str = ""


def open_orders_of(who: User | Actor, person: User) -> list[WorkOrder]:
    """The open orders a person handles, as far as this leader may hand them over."""
    rows = WorkOrder.objects.within(who, "dispatch.assign").filter(handler=person, is_open=True)
    return list(rows.select_related("unit", "petition", "handler").order_by("next_due_at", "pk"))


def hand_over(
    person: User, order_ids: Sequence[int], *, to: User, note: str, actor: User | Actor, at: datetime
) -> list[Handed]:
    """Give these orders of a person to another, each in its own step, so that one refusal holds up no other."""
    wanted = set(order_ids)
    found = []
    for order in open_orders_of(actor, person):
        if order.pk not in wanted:
            continue
        try:
            orders.assign(order.pk, handler=to, note=note, actor=actor, at=at)
        except Refused as refusal:
            found.append(Handed(order, str(refusal)))
        else:
            found.append(Handed(order))
    return found
