"""Consultations: what waits for this person, what is open, what was ruled."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from dispatch.models import Consultation, Opinion
from dispatch.states import OPEN_CONSULTATION_STATES
from dispatch.views.reading import reader
from petitions.paging import Order, capped_counts, capped_text, page_of

NEWEST = Order("asked_at", is_descending=True)
SIZE = 30
TABS = (("waiting", _("Waiting for you")), ("open", _("Under way")), ("ended", _("Ruled or dropped")))


@require_GET
@never_cache
def consultations(request: HttpRequest) -> HttpResponse:
    """A list with its three views."""
    user = reader(request)
    if not (user.may("dispatch.rule") or user.may("dispatch.opine")):
        raise PermissionDenied
    seen = Consultation.objects.visible_to(user)
    rows: dict[str, Any] = {
        "waiting": Consultation.objects.waiting_for(user),
        "open": seen.filter(state__in=OPEN_CONSULTATION_STATES),
        "ended": seen.exclude(state__in=OPEN_CONSULTATION_STATES),
    }
    key = request.GET.get("tab", "waiting")
    key = key if key in rows else "waiting"
    counts = capped_counts([rows["waiting"], rows["open"]])
    opinions = Prefetch("opinions", Opinion.objects.select_related("unit"))
    shown = rows[key].select_related("petition", "lead_unit").prefetch_related(opinions)
    url = reverse("consultations")
    context = {
        "tabs": [
            {
                "url": f"{url}?tab={name}",
                "label": label,
                "count": capped_text(counts[i]) if i < len(counts) else None,
                "tone": "amber" if name == "waiting" and counts[0] else "",
                "current": name == key,
            }
            for i, (name, label) in enumerate(TABS)
        ],
        "tab": {"label": dict(TABS)[key]},
        "page": page_of(shown, NEWEST, cursor=request.GET.get("cursor", ""), size=SIZE),
        "here": f"{url}?tab={key}",
        "nav": "unit_console",
        "now": timezone.now(),
    }
    return render(request, "dispatch/consultations.html", context)
