"""Bad ratings: noticed, called about, put right, rated once more; what is not put right goes to supervision.

A rating is bad when either object gets the lowest of the national three, or when the callback's answer is one of the
last two of five (domain-facts §1.13 D, §2.7). One a round. The clocks run on the petition and are owed by who puts it
right: the unit, or the office when only the office was judged badly.
"""

from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from dispatch import talks
from dispatch.actions import calls, clocks, supervision
from dispatch.actions.loop import leaders
from dispatch.actions.notices import notify
from dispatch.actions.orders import staff
from dispatch.models import BadRating, Callback, CallTask, Clock, Proposal, WorkOrder
from petitions import actions as petitions
from petitions.models import Petition, Rating
from petitions.states import Refused, State

MOVES = frozenset({"rate_badly", "bad_called", "put_right", "rerate", "no_rerate", "rate"})
# The lowest two of the five levels.
BAD_LEVELS = (Callback.Level.BAD, Callback.Level.VERY_BAD)


def open_bad(petition: Petition) -> BadRating | None:
    """The bad rating that is being put right."""
    return BadRating.objects.filter(petition=petition, ended_at=None).select_related("unit", "order").last()


def subject_of(petition: Petition) -> clocks.Subject:
    """The petition as what the clocks of a bad rating run on: owed by who puts it right."""
    plain = clocks.Subject.of_petition(petition)
    bad = open_bad(petition)
    return replace(plain, unit=bad.unit, order=bad.order) if bad else plain


def on_behalf(who: User | Actor) -> Actor:
    """A consequence of a step the person was allowed to take: recorded in their name, not asked for again."""
    return replace(Actor.of(who), is_system=True)


def rated(petition: Petition, *, office: int, unit: int, is_again: bool, actor: Actor, at: datetime) -> None:
    """A rating was recorded, in its transaction. Raises Refused for one more where nothing was put right."""
    bad = open_bad(petition)
    if is_again and (bad is None or bad.put_right_at is None):
        raise Refused(_("It is rated once more after the bad rating was put right, not before."), code="not_put_right")
    is_bad = Rating.Score.DISSATISFIED in {office, unit}
    if bad and bad.put_right_at:
        _end(bad, petition, is_rated=True, actor=actor, at=at)
        if is_bad:
            _to_supervision(bad, petition, again=True, at=at)
        return
    if is_bad and bad is None:
        only_office = unit != Rating.Score.DISSATISFIED
        _open(petition, talks.last_lead(petition), BadRating.Source.RATING, only_office=only_office, actor=actor, at=at)


def called_back(callback: Callback, order: WorkOrder, *, actor: Actor, at: datetime) -> None:
    """A callback was recorded: its last two levels are a bad rating of the unit."""
    if callback.level in BAD_LEVELS and open_bad(order.petition) is None:
        _open(order.petition, order, BadRating.Source.CALLBACK, only_office=False, actor=actor, at=at)


def _open(
    petition: Petition, order: WorkOrder | None, source: str, *, only_office: bool, actor: Actor, at: datetime
) -> None:
    if talks.exemption(petition) or BadRating.objects.filter(petition=petition, round=petition.round).exists():
        return
    unit = petition.register_unit if only_office or order is None else order.unit
    bad = BadRating.objects.create(
        petition=petition, order=order, unit=unit, source=source, round=petition.round, rated_at=at
    )
    petitions.move(petition.pk, "rate_badly", actor=on_behalf(actor), at=at, data={"unit_name": unit.short_name})
    calls.open_task(petition, CallTask.Kind.BAD, order=order, at=at)
    people = [*(staff(unit) if unit != petition.register_unit else []), *_office(petition, order)]
    notify(people, kind="bad_rating", petition=petition, order=order, key=f"bad:{bad.pk}", at=at)


def _office(petition: Petition, order: WorkOrder | None) -> list[User]:
    """Who calls about it: the dispatcher of the order, else the officers of the office that registered it."""
    if order is not None and order.dispatched_by:
        return [order.dispatched_by]
    people = petition.register_unit.users.filter(is_active=True)
    return [user for user in people if user.may("petitions.rate")]


@transaction.atomic
def call_about(
    petition_id: int, *, said: str, actor: User | Actor, at: datetime, version: int | None = None, result: str = ""
) -> Petition:
    """Note the talk about a bad rating: why the person is not satisfied. Raises Refused without one, or twice."""
    if not said.strip():
        raise Refused(_("Please note what was said."), field="said")
    petition = petitions.lock(petition_id)
    bad = _bad_or_refuse(petition)
    if bad.called_at:
        raise Refused(_("The person has been called about it already."))
    petition = petitions.move(
        petition_id, "bad_called", actor=actor, at=at, data={"result": result}, text=said.strip(), version=version
    )
    bad.called_at = at
    bad.save(update_fields=["called_at"])
    calls.end_tasks(petition, CallTask.Kind.BAD, end=result or CallTask.End.ANSWERED, at=at)
    return petition


