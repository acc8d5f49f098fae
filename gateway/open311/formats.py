"""The two formats of GeoReport v2, and its shape of an error, in both."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import xmltodict
from rest_framework.renderers import BaseRenderer
from rest_framework.response import Response

from gateway.problems import as_problem, note
from gateway.renderers import dump

# Characters that XML 1.0 cannot carry, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# What a refusal with a status of GeoReport is counted as; anything else is malformed.
CODES = {401: "unauthenticated", 403: "forbidden", 404: "not_found", 429: "rate_limited"}


# The Idempotency-Key is none of GeoReport's; what it answers is what /api/v1 answers.
_OF_THE_KEY = frozenset({"in_flight", "idempotency_key_reused"})


@dataclass(frozen=True)
class Named:
    """An answer with the names its XML needs: `<root><row>…</row></root>`; JSON is the rows alone.

    With no `row` the value is one object below `root`.
    """

    root: str
    row: str
    value: Any


def _plain(value: Any, name: str = "") -> Any:
    """The value as xmltodict wants it: text, none, or a list below the name of its rows."""
    if isinstance(value, Mapping):
        return {key: _plain(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return {name.removesuffix("s"): [_plain(inner) for inner in value]}
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else _NOT_XML.sub("", str(value))


class GeoJson(BaseRenderer):
    """JSON as GeoReport has it: lists of rows without an envelope."""

    media_type = "application/json"
    format = "json"
    charset = "utf-8"

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        return dump(data.value if isinstance(data, Named) else data)


class GeoXml(BaseRenderer):
    """XML in UTF-8 with its declaration."""

    media_type = "text/xml"
    format = "xml"
    charset = "utf-8"

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        inner = _plain(data.value)
        if data.row:
            inner = {data.row: [_plain(row) for row in data.value]}
        return xmltodict.unparse({data.root: inner}).encode()


class Fault(Exception):
    """What the caller did wrong, as GeoReport says it: a code (400, 401, 403, 404, 429) and a description."""

    def __init__(self, code: int, description: object):
        super().__init__(str(description))
        self.code = code


def fault_answer(error: Exception, context: Mapping[str, Any]) -> Response:
    """Any exception in the specification's shape of an error; what nobody foresaw is logged by the gateway."""
    request = context.get("request")
    if isinstance(error, Fault):
        note(request, error.code, CODES.get(error.code, "malformed"))
        rows = [{"code": error.code, "description": str(error)}]
        return Response(Named("errors", "error", rows), status=error.code)
    problem = as_problem(error)
    if problem.status_code >= 500:
        _log(error)
    note(request, problem.status_code, problem.code)
    # GeoReport knows no 422 and no 409: what needs correction is a general error.
    status = problem.status_code
    if status in {406, 409, 412, 413, 415, 422} and problem.code not in _OF_THE_KEY:
        status = 400
    said = [f"{entry['pointer'].strip('/')}: {entry['detail']}" for entry in problem.errors] or [str(problem.detail)]
    rows = [{"code": status, "description": text} for text in said]
    return Response(Named("errors", "error", rows), status=status, headers=problem.headers)


def _log(error: Exception) -> None:
    from gateway.problems import log

    log.error("open311: %s", type(error).__name__, exc_info=error)
