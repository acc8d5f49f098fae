"""The only code that writes bookings: a place at a leader's reception, taken by a citizen or for one."""

import hmac
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from backlog.models import Booking, ReceptionDay
from backlog.signals import booking_moved
from backlog.states import BOOKING_MOVES, BookingState, DayState
from petitions.crypto import blind_index, normalise
from petitions.models import Petition, new_query_code
from petitions.states import Refused, check_move

# Groups send at most five representatives (Regulation on Petition Work, art. 20).
MOST_PERSONS = 5
# So that one telephone cannot take the places of a whole week.
MOST_OPEN = 3
# Whoever holds the code acts for the booking and for nothing else.
HOLDER = Actor(label="信访人", is_system=True)


def digest_of(code: str) -> str:
    """What is kept of a booking code: a keyed digest, so that a stolen table cannot be searched for codes."""
    return blind_index("booking", code)


@transaction.atomic
def book(
    day_id: int,
    *,
    name: str,
    phone: str,
    matter: str,
    at: datetime,
    persons: int = 1,
    petition: Petition | None = None,
    actor: User | Actor | None = None,
) -> tuple[Booking, str]:
    """Take a place; returns the booking with its code, which is told once and never again.

    Citizens (`actor` None) book published days until they begin; the office books for somebody who calls, on planned
    days too. The day's row is locked, so that the last place is given once. `phone` as typed. Raises Refused.
    """
    who = Actor.of(actor) if actor is not None else HOLDER
    name, phone, matter = name.strip()[:60], phone.strip()[:24], matter.strip()[:300]
    _check(name, phone, matter, persons, petition)
    day = ReceptionDay.objects.select_for_update(of=("self",)).get(pk=day_id)
    _check_open(day, who, at)
    index = blind_index("phone", phone)
    _check_place(day, index, at)
    code = new_query_code()
    booking = Booking.objects.create(
        day=day,
        digest=digest_of(code),
        name=name,
        phone=phone,
        phone_index=index,
        persons=persons,
        matter=matter,
        petition=petition,
        booked_at=at,
        booked_by=who.user,
    )
    booking_moved.send(Booking, booking=booking, move="book", code=code, actor=who, at=at)
    return booking, code


@transaction.atomic
def move(booking_id: int, name: str, *, actor: User | Actor, at: datetime) -> Booking:
    """Take one step of the booking's move table: the only place that assigns `Booking.state`. Raises Refused.

    Order of locks: the day, then the booking.
    """
    who = Actor.of(actor)
    day_id = Booking.objects.values_list("day_id", flat=True).get(pk=booking_id)
    day = ReceptionDay.objects.select_for_update(of=("self",)).get(pk=day_id)
    booking = Booking.objects.select_for_update(of=("self",)).get(pk=booking_id)
    step = check_move(BOOKING_MOVES, name, booking.state, booking.get_state_display())
    if not ReceptionDay.objects.within(who, step.permission).filter(pk=day_id).exists():
        raise Refused(_("Your role may not do this for this booking."), code="forbidden")
    booking.day = day
    booking.state = step.target or booking.state
    booking.ended_at = at
    booking.save()
    booking_moved.send(Booking, booking=booking, move=name, code="", actor=who, at=at)
    return booking


def find(code: str, phone_end: str) -> Booking | None:
    """The booking of a code whose telephone ends with these four digits; None whatever is wrong with them.

    `code` normalised (upper case, no blanks).
    """
    booking = Booking.objects.select_related("day__official", "day__area").filter(digest=digest_of(code) or "-").first()
    own = normalise("phone", booking.phone)[-4:] if booking is not None else ""
    typed = normalise("phone", phone_end)[-4:]
    is_own = len(own) == 4 and hmac.compare_digest(own.encode(), typed.encode())
    return booking if is_own else None


def cancel_own(booking_id: int, *, at: datetime) -> Booking:
    """The citizen gives the place back; the caller has checked code and telephone. Raises Refused once it began."""
    with transaction.atomic():
        booking = move(booking_id, "cancel", actor=HOLDER, at=at)
        if booking.day.starts_at <= at:
            raise Refused(_("The reception has begun. Please tell the office if you cannot come."))
        return booking


def _check(name: str, phone: str, matter: str, persons: int, petition: Petition | None) -> None:
    if len(name) < 2:
        raise Refused(_("Please give your name."), field="name")
    if not 7 <= len(normalise("phone", phone)) <= 15:
        raise Refused(_("Please give a telephone number with all its digits."), field="phone")
    if len(matter) < 4:
        raise Refused(_("Please say in a sentence what it is about."), field="matter")
    if not 1 <= persons <= MOST_PERSONS:
        raise Refused(_("One to five people may come; groups send at most five representatives."), field="persons")
    if petition is not None and petition.is_restricted:
        raise Refused(
            _("This matter is open to named persons only. Please ask the office for a talk instead."), field="code"
        )


def _check_open(day: ReceptionDay, who: Actor, at: datetime) -> None:
    if who is HOLDER:
        is_open = day.state == DayState.PUBLISHED
    else:
        is_open = day.state in {DayState.PLANNED, DayState.PUBLISHED}
        if not ReceptionDay.objects.within(who, "backlog.run_reception").filter(pk=day.pk).exists():
            raise Refused(_("Your role may not do this for this booking."), code="forbidden")
    if not is_open or day.starts_at <= at:
        raise Refused(_("This day is no longer open for booking. Please choose another day."), code="closed")


def _check_place(day: ReceptionDay, index: str, at: datetime) -> None:
    booked = Booking.objects.filter(phone_index=index, state=BookingState.BOOKED)
    if booked.filter(day=day).exists():
        raise Refused(_("This telephone has booked a place on this day already."), field="phone", code="twice")
    if booked.filter(day__starts_at__gt=at).count() >= MOST_OPEN:
        raise Refused(_("This telephone has booked three places already. Cancel one to book another."), field="phone")
    if day.bookings.holding().count() >= day.capacity:
        raise Refused(_("The last place has just been taken. Please choose another day."), code="full")
