"""What a recusal does to work orders and notices: in its own transaction, so that all or nothing stands."""

from datetime import datetime

from django.db.models import Q

from accounts.actors import Actor
from accounts.models import User
from accounts.roles import Role
from dispatch.actions import orders, signers
from dispatch.actions.notices import notify
from dispatch.models import CallTask, Notice, WorkOrder
from petitions import actions as petitions
from petitions.actions import recused
from petitions.actions.documents import signing
from petitions.models import Petition, Recusal

_JUDGES = (Role.CITY_OFFICER, Role.DISTRICT_OFFICER, Role.UNIT_ADMIN)


def moved(recusal: Recusal, move: str, *, actor: Actor, at: datetime) -> None:
    """Tell who decides, or who has asked; take the recused person's work and what was about to be told to them."""
    petition = recusal.petition
    key = f"recusal:{recusal.pk}:{move}"
    if move == "ask_recusal":
        notify(deciders(recusal), kind="recusal_asked", petition=petition, key=key, at=at)
        return
    if move == "grant_recusal":
        _take_out(recusal, petition, actor, at)
    if recusal.asked_by is not None and recusal.asked_by_id not in {recusal.person_id, actor.user and actor.user.pk}:
        notify([recusal.asked_by], kind="recusal_decided", petition=petition, key=key, at=at)


def deciders(recusal: Recusal) -> list[User]:
    """Who hears that a recusal waits: the heads of a handler's unit, for everybody else the petition offices."""
    person, unit = recusal.person, recusal.unit
    people = User.objects.filter(is_active=True, role__in=_JUDGES).exclude(pk__in=[recusal.person_id or 0])
    if person is None:
        # The words of a citizen may mean anybody: two offices hear, and nobody they name.
        near = Q(role=Role.DISTRICT_OFFICER, unit__area=recusal.petition.district_id) | Q(role=Role.CITY_OFFICER)
        return [judge for judge in people.filter(near) if not judge.name or judge.name not in recusal.named]
    if person is not None and unit is not None and person.role == Role.UNIT_HANDLER:
        heads = list(people.filter(unit=unit, role=Role.UNIT_ADMIN))
        if heads:
            return heads
    district = people.filter(role=Role.DISTRICT_OFFICER, unit__area=recusal.petition.district_id)
    offices = list(district.exclude(unit=unit)) if unit is not None else list(district)
    return offices or list(people.filter(role=Role.CITY_OFFICER))


def _take_out(recusal: Recusal, petition: Petition, actor: Actor, at: datetime) -> None:
    person = recusal.person
    assert person is not None
    for order in WorkOrder.objects.filter(petition=petition, handler=person, is_open=True).select_related("unit"):
        data = {"from": person.pk, "from_name": person.name}
        changes = {"handler": None}
        orders.move(order.pk, "unassign", actor=actor, at=at, data=data, changes=changes, is_consequence=True)
        petitions.release(petition.pk, unit=order.unit, at=at, handlers_only=True)
        heads = order.unit.users.filter(is_active=True, role=Role.UNIT_ADMIN)
        key = f"recusal:{recusal.pk}:order:{order.pk}"
        notify(heads, kind="handler_recused", petition=petition, order=order, key=key, at=at)
    CallTask.objects.filter(petition=petition, claimed_by=person, ended_at=None).update(
        claimed_by=None, claimed_until=None
    )
    recused.leave_team(petition, person, at=at)
    recused.leave_hearing(petition, person, actor=actor, at=at)
    for document in signing.person_recused(petition, person):
        signers.tell_next(document, at=at)
    # What has been written and not sent yet does not go out to them any more.
    Notice.objects.filter(petition=petition, recipient=person, delivered_at=None).delete()
