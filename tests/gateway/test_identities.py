"""Identities over the API: with scope and reason only, each reading in the inspectors' log by the system's name."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AccessLog
from petitions import accesses, actions
from petitions.actions import Person, Signer
from petitions.models import Petition
from tests.city import City, make_order, make_petition
from tests.gateway.conftest import body

REASON = "省平台核对信访人身份"


@pytest.fixture
def knowing(caller: Any) -> Any:
    """The hotline's own system, which may know who calls."""
    return caller(scopes=["petitions:write", "petitions:read", "identities:read"])


@pytest.fixture
def pk(knowing: Any) -> int:
    return int(knowing.post("/petitions", body()).json()["id"])


def ask(caller: Any, pk: int, **changes: Any) -> Any:
    return caller.post(f"/petitions/{pk}/identities", {"reason": REASON, **changes}, key="-")


def test_who_it_is_comes_with_a_reason_and_an_entry(knowing: Any, pk: int, city: City) -> None:
    answer = ask(knowing, pk)
    assert answer.status_code == 200, answer.content
    assert answer["Cache-Control"] == "no-store"
    (person,) = answer.json()["items"]
    assert (person["name"], person["phone"], person["id_no"]) == ("周小琴", "13812345127", "330203190001010013")
    entry = AccessLog.objects.get()
    assert (entry.user, entry.client, entry.unit) == (None, knowing.client.name, city.hotline)
    assert (entry.action, entry.subject, entry.reason, entry.ip) == ("reveal", pk, REASON, "127.0.0.1")
    # Everywhere else the mask stays.
    assert knowing.get(f"/petitions/{pk}").json()["petitioners"][0]["name"] != "周小琴"


def test_the_inspector_reads_which_system_looked(knowing: Any, pk: int, city: City) -> None:
    ask(knowing, pk)
    browser = Client()
    browser.force_login(city.inspector, backend="accounts.backends.StaffBackend")
    page = browser.get(f"/access-log/?q={knowing.client.name}", headers={"Accept-Language": "en"}).content.decode()
    assert f"{knowing.client.name} (interface)" in page
    assert REASON in page
    assert "周小琴" not in page
    browser.force_login(city.officer, backend="accounts.backends.StaffBackend")
    case = browser.get(f"/petitions/{pk}/?tab=log", headers={"Accept-Language": "en"}).content.decode()
    assert f"{knowing.client.name} (interface)" in case


def test_a_system_that_reads_many_in_an_hour_stands_out(knowing: Any, pk: int, city: City) -> None:
    for _i in range(accesses.MANY - 1):
        ask(knowing, pk)
    assert not accesses.filtered(city.inspector, {"unusual": "many"})[0].exists()
    ask(knowing, pk)
    assert accesses.filtered(city.inspector, {"unusual": "many"})[0].count() == 1


@pytest.mark.parametrize("reason", [None, "", "  ", "查", "x" * 201])
def test_without_a_reason_nothing_is_told_and_nothing_is_logged(knowing: Any, pk: int, reason: str | None) -> None:
    given = {} if reason is None else {"reason": reason}
    answer = knowing.post(f"/petitions/{pk}/identities", given, key="-")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/reason"
    assert not AccessLog.objects.exists()


def test_without_the_scope_it_is_refused_and_out_of_reach_it_is_not_there(
    knowing: Any, hotline: Any, caller: Any, city: City, pk: int
) -> None:
    refused = ask(hotline, pk)
    assert (refused.status_code, refused.json()["scope"]) == (403, "identities:read")
    secret = make_petition(city, purpose="JK", register_unit=city.hotline, respondent_unit=city.housing)
    make_order(city, petition=secret, lead=city.transport)
    for who, number in (
        (caller(unit="transport", channel="online", scopes=["identities:read"]), pk),
        (knowing, secret.pk),
        (caller(unit="housing", channel="online", scopes=["identities:read"]), secret.pk),
        (caller(unit="transport", channel="online", scopes=["identities:read"]), secret.pk),
        (knowing, 987654),
    ):
        assert ask(who, number).status_code == 404
    assert not AccessLog.objects.exists()


def test_the_unit_that_handles_reads_who_it_is_dealing_with(caller: Any, city: City) -> None:
    order = make_order(city)
    housing = caller(unit="housing", channel="online", scopes=["identities:read"])
    assert ask(housing, order.petition_id).status_code == 200


def test_the_scope_finds_nobody_by_name(knowing: Any, pk: int) -> None:
    assert knowing.post("/petitions/_search", {"person": "周小琴"}, key="-").json()["items"] == []
    assert knowing.post("/petitions/_search", {"q": "周小琴"}, key="-").json()["items"] == []


def test_joint_signers_come_in_pages_at_one_statement_count(
    knowing: Any, pk: int, city: City, django_assert_num_queries: Any
) -> None:
    ask(knowing, pk)
    with django_assert_num_queries(8):
        assert len(ask(knowing, pk).json()["items"]) == 1
    signers = [Signer(Person(name=name, phone=f"1381234500{i}")) for i, name in enumerate(("测试甲", "测试乙"))]
    actions.add_signers(pk, signers=signers, actor=city.officer, at=timezone.now())
    with django_assert_num_queries(8):
        assert len(ask(knowing, pk).json()["items"]) == 3
    first = ask(knowing, pk, limit=2).json()
    rest = ask(knowing, pk, limit=2, cursor=first["next"]).json()
    assert [row["name"] for row in first["items"] + rest["items"]] == ["周小琴", "测试甲", "测试乙"]
    assert (rest["next"], rest["items"][0]["role"]) == (None, "signer")


def test_an_entry_names_a_person_or_a_system_never_both_or_neither(city: City) -> None:
    from django.db import IntegrityError, transaction

    row = {"action": "reveal", "target": "petition:1", "at": timezone.now() - timedelta(days=1)}
    for who in ({}, {"user": city.officer, "client": "x"}):
        with pytest.raises(IntegrityError, match="accesslog_who"), transaction.atomic():
            AccessLog.objects.create(**row, **who)


def test_the_laws_forgetting_empties_the_words_of_a_systems_entry_too(knowing: Any, pk: int) -> None:
    ask(knowing, pk)
    assert AccessLog.objects.update(reason="") == 1
    assert Petition.objects.filter(pk=pk).exists()
