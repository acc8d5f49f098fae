"""The main job in a real browser: registered, dispatched, handled, checked, called back, rated, closed."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command

from petitions import events
from petitions.models import Petition
from tests.city import PASSWORD, City

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CONTENT = "我们小区三号楼电梯自九月起停运，物业一直未修，老人出行困难，请求尽快维修。"
REPLY = "经查，三号楼电梯主板损坏，现已更换并通过检验，恢复运行。感谢您的反映。"


class Desk:
    """One browser page and the address of the office."""

    def __init__(self, page: Any, url: str) -> None:
        self.page, self.url = page, url

    def sign_in(self, username: str) -> None:
        self.page.context.clear_cookies()
        self.page.goto(f"{self.url}/sign-in/")
        self.page.fill("#id_username", username)
        self.page.fill("#id_password", PASSWORD)
        self.page.press("#id_password", "Enter")
        self.page.wait_for_url(f"{self.url}/")

    def case(self, petition: Petition) -> None:
        self.page.goto(f"{self.url}/petitions/{petition.pk}/")

    def open_step(self, name: str) -> None:
        """Open a step from the case page: its button, wherever it stands; the form comes as a dialog or a page."""
        link = self.page.locator(f".idb__act a[href*='/do/{name}/']:visible").first
        if not link.count():
            self.page.locator(".idb__act details[data-menu] summary").click()
        link = self.page.locator(f".idb__act a[href*='/do/{name}/']:visible").first
        link.click()
        self.form(name).wait_for()

    def form(self, name: str) -> Any:
        return self.page.locator(f"form[action*='/do/{name}/']:visible").last

    def choose(self, name: str, value: str, step: str) -> None:
        """Pick a value of a segmented choice, as a finger would: by its label."""
        box = self.form(step).locator(f"input[name={name}][value='{value}']")
        self.page.locator(f"label[for={box.get_attribute('id')}], label:has(#{box.get_attribute('id')})").first.click()

    def send(self, step: str) -> None:
        """Send the step's form and wait for the answer: whoever signs out before it takes the step back."""
        with self.page.expect_response(lambda answer: answer.request.method == "POST" and f"/do/{step}/" in answer.url):
            self.form(step).locator("button.btn--brand").last.click()


def register(desk: Desk, city: City) -> Petition:
    page = desk.page
    page.goto(f"{desk.url}/petitions/new/")
    page.fill("#id_name", "周小琴")
    page.fill("#id_phone", "13812345127")
    page.fill("#id_content", CONTENT)
    page.fill("#id_summary", "反映小区电梯停运两个月未修复")
    page.select_option("#id_content_class", str(city.classes["0303"].pk))
    page.select_option("#id_district", str(city.areas["330203"].pk))
    page.locator("form.reg button.btn--brand").first.click()
    page.wait_for_url(re.compile(r"/petitions/\d+/"))
    return Petition.objects.get()


def dispatch_it(desk: Desk, city: City) -> None:
    desk.open_step("dispatch")
    form = desk.form("dispatch")
    picked = form.locator(f"[name=lead][value='{city.units['housing'].pk}']")
    assert picked.is_checked(), "the catalogue proposes 海曙区住建局"
    assert "23:59" in form.inner_text(), "the due dates are shown before sending"
    desk.send("dispatch")
    desk.page.wait_for_selector(".idb .st:has-text('办理中')")


def handle(desk: Desk) -> None:
    desk.page.locator(".idb__act form[action*='/do/sign/'] button:visible").first.click()
    desk.open_step("contact")
    desk.form("contact").locator("[name=said]").fill("已与周女士通话，约定周三上门查看。")
    desk.send("contact")
    desk.page.wait_for_selector("text=已与周女士通话")
    desk.open_step("feed_back")
    desk.choose("outcome", "solved", "feed_back")
    desk.form("feed_back").locator("[name=findings]").fill("电梯主板损坏，已更换，经检验合格后恢复运行。")
    desk.form("feed_back").locator("[type=file]").set_input_files(
        {"name": "检验报告.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"}
    )
    desk.send("feed_back")
    desk.page.wait_for_selector("text=检验报告.pdf")


def finish(desk: Desk) -> None:
    page = desk.page
    desk.open_step("check")
    desk.choose("decision", "pass", "check")
    desk.send("check")
    page.wait_for_selector(".idb__act a[href*='/do/call_back/']")
    desk.open_step("call_back")
    for name, value in (("was_contacted", "yes"), ("solved", "yes"), ("level", "5")):
        desk.choose(name, value, "call_back")
    desk.send("call_back")
    page.wait_for_selector(".idb__act a[href*='/do/reply/']")
    desk.open_step("reply")
    desk.form("reply").locator("[name=text]").fill(REPLY)
    desk.send("reply")
    page.locator("button[name=confirmed]:visible").click()
    page.wait_for_selector(".idb .st:has-text('已答复')")
    desk.open_step("rate")
    desk.choose("office", "3", "rate")
    desk.choose("unit", "2", "rate")
    desk.send("rate")
    page.wait_for_selector(".idb__act a[href*='/do/close/']")
    desk.open_step("close")
    desk.send("close")
    page.wait_for_selector(".idb .st:has-text('已办结')")


def whole_job(desk: Desk, city: City) -> Petition:
    desk.sign_in("officer")
    petition = register(desk, city)
    desk.case(petition)
    dispatch_it(desk, city)
    desk.sign_in("handler")
    desk.case(petition)
    handle(desk)
    desk.sign_in("officer")
    desk.case(petition)
    finish(desk)
    petition.refresh_from_db()
    return petition


STORY = (
    "交办至",
    "海曙区住建局",
    "签收工单",
    "联系了信访人",
    "反馈办理结果",
    "审核通过",
    "回访信访人",
    "答复信访人",
    "办结信访件",
)


def test_a_petition_travels_from_the_counter_to_a_satisfied_citizen(city: City, live_server: Any, page: Any) -> None:
    petition = whole_job(Desk(page, live_server.url), city)
    told = page.locator(".tl").inner_text()
    assert not [line for line in STORY if line not in told]
    assert (petition.state, petition.close_type) == ("closed", "settled")
    assert events.verify(petition.pk) is None
    call_command("verify_chain", verbosity=0)


def test_the_whole_job_is_done_without_javascript(city: City, live_server: Any, browser: Any) -> None:
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    petition = whole_job(Desk(context.new_page(), live_server.url), city)
    context.close()
    assert petition.state == "closed"


def test_the_unit_handles_its_work_order_on_a_phone(
    city: City, live_server: Any, phone: Any, signed_in: Callable[[Any, Any], Any]
) -> None:
    from tests.city import make_order

    order = make_order(city)
    signed_in(phone, city.people["handler"])
    phone.goto(f"{live_server.url}/orders/")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    phone.get_by_text("反映小区电梯停运两个月未修复").first.click()
    phone.wait_for_url(re.compile(rf"/petitions/{order.petition_id}/"))
    desk = Desk(phone, live_server.url)
    phone.locator(".idb__act form[action*='/do/sign/'] button:visible").first.click()
    phone.wait_for_selector("text=签收工单")
    desk.open_step("contact")
    desk.form("contact").locator("[name=said]").fill("已上门查看，电梯主板损坏。")
    desk.send("contact")
    phone.wait_for_selector("text=已上门查看")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
