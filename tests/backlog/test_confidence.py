"""Who is kept out of a matter, or was given one task of it, does not reach the file by the way of command."""

from datetime import timedelta
from typing import Any

import pytest

from backlog.actions import command, moves, tasking, watching, writing
from backlog.models import BacklogCase, CaseLink, CaseOfficial
from backlog.states import TaskOrigin
from dispatch.actions import reckoning
from dispatch.clocks import city_day
from dispatch.models import Clock
from petitions.actions import recusals
from petitions.models import Petition
from petitions.signals import petition_moved
from petitions.states import Refused
from tests.backlog.cases import make_case
from tests.backlog.commanding import applied, certified, checked, led, renewed, second_official, signed, struck_off
from tests.city import City, make_petition

pytestmark = pytest.mark.django_db


def give(city: City, case: BacklogCase, **more: Any) -> Any:
    due_on = city_day(city.at) + timedelta(days=3)
    fields = {"unit": city.transport, "actor": city.officer, "due_on": due_on, **more}
    return tasking.assign(
        text="提供测绘资料",
        origin=TaskOrigin.CASE,
        case=case,
        at=city.at,
        **fields,
    )


def test_a_recused_lead_official_does_not_stop_the_next_telling(city: City) -> None:
    case = led(city)
    row = recusals.ask_recusal(
        case.petition_id, person=city.lead_official, ground="kin", reason="系当事人近亲属", actor=city.officer,
        at=city.at,
    )  # fmt: skip
    recusals.move(row.pk, "grant_recusal", actor=city.officer, at=city.at)
    again = make_petition(city, at=city.at + timedelta(days=1), repeat_of=case.petition)
    assert CaseLink.objects.filter(case=case, petition=again).exists()
    assert not Petition.objects.visible_to(city.lead_official).filter(pk=again.pk).exists()


def become_accusation(petition: Petition, city: City) -> None:
    Petition.objects.filter(pk=petition.pk).update(is_restricted=True)
    petition.refresh_from_db()
    petition_moved.send(
        Petition,
        petition=petition,
        move="set_route",
        before=petition.state,
        actor=moves.Actor.of(city.officer),
        at=city.at,
    )


def test_a_petition_that_becomes_an_accusation_leaves_the_file_and_its_officials(city: City) -> None:
    case, more = led(city), make_petition(city)
    CaseLink.objects.create(case=case, petition=more, added_at=city.at)
    moves.move(case.pk, "link", actor=city.district_officer, at=city.at)
    assert Petition.objects.visible_to(city.lead_official).filter(pk=more.pk).exists()
    become_accusation(more, city)
    assert not Petition.objects.visible_to(city.lead_official).filter(pk=more.pk).exists()
    assert BacklogCase.objects.visible_to(city.district_officer).filter(pk=case.pk).exists()
    assert more.number not in str(case.events.get(move="unlink").data)


def test_nothing_on_any_file_tells_its_number_and_the_figures_are_counted_anew(city: City) -> None:
    case, more = led(city), make_petition(city, headcount=40)
    writing.link(case.pk, petition=more, actor=city.district_officer, at=city.at)
    case.refresh_from_db()
    assert (case.people, case.times) == (40, 2)
    become_accusation(more, city)
    case.refresh_from_db()
    assert (case.people, case.times) == (1, 1)
    assert more.number not in str(list(case.events.values_list("data", flat=True)))


def test_a_rebound_that_would_rest_on_an_accusation_waits_for_nobody(city: City) -> None:
    case = struck_off(city)
    again = make_petition(city, at=city.at + timedelta(days=3), repeat_of=case.petition)
    assert len(watching.proposals(case)) == 1
    become_accusation(again, city)
    assert watching.proposals(case) == []


