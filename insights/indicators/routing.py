"""Who got it, who passed it on (domain-facts §2.9)."""

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from dispatch.models import Clock, WorkOrder
from insights.indicators.base import Better, Indicator, Measure, Statistic, Subject, minutes_between
from insights.indicators.subjects import CLOCK, ORDER, PETITION
from insights.models import Hop
from petitions.models import Petition

# A breach is the sweep's word, never the reader's clock: figure and rows must not disagree by the minute.
MISSED = Q(breached_at__isnull=False)
JUDGED = Q(state=Clock.State.MET) | MISSED & ~Q(state=Clock.State.CANCELLED)

_earlier_lead = WorkOrder.objects.filter(petition=OuterRef("petition"), is_lead=True, seq__lt=OuterRef("seq"))
_passed_on = Exists(Hop.objects.filter(from_order=OuterRef("pk")))
_hops = Coalesce(
    Subquery(
        Hop.objects.filter(petition=OuterRef("pk")).order_by().values("petition").annotate(n=Count("pk")).values("n"),
        output_field=IntegerField(),
    ),
    Value(0),
)
_leads = WorkOrder.objects.filter(petition=OuterRef("pk"), is_lead=True)
# Matters passed on, with the time of the first dispatch and of the signature that settled whose they are.
_PASSED = Subject(
    "petition",
    lambda: Petition.objects.filter(Exists(Hop.objects.filter(petition=OuterRef("pk")))).annotate(
        first_dispatch=Subquery(_leads.order_by("seq").values("dispatched_at")[:1]),
        settled=Subquery(_leads.order_by("-seq").values("signed_at")[:1]),
    ),
    "lead_unit_id",
    "",
)

ROUTING = [
    Indicator(
        "orders",
        _("Work orders"),
        "routing",
        ORDER,
        "dispatched_at",
        under=_("work orders dispatched to the unit"),
        statistic=Statistic.COUNT,
        measure=Measure.ROWS,
        better=Better.NEITHER,
        basis_label=_("dispatch"),
        source="§2.9",
    ),
    Indicator(
        "sign_in_time_rate",
        _("Signed for in time"),
        "routing",
        CLOCK,
        "due_at",
        over=_("signed for before the deadline"),
        under=_("sign-for deadlines kept or missed"),
        denominator=Q(policy__key__startswith="O_sign") & JUDGED,
        numerator=~MISSED,
        basis_label=_("deadline"),
        source="§2.9",
        target=0.99,
        is_adjusted=True,
    ),
    Indicator(
        "first_dispatch_rate",
        _("First-dispatch accuracy"),
        "routing",
        ORDER,
        "dispatched_at",
        over=_("never passed on to another unit"),
        under=_("matters dispatched to the unit first"),
        denominator=Q(is_lead=True) & ~Q(Exists(_earlier_lead)),
        numerator=~Q(_passed_on),
        basis_label=_("dispatch"),
        source="§2.9",
        is_adjusted=True,
    ),
    Indicator(
        "hops",
        _("Units per matter"),
        "routing",
        PETITION,
        "registered_at",
        under=_("matters the unit leads"),
        over=_("units the matter visited"),
        denominator=Q(lead_unit__isnull=False),
        value=_hops + Value(1),
        statistic=Statistic.MEAN,
        measure=Measure.UNITS,
        better=Better.LOW,
        basis_label=_("registration"),
        source="§2.9",
    ),
    Indicator(
        "pingpong_time",
        _("Time lost in passing on"),
        "routing",
        _PASSED,
        "settled",
        under=_("matters passed on before the unit signed for them"),
        over=_("time from the first dispatch to the last unit's signature"),
        denominator=Q(lead_unit__isnull=False),
        value=minutes_between("first_dispatch", "settled"),
        statistic=Statistic.MEAN,
        measure=Measure.DAYS,
        better=Better.LOW,
        basis_label=_("signature of the last unit"),
        source="§2.9",
    ),
]
