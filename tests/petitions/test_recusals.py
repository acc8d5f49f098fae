"""Recusal: asked for, decided by somebody else, and the case is gone for the person it keeps out."""

from datetime import timedelta
from typing import Any

import pytest

from accounts import absences
from accounts.models import User
from dispatch.actions import orders
from dispatch.models import Notice, WorkOrder
from petitions import actions
from petitions.actions import documents, hearings, recusals, reviews
from petitions.models import Document, Event, Petition, Recusal
from petitions.permissions import citizen
from petitions.states import Refused
from tests.city import City, make_order, make_petition
from tests.remedies import admitted, held, sat, seats

WORDS = "信访人是其表兄"


def asked(city: City, order: WorkOrder, person: User, *, by: User | None = None, side: str = "office") -> Recusal:
    return actions.ask_recusal(
        order.petition_id, person=person, ground="kin", reason=WORDS, side=side, actor=by or city.leader, at=city.at
    )


def granted(city: City, order: WorkOrder, person: User, *, by: User | None = None) -> Recusal:
    row = asked(city, order, person)
    return recusals.move(row.pk, "grant_recusal", actor=by or city.leader, at=city.at)


def handled(city: City) -> WorkOrder:
    order = make_order(city)
    orders.assign(order.pk, handler=city.handler, actor=city.leader, at=city.at)
    return order


def test_whoever_is_recused_does_not_see_the_case_and_the_others_do(city: City) -> None:
    order = handled(city)
    assert Petition.objects.visible_to(city.handler).exists()
    granted(city, order, city.handler)
    for rows in (Petition.objects, WorkOrder.objects, Notice.objects):
        assert not rows.visible_to(city.handler).exists()
    assert [part.count() for part in Petition.objects.parts_within(city.handler, "petitions.view")] == [0]
    assert Petition.objects.visible_to(city.leader).count() == 1
    assert WorkOrder.objects.visible_to(city.colleague).count() == 1


def test_what_the_person_had_in_hand_goes_back_to_the_unit_and_its_head_hears(city: City) -> None:
    order = handled(city)
    granted(city, order, city.handler)
    order.refresh_from_db()
    assert order.handler is None and order.is_open
    assert Notice.objects.filter(kind="handler_recused", recipient=city.leader, channel="inapp").count() == 1
    assert not Notice.objects.filter(recipient=city.handler, delivered_at=None).exists()
    assert Event.objects.filter(petition=order.petition_id, kind="order.unassign").exists()


def test_asking_alone_changes_nothing_for_the_person(city: City) -> None:
    order = handled(city)
    asked(city, order, city.handler)
    assert Petition.objects.visible_to(city.handler).exists()
    assert Notice.objects.filter(kind="recusal_asked", recipient=city.leader).exists()


@pytest.mark.parametrize("way", ["assign", "name", "hand_over"])
def test_nothing_of_the_case_can_be_given_to_the_person(city: City, way: str) -> None:
    order = handled(city)
    granted(city, order, city.colleague)
    with pytest.raises(Refused) as refusal:
        if way == "name":
            actions.name_person(order.petition_id, user=city.colleague, reason="承办", actor=city.officer, at=city.at)
        else:
            orders.assign(order.pk, handler=city.colleague, note="交接", actor=city.leader, at=city.at)
    assert refusal.value.code == "recused"


def test_a_substitute_who_is_recused_does_not_stand_in(city: City) -> None:
    order = handled(city)
    until = city.at + timedelta(days=3650)
    absences.set_absence(
        city.handler, substitute=city.colleague, since=city.at, until=until, actor=city.leader, at=city.at
    )
    granted(city, order, city.colleague)
    assert not Petition.objects.visible_to(city.colleague).exists()
    orders.record_contact(order.pk, means="phone", said="已联系", actor=city.handler, at=city.at)
    assert not Notice.objects.filter(recipient=city.colleague, created_at__gte=city.at, kind="sent_back").exists()


def test_deadlines_tell_everybody_but_the_person(city: City) -> None:
    from dispatch.actions.sweep import sweep

    order = make_order(city)
    granted(city, order, city.leader, by=city.officer)
    sweep(at=city.at + timedelta(days=30))
    heard = set(Notice.objects.filter(kind="deadline", order=order).values_list("recipient", flat=True))
    assert city.leader.pk not in heard and city.handler.pk in heard


