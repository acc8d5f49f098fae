"""List and detail agree: what stands in a list opens, and what opens stands in a list, for every role and client."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from dispatch.actions import orders
from dispatch.console import OFFICE_TABS, UNIT_TABS, tabs_for
from dispatch.models import WorkOrder
from dispatch.states import OPEN_ORDER_STATES, OrderState
from petitions import actions
from petitions.models import Petition
from tests.city import City, fed_back, make_order, make_petition, replied


@pytest.fixture
def world(city: City) -> City:
    """One petition of each kind whose visibility is decided by another rule."""
    city.at = at = timezone.now() - timedelta(hours=9)
    make_petition(city, at=at)
    make_petition(city, at=at, area=city.areas["330225"])
    make_petition(city, at=at, actor=city.agent, register_unit=city.hotline)
    make_petition(city, at=at, actor=city.leader, register_unit=city.housing)
    make_petition(city, at=at, is_anonymous=True)
    secret = make_petition(city, at=at, purpose="JK", respondent_unit=city.enforcement)
    actions.name_person(secret.pk, user=city.reviewer, reason="复查", actor=city.officer, at=at)
    make_order(city, petition=make_petition(city, at=at, purpose="JK", respondent_unit=city.town), at=at)
    make_order(city, at=at)
    make_order(city, at=at, lead=city.transport, assisting=[city.housing])
    assigned = make_order(city, at=at)
    orders.assign(assigned.pk, handler=city.colleague, actor=city.leader, at=at)
    recalled = make_order(city, at=at, lead=city.enforcement)
    orders.recall(recalled.pk, reason="派错", actor=city.officer, at=at)
    make_order(city, petition=recalled.petition, at=at)
    fed_back(city, at=at)
    called = fed_back(city, at=at)
    orders.check(called.pk, passes=True, actor=city.officer, at=at + timedelta(hours=3))
    checked = fed_back(city, at=at)
    orders.check(checked.pk, passes=True, actor=city.officer, at=at + timedelta(hours=3))
    answers = {"was_contacted": True, "solved": "yes", "satisfaction": 3}
    orders.call_back(
        called.pk, result="reached", said="好", answers=answers, actor=city.officer, at=at + timedelta(hours=4)
    )
    replied(city, at=at)
    gone = make_petition(city, at=at)
    actions.withdraw(gone.pk, reason="撤回", actor=city.officer, at=at)
    actions.name_person(gone.pk, user=city.lead_official, reason="包案", actor=city.officer, at=at)
    return city


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="accounts.backends.StaffBackend")
    return client


def listed_petitions(client: Client, query: str = "view=all") -> set[int]:
    """Every row of the worklist, page by page."""
    found: set[int] = set()
    cursor = ""
    while True:
        page = client.get(f"/petitions/?{query}&size=25&cursor={cursor}").context["desk"].page
        found |= {row.pk for row in page.rows}
        cursor = page.next
        if not cursor:
            return found


def listed_orders(client: Client, user: User) -> set[int]:
    """Every row of every tab of the console."""
    found: set[int] = set()
    for tab in tabs_for(user):
        groups = client.get(f"/orders/?tab={tab.key}").context["groups"]
        found |= {order.pk for group in groups for order, _left in group.lines}
    return found


def everyone(city: City) -> list[tuple[str, User]]:
    found = list(city.people.items())
    assert {person.role for _name, person in found} == set(Role.values), "a role is missing in the fixture city"
    return found


def test_what_the_worklist_shows_opens_and_what_opens_is_in_the_worklist(world: City) -> None:
    every = set(Petition.objects.values_list("pk", flat=True))
    for name, person in everyone(world):
        client = browser(person)
        opens = {pk for pk in every if client.get(f"/petitions/{pk}/").status_code == 200}
        if not person.may("petitions.view"):
            assert client.get("/petitions/").status_code == 403 and not opens, name
            continue
        assert listed_petitions(client) == opens, name
        # The halves of the list make the whole, so that nothing hides between the tabs.
        halves = listed_petitions(client, "view=open") | listed_petitions(client, "view=closed")
        assert halves == opens, name


def test_a_search_by_number_finds_exactly_what_opens(world: City) -> None:
    for name, person in everyone(world):
        if not person.may("petitions.view"):
            continue
        client = browser(person)
        for petition in Petition.objects.all():
            found = client.get("/petitions/", {"view": "all", "q": petition.short_number, "state": petition.state})
            rows = {row.pk for row in found.context["desk"].page.rows}
            opens = client.get(f"/petitions/{petition.pk}/").status_code == 200
            assert rows == ({petition.pk} if opens else set()), (name, petition.pk)


def test_what_the_console_shows_opens_and_what_opens_is_in_the_console(world: City) -> None:
    every = list(WorkOrder.objects.all())
    for name, person in everyone(world):
        client = browser(person)
        # Whether a step exists, is legal or is allowed is another question; 404 is "there is no such order for you".
        opens = {order.pk for order in every if client.get(f"/orders/{order.pk}/do/check/").status_code != 404}
        if not person.may("dispatch.view"):
            assert client.get("/orders/").status_code == 403 and not opens, name
            continue
        listed = listed_orders(client, person)
        assert listed == opens, name
        for order in every:
            if order.pk in listed:
                assert client.get(f"/petitions/{order.petition_id}/").status_code == 200, (name, order.pk)


@pytest.mark.parametrize("tabs", [UNIT_TABS, OFFICE_TABS], ids=["unit", "office"])
@pytest.mark.parametrize("state", OrderState.values)
def test_no_state_of_an_order_falls_between_the_tabs(city: City, tabs: Any, state: str) -> None:
    order = make_order(city)
    WorkOrder.objects.filter(pk=order.pk).update(state=state, is_open=state in OPEN_ORDER_STATES)
    found = [tab.key for tab in tabs if WorkOrder.objects.filter(tab.condition(city.officer, city.at), pk=order.pk)]
    assert found, state


def test_citizens_have_no_account_and_see_no_list(world: City) -> None:
    petition = Petition.objects.first()
    assert petition is not None
    for address in ("/petitions/", "/orders/", "/jobs/", f"/petitions/{petition.pk}/"):
        assert Client().get(address).status_code == 302


@pytest.mark.parametrize("unit", ["hotline", "city_office", "housing", "enforcement", "transport", "root"])
def test_what_the_api_lists_opens_and_what_opens_is_listed(world: City, caller: Any, unit: str) -> None:
    api = caller(unit=unit, scopes=["petitions:read"])
    for path, model in (("/petitions", Petition), ("/work-orders", WorkOrder)):
        listed, cursor = set(), None
        while True:
            page = api.get(path, {"limit": 5, **({"cursor": cursor} if cursor else {})}).json()
            listed |= {row["id"] for row in page["items" if "items" in page else "data"]}
            cursor = page.get("next")
            if not cursor:
                break
        opens = {pk for pk in model.objects.values_list("pk", flat=True) if api.get(f"{path}/{pk}").status_code == 200}
        assert listed == opens, (unit, path)
