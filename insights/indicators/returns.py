"""What units gave back, and whether they were right to (domain-facts §2.9)."""

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from dispatch.models import OrderReturn
from insights.indicators.base import Better, Indicator, Subject
from insights.indicators.subjects import ORDER

RETURN = Subject("return", OrderReturn.objects.all, "unit_id", "petition__", "order__")
_accepted = Exists(OrderReturn.objects.filter(order=OuterRef("pk"), is_accepted=True))
# Asked for before, on this or an earlier order of the same matter, by whatever unit.
_again = Exists(OrderReturn.objects.filter(petition=OuterRef("petition"), pk__lt=OuterRef("pk")))

RETURNS = [
    Indicator(
        "return_rate",
        _("Return rate"),
        "routing",
        ORDER,
        "dispatched_at",
        over=_("returned by the unit, with the hub's consent"),
        under=_("work orders dispatched to the unit"),
        numerator=Q(_accepted),
        better=Better.LOW,
        basis_label=_("dispatch"),
        source="§2.9",
    ),
    Indicator(
        "groundless_return_rate",
        _("Groundless returns"),
        "routing",
        RETURN,
        "decided_at",
        over=_("rejected and held groundless by the hub"),
        under=_("returns the unit asked for and the hub has decided"),
        numerator=Q(is_groundless=True),
        better=Better.LOW,
        basis_label=_("decision"),
        source="§2.9",
    ),
    Indicator(
        "multi_return_rate",
        _("Returned more than once"),
        "routing",
        RETURN,
        "asked_at",
        over=_("the matter had been asked back before"),
        under=_("returns the unit asked for"),
        numerator=Q(_again),
        better=Better.LOW,
        basis_label=_("request"),
        source="§2.9 (事不过二)",
    ),
]
