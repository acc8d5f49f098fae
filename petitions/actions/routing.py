"""Purpose and legal route of a matter, set right after intake (Regulation on Petition Work, arts. 22, 29-31)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from petitions.actions.moves import lock, move
from petitions.actions.registration import open_accusations
from petitions.models import Petition, Purpose, Sensitivity
from petitions.routes import routes_for
from petitions.states import Refused, State


@transaction.atomic
def set_route(
    petition_id: int,
    *,
    purpose: str,
    route: str,
    reason: str,
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> Petition:
    """Correct purpose and legal route, with a reason. What the new class owes starts its clocks by the rules' table.

    Raises Refused for a route the purpose does not know, when nothing changes, once the matter was accepted as a
    petition proper, and for turning an accusation into something more people may read.
    """
    if len(reason.strip()) < 4:
        raise Refused(_("Please say why the class or the route is a different one."), field="reason")
    if purpose not in Purpose.values:
        raise Refused(_("Choose the purpose."), field="purpose")
    if route and route not in routes_for(purpose):
        raise Refused(_("This purpose does not know that route. Choose another."), field="route")
    petition = lock(petition_id)
    if (petition.purpose, petition.route) == (purpose, route):
        raise Refused(_("Purpose and route are so already."), field="route", code="same")
    if petition.accepted_at is not None:
        raise Refused(
            _("The petition has been accepted in the petition procedure; its route stands (Regulation, art. 34)."),
            code="accepted",
        )
    accuses = purpose == Purpose.ACCUSE
    if petition.is_restricted and not accuses:
        # What was secret stays secret: a matter of its own is registered instead (art. 30; domain-facts §1.17).
        raise Refused(
            _("An accusation is not opened to more readers. Register what is no accusation as a matter of its own."),
            field="purpose",
            code="restricted",
        )
    data = {"purpose_before": petition.purpose, "purpose": purpose, "route_before": petition.route, "route": route}
    changes: dict[str, object] = {"purpose": purpose, "route": route}
    if accuses and not petition.is_restricted:
        if petition.state != State.REGISTERED:
            raise Refused(
                _("Take the matter back from its unit first; an accusation reaches named persons only."),
                field="purpose",
                code="in_hand",
            )
        open_accusations([petition], at)
        changes |= {"is_restricted": True, "sensitivity": Sensitivity.ACCUSATION}
    return move(
        petition_id, "set_route", actor=actor, at=at, data=data, text=reason.strip(), changes=changes, version=version
    )