@transaction.atomic
def put_right(
    petition_id: int, *, measures: str, actor: User | Actor, at: datetime, version: int | None = None
) -> Petition:
    """Report what was put right. Stops the 15 days and asks for the one rating more. Raises Refused without words."""
    if len(measures.strip()) < 10:
        raise Refused(_("Please state what was put right, in at least ten characters."), field="measures")
    petition = petitions.lock(petition_id)
    bad = _bad_or_refuse(petition)
    if bad.put_right_at:
        raise Refused(_("It has been put right already; the person is asked to rate once more."))
    due = _correction_due(petition)
    petition = petitions.move(petition_id, "put_right", actor=actor, at=at, text=measures.strip(), version=version)
    bad.put_right_at, bad.measures = at, measures.strip()
    bad.was_in_time = bad.was_in_time is not False and (due is None or at <= due)
    bad.save(update_fields=["put_right_at", "measures", "was_in_time"])
    calls.end_tasks(petition, CallTask.Kind.BAD, at=at)
    if not bad.is_reworked:
        calls.open_task(petition, CallTask.Kind.AGAIN, order=bad.order, at=at)
        notify(
            _office(petition, bad.order),
            kind="put_right",
            petition=petition,
            order=bad.order,
            key=f"right:{bad.pk}",
            at=at,
        )
    return petition


def _bad_or_refuse(petition: Petition) -> BadRating:
    bad = open_bad(petition)
    if bad is None:
        raise Refused(_("There is no bad rating to put right."))
    return bad


def _correction_due(petition: Petition) -> datetime | None:
    rows = Clock.objects.filter(petition=petition, policy__key="R_correct", state=Clock.State.RUNNING)
    return rows.order_by("-id").values_list("due_at", flat=True).first()


@transaction.atomic
def give_up_rerating(petition_id: int, *, said: str, actor: User | Actor, at: datetime) -> Petition:
    """Nobody could be asked for the rating more, or the person declined: the first rating stands."""
    petition = petitions.lock(petition_id)
    bad = _bad_or_refuse(petition)
    petition = petitions.move(petition_id, "no_rerate", actor=actor, at=at, text=said.strip())
    _end(bad, petition, is_rated=False, actor=Actor.of(actor), at=at)
    return petition


def _end(bad: BadRating, petition: Petition, *, is_rated: bool, actor: Actor, at: datetime) -> None:
    bad.ended_at, bad.is_rated_again = at, is_rated
    bad.save(update_fields=["ended_at", "is_rated_again"])
    calls.end_tasks(petition, CallTask.Kind.AGAIN, at=at)
    if petition.state == State.REPLIED:
        # The rest of the way to closing gets its period anew; it was taken off while the rating was put right.
        petitions.move(petition.pk, "settle_rating", actor=on_behalf(actor), at=at)


def reworked(petition: Petition) -> None:
    """The matter went back: the rework, once checked, is what puts the bad rating right."""
    BadRating.objects.filter(petition=petition, ended_at=None, put_right_at=None).update(is_reworked=True)


def order_checked(order: WorkOrder, *, actor: Actor, at: datetime) -> None:
    """A checked rework puts the bad rating right, in its transaction."""
    bad = open_bad(order.petition)
    if bad and bad.is_reworked and bad.put_right_at is None and order.is_lead:
        put_right(order.petition_id, measures=_("The matter was reworked and checked."), actor=on_behalf(actor), at=at)


def petition_ended(petition: Petition, *, at: datetime) -> None:
    """Withdrawn, merged or taken up again: there is nothing left to put right."""
    BadRating.objects.filter(petition=petition, ended_at=None).update(ended_at=at)
    calls.end_tasks(petition, at=at)


def find_unmended(*, at: datetime) -> int:
    """Lay bad ratings before supervision whose 15 days have run out. Safe to repeat; returns how many were found."""
    over = Clock.objects.filter(
        petition=OuterRef("petition"), policy__key="R_correct", state=Clock.State.RUNNING, due_at__lt=at
    )
    rows = BadRating.objects.filter(Exists(over), ended_at=None, put_right_at=None, was_in_time=None)
    found = 0
    for pk, petition_id in list(rows.values_list("pk", "petition_id")):
        with transaction.atomic():
            petition = petitions.lock(petition_id)
            bad = BadRating.objects.select_related("unit", "order").get(pk=pk)
            if bad.put_right_at is None and bad.ended_at is None and bad.was_in_time is None:
                bad.was_in_time = False
                bad.save(update_fields=["was_in_time"])
                _to_supervision(bad, petition, again=False, at=at)
                found += 1
    return found


def _to_supervision(bad: BadRating, petition: Petition, *, again: bool, at: datetime) -> None:
    key = f"bad_rating:{bad.pk}{':again' if again else ''}"
    supervision.propose(
        Proposal.Trigger.BAD_RATING,
        key=key,
        unit=bad.unit,
        petition=petition,
        order=bad.order,
        facts={"again": again, "rated_at": bad.rated_at.isoformat()},
        at=at,
    )
    notify(leaders(bad.unit), kind="bad_unmended", petition=petition, order=bad.order, key=key, at=at)
