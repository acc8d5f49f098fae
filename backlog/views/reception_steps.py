"""What is done in the reception calendar: days set and changed, places booked for somebody, batches recorded."""

from contextlib import suppress
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.addresses import address_of
from accounts.models import User
from accounts.responses import go_to
from backlog.actions import bookings, receiving, receptions
from backlog.actions.visitors import reveal_one
from backlog.forms.receptions import BookForForm, DayForm, LinkForm, ReceiveForm
from backlog.models import BacklogCase, Booking, Reception, ReceptionDay
from backlog.reception_calendar import is_rest
from backlog.states import BOOKING_MOVES, DAY_MOVES, BookingState, ReceptionKind
from backlog.steps.receptions import BOOKING_STEPS, DAY_STEPS
from backlog.views.receptions import day_or_404
from dispatch.views.reading import permitted
from dispatch.views.row_steps import reaches, take
from petitions.drafts import REGISTRATION, load_draft, save_draft
from petitions.forms import RegistrationForm
from petitions.models import Channel
from petitions.states import Refused

NAV = "reception_days"


def _own_day(request: HttpRequest, pk: int) -> tuple[User, ReceptionDay]:
    """A day this person runs: out of sight is 404, in sight without the right is refused."""
    user = permitted(request, "backlog.view_receptions")
    day = day_or_404(user, pk)
    if not reaches(user, day, "backlog.run_reception"):
        raise PermissionDenied
    return user, day


def _refused(form: Any, refusal: Refused, field: str | None = None) -> None:
    """A refusal becomes an error of the form."""
    name = field if field is not None else refusal.field
    form.add_error(name if name in form.fields else None, str(refusal))


# ---- the day ----


def _preview(form: DayForm) -> list[dict[str, Any]]:
    """The days of the rhythm, with what speaks against each."""
    found = []
    for day in form.days:
        plan = form.plan(day)
        other = receptions.collision(plan.official, plan.starts_at, plan.ends_at)
        found.append({"day": day, "is_rest": is_rest(day), "other": other, "is_left_out": bool(other) or is_rest(day)})
    return found


@require_http_methods(["GET", "POST"])
@never_cache
def reception_new(request: HttpRequest) -> HttpResponse:
    """Set a day, or a rhythm: a rhythm is shown before it is set, without rest days and times that are taken."""
    user, at = permitted(request, "backlog.run_reception"), timezone.now()
    preview: list[dict[str, Any]] = []
    if request.method == "POST":
        form = DayForm(request.POST, user=user, at=at)
        if form.is_valid():
            many = len(form.days) > 1
            preview = _preview(form) if many else []
            days = [row["day"] for row in preview if not row["is_left_out"]] if many else form.days
            is_confirmed = not many or (request.POST.get("step") == "set" and bool(days))
            made = _set(form, days, user, at) if is_confirmed else None
            if made:
                return _made(request, made)
    else:
        form = DayForm(initial=_proposed(request, user, at), user=user, at=at)
    context = {
        "form": form,
        "preview": preview,
        "count": len([row for row in preview if not row["is_left_out"]]),
        "title": _("Set a reception day"),
        "cancel_url": reverse("reception_days"),
        "nav": NAV,
        "now": at,
    }
    return render(request, "backlog/reception_form.html", context, status=422 if form.errors else 200)


def _set(form: DayForm, days: list[date], user: User, at: datetime) -> list[ReceptionDay]:
    try:
        return receptions.set_days([form.plan(day) for day in days], actor=user, at=at)
    except Refused as refusal:
        _refused(form, refusal, form.field_of(refusal.field or "") or "")
    return []


def _made(request: HttpRequest, made: list[ReceptionDay]) -> HttpResponse:
    words = ngettext("%(n)s reception day is set.", "%(n)s reception days are set.", len(made)) % {"n": len(made)}
    hint = _("Citizens see a day once it is published.")
    messages.success(request, f"{words} {hint}")
    if len(made) == 1:
        return go_to(request, "reception_day", pk=made[0].pk)
    return go_to(request, f"{reverse('reception_days')}?month={timezone.localdate(made[0].starts_at):%Y-%m}")


