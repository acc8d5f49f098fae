"""What a client was refused is counted by day, address and reason, and never in the way of the answer."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from gateway import actions
from gateway.actions import refusals
from gateway.models import ApiClient, ApiKey, ApiRefusal
from tests.gateway.conftest import body


def rows() -> list[tuple[str, str, str, int]]:
    return sorted(ApiRefusal.objects.values_list("method", "route", "code", "count"))


def test_each_reason_is_counted_under_the_pattern_of_the_address(hotline: Any, caller: Any) -> None:
    hotline.get("/petitions/999998")
    said = hotline.get("/petitions/999999").json()
    hotline.post("/petitions", {"content": "x"})
    reader = caller(scopes=["petitions:read"])
    reader.post("/petitions", body())
    assert rows() == [
        ("GET", "api/v1/petitions/{pk}", "not_found", 2),
        ("POST", "api/v1/petitions", "invalid", 1),
        ("POST", "api/v1/petitions", "missing_scope", 1),
    ]
    # The client can name it: the trace id of the latest answer.
    assert ApiRefusal.objects.get(code="not_found").trace_id == said["trace_id"]
    assert ApiRefusal.objects.get(code="missing_scope").client == reader.client


def test_what_was_answered_is_not_counted(hotline: Any) -> None:
    assert hotline.post("/petitions", body(source_ref="A-1")).status_code == 201
    assert hotline.get("/petitions").status_code == 200
    assert rows() == []


def test_a_key_that_ended_is_counted_for_its_client_and_an_unknown_one_for_nobody(hotline: Any) -> None:
    actions.revoke_key(ApiKey.objects.get(), at=timezone.now())
    for _try in range(3):
        assert hotline.get("/petitions").status_code == 401
    hotline.get("/petitions", Authorization="Bearer yq_nobody_x")
    # Without limit could come what has no valid key: once a minute, not each.
    assert rows() == [("GET", "api/v1/petitions", "unauthenticated", 1)]


def test_too_many_requests_are_counted_once_a_minute(hotline: Any) -> None:
    ApiClient.objects.filter(pk=hotline.client.pk).update(rate_per_minute=1)
    answers = [hotline.get("/petitions").status_code for _try in range(4)]
    assert answers[-1] == 429
    assert rows() == [("GET", "api/v1/petitions", "rate_limited", 1)]


def test_open311_counts_too(hotline: Any) -> None:
    answer = hotline.http.get(f"/open311/v2/requests/999999.json?api_key={hotline.key}")
    assert answer.status_code == 404
    assert rows() == [("GET", "open311/v2/requests/{pk}.{format}", "not_found", 1)]


def test_the_answer_does_not_wait_for_the_count(hotline: Any, monkeypatch: Any) -> None:
    class Broken:
        def cursor(self) -> Any:
            raise OperationalError

    monkeypatch.setattr(refusals, "connection", Broken())
    assert hotline.get("/petitions/999999").status_code == 404


@pytest.mark.django_db
def test_days_older_than_thirty_go(hotline: Any) -> None:
    hotline.get("/petitions/999999")
    now = timezone.now()
    assert actions.purge_refusals(at=now + timedelta(days=30)) == 0
    assert actions.purge_refusals(at=now + timedelta(days=31)) == 1
