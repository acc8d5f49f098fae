"""Reads of orders that belong together: who leads, who assists, who was given a part (domain-facts §2.2)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from dispatch.models import WorkOrder
from dispatch.states import OrderState

# States in which a unit still owes its part.
_OWED = (OrderState.WAITING, OrderState.IN_HAND, OrderState.PAUSED, OrderState.RETURN_ASKED)


def unfinished(order: WorkOrder) -> list[WorkOrder]:
    """The orders whose feedback this one sums up and that are still without: its sub-orders and, for the lead, the
    assisting units'."""
    rows = WorkOrder.objects.filter(petition=order.petition_id, is_open=True, state__in=_OWED).exclude(pk=order.pk)
    rows = rows.select_related("unit").order_by("seq")
    if not order.is_lead:
        return list(rows.filter(parent=order))
    return [row for row in rows if row.parent_id == order.pk or (row.parent_id is None and not row.is_lead)]


@dataclass
class Node:
    """An order with the sub-orders its unit gave."""

    order: WorkOrder
    depth: int = 0
    children: list["Node"] = field(default_factory=list)


def tree_of(orders: Iterable[WorkOrder]) -> list[Node]:
    """The orders of a petition, each followed by those below it, in the order given; depth counts from 0."""
    rows: Sequence[WorkOrder] = list(orders)
    known = {row.pk for row in rows}
    below: dict[int | None, list[WorkOrder]] = {}
    for row in rows:
        below.setdefault(row.parent_id if row.parent_id in known else None, []).append(row)
    found: list[Node] = []

    def walk(parent: int | None, depth: int) -> list[Node]:
        nodes = []
        for row in below.get(parent, []):
            node = Node(row, depth)
            found.append(node)
            node.children = walk(row.pk, depth + 1)
            nodes.append(node)
        return nodes

    walk(None, 0)
    return found
