"""Pages of this room show what later rooms register, and nothing of a room that has nothing to say."""

import pytest

from dispatch import panels
from dispatch.panels import Panel, case_panels, desk_cards, register_case_panel, register_desk_card
from tests.city import City, make_petition


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panels, "_CASE", [])
    monkeypatch.setattr(panels, "_DESK", [])


@pytest.mark.usefixtures("alone")
def test_what_is_registered_is_shown_in_that_order(city: City) -> None:
    petition = make_petition(city)
    register_case_panel(lambda user, petition, orders, at: Panel("a.html", {"n": petition.pk}))
    register_case_panel(lambda user, petition, orders, at: None)
    register_case_panel(lambda user, petition, orders, at: Panel("b.html"))
    found = case_panels(city.officer, petition, [], city.at)
    assert [panel.template for panel in found] == ["a.html", "b.html"]
    assert found[0].data == {"n": petition.pk}


@pytest.mark.usefixtures("alone")
def test_the_desk_has_cards_of_its_own(city: City) -> None:
    assert desk_cards(city.officer, city.at) == []
    register_desk_card(lambda user, at: Panel("card.html", {"who": user.pk}))
    assert desk_cards(city.leader, city.at)[0].data == {"who": city.leader.pk}
