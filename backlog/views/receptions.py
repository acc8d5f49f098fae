"""Leaders' receptions as their office sees them: the calendar, the year's counters, one day, its sheet for the desk."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.addresses import address_of
from accounts.models import User
from backlog.actions.visitors import reveal_visitors
from backlog.models import BacklogCase, Booking, DayEvent, Reception, ReceptionDay
from backlog.reception_calendar import (
    NEWEST,
    CalendarFilters,
    Month,
    Year,
    areas_for,
    officials_for,
    received_in,
    span_of,
)
from backlog.states import DAY_MOVES, BookingState, DayState, ReceptionKind, ReceptionResult
from backlog.steps.receptions import DAY_STEPS
from dispatch.catalogue import search_units
from dispatch.forms import RevealForm
from dispatch.views.reading import permitted
from dispatch.views.row_steps import options, reaches
from petitions.models import Petition
from petitions.paging import page_of
from petitions.states import Refused

SIZE = 50
# A day of more batches than this has been mistaken for a year.
MOST = 300


def day_or_404(user: User, pk: int) -> ReceptionDay:
    """The day if this person may read it."""
    rows = ReceptionDay.objects.visible_to(user).select_related("official", "area", "made_by", "case")
    return get_object_or_404(rows, pk=pk)


@require_GET
@never_cache
def reception_days(request: HttpRequest) -> HttpResponse:
    """A month of receptions, with the counters of its year."""
    user, at = permitted(request, "backlog.view_receptions"), timezone.now()
    filters = CalendarFilters.of(request.GET, timezone.localdate(at))
    context = {
        "filters": filters,
        "month": Month(user, filters, at),
        "year": Year(user, filters.first.year, filters),
        "officials": officials_for(user),
        "areas": areas_for(user),
        "kinds": ReceptionKind.choices,
        "may_set": user.may("backlog.run_reception"),
        "today": timezone.localdate(at),
        "nav": "reception_days",
        "now": at,
    }
    return render(request, "backlog/reception_days.html", context)


@require_GET
@never_cache
def reception_records(request: HttpRequest) -> HttpResponse:
    """The batches behind a number of the calendar or a board, last recorded first."""
    user, at = permitted(request, "backlog.view_receptions"), timezone.now()
    today = timezone.localdate(at)
    filters = CalendarFilters.of(request.GET, today)
    first, last = span_of(request.GET, today)
    result = request.GET.get("result", "")
    rows = received_in(user, first, last).filter(filters.narrow("day__"))
    if result in ReceptionResult.values:
        rows = rows.filter(result=result)
    joined = rows.select_related("day__official", "day__area", "unit", "case")
    context = {
        "page": page_of(joined, NEWEST, cursor=request.GET.get("cursor", ""), size=SIZE),
        "first": first,
        "last": last,
        "filters": filters,
        "result": result,
        "results": ReceptionResult.choices,
        "kinds": ReceptionKind.choices,
        "officials": officials_for(user),
        "nav": "reception_days",
        "now": at,
    }
    return render(request, "backlog/reception_records.html", context)


def board(user: User, day: ReceptionDay) -> dict[str, Any]:
    """Who booked and who was received, as this person may see them. Names stay masked (docs/architecture.md)."""
    bookings = list(
        Booking.objects.visible_to(user).filter(day=day).select_related("petition", "reception__unit")[:MOST]
    )
    rows = Reception.objects.visible_to(user).filter(day=day).select_related("unit", "petition", "case", "recorded_by")
    received = list(rows.prefetch_related("tasks")[:MOST])
    asked = [row.petition_id for row in (*bookings, *received) if row.petition_id]
    return {
        "waiting": [row for row in bookings if row.state == BookingState.BOOKED],
        "bookings": [row for row in bookings if row.state != BookingState.CANCELLED],
        "cancelled": [row for row in bookings if row.state == BookingState.CANCELLED],
        "received": received,
        "persons": sum(row.persons for row in received),
        # Whoever may see the calendar need not see the petition behind a booking.
        "readable": set(Petition.objects.visible_to(user).filter(pk__in=asked).values_list("pk", flat=True)),
    }


@require_GET
@never_cache
def reception_day(request: HttpRequest, pk: int) -> HttpResponse:
    """One day: what is published, who booked, the running order, what came of it."""
    user, at = permitted(request, "backlog.view_receptions"), timezone.now()
    day = day_or_404(user, pk)
    may_run = reaches(user, day, "backlog.run_reception")
    context = {
        "row": day,
        "case": _case_of(user, day),
        **board(user, day),
        "steps": options(user, day, DAY_STEPS, DAY_MOVES),
        "may_run": may_run,
        "may_book": may_run and day.state in {DayState.PLANNED, DayState.PUBLISHED} and day.starts_at > at,
        "may_receive": may_run and _has_come(day, at) and day.state != DayState.CALLED_OFF,
        "may_change": may_run and day.state in {DayState.PLANNED, DayState.PUBLISHED},
        "may_reveal": user.may("backlog.view_visitors") and reaches(user, day, "backlog.view_visitors"),
        "may_register": may_run and user.may("petitions.register") and user.may("backlog.view_visitors"),
        "can_text": bool(settings.SMS_URL),
        "events": [_told(event) for event in day.events.order_by("-id")],
        "nav": "reception_days",
        "now": at,
    }
    return render(request, "backlog/reception_day.html", context)


def _told(event: DayEvent) -> dict[str, Any]:
    """A line of the day's history. A change names what was changed, everything else carries its reason."""
    done = _("set the day") if event.move == "set" else DAY_MOVES[event.move].done
    words = event.text
    if event.move == "prepare":
        names = [field.verbose_name for field in ReceptionDay._meta.fields if field.name in event.text.split()]
        words = "、".join(str(name) for name in names)
    return {"at": event.at, "actor": event.actor_label, "done": done, "words": words}


