"""Scoreboard, one unit, the rows behind a figure, and what every figure means."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.models import Unit
from insights.board import Board, UnitSheet, counted_at
from insights.indicators import GROUPS, INDICATORS, grouped
from insights.models import Tally
from insights.rows import CAP, PARTS, Rows
from insights.views.reading import reader, tabs
from petitions.paging import capped_text


@require_GET
@never_cache
def scoreboard(request: HttpRequest) -> HttpResponse:
    """Units as lines, indicators as columns."""
    user = reader(request)
    board = Board(user, request.GET, timezone.now())
    place = board.columns.index(board.sort)
    context = {
        "board": board,
        "tabs": tabs("insights"),
        "groups": [
            {
                "label": label,
                "url": f"?{board.filters.query(group=key)}",
                "current": key == board.group,
                "count": None,
            }
            for key, label in GROUPS.items()
        ],
        "headings": [_heading(board, column) for column in board.columns],
        "lines": [(line, line.cells[place]) for line in board.lines],
        "total_cell": board.total.cells[place],
        "low": board.axis[0],
        "high": board.axis[1],
        "counted_at": counted_at(),
        "may_export": user.may("insights.export"),
        "nav": "insights",
        "now": board.at,
    }
    return render(request, "insights/scoreboard.html", context)


def _heading(board: Board, column: Any) -> dict[str, Any]:
    is_here = column is board.sort
    order = ("" if board.is_best_first else "best") if is_here else ""
    direction = ("descending" if board.is_best_first else "ascending") if is_here else ""
    query = board.query(sort=column.key, order=order)
    return {"indicator": column, "url": f"?{query}", "is_here": is_here, "direction": direction}


@require_GET
@never_cache
def unit_sheet(request: HttpRequest, code: str) -> HttpResponse:
    """One unit over twelve months. A unit that is nobody's business here is 404."""
    user = reader(request)
    unit = get_object_or_404(Unit.objects.select_related("area", "parent"), code=code)
    is_own = user.unit is not None and unit.path.startswith(user.unit.path)
    if not is_own and not Tally.objects.visible_to(user).filter(unit=unit).exists():
        raise Http404
    sheet = UnitSheet(user, unit, request.GET, timezone.now())
    context = {
        "sheet": sheet,
        "unit": unit,
        "tabs": tabs("insights"),
        "counted_at": counted_at(),
        "nav": "insights",
        "now": sheet.at,
    }
    return render(request, "insights/unit.html", context)


@require_GET
@never_cache
def indicator_rows(request: HttpRequest, key: str, part: str) -> HttpResponse:
    """The rows of a numerator ("hit") or a denominator ("all")."""
    user = reader(request)
    if key not in INDICATORS or part not in PARTS:
        raise Http404
    rows = Rows(user, INDICATORS[key], part, request.GET, timezone.now())
    context = {
        "rows": rows,
        "indicator": rows.indicator,
        "lines": rows.lines(rows.page.rows),
        "page": rows.page,
        "count": capped_text(rows.count, CAP),
        "tabs": tabs("insights"),
        "counted_at": counted_at(),
        "may_export": user.may("insights.export"),
        "nav": "insights",
        "now": rows.at,
    }
    return render(request, "insights/rows.html", context)


@require_GET
def definitions(request: HttpRequest) -> HttpResponse:
    """Every indicator in words, from the same data the figures come from."""
    reader(request)
    groups = [(label, grouped(key)) for key, label in GROUPS.items()]
    context = {"groups": groups, "tabs": tabs("indicators"), "nav": "insights"}
    return render(request, "insights/definitions.html", context)
