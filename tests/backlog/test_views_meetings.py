"""The pages of weekly dispatch and joint supervision, without scripts; who finds nothing there."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from docx import Document
from pypdf import PdfReader

from backlog.actions import meetings
from backlog.models import AgendaItem, Meeting, SupervisionVisit, Task
from backlog.score import TERM_KEYS
from tests.backlog.cases import make_case
from tests.backlog.sessions import closed, live, planned
from tests.backlog.test_visits import planned as planned_visit
from tests.backlog.test_visits import visited
from tests.city import City
from tests.dispatch.test_views_case import enter

pytestmark = pytest.mark.django_db


@pytest.fixture
def lately(city: City) -> City:
    """Three hours ago; two cases."""
    city.at = timezone.now() - timedelta(hours=3)
    city.__dict__["cases"] = [make_case(city, title=title) for title in ("某小区办证问题", "某村补偿问题")]
    return city


def soon(city: City, **changes: Any) -> Meeting:
    return planned(city, starts_at=city.at + timedelta(hours=1), **changes)


def outsiders(city: City) -> list[Any]:
    return [city.far_officer, city.outside_leader]


# ---- out of reach ----


def test_a_meeting_out_of_reach_is_not_there(lately: City) -> None:
    meeting = closed(lately, starts_at=lately.at)
    item, task = meeting.items.first(), Task.objects.first()
    pages = [
        reverse("meeting", args=[meeting.pk]),
        reverse("meeting_act", args=[meeting.pk, "amend"]),
        reverse("meeting_paper", kwargs={"pk": meeting.pk, "kind": "minutes", "form": "pdf"}),
    ]
    posts = [
        reverse(name, args=[meeting.pk, *more])
        for name, more in (
            ("meeting_agenda", []),
            ("meeting_sites", []),
            ("meeting_minutes", []),
            ("meeting_item", [item.pk]),
            ("meeting_note", [item.pk]),
            ("meeting_question", [item.pk]),
            ("meeting_task_back", [task.pk]),
        )
    ]
    for person in outsiders(lately):
        client = enter(person)
        assert {client.get(page).status_code for page in pages} == {404}
        assert {client.post(page).status_code for page in posts} == {404}
        assert meeting.number not in client.get(reverse("meetings")).content.decode()


def test_a_reader_of_a_meeting_writes_nothing(lately: City) -> None:
    meeting = live(lately, soon(lately))
    item = meeting.items.first()
    client = enter(lately.district_officer)
    assert client.get(reverse("meeting", args=[meeting.pk])).status_code == 200
    answer = client.post(reverse("meeting_item", args=[meeting.pk, item.pk]), {"outcome": "decided"})
    assert answer.status_code == 404
    assert client.get(reverse("meeting_act", args=[meeting.pk, "close"])).status_code == 403


def test_the_hotline_has_no_meetings(lately: City) -> None:
    client = enter(lately.agent)
    assert client.get(reverse("meetings")).status_code == 403
    assert client.get(reverse("visits")).status_code == 403


def test_a_visit_out_of_reach_is_not_there(lately: City) -> None:
    visit = visited(lately)
    for person in outsiders(lately):
        client = enter(person)
        assert client.get(reverse("visit", args=[visit.pk])).status_code == 404
        assert client.get(reverse("visit_act", args=[visit.pk, "close"])).status_code == 404
        assert client.get(reverse("visit_paper", kwargs={"pk": visit.pk, "form": "pdf"})).status_code == 404


# ---- statements ----


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_takes_the_same_statements_for_any_number_of_rows(
    lately: City, rows: int, django_assert_num_queries: Any
) -> None:
    for place in range(rows):
        closed(lately, lately.__dict__["cases"][0], starts_at=lately.at - timedelta(days=7 * place))
        soon(lately, size=0)
    client = enter(lately.conference_officer)
    client.get(reverse("meetings"))
    with django_assert_num_queries(8):
        client.get(reverse("meetings"))


@pytest.mark.parametrize("rows", [1, 3])
def test_a_meeting_takes_the_same_statements_for_any_number_of_cases(
    lately: City, rows: int, django_assert_num_queries: Any
) -> None:
    for n in range(rows):
        make_case(lately, title=f"第{n}件")
    meeting = soon(lately, size=rows)
    client = enter(lately.conference_officer)
    client.get(reverse("meeting", args=[meeting.pk]))
    with django_assert_num_queries(15):
        client.get(reverse("meeting", args=[meeting.pk]))


@pytest.mark.parametrize("rows", [1, 3])
def test_the_visits_take_the_same_statements_for_any_number_of_rows(
    lately: City, rows: int, django_assert_num_queries: Any
) -> None:
    for _n in range(rows):
        planned_visit(lately)
    client = enter(lately.conference_officer)
    client.get(reverse("visits"))
    with django_assert_num_queries(5):
        client.get(reverse("visits"))


# ---- working without scripts ----


def test_a_meeting_is_planned_prepared_held_and_closed_by_plain_forms(lately: City) -> None:
    client = enter(lately.conference_officer)
    page = client.get(reverse("meeting_new")).content.decode()
    assert "09:00" in page
    data = {
        "area": lately.areas["330200"].pk,
        "starts_at": timezone.localtime().strftime("%Y-%m-%dT%H:%M"),
        "chair": lately.lead_official.pk,
        "secretary": lately.conference_officer.pk,
        "size": 1,
    }
    client.post(reverse("meeting_new"), data)
    meeting = Meeting.objects.get()
    home = reverse("meeting", args=[meeting.pk])
    assert meeting.items.count() == 1
    first = meeting.items.get()
    other = next(case for case in lately.__dict__["cases"] if case.pk != first.case_id)
    client.post(reverse("meeting_agenda", args=[meeting.pk]), {"find": "1", "words": f"2026-{other.serial}"})
    second = meeting.items.exclude(pk=first.pk).get()
    client.post(reverse("meeting_agenda", args=[meeting.pk]), {"up": second.pk})
    assert list(meeting.items.all()) == [second, first]
    client.post(reverse("meeting_question", args=[meeting.pk, second.pk]), {"question": "是否提级办理"})
    client.post(reverse("meeting_act", args=[meeting.pk, "begin"]))
    page = client.get(home).content.decode()
    assert "是否提级办理" in page
    answer = client.post(reverse("meeting_item", args=[meeting.pk, second.pk]), _words(second, "decided", text="签约"))
    # Two characters are no task; what was typed stays.
    assert answer.status_code == 422
    assert "由区政府提级办理。" in answer.content.decode()
    assert not Task.objects.exists()
    answer = client.post(
        reverse("meeting_item", args=[meeting.pk, second.pk]), _words(second, "decided", text="签订缴款协议")
    )
    assert answer.status_code == 302
    assert Task.objects.get().owner == lately.handler
    client.post(reverse("meeting_item", args=[meeting.pk, first.pk]), _words(first, "adjourned"))
    client.post(reverse("meeting_act", args=[meeting.pk, "close"]))
    meeting.refresh_from_db()
    assert meeting.state == "closed"
    assert "由区政府提级办理。" in client.get(home).content.decode()


def _words(item: AgendaItem, outcome: str, text: str = "") -> dict[str, Any]:
    day = timezone.localdate() + timedelta(days=7)
    return {
        "version": AgendaItem.objects.get(pk=item.pk).version,
        "discussion": "讨论情况。",
        "decision": "由区政府提级办理。",
        "outcome": outcome,
        "tasks-TOTAL_FORMS": "1",
        "tasks-INITIAL_FORMS": "1",
        "tasks-0-text": text,
        "tasks-0-unit": "海曙区住建局",
        "tasks-0-owner": "王若兰",
        "tasks-0-due_on": day.isoformat(),
    }


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("tasks-0-unit", "没有的单位", "没有名为“没有的单位”的单位。"),
        ("tasks-0-owner", "方大海", "海曙区住建局没有名为“方大海”的人员。"),
        ("tasks-0-due_on", "", "请填写完成期限。"),
        ("decision", "", "请写明议定事项。"),
    ],
)
def test_a_refused_decision_says_what_to_do_and_keeps_what_was_typed(
    lately: City, field: str, value: str, sentence: str
) -> None:
    meeting = live(lately, soon(lately))
    item = meeting.items.first()
    data = {**_words(item, "decided", text="签订缴款协议"), field: value}
    answer = enter(lately.conference_officer).post(reverse("meeting_item", args=[meeting.pk, item.pk]), data)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert "签订缴款协议" in page and "讨论情况。" in page


def test_an_autosave_that_comes_too_late_shows_the_other_text(lately: City) -> None:
    meeting = live(lately, soon(lately))
    item = meeting.items.first()
    url = reverse("meeting_note", args=[meeting.pk, item.pk])
    data = {"version": item.version, "discussion": "甲的记录", "decision": ""}
    first = enter(lately.conference_officer).post(url, data, headers={"hx-request": "true"}).content.decode()
    assert "已保存" in first
    late = enter(lately.officer).post(url, {**data, "discussion": "乙的记录"}, headers={"hx-request": "true"})
    assert "甲的记录" in late.content.decode()
    item.refresh_from_db()
    assert item.discussion == "甲的记录"


def test_agenda_and_minutes_are_files(lately: City) -> None:
    meeting = closed(lately, starts_at=lately.at)
    client = enter(lately.conference_officer)

    def file(kind: str, form: str) -> bytes:
        url = reverse("meeting_paper", kwargs={"pk": meeting.pk, "kind": kind, "form": form})
        answer = client.get(url)
        assert answer.status_code == 200
        return bytes(answer.content)

    assert file("agenda", "pdf").startswith(b"%PDF")
    word = "\n".join(p.text for p in Document(io.BytesIO(file("minutes", "docx"))).paragraphs)
    assert "由区住建局牵头办证。" in word and "约谈开发商并提交缴款计划" in word
    assert "抄送：海曙区信访局" in word
    pdf = file("minutes", "pdf")
    assert len(PdfReader(io.BytesIO(pdf)).pages) >= 1
    # Two who ask get the same paper, byte for byte.
    assert file("minutes", "pdf") == pdf


def test_an_open_meeting_has_no_minutes(lately: City) -> None:
    meeting = live(lately, soon(lately))
    url = reverse("meeting_paper", kwargs={"pk": meeting.pk, "kind": "minutes", "form": "pdf"})
    assert enter(lately.conference_officer).get(url).status_code == 404


def test_the_counters_open_their_rows(lately: City) -> None:
    closed(lately, starts_at=lately.at)
    settled, other = lately.__dict__["cases"]
    type(settled).objects.filter(pk=settled.pk).update(state="certified", is_open=False)
    client = enter(lately.conference_officer)
    year = timezone.localdate(lately.at).year
    page = client.get(reverse("meeting_cases"), {"year": year}).content.decode()
    assert settled.title in page and other.title in page
    page = client.get(reverse("meeting_cases"), {"year": year, "settled": "1"}).content.decode()
    assert settled.title in page and other.title not in page


def test_the_weights_are_read_by_all_and_changed_by_few(lately: City) -> None:
    url = reverse("meeting_score")
    data = {f"{key}_{name}": 1 for key in TERM_KEYS for name in ("step", "points", "cap")}
    assert enter(lately.leader).get(url).status_code == 200
    assert enter(lately.leader).post(url, data).status_code == 403
    assert enter(lately.conference_officer).post(url, {**data, "age_cap": 500}).status_code == 422
    assert enter(lately.conference_officer).post(url, data).status_code == 302


def test_the_file_shows_score_and_decisions_and_offers_the_next_agenda(lately: City) -> None:
    closed(lately, starts_at=lately.at - timedelta(days=7))
    meeting = soon(lately, size=0)
    case = lately.__dict__["cases"][0]
    url = reverse("backlog_case", args=[case.pk])
    client = enter(lately.conference_officer)
    page = client.get(url, {"tab": "meetings"}).content.decode()
    assert "由区住建局牵头办证。" in page
    client.post(reverse("meeting_agenda", args=[meeting.pk]), {"add": case.pk, "next": f"{url}?tab=meetings"})
    assert meeting.items.get().case == case
    page = enter(lately.leader).get(url, {"tab": "meetings"}).content.decode()
    assert "由区住建局牵头办证。" in page


def test_a_case_kept_from_a_reader_is_not_in_the_meeting(lately: City) -> None:
    case = lately.__dict__["cases"][0]
    meeting = closed(lately, starts_at=lately.at)
    case.petition.is_restricted = True
    case.petition.save()
    page = enter(lately.district_officer).get(reverse("meeting", args=[meeting.pk])).content.decode()
    assert case.title not in page
    url = reverse("meeting_paper", kwargs={"pk": meeting.pk, "kind": "minutes", "form": "docx"})
    content = enter(lately.district_officer).get(url).content
    word = "\n".join(p.text for p in Document(io.BytesIO(content)).paragraphs)
    assert case.title not in word and "（节录）" in word


# ---- joint supervision ----


def test_a_visit_is_planned_recorded_and_closed_by_plain_forms(lately: City) -> None:
    case = lately.__dict__["cases"][0]
    client = enter(lately.conference_officer)
    page = client.get(reverse("visit_new"), {"case": case.pk}).content.decode()
    assert f"2026-{case.serial}" in page
    data = {
        "title": "安置房办证联合督导",
        "district": lately.areas["330203"].pk,
        "unit": "海曙区住建局",
        "departments": "市信访局",
        "members": "唐国峰 宁波市人民政府\n外聘律师",
        "visit_on": timezone.localdate().isoformat(),
        "cases": f"2026-{case.serial}",
    }
    answer = client.post(reverse("visit_new"), data)
    assert answer.status_code == 422 and "至少由两个部门组成" in answer.content.decode()
    client.post(reverse("visit_new"), {**data, "departments": "市信访局\n市联席办"})
    visit = SupervisionVisit.objects.get()
    assert [one.user for one in visit.members.all()] == [lately.inspector, None]
    step = reverse("visit_act", args=[visit.pk, "record"])
    row = {
        "version": visit.version,
        "summary": "查阅档案。",
        "findings-0-unit": "海曙区住建局",
        "findings-0-case": case.pk,
        "findings-0-text": "缴款协议逾期未签。",
        "findings-0-order": "十日内签订缴款协议",
    }
    assert client.post(step, row).status_code == 422
    day = (timezone.localdate() + timedelta(days=10)).isoformat()
    assert client.post(step, {**row, "findings-0-due_on": day}).status_code == 302
    task = Task.objects.get()
    assert (task.case, task.origin) == (case, "visit")
    page = client.get(reverse("visit", args=[visit.pk])).content.decode()
    assert "十日内签订缴款协议" in page
    visit.refresh_from_db()
    close = reverse("visit_act", args=[visit.pk, "close"])
    answer = client.post(close, {"version": visit.version, "result": "整改到位。"})
    assert answer.status_code == 422 and "未完成" in answer.content.decode()
    client.post(close, {"version": visit.version, "result": "整改到位。", "reason": "转由市级督办"})
    visit.refresh_from_db()
    assert visit.state == "closed"
    paper = client.get(reverse("visit_paper", kwargs={"pk": visit.pk, "form": "docx"}))
    text = "\n".join(p.text for p in Document(io.BytesIO(paper.content)).paragraphs)
    assert "缴款协议逾期未签。" in text


def test_two_secretaries_of_one_meeting_close_it_once(lately: City) -> None:
    meeting = live(lately, soon(lately))
    for item in meeting.items.all():
        enter(lately.conference_officer).post(
            reverse("meeting_item", args=[meeting.pk, item.pk]), _words(item, "decided")
        )
    seen = Meeting.objects.get(pk=meeting.pk).version
    meetings.close(meeting.pk, actor=lately.officer, at=timezone.now(), version=seen)
    answer = enter(lately.conference_officer).post(
        reverse("meeting_act", args=[meeting.pk, "close"]), {"version": seen}
    )
    assert answer.status_code == 422
