"""Work orders, the clocks that run on them, and the outbox."""

from dispatch.models.clocks import Clock, ClockEvent, Day, Firing, PendingRung, Policy, SweepRun
from dispatch.models.consultations import Consultation, Opinion
from dispatch.models.jobs import Job, JobItem
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
from dispatch.models.returns import OrderReturn
from dispatch.models.rules import AnnualReport, ClockShift, OfficeHours, RuleChange
from dispatch.models.supervision import Proposal

__all__ = [
    "AnnualReport",
    "Callback",
    "CatalogueEntry",
    "Clock",
    "ClockEvent",
    "ClockShift",
    "Consultation",
    "ContactRecord",
    "Day",
    "Drill",
    "DrillHole",
    "Feedback",
    "Firing",
    "Job",
    "JobItem",
    "LoopSetting",
    "Notice",
    "NoticePreference",
    "NotificationChannel",
    "OfficeHours",
    "Opinion",
    "OrderReturn",
    "PendingRung",
    "Policy",
    "Proposal",
    "QuietHours",
    "RuleChange",
    "SweepRun",
    "WorkOrder",
]
