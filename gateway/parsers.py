"""JSON in, by orjson, up to a size no single petition reaches; forms with files where a resource takes them."""

from collections.abc import Mapping
from typing import Any

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.request import Request

from gateway.problems import Problem, too_large
from petitions.actions.supplement import MAX_FILES

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


class FilesParser(MultiPartParser):
    """`multipart/form-data`, up to as many files as one step takes, each of the size that is kept."""

    @classmethod
    def reads(cls, request: Request) -> bool:
        """Whether the request's body is of this kind."""
        return (request.content_type or "").split(";")[0].strip().lower() == cls.media_type

    @staticmethod
    def parts(request: Request) -> dict[str, list[Any]]:
        """What came, by the names of the parts: texts and files, in their order."""
        form: Any = request.data
        return dict(form.lists())

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        """Texts and files by the names of their parts. Raises Problem: 413 when there is too much, 400 for no form."""
        most = MAX_FILES * settings.ATTACHMENT_MAX_BYTES + MAX_BODY
        meta = (parser_context or {})["request"].META
        if int(meta.get("CONTENT_LENGTH") or 0) > most:
            raise _too_much(most)
        try:
            return super().parse(stream, media_type, dict(parser_context or {}))
        except RequestDataTooBig:
            raise too_large() from None
        except (ParseError, SuspiciousOperation, LookupError) as error:
            detail = _("The form cannot be read: %(fault)s.") % {"fault": str(error).rstrip(".")}
            raise Problem("malformed", detail) from None


def _too_much(most: int) -> Problem:
    text = _("The files are larger than %(limit)s together. Send them in several requests.")
    return Problem("too_large", text % {"limit": filesizeformat(most)})
