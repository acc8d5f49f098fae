"""Each POST happens once, however often it is sent (draft-ietf-httpapi-idempotency-key-header).

The answer is kept in the transaction of the effect. A web worker killed at any moment therefore leaves either both,
and the retry gets the answer again, or neither, and the retry does the work. Only answers of success are kept: what was
refused has had no effect, and is judged anew.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from gateway.models import ApiClient, IdempotencyRecord
from gateway.parsers import MAX_BODY
from gateway.permissions import client_of
from gateway.problems import Problem, too_large
from gateway.renderers import dump

# A string of RFC 8941, or the same without its quotes, as many senders do it.
KEY = re.compile(r'^(?:"([\x21\x23-\x5b\x5d-\x7e]{1,255})"|([\x21\x23-\x5b\x5d-\x7e]{1,255}))$')


@dataclass(frozen=True)
class Answer:
    """What an effect answers: status, JSON-able body and headers beyond the usual ones."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


def key_of(request: Request) -> str:
    """The Idempotency-Key without quotes. Raises Problem (400) when it is missing or unusable."""
    match = KEY.match(request.headers.get("Idempotency-Key", "").strip())
    if match is None:
        raise Problem(
            "idempotency_key_missing",
            _("Send an Idempotency-Key header, at most 255 characters: new for each request, the same for each retry."),
        )
    return match[1] or match[2]


def once(request: Request, effect: Callable[[], Answer], *, at: datetime) -> Response:
    """Run `effect` unless its answer is known. Raises Problem: 400, 409 in flight, 422 same key with another body."""
    key, digest = key_of(request), _digest(request)
    try:
        return _try(request, key, digest, effect, at)
    except IntegrityError as error:
        # The lock makes this all but impossible; the unique index makes it impossible to do the work twice.
        if "idempotency_key_once" not in str(error):
            raise
        return _try(request, key, digest, effect, at)


@transaction.atomic
def _try(request: Request, key: str, digest: str, effect: Callable[[], Answer], at: datetime) -> Response:
    client = client_of(request)
    place = {"client": client, "method": request.method, "route": request.path, "key": key}
    if not _lock(client, request, key):
        raise Problem(
            "in_flight",
            _("The first request with this key has not ended yet. Please ask again in a second."),
            headers={"Retry-After": "1"},
        )
    # A statement of its own, after the lock: it sees what the holder before us committed.
    known = IdempotencyRecord.objects.filter(**place).first()
    if known is not None:
        return _replay(known, digest)
    answer = effect()
    body = dump(answer.body)
    IdempotencyRecord.objects.create(
        **place,
        body_digest=digest,
        status=answer.status,
        headers=dict(answer.headers),
        response=body,
        created_at=at,
    )
    return Response(body, status=answer.status, headers=dict(answer.headers))


def _digest(request: Request) -> str:
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BODY:
        raise too_large()
    return hashlib.sha256(request._request.body).hexdigest()


def _lock(client: ApiClient, request: Request, key: str) -> bool:
    """Hold the key until the transaction ends; False while somebody else does."""
    text = f"{client.pk} {request.method} {request.path} {key}"
    number = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        return bool(cursor.fetchone()[0])


def _replay(known: IdempotencyRecord, digest: str) -> Response:
    if known.body_digest != digest:
        raise Problem(
            "idempotency_key_reused",
            _("This Idempotency-Key came with another body before. Use a new key for a new request."),
        )
    headers = {**known.headers, "Idempotency-Replayed": "true"}
    return Response(bytes(known.response), status=known.status, headers=headers)
