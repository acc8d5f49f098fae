"""Lead and assisting units, first-asked responsibility, sub-orders."""

from datetime import timedelta
from typing import Any

import pytest

from dispatch.actions import leading, orders
from dispatch.joint import tree_of
from dispatch.models import WorkOrder
from petitions import actions as petitions
from petitions.models import Involvement, Petition
from petitions.states import Refused
from tests.city import City, make_order, make_petition
from tests.dispatch.test_views_case import enter

FINDINGS = "电梯主板已更换，经检验合格后恢复运行。"


def feed_back(city: City, order: WorkOrder, person: Any, **changes: Any) -> WorkOrder:
    at = changes.pop("at", city.at + timedelta(hours=2))
    if not order.contacts.exists():
        orders.record_contact(order.pk, means="phone", said="已通话", actor=person, at=at)
    return orders.feed_back(order.pk, outcome="solved", findings=FINDINGS, actor=person, at=at, **changes)[0]


def test_units_added_later_are_due_together_with_the_lead(city: City) -> None:
    lead = make_order(city)
    at = city.at + timedelta(days=1)
    added = leading.add_assisting(
        lead.petition_id, units=[city.enforcement], instruction="查违建", actor=city.officer, at=at
    )
    own = lead.clocks.get(policy__key="O_feedback_7d")
    assert [(o.is_lead, o.clocks.get(policy__key="O_feedback_7d").due_at) for o in added] == [(False, own.due_at)]
    assert Petition.objects.visible_to(city.other_leader).exists()


def test_units_are_added_to_a_lead_at_work_only_and_once(city: City) -> None:
    petition = make_petition(city)
    with pytest.raises(Refused):
        leading.add_assisting(petition.pk, units=[city.town], actor=city.officer, at=city.at)
    make_order(city, petition=petition)
    leading.add_assisting(petition.pk, units=[city.town], actor=city.officer, at=city.at)
    with pytest.raises(Refused) as refusal:
        leading.add_assisting(petition.pk, units=[city.town], actor=city.officer, at=city.at)
    assert refusal.value.field == "assisting"
    with pytest.raises(Refused) as refusal:
        leading.add_assisting(petition.pk, units=[city.enforcement], actor=city.leader, at=city.at)
    assert refusal.value.code == "forbidden"


def test_an_assisting_unit_becomes_the_lead_and_the_first_unit_stays_in(city: City) -> None:
    petition = make_petition(city)
    first, helping = orders.dispatch(
        petition.pk, lead=city.housing, assisting=[city.enforcement], actor=city.officer, at=city.at
    )
    leading.change_lead(petition.pk, to=helping, reason="主要是违建", actor=city.officer, at=city.at)
    first.refresh_from_db()
    helping.refresh_from_db()
    petition.refresh_from_db()
    assert (first.is_lead, helping.is_lead, first.state) == (False, True, "waiting")
    assert (petition.lead_unit, petition.first_unit) == (city.enforcement, city.housing)
    with pytest.raises(Refused):
        leading.change_lead(petition.pk, to=helping, reason="再换", actor=city.officer, at=city.at)
    with pytest.raises(Refused) as refusal:
        leading.change_lead(petition.pk, to=first, reason="换回", actor=city.leader, at=city.at)
    assert refusal.value.code == "forbidden"


def test_the_lead_sums_up_what_the_others_fed_back_or_says_why_not(city: City) -> None:
    petition = make_petition(city)
    lead, helping = orders.dispatch(
        petition.pk, lead=city.housing, assisting=[city.enforcement], actor=city.officer, at=city.at
    )
    with pytest.raises(Refused) as refusal:
        feed_back(city, lead, city.handler)
    assert (refusal.value.code, refusal.value.field) == ("open_children", "without_reason")
    assert "海曙区综合执法局" in str(refusal.value)
    # The assisting unit waits for nobody.
    feed_back(city, helping, city.other_handler)
    assert feed_back(city, lead, city.handler).state == "fed_back"


def test_a_reason_for_going_on_alone_stays_on_record(city: City) -> None:
    petition = make_petition(city)
    lead, _helping = orders.dispatch(
        petition.pk, lead=city.housing, assisting=[city.enforcement], actor=city.officer, at=city.at
    )
    feed_back(city, lead, city.handler, without_reason="执法局部分不影响结论")
    assert lead.feedbacks.get().without_reason == "执法局部分不影响结论"
    event = petition.events.filter(kind="order.feed_back").get()
    assert event.data["without"] == ["海曙区综合执法局"]
    orders.check(lead.pk, passes=True, actor=city.officer, at=city.at + timedelta(hours=3))
    with pytest.raises(Refused) as refusal:
        petitions.reply(petition.pk, text="已办理完毕，特此答复。", actor=city.officer, at=city.at)
    assert refusal.value.code == "unchecked"


@pytest.fixture
def government(city: City) -> City:
    """The district government has people of its own, and leads a matter."""
    from accounts.models import User

    city.people["mayor"] = User.objects.create_user(
        "mayor", password="Clear-Water-77", name="高明", role="unit_admin", unit=city.district
    )
    return city


def lead_by_district(city: City) -> WorkOrder:
    order = make_order(city, lead=city.district)
    return orders.sign(order.pk, actor=city.mayor, at=city.at + timedelta(minutes=5))


