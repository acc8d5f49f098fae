"""Search in a real browser: from the header's box to a case, with the keyboard and without the script."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from petitions import indexing
from petitions.models import Petition
from tests.city import City, make_order, make_petition

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOTS = os.environ.get("YQ_SHOTS", "")


def shot(page: Any, name: str) -> None:
    """A picture for whoever looks at the pages by eye; only when a folder is named."""
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"))


@pytest.fixture
def busy(city: City) -> City:
    make_order(city)
    lights = make_petition(city, summary="路灯不亮影响夜间出行", content="解放路一带路灯三周不亮，夜间漆黑一片。")
    make_petition(
        city, summary="工地夜间打桩噪声扰民", content="凌晨两点仍在打桩，老人无法休息，多次投诉电梯旁的工地未果。"
    )
    Petition.objects.filter(pk=lights.pk).update(reply_text="经查，路灯线路被电梯安装施工挖断，现已恢复供电。")
    indexing.index_pending()
    return city


def test_a_word_is_found_from_the_header_and_opened_with_the_keyboard(
    busy: City, live_server: Any, page: Any, signed_in: Callable[[Any, Any], Any]
) -> None:
    signed_in(page, busy.officer)
    page.goto(live_server.url)
    page.keyboard.press("/")
    page.keyboard.type("电梯")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=*")
    assert page.locator(".hit").count() == 3
    assert page.locator(".hit mark").first.inner_text() == "电梯"
    shot(page, "search")
    page.keyboard.press("/")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.locator(".hit.is-cur").count() == 1
    page.select_option("#f-channel", "phone")
    page.wait_for_selector(".empty")
    assert "channel=phone" in page.url
    page.locator(".tags a").first.click()
    page.wait_for_selector(".hit")
    page.locator(".seg a", has_text="相关优先").click()
    page.wait_for_url("**order=best*")
    shot(page, "search_best")
    page.locator(".hit a.t").first.click()
    page.wait_for_url("**/petitions/*/")


def test_it_works_without_the_script_and_on_a_phone(
    busy: City, live_server: Any, browser: Any, phone: Any, signed_in: Callable[[Any, Any], Any]
) -> None:
    signed_in(phone, busy.officer)
    phone.goto(live_server.url)
    phone.locator(".top__find").click()
    shot(phone, "search_phone_empty")
    phone.fill("#sq", "电梯 老人")
    phone.press("#sq", "Enter")
    phone.wait_for_selector(".hit")
    assert phone.locator(".hit").count() == 2
    shot(phone, "search_phone")
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    signed_in(plain, busy.handler)
    plain.goto(f"{live_server.url}/search/")
    plain.fill("#sq", "电梯")
    plain.locator(".find__box button").click()
    assert plain.locator(".hit").count() == 1
    context.close()
