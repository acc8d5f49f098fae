"""Which moves each kind of subject knows, for the rules that name them."""

from collections.abc import Mapping
from typing import Any

from dispatch.states import ORDER_MOVES
from petitions.states import MOVES

# What begins a life stands in no move table: registration of a petition, dispatch of a work order.
SUBJECT_MOVES: dict[str, Mapping[str, Any] | frozenset[str]] = {
    "petition": frozenset({*MOVES, "register"}),
    "order": frozenset({*ORDER_MOVES, "dispatch"}),
    "office": frozenset({"year_ends", "report_filed"}),
}
