"""Which moves each kind of subject knows, for the rules that name them."""

from collections.abc import Mapping
from typing import Any

from dispatch.states import CONSULTATION_MOVES, ORDER_MOVES
from dispatch.supervision import LEVELS, SUGGESTION_MOVES, SUPERVISION_MOVES
from petitions.states import MOVES

# How else an order begins: instead of one that was taken back, as a part of another, with a time to object by law or by
# promise, and with at least so much time for its feedback (dispatch/actions/opening.py, carrying.py).
ORDER_BIRTHS = ("redispatch", "delegate_to", "open_objection", "open_return", "rest")

BACKLOG_MOVES = frozenset(
    {"accept", "progress", "renew", "apply", "sign", "check", "certify", "send_back", "strike_off", "observe"}
    | {"sign_back", "certify_back", "rebound", "relist", "end_legally"}
)

# What begins a life stands in no move table: registration of a petition, dispatch of a work order.
SUBJECT_MOVES: dict[str, Mapping[str, Any] | frozenset[str]] = {
    # A petition whose lead order was taken back waits for a dispatch.
    "petition": frozenset({*MOVES, "register", "lose_lead"}),
    "order": frozenset({*ORDER_MOVES, "dispatch", *ORDER_BIRTHS}),
    "consultation": frozenset({*CONSULTATION_MOVES, "consult"}),
    "opinion": frozenset({*CONSULTATION_MOVES, "consult"}),
    "supervision": frozenset(
        {*SUPERVISION_MOVES, *(move for row in LEVELS.values() for move in (row.issue_move, row.raise_move))}
    ),
    "suggestion": frozenset({*SUGGESTION_MOVES, "issue"}),
    "promise": frozenset({"promise", "keep_promise", "release_promise"}),
    # The room of backlog cases stands above this one; that it knows these moves its own tests say.
    "backlog": BACKLOG_MOVES,
    "milestone": frozenset({"plan", "replan", "reach", "reopen", "remove"}),
    "task": frozenset({"assign", "report", "confirm", "send_back", "drop"}),
    "office": frozenset({"year_ends", "report_filed"}),
}
