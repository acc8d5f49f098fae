"""Which moves each kind of subject knows, for the rules that name them."""

from collections.abc import Mapping
from typing import Any

from dispatch.states import ORDER_MOVES
from dispatch.supervision import LEVELS, SUGGESTION_MOVES, SUPERVISION_MOVES
from petitions.states import MOVES

# What begins a life stands in no move table: registration of a petition, dispatch of a work order, issue of the rest.
SUBJECT_MOVES: dict[str, Mapping[str, Any] | frozenset[str]] = {
    "petition": frozenset({*MOVES, "register"}),
    "order": frozenset({*ORDER_MOVES, "dispatch"}),
    "supervision": frozenset({*SUPERVISION_MOVES, *(level.issue_move for level in LEVELS.values())}),
    "suggestion": frozenset({*SUGGESTION_MOVES, "issue"}),
    "office": frozenset({"year_ends", "report_filed"}),
}
