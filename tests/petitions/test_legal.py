from datetime import timedelta

import pytest

from petitions import actions
from petitions.models import Event, Petition
from petitions.states import MOVES, Refused, State
from petitions.states.legal import LEGAL as LEGAL_MOVES
from petitions.states.remedies import REMEDIES
from tests.city import City, make_order, make_petition, replied

DAY = timedelta(days=1)


def accepted(city: City) -> Petition:
    petition = make_order(city).petition
    return actions.accept(petition.pk, text="已受理。", actor=city.people["leader"], at=city.at + DAY)


def delivered(city: City) -> Petition:
    petition = replied(city)
    return actions.deliver_opinion(petition.pk, way="by_hand", actor=city.people["officer"], at=city.at + DAY)


def test_a_notice_of_receipt_is_recorded_and_leaves_the_state(city: City) -> None:
    petition = make_petition(city)
    moved = actions.notify_receipt(petition.pk, text="已收到。", actor=city.people["officer"], at=city.at)
    assert (moved.state, moved.notified_at) == (State.REGISTERED, city.at)


def test_nobody_can_be_told_of_an_anonymous_petition(city: City) -> None:
    petition = make_petition(city, is_anonymous=True, person=actions.Person())
    with pytest.raises(Refused, match="匿名"):
        actions.notify_receipt(petition.pk, text="已收到。", actor=city.people["officer"], at=city.at)


def test_acceptance_is_for_settlement_and_appeal_and_once(city: City) -> None:
    petition = accepted(city)
    assert petition.accepted_at == city.at + DAY
    with pytest.raises(Refused) as refusal:
        actions.accept(petition.pk, text="已受理。", actor=city.people["leader"], at=city.at + DAY)
    assert refusal.value.code == "accepted"
    suggestion = make_petition(city, purpose="YJ")
    with pytest.raises(Refused):
        actions.accept(suggestion.pk, text="已受理。", actor=city.people["officer"], at=city.at)


def test_a_refusal_needs_grounds_and_remedy_and_ends_the_matter_and_its_orders(city: City) -> None:
    order = make_order(city)
    for grounds, remedy in (("", "可起诉"), ("属诉讼事项", " ")):
        with pytest.raises(Refused):
            actions.not_accept(
                order.petition_id, grounds=grounds, remedy=remedy, actor=city.people["officer"], at=city.at
            )
    ended = actions.not_accept(
        order.petition_id, grounds="属诉讼事项", remedy="可依法起诉", actor=city.people["officer"], at=city.at
    )
    order.refresh_from_db()
    assert (ended.state, ended.is_open, order.is_open) == (State.NOT_ACCEPTED, False, False)
    assert not ended.clocks.filter(state="running").exists()


def test_no_longer_accepted_names_its_ground(city: City) -> None:
    petition = make_petition(city)
    ended = actions.no_longer_accept(
        petition.pk, ground="rereviewed", explanation="已复核终结", actor=city.people["officer"], at=city.at
    )
    assert ended.state == State.NO_LONGER
    assert Event.objects.get(petition=petition, kind="no_longer_accept").data["ground"] == "rereviewed"


def test_delivery_is_recorded_once(city: City) -> None:
    petition = delivered(city)
    assert petition.delivered_at == city.at + DAY
    with pytest.raises(Refused) as refusal:
        actions.deliver_opinion(petition.pk, way="post", actor=city.people["officer"], at=city.at + DAY)
    assert refusal.value.code == "delivered"


LEGAL = [row.name for row in (*LEGAL_MOVES, *REMEDIES)]


@pytest.mark.parametrize("name", LEGAL)
def test_a_person_without_the_right_is_refused_every_legal_move(city: City, name: str) -> None:
    petition = make_petition(city)
    source = sorted(MOVES[name].sources)[0]
    Petition.objects.filter(pk=petition.pk).update(state=source)
    with pytest.raises(Refused) as refusal:
        actions.move(petition.pk, name, actor=city.people["outsider"], at=city.at)
    assert refusal.value.code == "forbidden"


@pytest.mark.parametrize("name", LEGAL)
def test_a_legal_move_from_a_state_outside_its_row_is_refused_naming_what_is_possible(city: City, name: str) -> None:
    petition = make_petition(city)
    Petition.objects.filter(pk=petition.pk).update(state=State.MERGED)
    with pytest.raises(Refused) as refusal:
        actions.move(petition.pk, name, actor=city.people["officer"], at=city.at)
    assert refusal.value.code == "illegal_move"