def test_a_unit_gives_parts_to_units_below_it_due_by_its_own_date(government: City) -> None:
    city = government
    order = lead_by_district(city)
    at = city.at + timedelta(days=2)
    given = leading.delegate(order.pk, units=[city.housing, city.town], instruction="分头核查", actor=city.mayor, at=at)
    own = order.clocks.get(policy__key="O_feedback_7d")
    assert [o.parent_id for o in given] == [order.pk, order.pk]
    for child in given:
        assert set(child.clocks.values_list("policy__key", flat=True)) == {"O_sign", "O_feedback_7d"}
        assert child.clocks.get(policy__key="O_feedback_7d").due_at == own.due_at
    tree = tree_of(WorkOrder.objects.order_by("-seq"))
    assert [(node.order.unit, node.depth) for node in tree] == [(city.district, 0), (city.town, 1), (city.housing, 1)]


def test_parts_go_down_the_tree_only_with_an_instruction_and_from_the_leader(government: City) -> None:
    city = government
    order = lead_by_district(city)
    for units, words, field in (
        ([city.transport], "核查", "assisting"),
        ([city.district], "核查", "assisting"),
        ([], "核查", "assisting"),
        ([city.housing], " ", "instruction"),
    ):
        with pytest.raises(Refused) as refusal:
            leading.delegate(order.pk, units=units, instruction=words, actor=city.mayor, at=city.at)
        assert refusal.value.field == field
    with pytest.raises(Refused) as refusal:
        leading.delegate(order.pk, units=[city.housing], instruction="核查", actor=city.officer, at=city.at)
    assert refusal.value.code == "forbidden"


def test_sub_orders_are_checked_by_who_gave_them_and_end_with_the_reply(government: City) -> None:
    city = government
    order = lead_by_district(city)
    housing, town = leading.delegate(
        order.pk, units=[city.housing, city.town], instruction="核查", actor=city.mayor, at=city.at
    )
    feed_back(city, housing, city.handler)
    with pytest.raises(Refused) as refusal:
        leading.check_below(housing.pk, passes=True, actor=city.leader, at=city.at)
    assert refusal.value.code == "forbidden"
    checked = leading.check_below(housing.pk, passes=True, actor=city.mayor, at=city.at + timedelta(hours=3))
    assert checked.state == "checked"
    with pytest.raises(Refused) as refusal:
        feed_back(city, order, city.mayor)
    assert refusal.value.code == "open_children"
    feed_back(city, order, city.mayor, without_reason="街道部分已口头报告")
    orders.check(order.pk, passes=True, actor=city.officer, at=city.at + timedelta(hours=4))
    answers = {"solved": "yes", "satisfaction": 3}
    orders.call_back(
        order.pk, result="reached", said="满意", answers=answers, actor=city.officer, at=city.at + timedelta(hours=5)
    )
    petitions.reply(
        order.petition_id, text="已办理完毕，特此答复。", actor=city.officer, at=city.at + timedelta(hours=6)
    )
    states = dict(WorkOrder.objects.values_list("unit__short_name", "state"))
    assert states == {"海曙区政府": "done", "海曙区住建局": "done", "南门街道": "cancelled"}
    town.refresh_from_db()
    assert not town.clocks.filter(state="running").exists()


def test_sub_orders_end_when_the_order_above_is_recalled_and_are_never_returned(government: City) -> None:
    from dispatch.actions import returns

    city = government
    order = lead_by_district(city)
    (child,) = leading.delegate(order.pk, units=[city.housing], instruction="核查", actor=city.mayor, at=city.at)
    words = "该事项不属于我局职责，请收回。"
    with pytest.raises(Refused) as refusal:
        returns.ask_return(child.pk, reason="R2", words=words, right_unit=city.town, actor=city.leader, at=city.at)
    assert refusal.value.code == "sub_order"
    orders.recall(order.pk, reason="改派", actor=city.officer, at=city.at)
    child.refresh_from_db()
    assert child.state == "cancelled"
    assert not Involvement.objects.exists()


def test_work_on_the_old_facts_does_not_answer_a_reopened_case(city: City) -> None:
    from tests.city import replied

    petition = replied(city)
    at = city.at + timedelta(hours=6)
    petitions.rate(petition.pk, office=3, unit=3, comment="好", actor=city.officer, at=at)
    petitions.close(petition.pk, remark="", actor=city.officer, at=at)
    petition = petitions.reopen(petition.pk, reason="电梯又停了", actor=city.officer, at=at + timedelta(days=3))
    done = {item.key for item in petitions.closing_checklist(petition) if item.is_done}
    assert not done & {"fed_back", "checked", "contacted", "called_back", "replied", "rated"}
    with pytest.raises(Refused) as refusal:
        petitions.reply(petition.pk, text="此前已办理完毕，特此答复。", actor=city.officer, at=at + timedelta(days=4))
    assert refusal.value.code == "no_work"
    order = make_order(city, petition=petition, at=at + timedelta(days=4))
    again = replied(city, order=order, at=at + timedelta(days=4))
    rated = petitions.rate(again.pk, office=2, unit=2, comment="", actor=city.officer, at=at + timedelta(days=5))
    assert rated.ratings.filter(round=1).count() == 2


def test_the_page_offers_the_check_of_a_sub_order_to_who_gave_it(government: City) -> None:
    from dispatch.case_file import CaseFile

    city = government
    order = lead_by_district(city)
    (child,) = leading.delegate(order.pk, units=[city.housing], instruction="核查", actor=city.mayor, at=city.at)
    feed_back(city, child, city.handler)

    def offered(person: Any) -> set[tuple[str, int]]:
        petition = Petition.objects.visible_to(person).get()
        return {(o.step.name, o.order.pk) for o in CaseFile(person, petition, city.at).options if o.order}

    assert ("check_below", child.pk) in offered(city.mayor)
    assert not {("check_below", child.pk), ("check", child.pk)} & (offered(city.leader) | offered(city.officer))
    url = f"/orders/{child.pk}/do/check_below/"
    assert enter(city.mayor).get(url).status_code == 200
    assert enter(city.leader).get(url).status_code == 403
