"""Whether a key may knock at a view at all (its scope) and how often (its rate)."""

import logging
import time
from typing import TYPE_CHECKING

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
    """So many requests per client and minute, counted in the shared cache. Without a cache nobody is held up."""

    _resting_until = 0.0

    def allow_request(self, request: Request, view: "APIView") -> bool:
        client = request.auth
        if not isinstance(client, ApiClient) or time.monotonic() < ClientRate._resting_until:
            return True
        try:
            return self._count(client) <= client.rate_per_minute
        except (RedisError, OSError):
            log.warning("The cache does not answer; API rates are not limited for %s s.", REST_AFTER_FAILURE)
            ClientRate._resting_until = time.monotonic() + REST_AFTER_FAILURE
            return True

    def _count(self, client: ApiClient) -> int:
        key = f"api-rate:{client.pk}:{int(time.time()) // WINDOW}"
        try:
            return cache.incr(key)
        except ValueError:
            # The window's first request; of two first ones at once, the second finds the key.
            return 1 if cache.add(key, 1, 2 * WINDOW) else cache.incr(key)

    def wait(self) -> float:
        """Seconds until the next window."""
        return WINDOW - time.time() % WINDOW
