"""Consultations (疑难会商): units say whose a matter is, an office rules, and the ruling binds."""

from datetime import timedelta
from typing import Any

import pytest

from dispatch.actions import consultations, orders, returns
from dispatch.models import Clock, Consultation, Notice, OrderReturn, WorkOrder
from petitions import actions as petitions
from petitions.models import Petition
from petitions.states import Refused
from tests.city import City, make_order, make_petition
from tests.dispatch.test_views_case import enter

QUESTION = "电梯维修资金由谁督促使用，住建与执法说法不一。"
WORDS = "按三定规定由我局负责，愿意牵头。"


def call(city: City, petition: Petition, **changes: Any) -> Consultation:
    fields: dict[str, Any] = {
        "units": [city.housing, city.enforcement],
        "question": QUESTION,
        "actor": city.dispatcher,
        "at": city.at,
        **changes,
    }
    return consultations.call(petition.pk, **fields)


def rule(city: City, petition: Petition, **changes: Any) -> Consultation:
    fields: dict[str, Any] = {
        "lead": city.enforcement,
        "ruling": "由综合执法局牵头办理。",
        "actor": city.conference_officer,
        "at": city.at + timedelta(days=1),
        **changes,
    }
    return consultations.rule(petition.pk, **fields)


def work(petition: Petition) -> dict[str, tuple[bool, bool]]:
    """Open orders by unit: lead, final."""
    rows = WorkOrder.objects.filter(petition=petition, is_open=True).select_related("unit")
    return {row.unit.code: (row.is_lead, row.is_final) for row in rows}


def test_units_are_asked_see_the_case_and_have_two_working_days(city: City) -> None:
    petition = make_petition(city)
    assert not Petition.objects.visible_to(city.other_leader).exists()
    call(city, petition)
    assert Petition.objects.visible_to(city.other_leader).exists()
    assert Petition.objects.visible_to(city.handler).exists()
    assert not Petition.objects.visible_to(city.outside_leader).exists()
    keys = list(Clock.objects.filter(state="running").order_by("policy__key").values_list("policy__key", "unit__code"))
    assert keys == [
        ("C_opinion", "330203-HOUSING"),
        ("C_opinion", "330203-ENFORCEMENT"),
        ("C_ruling", "NB-PETITION"),
        ("D01_route", "NB-PETITION"),
    ]
    told = Notice.objects.filter(kind="consult", channel="inapp").values_list("recipient__username", flat=True)
    assert set(told) == {"leader", "other_leader"}


def test_an_opinion_is_given_once_by_a_unit_that_was_asked(city: City) -> None:
    petition = make_petition(city)
    call(city, petition)
    at = city.at + timedelta(hours=3)
    opinion = consultations.opine(petition.pk, stance="ours", text=WORDS, actor=city.other_handler, at=at)
    assert (opinion.unit, opinion.stance, opinion.answered_by) == (city.enforcement, "ours", city.other_handler)
    assert Clock.objects.get(policy__key="C_opinion", unit=city.enforcement).state == "met"
    assert Clock.objects.get(policy__key="C_opinion", unit=city.housing).state == "running"
    with pytest.raises(Refused) as refusal:
        consultations.opine(petition.pk, stance="other", text=WORDS, actor=city.other_leader, at=at)
    assert refusal.value.code == "not_asked"
    with pytest.raises(Refused):
        consultations.opine(petition.pk, stance="ours", text="是", actor=city.leader, at=at)
    with pytest.raises(Refused):
        consultations.opine(petition.pk, stance="ours", text=WORDS, actor=city.outside_leader, at=at)


