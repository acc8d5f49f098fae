"""One backlog case from the list to the strike-off and its rebound, by five people in a real browser; every page
passes axe and fits."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from backlog.actions import tasking
from backlog.models import BacklogCase, Task
from backlog.states import CaseState, TaskOrigin
from dispatch.clocks import city_day
from petitions.models import Petition
from tests.backlog.commanding import NOTE, fill, listed, plan, second_official
from tests.city import City, make_order, make_petition
from tests.e2e.looking import faults_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TALK = "在社区会议室与信访人长谈两小时，逐项核对诉求，其要求年底前办证，双方签字确认谈话记录。"


class Desk:
    """One browser that five people use in turn."""

    def __init__(self, page: Any, url: str, signed_in: Callable[[Any, Any], Any], case: BacklogCase) -> None:
        self.page, self.url, self.signed_in, self.case = page, url, signed_in, case

    def sit(self, user: Any) -> None:
        self.page.context.clear_cookies()
        self.signed_in(self.page, user)

    def step(self, name: str, fields: dict[str, str], *, choose: tuple[str, ...] = ()) -> None:
        """Fill the form of a step and send it; the file must follow."""
        self.page.goto(f"{self.url}/backlog/{self.case.pk}/do/{name}/")
        for css in choose:
            self.page.check(css)
        for field, value in fields.items():
            box = self.page.locator(f"[name={field}]")
            if box.evaluate("e => e.tagName") == "SELECT":
                box.select_option(value)
            else:
                box.fill(value)
        self.page.click("main form .form__foot button.btn--brand, main form .form__foot button.btn--danger")
        self.page.wait_for_url(f"**/backlog/{self.case.pk}/**", wait_until="domcontentloaded")
        assert "/do/" not in self.page.url, self.page.locator("main").inner_text()

    def state(self) -> str:
        self.case.refresh_from_db()
        return self.case.state


@pytest.fixture
def started(city: City) -> City:
    """Nominated and taken up two hours ago; the file is written, nobody leads it yet."""
    city.at = timezone.now() - timedelta(hours=2)
    petition = make_order(city, petition=make_petition(city)).petition
    case = listed(city, petition=petition)
    fill(case)
    plan(case, city.at)
    city.__dict__["case"] = case
    return city


def commanded(desk: Desk, city: City, today: date) -> Task:
    """The district names who leads; the lead official gives an instruction, whose task stands on the unit's list."""
    desk.sit(city.district_officer)
    desk.step("lead", {"official": "lead_official"})
    desk.sit(city.lead_official)
    due = (today + timedelta(days=5)).isoformat()
    task = {"task_1": "拿出办证方案", "unit_1": "海曙区住建局", "due_1": due}
    desk.step("instruct", {"text": "请住建局一周内拿出方案。", **task})
    duty = {"done_on": today.isoformat(), "evidence": "到小区走访，查看现场。"}
    desk.step("duty", duty, choose=("input[value=know]",))
    return Task.objects.get()


def reported(desk: Desk, city: City, task: Task) -> None:
    """The unit reports its task done; whoever gave it confirms."""
    page = desk.page
    desk.sit(city.leader)
    page.goto(f"{desk.url}/backlog/tasks/")
    page.click("text=拿出办证方案")
    page.wait_for_url("**/backlog/tasks/*/")
    page.click(".idb__act .btn--brand")
    page.fill("dialog textarea[name=result]", "方案已经区政府同意。")
    page.click("dialog .form__foot .btn--brand")
    page.wait_for_selector("text=方案已经区政府同意。")
    tasking.confirm(task.pk, actor=city.lead_official, at=timezone.now())


def applied_for(desk: Desk, today: date) -> None:
    """The unit renews five times and applies."""
    for _stage in range(5):
        desk.step("renew", {"done_on": today.isoformat(), "text": TALK})
    desk.step(
        "apply",
        {
            "text": "三百户全部办证，信访人书面认可。",
            "way": "policy",
            "facts_clear": "核实意见书、办证清单",
            "basis_evidence": "协议及履行凭证",
            "help_evidence": "家庭无生活困难",
            "informed_on": today.isoformat(),
            "rating": "5",
        },
        choose=("input[name=basis][value=agreement]", "input[name=help][value=not_due]"),
    )
    assert desk.state() == CaseState.APPLIED


