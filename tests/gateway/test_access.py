"""Who gets in: keys, scopes, addresses, rates."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.utils import timezone
from redis.exceptions import ConnectionError as RedisConnectionError

from gateway import actions
from gateway.authentication import forget_cached_keys
from gateway.models import ApiClient, ApiKey
from petitions.states import Refused
from tests.gateway.conftest import body


def test_a_call_without_a_key_is_told_how_to_send_one(client: Any, city: Any) -> None:
    answer = client.get("/api/v1/petitions")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("key", ["", "yq_x", "yq_abcdefgh_00", "Basic x", "yq_abcdefgh_00_11", "\u00e9"])
def test_a_wrong_key_is_refused(hotline: Any, key: str) -> None:
    assert hotline.get("/units", Authorization=f"Bearer {key}").status_code == 401


def test_another_secret_with_a_known_prefix_is_refused(hotline: Any) -> None:
    assert hotline.get("/units", Authorization=f"Bearer {hotline.key[:-1]}z").status_code == 401


def test_the_secret_is_nowhere_in_the_database(hotline: Any) -> None:
    key = ApiKey.objects.get(client=hotline.client)
    secret = hotline.key.rsplit("_", 1)[1]
    assert secret not in str(list(ApiKey.objects.values()))
    assert key.digest == actions.digest_of(secret)


@pytest.mark.parametrize("end", ["revoked", "expired", "inactive"])
def test_an_ended_key_is_refused_once_the_cache_has_run_out(hotline: Any, end: str) -> None:
    assert hotline.get("/units").status_code == 200
    key, at = ApiKey.objects.get(client=hotline.client), timezone.now()
    if end == "revoked":
        actions.revoke_key(key, at=at)
    elif end == "expired":
        ApiKey.objects.filter(pk=key.pk).update(expires_at=at - timedelta(seconds=1))
    else:
        ApiClient.objects.filter(pk=hotline.client.pk).update(is_active=False)
    forget_cached_keys()
    assert hotline.get("/units").status_code == 401


def test_the_last_use_is_written_at_most_once_a_minute(hotline: Any) -> None:
    hotline.get("/units")
    first = ApiKey.objects.get(client=hotline.client).last_used_at
    hotline.get("/units")
    assert first is not None
    assert ApiKey.objects.get(client=hotline.client).last_used_at == first
    actions.note_use(ApiKey.objects.get(client=hotline.client).pk, at=first + timedelta(seconds=61))
    assert ApiKey.objects.get(client=hotline.client).last_used_at > first


def test_a_client_may_only_come_from_its_own_addresses(caller: Any) -> None:
    own, other = caller(allowed_ips=["127.0.0.0/8"]), caller(allowed_ips=["10.1.0.0/16", "::1"])
    assert own.get("/units").status_code == 200
    assert other.get("/units").status_code == 401


@pytest.mark.parametrize(
    ("scopes", "path", "wanted"),
    [
        (["petitions:write"], "/petitions", "petitions:read"),
        (["petitions:write"], "/work-orders", "petitions:read"),
        (["petitions:write"], "/petitions/1/clocks", "petitions:read"),
    ],
)
def test_reading_without_the_scope_names_the_scope(caller: Any, scopes: list[str], path: str, wanted: str) -> None:
    answer = caller(scopes=scopes).get(path)
    assert answer.status_code == 403
    assert answer.json()["scope"] == wanted
    assert answer.json()["type"] == "/problems/missing_scope"


@pytest.mark.parametrize("path", ["/petitions", "/petitions/1/withdraw", "/work-orders/1/sign"])
def test_a_reading_key_writes_nothing(caller: Any, path: str) -> None:
    assert caller(scopes=["petitions:read"]).post(path, {}, match='"1"').status_code == 403


def test_reference_data_are_open_to_every_key(caller: Any) -> None:
    reader = caller(scopes=["orders:write"])
    for path in ("/units", "/areas", "/categories"):
        assert reader.get(path).json()["items"]


def test_more_requests_than_agreed_are_told_when_to_come_back(hotline: Any) -> None:
    ApiClient.objects.filter(pk=hotline.client.pk).update(rate_per_minute=2)
    answers = [hotline.get("/units") for _i in range(4)]
    refused = [answer for answer in answers if answer.status_code == 429]
    # A minute may end between two of the calls.
    assert refused or int(timezone.now().timestamp()) % 60 < 3
    for answer in refused:
        assert 1 <= int(answer["Retry-After"]) <= 60
        assert answer.json()["type"] == "/problems/rate_limited"


def test_a_dead_cache_holds_nobody_up(hotline: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def dead(*_args: Any, **_options: Any) -> int:
        raise RedisConnectionError

    monkeypatch.setattr(type(cache._connections[cache._alias]), "incr", dead)
    ApiClient.objects.filter(pk=hotline.client.pk).update(rate_per_minute=1)
    assert [hotline.get("/units").status_code for _i in range(3)] == [200, 200, 200]


def test_the_command_prints_the_key_alone_on_the_last_line(city: Any, client: Any) -> None:
    out = StringIO()
    options = {"channel": "hotline", "unit": "NB-12345", "scopes": ["petitions:write"], "expires": 30, "stdout": out}
    call_command("create_api_client", "热线", **options)
    key = out.getvalue().rstrip("\n").split("\n")[-1]
    assert client.get("/api/v1/units", headers={"Authorization": f"Bearer {key}"}).status_code == 200


@pytest.mark.parametrize(
    ("channel", "given", "numbering"),
    [("hotline", None, ""), ("online", None, "NB-12345"), ("online", "", ""), ("town", "FOUR", "FOUR")],
)
def test_systems_of_departments_count_for_themselves(
    city: Any, channel: str, given: str | None, numbering: str
) -> None:
    more = {} if given is None else {"numbering": given}
    options = {"channel": channel, "unit": "NB-12345", "scopes": ["petitions:write"], "stdout": StringIO()}
    call_command("create_api_client", "系统", **options, **more)
    assert ApiClient.objects.get().numbering == numbering


def test_rotation_gives_a_second_key_and_never_a_third(city: Any) -> None:
    options = {"channel": "hotline", "unit": "NB-12345", "scopes": ["petitions:write"], "stdout": StringIO()}
    call_command("create_api_client", "热线", **options)
    with pytest.raises(CommandError):
        call_command("create_api_client", "热线", **options)
    call_command("create_api_client", "热线", rotate=True, stdout=StringIO())
    with pytest.raises(CommandError):
        call_command("create_api_client", "热线", rotate=True, stdout=StringIO())


@pytest.mark.parametrize(
    "changes", [{"channel": "fax"}, {"scopes": ["all"]}, {"scopes": []}, {"allowed_ips": ["10.1.0.300"]}]
)
def test_a_client_with_a_slip_in_it_is_not_made(city: Any, changes: dict[str, Any]) -> None:
    fields = {"channel": "hotline", "unit": city.units["hotline"], "scopes": ["petitions:read"], **changes}
    with pytest.raises(Refused):
        actions.create_client("x", **fields, at=timezone.now())


def test_a_petition_of_another_unit_does_not_exist(hotline: Any, caller: Any) -> None:
    pk = hotline.post("/petitions", body()).json()["id"]
    stranger = caller(unit="transport", channel="town")
    for path in (f"/petitions/{pk}", f"/petitions/{pk}/events", f"/petitions/{pk}/clocks"):
        assert hotline.get(path).status_code == 200
        assert stranger.get(path).status_code == 404
    assert stranger.post(f"/petitions/{pk}/withdraw", {"reason": "x"}, match='"1"').status_code == 404
    assert stranger.get("/petitions").json()["items"] == []


@pytest.mark.parametrize("pk", [999_999, 2**63, 10**30])
def test_unknown_ids_are_404(hotline: Any, pk: int) -> None:
    assert hotline.get(f"/petitions/{pk}").status_code == 404
    assert hotline.get(f"/petitions/{pk}/clocks").status_code == 404
    assert hotline.get(f"/work-orders/{pk}").status_code == 404
    assert hotline.post(f"/work-orders/{pk}/sign", {}, match='"1"').status_code == 404


def test_an_accusation_is_taken_in_and_then_invisible_to_its_sender(hotline: Any) -> None:
    answer = hotline.post("/petitions", body(purpose="JK", source_ref="GD-9"))
    assert answer.status_code == 201
    assert hotline.get(answer["Location"].removeprefix("/api/v1")).status_code == 404
    assert hotline.get("/petitions").json()["items"] == []
    again = hotline.post("/petitions", body(purpose="JK", source_ref="GD-9"))
    assert again.status_code == 409
    assert again.json()["type"] == "/problems/source_ref_taken"
    assert "id" not in again.json()