def _proposed(request: HttpRequest, user: User, at: datetime) -> dict[str, Any]:
    """What a new day starts with: the day clicked in the calendar, the case it was asked for from."""
    found: dict[str, Any] = {"day": timezone.localdate(at)}
    with suppress(ValueError):
        found["day"] = date.fromisoformat(request.GET.get("day", ""))
    if request.GET.get("case", "").isdecimal():
        case = BacklogCase.objects.visible_to(user).filter(pk=int(request.GET["case"][:18])).first()
        if case is not None:
            found |= {"kind": ReceptionKind.WITH_CASE, "case": f"{case.year}-{case.serial}", "capacity": 0}
            found |= {"official": case.leader_id, "area": case.district_id}
    if user.unit is not None:
        found.setdefault("area", user.unit.area.district_id or user.unit.area_id)
    return found


@require_http_methods(["GET", "POST"])
@never_cache
def reception_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a day; who booked is told of another time, place or official."""
    (user, day), at = _own_day(request, pk), timezone.now()
    form = DayForm(request.POST or None, user=user, at=at, row=day)
    if request.method == "POST" and form.is_valid():
        try:
            version = form.cleaned_data["version"]
            receptions.change(pk, form.plan(form.cleaned_data["day"]), actor=user, at=at, version=version)
        except Refused as refusal:
            _refused(form, refusal, form.field_of(refusal.field or "") or "")
        else:
            messages.success(request, _("Changed. Those who booked are told of another time, place or official."))
            return go_to(request, "reception_day", pk=pk)
    context = {
        "form": form,
        "row": day,
        "title": _("Change the reception day"),
        "waiting": day.bookings.filter(state=BookingState.BOOKED).count(),
        "cancel_url": reverse("reception_day", args=[pk]),
        "nav": NAV,
        "now": at,
    }
    return render(request, "backlog/reception_form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@never_cache
def reception_act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Publish, hold, call off."""
    user = permitted(request, "backlog.view_receptions")
    day = day_or_404(user, pk)
    waiting = day.bookings.filter(state=BookingState.BOOKED).count()
    context = {"day": day, "waiting": waiting, "nav": NAV}
    back = reverse("reception_day", args=[pk])
    return take(request, user, day, name, steps=DAY_STEPS, moves=DAY_MOVES, back=back, context=context)


# ---- bookings ----


