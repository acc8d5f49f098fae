"""How often somebody may try query codes: failures are counted per address and per code typed, in the cache.

Forgiving: only failures count, a shared address (a village's one connection) has room for many, and a cache that is
away lets everybody through, for the code itself is 49 random bits.
"""

import hashlib
import logging

from django.core.cache import cache
from django.http import HttpRequest

logger = logging.getLogger(__name__)

# Seconds a failure is remembered.
WINDOW = 10 * 60
PER_ADDRESS = 20
PER_CODE = 5


def address_of(request: HttpRequest) -> str:
    """Where the request comes from, as the web server says."""
    return str(request.META.get("REMOTE_ADDR", ""))


def _keys(request: HttpRequest, code: str) -> list[tuple[str, int]]:
    digest = hashlib.sha256(code.encode()).hexdigest()[:32]
    return [(f"portal:ip:{address_of(request)}", PER_ADDRESS), (f"portal:code:{digest}", PER_CODE)]


def is_over(request: HttpRequest, code: str) -> bool:
    """Whether this address, or this code, has failed too often in the last WINDOW seconds."""
    keys = _keys(request, code)
    found = cache.get_many([key for key, _most in keys])
    return any(found.get(key, 0) >= most for key, most in keys)


def note_failure(request: HttpRequest, code: str) -> None:
    """Count one failure."""
    for key, _most in _keys(request, code):
        cache.add(key, 0, WINDOW)
        try:
            cache.incr(key)
        except Exception:
            # Gone between the two calls, or no cache at all: a failure not counted locks nobody out.
            logger.debug("A failed query code was not counted")


def take(name: str, *, most: int, seconds: int) -> bool:
    """Count one use of a thing; False once `most` are reached within `seconds`. A cache that is away counts nothing."""
    key = f"portal:use:{name}"
    cache.add(key, 0, seconds)
    try:
        return bool(cache.incr(key) <= most)
    except Exception:
        return True
