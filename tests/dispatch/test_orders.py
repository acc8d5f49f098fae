from datetime import timedelta

import pytest

from dispatch.actions import orders
from dispatch.models import Callback, Notice, WorkOrder
from dispatch.states import ORDER_MOVES
from petitions.models import Involvement, Petition
from petitions.states import Refused
from tests.city import City, fed_back, make_order, make_petition


def test_a_dispatch_makes_one_order_a_unit_starts_clocks_and_tells_the_unit(city: City) -> None:
    petition = make_petition(city)
    made = orders.dispatch(
        petition.pk,
        lead=city.units["housing"],
        assisting=[city.units["town"]],
        instruction="请尽快联系",
        actor=city.people["officer"],
        at=city.at,
    )
    assert [(o.unit.code, o.is_lead, o.number[-3:]) for o in made] == [
        ("330203-HOUSING", True, "-01"),
        ("330203001", False, "-02"),
    ]
    promised = {"O_sign", "O_contact", "O_feedback_7d"}
    rows = [order.clocks.exclude(policy__is_right=True).values_list("policy__key", flat=True) for order in made]
    assert set(rows[0]) == {*promised, "D03_notify_transferred"}
    assert set(rows[1]) == promised
    told = Notice.objects.filter(kind="dispatched", channel="inapp").values_list("recipient__username", flat=True)
    assert set(told) == {"leader", "handler", "colleague"}
    petition.refresh_from_db()
    assert (petition.state, petition.lead_unit) == ("handling", city.units["housing"])
    assert petition.clocks.get(policy__key="D01_route").state == "met"


def test_seven_days_of_feedback_end_with_the_seventh_day(city: City) -> None:
    order = make_order(city)
    clock = order.clocks.get(policy__key="O_feedback_7d")
    assert clock.due_at.isoformat() == "2026-11-23T15:59:59+00:00"


@pytest.mark.parametrize(("urgency", "hours"), [("urgent", 24), ("extra_urgent", 4)])
def test_urgent_classes_run_on_hours_through_the_night(city: City, urgency: str, hours: int) -> None:
    order = make_order(city, urgency=urgency)
    feedback = order.clocks.get(policy__key__startswith="O_feedback")
    assert feedback.due_at - feedback.started_at == timedelta(hours=hours)


def test_a_second_lead_is_refused_until_the_first_order_is_recalled(city: City) -> None:
    order = make_order(city)
    officer = city.people["officer"]
    with pytest.raises(Refused) as refusal:
        make_order(city, petition=order.petition, lead=city.units["enforcement"])
    assert "海曙区住建局" in str(refusal.value)
    orders.recall(order.pk, reason="职能不符", actor=officer, at=city.at)
    fresh = make_order(city, petition=order.petition, lead=city.units["enforcement"])
    assert fresh.seq == 2
    assert not Petition.objects.visible_to(city.people["leader"]).exists()
    assert Petition.objects.visible_to(city.people["other_leader"]).exists()


def test_an_accusation_cannot_be_dispatched_to_the_unit_complained_of_nor_above_it(city: City) -> None:
    petition = make_petition(city, purpose="JK", respondent_unit=city.units["housing"])
    for unit in ("housing", "district"):
        with pytest.raises(Refused):
            orders.dispatch(petition.pk, lead=city.units[unit], actor=city.people["officer"], at=city.at)


@pytest.mark.parametrize("name", sorted(ORDER_MOVES))
def test_a_move_from_the_wrong_status_is_refused(city: City, name: str) -> None:
    if "done" in ORDER_MOVES[name].sources:
        pytest.skip("a finished order may still be verified")
    order = make_order(city)
    WorkOrder.objects.filter(pk=order.pk).update(state="done", is_open=False)
    with pytest.raises(Refused):
        orders.move(order.pk, name, actor=city.people["officer"], at=city.at)


PEOPLE = (
    "officer",
    "dispatcher",
    "district_officer",
    "far_officer",
    "leader",
    "handler",
    "outsider",
    "inspector",
    "agent",
)
ALLOWED = {
    "sign": {"leader", "handler"},
    "assign": {"leader"},
    "contact": {"leader", "handler"},
    "recall": {"officer", "dispatcher", "district_officer"},
    "cancel": {"officer", "dispatcher", "district_officer"},
}


@pytest.mark.parametrize("name", sorted(ALLOWED))
@pytest.mark.parametrize("person", PEOPLE)
def test_who_may_take_a_step_follows_the_table(city: City, name: str, person: str) -> None:
    order = make_order(city)
    if person in ALLOWED[name]:
        orders.move(order.pk, name, actor=city.people[person], at=city.at)
        return
    with pytest.raises(Refused) as refusal:
        orders.move(order.pk, name, actor=city.people[person], at=city.at)
    assert refusal.value.code == "forbidden"


def test_an_assigned_order_leaves_the_pool_of_the_unit(city: City) -> None:
    order = make_order(city)
    handler, colleague = city.people["handler"], city.people["colleague"]
    assert WorkOrder.objects.visible_to(colleague).exists()
    orders.assign(order.pk, handler=handler, actor=city.people["leader"], at=city.at)
    assert not WorkOrder.objects.visible_to(colleague).exists()
    assert not Petition.objects.visible_to(colleague).exists()
    orders.assign(order.pk, handler=colleague, actor=city.people["leader"], at=city.at)
    assert Petition.objects.visible_to(colleague).exists()
    assert not Petition.objects.visible_to(handler).exists()
    assert Involvement.objects.filter(user__isnull=False).count() == 1
    with pytest.raises(Refused):
        orders.assign(order.pk, handler=city.people["outsider"], actor=city.people["leader"], at=city.at)


