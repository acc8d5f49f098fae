"""Returns (退单): asked in time and with grounds, decided by the hub, accepted once, then final."""

from datetime import timedelta
from typing import Any

import pytest

from dispatch.actions import orders, returns
from dispatch.models import Clock, Notice, OrderReturn, Proposal, WorkOrder
from dispatch.returns import NEEDS
from petitions import actions as petitions
from petitions.models import Petition
from petitions.states import Refused
from tests.city import City, make_order, make_petition

WORDS = "该小区由街道托管，不属我局职责，见权责清单第十二条。"


def ask(city: City, order: WorkOrder, **changes: Any) -> WorkOrder:
    """The unit's leader objects: wrong duty, enforcement is the right unit."""
    fields: dict[str, Any] = {
        "reason": "R2",
        "words": WORDS,
        "right_unit": city.enforcement,
        "actor": city.leader,
        "at": city.at + timedelta(hours=1),
        **changes,
    }
    return returns.ask_return(order.pk, **fields)[0]


def accept(city: City, order: WorkOrder, **changes: Any) -> WorkOrder | None:
    fields: dict[str, Any] = {
        "ruling": "经核实属综合执法职责。",
        "to": city.enforcement,
        "actor": city.dispatcher,
        "at": city.at + timedelta(hours=3),
        **changes,
    }
    return returns.accept_return(order.pk, **fields)


def running(subject: WorkOrder | Petition) -> set[str]:
    return set(subject.clocks.filter(state="running", policy__is_right=False).values_list("policy__key", flat=True))


def test_a_unit_asks_and_its_clocks_run_on_while_the_hub_decides(city: City) -> None:
    order = ask(city, make_order(city))
    assert order.state == "return_asked"
    assert running(order) == {"O_sign", "O_contact", "O_feedback_7d", "O_return_decide", "D03_notify_transferred"}
    assert order.clocks.get(policy__key="D04_objection").state == "met"
    assert set(Notice.objects.filter(kind="return_asked", channel="inapp").values_list("recipient", flat=True)) == {
        city.officer.pk
    }


@pytest.mark.parametrize("reason", [r for r, need in NEEDS.items() if need is not None])
def test_a_reason_names_what_it_needs(city: City, reason: str) -> None:
    order = make_order(city)
    with pytest.raises(Refused) as refusal:
        ask(city, order, reason=reason, right_unit=None)
    assert refusal.value.field == NEEDS[reason].field  # type: ignore[union-attr]
    given = {"right_unit": city.town, "missing": "门牌号", "route": "litigation", "duplicate": make_petition(city)}
    field = NEEDS[reason].field  # type: ignore[union-attr]
    ask(city, order, reason=reason, **{"right_unit": None, field: given[field]})
    assert getattr(OrderReturn.objects.get(), field) == given[field]


def test_the_own_unit_is_not_the_right_one_and_words_are_needed(city: City) -> None:
    order = make_order(city)
    for changes, field in (({"right_unit": city.housing}, "right_unit"), ({"words": "不是我们"}, "words")):
        with pytest.raises(Refused) as refusal:
            ask(city, order, **changes)
        assert refusal.value.field == field


def test_an_accepted_return_gives_the_matter_to_the_right_unit_by_the_first_date(city: City) -> None:
    first = make_order(city)
    orders.assign(first.pk, handler=city.handler, actor=city.leader, at=city.at)
    ask(city, first)
    fresh = accept(city, first)
    first.refresh_from_db()
    assert fresh is not None
    assert (first.state, first.is_open, fresh.unit, fresh.is_final) == ("returned", False, city.enforcement, True)
    assert not running(first)
    assert running(fresh) == {"O_sign", "O_contact", "O_feedback_7d", "D03_notify_transferred"}
    due = first.clocks.get(policy__key="O_feedback_7d").due_at
    assert fresh.clocks.get(policy__key="O_feedback_7d").due_at == due
    sign = fresh.clocks.get(policy__key="O_sign")
    assert sign.started_at == city.at + timedelta(hours=3)
    petition = Petition.objects.get()
    assert (petition.lead_unit, petition.first_unit, petition.next_due_at) == (
        city.enforcement,
        city.enforcement,
        sign.due_at,
    )
    assert not fresh.clocks.filter(policy__is_right=True).exists()


