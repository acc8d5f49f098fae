"""The progress table in a real browser: edited in place, with scripts and without; pages fit and pass axe."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from backlog.actions import forces, milestones
from backlog.models import BacklogCase, Milestone, TaskForce, Workgroup
from backlog.reference.forces import load_forces
from tests.backlog.planning import USUAL, make_case, plan_days
from tests.city import City
from tests.conftest import open_page
from tests.e2e.looking import faults_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TITLES = (
    "安置房交付与办证遗留问题",
    "原集体企业改制职工补缴社保",
    "村级土地征收补偿分配争议",
    "道路拓宽拆迁补偿标准不一",
)


@pytest.fixture
def busy(city: City) -> City:
    """Four cases of two forces with plans, a workgroup that stands."""
    city.at = timezone.now() - timedelta(hours=2)
    load_forces(at=city.at)
    groups = {force.key: force for force in TaskForce.objects.all()}
    today = timezone.localdate()
    for place, (title, key) in enumerate(zip(TITLES, ("demolition", "legacy", "rural", "demolition"), strict=True)):
        days = [(n, a + 6 * place, b + 6 * place, None if c is None else c) for n, a, b, c in USUAL[: 6 - place]]
        plan_days(make_case(city, title=title, force=groups[key]), today, *days)
    forces.save_group(
        Workgroup.objects.get(district=city.areas["330203"]).pk,
        changes={"leader": city.lead_official, "established_on": today - timedelta(days=90)},
        actor=city.officer,
        at=city.at,
    )
    for name, duty in (("陈洛平", "办公室主任"), ("王若兰", "政策研判"), ("李建", "联络员")):
        group = Workgroup.objects.get(district=city.areas["330203"])
        forces.add_member(
            group=group.pk, name=name, duty=duty, unit=city.district_office, actor=city.officer, at=city.at
        )
    force = groups["demolition"]
    days = {"begins_on": today - timedelta(days=120), "ends_on": today + timedelta(days=120), "leader": city.officer}
    forces.save_force(force.pk, changes={**days, "focus": "盯紧三个逾期节点"}, actor=city.officer, at=city.at)
    return city


@pytest.fixture
def plain(browser: Any, complaints: list[str]) -> Any:
    """A desk's screen without scripts."""
    yield from open_page(browser, complaints, viewport={"width": 1440, "height": 900}, java_script_enabled=False)


def refused(complaints: list[str]) -> None:
    """The browser notes the refusal, and nothing else."""
    assert [text for text in complaints if "422" not in text] == [] and complaints
    complaints.clear()


def test_a_milestone_is_edited_below_its_row(
    busy: City, live_server: Any, page: Any, signed_in: Callable[[Any, Any], Any], complaints: list[str]
) -> None:
    signed_in(page, busy.district_officer)
    row = Milestone.objects.get(case__title=TITLES[0], name="与信访人协商")
    page.goto(f"{live_server.url}/backlog/table/?by=none")
    page.click(f"#case-{row.case_id} foreignObject a:has-text('与信访人协商')")
    form = page.locator(f"#edit-{row.case_id} form")
    later = (row.planned_on + timedelta(days=9)).isoformat()
    form.locator("[name=planned_on]").fill(later)
    form.locator("button:has-text('保存')").click()
    # A later day asks why; what was typed stays.
    page.wait_for_selector(f"#edit-{row.case_id} [name=reason][aria-invalid]")
    assert form.locator("[name=planned_on]").input_value() == later
    refused(complaints)
    form.locator("[name=reason]").fill("评估报告晚到")
    form.locator("button:has-text('保存')").click()
    page.wait_for_selector(f"#edit-{row.case_id}:empty", state="attached")
    row.refresh_from_db()
    assert (row.planned_on.isoformat(), row.version) == (later, 2)
    assert page.url.endswith("/backlog/table/?by=none")
    # The same row once more: reached with one click.
    page.click(f"#case-{row.case_id} foreignObject a:has-text('与信访人协商')")
    page.click(f"#edit-{row.case_id} button:has-text('今天完成')")
    page.wait_for_selector(f"#case-{row.case_id} .gn--done:has-text('与信访人协商')")
    row.refresh_from_db()
    assert row.actual_on == timezone.localdate()