def test_a_ruling_before_dispatch_dispatches_finally_and_the_others_leave(city: City) -> None:
    petition = make_petition(city)
    call(city, petition, units=[city.housing, city.enforcement, city.town])
    ruled = rule(city, petition, assisting=[city.town])
    assert (ruled.state, ruled.lead_unit, list(ruled.assisting.all())) == ("ruled", city.enforcement, [city.town])
    assert work(petition) == {"330203-ENFORCEMENT": (True, True), "330203001": (False, True)}
    assert not Petition.objects.visible_to(city.leader).exists()
    assert not Clock.objects.filter(state="running", policy__key__startswith="C_").exists()
    kinds = list(petition.events.order_by("seq").values_list("kind", flat=True))
    assert kinds == ["register", "consult", "consultation.rule", "dispatch", "assist"]
    with pytest.raises(Refused) as refusal:
        order = WorkOrder.objects.get(unit=city.enforcement)
        words = "该事项仍不属于我局职责范围。"
        at = city.at + timedelta(days=1)
        returns.ask_return(order.pk, reason="R2", words=words, right_unit=city.housing, actor=city.other_leader, at=at)
    assert refusal.value.code == "final"


def test_a_ruling_decides_a_pending_return_with_it(city: City) -> None:
    order = make_order(city)
    words = "两家职责交叉，请会商确定牵头单位。"
    returns.ask_return(order.pk, reason="R4", words=words, right_unit=city.enforcement, actor=city.leader, at=city.at)
    call(city, order.petition)
    rule(city, order.petition)
    asked = OrderReturn.objects.get()
    order.refresh_from_db()
    assert (asked.is_accepted, asked.ruling, order.state) == (True, "由综合执法局牵头办理。", "returned")
    assert work(order.petition) == {"330203-ENFORCEMENT": (True, True)}
    fresh = WorkOrder.objects.get(is_open=True)
    due = order.clocks.get(policy__key="O_feedback_7d").due_at
    assert fresh.clocks.get(policy__key="O_feedback_7d").due_at == due


def test_a_ruling_may_confirm_the_unit_that_wanted_to_return(city: City) -> None:
    order = make_order(city)
    words = "两家职责交叉，请会商确定牵头单位。"
    returns.ask_return(order.pk, reason="R4", words=words, right_unit=city.enforcement, actor=city.leader, at=city.at)
    call(city, order.petition)
    rule(city, order.petition, lead=city.housing, assisting=[city.enforcement])
    assert OrderReturn.objects.get().is_accepted is False
    assert work(order.petition) == {"330203-HOUSING": (True, True), "330203-ENFORCEMENT": (False, True)}


@pytest.mark.parametrize("stays", [False, True])
def test_a_ruling_moves_the_lead_to_an_assisting_unit(city: City, stays: bool) -> None:
    petition = make_petition(city)
    orders.dispatch(petition.pk, lead=city.housing, assisting=[city.enforcement], actor=city.officer, at=city.at)
    call(city, petition)
    rule(city, petition, assisting=[city.housing] if stays else [])
    kept = {"330203-HOUSING": (False, False)} if stays else {}
    assert work(petition) == {"330203-ENFORCEMENT": (True, True), **kept}
    petition.refresh_from_db()
    assert petition.lead_unit == city.enforcement


def test_a_ruling_gives_the_lead_to_a_new_unit_and_keeps_the_old_as_help(city: City) -> None:
    petition = make_petition(city)
    make_order(city, petition=petition)
    call(city, petition)
    rule(city, petition, assisting=[city.housing])
    assert work(petition) == {"330203-HOUSING": (False, False), "330203-ENFORCEMENT": (True, True)}


def test_who_calls_and_who_rules(city: City) -> None:
    order = make_order(city)
    petition = order.petition
    for person in ("handler", "outside_leader", "agent", "inspector"):
        with pytest.raises(Refused) as refusal:
            call(city, petition, actor=city.people[person])
        assert refusal.value.code == "forbidden"
    call(city, petition, actor=city.leader)
    with pytest.raises(Refused) as refusal:
        call(city, petition)
    assert refusal.value.code == "open"
    for person in ("leader", "far_officer", "inspector"):
        with pytest.raises(Refused) as refusal:
            rule(city, petition, actor=city.people[person])
        assert refusal.value.code == "forbidden"
    consultations.hold(petition.pk, minutes="两局到会。", actor=city.officer, at=city.at)
    rule(city, petition, actor=city.district_officer)


