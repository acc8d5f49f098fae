"""The administrator's pages of clients and keys."""

from typing import Any

from django.test import Client
from django.utils import timezone

from gateway.actions import webhooks
from gateway.models import ApiClient, ApiKey
from tests.city import City


def test_the_administrator_keeps_clients_and_sees_no_secret(client: Client, hotline: Any, city: City) -> None:
    client.force_login(city.people["admin"], backend="accounts.backends.StaffBackend")
    digest = ApiKey.objects.get().digest
    for path in (
        "/admin/gateway/apiclient/",
        "/admin/gateway/apikey/",
        f"/admin/gateway/apikey/{ApiKey.objects.get().pk}/change/",
    ):
        page = client.get(path)
        assert page.status_code == 200
        assert digest not in page.content.decode()
    form = {
        "name": "81890",
        "channel": "helpline",
        "unit": city.units["hotline"].pk,
        "scopes": ["petitions:write"],
        "allowed_ips": "10.1.0.0/16",
        "rate_per_minute": "60",
        "is_active": "on",
    }
    assert client.post("/admin/gateway/apiclient/add/", {**form, "allowed_ips": "here"}).status_code == 200
    assert client.post("/admin/gateway/apiclient/add/", form).status_code == 302
    assert ApiClient.objects.get(name="81890").allowed_ips == ["10.1.0.0/16"]


def test_a_revoked_key_is_closed(client: Client, hotline: Any, city: City) -> None:
    client.force_login(city.people["admin"], backend="accounts.backends.StaffBackend")
    key = ApiKey.objects.get()
    client.post("/admin/gateway/apikey/", {"action": "revoke", "_selected_action": [key.pk]})
    key.refresh_from_db()
    assert key.revoked_at is not None


def test_an_endpoint_is_looked_at_and_neither_changed_nor_unmasked(client: Client, hotline: Any, city: City) -> None:
    client.force_login(city.people["admin"], backend="accounts.backends.StaffBackend")
    row = webhooks.create_endpoint(
        hotline.client,
        url="https://a.example/",
        types=["petition.closed"],
        actor=city.people["admin"],
        at=timezone.now(),
    )
    path = f"/admin/gateway/webhookendpoint/{row.pk}/change/"
    assert client.get("/admin/gateway/webhookendpoint/").status_code == 200
    page = client.get(path)
    assert page.status_code == 200 and row.url in page.content.decode()
    assert "whsec_" not in page.content.decode()
    assert client.post(path, {"url": "https://b.example/"}).status_code == 403
    assert client.get("/admin/gateway/webhookendpoint/add/").status_code == 403


def test_nobody_else_gets_in(client: Client, hotline: Any, city: City) -> None:
    client.force_login(city.people["officer"], backend="accounts.backends.StaffBackend")
    assert client.get("/admin/gateway/apikey/").status_code != 200
