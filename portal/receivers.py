"""What citizens are told when their matter moves, in the transaction of the move."""

from datetime import datetime
from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.actors import Actor
from backlog.actions.receptions import TOLD
from backlog.models import Booking, ReceptionDay
from backlog.signals import booking_moved, day_moved, visitors_forgotten
from backlog.states import DayState
from petitions.models import Document, Petition
from petitions.signals import document_issued, petition_moved
from portal import actions
from portal.actions import bookings as texts
from portal.models import Message


@receiver(petition_moved)
def ask_for_rating(petition: Petition, move: str, at: datetime, **_kwargs: Any) -> None:
    if move in {"reply", "answer_at_once", "put_right"} and not petition.is_restricted:
        actions.answered(petition, at=at)


@receiver(document_issued)
def tell_of_letter(document: Document, at: datetime, **_kwargs: Any) -> None:
    actions.letter_issued(document, at=at)


@receiver(booking_moved)
def tell_who_booked(booking: Booking, move: str, code: str, actor: Actor, at: datetime, **_kwargs: Any) -> None:
    """Its code after booking; a word when the office, not the person, cancels while the day takes place."""
    if move == "book":
        texts.booked(booking, code, at=at)
    elif move == "cancel" and actor.user is not None and booking.day.state != DayState.CALLED_OFF:
        texts.place_ended(booking, at=at)


@receiver(day_moved)
def tell_of_day(day: ReceptionDay, move: str, changed: frozenset[str], at: datetime, **_kwargs: Any) -> None:
    if move == "call_off":
        texts.day_moved(day, Message.Kind.DAY_OFF, at=at)
    elif move == "prepare" and changed & TOLD:
        texts.day_moved(day, Message.Kind.DAY_CHANGED, at=at)


@receiver(visitors_forgotten)
def forget_telephones(bookings: list[int], **_kwargs: Any) -> None:
    texts.forget(bookings)


@receiver(user_logged_in)
def keep_sign_in(request: HttpRequest, **_kwargs: Any) -> None:
    """Who signs in where a matter was open is signed in for a whole day's work, not for a citizen's hours."""
    request.session.set_expiry(None)
