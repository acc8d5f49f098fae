"""How often somebody may try query codes: failures are counted per address and per code typed, in the cache.

Forgiving: only failures count, a shared address (a village's one connection) shuts out nobody who types number and
code, and a cache that is away lets everybody through, for the code itself is 49 random bits.
"""

import hashlib
import logging

from django.core.cache import cache
from django.http import HttpRequest

from accounts.addresses import caller_address
from accounts.limits import take as take

logger = logging.getLogger(__name__)

# Seconds a failure is remembered.
WINDOW = 10 * 60
PER_ADDRESS = 20
PER_CODE = 5


def _address_key(request: HttpRequest) -> str:
    return f"portal:ip:{caller_address(request.META)}"


def _code_key(code: str) -> str:
    return f"portal:code:{hashlib.sha256(code.encode()).hexdigest()[:32]}"


def is_tired_of(code: str) -> bool:
    """Whether this code has been typed too often with a number that is not its own."""
    return bool(cache.get(_code_key(code), 0) >= PER_CODE)


def has_tried_much(request: HttpRequest) -> bool:
    """Whether too many codes from this address were wrong. A whole office may share it: it refuses no right link and
    nobody who types number and code."""
    return bool(cache.get(_address_key(request), 0) >= PER_ADDRESS)


def note_failure(request: HttpRequest, code: str) -> None:
    """Count one failure."""
    for key in (_address_key(request), _code_key(code)):
        cache.add(key, 0, WINDOW)
        try:
            cache.incr(key)
        except Exception:
            # Gone between the two calls, or no cache at all: a failure not counted locks nobody out.
            logger.debug("A failed query code was not counted")
