"""What drf-spectacular cannot read from the code: the key, the headers of writes, the problems of every call."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from gateway.outputs import ProblemBody, page_of
from gateway.problems import CONTENT_TYPE

# Answers any call can get.
_ALWAYS = {400, 401, 403, 404, 406, 429, 500, 503}
_ON_WRITE = {409, 413, 415, 422}
_DESCRIPTIONS = {
    400: "Malformed request, cursor or Idempotency-Key",
    401: "No valid key",
    403: "The key lacks the scope",
    404: "Nothing there that the key can see",
    406: "Only application/json is served",
    409: "Not possible in the present state (`legal` lists what is), or the first request is still in flight",
    412: "Changed meanwhile: read again",
    413: "Body above 1 MiB",
    415: "Body is not application/json",
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

    def get_override_parameters(self) -> list[Any]:
        own = list(super().get_override_parameters())
        if self.method == "POST" and getattr(self.view, "is_write", True):
            own.append(IDEMPOTENCY_KEY)
        if getattr(self.view, "needs_match", False):
            own.append(IF_MATCH)
        return [*own, LANGUAGE]

    def get_response_serializers(self) -> Any:
        found = super().get_response_serializers()
        responses: dict[Any, Any] = dict(found) if isinstance(found, dict) else {200: found}
        codes = set(_ALWAYS) | {422}
        if self.method == "POST":
            codes |= _ON_WRITE
        if getattr(self.view, "needs_match", False):
            codes |= {412, 428}
        for code in sorted(codes):
            # A status with its media type: problems are not application/json.
            responses[(code, CONTENT_TYPE)] = OpenApiResponse(ProblemBody, description=_DESCRIPTIONS[code])
        return responses


PAGES: dict[type[serializers.Serializer], type[serializers.Serializer]] = {}


def page_schema(row: type[serializers.Serializer]) -> type[serializers.Serializer]:
    """One page type per row type, so that the schema names it once."""
    return PAGES.setdefault(row, page_of(row))
