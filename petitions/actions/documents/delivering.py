"""Delivery: by hand, by post, electronically, by public notice, left with a witness (domain-facts §1.8, 送达回证)."""

import logging
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from petitions.actions import reviews
from petitions.actions.documents.moves import REVIEW_KINDS, kind_of, lock_document, move, record, require_on
from petitions.actions.legal import Delivery as OpinionWay
from petitions.actions.legal import deliver_opinion
from petitions.actions.moves import takes, touch
from petitions.models import Delivery, Document, ReviewRequest
from petitions.permissions import citizen
from petitions.signals import document_delivered
from petitions.states import Refused, State, check_move
from petitions.states.documents import DOCUMENT_MOVES
from petitions.states.reviews import ReviewState

log = logging.getLogger(__name__)
Way = Delivery.Way
# What each way has to say, besides its date (domain-facts §1.8).
NEEDS: dict[str, tuple[str, ...]] = {
    Way.BY_HAND: ("receiver", "deliverer"),
    Way.POST: ("tracking",),
    Way.ELECTRONIC: (),
    Way.PUBLIC_NOTICE: ("place", "notice_until"),
    Way.REFUSED: ("deliverer", "witness"),
}
# These reach the petitioner at once; the others are under way until somebody says so.
AT_ONCE = frozenset({Way.BY_HAND, Way.REFUSED})
FIELDS = ("deliverer", "phone", "receiver", "tracking", "place", "notice_until", "witness", "stance", "remark")
_OPINION_WAYS = {Way.BY_HAND: OpinionWay.BY_HAND, Way.POST: OpinionWay.POST, Way.ELECTRONIC: OpinionWay.ELECTRONIC}


@transaction.atomic
def deliver(
    document_id: int,
    *,
    way: str,
    on: datetime,
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
    **details: Any,
) -> Delivery:
    """Record how an issued document is delivered; `on` is when it was handed over, posted, put up or released.

    Handed over or left with a witness it is delivered; posted, released or put up it is under way until `receive`,
    the petitioner's reading, or the end of the notice. `details`: the fields of Delivery (receiver, tracking, witness,
    place, notice_until …). Raises Refused for what the way needs and does not get, and for a date that cannot be.
    """
    who = Actor.of(actor)
    document = lock_document(document_id)
    check_move(DOCUMENT_MOVES, "deliver", document.state, document.get_state_display())
    require_on(document, "petitions.document_deliver", who, for_others=True)
    _check_way(document, way, details)
    _check_date(document, on, at)
    if document.deliveries.filter(delivered_at=None, returned_at=None).exists():
        raise Refused(_("A delivery is under way; record first what came of it."), code="under_way")
    row = Delivery.objects.create(
        document=document,
        way=way,
        sent_at=on,
        recorded_by=who.user,
        recorded_at=at,
        **{name: details[name] for name in FIELDS if details.get(name)},
    )
    if way in AT_ONCE:
        _delivered(document, row, on, who, at, version)
    else:
        record(document, "send", who, at, data={"way": way, "on": on.isoformat()})
    return row


def _check_way(document: Document, way: str, details: dict[str, Any]) -> None:
    if way not in NEEDS:
        raise Refused(_("Choose how it was delivered."), field="way")
    if way == Way.ELECTRONIC and not kind_of(document.kind).is_for_citizen:
        raise Refused(_("This document goes to a unit; the petitioner does not read it."), field="way")
    labels = {field.name: field.verbose_name for field in Delivery._meta.get_fields() if hasattr(field, "verbose_name")}
    for name in NEEDS[way]:
        if not details.get(name):
            raise Refused(_("“%(label)s” is needed for this way.") % {"label": labels[name]}, field=name)


def _check_date(document: Document, on: datetime, at: datetime) -> None:
    issued = document.issued_at
    if on > at:
        raise Refused(_("The date lies in the future."), field="on")
    if issued is not None and timezone.localdate(on) < timezone.localdate(issued):
        raise Refused(_("The date lies before the document was issued."), field="on")


def _delivered(
    document: Document, row: Delivery, on: datetime, who: Actor, at: datetime, version: int | None = None
) -> Document:
    """It has reached the petitioner: state, event, and what begins from there."""
    # Handed over on the day of issue counts from the issue, not from midnight before it.
    on = max(on, document.issued_at or on)
    row.delivered_at = on
    row.save()
    data = {"way": row.way, "on": on.isoformat()}
    document = move(document.pk, "deliver", actor=who, at=at, data=data, changes={"delivered_at": on}, version=version)
    _opinion_delivered(document, row, on, who)
    _review_delivered(document, row, on, who)
    document_delivered.send(Document, document=document, way=row.way, actor=who, at=on)
    # What began counts from its true day; for who reads changes it happened when it was entered.
    touch(document.petition, at)
    return document


def _opinion_delivered(document: Document, row: Delivery, on: datetime, who: Actor) -> None:
    """The opinion of the present round that has arrived opens the thirty days for review (Regulation, art. 35).

    An earlier round's opinion, or one whose petition has moved on meanwhile, is a paper delivered and no more.
    """
    petition = document.petition
    is_first = petition.delivered_at is None and document.round == petition.round
    if document.kind != "handling_opinion" or not is_first:
        return
    # The petitioner always gets the letter; the office is told what to record first.
    if petition.state in {State.REGISTERED, State.HANDLING} and not who.is_system:
        raise Refused(_("Record the reply first; then the opinion is delivered."), code="not_replied")
    if petition.is_anonymous or not takes(petition, "deliver_opinion"):
        return
    # The thirty days run from the true delivery, whenever it is entered. Whoever may record the delivery of a document
    # has been asked for already.
    deliver_opinion(
        petition.pk,
        way=_OPINION_WAYS.get(Delivery.Way(row.way), OpinionWay.OTHER),
        remark=document.number,
        actor=who,
        at=on,
        permission="petitions.document_deliver",
    )


