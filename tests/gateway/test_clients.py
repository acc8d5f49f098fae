"""Clients and keys on the administrator's pages."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from gateway import actions
from gateway.models import ApiClient, ApiKey
from petitions.states import Refused
from tests.city import City

GIVEN = {
    "name": "81890 平台",
    "channel": "helpline",
    "unit": "NB-12345",
    "scopes": ["petitions:read", "petitions:write"],
    "allowed_ips": "10.1.0.0/16\n10.2.3.4",
    "rate_per_minute": "60",
}


@pytest.fixture
def admin(city: City) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(city.people["admin"], backend="accounts.backends.StaffBackend")
    return client


def made(admin: Client, **changes: Any) -> ApiClient:
    answer = admin.post("/gateway/clients/new/", {**GIVEN, **changes})
    assert answer.status_code == 302, answer.content.decode()
    return ApiClient.objects.latest("pk")


def issue(admin: Client, client: ApiClient, days: int = 90) -> str:
    """The key the page shows, which works."""
    newest = ApiKey.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    page = admin.post(f"/gateway/clients/{client.pk}/keys/", {"days": days, "newest": newest}).content.decode()
    return re.search(r">(yq_\w+)</textarea>", page)[1]  # type: ignore[index]


def test_a_client_is_made_with_its_rights(admin: Client, city: City) -> None:
    client = made(admin)
    assert (client.channel, client.unit, client.rate_per_minute) == ("helpline", city.units["hotline"], 60)
    assert client.allowed_ips == ["10.1.0.0/16", "10.2.3.4"]
    assert client.scopes == ["petitions:read", "petitions:write"]
    assert client.history.get().history_user == city.people["admin"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "taken"),
        ("channel", "smoke"),
        ("unit", "nowhere"),
        ("scopes", []),
        ("allowed_ips", "10.0.0.300"),
        ("rate_per_minute", "0"),
        ("rate_per_minute", "6001"),
    ],
)
def test_a_refused_form_keeps_what_was_typed(admin: Client, field: str, value: Any) -> None:
    made(admin, name="taken")
    answer = admin.post("/gateway/clients/new/", {**GIVEN, field: value})
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert "10.1.0.0/16" in answer.content.decode() or field == "allowed_ips"
    assert ApiClient.objects.count() == 1


def test_a_key_is_shown_once_and_opens_the_door(admin: Client, city: City) -> None:
    client = made(admin, allowed_ips="")
    key = issue(admin, client)
    assert key not in admin.get(f"/gateway/clients/{client.pk}/").content.decode()
    row = ApiKey.objects.get()
    assert row.issued_by == city.people["admin"]
    assert row.expires_at == row.created_at + timedelta(days=90)
    assert Client().get("/api/v1/petitions", headers={"Authorization": f"Bearer {key}"}).status_code == 200


def test_two_keys_live_side_by_side_and_a_third_waits_for_the_old_one(admin: Client, city: City) -> None:
    client = made(admin)
    issue(admin, client, days=0)
    issue(admin, client)
    page = admin.get(f"/gateway/clients/{client.pk}/").content.decode()
    assert "Issue a key" not in page and "Two keys are alive" in page
    newest = ApiKey.objects.latest("pk").pk
    assert admin.post(f"/gateway/clients/{client.pk}/keys/", {"days": 30, "newest": newest}).status_code == 302
    assert client.keys.count() == 2
    old = client.keys.earliest("pk")
    asked = admin.get(f"/gateway/clients/{client.pk}/keys/{old.pk}/revoke/").content.decode()
    assert "has never used it" in asked
    old.refresh_from_db()
    assert old.revoked_at is None
    assert admin.post(f"/gateway/clients/{client.pk}/keys/{old.pk}/revoke/").status_code == 302
    old.refresh_from_db()
    assert old.revoked_at is not None and old.revoked_by == city.people["admin"]
    assert issue(admin, client)


def test_a_form_sent_twice_makes_one_key(admin: Client) -> None:
    client = made(admin)
    for _click in range(2):
        admin.post(f"/gateway/clients/{client.pk}/keys/", {"days": 30, "newest": 0})
    assert client.keys.count() == 1


def test_a_key_of_one_client_is_not_at_the_address_of_another(admin: Client) -> None:
    one, other = made(admin), made(admin, name="other")
    issue(admin, one)
    key = ApiKey.objects.get()
    assert admin.post(f"/gateway/clients/{other.pk}/keys/{key.pk}/revoke/").status_code == 404


def test_rights_change_and_the_change_is_kept(admin: Client) -> None:
    client = made(admin)
    change = f"/gateway/clients/{client.pk}/change/"
    assert admin.post(change, {"scopes": ["no:such"], "rate_per_minute": 5}).status_code == 422
    given = {"scopes": ["orders:write"], "allowed_ips": "", "rate_per_minute": 5}
    assert admin.post(change, given).status_code == 302
    client.refresh_from_db()
    assert (client.scopes, client.allowed_ips, client.rate_per_minute) == (["orders:write"], [], 5)
    assert client.history.count() == 2


def test_a_closed_client_is_shut_out_gets_no_key_and_can_be_opened(admin: Client) -> None:
    client = made(admin)
    turn = f"/gateway/clients/{client.pk}/turn"
    assert "All its requests are refused" in admin.get(f"{turn}/close/").content.decode()
    for _twice in range(2):
        assert admin.post(f"{turn}/close/").status_code == 302
    client.refresh_from_db()
    assert not client.is_active and client.history.count() == 2
    with pytest.raises(Refused):
        actions.issue_key(client, at=timezone.now())
    assert "A closed client gets no key" in admin.get(f"/gateway/clients/{client.pk}/").content.decode()
    admin.post(f"{turn}/open/")
    client.refresh_from_db()
    assert client.is_active
    assert admin.post(f"{turn}/sideways/").status_code == 404


def test_the_page_tells_what_was_refused(admin: Client, hotline: Any) -> None:
    said = hotline.get("/petitions/999999").json()
    page = admin.get(f"/gateway/clients/{hotline.client.pk}/").content.decode()
    assert "GET /api/v1/petitions/{pk}" in page and "404 not_found" in page and said["trace_id"] in page
    assert admin.get("/gateway/clients/").context["page"].rows[0].refused == 1


@pytest.mark.parametrize("count", [1, 3])
def test_a_longer_list_asks_no_more(admin: Client, caller: Any, count: int, django_assert_num_queries: Any) -> None:
    for _number in range(count):
        caller().get("/petitions/999999")
    admin.get("/gateway/clients/")
    with django_assert_num_queries(3):
        page = admin.get("/gateway/clients/")
    assert [(row.live, row.refused) for row in page.context["page"].rows] == [(1, 1)] * count
    one = ApiClient.objects.latest("pk")
    for _number in range(count - 1):
        actions.issue_key(one, at=timezone.now())
        actions.revoke_key(one.keys.latest("pk"), at=timezone.now())
    with django_assert_num_queries(6):
        admin.get(f"/gateway/clients/{one.pk}/")


@pytest.mark.parametrize("who", ["officer", "dispatcher", "leader", "outsider"])
def test_nobody_else_finds_a_client(city: City, hotline: Any, who: str) -> None:
    client, pk, key = Client(), hotline.client.pk, ApiKey.objects.get().pk
    client.force_login(city.people[who], backend="accounts.backends.StaffBackend")
    for tail in ("", "change/", "turn/close/", "turn/open/", f"keys/{key}/revoke/"):
        assert client.get(f"/gateway/clients/{pk}/{tail}").status_code == 404
    for tail in ("change/", "turn/close/", "keys/", f"keys/{key}/revoke/"):
        assert client.post(f"/gateway/clients/{pk}/{tail}").status_code == 404
    assert client.get("/gateway/clients/").status_code == 403
    assert ApiKey.objects.get().revoked_at is None
