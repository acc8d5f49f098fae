"""What of the API is going away, and since when: one table, told on every answer it concerns.

The rule stands in docs/api-changelog.md. Headers: `Deprecation` (RFC 9745), `Sunset` (RFC 8594), `Link`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.http import http_date
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


@dataclass(frozen=True)
class Deprecation:
    """`since` may lie ahead; at `sunset` the resource may be gone. Both carry a time zone. `link` explains."""

    since: datetime
    sunset: datetime
    link: str

    def headers(self) -> dict[str, str]:
        """As the two RFCs write them: seconds since 1970 after an @, and an HTTP date."""
        return {
            "Deprecation": f"@{int(self.since.timestamp())}",
            "Sunset": http_date(self.sunset.astimezone(UTC).timestamp()),
            "Link": f'<{self.link}>; rel="deprecation"',
        }


# (name of the address in gateway/urls, method) → what is announced. Nothing is deprecated yet.
DEPRECATED: Mapping[tuple[str, str], Deprecation] = {}


class Announced(APIView):
    """Base of the resources: whatever they answer, errors included, says when the resource is going away."""

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Response:
        """DRF's hook for every answer. A `Link` that is there already (the next page) is kept beside ours."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        match = request.resolver_match
        found = DEPRECATED.get((match.url_name or "", request.method or "")) if match else None
        for name, value in found.headers().items() if found else ():
            answer[name] = f"{answer[name]}, {value}" if name == "Link" and "Link" in answer else value
        return answer
