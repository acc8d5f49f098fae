"""Why this date: the page and dialog of one clock."""

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.durations import paused, remaining
from accounts.models import User
from accounts.roles import Scope
from dispatch import story, why
from dispatch.models import Clock, Policy
from dispatch.views.reading import order_or_404, petition_or_404, reader
from petitions.models import Petition

_JOINED = ("policy", "order__unit", "petition", "unit")


@require_GET
@never_cache
def clock(request: HttpRequest, pk: int) -> HttpResponse:
    """One clock told day by day; out of sight is 404."""
    return _page(request, clock_or_404(reader(request), pk))


@require_GET
@never_cache
def of_petition(request: HttpRequest, pk: int) -> HttpResponse:
    """The clock a petition's chip in a list is about."""
    petition = petition_or_404(reader(request), pk)
    return _page(request, _governing(Clock.objects.filter(petition=petition).exclude(subject=Policy.Subject.PROMISE)))


@require_GET
@never_cache
def of_order(request: HttpRequest, pk: int) -> HttpResponse:
    """The clock a work order's chip in a list is about."""
    order = order_or_404(reader(request), pk)
    return _page(request, _governing(Clock.objects.filter(order=order)))


def _governing(rows: QuerySet[Clock]) -> Clock:
    """The running clock due first, or one that rests; 404 where nothing is open."""
    alive = rows.filter(state__in=[Clock.State.RUNNING, Clock.State.PAUSED], policy__is_right=False)
    # "running" comes before "paused" in descending order.
    row = alive.select_related(*_JOINED).order_by("-state", "due_at", "pk").first()
    if row is None:
        raise Http404
    return row


def _page(request: HttpRequest, row: Clock) -> HttpResponse:
    at = timezone.now()
    told = story.read(row, at)
    is_running = row.state == Clock.State.RUNNING
    context = {
        "clock": row,
        "p": row.petition,
        "told": told,
        "chip": remaining(row.due_at, at, start=row.started_at) if is_running else None,
        "resting": paused() if row.state == Clock.State.PAUSED else None,
        "rules": story.rules_of(told),
        "lines": story.lines_of(told),
        "summary": story.summary(told),
        "provisional": story.provisional(told),
        "weeks": why.weeks(told.days),
        "is_by_day": why.is_by_day(told.policy),
        "now": at,
        "today": timezone.localdate(at),
        "nav": "worklist",
    }
    return render(request, "dispatch/clock.html", context)


def clock_or_404(user: User, pk: int) -> Clock:
    """The clock if this person may read its petition; an office's own is read by the office and by the whole city."""
    row = get_object_or_404(Clock.objects.select_related(*_JOINED), pk=pk)
    if row.petition_id is not None:
        if not Petition.objects.visible_to(user).filter(pk=row.petition_id).exists():
            raise Http404
    elif row.unit_id != user.unit_id and user.scope_for("dispatch.view") != Scope.CITY:
        raise Http404
    return row
