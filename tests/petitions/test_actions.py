from datetime import timedelta

import pytest
from django.db import IntegrityError

from accounts.models import AccessLog
from petitions import actions
from petitions.models import Event, Involvement, Petition
from petitions.states import MOVES, Refused
from tests.city import City, draft, fed_back, make_order, make_petition, replied


def test_a_registration_gets_number_query_code_event_and_routing_deadline(city: City) -> None:
    petition = make_petition(city)
    assert petition.number == f"甬信〔2026〕{petition.serial:06d}号"
    assert len(petition.query_code) == 10
    assert [e.kind for e in petition.events.all()] == ["register"]
    petition.refresh_from_db()
    # 16 November + 15 days, first day not counted: 1 December, to the end of the day in Shanghai.
    assert petition.deadline.isoformat() == "2026-12-01T15:59:59+00:00"
    assert petition.next_due_key == "D01_route"


def test_many_registrations_take_as_many_statements_as_few(city: City, django_assert_num_queries) -> None:
    make_petition(city)
    actor, at = city.people["officer"], city.at
    for few in (1, 3):
        with django_assert_num_queries(13):
            actions.register_many([draft(city) for _i in range(few)], actor=actor, at=at)
    # A table draws its keys first and goes in by COPY, which the count does not see.
    for many in (20, 60):
        with django_assert_num_queries(17):
            actions.register_many([draft(city) for _i in range(many)], actor=actor, at=at)


def test_the_same_source_number_of_a_channel_cannot_be_registered_twice(city: City) -> None:
    make_petition(city, channel="hotline", source_ref="GD-1")
    make_petition(city, channel="minhuwowei", source_ref="GD-1")
    with pytest.raises(IntegrityError):
        make_petition(city, channel="hotline", source_ref="GD-1")


def test_identity_is_ciphertext_in_the_database_and_found_by_blind_index(city: City) -> None:
    from django.db import connection

    petition = make_petition(city)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, phone, id_no, address FROM petitions_petitioner WHERE petition_id = %s", [petition.pk]
        )
        stored = cursor.fetchone()
    assert not any("周" in value or "138" in value or "南门" in value for value in stored)
    person = petition.petitioners.get()
    assert (person.name, person.name_masked, person.phone_masked) == ("周小琴", "周*琴", "138****5127")


def test_a_role_without_the_permission_is_refused(city: City) -> None:
    with pytest.raises(Refused):
        make_petition(city, actor=city.people["inspector"])
    petition = make_petition(city)
    with pytest.raises(Refused):
        actions.withdraw(petition.pk, reason="x", actor=city.people["handler"], at=city.at)


@pytest.mark.parametrize("name", sorted(MOVES))
def test_a_move_the_table_does_not_hold_is_refused_with_what_is_possible(city: City, name: str) -> None:
    petition = make_petition(city)
    other = next((s for s in ("registered", "handling", "replied", "closed") if s not in MOVES[name].sources), "merged")
    Petition.objects.filter(pk=petition.pk).update(state=other)
    with pytest.raises(Refused) as refusal:
        actions.move(petition.pk, name, actor=city.people["officer"], at=city.at)
    assert name not in refusal.value.legal
    assert str(MOVES[name].label) in str(refusal.value)
    assert Event.objects.filter(petition=petition).count() == 1


def test_a_stale_version_is_refused(city: City) -> None:
    petition = make_petition(city)
    with pytest.raises(Refused) as refusal:
        actions.withdraw(petition.pk, reason="本人撤回", actor=city.people["officer"], at=city.at, version=7)
    assert refusal.value.code == "stale"


def test_an_enquiry_is_answered_at_once_only_with_the_persons_agreement(city: City) -> None:
    petition = make_petition(city, purpose="ZX")
    officer = city.people["officer"]
    with pytest.raises(Refused) as refusal:
        actions.answer_at_once(petition.pk, answer="可在窗口办理。", agreed=False, actor=officer, at=city.at)
    assert refusal.value.field == "agreed"
    done = actions.answer_at_once(petition.pk, answer="可在窗口办理。", agreed=True, actor=officer, at=city.at)
    assert (done.state, done.is_open, done.deadline) == ("closed", False, None)


def test_a_reply_is_refused_while_feedback_is_unchecked(city: City) -> None:
    order = fed_back(city)
    with pytest.raises(Refused) as refusal:
        actions.reply(order.petition_id, text="已经办理完毕，感谢。", actor=city.people["officer"], at=city.at)
    assert "海曙区住建局" in str(refusal.value)
    assert Petition.objects.get(pk=order.petition_id).state == "handling"


