"""JSON in, by orjson, up to a size no single petition reaches."""

from collections.abc import Mapping
from typing import Any

import orjson
from django.utils.translation import gettext as _
from rest_framework.parsers import BaseParser

from gateway.problems import Problem, too_large

MAX_BODY = 1024 * 1024
# No resource is nested deeper than five; a thousand levels would exhaust the stack of whoever writes them again.
MAX_DEPTH = 64


class OrjsonParser(BaseParser):
    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        """The decoded body. Raises Problem: 413 above MAX_BODY bytes, 400 for what is not JSON in UTF-8."""
        raw = stream.read(MAX_BODY + 1)
        if len(raw) > MAX_BODY:
            raise too_large()
        try:
            found = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            detail = _("The body is not valid JSON in UTF-8: %(fault)s.") % {"fault": error}
            raise Problem("malformed", detail) from None
        # Counting brackets first keeps the usual body from being walked through.
        if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH and is_too_deep(found):
            raise Problem("malformed", _("The body is nested deeper than %(levels)s levels.") % {"levels": MAX_DEPTH})
        return found


def is_too_deep(value: Any) -> bool:
    """Whether lists and objects are nested deeper than MAX_DEPTH; level by level, not by recursion."""
    level = [value]
    for _depth in range(MAX_DEPTH + 1):
        level = [
            inner
            for outer in level
            if isinstance(outer, list | dict)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return False
    return True
