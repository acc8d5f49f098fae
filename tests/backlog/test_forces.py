"""Task forces and workgroups: who changes them, what is kept, what counts for the coverage."""

from datetime import date, time, timedelta

import pytest

from accounts.models import Area
from backlog.actions import forces
from backlog.models import GroupMember, TaskForce, Workgroup
from backlog.reference.forces import load_forces
from petitions.states import Refused
from tests.city import City

pytestmark = pytest.mark.django_db


@pytest.fixture
def groups(city: City) -> City:
    load_forces(at=city.at)
    return city


def group_of(city: City, code: str = "330203") -> Workgroup:
    return Workgroup.objects.get(district=city.areas[code])


def fill(city: City, group: Workgroup) -> None:
    forces.save_group(group.pk, changes={"leader": city.lead_official}, actor=city.officer, at=city.at)
    for name in ("陈洛平", "王建国", "李敏"):
        forces.add_member(group=group.pk, name=name, unit=city.district_office, actor=city.officer, at=city.at)


def test_the_office_starts_with_three_forces_and_a_group_for_each_district(groups: City) -> None:
    assert [row.key for row in TaskForce.objects.all()] == ["legacy", "rural", "demolition"]
    assert Workgroup.objects.count() == Area.objects.filter(kind="district").count() == 2
    group = group_of(groups)
    assert (group.office, group.meets_on, group.meets_at) == (groups.district_office, 0, time(9))
    assert "五个重新" in group.rules


def test_loading_again_leaves_what_the_office_changed(groups: City) -> None:
    forces.save_group(group_of(groups).pk, changes={"meets_on": 2}, actor=groups.officer, at=groups.at)
    assert load_forces(at=groups.at) is None
    assert group_of(groups).meets_on == 2


def test_coverage_counts_a_group_with_leader_three_members_and_a_meeting_day(groups: City) -> None:
    group = group_of(groups)
    assert not Workgroup.objects.standing().exists()
    fill(groups, group)
    assert list(Workgroup.objects.standing()) == [group]
    member = group.members.filter(until=None).first()
    assert member is not None
    forces.end_member(member.pk, actor=groups.officer, at=groups.at)
    assert not Workgroup.objects.standing().exists()
    assert GroupMember.objects.filter(group=group).count() == 3


@pytest.mark.parametrize(
    "changes", [{"leader": None}, {"is_active": False}, {"meets_on": None, "meets_at": None}, {"rules": ""}]
)
def test_without_one_of_them_it_does_not_count(groups: City, changes: dict[str, object]) -> None:
    group = group_of(groups)
    fill(groups, group)
    forces.save_group(group.pk, changes=changes, actor=groups.officer, at=groups.at)
    assert not Workgroup.objects.standing().exists()


@pytest.mark.parametrize(
    ("who", "own", "other"),
    [
        ("officer", True, True),
        ("conference_officer", True, True),
        ("district_officer", True, False),
        ("far_officer", False, True),
        ("leader", False, False),
        ("lead_official", False, False),
        ("inspector", False, False),
    ],
)
def test_a_districts_office_changes_its_own_group_only(groups: City, who: str, own: bool, other: bool) -> None:
    for code, may in (("330203", own), ("330225", other)):
        group = group_of(groups, code)
        if may:
            saved = forces.save_group(group.pk, changes={"meets_on": 4}, actor=groups.people[who], at=groups.at)
            assert saved.meets_on == 4
            continue
        with pytest.raises(Refused) as refused:
            forces.save_group(group.pk, changes={"meets_on": 4}, actor=groups.people[who], at=groups.at)
        assert refused.value.code == "forbidden"


def test_only_the_citys_offices_change_or_add_task_forces(groups: City) -> None:
    pk = TaskForce.objects.get(key="legacy").pk
    assert forces.set_focus(pk, focus="盯紧三个超期节点", actor=groups.conference_officer, at=groups.at).version == 2
    added = forces.save_force(None, changes={"name": "涉法涉诉攻坚组"}, actor=groups.officer, at=groups.at)
    assert added.key.startswith("force-") and added.position > 3
    for number in (pk, None):
        with pytest.raises(Refused) as refused:
            forces.save_force(number, changes={"name": "别的"}, actor=groups.district_officer, at=groups.at)
        assert refused.value.code == "forbidden"


def test_changes_are_kept_with_who_when_and_what(groups: City) -> None:
    group = group_of(groups)
    forces.save_group(group.pk, changes={"meets_on": 2}, actor=groups.district_officer, at=groups.at)
    forces.add_member(group=group.pk, name="王建国", actor=groups.district_officer, at=groups.at)
    newest, change = group.history.all()[:2]
    assert (newest.history_user, newest.history_date) == (groups.district_officer, groups.at)
    assert "王建国" in newest.history_change_reason
    assert change.history_change_reason
    assert group_of(groups).version == 3


def test_who_saw_an_older_version_is_refused(groups: City) -> None:
    group = group_of(groups)
    forces.save_group(group.pk, changes={"meets_on": 2}, actor=groups.officer, at=groups.at, version=1)
    with pytest.raises(Refused) as refused:
        forces.save_group(group.pk, changes={"meets_on": 3}, actor=groups.officer, at=groups.at, version=1)
    assert refused.value.code == "stale"


def test_a_member_with_an_account_of_the_unit_is_linked_to_it(groups: City) -> None:
    group = group_of(groups)
    fill(groups, group)
    linked = group.members.get(name="陈洛平")
    assert linked.user == groups.district_officer
    assert group.members.get(name="李敏").user is None
    with pytest.raises(Refused) as refused:
        forces.add_member(
            group=group.pk, name="陈洛平", unit=groups.district_office, actor=groups.officer, at=groups.at
        )
    assert refused.value.field == "name"


def test_day_and_time_of_the_meeting_belong_together(groups: City) -> None:
    with pytest.raises(Refused) as refused:
        forces.save_group(group_of(groups).pk, changes={"meets_at": None}, actor=groups.officer, at=groups.at)
    assert refused.value.field == "meets_at"


def test_a_campaign_ends_after_it_begins(groups: City) -> None:
    days = {"begins_on": date(2026, 5, 1), "ends_on": date(2026, 4, 1)}
    with pytest.raises(Refused) as refused:
        forces.save_force(TaskForce.objects.first().pk, changes=days, actor=groups.officer, at=groups.at)  # type: ignore[union-attr]
    assert refused.value.field == "ends_on"


def test_a_report_is_of_a_day_up_to_today(groups: City) -> None:
    group = group_of(groups)
    text = "本周化解两件，一件待资金到位，下周开听证会。"
    made = forces.report(group.pk, text=text, actor=groups.district_officer, at=groups.at)
    assert (made.on, made.by) == (date(2026, 11, 16), groups.district_officer)
    with pytest.raises(Refused):
        forces.report(group.pk, text=text, on=made.on + timedelta(days=1), actor=groups.district_officer, at=groups.at)
    with pytest.raises(Refused):
        forces.report(group.pk, text=text, actor=groups.far_officer, at=groups.at)