def test_the_main_job_ends_closed_with_the_whole_story(city: City) -> None:
    petition = replied(city)
    officer, at = city.people["officer"], city.at + timedelta(hours=6)
    with pytest.raises(Refused):
        actions.close(petition.pk, remark="", actor=officer, at=at)
    actions.rate(petition.pk, office=3, unit=2, comment="比较满意", actor=officer, at=at)
    closed = actions.close(petition.pk, remark="", actor=officer, at=at)
    assert (closed.state, closed.close_type, closed.is_open) == ("closed", "settled", False)
    kinds = list(closed.events.values_list("kind", flat=True))
    assert kinds == [
        "register",
        "dispatch",
        "order.sign",
        "order.contact",
        "order.feed_back",
        "order.pass_check",
        "order.call_back",
        "reply",
        # The written opinion the reply calls for.
        "document.draft",
        "order.finish",
        "rate",
        "close",
    ]
    assert not closed.clocks.filter(state="running").exists()


def test_a_rating_is_taken_once_a_round(city: City) -> None:
    petition = replied(city)
    officer = city.people["officer"]
    actions.rate(petition.pk, office=3, unit=3, comment="", actor=officer, at=city.at)
    with pytest.raises(Refused):
        actions.rate(petition.pk, office=1, unit=1, comment="", actor=officer, at=city.at)


def test_a_matter_is_reworked_once_and_no_more(city: City) -> None:
    petition = replied(city)
    officer = city.people["officer"]
    again = actions.rework(petition.pk, reason="电梯又停了", actor=officer, at=city.at + timedelta(days=1))
    assert again.rework_count == 1
    order = again.orders.get(is_open=True)
    assert order.unit == city.units["housing"]
    assert order.clocks.filter(state="running").count() == 3
    replied(city, order=order, at=city.at + timedelta(days=1))
    with pytest.raises(Refused) as refusal:
        actions.rework(petition.pk, reason="还是没好", actor=officer, at=city.at + timedelta(days=3))
    assert refusal.value.code == "twice"


def test_a_withdrawal_cancels_the_work_and_its_clocks(city: City) -> None:
    order = make_order(city)
    actions.withdraw(order.petition_id, reason="本人电话撤回", actor=city.people["officer"], at=city.at)
    order.refresh_from_db()
    assert order.state == "cancelled"
    assert set(order.clocks.values_list("state", flat=True)) == {"cancelled"}


def test_an_accusation_is_seen_by_named_persons_only_and_never_by_the_unit_complained_of(city: City) -> None:
    petition = make_petition(city, purpose="JK", respondent_unit=city.units["housing"], respondent="某科长")
    seen = {
        name for name, user in city.people.items() if Petition.objects.visible_to(user).filter(pk=petition.pk).exists()
    }
    assert seen == {"officer"}
    Involvement.objects.create(petition=petition, user=city.people["leader"], since=city.at)
    assert not Petition.objects.visible_to(city.people["leader"]).exists()
    actions.name_person(
        petition.pk, user=city.people["inspector"], reason="核查", actor=city.people["officer"], at=city.at
    )
    assert Petition.objects.visible_to(city.people["inspector"]).filter(pk=petition.pk).exists()


def test_who_sees_an_ordinary_petition_follows_the_matrix(city: City) -> None:
    order = make_order(city)
    seen = {n for n, u in city.people.items() if Petition.objects.visible_to(u).filter(pk=order.petition_id).exists()}
    assert seen == {
        "officer",
        "dispatcher",
        "district_officer",
        "conference_officer",
        "leader",
        "handler",
        "colleague",
        "inspector",
    }


def test_a_reveal_needs_a_reason_and_is_logged(city: City) -> None:
    petition = make_petition(city)
    officer = city.people["officer"]
    with pytest.raises(Refused):
        actions.reveal(petition.pk, reason=" ", actor=officer, at=city.at)
    person = actions.reveal(petition.pk, reason="核对联系电话", actor=officer, at=city.at, ip="127.0.0.1")
    assert person is not None and person.phone == "13812345127"
    entry = AccessLog.objects.get()
    assert (entry.target, entry.reason, entry.user) == (f"petition:{petition.pk}", "核对联系电话", officer)


def test_who_may_not_reveal_gets_no_identity_and_no_log(city: City) -> None:
    petition = make_petition(city)
    with pytest.raises(Refused):
        actions.reveal(petition.pk, reason="想看看电话", actor=city.people["dispatcher"], at=city.at)
    assert not AccessLog.objects.exists()


def test_a_note_touches_the_petition_and_joins_the_chain(city: City) -> None:
    petition = make_petition(city)
    event = actions.add_note(petition.pk, kind="note", text=" 已电话核实 ", actor=city.people["officer"], at=city.at)
    assert event.words.text == "已电话核实"
    with pytest.raises(ValueError):
        actions.add_note(petition.pk, kind="rumour", text="x", actor=city.people["officer"], at=city.at)
