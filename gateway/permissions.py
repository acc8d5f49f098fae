"""Whether a key may knock at a view at all (its scope) and how often (its rate)."""

import logging
import time
from typing import TYPE_CHECKING, ClassVar

from django.core.cache import cache
from django.utils.translation import gettext as _
from redis.exceptions import RedisError
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from gateway.models import ApiClient
from gateway.problems import Problem

if TYPE_CHECKING:
    # At run time DRF imports this module while it is still making that class.
    from rest_framework.views import APIView

log = logging.getLogger("gateway")
WINDOW = 60
# After the cache failed, go without limits for so long instead of waiting for its timeout at every request.
REST_AFTER_FAILURE = 15.0


def client_of(request: Request) -> ApiClient:
    """Who asks. Raises Problem (401) when nobody was recognised."""
    client = request.auth
    if not isinstance(client, ApiClient):
        raise Problem("unauthenticated", _("Please send your key as “Authorization: Bearer yq_…”."))
    return client


class HasScope(BasePermission):
    """Asks the view's `scopes` (method → scope; "" for any valid key). A method it does not name is left to 405."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Raises Problem (403) naming the scope that is missing."""
        wanted = getattr(view, "scopes", {}).get(request.method, "")
        if wanted and wanted not in client_of(request).scopes:
            raise Problem("missing_scope", _("Your key lacks the scope %(scope)s.") % {"scope": wanted}, scope=wanted)
        return True


class ClientRate(BaseThrottle):
    """So many requests per client and minute, counted in the shared cache. Without a cache nobody is held up.

    A process takes a sixtieth of a minute's requests from the counter at a time, so that most requests ask nobody;
    what it took and did not use is lost to the others for that minute.
    """

    _resting_until = 0.0
    _taken: ClassVar[dict[int, tuple[int, int]]] = {}

    def allow_request(self, request: Request, view: "APIView") -> bool:
        client, window = client_of(request), int(time.time()) // WINDOW
        taken_in, left = ClientRate._taken.get(client.pk, (0, 0))
        if taken_in != window or left < 1:
            left = self._take(client, window)
        ClientRate._taken[client.pk] = (window, max(0, left - 1))
        return left > 0

    def _take(self, client: ApiClient, window: int) -> int:
        """Take requests from the shared counter; how many were left to take, or one when the cache does not answer."""
        if time.monotonic() < ClientRate._resting_until:
            return 1
        share = max(1, client.rate_per_minute // WINDOW)
        try:
            used = self._count(f"api-rate:{client.pk}:{window}", share)
        except (RedisError, OSError):
            log.warning("The cache does not answer; API rates are not limited for %s s.", REST_AFTER_FAILURE)
            ClientRate._resting_until = time.monotonic() + REST_AFTER_FAILURE
            return 1
        return min(share, client.rate_per_minute - used + share)

    def _count(self, key: str, share: int) -> int:
        try:
            return cache.incr(key, share)
        except ValueError:
            # The window's first request; of two first ones at once, the second finds the key.
            return share if cache.add(key, share, 2 * WINDOW) else cache.incr(key, share)

    def wait(self) -> float:
        """Seconds until the next window."""
        return WINDOW - time.time() % WINDOW


def forget_rates() -> None:
    """Count afresh: between tests."""
    ClientRate._taken.clear()
    ClientRate._resting_until = 0.0
