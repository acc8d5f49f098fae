"""What work orders and clocks do when a petition moves: in its transaction, so that all or nothing stands."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.dispatch import receiver

from accounts.actors import Actor
from accounts.models import User
from dispatch import finality, talks
from dispatch.actions import (
    callbacks,
    clocks,
    consultations,
    hearing,
    infections,
    intake,
    ledger,
    loop,
    orders,
    promises,
    ratings,
    recusals,
    review,
    signers,
)
from dispatch.checklist import work_items
from dispatch.intake import clocks_of
from dispatch.models import Callback, Policy, WorkOrder
from dispatch.rulebook import profile
from dispatch.signals import called_back, order_moved
from petitions.actions import CLOSING_CHECKS, FIRST_DEADLINES, RATING_EXCUSES, hearings, reviews
from petitions.actions.representatives import CAPS, NATIONAL_CAP, zhejiang_cap
from petitions.consequences import CLOCKS
from petitions.models import Attachment, Document, Petition, RecordEntry, Recusal, ReviewRequest
from petitions.signals import (
    attachment_infected,
    document_moved,
    investigators_named,
    petition_moved,
    petition_rated,
    petition_recurred,
    petition_registered,
    promise_moved,
    recusal_moved,
)


@receiver(petition_registered)
def start_petition_clocks(petitions: Sequence[Petition], actor: Actor, since: datetime, **_kwargs: Any) -> None:
    # From when the matter reached the office, which a splitting does not move.
    clocks.petitions_registered(petitions, actor=actor, at=since)


@receiver(petition_recurred)
def raise_repeat(petition: Petition, actor: Actor, at: datetime, **_kwargs: Any) -> None:
    loop.recurred(petition, actor=actor, at=at)


@receiver(order_moved)
def follow_order(order: WorkOrder, move: str, actor: Actor, at: datetime, **_kwargs: Any) -> None:
    if move == "dispatch":
        loop.dispatched(order.petition, order, at=at)
    elif move == "pass_check":
        callbacks.order_checked(order, at=at)
        ratings.order_checked(order, actor=actor, at=at)
    elif move in {"finish", "cancel", "recall"}:
        callbacks.order_done(order, at=at)


_CONSEQUENCES = {
    "reply": orders.petition_replied,
    "answer_at_once": orders.petition_settled,
    "lead_out": orders.petition_settled,
    "withdraw": orders.petition_ended,
    "merge": orders.petition_ended,
    "rework": orders.petition_reworked,
    "not_accept": orders.petition_ended,
    "no_longer_accept": orders.petition_ended,
    "settle": orders.petition_ended,
    "end_without_successor": orders.petition_ended,
    "supplement": intake.supplemented,
    "hand_over": intake.hand_over_asked,
    "take_over": intake.handed_over,
    "refuse_over": intake.hand_over_refused,
    "drop_over": intake.hand_over_dropped,
    "rule_over": intake.handed_over,
    "lay_before": intake.laid_before,
    "set_route": intake.route_set,
    **review.CONSEQUENCES,
    **hearing.CONSEQUENCES,
}


_ENDINGS = {
    "withdraw",
    "merge",
    "reopen",
    "send_up",
    "not_accept",
    "no_longer_accept",
    "lead_out",
    "settle",
    "end_without_successor",
    "certify",
}


@receiver(petition_moved)
def follow_petition(petition: Petition, move: str, actor: Actor, at: datetime, **_kwargs: Any) -> None:
    if move in {"dispatch", "accept"}:
        finality.require_not_running_below(petition, at)
    if move in _CONSEQUENCES:
        _CONSEQUENCES[move](petition, actor=actor, at=at)
    consultations.petition_moved(petition, actor=actor, at=at)
    if move == "rework":
        ratings.reworked(petition)
    subject = ratings.subject_of(petition) if move in ratings.MOVES else clocks.Subject.of_petition(petition)
    clocks.subject_moved(subject, move, actor=actor, at=at)
    if move in _ENDINGS:
        ratings.petition_ended(petition, at=at)
        intake.matter_ended(petition, actor=actor, at=at)
    if move in _ENDINGS or move in review.LEFT:
        hearing.matter_ended(petition, at=at)
    review.set_term(petition, move, actor=actor, at=at)
    ledger.hearing_moved(petition, move, actor=actor, at=at)


@receiver(order_moved)
def settle_ledger(order: WorkOrder, actor: Actor, at: datetime, **_kwargs: Any) -> None:
    ledger.order_left(order, actor=actor, at=at)


@receiver(petition_rated)
def judge_rating(
    petition: Petition, office: int, unit: int, is_again: bool, actor: Actor, at: datetime, **_kwargs: Any
) -> None:
    ratings.rated(petition, office=office, unit=unit, is_again=is_again, actor=actor, at=at)


@receiver(called_back)
def judge_callback(callback: Callback, order: WorkOrder, actor: Actor, at: datetime, **_kwargs: Any) -> None:
    if order.called_back_at is not None:
        callbacks.order_done(order, at=at)
    ratings.called_back(callback, order, actor=actor, at=at)


@receiver(attachment_infected)
def tell_of_virus(attachment: Attachment, petition: Petition, at: datetime, **_kwargs: Any) -> None:
    infections.tell(attachment, petition, at=at)


@receiver(investigators_named)
def tell_investigators(
    request: ReviewRequest, people: Sequence[User], is_lead: bool, at: datetime, **_kwargs: Any
) -> None:
    review.named(request, people, is_lead=is_lead, at=at)


@receiver(promise_moved)
def time_promise(entry: RecordEntry, move: str, actor: Actor, at: datetime, **_kwargs: Any) -> None:
    promises.moved(entry, move, actor=actor, at=at)


@receiver(recusal_moved)
def follow_recusal(recusal: Recusal, move: str, actor: Actor, at: datetime, **_kwargs: Any) -> None:
    recusals.moved(recusal, move, actor=actor, at=at)


@receiver(document_moved)
def tell_signers(document: Document, move: str, at: datetime, **_kwargs: Any) -> None:
    signers.document_moved(document, move, at=at)


CLOSING_CHECKS.append(work_items)
RATING_EXCUSES.append(talks.rating_excuse)
FIRST_DEADLINES.append(clocks.first_deadline)
CLOCKS.append(clocks_of)
reviews.WINDOWS.append(review.window)
reviews.TERMS.append(review.term_range)
hearings.NOTICE_PERIODS.append(hearing.notice_ends)


def zhejiang_representatives(headcount: int) -> int:
    """The tighter cap on representatives while Zhejiang's regulation is switched on."""
    return zhejiang_cap(headcount) if profile() == Policy.Profile.ZHEJIANG else NATIONAL_CAP


CAPS.append(zhejiang_representatives)
