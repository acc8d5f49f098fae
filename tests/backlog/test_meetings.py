"""The weekly dispatch: planned, called, held, closed; what stands on the agenda and what comes of it."""

from datetime import date, timedelta
from typing import Any

import pytest

from backlog import agenda as reads
from backlog.actions import agenda, meetings, tasking
from backlog.models import Meeting, Task, Workgroup
from backlog.states import MEETING_MOVES, MeetingState
from dispatch.models import Notice
from petitions.states import Refused
from tests.backlog.cases import make_case
from tests.backlog.sessions import WEDNESDAY, case_of, closed, draft, live, planned, settled
from tests.city import City

pytestmark = pytest.mark.django_db


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
