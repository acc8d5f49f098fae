"""The weekly dispatch in session and after it: decisions, closing, minutes, who reads which case."""

from datetime import date, timedelta
from typing import Any

import pytest

from backlog import agenda as reads
from backlog.actions import agenda, meetings, tasking
from backlog.models import AgendaItem, Meeting, MeetingEvent, Task
from backlog.papers import agenda_paper, minutes_paper
from backlog.states import ItemOutcome, MeetingState
from dispatch.models import Clock, Notice
from petitions.states import Refused
from tests.backlog.cases import make_case
from tests.backlog.sessions import WEDNESDAY, case_of, closed, draft, live, planned, settled
from tests.city import City

pytestmark = pytest.mark.django_db


# ---- in session ----


def test_a_decision_gives_tasks_with_unit_person_day_and_clock(ready: City) -> None:
    meeting = live(ready)
    item = meeting.items.first()
    settled(ready, item, tasks=[draft(ready), draft(ready, text="报送进展情况", owner=None)])
    tasks = list(Task.objects.order_by("pk"))
    assert [(t.unit, t.owner, t.origin, t.case_id) for t in tasks] == [
        (ready.housing, ready.handler, "meeting", item.case_id),
        (ready.housing, None, "meeting", item.case_id),
    ]
    clock = Clock.objects.get(subject="task", subject_id=tasks[0].pk)
    assert clock.due_at.astimezone().date() >= tasks[0].due_on
    assert Notice.objects.filter(kind="task_given", recipient=ready.handler).exists()


@pytest.mark.parametrize(
    ("outcome", "words", "field"),
    [
        ("decided", {"decision": "", "discussion": "讨论了很久"}, "decision"),
        ("adjourned", {"decision": "", "discussion": ""}, "discussion"),
        ("waiting", {}, "outcome"),
        ("nonsense", {}, "outcome"),
    ],
)
def test_an_outcome_says_what_it_needs(ready: City, outcome: str, words: dict[str, str], field: str) -> None:
    item = live(ready).items.first()
    with pytest.raises(Refused) as refused:
        settled(ready, item, outcome, **words)
    assert refused.value.field == field


def test_a_bad_task_is_named_and_nothing_is_kept(ready: City) -> None:
    item = live(ready).items.first()
    rows = [draft(ready), draft(ready, due_on=date(2026, 11, 1))]
    with pytest.raises(Refused) as refused:
        settled(ready, item, tasks=rows)
    assert refused.value.field == "tasks-1-due_on"
    assert not Task.objects.exists()
    assert AgendaItem.objects.get(pk=item.pk).outcome == ItemOutcome.WAITING


def test_a_case_not_called_gives_no_tasks(ready: City) -> None:
    item = live(ready).items.first()
    with pytest.raises(Refused) as refused:
        settled(ready, item, "skipped", tasks=[draft(ready)])
    assert refused.value.field == "outcome"


def test_another_secretary_overwrites_nothing_but_ones_own_saves_go_on(ready: City) -> None:
    item = live(ready).items.first()
    seen = item.version
    note = {"decision": "", "at": WEDNESDAY}
    agenda.note(item.pk, discussion="甲的记录", actor=ready.conference_officer, version=seen, **note)
    agenda.note(item.pk, discussion="甲的记录，续", actor=ready.conference_officer, version=seen, **note)
    with pytest.raises(Refused) as refused:
        agenda.note(item.pk, discussion="乙的记录", actor=ready.officer, version=seen, **note)
    assert refused.value.code == "stale"
    assert ready.conference_officer.name in str(refused.value)
    assert AgendaItem.objects.get(pk=item.pk).discussion == "甲的记录，续"


def test_a_slip_is_taken_back_in_session_only(ready: City) -> None:
    meeting = live(ready)
    items = list(meeting.items.all())
    settled(ready, items[0], tasks=[draft(ready), draft(ready, text="报送进展情况")])
    settled(ready, items[1], "skipped")
    slip, kept = Task.objects.order_by("pk")
    agenda.take_back(slip.pk, reason="会上撤回。", actor=ready.conference_officer, at=WEDNESDAY)
    meetings.close(meeting.pk, actor=ready.conference_officer, at=WEDNESDAY)
    fixed = AgendaItem.objects.get(pk=items[0].pk).record
    assert [task["text"] for task in fixed["tasks"]] == [kept.text]
    with pytest.raises(Refused) as refused:
        agenda.take_back(kept.pk, reason="会上撤回。", actor=ready.conference_officer, at=WEDNESDAY)
    assert refused.value.code == "closed"


