"""Work orders, the clocks that run on them, and the outbox."""

from dispatch.models.clocks import Clock, ClockEvent, Day, Firing, PendingRung, Policy, SweepRun
from dispatch.models.notices import Notice
from dispatch.models.orders import Callback, CatalogueEntry, ContactRecord, Feedback, WorkOrder
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
    "Callback",
    "CatalogueEntry",
    "CircularReading",
    "Clock",
    "ClockEvent",
    "ContactRecord",
    "Day",
    "Feedback",
    "Firing",
    "Notice",
    "PendingRung",
    "Policy",
    "Proposal",
    "Reminder",
    "Suggestion",
    "SuggestionEvent",
    "SupervisionEvent",
    "SupervisionOrder",
    "SupervisionThreshold",
    "SweepRun",
    "WorkOrder",
]
