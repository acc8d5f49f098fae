"""Clients, their keys, and the answers kept for repeated requests."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_network

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Unit
from gateway.models import ApiClient, ApiKey, IdempotencyRecord
from gateway.scopes import ApiScope
from petitions.models import Channel
from petitions.states import Refused

# Two, so that a vendor can bring the new key out before the old one goes.
LIVE_KEYS = 2
KEEP_ANSWERS = timedelta(days=7)
PURGE_BATCH = 10_000
# Letters and digits only, so that "_" separates the parts of a key.
PREFIX_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


@dataclass(frozen=True)
class IssuedKey:
    """A fresh key; `text` is what the client sends, and exists nowhere else."""

    key: ApiKey
    text: str


def digest_of(secret: str) -> str:
    """SHA-256 of a key's secret part (hex)."""
    return hashlib.sha256(secret.encode()).hexdigest()


def create_client(
    name: str,
    *,
    channel: str,
    unit: Unit,
    scopes: Sequence[str],
    at: datetime,
    allowed_ips: Sequence[str] = (),
    numbering: str | None = None,
) -> ApiClient:
    """A new client without a key. Raises Refused for an unknown channel, scope or address, and for a taken name.

    Departments' own systems share the channel `online`: each counts for itself by the code of its unit, unless
    `numbering` says otherwise. Elsewhere the channel has one count.
    """
    if channel not in Channel.values:
        raise Refused(_("Unknown channel. Choose one of: %(list)s.") % {"list": ", ".join(Channel.values)})
    if not scopes or set(scopes) - set(ApiScope.values):
        raise Refused(_("Give at least one of these scopes: %(list)s.") % {"list": ", ".join(ApiScope.values)})
    check_networks(allowed_ips)
    if ApiClient.objects.filter(name=name).exists():
        raise Refused(_("There is a client of this name already. Use --rotate to give it a second key."))
    return ApiClient.objects.create(
        name=name,
        channel=channel,
        numbering=numbering if numbering is not None else unit.code if channel == Channel.ONLINE else "",
        unit=unit,
        scopes=sorted(set(scopes)),
        allowed_ips=list(allowed_ips),
        created_at=at,
    )


def check_networks(allowed_ips: Sequence[str]) -> None:
    """Raises Refused for what is neither an address nor a network."""
    for text in allowed_ips:
        try:
            ip_network(text)
        except ValueError:
            raise Refused(_("%(text)s is not an address or network such as 10.1.0.0/16.") % {"text": text}) from None


def live_keys(at: datetime) -> Q:
    """Keys that open the door at `at`, as a condition on ApiKey."""
    return Q(revoked_at__isnull=True) & (Q(expires_at__isnull=True) | Q(expires_at__gt=at))


@transaction.atomic
def issue_key(client: ApiClient, *, at: datetime, expires_at: datetime | None = None) -> IssuedKey:
    """A further key for a client. Raises Refused when two are alive already."""
    locked = ApiClient.objects.select_for_update().get(pk=client.pk)
    if locked.keys.filter(live_keys(at)).count() >= LIVE_KEYS:
        raise Refused(_("This client has two live keys. Revoke the old one first."), code="two_keys")
    prefix = "".join(secrets.choice(PREFIX_ALPHABET) for _i in range(8))
    secret = secrets.token_hex(32)
    key = ApiKey.objects.create(
        client=locked, prefix=prefix, digest=digest_of(secret), created_at=at, expires_at=expires_at
    )
    return IssuedKey(key, f"yq_{prefix}_{secret}")


def revoke_key(key: ApiKey, *, at: datetime) -> None:
    """Close a key; processes that have it cached close within 30 seconds. Revoking twice changes nothing."""
    ApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True).update(revoked_at=at)


def note_use(key_id: int, *, at: datetime) -> None:
    """Write when a key was last used, unless somebody did so less than a minute ago."""
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=at - timedelta(minutes=1))
    ApiKey.objects.filter(stale, pk=key_id).update(last_used_at=at)


def purge_idempotency(*, at: datetime) -> int:
    """Forget answers older than seven days, in batches so that no long transaction arises. Returns how many."""
    total = 0
    while True:
        old = IdempotencyRecord.objects.filter(created_at__lt=at - KEEP_ANSWERS).order_by("created_at")
        gone, _by_model = IdempotencyRecord.objects.filter(
            pk__in=list(old.values_list("pk", flat=True)[:PURGE_BATCH])
        ).delete()
        total += gone
        if gone < PURGE_BATCH:
            return total