# ---- closing ----


def test_a_meeting_does_not_close_while_a_case_waits(ready: City) -> None:
    meeting = live(ready)
    settled(ready, meeting.items.first())
    with pytest.raises(Refused) as refused:
        meetings.close(meeting.pk, actor=ready.conference_officer, at=WEDNESDAY)
    assert refused.value.code == "waiting"
    assert case_of(ready, "easy").title in str(refused.value)
    settled(ready, meeting.items.last(), "skipped")
    assert meetings.close(meeting.pk, actor=ready.conference_officer, at=WEDNESDAY).state == MeetingState.CLOSED


def test_closing_writes_into_the_history_of_each_case_discussed(ready: City) -> None:
    meeting = live(ready)
    hard, easy = meeting.items.all()
    settled(ready, hard)
    settled(ready, easy, "skipped")
    meetings.close(meeting.pk, actor=ready.conference_officer, at=WEDNESDAY)
    event = hard.case.events.get(move="discuss")
    assert event.data == {"meeting": meeting.pk, "number": meeting.number, "outcome": "decided"}
    assert event.text == "由区住建局牵头办证。"
    assert not easy.case.events.filter(move="discuss").exists()


def words_of(paper: Any) -> str:
    return "\n".join(row["text"] for row in paper.data["paragraphs"])


def test_minutes_hold_decisions_tasks_and_who_was_there(ready: City) -> None:
    meeting = live(ready)
    meetings.minute(meeting.pk, text="年底前清零。", actor=ready.conference_officer, at=WEDNESDAY)
    site = meeting.sites.get()
    meetings.attend(
        meeting.pk, site.pk, has_joined=True, attendees="陈洛平", actor=ready.conference_officer, at=WEDNESDAY
    )
    for item in meeting.items.all():
        settled(ready, item, tasks=[draft(ready)])
    meeting = meetings.close(meeting.pk, actor=ready.conference_officer, at=WEDNESDAY + timedelta(minutes=80))
    paper = minutes_paper(meeting, list(meeting.items.all()), [])
    text = words_of(paper)
    assert paper.data["head"] == "宁波市信访工作联席会议纪要"
    assert "2026年11月18日9时00分至10时20分" in text
    assert "主持：海曙区政府　罗正飞" in text
    assert "海曙区信访局（陈洛平）" in text
    assert "年底前清零。" in text
    assert "一、某村土地征收补偿问题（议定）" in text
    assert "议定事项：由区住建局牵头办证。" in text
    assert "任务1：约谈开发商并提交缴款计划（海曙区住建局　王若兰，2026年11月25日前完成）" in text
    assert paper.data["copies"] == "海曙区信访局"


def test_closed_minutes_never_change(ready: City) -> None:
    meeting = closed(ready)
    before = minutes_paper(meeting, list(meeting.items.all()), []).data
    task, item = Task.objects.first(), meeting.items.first()
    tasking.drop(task.pk, reason="已由他人完成", actor=ready.conference_officer, at=WEDNESDAY)
    ready.housing.name, ready.handler.name = "海曙区住房和城乡建设局", "王兰"
    ready.housing.save()
    ready.handler.save()
    item.case.title = "改了名的积案"
    item.case.save()
    for write in (
        lambda: agenda.note(item.pk, discussion="改", decision="改", actor=ready.officer, at=WEDNESDAY),
        lambda: settled(ready, item, "adjourned"),
        lambda: agenda.ask(item.pk, question="改", actor=ready.officer, at=WEDNESDAY),
        lambda: agenda.add(meeting.pk, make_case(ready).pk, actor=ready.officer, at=WEDNESDAY),
        lambda: agenda.drop(item.pk, actor=ready.officer, at=WEDNESDAY),
        lambda: agenda.shift(item.pk, up=False, actor=ready.officer, at=WEDNESDAY),
        lambda: meetings.minute(meeting.pk, text="改", actor=ready.officer, at=WEDNESDAY),
        lambda: meetings.add_site(meeting.pk, ready.housing, actor=ready.officer, at=WEDNESDAY),
    ):
        with pytest.raises(Refused):
            write()
    meeting.refresh_from_db()
    assert minutes_paper(meeting, list(meeting.items.all()), []).data == before


def test_a_correction_stands_below_with_day_and_author(ready: City) -> None:
    meeting = closed(ready)
    meetings.amend(meeting.pk, text="第一案责任单位应为市自然资源局。", actor=ready.officer, at=WEDNESDAY)
    additions = list(MeetingEvent.objects.filter(move="amend"))
    text = words_of(minutes_paper(meeting, list(meeting.items.all()), additions))
    assert text.endswith("更正与补充\n（2026年11月18日　沈一鸣）第一案责任单位应为市自然资源局。")


