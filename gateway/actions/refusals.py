"""What clients were refused, counted by day, resource and reason, for the page of a client (models.ApiRefusal)."""

import logging
import re
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.db import Error, connection
from django.http import HttpRequest

from dispatch.clocks import city_day
from gateway.models import ApiClient, ApiRefusal

log = logging.getLogger("gateway")
KEEP_REFUSALS = timedelta(days=30)
# Whoever comes without a valid key or too often may come without limit; a process writes of that once a minute.
WITHOUT_LIMIT = frozenset({"unauthenticated", "rate_limited"})
PAUSE = 60.0
MOST_REMEMBERED = 10_000

COUNT = """
INSERT INTO gateway_apirefusal (client_id, day, method, route, code, count, last_at, trace_id)
VALUES (%s, %s, %s, %s, %s, 1, %s, %s)
ON CONFLICT (client_id, day, method, route, code) DO UPDATE
SET count = gateway_apirefusal.count + 1, last_at = EXCLUDED.last_at, trace_id = EXCLUDED.trace_id
"""
_written: dict[tuple[int, str, str], float] = {}


def route_of(request: HttpRequest) -> str:
    """The pattern of the address with names for its numbers: `api/v1/petitions/{pk}`."""
    pattern = request.resolver_match.route if request.resolver_match else ""
    named = re.sub(r"\(\?P<(\w+)>[^)]*\)|<(?:\w+:)?(\w+)>", lambda found: f"{{{found[1] or found[2]}}}", pattern)
    return named.strip("^$").replace("\\", "").replace("(?:v2/)?", "")[:120]


def note_refusal(client: ApiClient, request: HttpRequest, code: str, *, at: datetime, trace_id: str = "") -> None:
    """Count one refused request. Call it outside transactions; when the database fails, nothing is counted."""
    route = route_of(request)
    if code in WITHOUT_LIMIT and not _is_time(client.pk, route, code):
        return
    values: list[Any] = [client.pk, city_day(at), (request.method or "")[:8], route, code, at, trace_id[:36]]
    try:
        with connection.cursor() as cursor:
            cursor.execute(COUNT, values)
    except Error as error:
        log.warning("A refusal was not counted: %s.", type(error).__name__)


def _is_time(client_id: int, route: str, code: str) -> bool:
    """Whether this process has not written of the same within a minute."""
    key, now = (client_id, route, code), monotonic()
    if now - _written.get(key, -PAUSE) < PAUSE:
        return False
    if len(_written) >= MOST_REMEMBERED:
        _written.clear()
    _written[key] = now
    return True


def forget_written() -> None:
    """Write afresh: between tests."""
    _written.clear()


def purge_refusals(*, at: datetime) -> int:
    """Forget days older than thirty. Returns how many rows."""
    return ApiRefusal.objects.filter(day__lt=city_day(at - KEEP_REFUSALS)).delete()[0]