def test_nobody_decides_on_themselves(city: City) -> None:
    order = make_order(city)
    row = asked(city, order, city.leader, by=city.leader)
    assert row.side == "self"
    with pytest.raises(Refused, match="本人"):
        recusals.move(row.pk, "grant_recusal", actor=city.leader, at=city.at)


def test_a_head_is_the_offices_to_decide_and_a_handler_the_heads(city: City) -> None:
    order = make_order(city)
    second = User.objects.create_user("second", password=None, name="副局长", role="unit_admin", unit=city.housing)
    row = asked(city, order, second)
    with pytest.raises(Refused):
        recusals.move(row.pk, "grant_recusal", actor=city.leader, at=city.at)
    assert recusals.move(row.pk, "grant_recusal", actor=city.district_officer, at=city.at).state == "granted"
    row = asked(city, order, city.handler)
    assert recusals.move(row.pk, "grant_recusal", actor=city.leader, at=city.at).decided_by == city.leader


def test_a_district_office_does_not_decide_on_its_own_people(city: City) -> None:
    order = make_order(city)
    other = User.objects.create_user(
        "do2", password=None, name="邱平", role="district_officer", unit=city.district_office
    )
    row = asked(city, order, other, by=city.district_officer)
    with pytest.raises(Refused):
        recusals.move(row.pk, "grant_recusal", actor=city.district_officer, at=city.at)
    recusals.move(row.pk, "grant_recusal", actor=city.officer, at=city.at)
    assert not Petition.objects.visible_to(other).exists()


@pytest.mark.parametrize("who", ["outsider", "outside_leader", "far_officer", "inspector", "admin"])
def test_who_does_not_work_on_the_case_may_not_ask(city: City, who: str) -> None:
    order = make_order(city)
    with pytest.raises(Refused):
        asked(city, order, city.handler, by=city.people[who])


@pytest.mark.parametrize("who", ["handler", "dispatcher", "inspector", "outside_leader"])
def test_who_may_not_decide_is_refused(city: City, who: str) -> None:
    row = asked(city, make_order(city), city.colleague)
    with pytest.raises(Refused):
        recusals.move(row.pk, "grant_recusal", actor=city.people[who], at=city.at)


def test_a_citizen_says_in_words_whom_they_mean_and_the_office_says_who_it_is(city: City) -> None:
    order = handled(city)
    row = actions.ask_recusal(
        order.petition_id,
        named="住建局姓王的女同志",
        ground="stake",
        reason="与物业经理是夫妻",
        actor=citizen(order.petition_id),
        at=city.at,
    )
    assert row.side == "petitioner"
    with pytest.raises(Refused, match="哪一位"):
        recusals.move(row.pk, "grant_recusal", actor=city.officer, at=city.at)
    recusals.move(row.pk, "grant_recusal", person=city.handler, actor=city.officer, at=city.at)
    assert not Petition.objects.visible_to(city.handler).exists()


def in_words(city: City, order: WorkOrder, named: str) -> Recusal:
    return actions.ask_recusal(
        order.petition_id, named=named, ground="stake", reason=WORDS, actor=citizen(order.petition_id), at=city.at
    )


@pytest.mark.parametrize("name", ["grant_recusal", "decline_recusal"])
def test_the_head_whom_a_citizen_may_mean_neither_reads_nor_decides_it(city: City, name: str) -> None:
    row = in_words(city, handled(city), "住建局的负责人")
    assert not Recusal.objects.visible_to(city.leader).exists()
    assert not Notice.objects.filter(kind="recusal_asked", recipient=city.leader).exists()
    with pytest.raises(Refused):
        recusals.move(row.pk, name, person=city.handler, remark="经核实不成立", actor=city.leader, at=city.at)
    assert Recusal.objects.visible_to(city.inspector).exists()


def test_declining_says_whom_the_petitioner_means_and_nobody_declines_what_means_them(city: City) -> None:
    row = in_words(city, handled(city), "区信访局的领导")
    decline = {"remark": "经核实不成立", "actor": city.district_officer, "at": city.at}
    with pytest.raises(Refused, match="哪一位"):
        recusals.move(row.pk, "decline_recusal", **decline)
    with pytest.raises(Refused, match="本人"):
        recusals.move(row.pk, "decline_recusal", person=city.district_officer, **decline)
    row = recusals.move(row.pk, "decline_recusal", person=city.handler, **decline)
    assert (row.state, row.person) == ("declined", city.handler)


