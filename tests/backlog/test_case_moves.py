"""Every move of a backlog case in every state, and by every role: what the tables say is what happens."""

from typing import Any

import pytest

from accounts.actors import Actor
from accounts.roles import Role, Scope, scope_of
from backlog.actions import moves, tasking
from backlog.models import BacklogCase, CaseOfficial, Task
from backlog.states import CASE_MOVES, TASK_MOVES, CaseState, TaskOrigin, TaskState
from dispatch.clocks import city_day
from dispatch.policies.tables import BACKLOG_MOVES
from petitions.states import Refused
from tests.backlog.cases import make_case
from tests.city import City

pytestmark = pytest.mark.django_db

PEOPLE = {
    Role.HOTLINE_AGENT: "agent",
    Role.DISPATCHER: "dispatcher",
    Role.CITY_OFFICER: "officer",
    Role.DISTRICT_OFFICER: "district_officer",
    Role.CONFERENCE_OFFICER: "conference_officer",
    Role.UNIT_ADMIN: "leader",
    Role.UNIT_HANDLER: "handler",
    Role.LEAD_OFFICIAL: "lead_official",
    Role.REVIEWER: "reviewer",
    Role.INSPECTOR: "inspector",
    Role.SYSTEM_ADMIN: "admin",
}


def put(row: Any, state: str) -> Any:
    """The row in this state, past its writer: the tests of the writer need every state."""
    row.__dict__["state"] = state
    row.save()
    return row


def test_a_move_is_taken_in_its_states_and_refused_in_all_others(city: City) -> None:
    case = make_case(city)
    for name, step in CASE_MOVES.items():
        for state in CaseState.values:
            put(BacklogCase.objects.get(pk=case.pk), state)
            if state in step.sources:
                moved = moves.move(case.pk, name, actor=Actor.system(), at=city.at)
                assert moved.state == (step.target or state), name
                assert case.events.latest("id").move == name
            else:
                with pytest.raises(Refused) as refusal:
                    moves.move(case.pk, name, actor=Actor.system(), at=city.at)
                assert refusal.value.code == "illegal_move", name


@pytest.mark.parametrize("role", PEOPLE)
def test_each_role_takes_the_moves_its_permissions_reach_and_no_others(city: City, role: Role) -> None:
    case, who = make_case(city), city.people[PEOPLE[role]]
    if role == Role.LEAD_OFFICIAL:
        CaseOfficial.objects.create(case=case, user=who, part="lead", since=city.at)
    for name, step in CASE_MOVES.items():
        row = put(BacklogCase.objects.get(pk=case.pk), sorted(step.sources)[0])
        scope = scope_of(role, step.permission)
        # The head of a unit commands where named only; here the unit is merely responsible.
        is_reached = scope is not None and not (role == Role.UNIT_ADMIN and scope == Scope.NAMED)
        try:
            moves.allow(row, name, Actor.of(who))
        except Refused as refusal:
            assert refusal.code == "forbidden", name
            assert not is_reached, name
        else:
            assert is_reached, name


@pytest.mark.parametrize("who", ["outsider", "outside_leader", "far_officer", "lead_official"])
def test_an_outsider_takes_no_step(city: City, who: str) -> None:
    case = make_case(city)
    for name, step in CASE_MOVES.items():
        row = put(BacklogCase.objects.get(pk=case.pk), sorted(step.sources)[0])
        with pytest.raises(Refused) as refusal:
            moves.allow(row, name, Actor.of(city.people[who]))
        assert refusal.value.code == "forbidden", name


def make_task(city: City, **given: Any) -> Task:
    fields = {"case": make_case(city), "actor": city.officer, **given}
    return tasking.assign(
        text="拿出办证方案",
        unit=city.units["housing"],
        due_on=city_day(city.at),
        origin=TaskOrigin.CASE,
        at=city.at,
        **fields,
    )


def test_a_tasks_move_is_taken_in_its_states_only(city: City) -> None:
    task = make_task(city)
    for name, step in TASK_MOVES.items():
        for state in TaskState.values:
            put(Task.objects.get(pk=task.pk), state)
            if state in step.sources:
                moved = tasking.move(task.pk, name, actor=Actor.system(), at=city.at)
                assert moved.state == (step.target or state), name
            else:
                with pytest.raises(Refused):
                    tasking.move(task.pk, name, actor=Actor.system(), at=city.at)


@pytest.mark.parametrize("role", PEOPLE)
def test_each_role_takes_the_steps_of_a_task_its_permissions_reach(city: City, role: Role) -> None:
    task, who = make_task(city), city.people[PEOPLE[role]]
    if role == Role.LEAD_OFFICIAL:
        CaseOfficial.objects.create(case=task.case, user=who, part="lead", since=city.at)
    for name, step in TASK_MOVES.items():
        scope = scope_of(role, step.permission)
        is_reached = scope is not None and not (role == Role.UNIT_ADMIN and scope == Scope.NAMED)
        found = Task.objects.within(who, step.permission).filter(pk=task.pk).exists()
        assert found == is_reached, name


@pytest.mark.parametrize("who", ["outsider", "outside_leader", "far_officer", "lead_official", "other_handler"])
def test_an_outsider_sees_no_task(city: City, who: str) -> None:
    make_task(city)
    assert not Task.objects.visible_to(city.people[who]).exists()


def test_the_moves_the_deadline_rules_may_name_are_moves_of_the_case() -> None:
    assert set(CASE_MOVES) >= BACKLOG_MOVES
