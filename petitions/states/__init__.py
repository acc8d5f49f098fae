"""The lifecycle of a petition as data: states, legal moves, refusals (docs/lifecycle.md is generated from here)."""

from petitions.states.base import OPEN_STATES, STATE_TONES, Move, Refused, State, check_move, check_step
from petitions.states.course import COURSE
from petitions.states.keeping import KEEPING
from petitions.states.legal import LEGAL
from petitions.states.remedies import REMEDIES

__all__ = ["MOVES", "OPEN_STATES", "STATE_TONES", "Move", "Refused", "State", "check_move", "check_step", "legal_moves"]

MOVES: dict[str, Move] = {row.name: row for row in (*COURSE, *LEGAL, *REMEDIES, *KEEPING)}


def legal_moves(state: str) -> list[Move]:
    """The moves the table holds for a state, in table order."""
    return [move for move in MOVES.values() if state in move.sources]
