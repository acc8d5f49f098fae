"""The record book as a handler uses it: the key N, a draft that survives, a promise, notes in the dialog, steps."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from petitions.models import Draft, RapportNote, RecordEntry
from petitions.reference.steps import load_steps
from tests.city import City, make_order


@pytest.mark.django_db(transaction=True)
def test_a_visit_is_written_with_the_keyboard_and_a_promise_runs(
    city: City, live_server: Any, page: Any, signed_in: Any
) -> None:
    load_steps(at=city.at - timedelta(days=30))
    petition = make_order(city).petition
    url = f"{live_server.url}/petitions/{petition.pk}/?tab=record"
    signed_in(page, city.handler)
    page.goto(url)
    page.keyboard.press("n")
    page.keyboard.type("现场查看，主板烧毁。")
    expect(page.locator("[data-draft-status]").first).to_have_text(re.compile(r"\S"))
    assert Draft.objects.filter(user=city.handler, key=f"record:{petition.pk}").exists()
    page.goto(url)
    assert page.locator("#id_progress").input_value() == "现场查看，主板烧毁。"
    page.locator(".rec .seg label", has_text="走访").click()
    page.fill("#id_promise", "一周内修好")
    page.fill("#id_promise_due", (timezone.localdate() + timedelta(days=7)).isoformat())
    page.get_by_role("button", name="保存记录").click()
    entry = page.locator("#entry-1")
    entry.wait_for()
    assert "一周内修好" in entry.inner_text() and "剩" in entry.inner_text()
    assert not Draft.objects.filter(user=city.handler).exists()
    entry.get_by_role("link", name="承诺兑现").click()
    page.locator("#dlg").get_by_label("如何兑现").fill("已修好并试运行")
    page.locator("#dlg").get_by_role("button", name="记录").click()
    page.locator("#dlg[open]").wait_for(state="detached")
    page.locator("#entry-1").get_by_text("已兑现").first.wait_for()
    assert RecordEntry.objects.get().promise_outcome == "kept"
    page.goto(f"{live_server.url}/petitions/{petition.pk}/?tab=steps")
    assert "is-done" in (page.locator("#step-16").get_attribute("class") or "")


@pytest.mark.django_db(transaction=True)
def test_a_rapport_note_lives_in_the_dialog_only(city: City, live_server: Any, page: Any, signed_in: Any) -> None:
    petition = make_order(city).petition
    signed_in(page, city.handler)
    page.goto(f"{live_server.url}/petitions/{petition.pk}/?tab=record")
    page.get_by_role("link", name="沟通备注").click()
    dialog = page.locator("#dlg")
    dialog.locator("#id_text").fill("喜欢聊种花")
    dialog.locator("#id_reason").fill("接谈时本人同意")
    dialog.get_by_role("button", name="保存备注").click()
    page.locator("#dlg[open]").wait_for(state="detached")
    assert "喜欢聊种花" not in page.content()
    page.get_by_role("link", name="沟通备注").click()
    dialog.locator(".rapport").wait_for()
    dialog.get_by_role("button", name="删除").click()
    page.locator("#dlg[open]").wait_for(state="detached")
    assert not RapportNote.objects.exists()
