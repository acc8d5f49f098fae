"""The only code that writes what supervision finds, orders and hears back (domain-facts §1.16, §2.6)."""

from datetime import datetime
from typing import Any

from accounts.models import Unit
from dispatch.models import Proposal, WorkOrder
from petitions.models import Petition


def propose(
    trigger: str,
    *,
    key: str,
    unit: Unit,
    petition: Petition | None = None,
    order: WorkOrder | None = None,
    facts: dict[str, Any] | None = None,
    at: datetime,
) -> None:
    """Lay a finding before supervision, in the caller's transaction. The same key twice changes nothing."""
    row = Proposal(trigger=trigger, key=key, unit=unit, petition=petition, order=order, facts=facts or {}, found_at=at)
    Proposal.objects.bulk_create([row], ignore_conflicts=True)