def test_an_officer_the_words_name_neither_hears_of_it_nor_says_whom_they_mean(city: City) -> None:
    row = in_words(city, handled(city), f"信访局{city.district_officer.name}")
    heard = set(Notice.objects.filter(kind="recusal_asked").values_list("recipient", flat=True))
    assert city.officer.pk in heard and city.district_officer.pk not in heard
    assert not Recusal.objects.visible_to(city.district_officer).exists()
    with pytest.raises(Refused):
        recusals.move(row.pk, "grant_recusal", person=city.handler, actor=city.district_officer, at=city.at)


def test_declined_with_a_reason_it_holds_nobody_out(city: City) -> None:
    order = handled(city)
    row = asked(city, order, city.handler)
    with pytest.raises(Refused):
        recusals.move(row.pk, "decline_recusal", actor=city.leader, at=city.at)
    recusals.move(row.pk, "decline_recusal", remark="经核实无亲属关系", actor=city.leader, at=city.at)
    assert Petition.objects.visible_to(city.handler).exists()


def test_lifted_it_lets_the_person_in_again_but_gives_nothing_back_by_itself(city: City) -> None:
    order = handled(city)
    row = granted(city, order, city.handler)
    recusals.move(row.pk, "lift_recusal", remark="信访人已变更", actor=city.leader, at=city.at)
    order.refresh_from_db()
    assert order.handler is None
    # The unit's pool is open to everybody in it.
    assert Petition.objects.visible_to(city.handler).exists()
    orders.assign(order.pk, handler=city.handler, note="继续", actor=city.leader, at=city.at)


def test_what_was_named_ends_with_the_recusal(city: City) -> None:
    petition = make_petition(city)
    actions.name_person(petition.pk, user=city.lead_official, reason="包案", actor=city.officer, at=city.at)
    row = actions.ask_recusal(
        petition.pk, person=city.lead_official, ground="stake", reason=WORDS, actor=city.officer, at=city.at
    )
    recusals.move(row.pk, "grant_recusal", actor=city.officer, at=city.at)
    recusals.move(row.pk, "lift_recusal", remark="理由消失", actor=city.officer, at=city.at)
    assert not Petition.objects.visible_to(city.lead_official).exists()


def test_the_same_is_not_asked_for_twice(city: City) -> None:
    order = make_order(city)
    asked(city, order, city.handler)
    with pytest.raises(Refused) as refusal:
        asked(city, order, city.handler)
    assert refusal.value.code == "twice"


def test_the_chain_holds_the_digest_of_the_reason_and_not_its_words(city: City) -> None:
    order = make_order(city)
    asked(city, order, city.handler)
    event = Event.objects.get(petition=order.petition_id, kind="ask_recusal")
    assert WORDS not in str(event.data) and WORDS.encode() not in bytes(event.body)
    assert len(event.data["words"]) == 64


@pytest.mark.parametrize("name", ["grant_recusal", "decline_recusal", "lift_recusal"])
def test_a_move_the_table_does_not_hold_is_refused(city: City, name: str) -> None:
    row = asked(city, make_order(city), city.handler)
    recusals.move(row.pk, "decline_recusal", remark="不成立的理由", actor=city.leader, at=city.at)
    with pytest.raises(Refused):
        recusals.move(row.pk, name, remark="再次决定", actor=city.leader, at=city.at)


def test_pages_of_the_case_are_gone_for_the_person(city: City, client: Any) -> None:
    order = handled(city)
    granted(city, order, city.handler)
    client.force_login(city.handler, backend="accounts.backends.StaffBackend")
    for url in (f"/petitions/{order.petition_id}/", f"/orders/{order.pk}/do/contact/", f"/orders/{order.pk}/why/"):
        assert client.get(url).status_code == 404
    for url in ("/petitions/?view=all", "/orders/", "/notices/", "/"):
        assert order.petition.short_number not in client.get(url).content.decode()


def test_the_tab_tells_those_who_decide_and_nobody_else(city: City, client: Any) -> None:
    order = handled(city)
    asked(city, order, city.handler)
    url = f"/petitions/{order.petition_id}/?tab=confidence"
    for who, status in (("leader", 200), ("officer", 200), ("inspector", 200), ("handler", 404), ("dispatcher", 404)):
        client.force_login(city.people[who], backend="accounts.backends.StaffBackend")
        answer = client.get(url)
        assert answer.status_code == status, who
        assert (WORDS in answer.content.decode()) == (status == 200)


