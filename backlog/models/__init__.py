"""Models of the backlog room. Each table is written by one module of `backlog.actions`."""

from backlog.models.boards import BoardTarget, Snapshot, WallScreen
from backlog.models.cases import (
    AcceptanceStep,
    Assessment,
    BacklogCase,
    CaseEvent,
    CaseLink,
    CaseOfficial,
    DutyRecord,
    EntryRule,
    Instruction,
    Milestone,
    Renewal,
)
from backlog.models.forces import GroupMember, GroupReport, TaskForce, Workgroup
from backlog.models.meetings import AgendaItem, Meeting, MeetingEvent, MeetingSite, ScoreWeight
from backlog.models.receptions import Booking, DayEvent, Reception, ReceptionDay
from backlog.models.tasking import Task, TaskEvent
from backlog.models.visits import SupervisionVisit, VisitEvent, VisitFinding, VisitMember

__all__ = [
    "AcceptanceStep",
    "AgendaItem",
    "Assessment",
    "BacklogCase",
    "BoardTarget",
    "Booking",
    "CaseEvent",
    "CaseLink",
    "CaseOfficial",
    "DayEvent",
    "DutyRecord",
    "EntryRule",
    "GroupMember",
    "GroupReport",
    "Instruction",
    "Meeting",
    "MeetingEvent",
    "MeetingSite",
    "Milestone",
    "Reception",
    "ReceptionDay",
    "Renewal",
    "ScoreWeight",
    "Snapshot",
    "SupervisionVisit",
    "Task",
    "TaskEvent",
    "TaskForce",
    "VisitEvent",
    "VisitFinding",
    "VisitMember",
    "WallScreen",
    "Workgroup",
]
