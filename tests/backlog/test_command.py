"""Command of a case: who leads, the hand-over that leaves nothing behind, duties, instructions and their tasks."""

from datetime import timedelta

import pytest

from backlog.actions import command, handovers, tasking
from backlog.actions.command import TaskDraft
from backlog.models import BacklogCase, CaseOfficial, DutyRecord, Task
from backlog.views.officials import without_leader
from dispatch.clocks import city_day
from dispatch.models import Clock, Notice
from petitions.models import Involvement, Petition
from petitions.states import Refused
from tests.backlog.commanding import NOTE, applied, led, listed, paper, second_official, struck_off
from tests.city import City, make_petition

pytestmark = pytest.mark.django_db


def clock(case: BacklogCase, key: str) -> Clock:
    return Clock.objects.filter(subject="backlog", subject_id=case.pk, policy__key=key).latest("pk")


# ---- who leads ----


def test_the_lead_official_sees_the_case_and_its_petitions_and_is_told(city: City) -> None:
    case = listed(city)
    assert not BacklogCase.objects.visible_to(city.lead_official).exists()
    case = command.lead(case.pk, official=city.lead_official, actor=city.district_officer, at=city.at)
    assert case.leader == city.lead_official
    assert BacklogCase.objects.visible_to(city.lead_official).get() == case
    assert Petition.objects.visible_to(city.lead_official).get() == case.petition
    assert Notice.objects.filter(recipient=city.lead_official, kind="backlog_lead").exists()
    assert case.petition.events.filter(kind="name_person").exists()
    assert clock(case, "B_progress").asker == city.lead_official


def test_a_case_has_one_lead_official(city: City) -> None:
    case = led(city)
    with pytest.raises(Refused) as refusal:
        command.lead(case.pk, official=second_official(city), actor=city.district_officer, at=city.at)
    assert refusal.value.code == "has_leader"


@pytest.mark.parametrize("who", ["handler", "officer", "inspector", "leader"])
def test_only_a_leading_official_or_a_head_takes_command(city: City, who: str) -> None:
    with pytest.raises(Refused) as refusal:
        command.lead(listed(city).pk, official=city.people[who], actor=city.district_officer, at=city.at)
    assert refusal.value.field == "official"


def test_the_head_of_an_organ_may_lead_and_then_sign(city: City) -> None:
    city.leader.is_head = True
    city.leader.save()
    case = command.lead(listed(city).pk, official=city.leader, actor=city.district_officer, at=city.at)
    assert BacklogCase.objects.within(city.leader, "backlog.sign").get() == case
    assert not BacklogCase.objects.within(city.other_leader, "backlog.sign").exists()


def test_who_is_recused_in_the_matter_cannot_lead(city: City) -> None:
    from petitions.actions import recusals

    case = listed(city)
    row = recusals.ask_recusal(
        case.petition_id, person=city.lead_official, ground="kin", reason="系当事人近亲属", actor=city.officer,
        at=city.at,
    )  # fmt: skip
    recusals.move(row.pk, "grant_recusal", actor=city.officer, at=city.at)
    with pytest.raises(Refused) as refusal:
        command.lead(case.pk, official=city.lead_official, actor=city.district_officer, at=city.at)
    assert refusal.value.code == "recused"
    case.refresh_from_db()
    assert case.leader is None


def test_assisting_officials_come_and_go(city: City) -> None:
    case, helper = led(city), second_official(city)
    command.assist(case.pk, add=[helper], actor=city.district_officer, at=city.at)
    assert BacklogCase.objects.visible_to(helper).exists()
    with pytest.raises(Refused):
        command.assist(case.pk, add=[helper], actor=city.district_officer, at=city.at)
    command.assist(case.pk, end=[helper], actor=city.district_officer, at=city.at)
    assert not BacklogCase.objects.visible_to(helper).exists()
    assert not Petition.objects.visible_to(helper).exists()
    assert BacklogCase.objects.visible_to(city.lead_official).exists()


# ---- hand-over ----