def test_a_contact_signs_for_the_order_and_stops_both_clocks(city: City) -> None:
    order = make_order(city)
    at = city.at + timedelta(minutes=20)
    orders.record_contact(order.pk, means="phone", said="约定周三上门。", actor=city.people["handler"], at=at)
    states = dict(order.clocks.filter(policy__profile="promise").values_list("policy__key", "state"))
    assert states == {"O_sign": "met", "O_contact": "met", "O_feedback_7d": "running"}


def test_an_unanswered_attempt_leaves_the_contact_clock_running(city: City) -> None:
    order = make_order(city)
    orders.record_contact(
        order.pk, means="phone", said="无人接听", result="unreached", actor=city.people["handler"], at=city.at
    )
    assert order.clocks.get(policy__key="O_contact").state == "running"
    order.refresh_from_db()
    assert order.first_contact_at is None and order.signed_at == city.at


def test_feedback_needs_a_contact_findings_and_an_explanation_for_what_stays_unsolved(city: City) -> None:
    order = make_order(city)
    handler = city.people["handler"]
    orders.sign(order.pk, actor=handler, at=city.at)
    with pytest.raises(Refused) as refusal:
        orders.feed_back(order.pk, outcome="solved", findings="已经修好并检验合格。", actor=handler, at=city.at)
    assert refusal.value.code == "no_contact"
    orders.record_contact(order.pk, means="phone", said="已联系", actor=handler, at=city.at)
    for outcome, findings, field in (
        ("solved", "好了", "findings"),
        ("unsolved", "暂时无法解决该问题。", "explanation"),
    ):
        with pytest.raises(Refused) as refusal:
            orders.feed_back(order.pk, outcome=outcome, findings=findings, actor=handler, at=city.at)
        assert refusal.value.field == field


def test_feedback_sent_back_runs_on_with_its_old_deadline(city: City) -> None:
    order = fed_back(city)
    clock = order.clocks.get(policy__key="O_feedback_7d")
    due = clock.due_at
    officer = city.people["officer"]
    with pytest.raises(Refused):
        orders.check(order.pk, passes=False, remark=" ", actor=officer, at=city.at)
    orders.check(order.pk, passes=False, remark="未附检验报告", actor=officer, at=city.at + timedelta(hours=3))
    clock.refresh_from_db()
    order.refresh_from_db()
    assert (clock.state, clock.due_at, order.state, order.fed_back_at) == ("running", due, "in_hand", None)
    assert Notice.objects.filter(kind="sent_back", recipient=city.people["handler"]).exists()


def test_the_third_unanswered_callback_counts_as_tried(city: City) -> None:
    order = fed_back(city)
    officer = city.people["officer"]
    orders.check(order.pk, passes=True, actor=officer, at=city.at)
    states = [
        orders.call_back(
            order.pk, result=Callback.Result.UNREACHED, actor=officer, at=city.at + timedelta(hours=hour)
        ).state
        for hour in range(3)
    ]
    assert states == ["checked", "checked", "called_back"]


def test_a_recall_tells_the_unit_once_and_takes_its_access(city: City) -> None:
    order = make_order(city)
    orders.recall(order.pk, reason="属地不符", actor=city.people["officer"], at=city.at)
    assert Notice.objects.filter(kind="recalled", channel="inapp").count() == 3
    assert not Petition.objects.visible_to(city.people["handler"]).exists()


def test_nobody_is_chased_to_speak_with_an_anonymous_petitioner(city: City) -> None:
    order = make_order(city, petition=make_petition(city, is_anonymous=True))
    assert set(order.clocks.exclude(policy__is_right=True).values_list("policy__key", flat=True)) == {
        "O_sign",
        "O_feedback_7d",
    }


def test_after_the_callback_the_reply_has_a_deadline(city: City) -> None:
    order = fed_back(city)
    officer = city.people["officer"]
    orders.check(order.pk, passes=True, actor=officer, at=city.at)
    orders.call_back(order.pk, result="reached", actor=officer, at=city.at)
    assert Petition.objects.get(pk=order.petition_id).next_due_key == "O_reply"


def test_an_outsider_sees_no_order(city: City) -> None:
    make_order(city)
    for name in ("outsider", "outside_leader", "far_officer", "reviewer", "lead_official", "admin"):
        assert not WorkOrder.objects.visible_to(city.people[name]).exists(), name


def test_a_unit_with_an_open_order_is_refused_a_second_one_in_words(city: City) -> None:
    petition = make_petition(city)
    officer = city.people["officer"]
    fields = {"lead": city.units["housing"], "assisting": [city.units["town"]], "actor": officer, "at": city.at}
    lead, _assisting = orders.dispatch(petition.pk, **fields)
    orders.recall(lead.pk, reason="职能不符", actor=officer, at=city.at)
    with pytest.raises(Refused) as refusal:
        orders.dispatch(petition.pk, lead=city.units["town"], actor=officer, at=city.at)
    assert refusal.value.code == "already_dispatched"
