"""What drf-spectacular cannot read from the code: the key, the headers of writes, the problems of every call."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from gateway.outputs import ProblemBody, page_of
from gateway.problems import CONTENT_TYPE

# Problems by kind of call.
READ = frozenset({400, 401, 403, 404, 406, 422, 429, 500, 503})
SEARCH = READ | {413, 415}
WRITE = SEARCH | {409}
STEP = WRITE | {412, 428}
_DESCRIPTIONS = {
    400: "Malformed request, cursor or Idempotency-Key",
    401: "No valid key",
    403: "The key lacks the scope",
    404: "Nothing there that the key can see",
    406: "Only application/json is served",
    409: "Not possible in the present state (`legal` lists what is), or the first request is still in flight",
    412: "Changed meanwhile: read again",
    413: "Body above the limit: 1 MiB of JSON, more where files are taken",
    415: "Body of a kind that is not read here",
    422: "Fields to correct, each with its JSON pointer",
    428: "If-Match is missing",
    429: "Too many requests; see Retry-After",
    500: "Our fault; name the trace id",
    503: "Database not available; see Retry-After",
}
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER, required=True, description="New per request, the same per retry."
)
IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, required=True, description='The ETag last read, for example "3".'
)
LANGUAGE = OpenApiParameter(
    "Accept-Language", str, OpenApiParameter.HEADER, description="zh-CN (default) or en: language of sentences."
)


class BearerKey(OpenApiAuthenticationExtension):
    target_class = "gateway.authentication.ApiKeyAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "yq_<prefix>_<secret>"}


class Words(OpenApiSerializerFieldExtension):
    target_class = "gateway.strict.WordsField"

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        words = {"type": "array", "items": {"type": "string", "enum": self.target.words}}
        return {"anyOf": [{"type": "string"}, words]}


class GatewaySchema(AutoSchema):
    """Adds the common headers and problems to every operation."""

    def get_description(self) -> str:  # type: ignore[override]
        """The view's own docstring; an inherited one speaks to programmers."""
        return str(type(self.view).__dict__.get("__doc__") or "")

    def get_override_parameters(self) -> list[Any]:
        own = list(super().get_override_parameters())
        if self.method == "POST" and getattr(self.view, "is_write", True):
            own.append(IDEMPOTENCY_KEY)
        if getattr(self.view, "needs_match", False):
            own.append(IF_MATCH)
        return [*own, LANGUAGE]

    def get_tags(self) -> list[str]:
        return [self.path.split("/")[3]]


def answers(success: Any, problems: frozenset[int]) -> dict[Any, Any]:
    """The responses of an operation: what it gives on success (a shape, or status → shape), and its problems."""
    found: dict[Any, Any] = dict(success) if isinstance(success, dict) else {200: success}
    for code in sorted(problems):
        # The key carries the media type: problems are not application/json.
        found[(code, CONTENT_TYPE)] = OpenApiResponse(ProblemBody, description=_DESCRIPTIONS[code])
    return found


PAGES: dict[type[serializers.Serializer], type[serializers.Serializer]] = {}


def page_schema(row: type[serializers.Serializer]) -> type[serializers.Serializer]:
    """One page type per row type, so that the schema names it once."""
    return PAGES.setdefault(row, page_of(row))
