"""JSON in, by orjson, up to a size no single petition reaches."""

from collections.abc import Mapping
from typing import Any

import orjson
from django.utils.translation import gettext as _
from rest_framework.parsers import BaseParser

from gateway.problems import Problem, too_large

MAX_BODY = 1024 * 1024


class OrjsonParser(BaseParser):
    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        """The decoded body. Raises Problem: 413 above MAX_BODY bytes, 400 for what is not JSON in UTF-8."""
        raw = stream.read(MAX_BODY + 1)
        if len(raw) > MAX_BODY:
            raise too_large()
        try:
            return orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            detail = _("The body is not valid JSON in UTF-8: %(fault)s.") % {"fault": error}
            raise Problem("malformed", detail) from None
