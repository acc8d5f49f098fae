"""Work orders, the clocks that run on them, and the outbox."""

from dispatch.models.clocks import Clock, ClockEvent, Day, Firing, PendingRung, Policy, SweepRun
from dispatch.models.consultations import Consultation, Opinion
from dispatch.models.notices import Notice
from dispatch.models.orders import Callback, CatalogueEntry, ContactRecord, Feedback, WorkOrder
from dispatch.models.returns import OrderReturn
from dispatch.models.supervision import Proposal

__all__ = [
    "Callback",
    "CatalogueEntry",
    "Clock",
    "ClockEvent",
    "Consultation",
    "ContactRecord",
    "Day",
    "Feedback",
    "Firing",
    "Notice",
    "Opinion",
    "OrderReturn",
    "PendingRung",
    "Policy",
    "Proposal",
    "SweepRun",
    "WorkOrder",
]
