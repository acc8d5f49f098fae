"""Three-cross-three-separation (三跨三分离, domain-facts §1.12): the joint conference names the lead unit."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from petitions.actions.moves import GUARDS, lock, move
from petitions.models import CrossKind, Petition
from petitions.states import Refused


def lay_before(
    petition_id: int,
    *,
    kinds: Sequence[str],
    reason: str,
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> Petition:
    """Mark why nobody alone is in charge and lay the matter before the joint conference (Regulation, art. 24).

    Raises Refused without a kind or a reason, for an accusation, and while it lies there already.
    """
    chosen = [kind for kind in CrossKind.values if kind in kinds]
    if not chosen:
        raise Refused(_("Choose at least one kind."), field="kinds")
    if len(reason.strip()) < 4:
        raise Refused(_("Please say what the conference has to decide."), field="reason")
    petition = lock(petition_id)
    if petition.is_restricted:
        raise Refused(_("An accusation is not laid before the joint conference."), code="restricted")
    if petition.conference_since is not None:
        raise Refused(_("It lies before the joint conference already."), code="conference")
    changes = {"cross_kinds": ",".join(chosen), "conference_since": at}
    data = {"kinds": chosen}
    return move(
        petition_id, "lay_before", actor=actor, at=at, data=data, text=reason.strip(), changes=changes, version=version
    )


def conference_named(
    petition_id: int,
    *,
    unit: int,
    name: str,
    reason: str,
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> Petition:
    """Record whom the conference named; the room of work orders dispatches to it in the same transaction."""
    if len(reason.strip()) < 4:
        raise Refused(_("A ruling names its grounds; the units read it."), field="reason")
    if lock(petition_id).conference_since is None:
        raise Refused(_("This petition does not lie before the joint conference."), code="no_conference")
    data = {"unit": unit, "name": name}
    changes = {"conference_since": None}
    return move(
        petition_id, "name_lead", actor=actor, at=at, data=data, text=reason.strip(), changes=changes, version=version
    )


def require_named_lead(petition: Petition) -> None:
    """Raises Refused for a dispatch past the joint conference."""
    if petition.conference_since is not None:
        raise Refused(
            _("The joint conference has this petition and names its lead unit; it is not dispatched before."),
            code="conference",
        )


GUARDS.setdefault("dispatch", []).append(require_named_lead)