def test_the_agenda_paper_says_why_each_case_is_on_it(ready: City) -> None:
    closed(ready, case_of(ready, "easy"))
    meeting = planned(ready, starts_at=WEDNESDAY + timedelta(days=7), at=WEDNESDAY)
    follow = list(reads.follow_up_tasks(meeting.area_id, meeting.starts_at))
    text = words_of(agenda_paper(meeting, list(meeting.items.select_related("case")), follow))
    assert "1．约谈开发商并提交缴款计划（海曙区住建局　王若兰，2026年11月25日前，" in text
    assert "一、上次议定事项落实情况" in text
    assert "涉及80人15分" in text


# ---- figures ----


def test_a_case_discussed_twice_counts_once_and_settled_ones_among_them(ready: City) -> None:
    easy, hard = case_of(ready, "easy"), case_of(ready, "hard")
    closed(ready, easy, hard)
    closed(ready, easy, starts_at=WEDNESDAY + timedelta(days=7))
    planned(ready, starts_at=WEDNESDAY + timedelta(days=14))
    type(hard).objects.filter(pk=hard.pk).update(state="certified", is_open=False)
    found = reads.figures(ready.conference_officer, 2026)
    assert (found.held, found.cases, found.settled, found.settled_rate) == (2, 2, 1, 50)
    assert (found.tasks, found.tasks_open) == (3, 3)
    assert reads.figures(ready.far_officer, 2026).held == 0


# ---- who sees what ----


def test_each_reader_sees_the_cases_that_are_theirs(ready: City) -> None:
    far = make_case(ready, district=ready.areas["330225"], lead_unit=ready.transport, title="象山某码头问题")
    meeting = planned(ready, chair=ready.officer)
    easy, hard = case_of(ready, "easy"), case_of(ready, "hard")

    def seen(who: str) -> set[int]:
        person = ready.people[who]
        if not Meeting.objects.visible_to(person).filter(pk=meeting.pk).exists():
            return set()
        return set(reads.items_for(meeting, person).values_list("case_id", flat=True))

    assert seen("officer") == seen("conference_officer") == seen("inspector") == {easy.pk, hard.pk, far.pk}
    assert seen("district_officer") == seen("leader") == {easy.pk, hard.pk}
    assert seen("far_officer") == seen("outside_leader") == {far.pk}
    assert seen("handler") == seen("agent") == seen("admin") == set()


def test_whoever_sees_own_cases_only_gets_an_extract(ready: City) -> None:
    make_case(ready, district=ready.areas["330225"], lead_unit=ready.transport, title="象山某码头问题")
    meeting = closed(ready, tasks=False, chair=ready.officer)
    items = list(reads.items_for(meeting, ready.outside_leader))
    paper = minutes_paper(meeting, items, [])
    assert paper.data["title"].endswith("（节录）")
    assert "象山某码头问题" in words_of(paper)
    assert "某村土地征收补偿问题" not in words_of(paper)


@pytest.mark.parametrize("cause", ["class_a", "moved"])
def test_a_case_that_went_out_of_reach_holds_no_meeting_open(ready: City, cause: str) -> None:
    meeting = planned(ready, actor=ready.district_officer, area=ready.areas["330203"])
    who = {"actor": ready.district_officer, "at": WEDNESDAY}
    meetings.begin(meeting.pk, **who)
    hard, easy = meeting.items.all()
    agenda.settle(easy.pk, outcome="decided", decision="限期办结。", **who)
    if cause == "moved":
        hard.case.district = ready.areas["330225"]
        hard.case.save()
    else:
        hard.case.petition.is_restricted = True
        hard.case.petition.save()
    assert meetings.close(meeting.pk, **who).state == MeetingState.CLOSED
    hard.refresh_from_db()
    assert (hard.outcome, hard.decision) == (ItemOutcome.SKIPPED, "")
    assert not hard.case.events.filter(move="discuss").exists()
    assert easy.case.events.filter(move="discuss").exists()


def test_a_case_settled_meanwhile_gets_no_task(ready: City) -> None:
    item = live(ready).items.first()
    type(item.case).objects.filter(pk=item.case_id).update(state="certified", is_open=False)
    with pytest.raises(Refused):
        settled(ready, item, tasks=[draft(ready)])
    assert not Task.objects.exists()
    assert settled(ready, item).outcome == ItemOutcome.DECIDED
