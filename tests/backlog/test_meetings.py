"""The weekly dispatch: planned, called, held, closed; what stands on the agenda and what comes of it."""

from datetime import date, timedelta
from typing import Any

import pytest

from backlog import agenda as reads
from backlog.actions import agenda, meetings, tasking
from backlog.models import AgendaItem, Meeting, MeetingEvent, Task, Workgroup
from backlog.papers import agenda_paper, minutes_paper
from backlog.states import MEETING_MOVES, ItemOutcome, MeetingState
from dispatch.models import Clock, Notice
from petitions.states import Refused
from tests.backlog.cases import make_case
from tests.backlog.sessions import WEDNESDAY, closed, draft, live, planned, settled
from tests.city import City

pytestmark = pytest.mark.django_db


@pytest.fixture
def ready(city: City) -> City:
    """Two cases, the second the harder one."""
    city.__dict__["easy"] = make_case(city, leader=city.lead_official, title="某路口噪声扰民问题")
    city.__dict__["hard"] = make_case(city, since=date(2012, 1, 1), people=80, title="某村土地征收补偿问题")
    return city


def case_of(city: City, name: str) -> Any:
    return city.__dict__[name]


# ---- planning ----


def test_next_wednesday_at_nine_is_proposed(city: City) -> None:
    assert reads.next_wednesday(city.at) == WEDNESDAY
    assert reads.next_wednesday(WEDNESDAY) == WEDNESDAY + timedelta(days=7)
    assert reads.next_wednesday(WEDNESDAY - timedelta(minutes=1)) == WEDNESDAY


def test_a_planned_meeting_has_number_link_agenda_and_sites(ready: City, settings: Any) -> None:
    settings.MEETING_LINK = "https://meet.example/{meeting}"
    meeting = planned(ready)
    assert (meeting.state, meeting.number, meeting.title) == ("planned", "甬信调〔2026〕1号", "2026年第1次周视频调度会")
    assert meeting.join_link == "https://meet.example/2026-1"
    assert [item.case_id for item in meeting.items.all()] == [case_of(ready, "hard").pk, case_of(ready, "easy").pk]
    assert [site.unit for site in meeting.sites.all()] == [ready.district_office]
    first = meeting.items.first()
    assert first.score == sum(points for _value, points in first.terms.values())


def test_the_workgroup_of_the_district_is_the_site_where_there_is_one(ready: City) -> None:
    Workgroup.objects.create(district=ready.areas["330203"], name="海曙区积案专班", office=ready.district)
    assert [site.unit for site in planned(ready).sites.all()] == [ready.district]


def test_numbers_run_by_area_and_year(ready: City) -> None:
    planned(ready)
    assert planned(ready).serial == 2
    own = planned(ready, actor=ready.district_officer, area=ready.areas["330203"])
    assert own.number == "甬信调（海曙区）〔2026〕1号"
    assert planned(ready, starts_at=WEDNESDAY + timedelta(days=60)).number == "甬信调〔2027〕1号"


@pytest.mark.parametrize(
    ("link", "is_good"),
    [("https://zoom.example/j/1", True), ("javascript:alert(1)", False), ("meeting 5", False), ("ftp://a.b/c", False)],
)
def test_only_web_addresses_are_links(city: City, link: str, is_good: bool) -> None:
    if is_good:
        assert planned(city, join_link=link).join_link == link
    else:
        with pytest.raises(Refused) as refused:
            planned(city, join_link=link)
        assert refused.value.field == "join_link"


def test_a_district_office_holds_its_own_meetings_only(ready: City) -> None:
    with pytest.raises(Refused) as refused:
        planned(ready, actor=ready.district_officer)
    assert refused.value.field == "area"
    with pytest.raises(Refused):
        planned(ready, actor=ready.far_officer, area=ready.areas["330203"])


def test_a_handler_takes_no_chair(city: City) -> None:
    with pytest.raises(Refused) as refused:
        planned(city, chair=city.handler)
    assert refused.value.field == "chair"


# ---- the agenda ----


def test_the_agenda_proposes_the_hardest_and_stops_at_its_size(ready: City) -> None:
    make_case(ready, since=date(2026, 10, 1))
    meeting = planned(ready, size=2)
    assert [item.case_id for item in meeting.items.all()] == [case_of(ready, "hard").pk, case_of(ready, "easy").pk]
    made = agenda.propose(meeting.pk, actor=ready.officer, at=ready.at, size=5)
    assert len(made) == 1
    assert agenda.propose(meeting.pk, actor=ready.officer, at=ready.at, size=3) == []


