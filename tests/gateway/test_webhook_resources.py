"""Endpoints and deliveries as a vendor's system manages them with its key."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gateway.actions import webhooks
from gateway.models import IdempotencyRecord, WebhookEndpoint, WebhookMessage

pytestmark = pytest.mark.django_db
MANAGE = ["webhooks:manage"]
NEW = {"url": "https://93.184.216.34/hook", "types": ["petition.registered"]}


@pytest.fixture
def vendor(caller: Callable[..., Any]) -> Any:
    return caller(scopes=MANAGE)


def made(vendor: Any) -> int:
    answer = vendor.post("/webhook-endpoints", NEW)
    assert answer.status_code == 201, answer.content
    return int(answer.json()["id"])


def test_an_endpoint_is_added_and_read_and_its_secret_is_read_apart(vendor: Any) -> None:
    pk = made(vendor)
    read = vendor.get(f"/webhook-endpoints/{pk}").json()
    assert (read["url"], read["types"], read["is_active"]) == (NEW["url"], NEW["types"], True)
    assert "secret" not in read
    secret = vendor.get(f"/webhook-endpoints/{pk}/secret")
    assert secret.json()["secret"].startswith("whsec_") and secret["Cache-Control"] == "no-store"


def test_no_kept_answer_holds_a_secret(vendor: Any) -> None:
    pk = made(vendor)
    vendor.post(f"/webhook-endpoints/{pk}/rotate", match="*")
    kept = [bytes(row.response) for row in IdempotencyRecord.objects.all()]
    assert len(kept) == 2 and not any(b"whsec_" in text for text in kept)


def test_rotating_changes_the_secret_and_keeps_the_old_one_for_a_day(vendor: Any) -> None:
    pk = made(vendor)
    before = WebhookEndpoint.objects.get(pk=pk).secret
    assert vendor.post(f"/webhook-endpoints/{pk}/rotate", match="*").json()["previous_until"] is not None
    row = WebhookEndpoint.objects.get(pk=pk)
    assert row.secret != before and row.previous_secret == before


def test_change_replaces_and_switches_off_and_remove_removes(vendor: Any) -> None:
    pk = made(vendor)
    changed = {"url": "https://93.184.216.34/b", "types": ["petition.closed"], "is_active": False}
    answer = vendor.post(f"/webhook-endpoints/{pk}/change", changed, match='"1"')
    assert (answer.json()["types"], answer["ETag"]) == (["petition.closed"], '"2"')
    refused = vendor.post(f"/webhook-endpoints/{pk}/test")
    assert refused.status_code == 409, refused.content
    assert vendor.post(f"/webhook-endpoints/{pk}/remove", match='"2"').status_code == 200
    assert vendor.get(f"/webhook-endpoints/{pk}").status_code == 404


@pytest.mark.parametrize("step", ["change", "rotate", "remove"])
def test_what_changes_an_endpoint_names_the_version_it_saw(vendor: Any, step: str) -> None:
    pk = made(vendor)
    path, sent = f"/webhook-endpoints/{pk}/{step}", NEW if step == "change" else None
    assert vendor.get(f"/webhook-endpoints/{pk}")["ETag"] == '"1"'
    assert vendor.post(path, sent).status_code == 428
    assert vendor.post(path, sent, match='"9"').status_code == 412
    assert vendor.post(path, sent, match='"1"').status_code == 200
    if step != "remove":
        assert vendor.post(path, sent, match='"1"').status_code == 412
        assert vendor.get(f"/webhook-endpoints/{pk}")["ETag"] == '"2"'


def test_what_was_given_up_says_why_and_goes_again_at_once(vendor: Any) -> None:
    pk = made(vendor)
    for _ in range(2):
        vendor.post(f"/webhook-endpoints/{pk}/test")
    WebhookMessage.objects.update(outcome="failed", reason="closed", ended_at=timezone.now())
    reasons = {row["reason"] for row in vendor.get("/webhook-deliveries").json()["items"]}
    assert reasons == {"It was not sent any more: the receiver had answered 410 to another message."}
    answer = vendor.post(f"/webhook-endpoints/{pk}/resend")
    assert (answer.status_code, answer.json()) == (202, {"count": 2})
    assert {row["reason"] for row in vendor.get("/webhook-deliveries").json()["items"]} == {""}


@pytest.mark.parametrize(
    "body", [{**NEW, "types": []}, {**NEW, "types": ["nonsense"]}, {**NEW, "url": "ftp://x"}, {**NEW, "more": 1}, {}]
)
def test_what_is_wrong_is_named(vendor: Any, body: dict[str, Any]) -> None:
    answer = vendor.post("/webhook-endpoints", body)
    assert answer.status_code == 422 and answer.json()["errors"]
    assert not WebhookEndpoint.objects.exists()


def test_a_test_message_is_on_its_way_and_can_be_resent_once_it_was_tried(vendor: Any) -> None:
    pk = made(vendor)
    answer = vendor.post(f"/webhook-endpoints/{pk}/test")
    assert answer.status_code == 202 and answer.json()["type"] == "ping"
    one = f"/webhook-deliveries/{answer.json()['id']}"
    assert vendor.post(f"{one}/resend").status_code == 409
    WebhookMessage.objects.update(body="{}", attempts=10, outcome="failed", ended_at=timezone.now())
    assert vendor.get("/webhook-deliveries", {"outcome": "failed", "endpoint": pk}).json()["items"]
    again = vendor.post(f"{one}/resend")
    assert (again.status_code, again.json()["outcome"], again.json()["attempts"]) == (200, "waiting", 0)


def test_another_clients_rows_do_not_exist(vendor: Any, caller: Callable[..., Any]) -> None:
    pk = made(vendor)
    message = vendor.post(f"/webhook-endpoints/{pk}/test").json()["id"]
    other = caller(scopes=MANAGE)
    assert other.get("/webhook-endpoints").json()["items"] == []
    assert other.get("/webhook-deliveries").json()["items"] == []
    for path in (f"/webhook-endpoints/{pk}", f"/webhook-endpoints/{pk}/secret", f"/webhook-deliveries/{message}"):
        assert other.get(path).status_code == 404
    for path in ("rotate", "test", "resend", "remove"):
        assert other.post(f"/webhook-endpoints/{pk}/{path}", match="*").status_code == 404
    assert other.post(f"/webhook-endpoints/{pk}/change", NEW, match="*").status_code == 404
    assert other.post(f"/webhook-deliveries/{message}/resend").status_code == 404


def test_a_message_nobody_has_checked_yet_is_not_listed(vendor: Any) -> None:
    """Whether the client may see its petition is asked at sending."""
    endpoint = WebhookEndpoint.objects.get(pk=made(vendor))
    at = timezone.now()
    row = WebhookMessage.objects.create(
        endpoint=endpoint, msg_id="msg_x", kind="register", petition_key=1, happened_at=at, deliver_after=at
    )
    assert vendor.get("/webhook-deliveries").json()["items"] == []
    assert vendor.get(f"/webhook-deliveries/{row.pk}").status_code == 404


def test_other_scopes_are_refused(hotline: Any) -> None:
    assert hotline.get("/webhook-endpoints").status_code == 403
    assert hotline.post("/webhook-endpoints", NEW).status_code == 403


@pytest.mark.parametrize("path", ["/webhook-endpoints", "/webhook-deliveries"])
def test_lists_take_one_number_of_statements(vendor: Any, path: str) -> None:
    counts = []
    for more in (1, 2):
        for _ in range(more):
            webhooks.test_endpoint(WebhookEndpoint.objects.get(pk=made(vendor)), at=timezone.now())
        vendor.get(path)
        with CaptureQueriesContext(
            connection,
        ) as done:
            assert len(vendor.get(path).json()["items"]) in {1, 3}
        counts.append(len(done))
    assert counts[0] == counts[1] <= 4
