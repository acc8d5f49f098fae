"""The callback desk without its pages: whose calls these are, in which order, and what the agent says.

Who may call (domain-facts §4.2 gives hotline agents their own calls only): offices in their reach; a hotline agent any
call of the queue, but sees of it number, place, class and times only, and the matter itself once the call is claimed,
for as long as the claim lasts. Class A and confidential matters never reach an agent's queue.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from accounts.roles import Role
from dispatch.models import CallTask, Clock
from dispatch.models.talks import CallTaskQuerySet
from dispatch.talks import rule_for
from petitions.models import NO_DEADLINE, Petition, Sensitivity
from petitions.paging import Order
from petitions.querysets import not_recused

BY_DUE = Order("due_at")
RULES = ("O_callback", "R_call", "R_rerate")


def within(rows: CallTaskQuerySet, who: User | Actor) -> CallTaskQuerySet:
    """The calls this person may make."""
    if getattr(who, "is_anonymous", False):
        return rows.none()
    actor = Actor.of(who)
    if actor.is_system:
        return rows
    if not actor.may("dispatch.call_back"):
        return rows.none()
    if is_agent(actor.user):
        usual = not_recused(actor, "petition_id")
        return rows.filter(usual, petition__is_restricted=False, petition__sensitivity=Sensitivity.NORMAL)
    return rows.filter(petition__in=Petition.objects.within(actor, "dispatch.call_back"))


def is_agent(user: User | None) -> bool:
    """A hotline agent, whose right ends with the call."""
    return user is not None and user.role == Role.HOTLINE_AGENT


def with_due(rows: CallTaskQuerySet) -> CallTaskQuerySet:
    """`due_at`: the deadline of the call, from the clock that runs on it."""
    clocks = Clock.objects.filter(petition=OuterRef("petition"), state=Clock.State.RUNNING, policy__key__in=RULES)
    nearest = Subquery(clocks.order_by("due_at").values("due_at")[:1])
    return rows.annotate(due_at=Coalesce(nearest, NO_DEADLINE))


def queue(who: User | Actor, at: datetime) -> CallTaskQuerySet:
    """The calls that may be made now, the nearest deadline first."""
    rows = with_due(CallTask.objects.visible_to(who).open().filter(call_after__lte=at))
    return rows.order_by(*BY_DUE.order_by())


@dataclass(frozen=True)
class Tab:
    """A part of the queue."""

    key: str
    label: str
    rows: QuerySet[CallTask]


def tabs(user: User, at: datetime) -> list[Tab]:
    """Now, taken by me, later, done."""
    seen = CallTask.objects.visible_to(user)
    return [
        Tab("now", _("To call now"), queue(user, at)),
        Tab("bad", _("Bad ratings"), queue(user, at).exclude(kind=CallTask.Kind.OUTCOME)),
        Tab("mine", _("Taken by me"), with_due(seen.open().filter(claimed_by=user, claimed_until__gt=at))),
        Tab("later", _("Later"), with_due(seen.open().filter(call_after__gt=at))),
    ]


def is_mine(task: CallTask, user: User, at: datetime) -> bool:
    """Whether this person has claimed the call and the claim still holds."""
    return bool(task.claimed_by_id == user.pk and task.claimed_until and task.claimed_until > at)


def is_taken(task: CallTask, user: User, at: datetime) -> bool:
    """Whether somebody else has it."""
    return bool(task.claimed_by_id not in (None, user.pk) and task.claimed_until and task.claimed_until > at)


def seat_tasks(user: User, at: datetime) -> Q:
    """Which petitions a claim opens to an agent for its time (used for the mask, nothing else)."""
    return Q(claimed_by=user, claimed_until__gt=at, ended_at=None)


def script(task: CallTask, user: User) -> str:
    """What the agent says, in plain words: the class's own text, else the general one. No name before the person is
    known to be the right one; the matter only after that."""
    petition = task.petition
    words = rule_for(petition).script.strip() or _GENERAL[task.kind]()
    values = {
        "{name}": petition.petitioner_label or _("the petitioner"),
        "{office}": str(user.unit or ""),
        "{agent}": user.name,
        "{unit}": str(task.order.unit) if task.order else str(petition.register_unit),
        "{number}": petition.short_number,
        "{matter}": str(petition.content_class),
    }
    for mark, value in values.items():
        words = words.replace(mark, value)
    return words


def _outcome() -> str:
    return _(
        "Good day, this is {office}, my name is {agent}. Am I speaking with {name}? You raised a matter with us"
        " (no. {number}). {unit} has reported on it, and we should like to hear from you how it went. It takes two"
        " minutes. What you tell us is kept confidential and does you no harm; you may decline to answer."
    )


def _bad() -> str:
    return _(
        "Good day, this is {office}, my name is {agent}. Am I speaking with {name}? You told us you are not satisfied"
        " with how matter no. {number} was handled. We want to put that right and would like to understand what is"
        " missing. What you tell us is kept confidential and does you no harm."
    )


def _again() -> str:
    return _(
        "Good day, this is {office}, my name is {agent}. Am I speaking with {name}? About matter no. {number}: {unit}"
        " says it has put right what you were not satisfied with. How do you judge it now? You may also leave your"
        " first rating as it is."
    )


_GENERAL: dict[str, Callable[[], str]] = {
    CallTask.Kind.OUTCOME: _outcome,
    CallTask.Kind.BAD: _bad,
    CallTask.Kind.AGAIN: _again,
}
