"""A client of GeoReport v2, written from the specification alone: it knows nothing of the rest of this project."""

import json
import xml.etree.ElementTree as ET
from typing import Any
from urllib.parse import urlencode

from django.test import Client

ROOT = "/open311/v2"
LISTS = {"services", "service_requests", "service_request_updates", "errors", "attributes", "values", "endpoints"}
REQUEST_FIELDS = [
    "service_request_id",
    "status",
    "status_notes",
    "service_name",
    "service_code",
    "description",
    "agency_responsible",
    "service_notice",
    "requested_datetime",
    "updated_datetime",
    "expected_datetime",
    "address",
    "address_id",
    "zipcode",
    "lat",
    "long",
    "media_url",
]


def read(node: ET.Element) -> Any:
    """An XML answer as the JSON answer has it; every leaf is text."""
    if node.tag in LISTS:
        return [read(child) for child in node]
    return {child.tag: read(child) for child in node} if len(node) else node.text or ""


class GeoReport:
    """Calls one endpoint in one format, and checks what the specification says of every answer."""

    def __init__(self, form: str, key: str = ""):
        self.form, self.key, self.http = form, key, Client(raise_request_exception=False)

    def _answer(self, answer: Any) -> tuple[int, Any]:
        expected = "text/xml" if self.form == "xml" else "application/json"
        assert answer["Content-Type"].replace(" ", "").lower() == f"{expected};charset=utf-8"
        if self.form == "json":
            return answer.status_code, json.loads(answer.content)
        assert answer.content.lower().startswith(b'<?xml version="1.0" encoding="utf-8"?>')
        return answer.status_code, read(ET.fromstring(answer.content))

    def get(self, path: str, **query: str) -> tuple[int, Any]:
        asked = {**query, **({"api_key": self.key} if self.key else {})}
        return self._answer(self.http.get(f"{ROOT}/{path}.{self.form}", asked, headers={"Accept-Language": "en"}))

    def post(self, path: str, headers: dict[str, str] | None = None, **form: str) -> tuple[int, Any]:
        sent = {**form, **({"api_key": self.key} if self.key else {})}
        answer = self.http.post(
            f"{ROOT}/{path}.{self.form}",
            urlencode(sent),
            content_type="application/x-www-form-urlencoded",
            headers={"Accept-Language": "en", **(headers or {})},
        )
        return self._answer(answer)
