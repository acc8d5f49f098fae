"""The tab "documents" of the case page, the card of the desk, and the entry in the rail's count."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from dispatch.case_file import CaseFile
from dispatch.panels import Panel, register_desk_card
from dispatch.tabs import CaseTab, register_tab
from petitions.documents.kinds import KINDS
from petitions.models import Document
from petitions.states.documents import DocumentState

# Groups of the tab, in the order in which somebody has to do something.
_GROUPS = (
    (_("To be done"), (DocumentState.DRAFT, DocumentState.IN_REVIEW, DocumentState.SIGNED)),
    (_("Issued, to be delivered"), (DocumentState.ISSUED,)),
    (_("Delivered"), (DocumentState.DELIVERED,)),
    (_("Void"), (DocumentState.VOID,)),
)
CARD_ROWS = 5


def _context(_request: HttpRequest, case: CaseFile) -> dict[str, Any]:
    rows = list(
        Document.objects.visible_to(case.user)
        .filter(petition=case.petition)
        .select_related("unit", "addressee_unit", "drafter")
        .prefetch_related("deliveries")
        .order_by("-id")
    )
    groups = [(label, [(row, KINDS[row.kind]) for row in rows if row.state in states]) for label, states in _GROUPS]
    may_draft = case.reach("petitions.document_draft")
    offered = [kind for kind in KINDS.values() if kind.is_offered and _may_begin(case, kind)] if may_draft else []
    return {
        "groups": [(label, found) for label, found in groups if found],
        "offered": sorted(offered, key=lambda kind: kind.place),
        "may_export": case.reach("petitions.export_file"),
    }


def _may_begin(case: CaseFile, kind: Any) -> bool:
    lead = case.petition.lead_unit_id
    if case.petition.is_anonymous and kind.is_for_citizen:
        return False
    return kind.organ != "lead" or lead is None or lead == case.user.unit_id


register_tab(CaseTab("documents", _("Documents"), "dispatch/documents/tab.html", context=_context, place=40))


@register_desk_card
def approvals_card(user: User, at: datetime) -> Panel | None:
    """The documents that wait for this person's signature."""
    if not user.may("petitions.document_check"):
        return None
    rows = list(Document.objects.waiting_for(user).select_related("petition", "unit").order_by("-id")[: CARD_ROWS + 1])
    if not rows:
        return None
    data = {"rows": [(row, KINDS[row.kind]) for row in rows[:CARD_ROWS]], "has_more": len(rows) > CARD_ROWS}
    return Panel("dispatch/documents/desk_card.html", data)
