"""States and legal moves of the backlog room as data (docs/lifecycle.md is generated from this package)."""

from backlog.states.cases import (
    CASE_MOVES,
    CASE_TONES,
    LISTED_STATES,
    OPEN_CASE_STATES,
    SETTLED_STATES,
    CaseState,
    Duty,
    Reasonableness,
    SettlementWay,
    Source,
    Stage,
)
from backlog.states.meetings import ITEM_OUTCOMES, MEETING_MOVES, MEETING_TONES, ItemOutcome, MeetingState
from backlog.states.milestones import MILESTONE_MOVES
from backlog.states.receptions import (
    BOOKING_MOVES,
    BOOKING_TONES,
    DAY_MOVES,
    DAY_TONES,
    RESULT_TONES,
    BookingState,
    DayState,
    ReceptionKind,
    ReceptionResult,
)
from backlog.states.tasking import OPEN_TASK_STATES, TASK_MOVES, TASK_TONES, TaskOrigin, TaskState
from backlog.states.visits import VISIT_MOVES, VISIT_TONES, VisitState

__all__ = [
    "BOOKING_MOVES",
    "BOOKING_TONES",
    "CASE_MOVES",
    "CASE_TONES",
    "DAY_MOVES",
    "DAY_TONES",
    "ITEM_OUTCOMES",
    "LISTED_STATES",
    "MEETING_MOVES",
    "MEETING_TONES",
    "MILESTONE_MOVES",
    "OPEN_CASE_STATES",
    "OPEN_TASK_STATES",
    "RESULT_TONES",
    "SETTLED_STATES",
    "TASK_MOVES",
    "TASK_TONES",
    "VISIT_MOVES",
    "VISIT_TONES",
    "BookingState",
    "CaseState",
    "DayState",
    "Duty",
    "ItemOutcome",
    "MeetingState",
    "Reasonableness",
    "ReceptionKind",
    "ReceptionResult",
    "SettlementWay",
    "Source",
    "Stage",
    "TaskOrigin",
    "TaskState",
    "VisitState",
]
