"""Every ending ends what ran, and nothing of an accusation stands where others read."""

from datetime import timedelta

import pytest

from dispatch.actions import orders
from dispatch.actions.notices import notify
from dispatch.models import Clock, Notice
from petitions import actions
from petitions.models import Petition
from petitions.states import Refused
from tests.city import City, make_order, make_petition, replied
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
