"""A masked field is no oracle: no filter, search or order tells who sees identities masked what the mask hides."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AccessLog, User
from accounts.roles import Role
from dispatch.console import tabs_for
from gateway import queries
from petitions import worklist as wl
from petitions.actions import Person
from petitions.filters import FILTERS
from petitions.models import Petition, Petitioner
from tests.city import City, make_order, make_petition

# Two people nobody can tell apart by what the pages show: the masks of name and numbers are the same.
ONE = {
    "name": "周小琴",
    "phone": "13812345127",
    "id_type": "111",
    "id_no": "330203190001010013",
    "address": "解放路7号",
}
OTHER = {**ONE, "name": "周大琴", "phone": "13899995127", "id_no": "330203195501010013", "address": "中山路9号"}
RESPONDENT = "马某某局长"
HIDDEN = [ONE["name"], ONE["phone"], ONE["id_no"], ONE["address"], RESPONDENT]
NUMBERS = {ONE["phone"], ONE["id_no"]}


@pytest.fixture
def pair(city: City) -> tuple[City, Petition, Petition]:
    """The same matter from two people; both dispatched, so that the console has them too."""
    city.at = at = timezone.now() - timedelta(hours=3)
    made = [
        make_order(city, petition=make_petition(city, at=at, person=Person(**who), respondent=respondent), at=at)
        for who, respondent in ((ONE, RESPONDENT), (OTHER, "牛某某科长"))
    ]
    first, second = (order.petition for order in made)
    shown = [list(Petitioner.objects.filter(petition=p).values("name_masked", "phone_masked")) for p in (first, second)]
    assert shown[0] == shown[1], "the two must look alike to who sees masks"
    return city, first, second


def masked_roles(city: City) -> list[User]:
    """People who read petitions and may not lift the mask."""
    return [p for p in city.people.values() if p.may("petitions.view") and not p.may("petitions.reveal")]


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="accounts.backends.StaffBackend")
    return client


def rows_of(client: Client, query: dict[str, str]) -> set[int]:
    response = client.get("/petitions/", query)
    if response.status_code == 302:
        return {int(response.url.strip("/").split("/")[-1])}
    return {row.pk for row in response.context["desk"].page.rows}


def attempts() -> Iterator[dict[str, str]]:
    """Every parameter a list knows, and some it might be thought to know, with every hidden value."""
    guessed = ["name", "phone", "id_no", "petitioner", "person", "respondent", "address", "petitioner__name", "sort"]
    for value in HIDDEN:
        for name in [*FILTERS, *guessed]:
            yield {"view": "all", name: value}
        for view in wl.VIEWS:
            yield {"view": view, "q": value}
        for word in (value[:-1], f"{value} 电梯", f" {value} ", f"*{value[1:]}"):
            yield {"view": "all", "q": word}
    for sort in [*wl.SORTS, "name", "-name", "petitioner"]:
        yield {"view": "all", "sort": sort, "q": ONE["name"]}


def test_there_are_roles_that_see_masks(city: City) -> None:
    assert {p.role for p in masked_roles(city)} == {Role.DISPATCHER, Role.CONFERENCE_OFFICER, Role.INSPECTOR}


def test_the_worklist_answers_alike_whether_or_not_a_hidden_value_matches(pair: Any) -> None:
    city, first, second = pair
    for person in masked_roles(city):
        client = browser(person)
        for query in attempts():
            # Who takes matters down may look a whole number up; that is the next test.
            is_number = query.get("q", "").strip() in NUMBERS
            if is_number and person.may("petitions.register"):
                continue
            found = rows_of(client, query)
            assert (first.pk in found) == (second.pk in found), (person.username, query)


def test_a_whole_number_is_looked_up_by_who_takes_matters_down_and_that_is_logged(pair: Any) -> None:
    city, first, _second = pair
    assert rows_of(browser(city.dispatcher), {"view": "all", "q": ONE["phone"]}) == {first.pk}
    entry = AccessLog.objects.get(action="search")
    assert entry.user == city.dispatcher and ONE["phone"] not in entry.detail and entry.detail
    assert rows_of(browser(city.dispatcher), {"view": "all", "q": ONE["phone"][:-1]}) == set()
    assert rows_of(browser(city.inspector), {"view": "all", "q": ONE["phone"]}) == set()
    assert rows_of(browser(city.conference_officer), {"view": "all", "q": ONE["id_no"]}) == set()


def test_who_may_lift_the_mask_finds_a_person_by_name(pair: Any) -> None:
    city, first, second = pair
    for person in (city.officer, city.district_officer, city.leader):
        assert rows_of(browser(person), {"view": "all", "q": ONE["name"]}) == {first.pk}
        assert rows_of(browser(person), {"view": "all", "q": "周"}) == set()
    assert rows_of(browser(city.officer), {"view": "all", "q": OTHER["phone"]}) == {second.pk}
    assert not AccessLog.objects.filter(action="search").exists()


def test_counts_and_saved_views_tell_no_more_than_the_rows(pair: Any) -> None:
    city, _first, _second = pair
    for person in masked_roles(city):
        client = browser(person)
        for query in ({"view": "open", "q": ONE["name"]}, {"view": "open", "q": "周无此人"}):
            response = client.get("/petitions/", query)
            assert not response.context["desk"].page.rows and response.context["total"] == "0", person.username


def test_the_console_narrows_by_nothing_hidden(pair: Any) -> None:
    city, first, second = pair
    for person in masked_roles(city):
        if not person.may("dispatch.view"):
            continue
        client = browser(person)
        for tab in tabs_for(person):
            for value in HIDDEN:
                for name in ("q", "name", "phone", "person", "sort", "cursor"):
                    groups = client.get("/orders/", {"tab": tab.key, name: value}).context["groups"]
                    found = {order.petition_id for group in groups for order, _left in group.lines}
                    assert (first.pk in found) == (second.pk in found), (person.username, tab.key, name)


def ids_in(answer: Any) -> set[int] | None:
    """The rows of an answer; None when the question itself was refused, which tells nothing about rows."""
    if answer.status_code != 200:
        return None
    body = answer.json()
    return {row["id"] for row in body["items" if "items" in body else "data"]}


@pytest.mark.parametrize("scopes", [["petitions:read"], ["petitions:read", "petitions:write"]], ids=["read", "write"])
def test_the_api_answers_alike_whether_or_not_a_hidden_value_matches(pair: Any, caller: Any, scopes: list[str]) -> None:
    _city, first, second = pair
    api = caller(unit="city_office", scopes=scopes)
    fields = list(queries.PetitionSearch().get_fields()) if hasattr(queries, "PetitionSearch") else ["q", "person"]
    asked = 0
    for value in HIDDEN:
        for name in {*fields, "q", "person", "name", "phone"}:
            is_allowed = "petitions:write" in scopes and name in {"person", "q"} and value in NUMBERS
            for answer in (api.post("/petitions/_search", {name: value}), api.get("/petitions", {name: value})):
                found = ids_in(answer)
                if found is None or is_allowed:
                    continue
                asked += 1
                assert (first.pk in found) == (second.pk in found), (name, value)
    assert asked


def test_a_client_that_registers_finds_a_person_by_the_whole_number_only(pair: Any, caller: Any) -> None:
    _city, first, _second = pair
    writer = caller(unit="city_office", scopes=["petitions:read", "petitions:write"])
    assert ids_in(writer.post("/petitions/_search", {"person": ONE["phone"]})) == {first.pk}
    assert ids_in(writer.post("/petitions/_search", {"person": ONE["name"]})) == set()
    reader = caller(unit="city_office", scopes=["petitions:read"])
    assert ids_in(reader.post("/petitions/_search", {"person": ONE["phone"]})) == set()