def test_a_hand_over_takes_tasks_petitions_and_deadlines_along(city: City) -> None:
    case, successor = led(city), second_official(city)
    due = city_day(city.at) + timedelta(days=7)
    mine = command.give_task(
        case.pk, text="约谈开发商负责人", unit=city.units["district"], due_on=due, owner=city.lead_official,
        actor=city.district_officer, at=city.at,
    )  # fmt: skip
    given = command.instruct(
        case.pk,
        text="请住建局一周内拿出办证方案。",
        tasks=[TaskDraft("拿出办证方案", city.units["housing"], due)],
        actor=city.lead_official,
        at=city.at,
    ).tasks.get()
    case = handovers.hand_over(case.pk, to=successor, note=NOTE, actor=city.district_officer, at=city.at)
    mine.refresh_from_db()
    assert case.leader == successor
    assert mine.owner == successor
    assert not Task.objects.filter(owner=city.lead_official).exists()
    assert Petition.objects.visible_to(successor).get() == case.petition
    assert not Petition.objects.visible_to(city.lead_official).exists()
    assert clock(case, "B_progress").asker == successor
    assert Clock.objects.get(subject="task", subject_id=given.pk).asker == successor
    tasking.report(given.pk, result="方案已经区政府同意。", actor=city.leader, at=city.at)
    assert Notice.objects.filter(recipient=successor, kind="task_reported").exists()
    assert not Notice.objects.filter(recipient=city.lead_official, kind="task_reported").exists()
    tasking.confirm(given.pk, actor=successor, at=city.at)


def test_the_successor_confirms_and_nobody_else(city: City) -> None:
    case, successor = led(city), second_official(city)
    case = handovers.hand_over(case.pk, to=successor, note=NOTE, actor=city.district_officer, at=city.at)
    with pytest.raises(Refused):
        handovers.take_over(case.pk, actor=city.district_officer, at=city.at)
    handovers.take_over(case.pk, actor=successor, at=city.at)
    row = CaseOfficial.objects.get(user=city.lead_official)
    assert row.received_at == city.at
    assert row.handover == NOTE
    with pytest.raises(Refused):
        handovers.take_over(case.pk, actor=successor, at=city.at)


def test_a_hand_over_without_words_is_refused(city: City) -> None:
    with pytest.raises(Refused) as refusal:
        handovers.hand_over(
            led(city).pk, to=second_official(city), note="交接", actor=city.district_officer, at=city.at
        )
    assert refusal.value.field == "note"


def test_everything_of_an_official_goes_over_at_once(city: City) -> None:
    successor = second_official(city)
    cases = [led(city), led(city), applied(city), struck_off(city)]
    helped = listed(city)
    command.lead(helped.pk, official=successor, actor=city.district_officer, at=city.at)
    command.assist(helped.pk, add=[city.lead_official], actor=city.district_officer, at=city.at)
    other = second_official(city, "third", "赵敏")
    alone = listed(city)
    command.lead(alone.pk, official=other, actor=city.district_officer, at=city.at)
    command.assist(alone.pk, add=[city.lead_official], actor=city.district_officer, at=city.at)
    loose = tasking.assign(
        text="会同信访局回访", unit=city.units["district"], due_on=city_day(city.at) + timedelta(days=3),
        origin="reception", owner=city.lead_official, actor=city.officer, at=city.at,
    )  # fmt: skip
    done = handovers.hand_over_all(
        city.lead_official,
        to=successor,
        note=NOTE,
        notes={cases[0].pk: "下周三谈签约。"},
        actor=city.officer,
        at=city.at,
    )
    assert len(done) == 6
    assert not CaseOfficial.objects.filter(user=city.lead_official, until=None).exists()
    assert not Involvement.objects.filter(user=city.lead_official, unit=None).exists()
    assert set(BacklogCase.objects.filter(leader=successor)) == {*cases, helped}
    assert CaseOfficial.objects.get(case=alone, user=successor, until=None).part == "assist"
    loose.refresh_from_db()
    assert loose.owner == successor
    assert "下周三" in CaseOfficial.objects.get(case=cases[0], user=city.lead_official).handover
    assert handovers.take_over_all(actor=successor, at=city.at) == 6
    assert not handovers.waiting_for(successor).exists()


def test_a_district_hands_over_its_own_cases_only(city: City) -> None:
    near = led(city)
    far = listed(city, district=city.areas["330225"], lead_unit=city.units["transport"])
    command.lead(far.pk, official=city.lead_official, actor=city.officer, at=city.at)
    done = handovers.hand_over_all(
        city.lead_official, to=second_official(city), note=NOTE, actor=city.district_officer, at=city.at
    )
    assert done == [near]
    far.refresh_from_db()
    assert far.leader == city.lead_official
    with pytest.raises(Refused):
        handovers.hand_over_all(
            city.lead_official,
            to=second_official(city, "x", "丁一"),
            note=NOTE,
            actor=city.district_officer,
            at=city.at,
        )


