"""JSON out, by orjson: several times faster than the standard library on a page of 200 rows."""

from collections.abc import Mapping
from typing import Any

import orjson
from rest_framework.renderers import BaseRenderer

OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS


def default(value: Any) -> Any:
    """What orjson does not know: lazy translations, decimals."""
    return str(value)


def dump(data: Any) -> bytes:
    """Compact JSON in UTF-8; aware datetimes as RFC 3339 in UTC."""
    return orjson.dumps(data, default=default, option=OPTIONS)


class OrjsonRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        """Bytes that are JSON already (a replayed answer) pass through."""
        if isinstance(data, bytes):
            return data
        return b"" if data is None else dump(data)
