"""What comes in, for the office that registers it (domain-facts §6.1)."""

from django.db.models import ExpressionWrapper, F, IntegerField, Q
from django.utils.translation import gettext_lazy as _

from insights.indicators.base import GROUP_SIZE, Better, Indicator, Measure, Statistic
from insights.indicators.subjects import PETITION
from petitions.models import Channel

# 网上信访: what a person sent over a screen, whichever it was; the hotline and the telephone are no such thing.
ONLINE = (Channel.ONLINE, Channel.QR, Channel.MINHUWOWEI, Channel.MINSHENG, Channel.LEADER)
_VISIT = Q(channel=Channel.VISIT)
_REGISTERED = _("petitions the office registered")
_BASIS = _("registration")
_OFFICE = "register_unit_id"
_HEADS = ExpressionWrapper(F("headcount"), IntegerField())

INTAKE = [
    Indicator(
        "total_volume",
        _("Petitions registered"),
        "intake",
        PETITION,
        "registered_at",
        under=_REGISTERED,
        statistic=Statistic.COUNT,
        measure=Measure.ROWS,
        better=Better.NEITHER,
        unit=_OFFICE,
        basis_label=_BASIS,
        source="§6.1",
    ),
    Indicator(
        "online_share",
        _("Online share"),
        "intake",
        PETITION,
        "registered_at",
        over=_("sent online: website, QR code, platforms, leader's mailbox"),
        under=_REGISTERED,
        numerator=Q(channel__in=ONLINE),
        unit=_OFFICE,
        basis_label=_BASIS,
        source="§6.1",
    ),
    Indicator(
        "visit_batches",
        _("Visits (batches)"),
        "intake",
        PETITION,
        "registered_at",
        under=_("visits the office registered"),
        denominator=_VISIT,
        statistic=Statistic.COUNT,
        measure=Measure.ROWS,
        better=Better.NEITHER,
        unit=_OFFICE,
        basis_label=_BASIS,
        source="§6.1",
    ),
    Indicator(
        "visit_persons",
        _("Visitors (persons)"),
        "intake",
        PETITION,
        "registered_at",
        over=_("persons present"),
        under=_("visits the office registered"),
        denominator=_VISIT,
        value=_HEADS,
        statistic=Statistic.SUM,
        measure=Measure.ROWS,
        better=Better.NEITHER,
        unit=_OFFICE,
        basis_label=_BASIS,
        source="§6.1",
    ),
    Indicator(
        "group_visit_batches",
        _("Group visits (batches)"),
        "intake",
        PETITION,
        "registered_at",
        under=_("visits of five persons or more the office registered"),
        denominator=_VISIT & Q(headcount__gte=GROUP_SIZE),
        statistic=Statistic.COUNT,
        measure=Measure.ROWS,
        better=Better.LOW,
        unit=_OFFICE,
        basis_label=_BASIS,
        source="§6.1",
    ),
    Indicator(
        "group_visit_persons",
        _("Group visitors (persons)"),
        "intake",
        PETITION,
        "registered_at",
        over=_("persons present"),
        under=_("visits of five persons or more the office registered"),
        denominator=_VISIT & Q(headcount__gte=GROUP_SIZE),
        value=_HEADS,
        statistic=Statistic.SUM,
        measure=Measure.ROWS,
        better=Better.LOW,
        unit=_OFFICE,
        basis_label=_BASIS,
        source="§6.1",
    ),
]
