"""Wednesday's dispatch as its secretary lives it: prepared, held and closed in one tool; every page passes axe."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from backlog.actions import agenda, meetings, milestones, visits
from backlog.actions.visits import Finding, Member
from backlog.models import Assessment, BacklogCase, Meeting, SupervisionVisit, Task
from dispatch.clocks import city_day
from tests.backlog.cases import force, make_case
from tests.backlog.sessions import closed, draft, planned
from tests.city import City
from tests.e2e.looking import faults_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TITLES = (
    "某小区安置房不动产权证办理问题",
    "某村土地征收补偿款发放问题",
    "某路口夜间施工噪声问题",
    "某企业改制职工安置问题",
)


def four_cases(city: City, now: datetime) -> list[BacklogCase]:
    """Open cases of a district, each a little younger and larger than the one before."""
    cases = []
    for place, title in enumerate(TITLES):
        case = make_case(
            city,
            "working",
            title=title,
            leader=city.lead_official,
            force=force(),
            since=date(2019 + place, 3, 1),
            people=12 * (place + 1),
            listed_at=now - timedelta(days=50),
            progress="已完成面积复核，待出让金补缴方案。",
        )
        Assessment.objects.create(
            case=case,
            demands="尽快办理安置房不动产权证，补发逾期过渡费。",
            sticking_point="开发企业欠缴土地出让金，规划核实未完成。",
            plan="区政府牵头，住建、自然资源部门分户办理。",
        )
        cases.append(case)
    return cases


def a_visit(city: City, case: BacklogCase, now: datetime) -> SupervisionVisit:
    """A joint supervision that found something and ordered it put right."""
    visit = visits.plan(
        title="安置房办证联合督导",
        district=city.areas["330203"],
        departments=[city.city_office, city.conference],
        visit_on=city_day(now),
        unit=city.housing,
        leader=city.lead_official,
        members=[Member("唐国峰", city.root)],
        cases=[case],
        actor=city.conference_officer,
        at=now - timedelta(days=3),
    )
    due = city_day(now) + timedelta(days=10)
    found = Finding(unit=city.housing, text="缴款协议逾期未签。", case=case, order="十日内签订缴款协议", due_on=due)
    at = now - timedelta(days=2)
    visits.record(visit.pk, summary="查阅档案，走访现场。", findings=[found], actor=city.conference_officer, at=at)
    return visit


@pytest.fixture
def weekly(city: City) -> City:
    """Four open cases, a meeting a week ago that left a task open, a joint supervision."""
    now = timezone.now()
    city.at = now - timedelta(days=60)
    cases = four_cases(city, now)
    milestones.plan(
        cases[0].pk,
        name="签订缴款协议",
        planned_on=city_day(now) - timedelta(days=5),
        actor=city.officer,
        at=now - timedelta(days=40),
    )
    last = closed(city, cases[0], cases[1], starts_at=now - timedelta(days=8))
    city.__dict__.update(cases=cases, last=last, visit=a_visit(city, cases[0], now))
    return city


def test_the_secretary_prepares_holds_and_closes_the_meeting_without_a_second_tool(
    weekly: City, live_server: Any, page: Any, signed_in: Callable[[Any, Any], Any]
) -> None:
    signed_in(page, weekly.conference_officer)
    page.goto(f"{live_server.url}/meetings/")
    page.click("text=安排会议")
    page.select_option("select[name=chair]", label="罗正飞 · 海曙区政府")
    page.click("text=安排会议并拟出议程")
    # What the last meeting left open stands first; its tasks are at the top.
    page.wait_for_selector("h1:has-text('周视频调度会')")
    assert page.locator(".follow li").count() == 2
    assert page.locator(".agenda__i").count() == 4
    first = page.locator(".agenda__t a").first.inner_text()
    page.locator(".agenda__i").nth(0).locator("button[name=down]").click()
    page.wait_for_load_state()
    assert page.locator(".agenda__t a").nth(1).inner_text() == first
    page.locator(".agenda__i").nth(3).locator("button[name=drop]").click()
    page.wait_for_load_state()
    question = page.locator("input[name=question]").first
    question.fill("是否由区政府提级办理")
    question.blur()
    page.wait_for_selector(".agenda__q .is-saved")
    page.click("text=发送会议通知")
    page.click("#dlg button:has-text('发送会议通知')")
    page.wait_for_selector("text=已发通知")
    page.click(".idb__act a[href$='/do/begin/']")
    page.click("#dlg .form__foot button.btn--brand")
    page.wait_for_selector(".room")
    meeting = Meeting.objects.latest("pk")
    assert page.locator(".room__q").inner_text().strip() == "是否由区政府提级办理"
    # The discussion is kept while it is typed.
    page.fill("#id_discussion", "区住建局汇报：企业同意分期缴款。")
    page.wait_for_selector("#note-saved .is-saved")
    assert meeting.items.first().discussion == "区住建局汇报：企业同意分期缴款。"
    page.check("input[name^=joined-]")
    page.wait_for_selector(".attend .is-saved")
    page.fill("#id_decision", "由区政府提级办理，月底前签订缴款协议。")
    page.fill("input[name=tasks-0-text]", "签订分期缴款协议")
    page.fill("input[name=tasks-0-owner]", "王若兰")
    page.click("button[value=decided]")
    page.wait_for_selector(".room__n:has-text('1')")
    task = Task.objects.latest("pk")
    assert (task.text, task.unit, task.owner) == ("签订分期缴款协议", weekly.housing, weekly.handler)
    page.fill("#id_discussion", "待自然资源部门复核面积，下周再议。")
    page.click("button[value=adjourned]")
    page.wait_for_selector(".room__n:has-text('2')")
    page.click("button[value=skipped]")
    page.wait_for_selector(".room__end")
    page.click(".room__end a.btn--brand")
    page.click("#dlg .form__foot button.btn--brand")
    page.wait_for_selector("text=纪要 PDF")
    with page.expect_download() as download:
        page.click("text=纪要 PDF")
    assert download.value.suggested_filename == f"{meeting.number}纪要.pdf"
    meeting.refresh_from_db()
    assert meeting.state == "closed"
    assert "由区政府提级办理，月底前签订缴款协议。" in page.locator("main").inner_text()


def test_two_secretaries_see_each_others_words(
    weekly: City, live_server: Any, page: Any, signed_in: Callable[[Any, Any], Any]
) -> None:
    meeting = planned(weekly, starts_at=timezone.now(), at=timezone.now())
    meetings.begin(meeting.pk, actor=weekly.officer, at=timezone.now())
    item = meeting.items.first()
    signed_in(page, weekly.conference_officer)
    page.goto(f"{live_server.url}/meetings/{meeting.pk}/")
    agenda.note(item.pk, discussion="另一位的记录", decision="", actor=weekly.officer, at=timezone.now())
    page.fill("#id_discussion", "我的记录")
    page.wait_for_selector("#note-saved .other:has-text('另一位的记录')")
    assert page.input_value("#id_discussion") == "我的记录"
    page.fill("#id_decision", "合并两份记录后议定。")
    page.fill("#id_discussion", "另一位的记录；我的记录")
    page.wait_for_selector("#note-saved .is-saved")
    item.refresh_from_db()
    assert item.discussion == "另一位的记录；我的记录"


@pytest.mark.parametrize("size", ["page", "phone"])
def test_every_page_of_meetings_is_accessible_and_fits(
    weekly: City, live_server: Any, request: pytest.FixtureRequest, signed_in: Callable[[Any, Any], Any], size: str
) -> None:
    page, wrong = request.getfixturevalue(size), []
    now = timezone.now()
    coming = planned(weekly, starts_at=now + timedelta(days=1), at=now, size=2)
    session = planned(weekly, starts_at=now, at=now, size=2)
    meetings.begin(session.pk, actor=weekly.officer, at=now)
    agenda.settle(
        session.items.first().pk,
        outcome="decided",
        decision="限期办结。",
        tasks=[draft(weekly, at=now)],
        actor=weekly.conference_officer,
        at=now,
    )
    last, case, visit = weekly.__dict__["last"].pk, weekly.__dict__["cases"][0].pk, weekly.__dict__["visit"].pk
    screens = [
        ("conference_officer", "/meetings/"),
        ("conference_officer", "/meetings/new/"),
        ("conference_officer", "/meetings/score/"),
        ("leader", "/meetings/score/"),
        ("conference_officer", f"/meetings/{coming.pk}/"),
        ("conference_officer", f"/meetings/{coming.pk}/do/prepare/"),
        ("conference_officer", f"/meetings/{session.pk}/"),
        ("conference_officer", f"/meetings/{session.pk}/?item={session.items.first().pk}"),
        ("lead_official", f"/meetings/{last}/"),
        ("conference_officer", "/meetings/cases/"),
        ("conference_officer", f"/backlog/{case}/?tab=meetings"),
        ("conference_officer", "/visits/"),
        ("conference_officer", f"/visits/new/?case={case}"),
        ("conference_officer", f"/visits/{visit}/"),
        ("conference_officer", f"/visits/{visit}/do/record/"),
        ("conference_officer", f"/visits/{visit}/do/close/"),
    ]
    for who, path in screens:
        page.context.clear_cookies()
        signed_in(page, weekly.people[who])
        wrong += faults_of(page, live_server.url + path, who=who)
    assert not wrong, "\n".join(wrong)
