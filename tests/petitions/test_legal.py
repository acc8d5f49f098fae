from datetime import timedelta
from typing import Any

import pytest

from petitions import actions
from petitions.models import Event, Petition
from petitions.states import MOVES, Refused, State
from tests.city import City, make_order, make_petition, replied

DAY = timedelta(days=1)


def accepted(city: City) -> Petition:
    petition = make_order(city).petition
    return actions.accept(petition.pk, text="已受理。", actor=city.people["leader"], at=city.at + DAY)


def delivered(city: City) -> Petition:
    petition = replied(city)
    return actions.deliver_opinion(petition.pk, way="by_hand", actor=city.people["officer"], at=city.at + DAY)


def reviewed(city: City, outcome: str = "uphold") -> Petition:
    petition = delivered(city)
    reviewer = city.people["reviewer"]
    actions.ask_review(
        petition.pk, reviewer=reviewer, request="对意见不服", actor=city.people["officer"], at=city.at + 2 * DAY
    )
    return actions.decide_review(
        petition.pk, outcome=outcome, opinion="维持原意见。", actor=reviewer, at=city.at + 3 * DAY
    )


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


def test_a_reviewer_sits_above_the_unit_and_sees_the_case_from_then_on(city: City) -> None:
    petition = delivered(city)
    reviewer, officer = city.people["reviewer"], city.people["officer"]
    assert not Petition.objects.visible_to(reviewer).filter(pk=petition.pk).exists()
    reviewer_below = city.people["lead_official"]
    reviewer_below.unit = city.units["transport"]
    with pytest.raises(Refused) as refusal:
        actions.ask_review(petition.pk, reviewer=reviewer_below, request="不服", actor=officer, at=city.at + 2 * DAY)
    assert refusal.value.field == "reviewer"
    actions.ask_review(petition.pk, reviewer=reviewer, request="不服", actor=officer, at=city.at + 2 * DAY)
    assert Petition.objects.visible_to(reviewer).filter(pk=petition.pk).exists()


def test_review_upheld_closes_and_opens_the_way_to_re_review_which_is_final(city: City) -> None:
    petition = reviewed(city)
    assert (petition.state, petition.review_level) == (State.CLOSED, 1)
    officer, reviewer = city.people["officer"], city.people["reviewer"]
    again = actions.ask_review(petition.pk, reviewer=reviewer, request="仍不服", actor=officer, at=city.at + 4 * DAY)
    assert again.state == State.IN_REREVIEW
    final = actions.decide_review(petition.pk, outcome="uphold", opinion="维持。", actor=reviewer, at=city.at + 5 * DAY)
    assert (final.state, final.close_type, final.review_level) == (State.CLOSED, "terminated", 2)
    with pytest.raises(Refused) as refusal:
        actions.ask_review(petition.pk, reviewer=reviewer, request="还不服", actor=officer, at=city.at + 6 * DAY)
    assert refusal.value.code == "final"


def test_a_revoked_opinion_sends_the_matter_back_to_handling(city: City) -> None:
    petition = reviewed(city, "revoke")
    assert (petition.state, petition.is_open, petition.replied_at, petition.closed_at) == (
        State.HANDLING,
        True,
        None,
        None,
    )


def test_a_decision_waits_for_the_end_of_the_hearing(city: City) -> None:
    petition = delivered(city)
    reviewer, officer = city.people["reviewer"], city.people["officer"]
    actions.ask_review(petition.pk, reviewer=reviewer, request="不服", actor=officer, at=city.at + 2 * DAY)
    actions.hold_hearing(petition.pk, subject="事实争议", panel="", actor=reviewer, at=city.at + 3 * DAY)
    for refused in (
        lambda: actions.decide_review(
            petition.pk, outcome="uphold", opinion="维持", actor=reviewer, at=city.at + 3 * DAY
        ),
        lambda: actions.hold_hearing(petition.pk, subject="再次", panel="", actor=reviewer, at=city.at + 3 * DAY),
    ):
        with pytest.raises(Refused) as refusal:
            refused()
        assert refusal.value.code == "hearing"
    actions.end_hearing(petition.pk, conclusion="事实清楚", actor=reviewer, at=city.at + 4 * DAY)
    with pytest.raises(Refused):
        actions.end_hearing(petition.pk, conclusion="事实清楚", actor=reviewer, at=city.at + 4 * DAY)


LEGAL = [
    "notify_receipt",
    "accept",
    "not_accept",
    "no_longer_accept",
    "deliver_opinion",
    "ask_review",
    "decide_review",
    "revoke_review",
    "ask_rereview",
    "hold_hearing",
    "end_hearing",
    "decide_rereview",
    "revoke_rereview",
]


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


def test_two_requests_at_different_stages_are_told_apart_by_their_events(city: City) -> None:
    petition = reviewed(city)
    actions.ask_review(
        petition.pk,
        reviewer=city.people["reviewer"],
        request="仍不服",
        actor=city.people["officer"],
        at=city.at + 4 * DAY,
    )
    kinds: list[Any] = list(petition.events.filter(kind__startswith="ask_").values_list("kind", flat=True))
    assert kinds == ["ask_review", "ask_rereview"]