def test_a_unit_that_comes_in_late_has_two_working_days_at_least(city: City) -> None:
    order = make_order(city)
    orders.sign(order.pk, actor=city.leader, at=city.at)
    ask(city, order, at=city.at + timedelta(days=4))
    # Sunday evening, the last day of the first unit; the legal time to object has not run out.
    fresh = accept(city, order, at=city.at + timedelta(days=6, hours=12))
    assert fresh is not None
    clock = fresh.clocks.get(policy__reopen_moves__contains=["send_back"])
    assert (clock.policy.key, clock.due_at.isoformat()) == ("O_feedback_rest", "2026-11-24T15:59:59+00:00")


def test_the_returned_unit_loses_sight_and_the_office_keeps_the_record(city: City) -> None:
    order = make_order(city)
    orders.assign(order.pk, handler=city.handler, actor=city.leader, at=city.at)
    ask(city, order)
    accept(city, order)
    for person in (city.leader, city.handler, city.colleague):
        assert not Petition.objects.visible_to(person).exists()
        assert not WorkOrder.objects.visible_to(person).exists()
        assert not OrderReturn.objects.visible_to(person).exists()
    assert Petition.objects.visible_to(city.other_leader).exists()
    assert OrderReturn.objects.visible_to(city.officer).get().is_accepted


def test_the_second_dispatch_is_final(city: City) -> None:
    first = make_order(city)
    ask(city, first)
    fresh = accept(city, first)
    assert fresh is not None
    with pytest.raises(Refused) as refusal:
        ask(city, fresh, right_unit=city.housing, actor=city.other_leader)
    assert refusal.value.code == "final"
    assert "疑难会商" in str(refusal.value) or "consultation" in str(refusal.value)


def test_an_order_dispatched_after_an_accepted_return_is_final_however_it_came_about(city: City) -> None:
    first = make_order(city)
    ask(city, first)
    assert accept(city, first, to=None) is None
    petition = Petition.objects.get()
    assert running(petition) == {"P_redispatch"}
    again = make_order(city, petition=petition, lead=city.town, at=city.at + timedelta(hours=4))
    assert again.is_final
    assert "P_redispatch" not in running(petition)


def test_a_rejected_return_stays_finally_and_is_laid_before_supervision(city: City) -> None:
    order = make_order(city)
    ask(city, order)
    order = returns.reject_return(
        order.pk, ruling="权责清单写明为贵局职责。", actor=city.officer, at=city.at + timedelta(hours=4)
    )
    assert (order.state, order.is_final, order.signed_at) == ("in_hand", True, city.at + timedelta(hours=4))
    # An objection is no signature: two working hours were over.
    sign = order.clocks.get(policy__key="O_sign")
    assert (sign.state, sign.breached_at) == ("met", sign.due_at)
    assert order.clocks.get(policy__key="O_return_decide").state == "met"
    asked = OrderReturn.objects.get()
    assert (asked.is_accepted, asked.is_groundless) == (False, True)
    assert Proposal.objects.get().trigger == "refuses"
    with pytest.raises(Refused) as refusal:
        ask(city, order)
    assert refusal.value.code == "final"


def test_a_rejection_may_keep_the_lead_and_add_the_other_unit(city: City) -> None:
    order = make_order(city)
    ask(city, order, reason="R4")
    at = city.at + timedelta(hours=2)
    returns.reject_return(
        order.pk, ruling="首问负责。", is_groundless=False, assisting=[city.enforcement], actor=city.officer, at=at
    )
    helping = WorkOrder.objects.get(unit=city.enforcement)
    assert (helping.is_lead, helping.is_open) == (False, True)
    assert not Proposal.objects.exists()


def test_the_law_gives_five_working_days_and_then_the_matter_counts_as_accepted(city: City) -> None:
    order = make_order(city)
    last_minute = city.at + timedelta(days=7, hours=13)
    with pytest.raises(Refused) as refusal:
        ask(city, order, at=last_minute + timedelta(hours=2))
    assert refusal.value.code == "late"
    assert ask(city, order, at=last_minute).state == "return_asked"


def test_a_platform_order_is_returned_within_one_working_day(city: City) -> None:
    order = make_order(city, petition=make_petition(city, channel="hotline"))
    assert order.clocks.get(policy__is_right=True).policy.key == "O_return"
    with pytest.raises(Refused):
        ask(city, order, at=city.at + timedelta(days=2))
    with pytest.raises(Refused) as refusal:
        returns.allow_return(order.pk, reason="特殊情况", actor=city.leader, at=city.at + timedelta(days=2))
    assert refusal.value.code == "forbidden"
    returns.allow_return(order.pk, reason="街道边界刚刚调整", actor=city.dispatcher, at=city.at + timedelta(days=2))
    assert ask(city, order, at=city.at + timedelta(days=3)).state == "return_asked"


