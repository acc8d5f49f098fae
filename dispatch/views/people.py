"""The people of a unit: who has how much in hand, who is away, who stands in, and handing over."""

from datetime import datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.absences import AbsenceRefused, end_absence, keeps, set_absence
from accounts.context import forget_badges
from accounts.models import Absence, User
from accounts.responses import go_to
from dispatch.actions.people import hand_over, open_orders_of
from dispatch.forms.people import AbsenceForm, HandOverForm
from dispatch.models import WorkOrder
from dispatch.views.reading import permitted, reader

# How far the calendar of absences looks ahead.
DAYS = 42


def _colleagues(user: User) -> Any:
    """Those of the own unit, and those who left it with work in hand."""
    if user.unit_id is None:
        raise PermissionDenied
    left = WorkOrder.objects.filter(unit=user.unit_id, is_open=True, petition__is_restricted=False).values("handler")
    return User.objects.filter(Q(unit=user.unit_id, is_active=True) | Q(pk__in=left))


@require_GET
@never_cache
def people(request: HttpRequest) -> HttpResponse:
    """Everybody of the unit in one table, above the calendar of absences."""
    user, at = reader(request), timezone.now()
    rows = _colleagues(user).annotate(
        in_hand=Count(
            "orders",
            filter=Q(orders__is_open=True, orders__unit=user.unit_id, orders__petition__is_restricted=False),
        )
    )
    found = list(rows.order_by("role", "username"))
    since = timezone.make_aware(datetime.combine(timezone.localdate(at), time.min))
    coming = Absence.objects.overlapping(since, since + timedelta(days=DAYS)).filter(user__in=found)
    absences = list(coming.select_related("user", "substitute", "made_by").order_by("since"))
    mine = set(User.objects.filter(keeps(user), pk__in=[p.pk for p in found]).values_list("pk", flat=True))
    now = {a.user_id: a for a in absences if a.since <= at < a.until}
    stands_in = {a.substitute_id: a.user for a in now.values()}
    context = {
        "people": [
            {
                "person": person,
                "away": now.get(person.pk),
                "stands_in": stands_in.get(person.pk),
                "has_left": not person.is_active or person.unit_id != user.unit_id,
                "may_edit": person.pk in mine,
                "may_hand_over": user.may("dispatch.assign") and person.in_hand,
            }
            for person in found
        ],
        "absences": [
            {"absence": a, **_bar(a, since), "may_end": a.user_id in mine, "is_now": a.since <= at} for a in absences
        ],
        "weeks": [{"day": since + timedelta(days=7 * i), "x": f"{100 * 7 * i / DAYS:.2f}"} for i in range(DAYS // 7)],
        "nav": "unit_console",
        "now": at,
        "unit": user.unit,
    }
    return render(request, "dispatch/people.html", context)


def _bar(absence: Absence, since: datetime) -> dict[str, str]:
    """Place and width on the calendar, in percent with a dot."""
    span = timedelta(days=DAYS)
    left = max(timedelta(0), absence.since - since) / span
    right = min(span, absence.until - since) / span
    return {"x": f"{100 * left:.2f}", "width": f"{max(0.6, 100 * (right - left)):.2f}"}


@require_http_methods(["GET", "POST"])
@never_cache
def absence_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter an absence of oneself, or of somebody one keeps."""
    user, at = reader(request), timezone.now()
    person = get_object_or_404(User.objects.filter(keeps(user), unit__isnull=False), pk=pk)
    form = AbsenceForm(request.POST or None, person=person)
    if request.method == "POST" and form.is_valid():
        since, until = form.period()
        data = form.cleaned_data
        try:
            set_absence(
                person,
                substitute=data["substitute"],
                since=since,
                until=until,
                reason=data["reason"],
                actor=user,
                at=at,
            )
        except AbsenceRefused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            words = {"name": person, "substitute": data["substitute"]}
            messages.success(request, _("%(name)s is entered as away; %(substitute)s stands in.") % words)
            return go_to(request, reverse("people"))
    context = {
        "form": form,
        "title": _("Absence of %(name)s") % {"name": person},
        "submit": _("Enter the absence"),
        "intro": _("In that time the substitute sees and handles what %(name)s handles, and hears the notices.")
        % {"name": person},
        "cancel_url": reverse("people"),
        "nav": "unit_console",
    }
    return render(request, "components/form_page.html", context, status=422 if form.errors else 200)


@require_POST
def absence_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an absence back, or end it now."""
    user, at = reader(request), timezone.now()
    reached = User.objects.filter(keeps(user)).values("pk")
    absence = get_object_or_404(Absence.objects.filter(user__in=reached), pk=pk)
    try:
        end_absence(absence.pk, actor=user, at=at)
    except AbsenceRefused as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("%(name)s is back.") % {"name": absence.user})
    return go_to(request, reverse("people"))


@require_http_methods(["GET", "POST"])
@never_cache
def people_hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """All open orders of a person to another: choose, see what goes, and read what became of each."""
    user, at = permitted(request, "dispatch.assign"), timezone.now()
    person = get_object_or_404(_colleagues(user), pk=pk)
    rows = open_orders_of(user, person)
    chosen = {int(v) for v in request.POST.getlist("ids") if v.isdecimal() and len(v) < 18}
    context: dict[str, Any] = {
        "person": person,
        "rows": rows,
        "title": _("Hand over the orders of %(name)s") % {"name": person},
        "cancel_url": reverse("people"),
        "nav": "unit_console",
        "now": at,
    }
    form = HandOverForm(request.POST or None, person=User(unit_id=user.unit_id, pk=person.pk), at=at)
    context["form"] = form
    if request.method == "POST" and form.is_valid():
        if not chosen:
            form.add_error(None, _("Choose at least one order."))
        else:
            data = form.cleaned_data
            context["handed"] = hand_over(person, sorted(chosen), to=data["to"], note=data["note"], actor=user, at=at)
            done = sum(not row.refusal for row in context["handed"])
            text = ngettext("Handed over %(n)d work order.", "Handed over %(n)d work orders.", done)
            messages.success(request, text % {"n": done})
            forget_badges(user)
    context["chosen"] = chosen or {row.pk for row in rows}
    return render(request, "dispatch/hand_over.html", context, status=422 if form.errors else 200)
