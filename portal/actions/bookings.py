"""Texts about a booked reception: its code once, and what changes. Date, place and post; no word of a case."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from backlog.models import Booking, ReceptionDay
from backlog.states import BookingState, DayState
from portal import sms
from portal.actions.quiet import awake
from portal.models import Message

# So long before it begins the person is reminded.
REMIND_BEFORE = timedelta(hours=24)
# Without these the person would stand before a closed door: they do not wait for the morning.
AT_ONCE = (Message.Kind.DAY_CHANGED, Message.Kind.DAY_OFF)


def booked(booking: Booking, code: str, *, at: datetime) -> None:
    """Send the code to the telephone it was booked with."""
    _queue(booking, Message.Kind.BOOKED, key=f"booked:{booking.pk}", at=at, token=code)


def place_ended(booking: Booking, *, at: datetime) -> None:
    """The office has cancelled the booking."""
    _queue(booking, Message.Kind.PLACE_ENDED, key=f"place:{booking.pk}", at=at)


def day_moved(day: ReceptionDay, kind: str, *, at: datetime) -> None:
    """The day has another time, place or official, or is called off: tell whoever holds a booking."""
    for booking in day.bookings.filter(state=BookingState.BOOKED).order_by("pk"):
        _queue(booking, kind, key=f"day:{booking.pk}:{kind}:{day.version}", at=at)


def remind_of_days(*, at: datetime, limit: int = 500) -> int:
    """Remind who booked a day that begins within a day, once each; who booked within it is not told again."""
    reminded = Message.objects.filter(booking=OuterRef("pk"), kind=Message.Kind.TOMORROW)
    soon = Booking.objects.filter(
        ~Exists(reminded),
        state=BookingState.BOOKED,
        day__state=DayState.PUBLISHED,
        day__starts_at__gt=at,
        day__starts_at__lte=at + REMIND_BEFORE,
        booked_at__lte=at - REMIND_BEFORE,
    ).exclude(phone="")
    rows = list(soon.select_related("day").order_by("day__starts_at", "pk")[:limit])
    for booking in rows:
        _queue(booking, Message.Kind.TOMORROW, key=f"tomorrow:{booking.pk}", at=at)
    return len(rows) if sms.is_set_up() else 0


def _queue(booking: Booking, kind: str, *, key: str, at: datetime, token: str = "") -> None:
    if not sms.is_set_up() or not booking.phone or Message.objects.filter(dedupe_key=key).exists():
        return
    Message.objects.create(
        booking=booking,
        # So that the archive of the matter reaches the telephone here as well (petitions.erasure).
        petition=booking.petition,
        kind=kind,
        phone=booking.phone,
        token=token,
        dedupe_key=key,
        created_at=at,
        deliver_after=at if kind in AT_ONCE else awake(at),
    )


def worth_sending() -> Q:
    """Messages about bookings whose telephone is known still; a code that is gone cannot be sent, nor a place praised
    that has been given back."""
    ended = Q(kind__in=[Message.Kind.DAY_OFF, Message.Kind.PLACE_ENDED])
    holds = Q(booking__state=BookingState.BOOKED) & (~Q(kind=Message.Kind.BOOKED) | ~Q(token=""))
    return Q(booking__isnull=False) & ~Q(phone="") & (ended | holds)


def give_up_late(*, at: datetime) -> None:
    """A text about a day that has ended helps nobody: no secret is kept for it."""
    late = Message.objects.filter(booking__day__ends_at__lte=at, delivered_at=None).exclude(token="", phone="")
    late.update(token="", phone="")


def forget(keys: list[int]) -> None:
    """The telephones of bookings that have been emptied, in the copies kept here."""
    Message.objects.filter(booking__in=keys).exclude(phone="", token="").update(phone="", token="")


def words_of(message: Message, booking: Booking) -> str:
    """What is sent, in the active language. Day and place as they are when it goes out."""
    day = booking.day
    starts = timezone.localtime(day.starts_at)
    words = {
        "post": day.title or _("a leading official"),
        "month": starts.month,
        "day": starts.day,
        "time": starts.strftime("%H:%M"),
        "place": day.place,
        "code": message.token,
    }
    page = f"{settings.PUBLIC_URL}{reverse('portal_booking')}"
    texts = {
        Message.Kind.BOOKED: _(
            "You have booked the reception of %(post)s on %(month)d/%(day)d at %(time)s, %(place)s. Booking code "
            "%(code)s; with it you can look up or cancel your booking:"
        ),
        Message.Kind.DAY_CHANGED: _(
            "The reception you booked has changed. It is now: %(post)s, %(month)d/%(day)d at %(time)s, %(place)s. Your "
            "booking stays; look it up or cancel it:"
        ),
        Message.Kind.TOMORROW: _(
            "A reminder: you have booked the reception of %(post)s on %(month)d/%(day)d at %(time)s, %(place)s. If you "
            "cannot come, please cancel:"
        ),
        Message.Kind.DAY_OFF: _(
            "The reception of %(post)s on %(month)d/%(day)d at %(time)s is called off, and your booking with it. You "
            "can book another day:"
        ),
        Message.Kind.PLACE_ENDED: _(
            "The office has cancelled your booking for the reception of %(post)s on %(month)d/%(day)d at %(time)s. You "
            "can book another day:"
        ),
    }
    kind = Message.Kind(message.kind)
    if kind in {Message.Kind.DAY_OFF, Message.Kind.PLACE_ENDED}:
        page = f"{settings.PUBLIC_URL}{reverse('portal_receptions')}"
    return f"{texts[kind] % words} {page}"
