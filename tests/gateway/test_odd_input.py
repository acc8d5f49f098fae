"""Whatever is sent to any address of the API, the answer is one the schema names: never above 499, never HTML.

Addresses are read from gateway/urls, so that a resource added later is asked as well. What schemathesis makes of the
schema stands in tests/trials; here is what no schema leads to: bytes, headers and addresses nobody foresaw.
"""

import itertools
import json
import re
from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest
from django.urls import URLPattern, resolve

from gateway.models import ApiClient
from gateway.scopes import ApiScope
from gateway.urls import urlpatterns
from tests.city import City, make_order
from tests.gateway.conftest import Caller, body
from tests.gateway.test_backlog import give, make_case

pytestmark = pytest.mark.django_db

DEEP = "[" * 900 + "]" * 900
# Deeper than orjson reads and than Python may recurse.
TOO_DEEP = "[" * 5000 + "]" * 5000
BODIES: dict[str, bytes] = {
    "nothing": b"",
    "NUL": b"\0",
    "NULs": b'{"content": "a\\u0000b", "status": "\\u0000", "source_ref": "\\u0000", "reason": "\\u0000"}',
    "a NUL in a name": b'{"a\\u0000b": 1}',
    "half a surrogate": b'{"content": "\\ud83d", "status": "\\ud83d"}',
    "not UTF-8": b'{"content": "\xff\xfe"}',
    "deep": b'{"content": ' + DEEP.encode() + b', "a": ' + DEEP.encode() + b"}",
    "too deep": TOO_DEEP.encode(),
    "huge numbers": b'{"headcount": 1e400, "petition": 99999999999999999999999999, "limit": -1e308, "a": 1e-999}',
    "many digits": b'{"headcount": ' + b"9" * 6000 + b', "limit": "' + b"9" * 6000 + b'"}',
    "a list": b"[1, null, {}]",
    "null": b"null",
    "text": b'"x"',
    "wrong types": b'{"content": {"a": []}, "petitioner": "x", "status": [], "types": {"a": 1}, "url": 1}',
    "odd days": b'{"petition_date": "0000-00-00", "occurred_on": "9999-12-31", "explained_at": "0001-01-01T00+23:59"}',
    "spaces": b'{"content": "\\u202e\\u200b\\u3000", "source_ref": " ", "status": " ", "reason": "\\t"}',
}
KINDS = (
    "application/json",
    "application/json; charset=utf-16",
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "application/x-ndjson",
    "text/csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ";;",
    "*/*",
)
HEADERS: list[dict[str, str]] = [
    {"Accept": "text/html"},
    {"Accept": ";;q=x, */"},
    {"Accept-Language": "xx-" + "y" * 300},
    {"Accept-Language": "zh-\0"},
    {"Idempotency-Key": '"'},
    {"Idempotency-Key": "k" * 256},
    {"If-Match": "W/\"x\", 'y'"},
    {"If-Match": '"999999999"'},
    {"If-Match": '"\u00b2"'},
    {"Authorization": "Bearer yq__"},
    {"Authorization": "Basic \u00ff:"},
    {"Content-Encoding": "gzip"},
    {"X-File-Name": "\u202e" * 400},
    {"X-Request-ID": "\u00ff" * 300},
    {"Range": "bytes=9-1"},
    {"If-Modified-Since": "yesterday"},
]
QUERIES = (
    "limit=0",
    "limit=" + "9" * 3000,
    "cursor=%00&q=%00&fields=%00&source_ref=%00&state=%00&start_date=%00&status=%00&service_code=%00",
    "cursor=~&updated_after=0001-01-01T00:00:00%2B23:59&end_date=0001-01-01&form=x",
    "registered_after=9999-12-31T23:59:59-23:59&due_before=1&start_date=9999-12-31T23:59:59-23:59&outcome=x",
    "cursor=%ff%fe&petition=99999999999999999999&endpoint=-1&service_request_id=%E0%A5%A9," + "9" * 3000,
    "&".join(f"a{n}=1" for n in range(1500)),
    "api_key=%00&jurisdiction_id=%00",
)
# What may stand in an address for a parameter: first something usual, then something odd.
WORDS: dict[str, list[str]] = {
    "channel": ["hotline", "no-such"],
    "format": ["json", "xml"],
    "code": ["0303", "x"],
    "source_ref": ["GD-1", "%00", "%E2%80%AE%F0%A0%AE%B7", "x" * 300],
    "token": ["GD-1", "%00", "%ff%fe", "x" * 300],
}
STATUSES = {200, 201, 202, 400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 422, 428}
# Pages for people, and the document itself.
NOT_ASKED = ("api/v1/docs/", "api/v1/schema/")
_keys = itertools.count(1)


