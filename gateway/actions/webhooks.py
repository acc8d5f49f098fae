"""Endpoints, and sending what waits for them.

Sending happens outside every transaction, each endpoint in a thread of its own under a lease, so that a slow one delays
nobody. At least once: a sender that dies between the call and its note sends again, under the same webhook-id.
"""

import base64
import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue
from time import monotonic

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext as _
from structlog.contextvars import get_contextvars

from accounts.actions import load_once, log_access
from accounts.actors import Actor
from accounts.models import AccessLog, User
from gateway.models import ApiClient, WebhookAttempt, WebhookEndpoint, WebhookMessage
from gateway.webhook_sending import Outgoing, Result, check_url, send
from gateway.webhooks import PING, TYPES, kinds_of, payload, types_of
from petitions.models import Petition
from petitions.states import Refused

# The wait before each attempt after the one before it failed; after the last the message is given up.
WAITS = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
)
# Longer than a batch can take: a message is tried for 15 s, and no new one is begun after BATCH_SECONDS.
LEASE = timedelta(minutes=2)
BATCH = 50
BATCH_SECONDS = 10.0
# A run claims for so long; with a last batch (10 s) and its last message (15 s) it ends before the task's limit, 50 s.
RUN_SECONDS = 20.0
THREADS = 16
# Of one client at a time, so that all its dead endpoints together leave threads for the others.
PER_CLIENT = 4
# A receiver may ask for patience, but not for more than the longest wait of ours.
PATIENCE = WAITS[-1]
BOTH_SECRETS_FOR = timedelta(days=1)
MOST_ENDPOINTS = 20

Answers = SimpleQueue[tuple[int, Result | None]]


