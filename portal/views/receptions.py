"""Leaders' receptions for citizens: which day, who, where, how many places; book one, look it up, give it back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.addresses import caller_address
from accounts.crypto import cipher
from accounts.models import Area
from backlog.actions import bookings
from backlog.models import Booking, ReceptionDay
from backlog.reception_calendar import next_days
from backlog.states import BookingState, DayState
from petitions.states import Refused
from portal import limits, sms
from portal.access import MOST as MOST_SESSION
from portal.access import by_code, normal_code, open_page
from portal.forms import BookForm, BookingForm

# How far citizens look ahead.
AHEAD = timedelta(days=60)
MOST = 200
# A booking is open in this browser so long after booking it, or looking it up.
OPEN = timedelta(minutes=20)
KEY = "portal_booking"
# A village's one connection books for many; a machine does not book for a city.
PER_ADDRESS, WINDOW = 40, 3600
# Cut off quietly: only machines fill in a field nobody sees.
TRAP = "website"


@dataclass(frozen=True)
class Place:
    """A day as citizens see it: open, full, or begun."""

    day: ReceptionDay
    free: int
    has_begun: bool

    @property
    def is_open(self) -> bool:
        return self.free > 0 and not self.has_begun


def _place(day: ReceptionDay, at: datetime) -> Place:
    # `taken` is annotated by next_days.
    return Place(day, max(day.capacity - getattr(day, "taken", 0), 0), day.starts_at <= at)


@open_page
@require_GET
def days(request: HttpRequest) -> HttpResponse:
    """The published days of the next weeks, by day; of one district, if asked."""
    at = timezone.now()
    rows = next_days(ReceptionDay.objects.all(), at, at + AHEAD)
    area = request.GET.get("area", "")
    areas = Area.objects.filter(pk__in=rows.order_by().values("area")).order_by("code")
    chosen = next((row for row in areas if row.code == area), None)
    shown = rows.filter(area=chosen) if chosen else rows
    listed = shown.select_related("official", "area").order_by("starts_at", "pk")[:MOST]
    context = {"places": [_place(row, at) for row in listed], "areas": areas, "area": chosen, "now": at}
    return render(request, "portal/receptions.html", context)


@open_page
@require_http_methods(["GET", "POST"])
def book(request: HttpRequest, pk: int) -> HttpResponse:
    """One day and its form."""
    at = timezone.now()
    rows = next_days(ReceptionDay.objects.all(), at, at + AHEAD).select_related("official", "area")
    day = get_object_or_404(rows, pk=pk)
    form = BookForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if request.POST.get(TRAP):
            return redirect("portal_receptions")
        try:
            booking, code = _book(request, day, form, at)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            _open(request, booking, at, code=code)
            return redirect("portal_booking")
    context = {
        "form": form,
        "place": _place(day, at),
        "trap": TRAP,
        "keep_days": settings.RECEPTION_KEEP_DAYS,
        "now": at,
    }
    return render(request, "portal/reception_book.html", context, status=422 if form.errors else 200)


def _book(request: HttpRequest, day: ReceptionDay, form: BookForm, at: datetime) -> tuple[Booking, str]:
    """Take the place. Raises Refused naming the form's field at fault."""
    if not limits.take(f"book:{caller_address(request.META)}", most=PER_ADDRESS, seconds=WINDOW):
        raise Refused(_("Too many bookings from your network. Please try again in an hour, or call the office."))
    data = dict(form.cleaned_data)
    code, petition = normal_code(data.pop("code")), None
    if code:
        petition = None if limits.is_tired_of(code) else by_code("", code)
        if petition is None:
            limits.note_failure(request, code)
            raise Refused(_("We find no matter with this query code. Correct it, or leave it empty."), field="code")
    return bookings.book(day.pk, **data, petition=petition, at=at)


def _open(request: HttpRequest, booking: Booking, at: datetime, *, code: str = "") -> None:
    """Keep the booking open in this browser for a while; its code only in cipher."""
    if not request.user.is_authenticated:
        request.session.set_expiry(MOST_SESSION)
    secret = cipher().encrypt(code.encode()).decode() if code else ""
    request.session[KEY] = {"booking": booking.pk, "until": (at + OPEN).timestamp(), "secret": secret}


def _current(request: HttpRequest, at: datetime) -> tuple[Booking | None, str]:
    """The booking that is open here, and its code while it is new."""
    held = request.session.get(KEY)
    if not isinstance(held, dict) or held["until"] < at.timestamp():
        request.session.pop(KEY, None)
        return None, ""
    rows = Booking.objects.select_related("day__official", "day__area", "petition")
    booking = rows.filter(pk=held["booking"]).first()
    try:
        code = cipher().decrypt(held["secret"].encode()).decode() if held["secret"] else ""
    except InvalidToken:
        code = ""
    return booking, code


@open_page
@require_http_methods(["GET", "POST"])
def booking(request: HttpRequest) -> HttpResponse:
    """A booking, once its code and the end of its telephone number are known."""
    at = timezone.now()
    if request.method == "GET":
        row, code = _current(request, at)
        return _show(request, row, code, at) if row is not None else _ask(request, BookingForm())
    form = BookingForm(request.POST)
    if not form.is_valid():
        return _ask(request, form, status=422)
    code = normal_code(form.cleaned_data["code"])
    if limits.is_tired_of(code):
        form.add_error(None, _("Too many attempts. Please wait ten minutes, or ask the office by telephone."))
        return _ask(request, form, status=429)
    row = bookings.find(code, form.cleaned_data["phone"])
    if row is None:
        limits.note_failure(request, code)
        form.add_error(None, _("We find no booking with this code and telephone. Please compare with our message."))
        return _ask(request, form, status=422)
    request.session.cycle_key()
    _open(request, row, at)
    return redirect("portal_booking")


def _ask(request: HttpRequest, form: BookingForm, *, status: int = 200) -> HttpResponse:
    return render(request, "portal/booking_find.html", {"form": form}, status=status)


def _show(request: HttpRequest, row: Booking, code: str, at: datetime, *, problem: str = "") -> HttpResponse:
    day = row.day
    context: dict[str, Any] = {
        "booking": row,
        "day": day,
        "code": code,
        "is_sent": bool(code) and sms.is_set_up(),
        "is_off": day.state == DayState.CALLED_OFF,
        "may_cancel": row.state == BookingState.BOOKED and day.starts_at > at,
        "problem": problem,
        "now": at,
    }
    response = render(request, "portal/booking.html", context, status=422 if problem else 200)
    response["X-Robots-Tag"] = "noindex"
    return response


@open_page
@require_POST
def cancel(request: HttpRequest) -> HttpResponse:
    """Give the place back."""
    at = timezone.now()
    row, code = _current(request, at)
    if row is None:
        return redirect("portal_booking")
    try:
        bookings.cancel_own(row.pk, at=at)
    except Refused as refusal:
        return _show(request, row, code, at, problem=str(refusal))
    return redirect("portal_booking")


@open_page
@require_POST
def close(request: HttpRequest) -> HttpResponse:
    """Close the booking in this browser: the next person at this screen sees nothing."""
    request.session.pop(KEY, None)
    return redirect("portal_receptions")