class Wire:
    """A client that may everything, and what exists: it sends anything and remembers each answer it should not get."""

    def __init__(self, caller: Caller, rows: dict[str, int]) -> None:
        self.caller, self.rows, self.faults = caller, rows, []  # type: ignore[var-annotated]

    def addresses(self) -> Iterator[list[str]]:
        """For each resource its addresses: a usual one, then those with one odd value."""
        for pattern in urlpatterns:
            route = str(pattern.pattern)
            known = isinstance(pattern, URLPattern) and route.startswith(("api/v1/", "^open311/"))
            if known and route not in NOT_ASKED:
                yield self._filled(readable(route))

    def usual(self, method: str = "GET") -> list[str]:
        """One address of each resource that knows the method."""
        found = [addresses[0] for addresses in self.addresses()]
        return [address for address in found if hasattr(resolve(address).func.cls, method.lower())]  # type: ignore[attr-defined]

    def _filled(self, route: str) -> list[str]:
        names = re.findall(r"<(\w+)>", route)
        words = [WORDS.get(name) or [self._row(route, name), "0", "9" * 30] for name in names]
        usual = [choice[0] for choice in words]
        sets = [usual, *([*usual[:n], odd, *usual[n + 1 :]] for n, c in enumerate(words) for odd in c[1:])]
        return ["/" + fill(route, values) for values in sets]

    def _row(self, route: str, name: str) -> str:
        before = re.search(rf"([\w-]+)/<{name}>", route)
        return str(self.rows.get(before[1] if before else "", 1))

    def send(
        self, method: str, address: str, data: bytes = b"", kind: str = "application/json", **headers: str
    ) -> None:
        path, _mark, query = address.partition("?")
        sent = {**self.caller.headers, "Idempotency-Key": f"odd-{next(_keys)}", "If-Match": "*", **headers}
        answer = self.caller.http.generic(method, path, data, kind, headers=sent, QUERY_STRING=query)
        kind_of = answer.headers.get("Content-Type", "")
        is_ours = answer.status_code in STATUSES and not kind_of.startswith("text/html")
        if answer.status_code >= 400 and path.startswith("/api/"):
            is_ours &= kind_of == "application/problem+json"
        if not is_ours:
            self.faults.append((method, address[:120], data[:40], kind, headers, answer.status_code, kind_of))


def readable(route: str) -> str:
    """A route of either kind with its parameters as <name>."""
    plain = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", route).replace("(?:v2/)?", "v2/")
    return re.sub(r"<\w+:(\w+)>", r"<\1>", plain).strip("^$").replace("\\", "")


def fill(route: str, values: list[str]) -> str:
    """The route with these values for its parameters."""
    rest = iter(values)
    return re.sub(r"<\w+>", lambda _match: next(rest), route)


@pytest.fixture
def wire(caller: Callable[..., Caller], city: City) -> Wire:
    """With a petition, an order, a case, a task, an endpoint and a job that exist."""
    found = caller(unit="root", scopes=list(ApiScope.values))
    ApiClient.objects.filter(pk=found.client.pk).update(rate_per_minute=10_000_000)
    order, case = make_order(city), make_case(city)
    endpoint = found.post("/webhook-endpoints", {"url": "https://93.184.216.34/x", "types": ["petition.registered"]})
    ping = found.post(f"/webhook-endpoints/{endpoint.json()['id']}/test")
    sent = {**found.headers, "Idempotency-Key": "odd-bulk"}
    line = json.dumps(body(source_ref="GD-1")).encode()
    job = found.http.post("/api/v1/petitions/bulk", line, content_type="application/x-ndjson", headers=sent)
    rows = {"petitions": order.petition_id, "work-orders": order.pk, "cases": case.pk, "tasks": give(city, case).pk}
    made = {"webhook-endpoints": endpoint, "webhook-deliveries": ping, "jobs": job}
    return Wire(found, rows | {name: answer.json()["id"] for name, answer in made.items()})