@require_http_methods(["GET", "POST"])
@never_cache
def booking_act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Come, not come, cancelled."""
    user = permitted(request, "backlog.view_receptions")
    rows = Booking.objects.visible_to(user).select_related("day__official", "day__area")
    row = get_object_or_404(rows, pk=pk)
    back = reverse("reception_day", args=[row.day_id])
    context = {"day": row.day, "booking": row, "nav": NAV}
    return take(request, user, row, name, steps=BOOKING_STEPS, moves=BOOKING_MOVES, back=back, context=context)


@require_http_methods(["GET", "POST"])
@never_cache
def reception_book(request: HttpRequest, pk: int) -> HttpResponse:
    """A place for somebody who calls; the code is read out and told nobody again."""
    (user, day), at = _own_day(request, pk), timezone.now()
    form = BookForForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        try:
            _booking, code = bookings.book(pk, **form.cleaned_data, actor=user, at=at)
        except Refused as refusal:
            _refused(form, refusal)
        else:
            words = _("Booked. Booking code, told once: %(code)s. With it and the telephone it can be cancelled.")
            messages.success(request, words % {"code": code})
            return go_to(request, "reception_day", pk=pk)
    context = {
        "form": form,
        "row": day,
        "title": _("Book a place for somebody"),
        "submit": _("Book"),
        "cancel_url": reverse("reception_day", args=[pk]),
        "nav": NAV,
        "now": at,
    }
    return render(request, "backlog/reception_book.html", context, status=422 if form.errors else 200)


# ---- what came of it ----


@require_http_methods(["GET", "POST"])
@never_cache
def reception_receive(request: HttpRequest, pk: int) -> HttpResponse:
    """Record one batch on one page; a refused form keeps what was typed."""
    (user, day), at = _own_day(request, pk), timezone.now()
    booking = _booking_of(request, user, day)
    form = ReceiveForm(request.POST or None, user=user, booking=booking, initial=_begun(day, booking, user))
    if request.method == "POST" and form.is_valid():
        try:
            row = receiving.receive(pk, form.visit(), actor=user, at=at)
        except Refused as refusal:
            _refused(form, refusal)
        else:
            said = _("Batch %(n)s is recorded.") % {"n": row.seq}
            given = _("The unit has its task.") if row.unit_id else ""
            messages.success(request, f"{said} {given}".strip())
            if request.POST.get("then") == "next":
                return go_to(request, "reception_receive", pk=pk)
            return go_to(request, "reception_day", pk=pk)
    context = {
        "form": form,
        "row": day,
        "booking": booking,
        "title": _("Record a reception"),
        "cancel_url": reverse("reception_day", args=[pk]),
        "nav": NAV,
        "now": at,
    }
    return render(request, "backlog/reception_receive.html", context, status=422 if form.errors else 200)


def _booking_of(request: HttpRequest, user: User, day: ReceptionDay) -> Booking | None:
    wanted = request.GET.get("booking", "")
    if not wanted:
        return None
    if not wanted.isdecimal() or len(wanted) > 18:
        raise Http404
    rows = Booking.objects.visible_to(user).filter(day=day).select_related("petition")
    return get_object_or_404(rows, pk=int(wanted))


def _begun(day: ReceptionDay, booking: Booking | None, user: User) -> dict[str, Any]:
    """What the form starts with: what was booked, and the case taken along."""
    found: dict[str, Any] = {}
    if day.case_id is not None:
        case = BacklogCase.objects.visible_to(user).filter(pk=day.case_id).first()
        if case is not None:
            found["case"] = f"{case.year}-{case.serial}"
    if booking is not None:
        found |= {"persons": booking.persons, "matter": booking.matter}
        if booking.petition is not None:
            found["petition"] = booking.petition.short_number
    return found


def _batch(request: HttpRequest, pk: int) -> tuple[User, Reception]:
    user = permitted(request, "backlog.view_receptions")
    row = get_object_or_404(Reception.objects.visible_to(user).select_related("day__official", "day__area"), pk=pk)
    if not reaches(user, row.day, "backlog.run_reception"):
        raise PermissionDenied
    return user, row


@require_http_methods(["GET", "POST"])
@never_cache
def batch_link(request: HttpRequest, pk: int) -> HttpResponse:
    """Tie a batch to its petition."""
    (user, row), at = _batch(request, pk), timezone.now()
    form = LinkForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        try:
            receiving.link(pk, petition=form.cleaned_data["petition"], actor=user, at=at)
        except Refused as refusal:
            _refused(form, refusal)
        else:
            messages.success(request, _("The petition is linked."))
            return go_to(request, "reception_day", pk=row.day_id)
    context = {
        "form": form,
        "row": row.day,
        "title": _("Link a petition"),
        "submit": _("Link"),
        "cancel_url": reverse("reception_day", args=[row.day_id]),
        "nav": NAV,
        "now": at,
    }
    return render(request, "backlog/reception_book.html", context, status=422 if form.errors else 200)


@require_POST
def batch_register(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin a registration with what was said: name and words become the draft, which opens in the usual form."""
    (user, row), at = _batch(request, pk), timezone.now()
    if not user.may("petitions.register") or user.unit is None:
        raise PermissionDenied
    if load_draft(user, REGISTRATION) is not None:
        messages.warning(request, _("You have begun another registration. Finish or discard it first, then come back."))
        return go_to(request, "petition_new")
    with transaction.atomic():
        try:
            visitor, phone = reveal_one(row, actor=user, at=at, ip=address_of(request))
        except Refused as refusal:
            messages.error(request, str(refusal))
            return go_to(request, "reception_day", pk=row.day_id)
        save_draft(user, REGISTRATION, _draft_of(row, user, visitor, phone), at=at)
    messages.info(request, _("What was said is filled in. Then link the new number on the reception day."))
    return go_to(request, "petition_new")


def _draft_of(row: Reception, user: User, visitor: str, phone: str) -> QueryDict:
    day = timezone.localdate(row.day.starts_at)
    fields = {
        **RegistrationForm.defaults(user, day),
        "channel": Channel.VISIT,
        "name": visitor,
        "phone": phone,
        "content": row.matter,
        "headcount": row.persons,
    }
    data = QueryDict(mutable=True)
    data.update({name: str(value) for name, value in fields.items() if value is not None})
    return data
