"""Leaders' receptions in a real browser: booked on a telephone, recorded at the desk, a task for the unit."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from backlog.actions import bookings, receiving, receptions
from backlog.actions.receiving import Visit
from backlog.models import Booking, Reception, ReceptionDay, Task
from tests.backlog.days import plan
from tests.city import City, build_city

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def going_on(city: City, **changes: Any) -> ReceptionDay:
    """A published day that begins in a moment: it can be booked, and recorded on."""
    at = timezone.now()
    User.objects.filter(pk=city.lead_official.pk).update(title="副区长")
    city.lead_official.refresh_from_db()
    day = receptions.set_day(
        plan(city, **{"starts_at": at + timedelta(minutes=20), **changes}), actor=city.officer, at=at
    )
    return receptions.publish(day.pk, actor=city.officer, at=at)


@pytest.mark.parametrize("script", ["with script", "without script"])
def test_a_citizen_books_the_secretary_records_and_the_unit_has_a_task(
    browser: Any, live_server: Any, signed_in: Callable[..., Any], script: str
) -> None:
    city = build_city()
    day, url = going_on(city), live_server.url
    has_script = script == "with script"
    context = browser.new_context(
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
        java_script_enabled=has_script,
        locale="zh-CN",
    )
    context.set_default_timeout(15_000)
    phone = context.new_page()
    phone.goto(f"{url}/portal/")
    phone.locator("ul.links a[href='/portal/receptions/']").tap()
    phone.locator(".rday a.go").tap()
    phone.fill("#id_name", "周小琴")
    phone.fill("#id_phone", "13812345127")
    phone.select_option("#id_persons", "2")
    phone.fill("#id_matter", "老房子漏水，开发商一直不修。")
    phone.locator("form.form button.go").tap()
    phone.wait_for_url("**/portal/receptions/mine/")
    code = phone.inner_text(".bcode")
    assert bookings.find(code, "5127") == Booking.objects.get()
    context.close()

    desk = browser.new_context(viewport={"width": 1440, "height": 900}, java_script_enabled=has_script, locale="zh-CN")
    desk.set_default_timeout(15_000)
    page = signed_in(desk.new_page(), city.district_officer)
    page.goto(f"{url}/receptions/{day.pk}/")
    assert "周小琴" not in page.inner_text("main")
    page.locator(".rq a.btn--brand").first.click()
    page.fill("#id_opinion", "请区住建局牵头，会同属地街道督促修复。")
    page.fill("#id_unit", "海曙区住建局")
    page.fill("#id_due_on", (timezone.localdate() + timedelta(days=7)).isoformat())
    page.locator("main .form__foot button.btn--brand").click()
    page.wait_for_url(f"**/receptions/{day.pk}/")
    batch = Reception.objects.get()
    assert (batch.visitor, batch.persons, batch.result) == ("周小琴", 2, "handed")
    task = Task.objects.get(reception=batch)
    page.locator(f".rb a[href='/backlog/tasks/{task.pk}/']").click()
    page.wait_for_url(f"**/backlog/tasks/{task.pk}/")
    assert "请区住建局牵头" in page.inner_text("main")
    desk.close()


@pytest.mark.parametrize("size", ["page", "phone"])
def test_no_reception_page_has_an_accessibility_violation_or_breaks_the_csp(
    live_server: Any, request: pytest.FixtureRequest, complaints: list[str], size: str, signed_in: Callable[..., Any]
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    city, page, axe = build_city(), request.getfixturevalue(size), Axe()
    url, at, wrong = live_server.url, timezone.now(), []
    day = going_on(city)
    for n in range(2):
        bookings.book(day.pk, name="周小琴", phone=f"1381234512{n}", matter="老房子漏水", at=at)
    given = Visit(
        matter="电梯停运两个月。",
        visitor="林强",
        result="handed",
        opinion="一周内修复。",
        unit=city.housing,
        due_on=timezone.localdate() + timedelta(days=7),
    )
    receiving.receive(day.pk, given, actor=city.officer, at=at)
    planned = receptions.set_day(plan(city, starts_at=at + timedelta(days=3)), actor=city.officer, at=at)

    def look(path: str) -> None:
        page.goto(f"{url}{path}")
        found = axe.run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
        wrong.extend(f"{path}: {v['id']} at {v['nodes'][0]['target']}" for v in found.response["violations"])
        if page.evaluate("document.documentElement.scrollWidth") > page.viewport_size["width"]:
            wrong.append(f"{path}: wider than the screen")

    for path in ("", f"{day.pk}/", "mine/"):
        look(f"/portal/receptions/{path}")
    signed_in(page, city.officer)
    for path in (
        "",
        "new/",
        "records/",
        f"{day.pk}/",
        f"{day.pk}/change/",
        f"{day.pk}/receive/",
        f"{day.pk}/book/",
        f"{day.pk}/visitors/",
        f"{day.pk}/sheet/",
        f"{planned.pk}/",
        f"{planned.pk}/do/publish/",
        f"{planned.pk}/do/call_off/",
    ):
        look(f"/receptions/{path}")
    assert not wrong, "\n".join(wrong)
    assert not complaints
