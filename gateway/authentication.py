"""`Authorization: Bearer yq_<prefix>_<secret>`: which client asks.

A key that was found valid is believed for 30 seconds in the same process, so a revoked key, a changed scope or a
deactivated client takes effect within 30 seconds.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from ipaddress import ip_address, ip_network
from time import monotonic

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts.actors import Actor
from accounts.addresses import caller_address
from gateway import demo
from gateway.actions import digest_of, note_refusal, note_use
from gateway.models import ApiClient, ApiKey
from gateway.problems import Problem

CACHE_SECONDS = 30
USE_NOTED_EVERY = timedelta(minutes=1)
PREFIX = re.compile("[0-9A-Za-z]{1,12}")


@dataclass
class _Known:
    """A key as this process last read it."""

    key: ApiKey
    actor: Actor
    until: float


_known: dict[str, _Known] = {}


def forget_cached_keys() -> None:
    """Read keys afresh: between tests."""
    _known.clear()


class ApiKeyAuthentication(BaseAuthentication):
    """Sets `request.user` to the Actor the client stands for and `request.auth` to the client."""

    def authenticate(self, request: Request) -> tuple[Actor, ApiClient]:
        """Raises Problem (401) without a valid key; every view of the API needs one."""
        text = request.headers.get("Authorization", "")
        if not text:
            raise Problem("unauthenticated", _("Please send your key as “Authorization: Bearer yq_…”."))
        known = recognise(request, text)
        if known is None:
            # One sentence for all reasons: which part was wrong is nobody's business outside.
            raise Problem("unauthenticated", _("This key is unknown, ended, or not allowed from your address."))
        return known

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="yongqing"'


def recognise(request: Request, text: str) -> tuple[Actor, ApiClient] | None:
    """Whom a key ("Bearer yq_…") lets in from this address now, or None; notes that it was used."""
    at = timezone.now()
    known = _find(text)
    if known is None:
        return None
    if not _is_open(known.key, at) or not _comes_from(request, known.key.client):
        note_refusal(known.key.client, request._request, "unauthenticated", at=at)
        return None
    _note(known.key, at)
    return known.actor, known.key.client


def _find(text: str) -> _Known | None:
    scheme, _blank, token = text.partition(" ")
    parts = token.strip().split("_")
    if scheme.lower() != "bearer" or len(parts) != 3 or parts[0] != "yq" or not PREFIX.fullmatch(parts[1]):
        return None
    if demo.is_shut(parts[1]):
        return None
    known = _known.get(parts[1])
    if known is None or known.until < monotonic():
        key = ApiKey.objects.select_related("client__unit__area").filter(prefix=parts[1]).first()
        if key is None:
            return None
        known = _known[parts[1]] = _Known(key, key.client.actor, monotonic() + CACHE_SECONDS)
    return known if compare_digest(known.key.digest, digest_of(parts[2])) else None


def _is_open(key: ApiKey, at: datetime) -> bool:
    ended = key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= at)
    return key.client.is_active and not ended


def _comes_from(request: Request, client: ApiClient) -> bool:
    if not client.allowed_ips:
        return True
    try:
        address = ip_address(caller_address(request.META))
    except ValueError:
        return False
    return any(address in ip_network(network, strict=False) for network in client.allowed_ips)


def _note(key: ApiKey, at: datetime) -> None:
    if key.last_used_at is None or at - key.last_used_at >= USE_NOTED_EVERY:
        key.last_used_at = at
        note_use(key.pk, at=at)
