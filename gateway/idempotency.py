"""Each POST happens once, however often it is sent (draft-ietf-httpapi-idempotency-key-header).

The answer is kept in the transaction of the effect. A web worker killed at any moment therefore leaves either both,
and the retry gets the answer again, or neither, and the retry does the work. Only answers of success are kept: what was
refused has had no effect, and is judged anew.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from gateway.gates import client_of
from gateway.parsers import MAX_BODY
from gateway.problems import Problem, too_large
from gateway.renderers import dump

# A string of RFC 8941, or the same without its quotes, as many senders do it.
KEY = re.compile(r'^(?:"([\x21\x23-\x5b\x5d-\x7e]{1,255})"|([\x21\x23-\x5b\x5d-\x7e]{1,255}))$')

# By hand: these two run at every POST, and the ORM needs longer to word them than the database to answer.
TAKE = """
WITH taken AS MATERIALIZED (SELECT pg_try_advisory_xact_lock(%s) AS is_ours)
SELECT is_ours, body_digest, status, headers::text, response FROM taken LEFT JOIN gateway_idempotencyrecord
    ON client_id = %s AND method = %s AND route = %s AND key = %s
"""
INSERT = """
INSERT INTO gateway_idempotencyrecord
    (client_id, method, route, key, body_digest, status, headers, response, created_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
"""


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


def once(
    request: Request, effect: Callable[[], Answer], *, at: datetime, digest: str = "", route: str = ""
) -> Response:
    """Run `effect` unless its answer is known. Raises Problem: 400, 409 in flight, 422 same key with another body.

    `digest` is the body's SHA-256 where the view has read the body itself; `route` stands for the path where one
    resource has several addresses.
    """
    place = (client_of(request).pk, str(request.method), route or request.path, key_of(request))
    digest = digest or _digest(request)
    try:
        return _try(place, digest, effect, at)
    except IntegrityError as error:
        # The first one ended between our statement's snapshot and its lock: we did not see its answer, but the unique
        # index did, and our own work is undone. Now the answer is there to be read.
        if "idempotency_key_once" not in str(error):
            raise
        return _try(place, digest, effect, at)


@transaction.atomic
def _try(place: tuple[Any, ...], digest: str, effect: Callable[[], Answer], at: datetime) -> Response:
    known = _take(place)
    if known is not None:
        return _replay(known, digest)
    answer = effect()
    body, headers = dump(answer.body), dict(answer.headers)
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [*place, digest, answer.status, json.dumps(headers), body, at])
    return Response(body, status=answer.status, headers=headers)


def _digest(request: Request) -> str:
    raw = request._request.body
    if len(raw) > MAX_BODY:
        raise too_large()
    return hashlib.sha256(raw).hexdigest()


def digest_of_parts(parts: Mapping[str, Sequence[Any]]) -> str:
    """SHA-256 over the parts of a form, names and contents: a retry of the same parts puts another boundary between.

    Several parts of one name count in their order; between the names the order says nothing.
    """
    told = [[name, [_part(value) for value in values]] for name, values in sorted(parts.items())]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _part(value: Any) -> list[str]:
    if not isinstance(value, UploadedFile):
        return ["text", str(value)]
    content = hashlib.sha256()
    for chunk in value.chunks():
        content.update(chunk)
    value.seek(0)
    return ["file", value.name or "", content.hexdigest()]


@dataclass(frozen=True)
class _Kept:
    """An answer given before."""

    body_digest: str
    status: int
    headers: dict[str, str]
    response: bytes


def _take(place: tuple[Any, ...]) -> _Kept | None:
    """Hold the key until the transaction ends; what was answered before, if anything. Raises Problem (409)."""
    text = " ".join(map(str, place))
    number = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [number, *place])
        is_ours, digest, status, headers, response = cursor.fetchone()
    # A record that can be read is final, whoever holds the lock.
    if digest is not None:
        return _Kept(digest, status, json.loads(headers), bytes(response))
    if not is_ours:
        detail = _("The first request with this key has not ended yet. Please ask again in a second.")
        raise Problem("in_flight", detail, headers={"Retry-After": "1"}, legal=[])
    return None


def _replay(known: _Kept, digest: str) -> Response:
    if known.body_digest != digest:
        detail = _("This Idempotency-Key came with another body before. Use a new key for a new request.")
        raise Problem("idempotency_key_reused", detail)
    return Response(known.response, status=known.status, headers={**known.headers, "Idempotency-Replayed": "true"})
