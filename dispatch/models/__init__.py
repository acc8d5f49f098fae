"""Work orders, the clocks that run on them, and the outbox."""

from dispatch.models.clocks import Clock, ClockEvent, Day, Firing, PendingRung, Policy, SweepRun
from dispatch.models.loop import LoopSetting
from dispatch.models.notices import Notice
from dispatch.models.orders import Callback, CatalogueEntry, ContactRecord, Feedback, WorkOrder
from dispatch.models.supervision import Proposal

__all__ = [
    "Callback",
    "CatalogueEntry",
    "Clock",
    "ClockEvent",
    "ContactRecord",
    "Day",
    "Feedback",
    "Firing",
    "LoopSetting",
    "Notice",
    "PendingRung",
    "Policy",
    "Proposal",
    "SweepRun",
    "WorkOrder",
]
