"""Work orders, the clocks that run on them, and the outbox."""

from dispatch.models.clocks import Clock, ClockEvent, Day, Firing, PendingRung, Policy, SweepRun
from dispatch.models.notices import (
    Drill,
    DrillHole,
    Notice,
    NoticePreference,
    NotificationChannel,
    QuietHours,
)
from dispatch.models.orders import Callback, CatalogueEntry, ContactRecord, Feedback, WorkOrder
from dispatch.models.supervision import Proposal

__all__ = [
    "Callback",
    "CatalogueEntry",
    "Clock",
    "ClockEvent",
    "ContactRecord",
    "Day",
    "Drill",
    "DrillHole",
    "Feedback",
    "Firing",
    "Notice",
    "NoticePreference",
    "NotificationChannel",
    "PendingRung",
    "Policy",
    "Proposal",
    "QuietHours",
    "SweepRun",
    "WorkOrder",
]
