"""Likely to be late, and whether such forecasts were right."""

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.models import Unit
from insights.models import Run
from insights.outlook import LIKELY, CalibrationBoard, OutlookBoard
from insights.pasts import LEVEL_WORDS
from insights.views.reading import reader, tabs
from petitions.models import Petition
from petitions.paging import Order, page_of

ROWS = 50
UNITS = 20


@require_GET
@never_cache
def outlook(request: HttpRequest) -> HttpResponse:
    """Running clocks by probability to be late; the units they are with; those that cannot be forecast."""
    user = reader(request)
    board = OutlookBoard(user, request.GET, timezone.now())
    likely = Q(probability__gte=LIKELY)
    by_unit = board.scope.order_by().values("unit").annotate(n=Count("pk", filter=likely), of=Count("pk"))
    top = list(by_unit.filter(n__gt=0).order_by("-n", "unit")[:UNITS])
    units = Unit.objects.in_bulk([row["unit"] for row in top])
    joined = board.rows.select_related("clock__policy", "clock__order", "clock__petition", "unit", "district")
    rows = list(joined.order_by("-probability", "clock__due_at", "clock_id")[: ROWS + 1])
    ids = {row.clock.petition_id for row in rows if row.clock.petition_id}
    totals = board.scope.aggregate(
        all=Count("pk"), likely=Count("pk", filter=likely), unknown=Count("pk", filter=Q(probability=None))
    )
    context = {
        "board": board,
        "rows": [(row, LEVEL_WORDS.get(row.level, ""), 100 * (row.probability or 0)) for row in rows[:ROWS]],
        "has_more": len(rows) > ROWS,
        "opened": set(Petition.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True)),
        "by_unit": [(units[row["unit"]], row["n"], row["of"]) for row in top],
        "totals": totals,
        "floors": [(str(floor), f"≥ {100 * floor:.0f}%") for floor in board.FLOORS],
        "run": Run.objects.filter(kind=Run.Kind.OUTLOOK).order_by("-at").first(),
        "tabs": tabs("outlook"),
        "nav": "insights",
        "now": board.at,
    }
    return render(request, "insights/outlook.html", context)


@require_GET
@never_cache
def calibration(request: HttpRequest) -> HttpResponse:
    """Reliability, Brier score and its floor."""
    board = CalibrationBoard(reader(request), request.GET, timezone.now())
    replayed = board.records.filter(is_replayed=True).count()
    context = {
        "board": board,
        "found": board.found,
        "bins": [(b, board.query(tenth=place)) for place, b in enumerate(board.found.bins)],
        "replayed": replayed,
        "tabs": tabs("calibration"),
        "nav": "insights",
        "now": board.at,
    }
    return render(request, "insights/calibration.html", context)


@require_GET
@never_cache
def calibration_rows(request: HttpRequest) -> HttpResponse:
    """The forecasts of one tenth and how each came out."""
    user = reader(request)
    board = CalibrationBoard(user, request.GET, timezone.now())
    joined = board.rows.select_related("clock__policy", "clock__order", "clock__petition", "unit")
    page = page_of(joined, Order("made_at", is_descending=True), cursor=board.cursor, size=ROWS)
    ids = {row.clock.petition_id for row in page.rows if row.clock.petition_id}
    context = {
        "board": board,
        "page": page,
        "lines": [(row, 100 * row.probability, LEVEL_WORDS[row.level]) for row in page.rows],
        "opened": set(Petition.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True)),
        "here": board.query(tenth="" if board.tenth is None else board.tenth),
        "tabs": tabs("calibration"),
        "nav": "insights",
        "now": board.at,
    }
    return render(request, "insights/calibration_rows.html", context)
