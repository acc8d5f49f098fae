"""What calls for supervision is found by itself: each trigger, its threshold, and that twice finds nothing new."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from dispatch.actions import findings, orders, supervision
from dispatch.models import Proposal, SupervisionThreshold
from dispatch.supervision import THRESHOLDS
from tests.city import City, fed_back, make_order, make_petition
from tests.dispatch.test_supervision import issue


def found(at: datetime) -> list[Proposal]:
    """Look, twice: the second time adds nothing."""
    findings.find(at=at)
    assert not any(findings.find(at=at).values())
    return list(Proposal.objects.order_by("id"))


def set_threshold(key: str, value: int) -> None:
    SupervisionThreshold.objects.create(key=key, value=value)


def test_nothing_is_found_where_nothing_is_wrong(city: City) -> None:
    make_order(city)
    assert found(city.at + timedelta(hours=1)) == []


def test_an_order_past_due_and_grace_is_found_once_however_many_of_its_clocks_are_late(city: City) -> None:
    order = make_order(city)
    # Sign-for was due within two working hours on Monday; a day of grace is not over on Tuesday morning.
    assert found(city.at + timedelta(hours=22)) == []
    rows = found(city.at + timedelta(days=9))
    assert [(p.trigger, p.order, p.unit, p.facts["rule"]) for p in rows] == [("overdue", order, city.housing, "O_sign")]


def test_an_urgent_order_is_found_after_an_hour(city: City) -> None:
    make_order(city, urgency="extra_urgent")
    # First contact within half an hour, sign-for within a quarter.
    assert len(found(city.at + timedelta(minutes=80))) == 1


def test_a_finding_set_aside_is_not_made_again_but_the_next_late_clock_is(city: City) -> None:
    make_order(city)
    [first] = found(city.at + timedelta(days=3))
    supervision.set_aside(first.pk, reason="已联系，今日签收", actor=city.officer, at=city.at + timedelta(days=3))
    rows = found(city.at + timedelta(days=3))
    assert [row.facts["rule"] for row in rows] == ["O_sign", "O_contact"]


def test_a_unit_under_supervision_on_the_case_is_not_found_late_again(city: City) -> None:
    issue(city)
    assert found(city.at + timedelta(days=9)) == []


def test_a_petition_not_routed_in_time_is_found_at_the_office_that_registered_it(city: City) -> None:
    petition = make_petition(city, register_unit=city.district_office)
    [row] = found(city.at + timedelta(days=20))
    assert (row.petition, row.order, row.unit, row.facts["rule"]) == (petition, None, city.district_office, "D01_route")
    # Nobody decides on what is found about their own unit.
    assert not Proposal.objects.visible_to(city.district_officer).exists()
    assert Proposal.objects.visible_to(city.officer).exists()


def unsolved(city: City, **changes: Any) -> Any:
    order = make_order(city)
    orders.sign(order.pk, actor=city.handler, at=city.at)
    orders.record_contact(order.pk, means="phone", said="已通话", actor=city.handler, at=city.at)
    fields = {
        "outcome": "unsolved",
        "findings": "现场查看情况属实，尚未修复。",
        "explanation": "配件采购周期较长，已向信访人说明。",
        "actor": city.handler,
        "at": city.at,
        **changes,
    }
    return orders.feed_back(order.pk, **fields)[0]


def test_true_and_lawful_but_unsolved_is_found(city: City) -> None:
    order = unsolved(city)
    unsolved(city, is_true=False)
    unsolved(city, outcome="explained")
    [row] = found(city.at + timedelta(minutes=5))
    assert (row.trigger, row.order) == ("unsolved", order)


def test_feedback_sent_back_twice_is_found(city: City) -> None:
    order = fed_back(city)
    at = city.at + timedelta(hours=3)
    orders.check(order.pk, passes=False, remark="缺少现场照片", actor=city.officer, at=at)
    assert found(at) == []
    orders.feed_back(order.pk, outcome="solved", findings="已补充现场照片及检验报告。", actor=city.handler, at=at)
    assert found(at) == []
    orders.check(order.pk, passes=False, remark="检验报告过期", actor=city.officer, at=at)
    [row] = found(at)
    assert (row.trigger, row.facts["send_backs"]) == ("unsolved", 2)


@pytest.mark.parametrize(("answers", "is_bad"), [
    ({"was_contacted": False}, True), ({"was_truthful": False}, True),
    ({"was_contacted": True, "was_truthful": True}, False), ({}, False),
])  # fmt: skip
def test_a_callback_that_says_nobody_came_or_it_is_untrue_is_found(
    city: City, answers: dict[str, bool], is_bad: bool
) -> None:
    order = fed_back(city)
    at = city.at + timedelta(hours=4)
    orders.check(order.pk, passes=True, actor=city.officer, at=at)
    full = {"solved": "yes", "satisfaction": 2, **answers}
    orders.call_back(order.pk, result="reached", said="已回访", answers=full, actor=city.officer, at=at)
    assert [row.trigger for row in found(at)] == (["bad_handling"] if is_bad else [])


def test_many_of_one_class_in_one_place_are_found_without_accusations(city: City) -> None:
    for _i in range(4):
        make_order(city)
    make_order(
        city,
        petition=make_petition(city, purpose="JK", sensitivity="accusation", respondent_unit=city.enforcement),
    )
    at = city.at + timedelta(minutes=5)
    assert found(at) == []
    last = make_order(city)
    [row] = found(at)
    assert (row.trigger, row.petition, row.unit) == ("repeated", None, city.housing)
    assert (row.facts["count"], row.facts["area"]) == (5, city.areas["330203001"].pk)
    assert last.petition_id in row.facts["petitions"]
    assert Proposal.objects.visible_to(city.district_officer).exists()
    assert not Proposal.objects.visible_to(city.far_officer).exists()


def test_the_office_sets_the_thresholds_and_the_history_is_kept(city: City) -> None:
    assert findings.thresholds() == {key: row.default for key, row in THRESHOLDS.items()}
    assert findings.load_thresholds() == len(THRESHOLDS)
    assert findings.load_thresholds() == 0
    row = SupervisionThreshold.objects.get(key="repeated_count")
    row.value = 2
    row.save()
    assert findings.thresholds()["repeated_count"] == 2
    assert [h.value for h in row.history.order_by("history_date")][-1] == 2
    make_order(city)
    make_order(city)
    assert [p.trigger for p in found(city.at + timedelta(minutes=5))] == ["repeated"]


def test_old_stories_are_not_dug_up(city: City) -> None:
    set_threshold("grace_hours", 24 * 365)
    unsolved(city)
    assert found(city.at + timedelta(days=61)) == []