def struck(desk: Desk, city: City) -> None:
    """Signed, checked with a callback, certified, struck off: four people, four steps."""
    page, case = desk.page, desk.case
    desk.sit(city.lead_official)
    desk.step("sign", {"text": "同意。"})
    desk.sit(city.district_officer)
    found = {"text": "案卷齐全，凭证与清单一致。", "said": "信访人表示满意。", "rating": "5"}
    desk.step("check", found, choose=("input[name=called][value=confirmed]",))
    desk.sit(city.conference_officer)
    page.goto(f"{desk.url}/backlog/{case.pk}/do/certify/")
    page.click("label:has(input[name=sample][value=visit])")
    page.fill("textarea[name=text]", "实地走访两户，均已拿到权证。")
    page.click("main .form__foot .btn--brand")
    page.wait_for_url(f"**/backlog/{case.pk}/")
    desk.step("strike_off", {})
    assert desk.state() == CaseState.STRUCK_OFF


def test_a_case_is_commanded_renewed_accepted_struck_off_and_rebounds(
    started: City, live_server: Any, page: Any, signed_in: Callable[[Any, Any], Any]
) -> None:
    city, case, today = started, started.__dict__["case"], city_day(timezone.now())
    desk = Desk(page, live_server.url, signed_in, case)
    task = commanded(desk, city, today)
    reported(desk, city, task)
    applied_for(desk, today)
    struck(desk, city)
    # The same matter comes in again: proposed on the file, recorded by the district.
    again = make_petition(city, at=timezone.now(), repeat_of=case.petition)
    desk.sit(city.district_officer)
    page.goto(f"{live_server.url}/backlog/{case.pk}/?tab=renewals")
    page.wait_for_selector(f"text={again.short_number}")
    desk.step("rebound", {"reason": "新增六户漏水，开发商拒修。"})
    assert desk.state() == CaseState.REBOUNDED
    assert case.links.filter(petition=again).exists()


@pytest.mark.parametrize("size", ["page", "phone"])
def test_every_page_of_command_is_accessible_and_fits(
    started: City, live_server: Any, request: pytest.FixtureRequest, signed_in: Callable[[Any, Any], Any], size: str
) -> None:
    page, wrong = request.getfixturevalue(size), []
    screens = build_screens(started)
    for who, path in screens:
        page.context.clear_cookies()
        signed_in(page, started.people[who])
        wrong += faults_of(page, live_server.url + path, who=who)
    assert not wrong, "\n".join(wrong)


def build_screens(city: City) -> list[tuple[str, str]]:
    """Cases on all their stations, and the pages that show them."""
    from backlog.actions import command, handovers
    from tests.backlog.commanding import applied, checked, led, renewed, struck_off

    at, successor = city.at, second_official(city)
    city.people["successor"] = successor
    case = led(city, city.__dict__["case"], at=at)
    due = city_day(at) + timedelta(days=4)
    command.instruct(
        case.pk,
        text="请住建局牵头，一周内拿出办证方案；财政局同步核算欠缴出让金。",
        tasks=[
            command.TaskDraft("拿出分批办证方案并报区政府审定", city.units["housing"], due),
            command.TaskDraft("核算欠缴出让金", city.units["enforcement"], due, city.other_handler),
        ],
        actor=city.lead_official,
        at=at,
    )
    command.record_duty(
        case.pk, duty="know", done_on=city_day(at), evidence="到小区走访三户，查看现场并与业委会座谈。",
        actor=city.lead_official, at=at,
    )  # fmt: skip
    renewed(city, case, stages=2, at=at)
    handed = handovers.hand_over(led(city, at=at).pk, to=successor, note=NOTE, actor=city.district_officer, at=at)
    task = tasking.assign(
        text="约谈开发商负责人并形成纪要", unit=city.units["district"], due_on=due, owner=city.lead_official,
        origin=TaskOrigin.MEETING, case=case, actor=city.conference_officer, at=at,
    )  # fmt: skip
    waiting, gone = checked(city, at=at), struck_off(city, at=at)
    make_petition(city, at=timezone.now(), repeat_of=Petition.objects.get(pk=gone.petition_id))
    applied(city, at=at)
    listed(city, at=at)
    return [
        ("district_officer", f"/backlog/{case.pk}/?tab=command"),
        ("lead_official", f"/backlog/{case.pk}/?tab=renewals"),
        ("district_officer", f"/backlog/{gone.pk}/?tab=renewals"),
        ("leader", f"/backlog/{case.pk}/?tab=tasks"),
        ("successor", f"/backlog/{handed.pk}/?tab=command"),
        ("district_officer", "/backlog/tasks/?tab=all"),
        ("lead_official", f"/backlog/tasks/{task.pk}/"),
        ("lead_official", "/"),
        ("district_officer", "/backlog/officials/"),
        ("district_officer", f"/backlog/officials/{city.lead_official.pk}/"),
        ("lead_official", f"/backlog/{case.pk}/do/instruct/"),
        ("leader", f"/backlog/{case.pk}/do/renew/"),
        ("conference_officer", f"/backlog/{waiting.pk}/do/certify/"),
        ("district_officer", f"/backlog/{case.pk}/do/hand_over/"),
    ]
