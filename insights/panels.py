"""What statistics put on the pages of the room below."""

from datetime import datetime

from accounts.models import User
from accounts.roles import Role
from dispatch.models import WorkOrder
from dispatch.panels import Panel, register_case_panel, register_desk_card
from insights.outlook import likely_late, sayings
from petitions.models import Petition

ROWS = 5
LEADERS = {Role.UNIT_ADMIN, Role.DISTRICT_OFFICER, Role.CITY_OFFICER, Role.DISPATCHER}


@register_case_panel
def forecast_panel(user: User, petition: Petition, orders: list[WorkOrder], at: datetime) -> Panel | None:
    """When each open order is likely to be through, by its unit's own past. Class A is no statistics."""
    if petition.is_restricted or not user.may("insights.view"):
        return None
    open_orders = [order.pk for order in orders if order.is_open]
    found = sayings(open_orders, at) if open_orders else []
    return Panel("insights/case_panel.html", {"sayings": found}) if found else None


@register_desk_card
def likely_late_card(user: User, at: datetime) -> Panel | None:
    """For those who can still do something about it: what will probably be late."""
    if user.role not in LEADERS or not user.may("insights.view"):
        return None
    rows = likely_late(user).filter(clock__due_at__gt=at)
    joined = rows.select_related("clock__petition", "clock__policy", "unit")
    found = list(joined.order_by("-probability", "clock__due_at", "clock_id")[: ROWS + 1])
    ids = [row.clock.petition_id for row in found if row.clock.petition_id]
    opened = set(Petition.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))
    shown = [(row, round(100 * (row.probability or 0))) for row in found if row.clock.petition_id in opened]
    return Panel("insights/desk_card.html", {"rows": shown[:ROWS], "has_more": len(found) > ROWS}) if shown else None