def test_who_edits_an_older_row_is_told_and_loses_nothing(
    busy: City, live_server: Any, page: Any, signed_in: Callable[[Any, Any], Any], complaints: list[str]
) -> None:
    signed_in(page, busy.district_officer)
    row = Milestone.objects.get(case__title=TITLES[0], name="签订协议")
    page.goto(f"{live_server.url}/backlog/table/")
    page.click(f"#case-{row.case_id} foreignObject a:has-text('签订协议')")
    form = page.locator(f"#edit-{row.case_id} form")
    form.locator("[name=note]").fill("双方已约定地点")
    milestones.edit(row.pk, changes={"name": "签订补偿协议"}, actor=busy.officer, at=busy.at)
    form.locator("button:has-text('保存')").click()
    page.wait_for_selector(f"#edit-{row.case_id} .note--red")
    assert form.locator("[name=note]").input_value() == "双方已约定地点"
    refused(complaints)
    form.locator("button:has-text('保存')").click()
    page.wait_for_selector(f"#edit-{row.case_id}:empty", state="attached")
    row.refresh_from_db()
    assert row.note == "双方已约定地点"


def test_without_scripts_the_bar_leads_to_a_page_and_back(
    busy: City, live_server: Any, plain: Any, signed_in: Callable[[Any, Any], Any]
) -> None:
    signed_in(plain, busy.district_officer)
    row = Milestone.objects.get(case__title=TITLES[0], name="签订协议")
    plain.goto(f"{live_server.url}/backlog/table/?by=district&span=12m")
    plain.click(f"#case-{row.case_id} foreignObject a:has-text('签订协议')")
    plain.fill("[name=note]", "已约定时间地点")
    plain.click("button:has-text('保存')")
    assert plain.url.endswith(f"/backlog/table/?by=district&span=12m#case-{row.case_id}")
    row.refresh_from_db()
    assert row.note == "已约定时间地点"


@pytest.mark.parametrize("size", ["page", "phone"])
def test_every_page_is_accessible_and_fits(
    busy: City, live_server: Any, request: pytest.FixtureRequest, signed_in: Callable[[Any, Any], Any], size: str
) -> None:
    page, wrong = request.getfixturevalue(size), []
    case = BacklogCase.objects.get(title=TITLES[0])
    bare = make_case(busy, title="尚未列出节点的案件")
    row = case.milestones.first()
    force, group = TaskForce.objects.get(key="demolition").pk, Workgroup.objects.get(district=case.district).pk
    signed_in(page, busy.officer)
    for path in (
        "/backlog/table/",
        "/backlog/table/?by=district&span=8w&overdue=1",
        "/backlog/table/?print=1",
        "/backlog/table/sheet/",
        f"/backlog/{case.pk}/?tab=milestones",
        f"/backlog/{bare.pk}/?tab=milestones",
        f"/backlog/{bare.pk}/milestones/plan/",
        f"/backlog/milestones/{row.pk}/edit/",
        f"/backlog/milestones/{row.pk}/do/remove/",
        "/backlog/forces/",
        "/backlog/forces/new/",
        f"/backlog/forces/{force}/",
        f"/backlog/forces/{force}/do/edit/",
        f"/backlog/forces/{force}/do/member/",
        f"/backlog/workgroups/{group}/",
        f"/backlog/workgroups/{group}/do/edit/",
        f"/backlog/workgroups/{group}/do/report/",
        f"/backlog/workgroups/{group}/rules/",
    ):
        wrong += faults_of(page, live_server.url + path)
    assert not wrong, "\n".join(wrong)
