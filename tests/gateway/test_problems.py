"""Every answer but success is a problem (RFC 9457); the schema and its page tell what there is."""

import json
import re
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, InterfaceError, OperationalError
from django.db.transaction import TransactionManagementError

from gateway import api
from gateway.problems import PROBLEMS
from tests.gateway.conftest import body

MEMBERS = {"type", "title", "status", "detail", "instance", "errors", "trace_id"}


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    """Check the common shape; returns the problem."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    found = answer.json()
    assert found.keys() >= MEMBERS
    assert found["type"] == f"/problems/{code}"
    assert found["status"] == status == PROBLEMS[code][0]
    assert re.fullmatch(r"[0-9a-f]{32}", found["trace_id"])
    return found


def test_the_trace_id_is_the_id_of_the_request_in_the_logs(hotline: Any) -> None:
    given = hotline.get("/petitions/1", **{"X-Request-ID": "vendor-2026.0001"})
    assert (given.json()["trace_id"], given["X-Request-ID"]) == ("vendor-2026.0001", "vendor-2026.0001")
    made = hotline.get("/petitions/1")
    assert made.json()["trace_id"] == made["X-Request-ID"]


def raw(caller: Any, data: bytes, kind: str = "application/json", **headers: str) -> Any:
    """POST bytes as they are."""
    sent = {**caller.headers, "Idempotency-Key": "r-1", **headers}
    return caller.http.post("/api/v1/petitions", data, content_type=kind, headers=sent)


@pytest.mark.parametrize("data", [b"{", b"", b"\xff\xfe", b'{"a": NaN}', b'{"content": "\\ud800"}'])
def test_what_is_not_json_is_malformed(hotline: Any, data: bytes) -> None:
    answer = raw(hotline, data)
    if data:
        problem(answer, 400, "malformed")
    else:
        problem(answer, 422, "invalid")


@pytest.mark.parametrize("data", [b"[]", b'"x"', b"1", b"null", b"true"])
def test_a_body_that_is_not_an_object_is_invalid(hotline: Any, data: bytes) -> None:
    problem(raw(hotline, data), 422, "invalid")


def test_another_kind_of_body_is_unsupported(hotline: Any) -> None:
    problem(raw(hotline, b"a=b", "application/x-www-form-urlencoded"), 415, "unsupported_media_type")


def test_a_body_above_a_mebibyte_is_too_large(hotline: Any) -> None:
    huge = json.dumps(body(content="长" * 400_000)).encode()
    problem(raw(hotline, huge), 413, "too_large")
    sent = {**hotline.headers}
    answer = hotline.http.post("/api/v1/petitions/_search", huge, content_type="application/json", headers=sent)
    problem(answer, 413, "too_large")


def test_only_json_is_served(hotline: Any) -> None:
    problem(hotline.get("/petitions", Accept="text/html"), 406, "not_acceptable")


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_not_allowed(hotline: Any, method: str) -> None:
    answer = getattr(hotline.http, method)("/api/v1/petitions", headers=hotline.headers)
    problem(answer, 405, "method_not_allowed")
    assert "POST" in answer["Allow"]


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v2/petitions", "/api/v1/petitions/", "/api/v1/petitions/x"])
def test_addresses_that_do_not_exist_are_problems_too(client: Any, path: str) -> None:
    problem(client.get(path), 404, "not_found")
    problem(client.post(path), 404, "not_found")


def after(first: Exception, then: Exception) -> Exception:
    then.__context__ = first
    return then


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("connection refused"),
        InterfaceError("connection already closed"),
        DatabaseError("error with status PGRES_TUPLES_OK and no message from the libpq"),
        after(OperationalError("server closed"), TransactionManagementError("broken transaction")),
    ],
    ids=["refused", "closed", "libpq", "afterwards"],
)
def test_a_database_that_is_away_is_not_the_callers_fault(
    hotline: Any, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def away(*_args: Any, **_options: Any) -> None:
        raise error

    hotline.get("/units")
    monkeypatch.setattr(api, "list_petitions", away)
    answer = hotline.get("/petitions")
    problem(answer, 503, "unavailable")
    assert answer["Retry-After"]


def test_our_own_fault_gives_away_nothing_but_a_trace(
    hotline: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_args: Any, **_options: Any) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(api, "list_petitions", broken)
    found = problem(hotline.get("/petitions"), 500, "internal")
    assert "secret" not in str(found)
    assert found["trace_id"] in caplog.text


def test_problems_speak_the_language_that_was_asked_for(hotline: Any) -> None:
    english = hotline.get("/petitions/999999", **{"Accept-Language": "en"}).json()
    chinese = hotline.get("/petitions/999999", **{"Accept-Language": "zh-CN"}).json()
    assert english["title"] == "Not found"
    assert english["type"] == chinese["type"]


def test_the_schema_is_valid_and_complete() -> None:
    out = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", "--format", "openapi-json", stdout=out)
    schema = json.loads(out.getvalue())
    assert schema["openapi"].startswith("3.1")
    assert set(schema["paths"]) >= {
        "/api/v1/petitions",
        "/api/v1/petitions/_search",
        "/api/v1/petitions/{id}",
        "/api/v1/petitions/{id}/withdraw",
        "/api/v1/petitions/{id}/events",
        "/api/v1/petitions/{id}/clocks",
        "/api/v1/work-orders",
        "/api/v1/work-orders/{id}",
        "/api/v1/work-orders/{id}/sign",
        "/api/v1/work-orders/{id}/contact",
        "/api/v1/work-orders/{id}/feedback",
        "/api/v1/units",
        "/api/v1/areas",
        "/api/v1/categories",
    }
    create = schema["paths"]["/api/v1/petitions"]["post"]
    assert set(create["responses"]) >= {"200", "201", "400", "401", "403", "409", "413", "415", "422", "429"}
    assert {"name": "Idempotency-Key", "required": True}.items() <= create["parameters"][1].items() or any(
        parameter["name"] == "Idempotency-Key" and parameter["required"] for parameter in create["parameters"]
    )
    assert "428" in schema["paths"]["/api/v1/work-orders/{id}/sign"]["post"]["responses"]


def test_schema_and_docs_are_open_to_everybody(client: Any, db: None) -> None:
    assert client.get("/api/v1/schema/").status_code == 200
    page = client.get("/api/v1/docs/")
    assert page.status_code == 200
    text = page.content.decode()
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", text)
    policy = page["Content-Security-Policy"]
    assert "script-src 'self';" in policy + ";"
    assert "http" not in policy


@pytest.mark.browser
def test_the_docs_show_the_calls_without_a_complaint(live_server: Any, page: Any) -> None:
    foreign: list[str] = []
    page.on("request", lambda request: foreign.append(request.url) if live_server.url not in request.url else None)
    page.goto(f"{live_server.url}/api/v1/docs/")
    page.get_by_text("Register a petition").wait_for()
    assert [url for url in foreign if not url.startswith(("data:", "blob:"))] == []