def test_asked_and_granted_on_the_pages(city: City, client: Any) -> None:
    order = handled(city)
    client.force_login(city.handler, backend="accounts.backends.StaffBackend")
    base = f"/petitions/{order.petition_id}/do"
    assert client.get(f"{base}/ask_recusal/").status_code == 200
    sent = {"person": "handler", "side": "self", "ground": "kin", "reason": WORDS}
    assert client.post(f"{base}/ask_recusal/", sent).status_code == 302
    row = Recusal.objects.get()
    client.force_login(city.leader, backend="accounts.backends.StaffBackend")
    assert WORDS in client.get(f"{base}/decide_recusal/").content.decode()
    answer = client.post(f"{base}/decide_recusal/", {"recusal": row.pk, "decision": "decline_recusal", "remark": ""})
    assert answer.status_code == 422
    assert client.post(f"{base}/decide_recusal/", {"recusal": row.pk, "decision": "grant_recusal"}).status_code == 302
    row.refresh_from_db()
    assert row.state == "granted"
    sent = {"recusal": row.pk, "remark": "亲属关系不存在"}
    assert client.post(f"{base}/lift_recusal/", sent).status_code == 302


def keep_out(city: City, petition_id: int, person: User, *, at: Any = None) -> None:
    at = at or city.at + timedelta(days=4)
    row = actions.ask_recusal(petition_id, person=person, ground="kin", reason=WORDS, actor=city.officer, at=at)
    recusals.move(row.pk, "grant_recusal", actor=city.officer, at=at)


def test_who_is_recused_investigates_no_more_and_the_decision_asks_for_another(city: City) -> None:
    row = admitted(city)
    keep_out(city, row.petition_id, city.district_second)
    left = row.investigators.get(user=city.district_second)
    assert left.left_at == city.at + timedelta(days=4)
    with pytest.raises(Refused) as refusal:
        decide = {"outcome": "uphold", "opinion": "维持", "actor": city.district_reviewer}
        reviews.decide(row.petition_id, at=city.at + timedelta(days=5), **decide)
    assert refusal.value.code == "team"


@pytest.mark.parametrize("is_in_session", [False, True])
def test_a_hearing_whose_chair_is_recused_is_set_anew_with_another_panel(city: City, is_in_session: bool) -> None:
    petition = admitted(city).petition
    first = held(city, petition)
    if is_in_session:
        first = sat(city, first)
        said = {"phase": "statement", "text": "陈述", "member": first.members.first(), "actor": city.district_reviewer}
        hearings.take_down(petition.pk, at=first.held_at, **said)
    keep_out(city, petition.pk, city.conference_officer, at=first.held_at)
    first.refresh_from_db()
    petition.refresh_from_db()
    again = hearings.open_hearing(petition.pk)
    assert (first.state, again.state, petition.hearing_since) == ("dropped", "asked", None)
    assert first.turns.count() == (1 if is_in_session else 0)
    assert not petition.clocks.filter(policy__key="H02_hearing_hold", state="running").exists()
    assert petition.clocks.filter(policy__key="H01_hearing_decide", state="running").exists()
    assert Notice.objects.filter(kind="hearing_asked", recipient=city.district_reviewer).exists()
    with pytest.raises(Refused):
        held(city, petition, at=first.held_at)
    chair = User.objects.create_user(
        "conf2", password=None, name="邱平", role="conference_officer", unit=city.city_office
    )
    later = held(city, petition, at=first.held_at, seats=seats(city, chair=chair))
    assert (later.pk, later.state) == (again.pk, "set")


def test_a_letter_that_waited_for_the_recused_waits_for_the_others_of_the_unit(city: City) -> None:
    petition = make_petition(city)
    values = {"route": "由住建局办理", "next_step": "该局将在15日内书面告知您是否受理"}
    letter = documents.draft(petition.pk, "receipt", values=values, actor=city.officer, at=city.at)
    second = User.objects.create_user("co2", password=None, name="邱平", role="city_officer", unit=city.city_office)
    documents.submit(letter.pk, to=second, actor=city.officer, at=city.at)
    keep_out(city, petition.pk, second)
    assert Document.objects.get(pk=letter.pk).waits_for is None
    assert documents.sign(letter.pk, actor=city.officer, at=city.at + timedelta(days=5)).state == "signed"
