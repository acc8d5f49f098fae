"""The pages of tasks and officials, the tabs of command and renewals: what they show to whom, and their steps."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from backlog import task_desk
from backlog.actions import command, tasking
from backlog.models import BacklogCase, CaseOfficial, Instruction, Renewal, Task
from backlog.states import TaskOrigin
from dispatch.clocks import city_day
from dispatch.panels import desk_cards
from petitions.states import Refused
from tests.backlog.commanding import NOTE, applied, certified, led, paper, renewed, second_official, struck_off
from tests.city import City, make_petition
from tests.dispatch.test_views_case import enter

pytestmark = pytest.mark.django_db


@pytest.fixture
def lately(city: City) -> City:
    city.at = timezone.now() - timedelta(hours=2)
    return city


def give(
    city: City, text: str = "拿出办证方案", *, days: int = 5, case: BacklogCase | None = None, **more: Any
) -> Task:
    fields: dict[str, Any] = {"unit": city.units["housing"], "actor": city.district_officer, "at": city.at, **more}
    return tasking.assign(
        text=text, due_on=city_day(fields["at"]) + timedelta(days=days), origin=TaskOrigin.CASE, case=case, **fields
    )


def act(user: User, case: BacklogCase, name: str, data: dict[str, Any]) -> Any:
    case.refresh_from_db()
    return enter(user).post(reverse("backlog_act", args=[case.pk, name]), {"version": case.version, **data})


# ---- the list ----


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_takes_the_same_statements_for_any_number_of_rows(
    lately: City, rows: int, django_assert_num_queries: Any
) -> None:
    case = led(lately)
    for n in range(rows):
        give(lately, days=n + 1, case=case)
    client = enter(lately.handler)
    client.get(reverse("backlog_tasks"))
    with django_assert_num_queries(4):
        page = client.get(reverse("backlog_tasks"))
    assert page.content.decode().count('class="r"') == rows


def test_the_tabs_hold_what_they_say(lately: City) -> None:
    case = led(lately)
    pool = give(lately, "全单位的任务", case=case)
    own = give(lately, "王若兰的任务", case=case, owner=lately.handler)
    late = give(lately, "逾期的任务", case=case, days=0, at=lately.at - timedelta(days=3))
    others = give(lately, "外单位的任务", unit=lately.units["transport"])
    assert set(task_desk.mine(lately.handler)) == {pool, own, late}
    assert set(task_desk.mine(lately.colleague)) == {pool, late}
    assert set(task_desk.mine(lately.outsider)) == {others}
    tabs = {tab.key: tab for tab in task_desk.tabs_for(lately.district_officer)}
    assert list(tabs["overdue"].rows(lately.district_officer, timezone.now())) == [late]
    assert set(tabs["given"].rows(lately.district_officer, timezone.now())) == {pool, own, late, others}
    tasking.report(own.pk, result="已经办好。", actor=lately.handler, at=lately.at)
    assert list(task_desk.to_confirm(lately.district_officer)) == [own]
    # Whoever leads the case may confirm too, and is asked.
    assert list(task_desk.to_confirm(lately.lead_official)) == [own]
    assert task_desk.waiting(lately.handler) == 2


def test_pages_go_on_where_the_last_one_ended(lately: City, monkeypatch: pytest.MonkeyPatch) -> None:
    from backlog.views import tasking as views

    monkeypatch.setattr(views, "SIZE", 2)
    for n in range(5):
        give(lately, f"第{n}项任务", days=n // 2 + 1)
    client, seen, url = enter(lately.handler), [], reverse("backlog_tasks") + "?tab=mine"
    for _page in range(3):
        answer = client.get(url)
        seen += [row.text for row in answer.context["page"].rows]
        url = f"{answer.context['here']}&cursor={answer.context['page'].next}"
    assert seen == [f"第{n}项任务" for n in range(5)]
    assert client.get(reverse("backlog_tasks") + "?tab=mine&cursor=WzAsICJ4Il0").status_code == 200


@pytest.mark.parametrize("who", ["outsider", "outside_leader", "far_officer", "other_handler"])
def test_a_task_out_of_reach_is_not_there(lately: City, who: str) -> None:
    task = give(lately, case=led(lately))
    client = enter(lately.people[who])
    assert client.get(reverse("task", args=[task.pk])).status_code == 404
    assert client.post(reverse("task_act", args=[task.pk, "report"]), {"result": "已经办好。"}).status_code == 404
    task.refresh_from_db()
    assert task.state == "open"


def test_a_task_is_reported_sent_back_reported_and_confirmed_in_the_browser(lately: City) -> None:
    task = give(lately, case=led(lately))

    def step(who: User, name: str, data: dict[str, Any]) -> Any:
        task.refresh_from_db()
        return enter(who).post(reverse("task_act", args=[task.pk, name]), {"version": task.version, **data})

    assert step(lately.handler, "report", {"result": "x"}).status_code == 422
    assert step(lately.handler, "report", {"result": "方案已报区政府。"}).status_code == 302
    assert step(lately.handler, "confirm", {}).status_code == 403
    assert step(lately.district_officer, "send_back", {"reason": "缺少资金来源。"}).status_code == 302
    assert step(lately.handler, "report", {"result": "资金由财政垫缴。"}).status_code == 302
    assert step(lately.district_officer, "confirm", {"result": "同意"}).status_code == 302
    task.refresh_from_db()
    assert (task.state, task.result) == ("done", "资金由财政垫缴。")
    page = enter(lately.handler).get(reverse("task", args=[task.pk])).content.decode()
    assert "缺少资金来源。" in page
    assert "同意" in page


def test_the_desk_shows_what_waits_and_nothing_else(lately: City) -> None:
    templates = lambda who: [card.template for card in desk_cards(who, timezone.now())]  # noqa: E731
    assert "backlog/desk_card.html" not in templates(lately.handler)
    give(lately, case=led(lately))
    assert "backlog/desk_card.html" in templates(lately.handler)
    assert "backlog/desk_card.html" not in templates(lately.outsider)
    applied(lately)
    assert "拿出办证方案" in enter(lately.handler).get(reverse("desk")).content.decode()
    assert task_desk.cases_waiting(lately.lead_official).count() == 1
    assert task_desk.cases_waiting(lately.district_officer).count() == 0


# ---- the tabs of the file ----


@pytest.mark.parametrize("tab", ["command", "renewals", "tasks"])
def test_the_tabs_open_in_every_state_and_for_every_reader(lately: City, tab: str) -> None:
    cases = [led(lately), renewed(lately), applied(lately), certified(lately), struck_off(lately)]
    give(lately, case=cases[0])
    make_petition(lately, repeat_of=cases[-1].petition)
    for who in ("officer", "district_officer", "conference_officer", "leader", "handler", "lead_official", "inspector"):
        client = enter(lately.people[who])
        for case in cases:
            answer = client.get(reverse("backlog_case", args=[case.pk]), {"tab": tab})
            assert answer.status_code == 200, (who, case.state)
    for who in ("outsider", "outside_leader", "far_officer"):
        answer = enter(lately.people[who]).get(reverse("backlog_case", args=[cases[0].pk]), {"tab": tab})
        assert answer.status_code == 404


def test_an_instruction_and_its_tasks_are_given_in_one_form(lately: City) -> None:
    case = led(lately)
    due = (city_day(lately.at) + timedelta(days=7)).isoformat()
    data = {
        "text": "请住建局牵头，一周内拿出方案。",
        "task_1": "拿出办证方案",
        "unit_1": "海曙区住建局",
        "due_1": due,
        "task_2": "核算欠缴出让金",
        "unit_2": "330203-ENFORCEMENT",
        "owner_2": "other_handler",
        "due_2": due,
    }
    assert act(lately.lead_official, case, "instruct", {**data, "unit_2": ""}).status_code == 422
    assert not Instruction.objects.exists()
    assert act(lately.lead_official, case, "instruct", data).status_code == 302
    assert Instruction.objects.get().official == lately.lead_official
    assert set(Task.objects.values_list("unit__code", "owner__username")) == {
        ("330203-HOUSING", None),
        ("330203-ENFORCEMENT", "other_handler"),
    }
    page = enter(lately.lead_official).get(reverse("backlog_case", args=[case.pk]), {"tab": "command"})
    assert "核算欠缴出让金" in page.content.decode()


def test_a_renewal_is_finished_in_the_browser_with_its_document(lately: City) -> None:
    case = led(lately)
    data = {
        "stage": 1,
        "done_on": city_day(lately.at).isoformat(),
        "text": "明确由区住建局牵头负责。",
        "files": paper(),
    }
    assert act(lately.leader, case, "renew", data).status_code == 302
    row = Renewal.objects.get()
    assert row.document is not None
    page = enter(lately.leader).get(reverse("backlog_case", args=[case.pk]), {"tab": "renewals"}).content.decode()
    assert "谈话记录.pdf" in page


def test_the_lead_official_hands_in_a_document_with_a_duty(lately: City) -> None:
    case = led(lately)
    data = {
        "duty": "know",
        "done_on": city_day(lately.at).isoformat(),
        "evidence": "到小区走访，查看现场。",
        "files": paper("走访照片.pdf"),
    }
    assert act(lately.lead_official, case, "duty", data).status_code == 302
    assert case.duties.get().document is not None


def test_a_refused_application_keeps_what_was_typed_and_says_what_is_missing(lately: City) -> None:
    case = renewed(lately, stages=4)
    data = {
        "text": "三百户全部办证。",
        "way": "policy",
        "facts_clear": "核实意见书",
        "basis": "agreement",
        "basis_evidence": "履行凭证",
        "help": "not_due",
        "help_evidence": "无困难",
        "informed_on": city_day(lately.at).isoformat(),
        "rating": "5",
    }
    answer = act(lately.leader, case, "apply", data)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "三百户全部办证。" in page
    assert "重新开展化解工作" in page or "重新化解" in page


# ---- officials ----


def test_all_of_an_official_goes_over_from_one_page(lately: City) -> None:
    successor = second_official(lately)
    cases = [led(lately), led(lately)]
    give(lately, "约谈开发商", case=cases[0], unit=lately.units["district"], owner=lately.lead_official)
    lately.lead_official.is_active = False
    lately.lead_official.save()
    client = enter(lately.district_officer)
    assert cases[0].title in client.get(reverse("backlog_officials")).content.decode()
    url = reverse("backlog_official", args=[lately.lead_official.pk])
    page = client.get(url).content.decode()
    assert "约谈开发商" in page
    data = {"to": "successor", "note": NOTE, **{f"case_{case.pk}": "on" for case in cases}}
    assert client.post(url, {**data, "note": "短"}).status_code == 422
    assert client.post(url, data).status_code == 302
    assert CaseOfficial.objects.filter(user=successor, until=None).count() == 2
    assert Task.objects.get().owner == successor
    assert enter(successor).post(reverse("backlog_taken_over")).status_code == 302
    assert not CaseOfficial.objects.filter(successor=successor, received_at=None).exists()


def test_only_offices_hand_over_and_only_their_own(lately: City) -> None:
    led(lately)
    url = reverse("backlog_official", args=[lately.lead_official.pk])
    assert enter(lately.lead_official).get(url).status_code == 404
    assert enter(lately.far_officer).get(url).status_code == 404
    assert enter(lately.leader).get(reverse("backlog_officials")).status_code == 403


def test_reception_days_that_stay_on_the_name_are_shown(lately: City) -> None:
    from backlog.models import ReceptionDay
    from backlog.views.officials import other_posts

    led(lately)
    ReceptionDay.objects.create(
        kind="hall", official=lately.lead_official, area=lately.areas["330203"], place="区社会治理中心",
        starts_at=timezone.now() + timedelta(days=3), ends_at=timezone.now() + timedelta(days=3, hours=2),
        made_at=lately.at,
    )  # fmt: skip
    assert len(other_posts(lately.lead_official, timezone.now())) == 1
    page = enter(lately.district_officer).get(reverse("backlog_official", args=[lately.lead_official.pk]))
    assert "区社会治理中心" in page.content.decode()


def test_commanding_twice_counts_once(lately: City) -> None:
    case = led(lately)
    command.assist(case.pk, add=[second_official(lately)], actor=lately.district_officer, at=lately.at)
    page = enter(lately.district_officer).get(reverse("backlog_officials"))
    assert [row["led"] + row["helped"] for row in page.context["rows"]] == [1, 1]


def test_a_units_leader_says_who_in_the_unit_does_it(lately: City) -> None:
    task = give(lately, case=led(lately))
    tasking.pass_on(task.pk, owner=lately.handler, actor=lately.leader, at=lately.at)
    task.refresh_from_db()
    assert task.owner == lately.handler
    with pytest.raises(Refused):
        tasking.pass_on(task.pk, owner=lately.colleague, actor=lately.other_leader, at=lately.at)
    with pytest.raises(Refused):
        tasking.pass_on(task.pk, owner=lately.other_handler, actor=lately.leader, at=lately.at)
    task.refresh_from_db()
    assert task.owner == lately.handler
