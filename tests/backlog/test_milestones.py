"""Milestones: planned, replanned, reached, removed, each with its event and its clock."""

from datetime import date, timedelta
from typing import Any

import pytest

from backlog.actions import milestones, moves
from backlog.actions.milestones import Planned
from backlog.models import BacklogCase, CaseEvent, Milestone
from backlog.reference.milestones import usual
from dispatch.clocks import city_day
from dispatch.models import Clock
from petitions.states import Refused
from tests.backlog.planning import make_case
from tests.city import City

pytestmark = pytest.mark.django_db
DAY = date(2026, 12, 1)


@pytest.fixture
def case(city: City) -> BacklogCase:
    return make_case(city)


def plan(city: City, case: BacklogCase, **changes: Any) -> Milestone:
    fields: dict[str, Any] = {"name": "签订协议", "planned_on": DAY, "actor": city.officer, "at": city.at, **changes}
    return milestones.plan(case.pk, **fields)


def clocks(row: Milestone) -> list[tuple[str, date]]:
    rows = Clock.objects.filter(subject="milestone", subject_id=row.pk).order_by("id")
    return [(clock.state, city_day(clock.due_at - timedelta(seconds=1))) for clock in rows]


def test_a_planned_milestone_has_a_clock_that_ends_with_its_day(city: City, case: BacklogCase) -> None:
    row = plan(city, case, starts_on=date(2026, 11, 20))
    assert row.first_planned_on == DAY
    clock = Clock.objects.get(subject="milestone", subject_id=row.pk)
    assert (clock.state, clock.unit, clock.asker) == ("running", city.housing, city.lead_official)
    assert clocks(row) == [("running", DAY)]
    event = CaseEvent.objects.get(case=case)
    assert (event.move, event.data) == ("milestone", {"do": "plan", "milestones": [row.pk]})
    assert event.text == "签订协议 2026-12-01"


def test_several_are_planned_in_their_order_with_one_event(city: City, case: BacklogCase) -> None:
    rows = [Planned(u.name, u.planned_on, u.starts_on) for u in usual("legacy", date(2026, 11, 16))]
    made = milestones.plan_all(case.pk, rows=rows, actor=city.officer, at=city.at, version=1)
    assert [row.position for row in made] == list(range(1, 8))
    assert [row.name for row in case.milestones.all()] == [row.name for row in rows]
    assert CaseEvent.objects.filter(case=case).count() == 1
    assert Clock.objects.filter(subject="milestone", state="running").count() == 7


def test_replanning_starts_another_clock_and_keeps_the_first_day(city: City, case: BacklogCase) -> None:
    row = plan(city, case)
    later = DAY + timedelta(days=10)
    with pytest.raises(Refused) as refused:
        milestones.replan(row.pk, planned_on=later, actor=city.officer, at=city.at)
    assert refused.value.field == "reason"
    row = milestones.replan(row.pk, planned_on=later, reason="等待评估报告", actor=city.officer, at=city.at, version=1)
    assert (row.planned_on, row.first_planned_on, row.version) == (later, DAY, 2)
    assert clocks(row) == [("cancelled", DAY), ("running", later)]
    assert CaseEvent.objects.latest("id").text == "签订协议 2026-12-01 → 2026-12-11 · 等待评估报告"


def test_an_earlier_day_needs_no_reason(city: City, case: BacklogCase) -> None:
    row = milestones.replan(plan(city, case).pk, planned_on=date(2026, 11, 20), actor=city.officer, at=city.at)
    assert row.planned_on == date(2026, 11, 20)


def test_reaching_it_stops_the_clock_and_the_case_got_on(city: City, case: BacklogCase) -> None:
    row = plan(city, case)
    at = city.at + timedelta(days=3)
    row = milestones.reach(row.pk, actual_on=city_day(at), actor=city.lead_official, at=at)
    case.refresh_from_db()
    assert (row.actual_on, case.progressed_at) == (date(2026, 11, 19), at)
    assert clocks(row) == [("met", DAY)]


def test_reached_late_is_a_breach_of_its_day(city: City, case: BacklogCase) -> None:
    row = plan(city, case)
    at = city.at + timedelta(days=30)
    assert row.is_missed(city_day(at))
    row = milestones.reach(row.pk, actual_on=city_day(at), actor=city.officer, at=at)
    assert not row.is_missed(city_day(at))
    clock = Clock.objects.get(subject="milestone", subject_id=row.pk)
    assert clock.breached_at == clock.due_at


def test_taken_back_the_clock_runs_on_with_its_old_day(city: City, case: BacklogCase) -> None:
    row = plan(city, case)
    milestones.reach(row.pk, actual_on=city_day(city.at), actor=city.officer, at=city.at)
    row = milestones.reopen(row.pk, actor=city.officer, at=city.at + timedelta(hours=1))
    assert row.actual_on is None
    assert clocks(row) == [("running", DAY)]