def test_any_value_in_an_address_is_answered_as_the_schema_says(wire: Wire) -> None:
    for addresses in wire.addresses():
        for address in addresses:
            for method in ("GET", "POST"):
                wire.send(method, address)
        for method in ("HEAD", "OPTIONS", "TRACE", "PUT"):
            wire.send(method, addresses[0])
    assert wire.faults == []


def test_any_body_is_answered_as_the_schema_says(wire: Wire) -> None:
    for address in wire.usual("POST"):
        for data in BODIES.values():
            wire.send("POST", address, data)
    assert wire.faults == []


def test_any_kind_of_body_is_answered_as_the_schema_says(wire: Wire) -> None:
    for address in wire.usual("POST"):
        for kind in KINDS:
            wire.send("POST", address, b"PK\x03\x04\0a=%00&b[]=1\r\n--x\r\n\r\n", kind)
    assert wire.faults == []


def test_any_header_is_answered_as_the_schema_says(wire: Wire) -> None:
    # Headers are read by what all resources share: one of each kind is enough.
    rows = wire.rows
    for path in ("petitions", f"petitions/{rows['petitions']}", f"jobs/{rows['jobs']}/errors", "webhook-endpoints"):
        for headers in HEADERS:
            wire.send("GET", f"/api/v1/{path}", **headers)
    for path in ("petitions", "petitions/bulk", f"work-orders/{rows['work-orders']}/sign", "inbound/hotline"):
        for headers in HEADERS:
            wire.send("POST", f"/api/v1/{path}", b"{}", **headers)
    for headers in HEADERS:
        wire.send("GET", "/open311/v2/requests.xml", **headers)
    assert wire.faults == []


def test_any_query_is_answered_as_the_schema_says(wire: Wire) -> None:
    for address in wire.usual():
        for query in QUERIES:
            wire.send("GET", f"{address}?{query}")
    assert wire.faults == []


def test_any_form_is_answered_as_open311_says(wire: Wire) -> None:
    texts = ("", "\0", "9" * 6000, "٣", "NaN", "1e999", "9999-12-31T23:59:59-23:59", "‮𠮷", "a=b&c")
    names = ("service_request_id", "update_id", "description", "lat", "long", "address_string", "address_id", "status")
    usual = {"service_code": "0303", "address_string": "海曙区", "description": "路灯不亮。"}
    for name, text in itertools.product((*names, "service_code", "email", "phone", "attribute[occurred_on]"), texts):
        form = {**usual, name: text}
        data = "&".join(f"{key}={quote(value)}" for key, value in form.items()).encode()
        for resource in ("requests", "servicerequestupdates"):
            wire.send("POST", f"/open311/v2/{resource}.json", data, "application/x-www-form-urlencoded")
    assert wire.faults == []


@pytest.mark.parametrize(
    ("address", "form"), [("/petitions/999999/documents/1/file", "pdf"), ("/jobs/999999/errors", "file")]
)
def test_a_problem_stays_json_where_a_file_was_asked_for(hotline: Caller, address: str, form: str) -> None:
    answer = hotline.get(address, {"format": form})
    assert (answer.status_code, answer.json()["status"]) == (404, 404)


def test_null_is_no_empty_object(hotline: Caller) -> None:
    assert hotline.post("/petitions/_search", b"null").status_code == 422


def test_an_address_with_a_line_break_is_answered_as_any_other_that_leads_nowhere(hotline: Caller) -> None:
    answer = hotline.post("/inbound/a%0Ab", {})
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
