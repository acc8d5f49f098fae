"""The progress table: whose rows, in which order, on screen, on paper and as a workbook."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccessLog
from backlog.models import BacklogCase, CaseEvent, Milestone
from backlog.progress import ProgressTable
from backlog.reference.forces import load_forces
from tests.backlog.cases import force
from tests.backlog.planning import USUAL, make_case, plan_days
from tests.city import City, make_petition
from tests.dispatch.test_views_case import enter

pytestmark = pytest.mark.django_db
URL = "/backlog/table/"


@pytest.fixture
def lately(city: City) -> City:
    city.at = timezone.now() - timedelta(hours=8)
    return city


def planned(city: City, **given: Any) -> BacklogCase:
    case = make_case(city, **given)
    plan_days(case, timezone.localdate(), *[(n, a, b, c if c is None else b) for n, a, b, c in USUAL])
    return case


def text_of(client: Client, **query: str) -> str:
    answer = client.get(URL, query)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_a_page_takes_the_same_statements_for_any_number_of_rows(
    lately: City, rows: int, django_assert_num_queries: Any
) -> None:
    for _n in range(rows):
        planned(lately, force=force())
    client = enter(lately.officer)
    client.get(URL)
    with django_assert_num_queries(7):
        client.get(URL)


def test_it_shows_the_stock_with_its_milestones_and_the_others_when_asked(lately: City) -> None:
    case = planned(lately)
    settled = planned(lately, state="certified", title="已经化解的案件")
    nominated = make_case(lately, "nominated", title="刚刚提名的案件")
    client = enter(lately.officer)
    page = text_of(client)
    assert case.title in page and "兑现落实" in page and "33%" in page
    assert settled.title not in page
    assert settled.title in text_of(client, group="listed")
    assert nominated.title not in text_of(client, group="listed")
    assert nominated.title not in text_of(client, state="nominated")


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("officer", True),
        ("district_officer", True),
        ("lead_official", True),
        ("handler", True),
        ("far_officer", False),
        ("outsider", False),
    ],
)
def test_rows_are_those_one_may_read(lately: City, who: str, sees: bool) -> None:
    case = planned(lately)
    assert (case.title in text_of(enter(lately.people[who]))) is sees


def test_the_hotline_has_no_table(lately: City) -> None:
    assert enter(lately.agent).get(URL).status_code == 403


def test_a_case_with_a_matter_one_is_kept_out_of_is_not_there(lately: City) -> None:
    petition = make_petition(lately, at=lately.at)
    case = planned(lately, petition=petition)
    type(petition).objects.filter(pk=petition.pk).update(is_restricted=True)
    assert case.title not in text_of(enter(lately.conference_officer))


def test_who_may_not_plan_reads_bars_that_lead_to_the_file(lately: City) -> None:
    case = planned(lately)
    row = case.milestones.first()
    assert row is not None
    assert reverse("milestone_edit", args=[row.pk]) in text_of(enter(lately.officer))
    page = text_of(enter(lately.inspector))
    assert reverse("milestone_edit", args=[row.pk]) not in page
    assert f'href="{reverse("milestone", args=[row.pk])}"' in page


def test_groups_follow_one_another_and_pages_neither_repeat_nor_skip(lately: City) -> None:
    load_forces(at=lately.at)
    forces = [force("demolition"), force("legacy"), None]
    for place in range(7):
        make_case(lately, force=forces[place % 3], at=lately.at + timedelta(seconds=place))
    seen, cursor, pages = list[BacklogCase](), "", 0
    while True:
        query = QueryDict(mutable=True)
        query.update({"by": "force", "cursor": cursor})
        table = ProgressTable(lately.officer, query, timezone.now(), size=3)
        seen += table.page.rows
        pages += 1
        if not table.page.next:
            break
        cursor = table.page.next
    keys = [case.force.position if case.force else 99 for case in seen]
    assert (pages, len({case.pk for case in seen})) == (3, 7)
    assert keys == sorted(keys) and keys[-1] == 99
    query["cursor"] = table.page.previous
    back = ProgressTable(lately.officer, query, timezone.now(), size=3).page.rows
    assert back == seen[3:6]


@pytest.mark.parametrize("cursor", ["x", "WzBd", "WzAsMSwyLDNd", "é"])
def test_a_damaged_cursor_means_the_first_page(lately: City, cursor: str) -> None:
    case = planned(lately)
    assert case.title in text_of(enter(lately.officer), cursor=cursor)


def test_the_printed_page_is_laid_out_for_a3(lately: City) -> None:
    case = planned(lately)
    page = text_of(enter(lately.officer), print="1")
    assert case.title in page and "table_print" in page and "milestones/plan" not in page
    css = (Path(__file__).resolve().parents[2] / "static/css/table_print.css").read_text(encoding="utf8")
    assert "size: A3 landscape" in css


def test_the_workbook_has_the_days_and_is_logged_with_its_reason(lately: City) -> None:
    case = planned(lately, force=force())
    other = planned(lately, title="外区案件", district=lately.areas["330225"])
    client = enter(lately.district_officer)
    url = reverse("progress_sheet")
    assert client.post(url, {"reason": ""}).status_code == 422
    answer = client.post(f"{url}?by=none", {"reason": "联席会议材料"})
    book = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    days, gantt = book.worksheets
    lines = list(days.iter_rows(min_row=5, values_only=True))
    assert [line[7] for line in lines] == [name for name, *_days in USUAL]
    assert lines[0][1] == case.title and lines[0][10].date() == case.milestones.all()[0].planned_on
    assert lines[2][12] == 9
    assert "联席会议材料" in days["A3"].value and "陈洛平" in days["A3"].value
    assert gantt["A5"].value == case.number
    fills = {cell.fill.fgColor.rgb for cell in gantt[5]}
    assert {"FF2F9A5F", "FFC5302A", "FFA9C6EE"} <= fills
    assert other.title not in {cell.value for sheet in book.worksheets for line in sheet for cell in line}
    entry = AccessLog.objects.get(target="backlog:table")
    assert (entry.user, entry.action, entry.reason) == (lately.district_officer, "export", "联席会议材料")


@pytest.mark.parametrize("who", ["leader", "lead_official", "handler"])
def test_who_may_not_export_is_refused(lately: City, who: str) -> None:
    planned(lately)
    assert enter(lately.people[who]).post(reverse("progress_sheet"), {"reason": "看看"}).status_code == 403


# ---- one milestone ----


def edit_url(row: Milestone) -> str:
    return reverse("milestone_edit", args=[row.pk])


def typed(row: Milestone, **changes: Any) -> dict[str, Any]:
    fields = {"name": row.name, "starts_on": row.starts_on, "planned_on": row.planned_on, "version": row.version}
    return {name: value for name, value in {**fields, **changes}.items() if value is not None}


def test_saved_in_place_the_answer_is_the_row_of_the_table(lately: City) -> None:
    case = planned(lately)
    row = case.milestones.get(name="签订协议")
    client = enter(lately.officer)
    heads = {"HX-Request": "true", "HX-Target": f"edit-{case.pk}"}
    form = client.get(f"{edit_url(row)}?next=/backlog/table/?span=3m", headers=heads).content.decode()
    assert "<html" not in form and "签订协议" in form
    answer = client.post(f"{edit_url(row)}?next=/backlog/table/%3Fspan%3D3m", typed(row, note="已约定"), headers=heads)
    assert answer["HX-Retarget"] == f"#case-{case.pk}"
    assert "已约定" in answer.content.decode() and "span%3D3m" in answer.content.decode()
    row.refresh_from_db()
    assert row.note == "已约定"


def test_a_row_that_no_longer_fits_the_filters_reloads_the_page(lately: City) -> None:
    case = planned(lately)
    row = case.milestones.get(name="签订协议")
    heads = {"HX-Request": "true", "HX-Target": f"edit-{case.pk}"}
    answer = enter(lately.officer).post(
        f"{edit_url(row)}?next=/backlog/table/%3Fstuck%3D9000", typed(row, note="已约定"), headers=heads
    )
    assert answer["HX-Redirect"] == "/backlog/table/?stuck=9000"


def test_without_scripts_one_comes_back_to_the_table(lately: City) -> None:
    case = planned(lately)
    row = case.milestones.get(name="形成化解方案")
    data = typed(row, actual_on=timezone.localdate())
    answer = enter(lately.officer).post(f"{edit_url(row)}?next=/backlog/table/%3Fspan%3D3m%23case-1", data)
    assert answer["Location"] == "/backlog/table/?span=3m#case-1"
    row.refresh_from_db()
    assert row.actual_on == timezone.localdate()


def test_a_stale_form_keeps_what_was_typed_and_can_be_sent_again(lately: City) -> None:
    row = planned(lately).milestones.get(name="签订协议")
    old = typed(row, note="双方约定地点")
    Milestone.objects.filter(pk=row.pk).update(version=2)
    client = enter(lately.officer)
    answer = client.post(edit_url(row), old)
    page = answer.content.decode()
    assert answer.status_code == 422 and "双方约定地点" in page and 'name="version" value="2"' in page
    assert client.post(edit_url(row), {**old, "version": 2}).status_code == 302


def test_a_place_in_the_plan_is_changed_by_a_button(lately: City) -> None:
    case = planned(lately)
    second = case.milestones.all()[1]
    enter(lately.officer).post(reverse("milestone_shift", args=[second.pk]), {"by": "up"})
    assert case.milestones.all()[0] == second


def test_removed_with_a_reason_it_is_off_the_table(lately: City) -> None:
    case = planned(lately)
    row = case.milestones.get(name="签订协议")
    client, url = enter(lately.officer), reverse("milestone_act", args=[row.pk, "remove"])
    assert client.post(url, {"reason": "", "version": 1}).status_code == 422
    assert client.post(url, {"reason": "改走司法途径", "version": 1}).status_code == 302
    assert "签订协议" not in text_of(client)
    assert client.get(edit_url(row)).status_code == 404
    assert CaseEvent.objects.latest("id").data["do"] == "remove"


@pytest.mark.parametrize("who", ["far_officer", "outside_leader", "inspector", "handler"])
def test_who_may_not_plan_finds_no_form(lately: City, who: str) -> None:
    case = planned(lately)
    row = case.milestones.all()[0]
    client = enter(lately.people[who])
    for url in (
        edit_url(row),
        reverse("milestone_act", args=[row.pk, "remove"]),
        reverse("milestone_plan", args=[case.pk]),
    ):
        assert client.get(url).status_code == 404
    assert client.post(reverse("milestone_shift", args=[row.pk]), {"by": "up"}).status_code == 404


def test_the_usual_milestones_are_proposed_and_can_be_changed(lately: City) -> None:
    case = make_case(lately, force=force("demolition"))
    client, url = enter(lately.officer), reverse("milestone_plan", args=[case.pk])
    page = client.get(url).content.decode()
    assert "核对征迁档案" in page and "交房或支付到位" in page
    today = timezone.localdate()
    data = {"plan-TOTAL_FORMS": 4, "plan-INITIAL_FORMS": 3}
    lines = [("核对台账", 10, ""), ("重新测算", 20, "on"), ("签订协议", 30, ""), ("", None, "")]
    for place, (name, days, out) in enumerate(lines):
        data[f"plan-{place}-name"] = name  # type: ignore[assignment]
        if days:
            data[f"plan-{place}-planned_on"] = (today + timedelta(days=days)).isoformat()  # type: ignore[assignment]
        if out:
            data[f"plan-{place}-is_left_out"] = out  # type: ignore[assignment]
    assert client.post(url, data).status_code == 302
    assert [row.name for row in case.milestones.all()] == ["核对台账", "签订协议"]


def test_a_plan_without_a_day_is_refused_and_kept(lately: City) -> None:
    case = make_case(lately)
    data = {"plan-TOTAL_FORMS": 1, "plan-INITIAL_FORMS": 0, "plan-0-name": "核对台账"}
    answer = enter(lately.officer).post(reverse("milestone_plan", args=[case.pk]), data)
    assert answer.status_code == 422 and "核对台账" in answer.content.decode()
    assert not case.milestones.exists()


def test_the_tab_shows_planned_first_planned_and_reached(lately: City) -> None:
    case = planned(lately)
    row = case.milestones.get(name="签订协议")
    Milestone.objects.filter(pk=row.pk).update(first_planned_on=row.planned_on - timedelta(days=8))
    page = enter(lately.officer).get(reverse("backlog_case", args=[case.pk]), {"tab": "milestones"}).content.decode()
    assert f"milestone-{row.pk}" in page and (row.planned_on - timedelta(days=8)).isoformat() in page
    answer = enter(lately.officer).get(reverse("milestone", args=[row.pk]))
    assert answer["Location"].endswith(f"?tab=milestones#milestone-{row.pk}")


def test_a_milestone_is_added_by_the_step_of_the_file(lately: City) -> None:
    case = make_case(lately)
    url = reverse("backlog_act", args=[case.pk, "milestone"])
    day = timezone.localdate() + timedelta(days=9)
    answer = enter(lately.officer).post(url, {"name": "签订协议", "planned_on": day, "version": case.version})
    assert answer.status_code == 302
    assert case.milestones.get().planned_on == day
