"""ETag and If-Match: a step is taken on the version its sender saw, or not at all."""

import re

from django.utils.translation import gettext as _
from rest_framework.request import Request

from gateway.problems import Problem

# Weak as well: compression on the way weakens an ETag, and ours names a version, not bytes.
TAG = re.compile(r'^(?:W/)?"(\d{1,9})"$')


def etag(version: int) -> str:
    """The ETag of a version."""
    return f'"{version}"'


def expected_version(request: Request) -> int | None:
    """The version in If-Match, or None for “*” (whatever stands). Raises Problem: 428 without it, 412 for nonsense."""
    given = request.headers.get("If-Match", "").strip()
    if not given:
        raise Problem("if_match_missing", _("Read it first and send its ETag back as If-Match."))
    if given == "*":
        return None
    match = TAG.match(given)
    if match is None:
        raise Problem("stale", _('If-Match must be the ETag as we gave it, for example "3".'))
    return int(match[1])