def test_a_right_that_lapses_is_no_deadline_and_no_breach(city: City) -> None:
    order = make_order(city, petition=make_petition(city, channel="hotline"))
    window = order.clocks.get(policy__is_right=True)
    orders.record_contact(order.pk, means="phone", said="已联系", actor=city.handler, at=city.at + timedelta(minutes=5))
    petition = Petition.objects.get()
    assert petition.next_due_key == "O_feedback_7d"
    findings = "已核实并处理完毕，信访人认可。"
    at = city.at + timedelta(days=3)
    orders.feed_back(order.pk, outcome="solved", findings=findings, actor=city.handler, at=at)
    window.refresh_from_db()
    assert (window.state, window.breached_at) == ("cancelled", None)


DECIDERS = {"officer", "dispatcher", "district_officer", "conference_officer"}


@pytest.mark.parametrize("reason", ["R2", "R3"])
@pytest.mark.parametrize(
    "person", ["officer", "dispatcher", "district_officer", "far_officer", "conference_officer", "leader", "inspector"]
)
def test_who_decides_a_return(city: City, person: str, reason: str) -> None:
    order = ask(city, make_order(city), reason=reason)
    may = person in DECIDERS and (person != "conference_officer" or reason == "R3")
    if may:
        assert accept(city, order, actor=city.people[person])
        return
    with pytest.raises(Refused) as refusal:
        accept(city, order, actor=city.people[person])
    assert refusal.value.code == "forbidden"
    order.refresh_from_db()
    assert order.state == "return_asked"


@pytest.mark.parametrize("person", ["other_leader", "outsider", "officer", "dispatcher", "agent"])
def test_only_the_unit_asks(city: City, person: str) -> None:
    order = make_order(city)
    with pytest.raises(Refused) as refusal:
        ask(city, order, actor=city.people[person])
    assert refusal.value.code == "forbidden"


def test_a_decision_needs_reasons_and_an_undecided_return(city: City) -> None:
    order = ask(city, make_order(city))
    with pytest.raises(Refused) as refusal:
        accept(city, order, ruling=" ")
    assert refusal.value.field == "ruling"
    with pytest.raises(Refused):
        accept(city, order, to=city.housing)
    accept(city, order)
    with pytest.raises(Refused) as refusal:
        accept(city, order)
    assert refusal.value.code == "decided"


def test_a_unit_that_assists_may_take_the_lead_from_the_one_that_returns(city: City) -> None:
    petition = make_petition(city)
    lead, helping = orders.dispatch(
        petition.pk, lead=city.housing, assisting=[city.enforcement], actor=city.officer, at=city.at
    )
    ask(city, lead)
    fresh = accept(city, lead)
    assert fresh is not None
    assert (fresh.pk, fresh.is_lead, fresh.is_final) == (helping.pk, True, True)


def test_a_returned_matter_without_owner_goes_to_the_district_government(city: City) -> None:
    from dispatch.returns import backstop

    petition = make_petition(city)
    assert backstop(petition) == city.district
    accused = make_petition(city, purpose="JK", respondent_unit=city.housing)
    assert backstop(accused) is None


def test_after_a_recall_the_petition_has_a_clock_until_it_is_dispatched_anew(city: City) -> None:
    order = make_order(city)
    orders.recall(order.pk, reason="派错", actor=city.officer, at=city.at)
    petition = Petition.objects.get()
    assert running(petition) == {"P_redispatch"}
    assert petition.next_due_key == "P_redispatch"
    make_order(city, petition=petition, lead=city.enforcement)
    assert Clock.objects.get(policy__key="P_redispatch").state == "met"
    petition.refresh_from_db()
    assert petition.first_unit == city.enforcement


def test_what_was_taken_back_may_be_answered_or_led_out_by_the_office(city: City) -> None:
    order = make_order(city)
    for end in ("answer", "lead"):
        with pytest.raises(Refused) as refusal:
            if end == "answer":
                petitions.answer_at_once(
                    order.petition_id, answer="已答复", agreed=True, actor=city.officer, at=city.at
                )
            else:
                petitions.lead_out(
                    order.petition_id, route="litigation", explanation="请起诉", actor=city.officer, at=city.at
                )
        assert refusal.value.code == "in_hand"
    ask(city, order, reason="R7", right_unit=None, route="litigation")
    accept(city, order, to=None)
    moved = petitions.lead_out(
        order.petition_id, route="litigation", explanation="请起诉", actor=city.officer, at=city.at + timedelta(hours=5)
    )
    assert moved.state == "led_out"
    assert not running(moved)
