"""The figures of the war room for other systems: those of the wall, cut by district, force, official or month."""

import hashlib
from datetime import date, datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Area, Unit, User
from backlog.board import INTERVAL
from backlog.counts import Scope, Span
from backlog.indicators import INDICATORS, counted, months_back, targets
from backlog.models import TaskForce
from dispatch.clocks import city_day
from gateway.api import ApiView
from gateway.backlog import shapes
from gateway.problems import Problem
from gateway.renderers import dump
from gateway.schema import READ, answers

# Whose figures are whole: governments and the offices that coordinate; a bureau's system reads its own cases.
BOARD_KINDS = frozenset({Unit.Kind.GOVERNMENT, Unit.Kind.PETITION_OFFICE, Unit.Kind.CONFERENCE})
MONTHS = 12


class Boards(ApiView):
    """The same counts as on the wall, at most half a minute old. With If-None-Match: 304 while the figures stand."""

    scopes = {"GET": "backlog:read"}

    @extend_schema(
        operation_id="backlog_boards",
        summary="The figures of the war room, by district, task force, official or month",
        parameters=[shapes.BoardQuery],
        responses=answers(
            {200: shapes.Board, 304: OpenApiResponse(description="The figures are as the ETag names them")}, READ
        ),
    )
    def get(self, request: Request) -> Response:
        asked = self.query(shapes.BoardQuery)
        area = board_area(self.client.unit)
        key = f"api:boards:{area.pk}:{asked['by']}:{asked.get('month', '')}:{get_language()}"
        found = cache.get(key)
        if found is None:
            found = figures(area, asked["by"], asked.get("month", ""), timezone.now())
            cache.set(key, found, INTERVAL)
        tag = tag_of(found)
        if tag in [one.strip().removeprefix("W/") for one in request.headers.get("If-None-Match", "").split(",")]:
            return Response(status=304, headers={"ETag": tag})
        return self.answer(found, ETag=tag)


def board_area(unit: Unit) -> Area:
    """The city, or the one district whose figures a client of this unit reads. Raises Problem (403)."""
    if unit.kind in BOARD_KINDS and unit.area.kind == Area.Kind.CITY:
        return unit.area
    district = unit.area.district
    if unit.kind in BOARD_KINDS and district is not None and unit.area.kind == Area.Kind.DISTRICT:
        return district
    raise Problem("forbidden", _("Boards are for governments and the offices that coordinate, of city and districts."))


def tag_of(board: dict[str, Any]) -> str:
    """The ETag of the figures: the moment they were counted at does not change it."""
    rest = {name: value for name, value in board.items() if name != "as_of"}
    return f'"{hashlib.sha256(dump(rest)).hexdigest()[:24]}"'


def figures(area: Area, by: str, month: str, at: datetime) -> dict[str, Any]:
    """All indicators of an area as of `at`, the whole first, then the groups."""
    span = Span.month(date.fromisoformat(f"{month}-01")) if month else Span.year_of(at)
    scope = Scope.now(at, district=None if area.kind == Area.Kind.CITY else area.pk, span=span)
    aims = targets()
    rows = [_row("", "", counted(scope)[None], list(INDICATORS))]
    rows += _months(scope) if by == "month" else _groups(scope, by)
    return {
        "as_of": at,
        "area": {"code": area.code, "name": area.name},
        "since": city_day(span.since),
        "until": city_day(span.until - timedelta(microseconds=1)),
        "indicators": [
            {
                "key": row.key,
                "name": str(row.label),
                "formula": str(row.formula),
                "unit": row.unit.value,
                "better": row.better.value,
                "is_flow": row.is_flow,
                "target": aims.get(row.key),
            }
            for row in INDICATORS.values()
        ],
        "rows": rows,
    }


def _row(code: str, name: str, counts: dict[str, int], keys: list[str]) -> dict[str, Any]:
    found = [INDICATORS[key].figure(counts) for key in keys]
    return {
        "code": code,
        "name": name,
        "figures": [
            {"key": key, "value": figure.value, "hit": figure.hit, "of": figure.of}
            for key, figure in zip(keys, found, strict=True)
        ],
    }


def _groups(scope: Scope, by: str) -> list[dict[str, Any]]:
    if by == "none":
        return []
    part = "leader" if by == "official" else by
    keys = [key for key, row in INDICATORS.items() if part in row.parts]
    table = counted(scope, part, wanted=keys)
    return [_row(code, name, table.get(pk, {}), keys) for pk, code, name in _names(part, scope, table)]


def _names(part: str, scope: Scope, table: dict[Any, Any]) -> list[tuple[int, str, str]]:
    """Key, code and name of each group, in the order of the pages."""
    if part == "district":
        areas = Area.objects.filter(kind=Area.Kind.DISTRICT).order_by("code")
        areas = areas.filter(pk=scope.district) if scope.district is not None else areas
        return [(area.pk, area.code, area.name) for area in areas]
    if part == "force":
        return [(force.pk, force.key, force.name) for force in TaskForce.objects.filter(pk__in=[k for k in table if k])]
    people = User.objects.filter(pk__in=[key for key in table if key]).order_by("pk")
    return [(user.pk, str(user.pk), user.name) for user in people]


def _months(scope: Scope) -> list[dict[str, Any]]:
    """The last twelve months, this one first: what is counted over a span."""
    keys = [key for key, row in INDICATORS.items() if row.is_flow]
    return [
        _row(f"{first:%Y-%m}", f"{first:%Y-%m}", counted(scope.over(Span.month(first)), wanted=keys)[None], keys)
        for first in months_back(scope.today, MONTHS)
    ]