def _has_come(day: ReceptionDay, at: Any) -> bool:
    return timezone.localdate(day.starts_at) <= timezone.localdate(at)


def _case_of(user: User, day: ReceptionDay) -> BacklogCase | None:
    """The case taken along, when the reader may see it."""
    if day.case_id is None:
        return None
    return BacklogCase.objects.visible_to(user).filter(pk=day.case_id).first()


@require_GET
@never_cache
def reception_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """The running order on A4 for the desk at the door; names masked, with room to write."""
    user, at = permitted(request, "backlog.view_receptions"), timezone.now()
    day = day_or_404(user, pk)
    context = {"row": day, **board(user, day), "blank": range(4), "nav": "reception_days", "now": at}
    return render(request, "backlog/reception_sheet.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
def reception_visitors(request: HttpRequest, pk: int) -> HttpResponse:
    """Names and telephones in this answer and nowhere else, for a reason that is logged."""
    user, at = permitted(request, "backlog.view_visitors"), timezone.now()
    day = day_or_404(user, pk)
    form = RevealForm(request.POST or None)
    found: tuple[list[Booking], list[Reception]] | None = None
    if request.method == "POST" and form.is_valid():
        try:
            reason = form.cleaned_data["reason"]
            found = reveal_visitors(pk, reason=reason, actor=user, at=at, ip=address_of(request))
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    context = {
        "form": form,
        "row": day,
        "is_shown": found is not None,
        "bookings": found[0] if found else [],
        "received": [row for row in found[1] if row.visitor] if found else [],
        "title": _("Who booked and who came"),
        "submit": _("Show"),
        "cancel_url": reverse("reception_day", args=[pk]),
        "nav": "reception_days",
        "now": at,
    }
    return render(request, "backlog/reception_visitors.html", context, status=422 if form.errors else 200)


@require_GET
def reception_units(request: HttpRequest) -> HttpResponse:
    """Names of units for the field's list."""
    permitted(request, "backlog.run_reception")
    words = request.GET.get("unit", "").strip()[:40]
    units = search_units(words) if len(words) >= 2 else []
    return render(request, "backlog/reception_units.html", {"units": units})
