"""Pages of task forces and workgroups: figures with their rows, rhythm, rules, who may change."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from backlog import force_board as board
from backlog.actions import forces
from backlog.models import TaskForce, Workgroup
from backlog.reference.forces import load_forces
from tests.backlog.planning import make_case, plan_days
from tests.city import City
from tests.dispatch.test_views_case import enter

pytestmark = pytest.mark.django_db


@pytest.fixture
def lately(city: City) -> City:
    city.at = timezone.now() - timedelta(hours=8)
    load_forces(at=city.at)
    return city


def group_of(city: City, code: str = "330203") -> Workgroup:
    return Workgroup.objects.get(district=city.areas[code])


def fill(city: City, group: Workgroup) -> None:
    forces.save_group(group.pk, changes={"leader": city.lead_official}, actor=city.officer, at=city.at)
    for name in ("陈洛平", "王建国", "李敏"):
        forces.add_member(group=group.pk, name=name, unit=city.district_office, actor=city.officer, at=city.at)


def page_of(city: City, url: str, who: str = "officer") -> str:
    answer = enter(city.people[who]).get(url)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_the_board_counts_the_groups_that_stand_and_says_what_the_others_lack(lately: City) -> None:
    fill(lately, group_of(lately))
    page = page_of(lately, reverse("forces"))
    assert "1<small>/2</small>" in page
    assert "未定组长 · 成员缺 3 人" in page
    assert "下次例会" in page


def test_figures_open_their_rows(lately: City) -> None:
    force = TaskForce.objects.get(key="legacy")
    make_case(lately, force=force)
    make_case(lately, "certified", force=force)
    page = page_of(lately, reverse("forces"))
    assert "/backlog/?force=legacy&amp;group=stock" in page
    page = page_of(lately, reverse("force", args=[force.pk]))
    assert "化解率 50%" in page and "/backlog/?force=legacy&amp;state=working" in page


def test_a_force_behind_its_time_says_by_how_much(lately: City) -> None:
    force = TaskForce.objects.get(key="legacy")
    today = timezone.localdate()
    days = {"begins_on": today - timedelta(days=60), "ends_on": today + timedelta(days=40)}
    forces.save_force(force.pk, changes=days, actor=lately.officer, at=lately.at)
    make_case(lately, force=force)
    assert "落后 60 个百分点" in page_of(lately, reverse("force", args=[force.pk]))


def test_the_group_shows_missed_milestones_and_its_last_report(lately: City) -> None:
    group = group_of(lately)
    plan_days(make_case(lately), timezone.localdate(), ("签订协议", -20, -5, None))
    text = "本周化解两件，一件待资金到位，下周开听证会。"
    client = enter(lately.district_officer)
    url = reverse("workgroup_act", args=[group.pk, "report"])
    assert client.post(url, {"on": timezone.localdate(), "text": text, "version": 1}).status_code == 302
    page = page_of(lately, reverse("workgroup", args=[group.pk]))
    assert "签订协议" in page and text in page


def test_a_late_report_is_flagged(lately: City) -> None:
    group = group_of(lately)
    # From now: some hours ago may have been yesterday.
    then = timezone.now() - timedelta(days=10)
    forces.report(group.pk, text="上一期专班工作情况报告", actor=lately.officer, at=then)
    assert "逾期 3 天" in page_of(lately, reverse("forces"))


@pytest.mark.parametrize(("who", "status"), [("district_officer", 200), ("far_officer", 404), ("inspector", 404)])
def test_only_the_own_office_finds_the_forms(lately: City, who: str, status: int) -> None:
    group = group_of(lately)
    fill(lately, group)
    member = group.members.first()
    assert member is not None
    client = enter(lately.people[who])
    for name in ("edit", "member", "report"):
        assert client.get(reverse("workgroup_act", args=[group.pk, name])).status_code == status
    assert client.get(reverse("workgroup", args=[group.pk])).status_code == 200
    if status == 404:
        assert client.post(reverse("member_end", args=[member.pk])).status_code == 404


def test_a_districts_office_neither_changes_nor_adds_task_forces(lately: City) -> None:
    client = enter(lately.district_officer)
    force = TaskForce.objects.get(key="legacy")
    assert client.get(reverse("force_act", args=[force.pk, "edit"])).status_code == 404
    assert client.get(reverse("force_new")).status_code == 403
    assert enter(lately.agent).get(reverse("forces")).status_code == 403
    assert enter(lately.agent).get(reverse("force", args=[force.pk])).status_code == 404


def test_a_task_force_is_added_and_changed(lately: City) -> None:
    client = enter(lately.conference_officer)
    answer = client.post(reverse("force_new"), {"name": "涉法涉诉攻坚组", "is_active": "on"})
    added = TaskForce.objects.get(name="涉法涉诉攻坚组")
    assert answer["Location"] == reverse("force", args=[added.pk])
    url = reverse("force_act", args=[added.pk, "focus"])
    assert client.post(url, {"focus": "逐案过堂", "version": 1}).status_code == 302
    assert "逐案过堂" in page_of(lately, reverse("forces"))


def test_a_stale_form_keeps_what_was_typed(lately: City) -> None:
    force = TaskForce.objects.get(key="legacy")
    forces.set_focus(force.pk, focus="别人写的", actor=lately.officer, at=lately.at)
    answer = enter(lately.officer).post(
        reverse("force_act", args=[force.pk, "focus"]), {"focus": "我写的要点", "version": 1}
    )
    page = answer.content.decode()
    assert answer.status_code == 422 and "我写的要点" in page and 'name="version" value="2"' in page


def test_a_member_joins_from_a_unit_by_name(lately: City) -> None:
    group = group_of(lately)
    client, url = enter(lately.district_officer), reverse("workgroup_act", args=[group.pk, "member"])
    answer = client.post(url, {"name": "王若兰", "unit": "海曙区住建局", "duty": "政策研判", "version": 1})
    assert answer.status_code == 302
    member = group.members.get()
    assert (member.unit, member.user) == (lately.housing, lately.handler)
    assert client.post(url, {"name": "李敏", "unit": "没有的局", "version": 2}).status_code == 422
    client.post(reverse("member_end", args=[member.pk]))
    assert not group.members.filter(until=None).exists()


def test_the_rules_are_a_page_to_print_and_post(lately: City) -> None:
    group = group_of(lately)
    page = page_of(lately, reverse("workgroup_rules", args=[group.pk]), "inspector")
    assert "<h3>一、职责</h3>" in page and "五个重新" in page and "星期一 09:00" in page


@pytest.mark.parametrize("more", [0, 2])
def test_the_board_takes_the_same_statements_for_any_number_of_cases(
    lately: City, more: int, django_assert_num_queries: Any
) -> None:
    for _n in range(1 + more):
        make_case(lately, force=TaskForce.objects.get(key="legacy"))
    client = enter(lately.officer)
    client.get(reverse("forces"))
    with django_assert_num_queries(6):
        client.get(reverse("forces"))


@pytest.mark.parametrize(
    "changes", [{}, {"leader": None}, {"is_active": False}, {"meets_on": None, "meets_at": None}, {"rules": ""}]
)
def test_what_a_group_lacks_in_words_is_what_the_coverage_counts(lately: City, changes: dict[str, Any]) -> None:
    group = group_of(lately)
    fill(lately, group)
    forces.save_group(group.pk, changes=changes, actor=lately.officer, at=lately.at)
    lines = board.group_lines(lately.officer, lately.at)
    assert {line.group.pk for line in lines if not line.missing} == set(
        Workgroup.objects.standing().values_list("pk", flat=True)
    )