def test_removed_it_stays_for_the_record_and_owes_nothing(city: City, case: BacklogCase) -> None:
    row = plan(city, case)
    with pytest.raises(Refused):
        milestones.remove(row.pk, reason=" ", actor=city.officer, at=city.at)
    milestones.remove(row.pk, reason="改走司法途径", actor=city.officer, at=city.at)
    assert clocks(row) == [("cancelled", DAY)]
    assert CaseEvent.objects.latest("id").text == "签订协议 · 改走司法途径"
    with pytest.raises(Refused) as refused:
        milestones.reach(row.pk, actual_on=city_day(city.at), actor=city.officer, at=city.at)
    assert refused.value.code == "gone"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "签"}, "name"),
        ({"planned_on": date(2026, 11, 15)}, "planned_on"),
        ({"planned_on": date(2030, 11, 15)}, "planned_on"),
        ({"starts_on": date(2026, 12, 2)}, "starts_on"),
    ],
)
def test_days_that_cannot_be_are_refused(city: City, case: BacklogCase, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refused:
        plan(city, case, **changes)
    assert refused.value.field == field
    assert not Milestone.objects.exists() and not CaseEvent.objects.exists()


def test_a_day_to_come_cannot_have_been_reached(city: City, case: BacklogCase) -> None:
    row = plan(city, case)
    with pytest.raises(Refused) as refused:
        milestones.reach(row.pk, actual_on=date(2026, 11, 17), actor=city.officer, at=city.at)
    assert refused.value.field == "actual_on"


def test_reached_its_planned_day_stays(city: City, case: BacklogCase) -> None:
    row = plan(city, case)
    milestones.reach(row.pk, actual_on=city_day(city.at), actor=city.officer, at=city.at)
    with pytest.raises(Refused) as refused:
        milestones.replan(row.pk, planned_on=date(2026, 11, 20), actor=city.officer, at=city.at)
    assert refused.value.field == "planned_on"


def test_an_overdue_milestone_may_be_renamed_without_a_new_day(city: City, case: BacklogCase) -> None:
    row = plan(city, case)
    late = city.at + timedelta(days=40)
    row = milestones.edit(row.pk, changes={"name": "签订补偿协议"}, actor=city.officer, at=late)
    assert row.name == "签订补偿协议"
    assert clocks(row) == [("running", DAY)]


def test_nothing_changed_nothing_is_written(city: City, case: BacklogCase) -> None:
    row = plan(city, case)
    milestones.edit(row.pk, changes={"name": "签订协议", "planned_on": DAY}, actor=city.officer, at=city.at)
    assert CaseEvent.objects.count() == 1
    row.refresh_from_db()
    assert row.version == 1


def test_who_saw_an_older_version_is_refused(city: City, case: BacklogCase) -> None:
    row = plan(city, case)
    milestones.edit(row.pk, changes={"name": "签订补偿协议"}, actor=city.officer, at=city.at, version=1)
    with pytest.raises(Refused) as refused:
        milestones.edit(row.pk, changes={"name": "谈妥条件"}, actor=city.lead_official, at=city.at, version=1)
    assert refused.value.code == "stale"


def test_moved_up_it_stands_before_its_neighbour(city: City, case: BacklogCase) -> None:
    first, second = plan(city, case, name="查清事实"), plan(city, case)
    milestones.shift(second.pk, by=-1, actor=city.officer, at=city.at)
    assert [row.pk for row in case.milestones.all()] == [second.pk, first.pk]
    milestones.shift(second.pk, by=-1, actor=city.officer, at=city.at)
    assert [row.pk for row in case.milestones.all()] == [second.pk, first.pk]


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("officer", True),
        ("conference_officer", True),
        ("district_officer", True),
        ("leader", True),
        ("lead_official", True),
        ("far_officer", False),
        ("handler", False),
        ("outside_leader", False),
        ("inspector", False),
        ("admin", False),
    ],
)
def test_who_may_plan(city: City, case: BacklogCase, who: str, may: bool) -> None:
    if may:
        assert plan(city, case, actor=city.people[who]).pk
        return
    with pytest.raises(Refused) as refused:
        plan(city, case, actor=city.people[who])
    assert refused.value.code == "forbidden"
    assert not Milestone.objects.exists()


def test_a_case_without_a_responsible_unit_has_no_clocks_until_one_is_named(city: City) -> None:
    case = make_case(city, lead_unit=None)
    row = plan(city, case)
    assert clocks(row) == []
    moves.move(case.pk, "place", actor=city.officer, at=city.at, changes={"lead_unit": city.housing})
    assert clocks(row) == [("running", DAY)]


def test_another_unit_takes_the_clocks_over_but_not_the_late_ones(city: City, case: BacklogCase) -> None:
    late, ahead = plan(city, case, name="查清事实", planned_on=date(2026, 11, 18)), plan(city, case)
    at = city.at + timedelta(days=5)
    moves.move(case.pk, "place", actor=city.officer, at=at, changes={"lead_unit": city.enforcement})
    running = Clock.objects.filter(subject="milestone", state="running")
    assert {(c.subject_id, c.unit) for c in running} == {(late.pk, city.housing), (ahead.pk, city.enforcement)}


def test_a_certified_case_owes_no_milestone_and_a_rebound_brings_them_back(city: City) -> None:
    case = make_case(city, "checked")
    row = plan(city, case)
    moves.move(case.pk, "certify", actor=city.officer, at=city.at)
    assert clocks(row) == [("cancelled", DAY)]
    moves.move(case.pk, "rebound", actor=city.officer, at=city.at)
    moves.move(case.pk, "relist", actor=city.officer, at=city.at)
    assert clocks(row)[-1] == ("running", DAY)


def test_a_struck_off_case_takes_no_milestones(city: City) -> None:
    with pytest.raises(Refused) as refused:
        plan(city, make_case(city, "struck_off"))
    assert refused.value.code == "illegal_move"


def test_another_unit_on_a_certified_case_owes_nothing_again(city: City) -> None:
    case = make_case(city, "checked")
    row = plan(city, case)
    moves.move(case.pk, "certify", actor=city.officer, at=city.at)
    moves.move(case.pk, "place", actor=city.officer, at=city.at, changes={"lead_unit": city.enforcement})
    assert clocks(row) == [("cancelled", DAY)]
