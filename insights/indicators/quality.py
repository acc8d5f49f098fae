"""Whether it was done (domain-facts §2.7, §2.9, §6.1, §6.2)."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dispatch.models import Callback
from dispatch.states import OrderState
from insights.indicators.base import Better, Indicator, Measure, Statistic
from insights.indicators.subjects import CALLBACK, ORDER, PETITION
from petitions.states import State

_CLOSED = Q(state=State.CLOSED, lead_unit__isnull=False)
_ANSWERED = Q(result=Callback.Result.REACHED)

QUALITY = [
    Indicator(
        "closed",
        _("Closed petitions"),
        "quality",
        PETITION,
        "closed_at",
        under=_("petitions closed that the unit led"),
        denominator=_CLOSED,
        statistic=Statistic.COUNT,
        measure=Measure.ROWS,
        better=Better.NEITHER,
        basis_label=_("closing"),
        source="§6.1",
    ),
    Indicator(
        "rework_rate",
        _("Rework rate"),
        "quality",
        PETITION,
        "closed_at",
        over=_("sent back for rework"),
        under=_("petitions closed that the unit led"),
        denominator=_CLOSED,
        numerator=Q(rework_count__gt=0),
        better=Better.LOW,
        basis_label=_("closing"),
        source="§2.9",
        is_adjusted=True,
    ),
    Indicator(
        "contact_rate",
        _("Spoken with during handling"),
        "quality",
        ORDER,
        "fed_back_at",
        over=_("the unit spoke with the petitioner"),
        under=_("work orders fed back, anonymous ones left out"),
        denominator=Q(petition__is_anonymous=False),
        numerator=Q(first_contact_at__isnull=False),
        basis_label=_("feedback"),
        source="§6.1",
        target=1.0,
    ),
    Indicator(
        "callback_rate",
        _("Callback rate"),
        "quality",
        ORDER,
        "ended_at",
        over=_("called back"),
        under=_("lead work orders done, anonymous ones left out"),
        denominator=Q(state=OrderState.DONE, is_lead=True, petition__is_anonymous=False),
        numerator=Q(called_back_at__isnull=False),
        basis_label=_("end of the work order"),
        source="§6.2",
        target=1.0,
    ),
    Indicator(
        "callback_verified_rate",
        _("Feedback confirmed true"),
        "quality",
        CALLBACK,
        "at",
        over=_("the feedback tells the truth"),
        under=_("callbacks in which the petitioner answered this question"),
        denominator=_ANSWERED & Q(was_truthful__isnull=False),
        numerator=Q(was_truthful=True),
        basis_label=_("callback"),
        source="§6.2",
        target=0.95,
        is_adjusted=True,
    ),
    Indicator(
        "repeat_rate",
        _("Raised again"),
        "quality",
        PETITION,
        "registered_at",
        over=_("repeat an earlier matter"),
        under=_("petitions registered that the unit leads"),
        denominator=Q(lead_unit__isnull=False),
        numerator=Q(repeat_of__isnull=False),
        better=Better.LOW,
        basis_label=_("registration"),
        source="§6.1",
    ),
]