def test_the_deadlines_of_a_file_nobody_reaches_end(city: City) -> None:
    case = led(city)
    task = give(city, case)
    become_accusation(case.petition, city)
    clocks = Clock.objects.filter(subject="backlog", subject_id=case.pk) | Clock.objects.filter(
        subject="task", subject_id=task.pk
    )
    assert set(clocks.values_list("state", flat=True)) == {"cancelled"}
    case.refresh_from_db()
    assert case.next_due_key == ""


def test_who_takes_part_of_a_case_sees_what_joins_it_whatever_else_a_colleague_is_kept_out_of(city: City) -> None:
    case, other = led(city), make_case(city, petition=make_petition(city))
    second = second_official(city)
    command.assist(case.pk, add=[second], actor=city.district_officer, at=city.at)
    CaseOfficial.objects.create(case=other, user=city.lead_official, part="assist", since=city.at)
    row = recusals.ask_recusal(
        other.petition_id, person=second, ground="kin", reason="系当事人近亲属", actor=city.officer, at=city.at
    )
    recusals.move(row.pk, "grant_recusal", actor=city.officer, at=city.at)
    more = make_petition(city)
    writing.link(case.pk, petition=more, actor=city.district_officer, at=city.at)
    assert Petition.objects.visible_to(second).filter(pk=more.pk).exists()


def test_who_may_not_judge_a_task_is_not_offered_to(city: City) -> None:
    from backlog.steps.tasking import TASK_STEPS

    task = give(city, led(city), unit=city.district_office)
    for name in ("confirm", "send_back", "drop"):
        assert not TASK_STEPS[name].fits(city.district_officer, task)
        assert TASK_STEPS[name].fits(city.officer, task)


def test_a_case_settled_meanwhile_gets_no_task(city: City) -> None:
    case = led(city)
    certified(city, checked(city, signed(city, applied(city, renewed(city, case)))))
    with pytest.raises(Refused) as refusal:
        give(city, case)
    assert refusal.value.code == "not_open"


def test_what_is_due_today_can_be_done_until_tonight(city: City) -> None:
    task = give(city, led(city), due_on=city_day(city.at))
    clock = Clock.objects.get(subject="task", subject_id=task.pk)
    assert city_day(clock.due_at) == task.due_on
    assert clock.length == 0
    assert reckoning.preview([clock.pk], at=city.at) == []


def test_another_petition_takes_the_place_of_the_main_one(city: City) -> None:
    case, more = led(city), make_petition(city)
    CaseLink.objects.create(case=case, petition=more, added_at=city.at)
    become_accusation(case.petition, city)
    assert BacklogCase.objects.visible_to(city.district_officer).get().petition == more


def test_a_task_lets_its_unit_read_the_file_while_it_is_open_and_write_nothing(city: City) -> None:
    case = led(city)
    task = give(city, case)
    assert BacklogCase.objects.visible_to(city.outside_leader).filter(pk=case.pk).exists()
    for permission in ("backlog.write", "backlog.plan", "backlog.apply"):
        assert not BacklogCase.objects.within(city.outside_leader, permission).exists()
        assert BacklogCase.objects.within(city.leader, permission).exists()
    tasking.drop(task.pk, reason="不再需要。", actor=city.officer, at=city.at)
    assert not BacklogCase.objects.visible_to(city.outside_leader).exists()


def test_an_office_does_not_judge_what_its_own_unit_was_given(city: City) -> None:
    task = give(city, led(city), unit=city.district_office)
    for step in (tasking.confirm, tasking.drop):
        more = {"reason": "不再需要。"} if step is tasking.drop else {}
        with pytest.raises(Refused) as refusal:
            step(task.pk, actor=city.district_officer, at=city.at, **more)
        assert refusal.value.code == "own_task"
    tasking.confirm(task.pk, actor=city.conference_officer, at=city.at)


def test_a_lead_official_judges_the_units_below(city: City) -> None:
    case = led(city)
    task = give(city, case, unit=city.housing)
    tasking.confirm(task.pk, actor=city.lead_official, at=city.at)
    assert command.open_tasks(case) == []
