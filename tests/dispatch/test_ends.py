"""Every ending ends what ran, and nothing of an accusation stands where others read."""

from datetime import timedelta

import pytest

from accounts.models import Unit, User
from dispatch.actions import leading, orders, ratings
from dispatch.actions.notices import notify
from dispatch.actions.take_back import take_back
from dispatch.models import Clock, Notice, WorkOrder
from petitions import actions
from petitions.models import Petition
from petitions.states import MOVES, Refused, State
from tests.city import PASSWORD, City, fed_back, make_order, make_petition, replied
from tests.remedies import asked

DAY = timedelta(days=1)


def running(petition: Petition) -> set[str]:
    rows = Clock.objects.filter(petition=petition, state__in=["running", "paused"], policy__is_right=False)
    return set(rows.values_list("policy__key", flat=True))


@pytest.mark.parametrize("end", ["not_accept", "no_longer_accept"])
def test_a_refusal_after_a_recall_leaves_no_clock_running(city: City, end: str) -> None:
    order = make_order(city)
    orders.recall(order.pk, reason="改派", actor=city.officer, at=city.at)
    assert "P_redispatch" in running(order.petition)
    if end == "not_accept":
        actions.not_accept(order.petition_id, grounds="属诉讼", remedy="起诉", actor=city.officer, at=city.at)
    else:
        actions.no_longer_accept(
            order.petition_id, ground="ended", explanation="已办结", actor=city.officer, at=city.at
        )
    assert running(order.petition) == set()


def test_a_second_opinion_delivered_opens_thirty_days_of_its_own(city: City) -> None:
    petition = replied(city)
    actions.deliver_opinion(petition.pk, way="by_hand", actor=city.officer, at=city.at + DAY)
    actions.rework(petition.pk, reason="未办结", actor=city.officer, at=city.at + 5 * DAY)
    first = Clock.objects.get(petition=petition, policy__key="D06_review_req")
    assert first.state == "cancelled"
    order = petition.orders.get(is_open=True)
    replied(city, order=order, at=city.at + 19 * DAY)
    actions.deliver_opinion(petition.pk, way="by_hand", actor=city.officer, at=city.at + 20 * DAY)
    row = asked(city, petition, at=city.at + 35 * DAY)
    assert row.petition.state == "in_review"


def test_an_accusation_is_linked_to_nothing_that_others_read(city: City) -> None:
    accusation, ordinary = make_petition(city, purpose="JK"), make_petition(city)
    with pytest.raises(Refused):
        actions.mark_repeat(ordinary.pk, of=accusation, actor=city.officer, at=city.at)
    with pytest.raises(Refused):
        actions.merge(ordinary.pk, into=accusation, reason="重复", actor=city.officer, at=city.at)


def test_a_named_person_in_the_line_complained_of_hears_nothing(city: City) -> None:
    accusation = make_petition(city, purpose="JK", respondent_unit=city.units["city_office"])
    other = make_petition(city, purpose="JK", respondent_unit=city.housing)
    for petition in (accusation, other):
        notify([city.officer], kind="assigned", petition=petition, key=f"x:{petition.pk}", at=city.at)
    told = Notice.objects.filter(recipient=city.officer, kind="assigned").values_list("petition", flat=True)
    assert set(told) == {other.pk}


def test_an_accusation_that_repeats_a_matter_is_not_announced_to_the_unit_that_had_it(city: City) -> None:
    earlier = replied(city)
    make_petition(city, purpose="JK", repeat_of=earlier, at=city.at + 2 * DAY)
    assert not Notice.objects.filter(kind="raised_again", recipient=city.leader).exists()
    make_petition(city, repeat_of=earlier, at=city.at + 3 * DAY)
    assert Notice.objects.filter(kind="raised_again").exists()


def test_work_given_down_two_levels_ends_with_the_order_it_came_from(city: City) -> None:
    mayor = User.objects.create_user("mayor", password=PASSWORD, name="高明", role="unit_admin", unit=city.district)
    brigade = Unit.objects.create(
        code="330203-HOUSING-1",
        name="海曙区住建局质量安全站",
        short_name="质安站",
        kind="bureau",
        area=city.areas["330203"],
        parent=city.housing,
        path=f"{city.housing.path}330203-HOUSING-1/",
    )
    top = make_order(city, lead=city.district)
    orders.sign(top.pk, actor=mayor, at=city.at)
    (middle,) = leading.delegate(top.pk, units=[city.housing], instruction="核查", actor=mayor, at=city.at)
    orders.sign(middle.pk, actor=city.leader, at=city.at)
    (low,) = leading.delegate(middle.pk, units=[brigade], instruction="现场核查", actor=city.leader, at=city.at)
    orders.recall(top.pk, reason="改派", actor=city.officer, at=city.at + DAY)
    states = WorkOrder.objects.filter(pk__in=[middle.pk, low.pk]).values_list("state", "is_open")
    assert set(states) == {("cancelled", False)}
    assert not Clock.objects.filter(order__in=[middle.pk, low.pk], state="running").exists()


def test_a_matter_never_rated_is_rated_once_more_after_a_bad_callback_was_put_right(city: City) -> None:
    order = fed_back(city)
    orders.check(order.pk, passes=True, actor=city.officer, at=city.at)
    answers = {"solved": "no", "level": 1, "why_not": "没有修好"}
    orders.call_back(order.pk, result="reached", answers=answers, actor=city.officer, at=city.at)
    pk = order.petition_id
    ratings.put_right(pk, measures="更换了曳引钢丝绳并重新检验合格。", actor=city.handler, at=city.at + DAY)
    moved = actions.rerate(pk, office=3, unit=3, comment="修好了", actor=city.officer, at=city.at + 2 * DAY)
    assert list(moved.ratings.values_list("is_again", flat=True)) == [True, True]
    with pytest.raises(Refused) as refusal:
        actions.rerate(pk, office=3, unit=3, comment="", actor=city.officer, at=city.at + 2 * DAY)
    assert refusal.value.code == "rated"


def test_only_the_last_routing_clock_runs_on_when_a_dispatch_is_taken_back(city: City) -> None:
    petition = make_petition(city)
    make_order(city, petition=petition)
    take_back(petition.pk, reason="派错", actor=city.officer, at=city.at)
    make_order(city, petition=petition)
    take_back(petition.pk, reason="又派错", actor=city.officer, at=city.at)
    routing = Clock.objects.filter(petition=petition, policy__key="D01_route")
    assert routing.filter(state="running").count() == 1


@pytest.mark.parametrize("step", ["bad_called", "put_right", "rerate", "no_rerate"])
def test_what_a_bad_rating_asks_for_is_done_while_a_review_runs(step: str) -> None:
    assert {State.IN_REVIEW, State.IN_REREVIEW} <= MOVES[step].sources