def test_cases_whose_official_has_left_are_found(city: City) -> None:
    led(city)
    nobody = listed(city)
    assert list(without_leader(BacklogCase.objects.all())) == [nobody]
    city.lead_official.is_active = False
    city.lead_official.save()
    assert without_leader(BacklogCase.objects.all()).count() == 2


# ---- duties, instructions, tasks ----


def test_a_duty_is_recorded_with_its_evidence_and_the_case_gets_on(city: City) -> None:
    case = led(city)
    row = command.record_duty(
        case.pk, duty="know", done_on=city_day(city.at), evidence="到小区走访，查看现场。", uploads=[paper()],
        actor=city.lead_official, at=city.at,
    )  # fmt: skip
    case.refresh_from_db()
    assert row.official == city.lead_official
    assert row.document is not None
    assert case.progressed_at == city.at


def test_a_duty_of_tomorrow_is_refused(city: City) -> None:
    with pytest.raises(Refused) as refusal:
        command.record_duty(
            led(city).pk, duty="know", done_on=city_day(city.at) + timedelta(days=1), evidence="到小区走访。",
            actor=city.lead_official, at=city.at,
        )  # fmt: skip
    assert refusal.value.field == "done_on"
    assert not DutyRecord.objects.exists()


def test_an_office_writes_a_duty_down_for_the_official(city: City) -> None:
    row = command.record_duty(
        led(city).pk, duty="solve", done_on=city_day(city.at), evidence="协调财政垫缴。", actor=city.district_officer,
        at=city.at,
    )  # fmt: skip
    assert row.official == city.lead_official


def test_an_instruction_without_a_task_is_refused(city: City) -> None:
    with pytest.raises(Refused):
        command.instruct(led(city).pk, text="请抓紧办理。", tasks=[], actor=city.lead_official, at=city.at)


def test_an_instruction_that_cannot_be_given_leaves_nothing(city: City) -> None:
    case = led(city)
    late = TaskDraft("拿出方案", city.units["housing"], city_day(city.at) - timedelta(days=1))
    with pytest.raises(Refused):
        command.instruct(case.pk, text="请抓紧办理。", tasks=[late], actor=city.lead_official, at=city.at)
    assert not case.instructions.exists()
    assert not case.events.filter(move="instruct").exists()


def test_a_tasks_clock_follows_its_steps(city: City) -> None:
    case = led(city)
    task = command.give_task(
        case.pk, text="拿出办证方案", unit=city.units["housing"], due_on=city_day(city.at) + timedelta(days=7),
        actor=city.district_officer, at=city.at,
    )  # fmt: skip
    state = lambda: Clock.objects.get(subject="task", subject_id=task.pk).state  # noqa: E731
    assert state() == "running"
    tasking.report(task.pk, result="方案已报。", actor=city.handler, at=city.at)
    assert state() == "met"
    tasking.send_back(task.pk, reason="缺少资金来源。", actor=city.district_officer, at=city.at)
    assert state() == "running"
    tasking.drop(task.pk, reason="改由财政局办理。", actor=city.district_officer, at=city.at)
    assert state() == "cancelled"
    # Whoever was at work on it hears that nothing is to be done any more.
    assert Notice.objects.filter(recipient=city.handler, kind="task_dropped").exists()


def test_nobody_confirms_what_somebody_else_gave_them_to_do(city: City) -> None:
    case = led(city)
    task = command.give_task(
        case.pk, text="主持协调会", unit=city.units["district"], due_on=city_day(city.at) + timedelta(days=7),
        owner=city.lead_official, actor=city.district_officer, at=city.at,
    )  # fmt: skip
    tasking.report(task.pk, result="已主持召开。", actor=city.lead_official, at=city.at)
    with pytest.raises(Refused) as refusal:
        tasking.confirm(task.pk, actor=city.lead_official, at=city.at)
    assert refusal.value.code == "own_task"
    tasking.confirm(task.pk, actor=city.district_officer, at=city.at)


def test_a_petition_linked_later_is_open_to_whoever_commands(city: City) -> None:
    from backlog.actions import moves
    from backlog.models import CaseLink

    case, more = led(city), make_petition(city)
    CaseLink.objects.create(case=case, petition=more, added_at=city.at)
    moves.move(case.pk, "link", actor=city.district_officer, at=city.at)
    assert Petition.objects.visible_to(city.lead_official).filter(pk=more.pk).exists()