def _review_delivered(document: Document, row: Delivery, on: datetime, who: Actor) -> None:
    """A review opinion that has arrived opens the thirty days for re-review, or ends the procedure (art. 36).

    What the petition has moved on from, by a further stage, a reopening or its end, is delivered and begins nothing.
    """
    if document.kind not in REVIEW_KINDS:
        return
    petition, stage = document.petition, REVIEW_KINDS[document.kind]
    rows = ReviewRequest.objects.filter(petition=petition, stage=stage, round=document.round)
    review = rows.filter(state=ReviewState.DECIDED).first()
    if review is None:
        return
    way = _OPINION_WAYS.get(Delivery.Way(row.way), OpinionWay.OTHER)
    if review.is_current(petition) and takes(petition, review.delivery_move):
        permission = "petitions.document_deliver"
        reviews.record_delivery(review, way, document.number, who, on, permission=permission)
    else:
        review.delivered_at, review.delivered_way = on, way
        reviews.advance(review, "deliver")


def _under_way(document: Document) -> Delivery:
    row = document.deliveries.select_for_update(of=("self",)).filter(delivered_at=None, returned_at=None).first()
    if row is None:
        raise Refused(_("No delivery is under way."), code="none")
    return row


@transaction.atomic
def receive(
    document_id: int,
    *,
    on: datetime,
    receiver: str = "",
    stance: str = "",
    remark: str = "",
    actor: User | Actor,
    at: datetime,
) -> Delivery:
    """What was posted or put up has arrived, on this day."""
    who = Actor.of(actor)
    document = lock_document(document_id)
    require_on(document, "petitions.document_deliver", who, for_others=True)
    row = _under_way(document)
    _check_date(document, on, at)
    if timezone.localdate(on) < timezone.localdate(row.sent_at):
        raise Refused(_("The date lies before the document was sent."), field="on")
    row.receiver, row.stance, row.remark = receiver.strip(), stance, remark.strip()[:300] or row.remark
    _delivered(document, row, on, who, at)
    return row


@transaction.atomic
def send_returned(document_id: int, *, on: datetime, reason: str, actor: User | Actor, at: datetime) -> Delivery:
    """What was sent came back, or the notice was taken down: another way may be tried."""
    who = Actor.of(actor)
    if not reason.strip():
        raise Refused(_("Please write the reason."), field="reason")
    document = lock_document(document_id)
    require_on(document, "petitions.document_deliver", who, for_others=True)
    row = _under_way(document)
    _check_date(document, on, at)
    row.returned_at, row.remark = on, reason.strip()[:300]
    row.save()
    record(document, "return", who, at, data={"way": row.way, "on": on.isoformat()}, text=reason.strip()[:300])
    return row


@transaction.atomic
def read_by_citizen(document_id: int, *, at: datetime) -> Document:
    """The petitioner has opened an issued document with the query code: electronic delivery with its read receipt.

    Reading a second time changes nothing. Raises Document.DoesNotExist for what is not theirs to read.
    """
    document = lock_document(document_id)
    who = citizen(document.petition_id)
    document = Document.objects.visible_to(who).select_related("unit", "petition").get(pk=document_id)
    document.petition = lock_document(document_id).petition
    if document.delivered_at is not None:
        return document
    row = document.deliveries.filter(delivered_at=None, returned_at=None).first()
    if row is not None and row.way != Way.ELECTRONIC:
        # Posted, and read on the page before the letter came: the letter need not arrive any more.
        row.returned_at, row.remark = at, _("read electronically first")
        row.save()
        row = None
    row = row or Delivery.objects.create(document=document, way=Way.ELECTRONIC, sent_at=at, recorded_at=at)
    return _delivered(document, row, at, Actor.system(who.label), at)


def end_public_notices(*, at: datetime) -> int:
    """Notices whose last day is over count as delivered at its end, each on its own. Returns how many."""
    today = timezone.localdate(at)
    over = Delivery.objects.filter(
        way=Way.PUBLIC_NOTICE, delivered_at=None, returned_at=None, notice_until__lt=today
    ).values_list("document_id", flat=True)
    count = 0
    for document_id in list(over):
        try:
            count += _end_notice(document_id, at)
        except Exception:
            log.exception("the public notice of document %s could not be ended", document_id)
    return count


@transaction.atomic
def _end_notice(document_id: int, at: datetime) -> bool:
    document = lock_document(document_id)
    # Under the lock: somebody may have recorded what came of it since the list was read.
    row = document.deliveries.filter(delivered_at=None, returned_at=None, way=Way.PUBLIC_NOTICE).first()
    if row is None or row.notice_until is None:
        return False
    _delivered(document, row, end_of(row.notice_until), Actor.system(), at)
    return True


def end_of(day: date) -> datetime:
    """The last moment of a day in the city's time."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min)) - timedelta(microseconds=1)
