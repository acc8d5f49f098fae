"""The pages of endpoints and deliveries, as those who tend the connections use them."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone

from accounts.models import AccessLog
from gateway.actions import webhooks
from gateway.models import WebhookAttempt, WebhookEndpoint, WebhookMessage
from petitions.models import Petition
from tests.city import City, make_petition

pytestmark = pytest.mark.django_db
TYPES = ["petition.rated", "petition.closed"]


@pytest.fixture
def office(client: Client, city: City) -> Client:
    """The browser of the city officer."""
    client.force_login(city.people["officer"], backend="accounts.backends.StaffBackend")
    return client


@pytest.fixture
def endpoint(hotline: Any) -> WebhookEndpoint:
    return webhooks.create_endpoint(
        hotline.client, url="https://a.example/hook", types=TYPES, actor=hotline.client.actor, at=timezone.now()
    )


def message(endpoint: WebhookEndpoint, petition: Petition | None = None, **changes: Any) -> WebhookMessage:
    """One message with one attempt that failed."""
    at = timezone.now()
    fields = {
        "msg_id": f"msg_{WebhookMessage.objects.count()}",
        "kind": "register",
        "petition_key": petition.pk if petition else None,
        "happened_at": at,
        "deliver_after": at,
        "body": '{"type":"petition.registered"}',
        "attempts": 1,
        **changes,
    }
    row = WebhookMessage.objects.create(endpoint=endpoint, **fields)
    WebhookAttempt.objects.create(message=row, at=at, status=503, answer="<b>busy</b>", took_ms=12)
    return row


def said(answer: Any) -> list[str]:
    return [str(m) for m in get_messages(answer.wsgi_request)]


def test_an_endpoint_is_made_changed_and_found_in_the_list(office: Client, hotline: Any) -> None:
    assert "尚无系统接收推送" in office.get("/gateway/webhooks/").content.decode()
    form = {"client": hotline.client.pk, "url": "ftp://x", "types": TYPES}
    refused = office.post("/gateway/webhooks/new/", form)
    assert refused.status_code == 422 and 'value="ftp://x"' in refused.content.decode()
    made = office.post("/gateway/webhooks/new/", {**form, "url": "https://a.example/hook"})
    row = WebhookEndpoint.objects.get()
    assert made["Location"] == f"/gateway/webhooks/{row.pk}/"
    page = office.get("/gateway/webhooks/").content.decode()
    assert "https://a.example/hook" in page and "whsec_" not in page
    change = {"url": "https://b.example/", "types": TYPES[:1], "version": 1}
    assert office.post(f"/gateway/webhooks/{row.pk}/edit/", change).status_code == 302
    # Whoever still looks at the first version overwrites nothing and keeps what they typed.
    late = office.post(f"/gateway/webhooks/{row.pk}/edit/", {**change, "url": "https://c.example/"})
    assert late.status_code == 422 and "https://c.example/" in late.content.decode()
    row.refresh_from_db()
    assert (row.url, row.version, row.history.first().history_user.username) == (
        "https://b.example/",
        2,
        late.wsgi_request.user.username,
    )


@pytest.mark.parametrize(("step", "is_active"), [("off", False), ("rotate", True), ("remove", None)])
def test_a_step_asks_first_and_is_done_on_the_version_seen(
    office: Client, endpoint: WebhookEndpoint, step: str, is_active: bool | None
) -> None:
    path, secret = f"/gateway/webhooks/{endpoint.pk}/do/{step}/", endpoint.secret
    asked = office.get(path)
    assert asked.status_code == 200 and 'name="version" value="1"' in asked.content.decode()
    assert endpoint.url in asked.content.decode()
    assert WebhookEndpoint.objects.get().version == 1
    stale = office.post(path, {"version": 9})
    assert stale.status_code == 302 and "刚被他人修改" in said(stale)[0]
    office.post(path, {"version": 1})
    row = WebhookEndpoint.objects.filter(pk=endpoint.pk).first()
    assert (row.is_active if row else None) is is_active
    assert row is None or (row.version, row.secret != secret) == (2, step == "rotate")


def test_a_test_goes_out_unless_the_endpoint_is_off_and_on_is_a_step_too(
    office: Client, endpoint: WebhookEndpoint
) -> None:
    path = f"/gateway/webhooks/{endpoint.pk}"
    office.post(f"{path}/do/test/")
    assert WebhookMessage.objects.get().kind == "ping"
    page = office.get(f"{path}/").content.decode()
    assert "测试消息" in page and 'hx-trigger="every 3s"' in page
    office.post(f"{path}/do/off/")
    assert "hx-trigger" not in office.get(f"{path}/").content.decode()
    assert "请先启用" in said(office.post(f"{path}/do/test/"))[-1]
    office.post(f"{path}/do/on/")
    endpoint.refresh_from_db()
    assert endpoint.is_active and WebhookMessage.objects.count() == 1
    assert office.get(f"{path}/do/nonsense/").status_code == 404


def test_the_secret_is_shown_when_asked_for_and_that_is_on_record(office: Client, endpoint: WebhookEndpoint) -> None:
    path = f"/gateway/webhooks/{endpoint.pk}/secret/"
    assert "whsec_" not in office.get(path).content.decode()
    assert not AccessLog.objects.exists()
    shown = office.post(path)
    assert endpoint.secret in shown.content.decode() and "no-store" in shown["Cache-Control"]
    entry = AccessLog.objects.get()
    assert (entry.action, entry.target) == ("secret", f"webhook:{endpoint.pk}")
    assert entry.user == shown.wsgi_request.user


def test_deliveries_are_filtered_and_one_shows_its_text_and_its_attempts(
    office: Client, endpoint: WebhookEndpoint, city: City
) -> None:
    petition = make_petition(city)
    waits = message(endpoint, petition)
    ended = message(endpoint, kind="ping", outcome="failed", reason="closed", ended_at=timezone.now())
    path = f"/gateway/webhooks/{endpoint.pk}/"

    def found(**asked: str) -> list[int]:
        page = office.get(path, asked).content.decode()
        return [row.pk for row in (waits, ended) if f"/gateway/deliveries/{row.pk}/" in page]

    assert found() == [waits.pk, ended.pk]
    assert found(outcome="failed") == [ended.pk]
    assert found(type="petition.registered") == found(q=petition.short_number) == found(q=waits.msg_id) == [waits.pk]
    assert found(type="petition.closed") == found(q="没有") == []
    page = office.get(f"/gateway/deliveries/{waits.pk}/").content.decode()
    assert waits.body.replace('"', "&quot;") in page and "&lt;b&gt;busy" in page and "503" in page
    office.post(f"/gateway/deliveries/{ended.pk}/resend/")
    ended.refresh_from_db()
    assert (ended.outcome, ended.reason, ended.attempts) == ("waiting", "", 0)
    assert "即将发出" in said(office.post(f"/gateway/deliveries/{ended.pk}/resend/"))[-1]


def test_a_long_list_is_paged_by_key(office: Client, endpoint: WebhookEndpoint) -> None:
    rows = [message(endpoint) for _ in range(52)]
    path, seen = f"/gateway/webhooks/{endpoint.pk}/", []
    page = office.get(path)
    seen += [row.pk for row in page.context["page"].rows]
    assert page.context["page"].next
    page = office.get(path, {"cursor": page.context["page"].next})
    seen += [row.pk for row in page.context["page"].rows]
    assert seen == [row.pk for row in reversed(rows)]


def test_a_part_of_the_page_is_the_part_of_its_template(office: Client, endpoint: WebhookEndpoint) -> None:
    row = message(endpoint)
    for path, ident in (
        (f"/gateway/webhooks/{endpoint.pk}/", "deliveries"),
        (f"/gateway/deliveries/{row.pk}/", "delivery"),
    ):
        part = office.get(path, headers={"HX-Request": "true"}).content.decode().strip()
        assert part.startswith((f'<section class="card card--flush" id="{ident}"', f'<div id="{ident}"'))
        assert "".join(part.split())[:200] in "".join(office.get(path).content.decode().split())


def test_the_number_of_an_accusation_stays_with_those_named(
    office: Client, endpoint: WebhookEndpoint, city: City
) -> None:
    """It was told before it was one; the text is kept from whoever may not know of it."""
    petition = make_petition(city)
    row = message(endpoint, petition, body='{"number":"SECRET-1"}')
    assert "SECRET-1" in office.get(f"/gateway/deliveries/{row.pk}/").content.decode()
    Petition.objects.filter(pk=petition.pk).update(is_restricted=True)
    page = office.get(f"/gateway/deliveries/{row.pk}/").content.decode()
    assert "SECRET-1" not in page and "busy" not in page
    assert petition.short_number not in office.get(f"/gateway/webhooks/{endpoint.pk}/").content.decode()


def test_a_client_that_may_read_nothing_is_warned_of(office: Client, caller: Any) -> None:
    deaf = caller(scopes=["webhooks:manage"]).client
    row = webhooks.create_endpoint(deaf, url="https://a.example/", types=TYPES, actor=deaf.actor, at=timezone.now())
    assert "petitions:read" in office.get(f"/gateway/webhooks/{row.pk}/").content.decode()


def test_outsiders_find_nothing(client: Client, city: City, endpoint: WebhookEndpoint) -> None:
    row = message(endpoint)
    for who in ("outsider", "dispatcher", "leader", "inspector"):
        client.force_login(city.people[who], backend="accounts.backends.StaffBackend")
        assert client.get("/gateway/webhooks/").status_code == 403
        assert client.get("/gateway/webhooks/new/").status_code == 403
        own = f"/gateway/webhooks/{endpoint.pk}"
        for path in (f"{own}/", f"{own}/edit/", f"{own}/secret/", f"{own}/do/off/", f"/gateway/deliveries/{row.pk}/"):
            assert client.get(path).status_code == 404, path
        for path in (f"{own}/secret/", f"{own}/do/remove/", f"/gateway/deliveries/{row.pk}/resend/"):
            assert client.post(path).status_code == 404, path
    assert WebhookEndpoint.objects.get().is_active and not AccessLog.objects.exists()


@pytest.mark.parametrize(("page", "count"), [("list", 4), ("endpoint", 7)])
def test_lists_ask_the_same_for_one_row_and_for_three(
    office: Client,
    hotline: Any,
    city: City,
    endpoint: WebhookEndpoint,
    django_assert_num_queries: Any,
    page: str,
    count: int,
) -> None:
    def more() -> None:
        if page == "endpoint":
            message(endpoint, make_petition(city))
            return
        row = endpoint
        if WebhookMessage.objects.exists():
            row = webhooks.create_endpoint(
                hotline.client, url="https://b.example/", types=TYPES, actor=hotline.client.actor, at=timezone.now()
            )
        message(row)

    path = "/gateway/webhooks/" if page == "list" else f"/gateway/webhooks/{endpoint.pk}/"
    more()
    office.get(path)
    with django_assert_num_queries(count):
        assert len(office.get(path).context["lines"]) == 1
    more()
    more()
    with django_assert_num_queries(count):
        assert len(office.get(path).context["lines"]) == 3
