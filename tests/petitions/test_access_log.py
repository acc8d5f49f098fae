"""The access log page: who may read which entries, what is unusual, what is not in it, and that nothing is changed."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError
from openpyxl import load_workbook

from accounts.actions import log_access
from accounts.models import AccessLog
from accounts.roles import Role
from petitions import accesses, actions
from petitions.models import Purpose
from tests.city import City, make_order, make_petition

URL = "/access-log/"


@pytest.fixture
def as_user(client: Any) -> Any:
    def sign_in(user: Any) -> Any:
        client.force_login(user, backend="accounts.backends.StaffBackend")
        return client

    return sign_in


def looked(city: City, user: Any, petition: Any, *, minutes: int = 0, reason: str = "电话核实") -> None:
    at = city.at + timedelta(minutes=minutes)
    log_access(user=user, action="reveal", target=f"petition:{petition.pk}", reason=reason, at=at)


def test_only_those_of_the_matrix_have_the_page(city: City, as_user: Any) -> None:
    may = {Role.CITY_OFFICER, Role.DISTRICT_OFFICER, Role.INSPECTOR}
    for person in city.people.values():
        assert as_user(person).get(URL).status_code == (200 if person.role in may else 403), person.username
        assert as_user(person).get(f"{URL}export/").status_code == (200 if person.role in may else 403)


def test_an_office_reads_the_entries_of_its_own_area_and_an_inspector_all(city: City) -> None:
    near, far = make_petition(city), make_petition(city, area=city.areas["330225"])
    looked(city, city.officer, near)
    looked(city, city.officer, far)
    log_access(user=city.outside_leader, action="export", target="insights:board", at=city.at)
    assert accesses.visible_to(city.inspector).count() == 3
    assert [row.subject for row in accesses.visible_to(city.district_officer)] == [near.pk]
    assert {row.subject for row in accesses.visible_to(city.far_officer)} == {far.pk, None}
    assert not accesses.visible_to(city.leader).exists()


def test_of_an_accusation_only_who_is_named_reads_who_looked(city: City) -> None:
    secret = make_petition(city, purpose=Purpose.ACCUSE, respondent_unit=city.housing)
    looked(city, city.officer, secret)
    assert not accesses.visible_to(city.inspector).exists()
    actions.name_person(secret.pk, user=city.inspector, reason="督查", actor=city.officer, at=city.at)
    assert accesses.visible_to(city.inspector).count() == 1


def test_many_looks_within_an_hour_are_found_and_ordinary_ones_are_not(city: City) -> None:
    petition = make_petition(city)
    for minute in range(accesses.MANY):
        looked(city, city.officer, petition, minutes=minute)
    for hour in range(accesses.MANY):
        looked(city, city.leader, petition, minutes=60 * hour)
    rows, _given = accesses.filtered(city.inspector, {"unusual": "many"})
    assert {row.user for row in rows} == {city.officer} and rows.count() == 1


def test_looks_at_night_and_on_days_off_are_found(city: City) -> None:
    petition = make_petition(city)
    # Monday 10:00, Monday 22:00, Saturday 10:00 in Shanghai.
    for hours in (0, 12, 5 * 24):
        looked(city, city.officer, petition, minutes=60 * hours)
    rows, _given = accesses.filtered(city.inspector, {"unusual": "night"})
    assert rows.count() == 2


def test_a_look_at_what_is_not_ones_own_is_found(city: City) -> None:
    order = make_order(city)
    looked(city, city.leader, order.petition)
    looked(city, city.officer, order.petition)
    looked(city, city.district_officer, order.petition)
    rows, _given = accesses.filtered(city.inspector, {"unusual": "foreign"})
    assert [row.user for row in rows] == [city.district_officer]


def test_filters_narrow_by_person_unit_kind_number_and_days(city: City) -> None:
    petition = make_petition(city)
    looked(city, city.officer, petition)
    looked(city, city.leader, petition, minutes=3 * 24 * 60)
    for query, expected in (
        ({"q": "沈一鸣"}, 1),
        ({"q": "住建"}, 1),
        ({"action": "export"}, 0),
        ({"number": petition.short_number}, 2),
        ({"number": "26-9999"}, 0),
        ({"number": "x"}, 0),
        ({"from": "2026-11-17"}, 1),
        ({"to": "2026-11-16"}, 1),
        ({"from": "nonsense"}, 2),
    ):
        assert accesses.filtered(city.inspector, query)[0].count() == expected, query


def test_the_page_holds_no_case_text_and_no_identity(city: City, as_user: Any) -> None:
    petition = make_petition(city)
    actions.reveal(petition.pk, reason="电话核实诉求", actor=city.officer, at=city.at)
    log_access(
        user=city.officer, action="download", target=f"petition:{petition.pk}", detail="周小琴身份证.JPG", at=city.at
    )
    page = as_user(city.inspector).get(URL).content.decode()
    assert petition.short_number in page and "电话核实诉求" in page and "jpg" in page
    for word in ("周小琴", petition.summary, "13812345127"):
        assert word not in page


def test_taking_it_out_asks_a_reason_is_an_entry_and_is_marked(city: City, as_user: Any) -> None:
    looked(city, city.officer, make_petition(city), reason="=1+1")
    client = as_user(city.inspector)
    assert client.post(f"{URL}export/", {"reason": ""}).status_code == 422
    answer = client.post(f"{URL}export/?action=reveal", {"reason": "季度检查"})
    sheet = load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    assert "唐国峰 inspector" in sheet["A1"].value and "季度检查" in sheet["A2"].value
    assert sheet["F4"].value == "=1+1" and sheet["F4"].data_type == "s"
    assert sheet.max_row == 4
    entry = AccessLog.objects.get(action="export")
    assert (entry.user, entry.reason, entry.detail) == (city.inspector, "季度检查", "action=reveal")


def test_a_long_log_is_paged_by_key_with_the_same_statements(
    city: City, as_user: Any, django_assert_num_queries: Any
) -> None:
    petition = make_petition(city)
    client = as_user(city.inspector)
    looked(city, city.officer, petition)
    client.get(URL)
    with django_assert_num_queries(4):
        client.get(URL)
    for minute in range(60):
        looked(city, city.officer, petition, minutes=minute)
    with django_assert_num_queries(4):
        page = client.get(URL).content.decode()
    assert 'rel="next"' in page


@pytest.mark.parametrize("sql", ["DELETE FROM accounts_accesslog", "UPDATE accounts_accesslog SET reason = '别的'"])
def test_no_entry_is_changed_or_taken_out(city: City, sql: str) -> None:
    looked(city, city.officer, make_petition(city))
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_the_laws_forgetting_may_empty_the_words_and_nothing_else(city: City) -> None:
    looked(city, city.officer, make_petition(city))
    assert AccessLog.objects.update(reason="", detail="") == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        AccessLog.objects.update(user=city.leader)
