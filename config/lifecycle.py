"""Docs from data: move tables and deadline rules as Markdown with drawings. Pure text; `lifecycle_doc` writes it."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import override

from accounts.roles import Role, full_matrix
from backlog.states import (
    BOOKING_MOVES,
    CASE_MOVES,
    DAY_MOVES,
    MEETING_MOVES,
    OPEN_CASE_STATES,
    OPEN_TASK_STATES,
    TASK_MOVES,
    VISIT_MOVES,
    BookingState,
    CaseState,
    DayState,
    MeetingState,
    TaskState,
    VisitState,
)
from dispatch.policies import POLICIES
from dispatch.states import OPEN_ORDER_STATES, ORDER_MOVES, OrderState
from dispatch.supervision import (
    OPEN_SUPERVISION,
    SUGGESTION_MOVES,
    SUPERVISION_MOVES,
    SuggestionState,
    SupervisionState,
)
from petitions.states import MOVES, OPEN_STATES, Move, State

_HEAD = """# Lifecycles

Generated from the move tables by `python manage.py lifecycle_doc`; `make check` fails when it is stale. Do not edit.

A move is legal only from the states in its row; everything else is refused with a sentence. A dash as target means
that the state stays. Roles are those whose permission reaches at least some petitions; how far it reaches stands in
brackets. Clocks are named by the key of their rule; [deadlines.md](deadlines.md) lists them.
"""
# What a move does to a clock whose rule names it there.
VERBS = {
    "start_moves": "starts",
    "stop_moves": "stops",
    "cancel_moves": "cancels",
    "pause_moves": "pauses",
    "resume_moves": "resumes",
    "reset_moves": "starts anew",
    "reopen_moves": "lets run on",
}
# What begins a life is no row of a move table.
_BIRTHS: dict[str, tuple[str, Any, str]] = {
    "petition": ("register", State.REGISTERED, "petitions.register"),
    "order": ("dispatch", OrderState.WAITING, "dispatch.dispatch"),
    # One name for each level: issue_letter, issue_order, issue_listed, issue_interview, issue_circular.
    "supervision": ("issue_order", SupervisionState.WAITING, "dispatch.supervise"),
    "suggestion": ("issue", SuggestionState.WAITING, "dispatch.suggest"),
    "backlog": ("nominate", CaseState.NOMINATED, "backlog.nominate"),
    "task": ("assign", TaskState.OPEN, "backlog.assign_task"),
    "meeting": ("call", MeetingState.PLANNED, "backlog.run_meeting"),
    "visit": ("plan", VisitState.PLANNED, "backlog.supervise_jointly"),
    "booking": ("book", BookingState.BOOKED, "backlog.run_reception"),
    "reception": ("set", DayState.PLANNED, "backlog.run_reception"),
}
_BACKLOG: tuple[tuple[str, Mapping[str, Move], str, type[TextChoices], frozenset[Any]], ...] = (
    ("Backlog case", CASE_MOVES, "backlog", CaseState, frozenset({*OPEN_CASE_STATES, CaseState.NOMINATED})),
    ("Task", TASK_MOVES, "task", TaskState, OPEN_TASK_STATES),
    ("Dispatch meeting", MEETING_MOVES, "meeting", MeetingState, frozenset({MeetingState.PLANNED, MeetingState.LIVE})),
    ("Joint supervision", VISIT_MOVES, "visit", VisitState, frozenset({VisitState.PLANNED, VisitState.VISITED})),
    ("Reception day", DAY_MOVES, "reception", DayState, frozenset({DayState.PLANNED, DayState.PUBLISHED})),
    ("Booking", BOOKING_MOVES, "booking", BookingState, frozenset({BookingState.BOOKED})),
)


def lifecycle_document() -> str:
    """The whole page, in English whatever the language of the process."""
    with override("en"):
        parts = [
            _HEAD,
            "## Petition\n",
            _drawing(MOVES, "petition", State, OPEN_STATES),
            _table(MOVES, "petition", State),
            "## Work order\n",
            _drawing(ORDER_MOVES, "order", OrderState, OPEN_ORDER_STATES),
            _table(ORDER_MOVES, "order", OrderState),
            "## Supervision order\n",
            _drawing(SUPERVISION_MOVES, "supervision", SupervisionState, OPEN_SUPERVISION),
            _table(SUPERVISION_MOVES, "supervision", SupervisionState),
            "## Formal suggestion\n",
            _drawing(SUGGESTION_MOVES, "suggestion", SuggestionState, frozenset({SuggestionState.WAITING})),
            _table(SUGGESTION_MOVES, "suggestion", SuggestionState),
        ]
        for title, moves, subject, states, open_states in _BACKLOG:
            parts += [f"## {title}\n", _drawing(moves, subject, states, open_states), _table(moves, subject, states)]
        return "\n".join(parts)


def _drawing(moves: Mapping[str, Move], subject: str, states: type[TextChoices], open_states: frozenset[Any]) -> str:
    """A Mermaid state diagram: one arrow for each pair of states, with the names of all moves between them."""
    name, first, _permission = _BIRTHS[subject]
    arrows: dict[tuple[str, str], list[str]] = {("[*]", str(first)): [name]}
    for move in moves.values():
        for source in _ordered(move.sources, states):
            arrows.setdefault((source, str(move.target or source)), []).append(move.name)
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f"    {value}: {label}" for value, label in states.choices]
    lines += [f"    {source} --> {target}: {', '.join(names)}" for (source, target), names in arrows.items()]
    lines += [f"    {state} --> [*]" for state in states.values if state not in open_states]
    return "\n".join([*lines, "```\n"])


def _table(moves: Mapping[str, Move], subject: str, states: type[TextChoices]) -> str:
    """One row for each move: what it is, from where to where, who may, and what it does to the clocks."""
    name, first, permission = _BIRTHS[subject]
    rows = [[name, name.capitalize(), "", str(states(first).label), permission]]
    for move in moves.values():
        sources = ", ".join(str(states(state).label) for state in _ordered(move.sources, states))
        target = str(states(move.target).label) if move.target else "–"
        rows.append([move.name, str(move.label), sources, target, move.permission])
    heads = ["move", "label", "from", "to", "permission", "who holds it", "clocks"]
    return markdown(heads, [[f"`{r[0]}`", *r[1:4], f"`{r[4]}`", _holders(r[4]), _clocks(subject, r[0])] for r in rows])


def _ordered(values: Iterable[Any], states: type[TextChoices]) -> list[str]:
    """Members of a set in the order the states are declared in."""
    return [state for state in states.values if state in values]


def _holders(permission: str) -> str:
    row = full_matrix()[permission]
    return ", ".join(f"{Role(role).label} ({scope.value})" for role, scope in row.items())


def _clocks(subject: str, move: str) -> str:
    found = []
    for key, verb in VERBS.items():
        # A work order's clock may end with a move of its petition, named with the subject in front.
        names = [
            rule["key"]
            for rule in POLICIES
            if (move if rule["subject"] == subject else f"{subject}.{move}") in rule.get(key, [])
        ]
        if names:
            found.append(f"{verb} {', '.join(names)}")
    return "; ".join(found)


def markdown(heads: list[str], rows: Iterable[list[str]]) -> str:
    """A table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines) + "\n"
