"""How fast, and in time or not (domain-facts §2.9, §6.1, §6.2)."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from insights.indicators.base import Better, Indicator, Measure, Statistic, minutes_between
from insights.indicators.routing import JUDGED, MISSED
from insights.indicators.subjects import CLOCK, LEGAL_CLOCK, PETITION
from petitions.states import State

_FEEDBACK = Q(policy__key__startswith="O_feedback")
_LEGAL_NOTICE = Q(
    policy__key__in=["D02_notify_direct", "D03_notify_transferred", "Z01_decide", "Z02_decide_transferred"]
)
_LEGAL_HANDLING = Q(policy__key__in=["D05_handle", "Z03_handle"])
# What the handling unit owes on an order; check, callback and reply are the office's.
_OWED = Q(policy__key__startswith="O_sign") | Q(policy__key__startswith="O_contact") | _FEEDBACK
_CLOSED = Q(state=State.CLOSED, lead_unit__isnull=False)
_HANDLED_IN = minutes_between("registered_at", "closed_at")

_IN_TIME = _("kept")

TIMELINESS = [
    Indicator(
        "on_time_feedback_rate",
        _("Fed back in time"),
        "timeliness",
        CLOCK,
        "due_at",
        over=_IN_TIME,
        under=_("feedback deadlines (7 days, 24 hours, 4 hours) kept or missed"),
        denominator=_FEEDBACK & JUDGED,
        numerator=~MISSED,
        basis_label=_("deadline"),
        source="§2.9, §6.2",
        target=0.98,
        is_adjusted=True,
    ),
    Indicator(
        "urgent24_rate",
        _("24-hour matters in time"),
        "timeliness",
        CLOCK,
        "due_at",
        over=_IN_TIME,
        under=_("24-hour feedback deadlines kept or missed"),
        denominator=Q(policy__key="O_feedback_24h") & JUDGED,
        numerator=~MISSED,
        basis_label=_("deadline"),
        source="§6.2",
        target=1.0,
    ),
    Indicator(
        "urgent4_rate",
        _("4-hour matters in time"),
        "timeliness",
        CLOCK,
        "due_at",
        over=_IN_TIME,
        under=_("4-hour feedback deadlines kept or missed"),
        denominator=Q(policy__key="O_feedback_4h") & JUDGED,
        numerator=~MISSED,
        basis_label=_("deadline"),
        source="§6.2",
        target=1.0,
    ),
    Indicator(
        "overdue_rate",
        _("Overdue rate"),
        "timeliness",
        CLOCK,
        "due_at",
        over=_("missed, whether done since or not"),
        under=_("sign-for, first-contact and feedback deadlines kept or missed"),
        denominator=_OWED & JUDGED,
        numerator=MISSED,
        better=Better.LOW,
        basis_label=_("deadline"),
        source="§6.1",
        is_adjusted=True,
    ),
    Indicator(
        "timely_accept_rate",
        _("Accepted in time"),
        "timeliness",
        LEGAL_CLOCK,
        "due_at",
        over=_IN_TIME,
        under=_("legal notice deadlines (15 days; Zhejiang 5 working days) kept or missed"),
        denominator=_LEGAL_NOTICE & JUDGED,
        numerator=~MISSED,
        basis_label=_("deadline"),
        source="§6.1",
    ),
    Indicator(
        "on_time_close_rate",
        _("Concluded within the legal time"),
        "timeliness",
        LEGAL_CLOCK,
        "due_at",
        over=_IN_TIME,
        under=_("legal handling deadlines (60 days; Zhejiang 30) kept or missed"),
        denominator=_LEGAL_HANDLING & JUDGED,
        numerator=~MISSED,
        basis_label=_("deadline"),
        source="§6.1",
    ),
    Indicator(
        "extension_rate",
        _("Extended"),
        "timeliness",
        CLOCK,
        "started_at",
        over=_("extended at least once"),
        under=_("feedback and legal handling deadlines started"),
        denominator=_FEEDBACK | _LEGAL_HANDLING,
        numerator=Q(extended__gt=0),
        better=Better.LOW,
        basis_label=_("start of the deadline"),
        source="§6.1",
    ),
    Indicator(
        "avg_handle_days",
        _("Mean handling time"),
        "timeliness",
        PETITION,
        "closed_at",
        over=_("time from registration to closing"),
        under=_("petitions closed that the unit led"),
        denominator=_CLOSED,
        value=_HANDLED_IN,
        statistic=Statistic.MEAN,
        measure=Measure.DAYS,
        better=Better.LOW,
        basis_label=_("closing"),
        source="§6.1",
        is_adjusted=True,
    ),
    Indicator(
        "median_handle_days",
        _("Median handling time"),
        "timeliness",
        PETITION,
        "closed_at",
        over=_("half of them took no longer than this"),
        under=_("petitions closed that the unit led"),
        denominator=_CLOSED,
        value=_HANDLED_IN,
        statistic=Statistic.MEDIAN,
        measure=Measure.DAYS,
        better=Better.LOW,
        basis_label=_("closing"),
        source="§6.1",
        counts="avg_handle_days",
    ),
    Indicator(
        "p90_handle_days",
        _("P90 of handling time"),
        "timeliness",
        PETITION,
        "closed_at",
        over=_("nine in ten took no longer than this"),
        under=_("petitions closed that the unit led"),
        denominator=_CLOSED,
        value=_HANDLED_IN,
        statistic=Statistic.P90,
        measure=Measure.DAYS,
        better=Better.LOW,
        basis_label=_("closing"),
        source="§6.1",
        counts="avg_handle_days",
    ),
]
