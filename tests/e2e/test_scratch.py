from datetime import timedelta
import pytest
from django.utils import timezone
from dispatch.actions import orders
from dispatch.models import Job
from tests.city import build_city, make_petition, make_order, fed_back
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OUT="/tmp/yq/batch/"
def test_shots(page, phone, live_server, signed_in):
    city = build_city(); at = timezone.now() - timedelta(hours=3)
    for i in range(6): make_petition(city, at=at, summary=f"反映小区电梯停运两个月未修复（{i}号楼）")
    make_order(city, at=at)
    for i in range(3):
        o = fed_back(city, at=at-timedelta(hours=4)); orders.check(o.pk, passes=True, actor=city.officer, at=at)
    signed_in(page, city.officer)
    page.goto(f"{live_server.url}/petitions/?view=open")
    page.locator("[data-row] input[type=checkbox]").nth(0).click()
    page.locator("[data-row] input[type=checkbox]").nth(5).click(modifiers=["Shift"])
    page.wait_for_timeout(400)
    page.screenshot(path=OUT+"1_worklist.png")
    page.locator(".bulk button").first.click()
    page.wait_for_url(__import__("re").compile(r"/jobs/\d+"))
    page.screenshot(path=OUT+"2_dispatch.png", full_page=True)
    job = Job.objects.latest("pk")
    it = job.items.order_by("position")[1]
    page.fill(f"#unit-{it.pk}", "不存在的单位")
    page.locator("button[name=save]").last.click()
    page.wait_for_load_state()
    page.screenshot(path=OUT+"3_dispatch_bad.png", full_page=True)
    page.locator("button[name=send]").click()
    page.wait_for_load_state(); page.wait_for_timeout(500)
    page.screenshot(path=OUT+"4_result.png", full_page=True)
    page.goto(f"{live_server.url}/petitions/?view=handling")
    page.locator("[data-all]").click()
    page.locator(".bulk button[formaction*=reply]").click()
    page.wait_for_load_state(); page.wait_for_timeout(300)
    page.screenshot(path=OUT+"5_reply.png", full_page=True)
    page.goto(f"{live_server.url}/jobs/")
    page.screenshot(path=OUT+"6_jobs.png", full_page=True)
    signed_in(phone, city.officer)
    phone.goto(f"{live_server.url}/jobs/{job.pk}/"); phone.screenshot(path=OUT+"7_phone_result.png", full_page=True)
    draft = Job.objects.latest("pk")
    phone.goto(f"{live_server.url}/jobs/{draft.pk}/"); phone.screenshot(path=OUT+"8_phone_draft.png")
    signed_in(page, city.leader)
    page.goto(f"{live_server.url}/orders/")
    page.locator("[data-all]").click(); page.wait_for_timeout(300)
    page.screenshot(path=OUT+"9_console.png")