def test_an_accusation_is_not_discussed_and_a_closed_matter_neither(city: City) -> None:
    accusation = make_petition(city, purpose="JK")
    with pytest.raises(Refused) as refusal:
        call(city, accusation, actor=city.officer)
    assert refusal.value.code == "restricted"
    gone = make_petition(city)
    petitions.withdraw(gone.pk, reason="撤回", actor=city.officer, at=city.at)
    with pytest.raises(Refused):
        call(city, gone)


def test_a_withdrawal_drops_the_consultation_and_the_units_leave(city: City) -> None:
    petition = make_petition(city)
    call(city, petition)
    petitions.withdraw(petition.pk, reason="本人撤回", actor=city.officer, at=city.at)
    assert Consultation.objects.get().state == "dropped"
    assert not Petition.objects.visible_to(city.other_leader).exists()
    assert not Clock.objects.filter(state="running").exists()


def test_dropping_needs_a_reason_and_leaves_the_orders_alone(city: City) -> None:
    order = make_order(city)
    call(city, order.petition)
    with pytest.raises(Refused):
        consultations.drop(order.petition_id, reason=" ", actor=city.officer, at=city.at)
    consultations.drop(order.petition_id, reason="两局已协商一致", actor=city.officer, at=city.at)
    assert work(order.petition) == {"330203-HOUSING": (True, False)}
    assert Petition.objects.visible_to(city.leader).exists()
    assert not Petition.objects.visible_to(city.other_leader).exists()


def test_the_list_shows_what_waits_for_whom(city: City) -> None:
    petition = make_petition(city)
    call(city, petition)
    for person, count in (("officer", 1), ("other_leader", 1), ("outside_leader", 0)):
        page = enter(city.people[person]).get("/consultations/")
        assert len(page.context["page"].rows) == count, person
    consultations.opine(petition.pk, stance="ours", text=WORDS, actor=city.other_leader, at=city.at)
    assert not enter(city.other_leader).get("/consultations/").context["page"].rows
    assert enter(city.other_leader).get("/consultations/?tab=open").context["page"].rows
    assert enter(city.agent).get("/consultations/").status_code == 403
    desk = enter(city.leader).get("/").context["tiles"]
    assert next(tile.count for tile in desk if tile.url == "/consultations/") == "1"


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_costs_the_same_for_one_and_for_three(city: City, number: int, django_assert_num_queries: Any) -> None:
    for _i in range(number):
        call(city, make_petition(city))
    client = enter(city.officer)
    client.get("/consultations/")
    with django_assert_num_queries(5):
        client.get("/consultations/?tab=open")


def test_a_consultation_runs_through_its_pages(city: City) -> None:
    petition = make_petition(city)
    client = enter(city.officer)
    url = f"/petitions/{petition.pk}/do/"
    assert client.get(f"{url}consult/").status_code == 200
    sent = {"assisting": [city.housing.pk, city.enforcement.pk], "question": QUESTION, "version": petition.version}
    assert client.post(f"{url}consult/", sent).status_code == 302
    asked = enter(city.other_leader)
    page = asked.get(f"/petitions/{petition.pk}/")
    assert page.context["case"].primary.step.name == "opine"
    assert QUESTION in asked.get(f"{url}opine/").content.decode()
    assert asked.post(f"{url}opine/", {"stance": "ours", "text": WORDS}).status_code == 302
    form = client.get(f"{url}rule_consultation/")
    assert f'value="{city.enforcement.pk}" checked' in form.content.decode()
    assert client.post(f"{url}rule_consultation/", {"lead": city.enforcement.pk, "ruling": "牵头"}).status_code == 302
    tab = client.get(f"/petitions/{petition.pk}/?tab=orders").content.decode()
    assert WORDS in tab
    assert enter(city.leader).get(f"/petitions/{petition.pk}/").status_code == 404
