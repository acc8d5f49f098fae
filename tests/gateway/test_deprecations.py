"""What is going away says so on every answer, and nothing else does."""

from datetime import UTC, datetime
from typing import Any

import pytest

from gateway import deprecations
from gateway.deprecations import Deprecation
from gateway.urls import urlpatterns
from tests.city import City, make_order

GOING = Deprecation(datetime(2027, 1, 1, tzinfo=UTC), datetime(2027, 7, 1, tzinfo=UTC), "/developers/#changelog")


@pytest.fixture
def orders_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """The list of work orders is announced to go."""
    monkeypatch.setattr(deprecations, "DEPRECATED", {("api_orders", "GET"): GOING})


def test_an_answer_of_what_is_going_away_carries_both_dates(orders_go: None, hotline: Any) -> None:
    answer = hotline.get("/work-orders")
    assert answer.status_code == 200
    assert answer["Deprecation"] == "@1798761600"
    assert answer["Sunset"] == "Thu, 01 Jul 2027 00:00:00 GMT"
    assert answer["Link"] == '</developers/#changelog>; rel="deprecation"'


def test_the_link_to_the_next_page_stays(orders_go: None, housing: Any, city: City) -> None:
    make_order(city)
    make_order(city)
    answer = housing.get("/work-orders", {"limit": 1})
    assert 'rel="next"' in answer["Link"]
    assert 'rel="deprecation"' in answer["Link"]


def test_an_error_of_it_says_so_too(orders_go: None, caller: Any) -> None:
    answer = caller(scopes=["petitions:write"]).get("/work-orders")
    assert answer.status_code == 403
    assert "Sunset" in answer


def test_other_resources_say_nothing(orders_go: None, hotline: Any) -> None:
    answer = hotline.get("/petitions")
    assert "Deprecation" not in answer
    assert "Sunset" not in answer


def test_every_announcement_names_a_resource_and_leaves_half_a_year() -> None:
    names = {pattern.name for pattern in urlpatterns}
    for (name, _method), row in deprecations.DEPRECATED.items():
        assert name in names
        assert (row.sunset - row.since).days >= 180
