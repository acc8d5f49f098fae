"""What the pages of petitions say of the backlog: a chip and a card on the case page, a filter of the lists."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from backlog.actions.matter import OVER
from backlog.models import BacklogCase, CaseLink
from dispatch.models import WorkOrder
from dispatch.panels import Panel, register_case_panel
from petitions.filters import FILTERS, Filter, Reader
from petitions.models import Petition


@register_case_panel
def card(user: User, petition: Petition, _orders: list[WorkOrder], at: datetime) -> Panel | None:
    """The files this petition belongs to, or the offer to propose it. One statement, none for who has no backlog."""
    if petition.is_restricted or not user.may("backlog.view"):
        return None
    rows = BacklogCase.objects.visible_to(user).filter(links__petition=petition)
    cases = list(rows.select_related("leader", "lead_unit").order_by("-pk")[:5])
    offers = user.may("backlog.nominate") and petition.is_open and petition.merged_into_id is None
    if not cases and not offers:
        return None
    data = {"cases": cases, "p": petition, "offers": offers and all(case.is_over for case in cases), "now": at}
    return Panel("backlog/petition_card.html", data, header="backlog/petition_chip.html" if cases else "")


def _on_file(values: list[str], reader: Reader) -> Q:
    """On a living file the reader may see; "0": on none of those. Raises ValueError."""
    if values[0] not in {"0", "1"}:
        raise ValueError(values[0])
    seen = BacklogCase.objects.visible_to(reader.who).values("pk")
    links = CaseLink.objects.filter(petition_id=OuterRef("pk"), case__in=seen).exclude(OVER)
    return Q(Exists(links)) if values[0] == "1" else ~Q(Exists(links))


FILTERS["backlog"] = Filter("backlog", _("On a backlog file"), _on_file, lambda _value, _reader: "")
