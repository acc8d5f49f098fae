"""The steps a person takes on the case page, as data: form, action, words. What is legal the move tables say."""

from dispatch.states import ORDER_MOVES
from dispatch.steps.base import Step, permission_of
from dispatch.steps.ledger import LEDGER_STEPS
from dispatch.steps.orders import ORDER_STEPS as _ORDER_STEPS
from dispatch.steps.petitions import PETITION_STEPS
from petitions.states import MOVES, Move

__all__ = ["ORDER_STEPS", "PETITION_STEPS", "Step", "permission_of", "table_of"]

ORDER_STEPS: dict[str, Step] = {**_ORDER_STEPS, **LEDGER_STEPS}


def table_of(order: object | None) -> tuple[dict[str, Step], dict[str, Move]]:
    """Steps and moves for an order, or for a petition when there is none."""
    return (ORDER_STEPS, ORDER_MOVES) if order is not None else (PETITION_STEPS, MOVES)
