"""The unit console, the office's work orders, and my day."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from dispatch.actions import orders
from dispatch.console import OFFICE_TABS, UNIT_TABS, waiting_orders, waiting_petitions
from tests.city import City, fed_back, make_order, make_petition, replied
from tests.dispatch.test_views_case import enter


@pytest.fixture
def lately(city: City) -> City:
    city.at = timezone.now() - timedelta(hours=8)
    return city


def numbers(response: Any) -> dict[str, str]:
    return {str(tab["url"]).rsplit("=", 1)[1]: tab["count"] for tab in response.context["tabs"]}


def shown(response: Any) -> list[int]:
    return [order.pk for group in response.context["groups"] for order, _left in group.lines]


def test_each_tab_holds_its_orders_and_says_how_many(lately: City) -> None:
    waiting = make_order(lately, at=lately.at)
    in_hand = make_order(lately, at=lately.at)
    orders.sign(in_hand.pk, actor=lately.handler, at=lately.at)
    orders.assign(in_hand.pk, handler=lately.handler, actor=lately.leader, at=lately.at)
    sent_back = fed_back(lately, at=lately.at)
    orders.check(sent_back.pk, passes=False, remark="补充材料", actor=lately.officer, at=lately.at + timedelta(hours=3))
    checking = fed_back(lately, at=lately.at)
    done = replied(lately, at=lately.at).orders.get()
    client = enter(lately.leader)
    expected = {
        "to_sign": {waiting.pk},
        "in_hand": {in_hand.pk, sent_back.pk},
        "checking": {checking.pk},
        "done": {done.pk},
    }
    for tab, rows in expected.items():
        assert set(shown(client.get(f"/orders/?tab={tab}"))) == rows, tab
    counts = numbers(client.get("/orders/"))
    assert (counts["to_sign"], counts["in_hand"], counts["checking"]) == ("1", "2", "1")
    assert sent_back.pk in shown(client.get("/orders/?tab=late"))
    assert shown(enter(lately.handler).get("/orders/?tab=mine")) == [in_hand.pk]


def test_rows_stand_under_their_deadlines(lately: City) -> None:
    late = make_order(lately, at=timezone.now() - timedelta(days=9))
    soon = make_order(lately, at=timezone.now())
    response = enter(lately.leader).get("/orders/?tab=to_sign")
    assert response.context["groups"][0].key == "over"
    assert shown(response) == [late.pk, soon.pk]


def test_one_click_signs_and_returns_to_the_tab(lately: City) -> None:
    order = make_order(lately, at=lately.at)
    client = enter(lately.handler)
    response = client.post(f"/orders/{order.pk}/do/sign/", {"version": order.version, "next": "/orders/?tab=to_sign"})
    assert response.url == "/orders/?tab=to_sign"
    order.refresh_from_db()
    assert order.state == "in_hand"


def test_another_units_orders_are_not_in_the_console(lately: City) -> None:
    make_order(lately, at=lately.at)
    for tab in UNIT_TABS:
        assert shown(enter(lately.outsider).get(f"/orders/?tab={tab.key}")) == []


def test_the_office_sees_what_to_check_and_whom_to_call(lately: City) -> None:
    to_check = fed_back(lately, at=lately.at)
    to_call = fed_back(lately, at=lately.at)
    orders.check(to_call.pk, passes=True, actor=lately.officer, at=lately.at + timedelta(hours=3))
    client = enter(lately.officer)
    assert shown(client.get("/orders/?tab=to_check")) == [to_check.pk]
    assert shown(client.get("/orders/?tab=to_call")) == [to_call.pk]
    assert [t["url"].rsplit("=")[1] for t in client.get("/orders/").context["tabs"]] == [t.key for t in OFFICE_TABS]


def test_a_system_administrator_has_no_console_and_no_cases(lately: City) -> None:
    order = make_order(lately, at=lately.at)
    client = enter(lately.admin)
    assert client.get("/orders/").status_code == 403
    assert client.get(f"/petitions/{order.petition_id}/").status_code == 404
    desk = client.get("/").content.decode()
    assert "反映小区电梯" not in desk


def test_three_rows_cost_as_many_queries_as_one(lately: City, django_assert_num_queries: Any) -> None:
    make_order(lately, at=lately.at)
    client = enter(lately.leader)
    client.get("/orders/")
    with django_assert_num_queries(5):
        client.get("/orders/")
    make_order(lately, at=lately.at)
    make_order(lately, at=lately.at)
    with django_assert_num_queries(5):
        client.get("/orders/")


@pytest.mark.parametrize(
    "who", ["officer", "dispatcher", "leader", "handler", "agent", "inspector", "admin", "reviewer"]
)
def test_my_day_opens_for_every_role_within_twenty_four_queries(
    lately: City, who: str, django_assert_max_num_queries: Any
) -> None:
    fed_back(lately, at=lately.at)
    make_order(lately, at=lately.at)
    client = enter(lately.people[who])
    with django_assert_max_num_queries(24):
        assert client.get("/").status_code == 200


def test_every_number_of_my_day_leads_to_as_many_rows(lately: City) -> None:
    for _i in range(2):
        make_order(lately, at=lately.at)
    make_petition(lately, at=lately.at)
    fed_back(lately, at=lately.at)
    replied(lately, at=lately.at)
    for who in ("officer", "leader"):
        client = enter(lately.people[who])
        for tile in client.get("/").context["tiles"]:
            response = client.get(tile.url)
            assert response.status_code == 200, tile
            if tile.url.startswith("/orders/"):
                rows = shown(response)
            elif tile.url.startswith("/petitions/"):
                rows = response.context["desk"].page.rows
            else:
                rows = response.context["page"].rows
            assert str(len(rows)) == tile.count, (who, tile)


def test_badges_count_what_waits(lately: City) -> None:
    make_petition(lately, at=lately.at)
    make_order(lately, at=lately.at)
    fed_back(lately, at=lately.at)
    assert waiting_petitions(lately.dispatcher) == 1
    assert waiting_orders(lately.officer) == 1
    assert waiting_orders(lately.leader) == 1
    assert (waiting_orders(lately.outsider), waiting_petitions(lately.handler)) == (0, 0)
