"""Passing on: findings, and the hops behind each number."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from insights.board import counted_at
from insights.passing import Passing
from insights.views.reading import reader, tabs
from petitions.models import Petition
from petitions.paging import Order, capped_counts, capped_text, page_of

SIZE = 50


@require_GET
@never_cache
def passing(request: HttpRequest) -> HttpResponse:
    """Tiles, top pairs, matrix, the ways of single matters."""
    view = Passing(reader(request), request.GET, timezone.now())
    context = {
        "view": view,
        "tabs": tabs("passing"),
        "counted_at": counted_at(),
        "nav": "insights",
        "now": view.at,
    }
    return render(request, "insights/passing.html", context)


@require_GET
@never_cache
def passing_rows(request: HttpRequest) -> HttpResponse:
    """The hops of a number."""
    user = reader(request)
    view = Passing(user, request.GET, timezone.now())
    joined = view.rows.select_related("petition", "from_unit", "to_unit", "district")
    page = page_of(joined, Order("passed_at", is_descending=True), cursor=view.cursor, size=SIZE)
    ids = {hop.petition_id for hop in page.rows}
    context = {
        "view": view,
        "page": page,
        "count": capped_text(capped_counts([view.rows], 9999)[0], 9999),
        "opened": set(Petition.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True)),
        "query": request.GET.urlencode(),
        "here": _without_cursor(request),
        "tabs": tabs("passing"),
        "nav": "insights",
        "now": view.at,
    }
    return render(request, "insights/passing_rows.html", context)


def _without_cursor(request: HttpRequest) -> str:
    query = request.GET.copy()
    query.pop("cursor", None)
    return query.urlencode()
