"""What follows when a counter of 事不过二 is full, and who sets the limits (domain-facts §2.3)."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Unit, User
from accounts.roles import Role
from dispatch.actions import supervision
from dispatch.actions.notices import notify
from dispatch.models import LoopSetting, Proposal, WorkOrder
from dispatch.states import TAKEN_BACK
from dispatch.twice import forget_limits, is_raised_to_supervision, limits, may_rework, rework_key
from petitions import actions as petitions
from petitions import events
from petitions.models import Petition
from petitions.states import Refused, State


@transaction.atomic
def set_limits(*, actor: User, at: datetime, reason: str = "", **values: int) -> LoopSetting:
    """Change the limits; who, when and why stand in the row's history. Raises Refused for what makes no sense."""
    if not actor.may("dispatch.limits"):
        raise Refused(_("Your role may not change the limits."), code="forbidden")
    row = LoopSetting.objects.select_for_update().filter(pk=1).first() or LoopSetting(pk=1)
    for name, value in values.items():
        setattr(row, name, value)
    row.changed_at = at
    try:
        row.full_clean()
    except ValidationError as error:
        field, sentences = next(iter(error.message_dict.items()))
        raise Refused(sentences[0], field=field) from None
    history: Any = row
    history._history_user, history._history_date, history._change_reason = actor, at, reason[:100]
    row.save()
    transaction.on_commit(forget_limits)
    forget_limits()
    return row


def leaders(unit: Unit) -> list[User]:
    """The leaders of a unit."""
    return list(unit.users.filter(is_active=True, role=Role.UNIT_ADMIN))


def city_office() -> list[User]:
    """The officers of the city petition office, who supervise."""
    return list(User.objects.filter(is_active=True, role=Role.CITY_OFFICER))


def last_lead(petition: Petition) -> WorkOrder | None:
    """The newest lead order that was not taken back."""
    rows = WorkOrder.objects.filter(petition=petition, is_lead=True).exclude(state__in=TAKEN_BACK)
    return rows.select_related("unit").order_by("-seq").first()


def check_rework(petition: Petition) -> None:
    """Called within the rework's own transaction, its count already one higher. Raises Refused beyond the limit."""
    if petition.rework_count > limits().max_reworks:
        raise Refused(
            _("No matter more than twice: this one has been reworked already and goes to supervision."), code="twice"
        )


@transaction.atomic
def raise_to_supervision(
    petition_id: int, *, actor: User | Actor, at: datetime, version: int | None = None
) -> Petition:
    """Lay a matter before supervision whose rework is used up and which is still not done (domain-facts §2.3).

    A finding is proposed, the unit's leaders and the city office are told. Raises Refused while it may still be
    reworked, and for the second time in one round.
    """
    who = Actor.of(actor)
    petition = petitions.lock(petition_id)
    petitions.require(petition, "petitions.rework", who)
    if version is not None and version != petition.version:
        raise Refused(
            _("Somebody else has changed this petition meanwhile. Please look at it again and repeat the step."),
            code="stale",
        )
    order = last_lead(petition)
    if order is None or petition.state != State.REPLIED or may_rework(petition):
        raise Refused(_("This matter may still be reworked; supervision takes it when that is used up."))
    if is_raised_to_supervision(petition):
        raise Refused(_("It lies before supervision already."))
    facts = {"reworks": petition.rework_count, "limit": limits().max_reworks}
    supervision.propose(
        Proposal.Trigger.TWICE,
        key=rework_key(petition),
        unit=order.unit,
        petition=petition,
        order=order,
        facts=facts,
        at=at,
    )
    event = events.record(petition_id, "raise_twice", actor=who, at=at, data={"unit_name": order.unit.short_name})
    petitions.touch(petition, at)
    people = [*leaders(order.unit), *city_office()]
    notify(people, kind="raised_twice", petition=petition, order=order, key=f"event:{event.pk}", at=at)
    return petition


def recurred(petition: Petition, *, actor: Actor, at: datetime) -> None:
    """A petition was marked as a repeat: raise it from the set count on, in the transaction of the mark.

    The earlier unit's leaders hear on the earlier petition, which they may read; those of the unit that gets this one
    hear when it is dispatched.
    """
    found = limits()
    if petition.recurrence < found.raised_from:
        return
    petitions.prioritise(petition)
    key = f"recurred:{petition.pk}:{petition.repeat_of_id}"
    times = {"n": petition.recurrence}
    notify(city_office(), kind="recurred", petition=petition, key=key, at=at, params=times)
    earlier = petition.repeat_of
    order = last_lead(earlier) if earlier else None
    unit = petition.lead_unit or (order.unit if order else None)
    if petition.lead_unit:
        notify(
            leaders(petition.lead_unit),
            kind="recurred",
            petition=petition,
            key=key,
            at=at,
            params=times,
        )
    elif earlier and order and not petition.is_restricted:
        notify(leaders(order.unit), kind="raised_again", petition=earlier, order=order, key=key, at=at)
    if unit and petition.recurrence >= found.supervised_from:
        supervision.propose(
            Proposal.Trigger.REPEATED,
            key=f"repeated:{petition.pk}",
            unit=unit,
            petition=petition,
            order=order if order and order.petition_id == petition.pk else None,
            facts={"times": petition.recurrence, "earlier": earlier.pk if earlier else None},
            at=at,
        )


def dispatched(petition: Petition, order: WorkOrder, *, at: datetime) -> None:
    """A raised matter reaches its unit's leaders by name as well, not only the pool of handlers."""
    if petition.is_priority and order.is_lead:
        key = f"recurred:{petition.pk}:order:{order.pk}"
        notify(
            leaders(order.unit),
            kind="recurred",
            petition=petition,
            order=order,
            key=key,
            at=at,
            params={"n": petition.recurrence},
        )
