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

from accounts.models import Unit, User
from gateway.demo import SANDBOX_PREFIX, SANDBOX_SECRET, Sandbox
from gateway.models import ApiClient, ApiKey, IdempotencyRecord
from gateway.scopes import ApiScope
from petitions.models import Channel
from petitions.states import Refused

# Two, so that a vendor can bring the new key out before the old one goes.
LIVE_KEYS = 2
RATE = 1200
# A hundred a second: more than the whole city sends.
MOST_RATE = 6000
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


@transaction.atomic
def create_client(
    name: str,
    *,
    channel: str,
    unit: Unit,
    scopes: Sequence[str],
    at: datetime,
    allowed_ips: Sequence[str] = (),
    numbering: str | None = None,
    rate_per_minute: int = RATE,
    actor: User | None = None,
) -> ApiClient:
    """A new client without a key; `actor` is None for the command line.

    Raises Refused for an unknown channel, scope, address or rate, and for a taken name. Departments' own systems share
    the channel `online`: each counts for itself by the code of its unit, unless `numbering` says otherwise. Elsewhere
    the channel has one count.
    """
    if channel not in Channel.values:
        words = {"list": ", ".join(Channel.values)}
        raise Refused(_("Unknown channel. Choose one of: %(list)s.") % words, field="channel")
    _check(scopes, allowed_ips, rate_per_minute)
    if ApiClient.objects.filter(name=name).exists():
        raise Refused(_("There is a client of this name already. Give that one a second key."), field="name")
    client = ApiClient(
        name=name,
        channel=channel,
        numbering=numbering if numbering is not None else unit.code if channel == Channel.ONLINE else "",
        unit=unit,
        scopes=sorted(set(scopes)),
        allowed_ips=list(allowed_ips),
        rate_per_minute=rate_per_minute,
        created_at=at,
    )
    return _save(client, actor=actor, at=at)


def _check(scopes: Sequence[str], allowed_ips: Sequence[str], rate_per_minute: int) -> None:
    if not scopes or set(scopes) - set(ApiScope.values):
        words = {"list": ", ".join(ApiScope.values)}
        raise Refused(_("Give at least one of these scopes: %(list)s.") % words, field="scopes")
    check_networks(allowed_ips)
    if not 1 <= rate_per_minute <= MOST_RATE:
        raise Refused(
            _("Give between 1 and %(most)s requests a minute.") % {"most": MOST_RATE}, field="rate_per_minute"
        )


def _save(client: ApiClient, *, actor: User | None, at: datetime) -> ApiClient:
    """With a version that says who and when."""
    client._history_user, client._history_date = actor, at  # type: ignore[attr-defined]
    client.save()
    return client


@transaction.atomic
def change_client(
    client_id: int,
    *,
    scopes: Sequence[str],
    allowed_ips: Sequence[str],
    rate_per_minute: int,
    actor: User,
    at: datetime,
) -> ApiClient:
    """What a client may do, from where, how often. Its name, channel and unit stand in petitions and stay.

    Raises Refused as `create_client` does.
    """
    _check(scopes, allowed_ips, rate_per_minute)
    client = ApiClient.objects.select_for_update().get(pk=client_id)
    client.scopes, client.allowed_ips = sorted(set(scopes)), list(allowed_ips)
    client.rate_per_minute = rate_per_minute
    return _save(client, actor=actor, at=at)


@transaction.atomic
def set_active(client_id: int, is_active: bool, *, actor: User, at: datetime) -> ApiClient:
    """Shut a client out with all its keys, or let it in again. Doing either twice changes nothing."""
    client = ApiClient.objects.select_for_update().get(pk=client_id)
    if client.is_active == is_active:
        return client
    client.is_active = is_active
    return _save(client, actor=actor, at=at)


def check_networks(allowed_ips: Sequence[str]) -> None:
    """Raises Refused for what is neither an address nor a network."""
    for text in allowed_ips:
        try:
            ip_network(text)
        except ValueError:
            raise Refused(
                _("%(text)s is not an address or network such as 10.1.0.0/16.") % {"text": text}, field="allowed_ips"
            ) from None


def live_keys(at: datetime) -> Q:
    """Keys that open the door at `at`, as a condition on ApiKey."""
    return Q(revoked_at__isnull=True) & (Q(expires_at__isnull=True) | Q(expires_at__gt=at))


@transaction.atomic
def issue_key(
    client: ApiClient,
    *,
    at: datetime,
    expires_at: datetime | None = None,
    actor: User | None = None,
    newest: int | None = None,
) -> IssuedKey:
    """A further key for a client; `actor` is None for the command line.

    `newest` is the id of the newest key the person saw (0 for none): a form sent twice makes one key. Raises Refused
    for a closed client, when two keys are alive already, and when there is a newer key.
    """
    locked = ApiClient.objects.select_for_update().get(pk=client.pk)
    if not locked.is_active:
        raise Refused(_("This client is closed. Open it again before you give it a key."), code="closed")
    if locked.keys.filter(live_keys(at)).count() >= LIVE_KEYS:
        raise Refused(_("This client has two live keys. Revoke the old one first."), code="two_keys")
    if newest is not None and locked.keys.filter(pk__gt=newest).exists():
        raise Refused(_("A key was made meanwhile. Look at the list before you make another one."), code="stale")
    prefix = "".join(secrets.choice(PREFIX_ALPHABET) for _i in range(8))
    secret = secrets.token_hex(32)
    key = ApiKey.objects.create(
        client=locked,
        prefix=prefix,
        digest=digest_of(secret),
        created_at=at,
        expires_at=expires_at,
        issued_by=actor,
    )
    return IssuedKey(key, f"yq_{prefix}_{secret}")


@transaction.atomic
def create_sandbox(sandbox: Sandbox, *, at: datetime) -> int:
    """The demo's client with its public key, unless there is one; its unit must be loaded. Returns how many."""
    if ApiKey.objects.filter(prefix=SANDBOX_PREFIX).exists():
        return 0
    unit = Unit.objects.get(code=sandbox.unit_code)
    client = create_client(sandbox.name, channel=sandbox.channel, unit=unit, scopes=sandbox.scopes, at=at)
    ApiKey.objects.create(client=client, prefix=SANDBOX_PREFIX, digest=digest_of(SANDBOX_SECRET), created_at=at)
    return 1


def revoke_key(key: ApiKey, *, at: datetime, actor: User | None = None) -> None:
    """Close a key; processes that have it cached close within 30 seconds. Revoking twice changes nothing."""
    ApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True).update(revoked_at=at, revoked_by=actor)


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
