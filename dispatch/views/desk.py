"""The first page after signing in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from dispatch import console
from dispatch import desk as my_day
from dispatch.case_file import deadline_of
from dispatch.models import Notice
from dispatch.notices import kind_icon, sentence
from dispatch.panels import desk_cards
from dispatch.views.reading import reader

NEWEST_NOTICES = 6


@require_GET
@never_cache
def desk(request: HttpRequest) -> HttpResponse:
    """My day: numbers, the most pressing rows, newest notices, two weeks of coming and going."""
    user, at = reader(request), timezone.now()
    sees_cases = user.may("petitions.view")
    is_unit = console.is_unit_person(user)
    orders = my_day.urgent_orders(user) if is_unit else []
    petitions = my_day.urgent_petitions(user, at) if sees_cases and not is_unit else []
    inbox = (
        Notice.objects.visible_to(user)
        .shown()
        .select_related("petition", "order__petition")
        .order_by("-created_at", "-id")
    )
    context = {
        "tiles": my_day.tiles(user, at) if sees_cases else [],
        "orders": [(order, deadline_of(order, at)) for order in orders],
        "petitions": [(petition, deadline_of(petition, at)) for petition in petitions],
        "notices": [(n, sentence(n), kind_icon(n.kind)) for n in inbox[:NEWEST_NOTICES]],
        "flow": my_day.flow(user, at) if sees_cases else None,
        "districts": my_day.districts(user, at),
        "cards": desk_cards(user, at),
        "days": my_day.DAYS,
        "is_unit": is_unit,
        "sees_cases": sees_cases,
        "list_url": reverse("unit_console") if is_unit else reverse("worklist"),
        "now": at,
    }
    return render(request, "dispatch/desk.html", context)
