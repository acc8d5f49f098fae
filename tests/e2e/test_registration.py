"""The registration desk in a real browser: what is chosen while the page still looks for repeats."""

from typing import Any

import pytest
from django.utils import timezone

from tests.city import build_city, make_petition

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_choice_made_while_the_page_looks_again_outlives_the_answer(
    page: Any, live_server: Any, signed_in: Any
) -> None:
    city = build_city()
    earlier = make_petition(city, at=timezone.now())
    signed_in(page, city.officer)
    page.goto(f"{live_server.url}/petitions/new/")
    page.fill("#id_phone", "13812345127")
    page.fill("#id_name", "周小琴")
    page.fill("#id_content", earlier.content)
    choice = page.locator(f"#repeat-{earlier.pk}")
    choice.wait_for()
    held: list[Any] = []
    page.route("**/duplicates/**", lambda route: held.append(route))
    with page.expect_request("**/duplicates/**"):
        page.fill("#id_content", earlier.content + "请尽快办理。")
    page.locator("label.dup", has=choice).click()
    with page.expect_response("**/duplicates/**"):
        held[0].continue_()
    page.locator("#id_content").press("End")
    page.wait_for_function("!document.querySelector('.htmx-request')")
    assert choice.is_checked()