def new_secret() -> str:
    """A secret in the form of Standard Webhooks: whsec_ and 24 random bytes in base64."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()


def _check(url: str, types: Sequence[str]) -> None:
    fault = check_url(url)
    if fault or len(url) > 500:
        raise Refused(fault or _("This address is too long."), field="url", code="bad_url")
    if not types or set(types) - TYPES.keys():
        raise Refused(_("Choose from: %(words)s.") % {"words": ", ".join(TYPES)}, field="types", code="bad_types")


def _signed(row: WebhookEndpoint, actor: User | Actor, at: datetime) -> None:
    """Whose name the row's history bears; another system's stands in the reason."""
    row._history_date = at  # type: ignore[attr-defined]
    row._history_user = actor if isinstance(actor, User) else None  # type: ignore[attr-defined]
    is_other = not isinstance(actor, User) and not actor.is_system
    row._change_reason = Actor.of(actor).label if is_other else ""  # type: ignore[attr-defined]


def _locked(endpoint: WebhookEndpoint, version: int | None) -> WebhookEndpoint:
    """The row, locked, as its changer saw it. Raises Refused.

    NO KEY: an event's commit looks its endpoints' keys up and must not wait for a change.
    """
    row = WebhookEndpoint.objects.select_for_update(no_key=True).filter(pk=endpoint.pk).first()
    if row is None:
        raise Refused(_("This endpoint has been removed meanwhile."), code="removed")
    if version is not None and version != row.version:
        raise Refused(
            _("Somebody else has changed this endpoint meanwhile. Look at it again and repeat the step."), code="stale"
        )
    return row


@transaction.atomic
def create_endpoint(
    client: ApiClient, *, url: str, types: Sequence[str], actor: User | Actor, at: datetime
) -> WebhookEndpoint:
    """A further address of a client. Raises Refused for a bad address or type, and for too many."""
    _check(url, types)
    ApiClient.objects.select_for_update().get(pk=client.pk)
    if client.endpoints.count() >= MOST_ENDPOINTS:
        raise Refused(_("A client has at most %(count)s endpoints. Remove one first.") % {"count": MOST_ENDPOINTS})
    row = WebhookEndpoint(client=client, url=url, kinds=kinds_of(types), secret=new_secret(), created_at=at)
    _signed(row, actor, at)
    row.save()
    return row


@transaction.atomic
def change_endpoint(
    endpoint: WebhookEndpoint,
    *,
    url: str,
    types: Sequence[str],
    is_active: bool,
    actor: User | Actor,
    at: datetime,
    version: int | None = None,
) -> WebhookEndpoint:
    """Change where and what is told; switching on again forgets why it was off, and what waits goes out.

    `version` is the one its changer saw, None for whatever stands. Raises Refused.
    """
    _check(url, types)
    row = _locked(endpoint, version)
    row.url, row.kinds, row.is_active, row.disabled_reason = url, kinds_of(types), is_active, ""
    row.version += 1
    _signed(row, actor, at)
    row.save(update_fields=["url", "kinds", "is_active", "disabled_reason", "version"])
    return row


@transaction.atomic
def remove_endpoint(
    endpoint: WebhookEndpoint, *, actor: User | Actor, at: datetime, version: int | None = None
) -> None:
    """Take an address away with all its deliveries; only its history stays. Raises Refused."""
    row = _locked(endpoint, version)
    _signed(row, actor, at)
    row.delete()


@transaction.atomic
def rotate(
    endpoint: WebhookEndpoint, *, actor: User | Actor, at: datetime, version: int | None = None
) -> WebhookEndpoint:
    """A new secret; the old one signs beside it for a day, so that the receiver can change over. Raises Refused."""
    row = _locked(endpoint, version)
    row.previous_secret, row.secret, row.previous_until = row.secret, new_secret(), at + BOTH_SECRETS_FOR
    row.version += 1
    _signed(row, actor, at)
    row.save(update_fields=["secret", "previous_secret", "previous_until", "version"])
    return row


@transaction.atomic
def reveal_secret(endpoint: WebhookEndpoint, *, actor: User, at: datetime, ip: str | None = None) -> str:
    """The secret for a person who hands it on, with an entry in the access log: no record, no secret."""
    log_access(
        user=actor,
        action=AccessLog.Action.SECRET,
        target=f"webhook:{endpoint.pk}",
        detail=f"{endpoint.client} {endpoint.url}",
        ip=ip,
        at=at,
    )
    return WebhookEndpoint.objects.get(pk=endpoint.pk).secret


def _require_active(endpoint: WebhookEndpoint) -> None:
    if not endpoint.is_active:
        raise Refused(_("This endpoint is switched off. Switch it on first."), code="inactive")


def test_endpoint(endpoint: WebhookEndpoint, *, at: datetime) -> WebhookMessage:
    """Put a ping into the outbox; it goes out like everything else. Raises Refused for an endpoint that is off."""
    _require_active(endpoint)
    return WebhookMessage.objects.create(
        endpoint=endpoint, msg_id=f"msg_{secrets.token_hex(16)}", kind=PING, happened_at=at, deliver_after=at
    )


@transaction.atomic
def resend(message: WebhookMessage, *, at: datetime) -> None:
    """Send once more from the start, under the same webhook-id. Raises Refused for what still waits unsent."""
    _require_active(message.endpoint)
    row = WebhookMessage.objects.select_for_update().get(pk=message.pk)
    if row.outcome == "waiting" and row.attempts == 0:
        raise Refused(_("This message is about to be sent. Look again in a few seconds."), code="waiting")
    row.outcome, row.ended_at, row.attempts, row.deliver_after, row.reason = "waiting", None, 0, at, ""
    row.save(update_fields=["outcome", "ended_at", "attempts", "deliver_after", "reason"])


def resend_failed(endpoint: WebhookEndpoint, *, at: datetime) -> int:
    """Send everything once more that was given up, oldest first: a receiver is back. How many. Raises Refused."""
    _require_active(endpoint)
    return endpoint.messages.filter(outcome="failed").update(
        outcome="waiting", ended_at=None, attempts=0, deliver_after=at, reason=""
    )


def _claim(at: datetime, limit: int, busy: Mapping[int, WebhookEndpoint] | None = None) -> list[WebhookEndpoint]:
    """Endpoints with something due that nobody else sends for, leased: who has waited longest first, and of no client
    more at a time than its share. A short transaction.
    """
    taken = Counter(row.client_id for row in (busy or {}).values())
    full = [client for client, count in taken.items() if count >= PER_CLIENT]
    due = WebhookMessage.objects.filter(endpoint=OuterRef("pk"), outcome="waiting", deliver_after__lte=at)
    free = Q(leased_until=None) | Q(leased_until__lte=at)
    with transaction.atomic():
        rows = WebhookEndpoint.objects.select_for_update(skip_locked=True, no_key=True, of=("self",)).filter(
            free, Exists(due), is_active=True, client__is_active=True
        )
        rows = rows.exclude(client__in=full).select_related("client__unit__area")
        found = []
        for row in rows.order_by(F("leased_until").asc(nulls_first=True), "id")[:limit]:
            taken[row.client_id] += 1
            if taken[row.client_id] <= PER_CLIENT:
                found.append(row)
        WebhookEndpoint.objects.filter(pk__in=[row.pk for row in found]).update(leased_until=at + LEASE)
    return found


def _prepare(endpoint: WebhookEndpoint, at: datetime) -> list[Outgoing]:
    """What is due, with its text. What the client may not read is never sent: its row goes."""
    rows = list(
        endpoint.messages.filter(outcome="waiting", deliver_after__lte=at).order_by("deliver_after", "id")[:BATCH]
    )
    keys = {row.petition_key for row in rows if row.petition_key is not None}
    seen = Petition.objects.visible_to(endpoint.client.actor).in_bulk(keys)
    hidden = [row.pk for row in rows if row.petition_key is not None and row.petition_key not in seen]
    WebhookMessage.objects.filter(pk__in=hidden).delete()
    is_rotating = endpoint.previous_until is not None and endpoint.previous_until > at
    keys_now = (endpoint.secret, endpoint.previous_secret) if is_rotating else (endpoint.secret,)
    request_id = str(get_contextvars().get("request_id") or "")
    ready = []
    for row in rows:
        if row.pk in hidden:
            continue
        if not row.body:
            row.body = payload(row, endpoint.client, seen.get(row.petition_key or 0))
            WebhookMessage.objects.filter(pk=row.pk).update(body=row.body)
        ready.append(Outgoing(row.pk, endpoint.url, row.msg_id, row.body, keys_now, request_id))
    return ready


def _send_all(endpoint: int, batch: Sequence[Outgoing], now: Callable[[], datetime], answers: Answers) -> None:
    """In a thread: one after the other, until one fails (the others would too) or time is over. No database here."""
    until = monotonic() + BATCH_SECONDS
    try:
        for sent in batch:
            result = send(sent, at=now())
            answers.put((endpoint, result))
            # A receiver that refuses one message may take the next; one that does not answer will not.
            if result.status in {0, 410, 429, 503} or monotonic() > until:
                break
    finally:
        answers.put((endpoint, None))


def deliver(*, now: Callable[[], datetime], run_seconds: float = RUN_SECONDS) -> int:
    """Send what is due and what becomes due meanwhile; how many attempts were made.

    While slow endpoints keep their threads busy, the others are claimed again and again.
    """
    answers: Answers = SimpleQueue()
    busy: dict[int, WebhookEndpoint] = {}
    until, attempts = monotonic() + run_seconds, 0
    with ThreadPoolExecutor(THREADS, thread_name_prefix="webhook") as threads:
        while True:
            free = THREADS - len(busy)
            claimed = _claim(now(), free, busy) if free and monotonic() < until else []
            for endpoint in claimed:
                busy[endpoint.pk] = endpoint
                threads.submit(_send_all, endpoint.pk, _prepare(endpoint, now()), now, answers)
            if not busy:
                return attempts
            try:
                key, result = answers.get(timeout=0.5)
            except Empty:
                continue
            if result is None:
                endpoint = busy.pop(key)
                # The lease ends now; whose ended longest ago is next.
                WebhookEndpoint.objects.filter(pk=key).update(leased_until=now())
            else:
                attempts += 1
                _note(busy[key], result, now())


@transaction.atomic
def _note(endpoint: WebhookEndpoint, result: Result, at: datetime) -> None:
    """Write the attempt and what follows from it. A message removed meanwhile is left alone.

    Locks the endpoint before the message, as whoever removes it does.
    """
    held = WebhookEndpoint.objects.select_for_update(no_key=True).filter(pk=endpoint.pk).first()
    row = WebhookMessage.objects.select_for_update().filter(pk=result.message).first()
    if held is None or row is None:
        return
    WebhookAttempt.objects.create(
        message=row,
        at=at,
        status=result.status,
        error=result.error.replace("\0", ""),
        answer=result.answer,
        took_ms=result.took_ms,
    )
    # An address that was changed while the old one was called is not gone.
    is_gone = result.status == 410 and held.url == endpoint.url
    row.attempts += 1
    if result.is_success:
        row.outcome, row.ended_at = "delivered", at
        WebhookEndpoint.objects.filter(pk=held.pk).update(last_success_at=at)
    elif is_gone or row.attempts >= len(WAITS):
        row.outcome, row.ended_at = "failed", at
        row.reason = WebhookMessage.Reason.GONE if is_gone else WebhookMessage.Reason.ATTEMPTS
    else:
        row.deliver_after = at + _wait(row.attempts, result)
    row.save(update_fields=["attempts", "outcome", "ended_at", "deliver_after", "reason"])
    if is_gone:
        _close(held, at)


def _close(held: WebhookEndpoint, at: datetime) -> None:
    """The receiver is gone for good: nothing more is sent, and what waits says so instead of waiting."""
    held.is_active, held.disabled_reason = False, _("The receiver answered 410: it is gone for good.")
    held.version += 1
    _signed(held, Actor.system(), at)
    held.save(update_fields=["is_active", "disabled_reason", "version"])
    held.messages.filter(outcome="waiting").update(outcome="failed", ended_at=at, reason=WebhookMessage.Reason.CLOSED)


def _wait(attempts: int, result: Result) -> timedelta:
    """Until the next attempt: up to a tenth more, by message: what failed together does not come back together."""
    wait = WAITS[attempts] * (1 + result.message % 41 / 410)
    if result.retry_after is None:
        return wait
    return max(wait, min(timedelta(seconds=result.retry_after), PATIENCE))


def load_kinds(*, at: datetime) -> int | None:
    """After a release whose types hold further event kinds: who listens to a type hears them too. How many changed."""
    table = [(name, kinds) for name, (_label, kinds) in TYPES.items()]
    return load_once("webhook kinds", table, _refresh_kinds, at=at)


def _refresh_kinds() -> int:
    changed = 0
    for row in WebhookEndpoint.objects.all():
        kinds = kinds_of(types_of(row.kinds))
        changed += kinds != row.kinds
        WebhookEndpoint.objects.filter(pk=row.pk).update(kinds=kinds)
    return changed


def purge_webhooks(*, at: datetime, keep: timedelta) -> int:
    """Forget messages that happened longer ago than `keep`, sent or not; their attempts go with them."""
    gone, by_model = WebhookMessage.objects.filter(happened_at__lt=at - keep, deliver_after__lt=at).delete()
    return by_model.get("gateway.WebhookMessage", 0) if gone else 0
