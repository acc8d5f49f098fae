"""The joint conference names the lead unit of a three-cross-three-separation matter (domain-facts §1.12)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.actors import Actor
from accounts.models import Unit, User
from dispatch.actions import orders
from dispatch.models import WorkOrder
from petitions import actions as petitions


@transaction.atomic
def name_lead(
    petition_id: int,
    *,
    lead: Unit,
    assisting: Sequence[Unit] = (),
    reason: str,
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> list[WorkOrder]:
    """Name lead and assisting units and dispatch to them; the naming is final, their orders may not be returned.

    Raises Refused without grounds, where the matter does not lie before the conference, and as `orders.dispatch`.
    """
    petitions.conference_named(
        petition_id, unit=lead.pk, name=lead.short_name, reason=reason, actor=actor, at=at, version=version
    )
    return orders.dispatch(
        petition_id,
        lead=lead,
        assisting=assisting,
        instruction=reason.strip(),
        is_final=True,
        permission="petitions.name_lead",
        actor=actor,
        at=at,
    )
