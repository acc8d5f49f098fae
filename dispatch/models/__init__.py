"""Work orders, the clocks that run on them, and the outbox."""

from dispatch.models.clocks import Clock, ClockEvent, Day, Firing, PendingRung, Policy, SweepRun
from dispatch.models.jobs import Job, JobItem
from dispatch.models.ledger import Extension, Pause
from dispatch.models.loop import LoopSetting
from dispatch.models.notices import (
    Drill,
    DrillHole,
    Notice,
    NoticePreference,
    NotificationChannel,
    QuietHours,
)
from dispatch.models.orders import Callback, CatalogueEntry, ContactRecord, Feedback, WorkOrder
from dispatch.models.rules import AnnualReport, ClockShift, OfficeHours, RuleChange
from dispatch.models.supervision import (
    CircularReading,
    Proposal,
    Reminder,
    Suggestion,
    SuggestionEvent,
    SupervisionEvent,
    SupervisionOrder,
    SupervisionThreshold,
)

__all__ = [
    "AnnualReport",
    "Callback",
    "CatalogueEntry",
    "CircularReading",
    "Clock",
    "ClockEvent",
    "ClockShift",
    "ContactRecord",
    "Day",
    "Drill",
    "DrillHole",
    "Extension",
    "Feedback",
    "Firing",
    "Job",
    "JobItem",
    "LoopSetting",
    "Notice",
    "NoticePreference",
    "NotificationChannel",
    "OfficeHours",
    "Pause",
    "PendingRung",
    "Policy",
    "Proposal",
    "QuietHours",
    "Reminder",
    "RuleChange",
    "Suggestion",
    "SuggestionEvent",
    "SupervisionEvent",
    "SupervisionOrder",
    "SupervisionThreshold",
    "SweepRun",
    "WorkOrder",
]
