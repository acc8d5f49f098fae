"""What the clocks' room adds to hearings: how long notice runs, and who is told."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from accounts.actors import Actor
from accounts.models import User
from accounts.roles import Role
from dispatch.actions import clocks
from dispatch.actions.notices import notify
from dispatch.actions.review import parties
from petitions.actions import hearings, reviews
from petitions.models import Hearing, Petition, ReviewRequest
from petitions.states import State

NOTICE = "H03_hearing_notice"


def notice_ends(petition: Petition, at: datetime) -> datetime | None:
    """The end (UTC) of the notice period when notice is given at `at`; None where no such rule is in force."""
    rule = next((rule for rule in clocks.policies() if rule.key == NOTICE), None)
    return clocks.meter_of(rule).after(at, rule.length) if rule is not None else None


def asked(petition: Petition, *, actor: Actor, at: datetime) -> None:
    """Tell whoever decides: the investigators in a review, else the office and the head of the unit."""
    people = _deciders(petition)
    _tell(people, "hearing_asked", petition, at)


def _deciders(petition: Petition) -> Iterable[User]:
    if petition.state in {State.IN_REVIEW, State.IN_REREVIEW}:
        row = ReviewRequest.objects.open().filter(petition=petition).first()
        if row is not None:
            return User.objects.filter(
                pk__in=row.investigators.filter(left_at=None).values("user"), role=Role.REVIEWER, is_active=True
            )
    return parties(petition)


def declined(petition: Petition, *, actor: Actor, at: datetime) -> None:
    _tell([*parties(petition), *_asker(petition)], "hearing_declined", petition, at)


def was_set(petition: Petition, *, actor: Actor, at: datetime) -> None:
    """Everybody with a seat, and the unit that answers there, has notice."""
    _tell(_seated(petition), "hearing_set", petition, at)


def over(petition: Petition, *, actor: Actor, at: datetime) -> None:
    _tell(_seated(petition), "hearing_over", petition, at)


def _seated(petition: Petition) -> Iterable[User]:
    last = Hearing.objects.filter(petition=petition).first()
    seats = last.members.filter(user__isnull=False).values("user") if last is not None else []
    unit = Q(unit=petition.lead_unit_id, role=Role.UNIT_ADMIN) if petition.lead_unit_id else Q(pk__in=[])
    return User.objects.filter(Q(pk__in=seats) | unit, is_active=True)


def _asker(petition: Petition) -> Iterable[User]:
    last = Hearing.objects.filter(petition=petition).select_related("asked_by").first()
    return [last.asked_by] if last is not None and last.asked_by is not None else []


def _tell(people: Iterable[User], kind: str, petition: Petition, at: datetime) -> None:
    notify(people, kind=kind, petition=petition, key=f"hearing:{petition.pk}:{petition.version}", at=at)


def matter_ended(petition: Petition, *, at: datetime) -> None:
    """The matter itself, or its review, has ended: requests and hearings still open fall with it."""
    hearings.matter_ended(petition, at)
    if petition.state not in {State.IN_REVIEW, State.IN_REREVIEW}:
        reviews.matter_ended(petition)


CONSEQUENCES = {
    "ask_hearing": asked,
    "decline_hearing": declined,
    "break_off_hearing": asked,
    "hold_hearing": was_set,
    "postpone_hearing": was_set,
    "end_hearing": over,
    "give_up_hearing": over,
    "drop_hearing": over,
}