def test_closed_cases_and_those_of_other_districts_are_not_proposed(ready: City) -> None:
    make_case(ready, "certified")
    make_case(ready, "nominated")
    far = make_case(ready, district=ready.areas["330225"], lead_unit=ready.transport)
    own = planned(ready, actor=ready.district_officer, area=ready.areas["330203"])
    assert far.pk not in own.items.values_list("case_id", flat=True)
    assert own.items.count() == 2


def test_a_case_stands_on_one_agenda_of_an_area_at_a_time(ready: City) -> None:
    planned(ready, size=1)
    assert [item.case_id for item in planned(ready).items.all()] == [case_of(ready, "easy").pk]


def test_what_the_last_meeting_left_opens_the_next(ready: City) -> None:
    easy, hard = case_of(ready, "easy"), case_of(ready, "hard")
    third = make_case(ready, since=date(2026, 10, 1), title="第三件")
    first = live(ready)
    items = {item.case_id: item for item in first.items.all()}
    settled(ready, items[hard.pk], tasks=[])
    settled(ready, items[easy.pk], tasks=[draft(ready)])
    settled(ready, items[third.pk], "adjourned")
    meetings.close(first.pk, actor=ready.conference_officer, at=WEDNESDAY)
    after = WEDNESDAY + timedelta(days=1)
    second = planned(ready, starts_at=WEDNESDAY + timedelta(days=7), at=after)
    # Adjourned first, then what has an open task; what was decided without tasks is done with.
    assert [item.case_id for item in second.items.all()] == [third.pk, easy.pk]
    task = Task.objects.get()
    assert list(reads.follow_up_tasks(second.area_id, second.starts_at)) == [task]
    tasking.confirm(task.pk, result="已约谈并提交计划。", actor=ready.conference_officer, at=after)
    assert list(reads.follow_up_tasks(second.area_id, second.starts_at)) == []
    third_meeting = planned(ready, starts_at=WEDNESDAY + timedelta(days=14), at=after, size=8)
    assert list(third_meeting.items.all()) == []


def test_follow_up_leaves_room_for_new_cases(ready: City) -> None:
    for n in range(4):
        make_case(ready, title=f"续议{n}")
    first = live(ready)
    for item in first.items.all():
        settled(ready, item, "adjourned")
    meetings.close(first.pk, actor=ready.conference_officer, at=WEDNESDAY)
    fresh = [make_case(ready, title=f"新增{n}", since=date(2026, 9, 1)) for n in range(4)]
    second = planned(ready, starts_at=WEDNESDAY + timedelta(days=7), size=5)
    chosen = list(second.items.values_list("case_id", flat=True))
    assert len(chosen) == 5
    assert len(set(chosen) & {case.pk for case in fresh}) == 3


def test_cases_are_added_moved_and_taken_off_by_hand(ready: City) -> None:
    meeting = planned(ready, size=0)
    easy, hard = case_of(ready, "easy"), case_of(ready, "hard")
    who = {"actor": ready.conference_officer, "at": ready.at}
    first = agenda.add(meeting.pk, easy.pk, question="是否提级办理", **who)
    second = agenda.add(meeting.pk, hard.pk, **who)
    assert (first.position, second.position, first.question) == (1, 2, "是否提级办理")
    with pytest.raises(Refused) as refused:
        agenda.add(meeting.pk, hard.pk, **who)
    assert refused.value.code == "there"
    agenda.shift(second.pk, up=True, **who)
    assert list(meeting.items.values_list("case_id", flat=True)) == [hard.pk, easy.pk]
    agenda.shift(second.pk, up=True, **who)
    assert list(meeting.items.values_list("case_id", flat=True)) == [hard.pk, easy.pk]
    agenda.drop(second.pk, **who)
    assert list(meeting.items.values_list("case_id", "position")) == [(easy.pk, 1)]


def test_a_settled_case_and_one_of_another_district_are_not_added(ready: City) -> None:
    own = planned(ready, actor=ready.district_officer, area=ready.areas["330203"], size=0)
    who = {"actor": ready.district_officer, "at": ready.at}
    with pytest.raises(Refused) as refused:
        agenda.add(own.pk, make_case(ready, "certified").pk, **who)
    assert refused.value.field == "case"
    far = make_case(ready, district=ready.areas["330225"])
    with pytest.raises(Refused):
        agenda.add(own.pk, far.pk, **who)
    with pytest.raises(Refused):
        agenda.add(own.pk, far.pk, actor=ready.conference_officer, at=ready.at)


