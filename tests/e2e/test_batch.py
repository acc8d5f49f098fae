"""Many rows in a real browser: chosen by mouse and key, previewed, sent, looked at, taken back."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from dispatch.models import Job
from petitions.models import Petition
from tests.city import build_city, make_petition

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
A_JOB = re.compile(r"/jobs/\d+/")


def test_a_selection_is_dispatched_and_taken_back(page: Any, live_server: Any, signed_in: Any) -> None:
    city = build_city()
    for _i in range(4):
        make_petition(city, at=timezone.now() - timedelta(hours=1))
    signed_in(page, city.dispatcher)
    page.goto(f"{live_server.url}/petitions/?view=dispatch")
    boxes = page.locator("[data-row] input[type=checkbox]")
    boxes.nth(0).click()
    boxes.nth(2).click(modifiers=["Shift"])
    assert page.locator(".bulk [data-seln]").inner_text() == "3"
    # X takes the current row out again, A opens the first step of the bar.
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert page.locator(".bulk [data-seln]").inner_text() == "2"
    page.keyboard.press("a")
    page.wait_for_url(A_JOB)
    assert Petition.objects.filter(state="registered").count() == 4
    page.locator("button[name=send]").click()
    page.locator(".job__rows").wait_for()
    assert Petition.objects.filter(state="handling").count() == 2
    page.locator("form[action$='/undo/'] button").first.click()
    with page.expect_navigation():
        page.locator("#ask button[value=yes]").click()
    assert Petition.objects.filter(state="registered").count() == 4
    assert Job.objects.filter(kind="undo", state="done").count() == 1


def test_without_script_the_same_work_is_done(browser: Any, live_server: Any) -> None:
    from django.test import Client

    city = build_city()
    petition = make_petition(city, at=timezone.now())
    client = Client()
    client.force_login(city.officer, backend="accounts.backends.StaffBackend")
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"{live_server.url}/petitions/?view=open")
    page.locator("[data-row] input[type=checkbox]").first.check()
    page.locator(".bulk button[formaction*='/note/']").click()
    page.fill("textarea[name=text]", "{编号}已电话核实")
    page.locator("button[name=send]").click()
    page.wait_for_url(A_JOB)
    assert petition.events.filter(kind="note").count() == 1
    context.close()
