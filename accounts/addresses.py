"""From which address a request comes: for limits, for the access log, for keys bound to a network."""

from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.http import HttpRequest


def caller_address(meta: dict[str, Any]) -> str:
    """The caller's address; behind our own proxy, the one that proxy saw (the last it appended). "" for none."""
    address = str(meta.get("REMOTE_ADDR", ""))
    if settings.SECURE_PROXY_SSL_HEADER:
        # What the caller wrote into the header itself stands further left and counts for nothing.
        address = meta.get("HTTP_X_FORWARDED_FOR", "").split(",")[-1].strip() or address
    try:
        return str(ip_address(address))
    except ValueError:
        return ""


def address_of(request: HttpRequest) -> str | None:
    """The same as a column of addresses takes it."""
    return caller_address(request.META) or None
