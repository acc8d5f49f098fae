"""The wall in a browser: on a screen and a telephone, alone for hours, without JavaScript, when nothing new comes."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone

from backlog import board
from backlog.actions.boards import create_screen
from backlog.models import BacklogCase
from tests.backlog.boarding import build_backlog
from tests.city import City

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def war_room(city: City) -> City:
    city.at = timezone.now()
    city.__dict__["backlog"] = build_backlog(city)
    return city


@pytest.mark.parametrize("view", ["overview", "forces", "districts", "key"])
def test_the_wall_fits_a_screen_and_passes_axe(
    page: Any, signed_in: Callable[..., Any], live_server: Any, war_room: City, view: str
) -> None:
    page.set_viewport_size({"width": 1920, "height": 1080})
    signed_in(page, war_room.officer)
    page.goto(f"{live_server.url}/wall/?view={view}")
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")


def test_the_wall_fits_a_phone_and_passes_axe(
    phone: Any, signed_in: Callable[..., Any], live_server: Any, war_room: City
) -> None:
    signed_in(phone, war_room.officer)
    phone.goto(f"{live_server.url}/wall/")
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert Axe().run(phone).response["violations"] == []


def test_a_screen_shows_what_has_changed_without_being_touched(page: Any, live_server: Any, war_room: City) -> None:
    _screen, token = create_screen("大厅", war_room.areas["330200"], actor=war_room.officer, at=timezone.now())
    page.goto(f"{live_server.url}/wall/screen/{token}/")
    page.get_by_text("安置房面积补差争议1").first.wait_for()
    BacklogCase.objects.filter(pk=war_room.__dict__["backlog"]["led"].pk).update(title="企业改制职工安置")
    board.forget()
    # What the timer does every half minute.
    page.evaluate("htmx.ajax('GET', location.pathname, '#board')")
    page.get_by_text("企业改制职工安置").first.wait_for()


def test_it_turns_over_and_can_be_held(
    page: Any, signed_in: Callable[..., Any], live_server: Any, war_room: City
) -> None:
    signed_in(page, war_room.officer)
    page.clock.install()
    page.goto(f"{live_server.url}/wall/?rotate=15")
    page.clock.run_for(17_000)
    page.wait_for_url("**/wall/?view=forces&rotate=15")
    page.get_by_role("button", name="暂停轮播").click()
    page.clock.run_for(60_000)
    assert "view=forces" in page.url


def test_it_says_when_nothing_new_comes(
    page: Any, signed_in: Callable[..., Any], live_server: Any, war_room: City, complaints: list[str]
) -> None:
    signed_in(page, war_room.officer)
    page.clock.install()
    page.goto(f"{live_server.url}/wall/")
    notice = page.locator("[data-stale]")
    assert notice.is_hidden()
    page.context.set_offline(True)
    page.clock.run_for(100_000)
    notice.wait_for(state="visible")
    complaints.clear()


def test_without_javascript_it_refreshes_by_page(
    browser: Any, live_server: Any, war_room: City, signed_in: Callable[..., Any]
) -> None:
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = signed_in(context.new_page(), war_room.officer)
    page.goto(f"{live_server.url}/wall/")
    assert page.locator("noscript meta[http-equiv=refresh], meta[http-equiv=refresh]").count() == 1
    page.get_by_role("link", name="专项组").click()
    assert "view=forces" in page.url
    context.close()