# ---- moves ----


def test_the_invitation_reaches_chair_sites_lead_officials_and_units(ready: City) -> None:
    meeting = planned(ready)
    meetings.invite(meeting.pk, actor=ready.conference_officer, at=ready.at)
    told = set(
        Notice.objects.filter(kind="meeting_called", channel="inapp").values_list("recipient__username", flat=True)
    )
    assert told == {"lead_official", "conference_officer", "district_officer", "leader"}
    notice = Notice.objects.filter(kind="meeting_called").first()
    assert notice.params["link"] == f"/meetings/{meeting.pk}/"
    assert case_of(ready, "hard").title not in str(notice.params)


def test_an_empty_agenda_is_neither_called_nor_opened(city: City) -> None:
    meeting = planned(city, size=0)
    for step in (meetings.invite, meetings.begin):
        with pytest.raises(Refused) as refused:
            step(meeting.pk, actor=city.conference_officer, at=city.at)
        assert refused.value.code == "empty"
    assert Meeting.objects.get().state == MeetingState.PLANNED


def _take(city: City, name: str, meeting: Meeting, who: Any) -> None:
    given: dict[str, Any] = {"actor": who, "at": WEDNESDAY}
    if name == "prepare":
        given |= {"starts_at": WEDNESDAY, "chair": city.lead_official, "secretary": None}
        given |= {"title": "调度会", "place": "", "join_link": ""}
    elif name in {"minute", "amend"}:
        given["text"] = "请各单位按期报送进展。"
    elif name == "call_off":
        given["reason"] = "与全市大会冲突"
    getattr(meetings, name)(meeting.pk, **given)


def _in_state(city: City, state: str) -> Meeting:
    if state == MeetingState.PLANNED:
        return planned(city)
    if state == MeetingState.LIVE:
        meeting = live(city)
        for item in meeting.items.all():
            settled(city, item)
        return meeting
    if state == MeetingState.CLOSED:
        return closed(city)
    return meetings.call_off(planned(city).pk, reason="与全市大会冲突", actor=city.officer, at=city.at)


@pytest.mark.parametrize("name", MEETING_MOVES)
@pytest.mark.parametrize("state", MeetingState.values)
def test_each_move_is_taken_from_its_states_only(ready: City, name: str, state: str) -> None:
    meeting = _in_state(ready, state)
    if state in MEETING_MOVES[name].sources:
        _take(ready, name, meeting, ready.conference_officer)
        expected = MEETING_MOVES[name].target or state
        assert Meeting.objects.get(pk=meeting.pk).state == expected
    else:
        with pytest.raises(Refused):
            _take(ready, name, meeting, ready.conference_officer)
        assert Meeting.objects.get(pk=meeting.pk).state == state


@pytest.mark.parametrize("name", MEETING_MOVES)
@pytest.mark.parametrize("who", ["district_officer", "lead_official", "leader", "inspector", "handler", "outsider"])
def test_nobody_but_the_office_moves_the_citys_meeting(ready: City, name: str, who: str) -> None:
    state = next(iter(MEETING_MOVES[name].sources))
    meeting = _in_state(ready, state)
    with pytest.raises(Refused) as refused:
        _take(ready, name, meeting, ready.people[who])
    assert refused.value.code == "forbidden"


def test_a_district_holds_its_own_meeting_from_plan_to_minutes(ready: City) -> None:
    who = {"actor": ready.district_officer, "at": WEDNESDAY}
    meeting = planned(ready, area=ready.areas["330203"], **who)
    assert [site.unit for site in meeting.sites.all()] == [ready.housing]
    meetings.begin(meeting.pk, **who)
    for item in meeting.items.all():
        agenda.settle(item.pk, outcome="decided", decision="限期办结。", **who)
    assert meetings.close(meeting.pk, **who).state == MeetingState.CLOSED


def test_calling_off_tells_those_who_were_invited(ready: City) -> None:
    quiet, told = planned(ready, size=1), planned(ready, size=1)
    meetings.invite(told.pk, actor=ready.officer, at=ready.at)
    for meeting in (quiet, told):
        meetings.call_off(meeting.pk, reason="与全市大会冲突", actor=ready.officer, at=ready.at)
    links = set(Notice.objects.filter(kind="meeting_off").values_list("params__link", flat=True))
    assert links == {f"/meetings/{told.pk}/"}


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
