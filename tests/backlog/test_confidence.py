"""Who is kept out of a matter, or was given one task of it, does not reach the file by the way of command."""

from datetime import timedelta
from typing import Any

import pytest

from backlog.actions import command, moves, tasking
from backlog.models import BacklogCase, CaseLink
from backlog.states import TaskOrigin
from dispatch.clocks import city_day
from petitions.actions import recusals
from petitions.models import Petition
from petitions.signals import petition_moved
from petitions.states import Refused
from tests.backlog.commanding import led
from tests.city import City, make_petition

pytestmark = pytest.mark.django_db


def give(city: City, case: BacklogCase, **more: Any) -> Any:
    fields = {"unit": city.transport, "actor": city.officer, **more}
    return tasking.assign(
        text="提供测绘资料",
        due_on=city_day(city.at) + timedelta(days=3),
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
