"""What the clocks' room adds to review and re-review: the 30 days of the request, and who is told."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from accounts.roles import Role
from dispatch.actions.notices import notify
from dispatch.models import Clock
from petitions.models import Event, Petition
from petitions.states import Refused, State

# The window in which the petitioner may ask, by the stage asked for (domain-facts §1.13, D06 and D08).
_WINDOWS = {State.IN_REVIEW: "D06_review_req", State.IN_REREVIEW: "D08_rereview_req"}


def asked(petition: Petition, *, actor: Actor, at: datetime) -> None:
    """Hold a request against its 30 days, then tell the reviewer. Raises Refused when the right has lapsed.

    An opinion that was never delivered has started no period, so the right is still open (Regulation, arts. 35, 36).
    """
    facts = _last(petition)
    window = (
        Clock.objects.filter(petition=petition, order__isnull=True, policy__key=_WINDOWS[State(petition.state)])
        .order_by("-id")
        .first()
    )
    if petition.state == State.IN_REVIEW and petition.delivered_at is None:
        # What ran belonged to an opinion that no longer stands.
        window = None
    if window is not None and at > window.due_at and not facts.get("excused"):
        raise Refused(
            _("The 30 days for this request ended on %(due)s. Only force majeure excuses a late one; say so.")
            % {"due": f"{window.due_at.astimezone(at.tzinfo):%Y-%m-%d}"},
            field="excuse",
            code="lapsed",
        )
    reviewer = User.objects.filter(pk__in=[facts["reviewer"]] if "reviewer" in facts else [])
    notify(reviewer, kind="review_asked", petition=petition, key=f"review:{petition.pk}:{petition.version}", at=at)


def decided(petition: Petition, *, actor: Actor, at: datetime) -> None:
    """Tell the office that registered the matter and the unit whose opinion it was."""
    people = User.objects.filter(
        is_active=True,
        unit__in=[pk for pk in (petition.register_unit_id, petition.lead_unit_id) if pk],
        role__in=[Role.CITY_OFFICER, Role.DISTRICT_OFFICER, Role.DISPATCHER, Role.UNIT_ADMIN],
    )
    notify(people, kind="review_decided", petition=petition, key=f"review:{petition.pk}:{petition.version}", at=at)


def _last(petition: Petition) -> dict[str, Any]:
    event = Event.objects.filter(petition=petition, kind__in=["ask_review", "ask_rereview"]).order_by("-seq").first()
    return dict(event.data) if event else {}
