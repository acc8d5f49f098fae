"""What this room shows on the officer's case page."""

from datetime import datetime

from accounts.models import User
from dispatch.models import WorkOrder
from dispatch.panels import Panel, register_case_panel
from petitions.models import Petition


@register_case_panel
def citizen_access(user: User, petition: Petition, _orders: list[WorkOrder], _at: datetime) -> Panel | None:
    """The way to the citizen's own access; the page behind it checks for itself. No query."""
    return Panel("portal/case_panel.html", {"pk": petition.pk}) if user.may("portal.send_link") else None
