"""Bad ratings: called about within a day, put right within fifteen, rated once more, else supervision (§1.13 D)."""

from datetime import timedelta

import pytest

from dispatch.actions import orders, ratings
from dispatch.models import BadRating, CallTask, Clock, Notice, Proposal
from petitions import actions
from petitions.models import Petition, Rating
from petitions.states import Refused
from tests.city import City, fed_back, replied

DAY = timedelta(days=1)


def rated_badly(city: City, *, office: int = 3, unit: int = 1) -> Petition:
    petition = replied(city)
    return actions.rate(petition.pk, office=office, unit=unit, comment="还没修好", actor=city.officer, at=city.at + DAY)


def states(petition: Petition) -> dict[str, str]:
    rows = Clock.objects.filter(petition=petition, subject="petition").order_by("id")
    return dict(rows.values_list("policy__key", "state"))


def put_right(city: City, petition: Petition, days: int = 5, who: str = "handler") -> Petition:
    return ratings.put_right(
        petition.pk, measures="更换了曳引钢丝绳并重新检验合格。", actor=city.people[who], at=city.at + days * DAY
    )


@pytest.mark.parametrize(("office", "unit", "owes"), [(3, 1, "housing"), (1, 1, "housing"), (1, 3, "city_office")])
def test_a_bad_rating_by_either_starts_a_day_and_fifteen(city: City, office: int, unit: int, owes: str) -> None:
    petition = rated_badly(city, office=office, unit=unit)
    bad = BadRating.objects.get()
    assert (bad.unit, bad.source, bad.called_at) == (city.units[owes], "rating", None)
    found = states(petition)
    assert (found["R_call"], found["R_correct"], found["P_rating"]) == ("running", "running", "cancelled")
    assert Clock.objects.get(policy__key="R_correct").unit == city.units[owes]
    assert CallTask.objects.get(ended_at=None).kind == "bad"
    assert Notice.objects.filter(kind="bad_rating", recipient=city.officer).exists()


def test_a_good_rating_starts_nothing(city: City) -> None:
    rated_badly(city, office=2, unit=2)
    assert not BadRating.objects.exists()


@pytest.mark.parametrize(("level", "is_bad"), [(5, False), (3, False), (2, True), (1, True)])
def test_the_last_two_of_five_at_the_callback_are_a_bad_rating(city: City, level: int, is_bad: bool) -> None:
    order = fed_back(city)
    orders.check(order.pk, passes=True, actor=city.officer, at=city.at)
    answers = {"solved": "no", "level": level, "why_not": "没有修好"}
    orders.call_back(order.pk, result="reached", answers=answers, actor=city.officer, at=city.at)
    assert BadRating.objects.filter(source="callback").exists() is is_bad
    assert order.callbacks.get().satisfaction == {5: 3, 3: 2, 2: 1, 1: 1}[level]


def test_a_bad_rating_is_called_about_put_right_and_rated_once_more(city: City) -> None:
    petition = rated_badly(city)
    with pytest.raises(Refused):
        actions.close(petition.pk, remark="", actor=city.officer, at=city.at + 2 * DAY)
    ratings.call_about(petition.pk, said="异响仍在", actor=city.officer, at=city.at + DAY + timedelta(hours=2))
    assert states(petition)["R_call"] == "met"
    with pytest.raises(Refused):
        actions.rerate(petition.pk, office=3, unit=3, comment="", actor=city.officer, at=city.at + 2 * DAY)
    put_right(city, petition)
    found = states(petition)
    assert (found["R_correct"], found["R_rerate"]) == ("met", "running")
    assert CallTask.objects.get(ended_at=None).kind == "again"
    actions.rerate(petition.pk, office=3, unit=2, comment="好了", actor=city.officer, at=city.at + 6 * DAY)
    bad = BadRating.objects.get()
    assert (bad.was_in_time, bad.is_rated_again, bad.ended_at) == (True, True, city.at + 6 * DAY)
    found = states(petition)
    assert (found["R_rerate"], found["P_rating"]) == ("met", "running")
    assert Rating.objects.filter(is_again=True).count() == 2
    with pytest.raises(Refused) as refusal:
        actions.rerate(petition.pk, office=3, unit=3, comment="", actor=city.officer, at=city.at + 7 * DAY)
    assert refusal.value.code == "rated"
    closed = actions.close(petition.pk, remark="", actor=city.officer, at=city.at + 7 * DAY)
    assert closed.state == "closed"
    assert "running" not in states(petition).values()


def test_what_is_not_put_right_in_time_goes_to_supervision_once(city: City) -> None:
    petition = rated_badly(city)
    assert ratings.find_unmended(at=city.at + 10 * DAY) == 0
    assert ratings.find_unmended(at=city.at + 17 * DAY) == 1
    assert ratings.find_unmended(at=city.at + 18 * DAY) == 0
    found = Proposal.objects.get(trigger="bad_rating")
    assert (found.unit, found.petition) == (city.housing, petition)
    assert Notice.objects.filter(kind="bad_unmended", recipient=city.leader).exists()
    put_right(city, petition, days=19)
    assert BadRating.objects.get().was_in_time is False


def test_a_rating_that_stays_bad_goes_to_supervision(city: City) -> None:
    petition = rated_badly(city)
    put_right(city, petition)
    actions.rerate(petition.pk, office=3, unit=1, comment="", actor=city.officer, at=city.at + 6 * DAY)
    assert Proposal.objects.get(trigger="bad_rating").facts["again"] is True
    assert BadRating.objects.count() == 1


def test_a_checked_rework_puts_it_right_and_its_rating_is_the_one_more(city: City) -> None:
    petition = rated_badly(city)
    actions.rework(petition.pk, reason="电梯又停了", actor=city.officer, at=city.at + 2 * DAY)
    order = petition.orders.get(is_open=True)
    again = replied(city, order=order, at=city.at + 2 * DAY)
    bad = BadRating.objects.get()
    assert (bad.is_reworked, bad.was_in_time, bad.ended_at) == (True, True, None)
    actions.rate(again.pk, office=3, unit=3, comment="", actor=city.officer, at=city.at + 4 * DAY)
    bad.refresh_from_db()
    assert bad.is_rated_again
    assert states(again)["P_rating"] == "running"


def test_a_repeated_callback_starts_no_second_clock(city: City) -> None:
    order = fed_back(city)
    orders.check(order.pk, passes=True, actor=city.officer, at=city.at)
    for _i in range(2):
        orders.call_back(order.pk, result="reached", answers={"level": 4}, actor=city.officer, at=city.at)
    assert order.clocks.filter(policy__key="O_reply").count() == 1
    assert order.callbacks.count() == 2


@pytest.mark.parametrize("name", ["outsider", "inspector", "agent", "other_handler", "far_officer"])
def test_others_may_not_report_it_put_right(city: City, name: str) -> None:
    petition = rated_badly(city)
    with pytest.raises(Refused) as refusal:
        put_right(city, petition, who=name)
    assert refusal.value.code == "forbidden"


def test_a_withdrawal_leaves_nothing_to_put_right(city: City) -> None:
    petition = rated_badly(city)
    actions.withdraw(petition.pk, reason="本人电话撤回", actor=city.officer, at=city.at + 2 * DAY)
    assert not BadRating.objects.open().exists()
    assert not CallTask.objects.open().exists()
    assert "running" not in states(petition).values()


def test_the_share_put_right_in_time_can_be_read_off(city: City) -> None:
    assert BadRating.objects.all().fix_rate() is None
    put_right(city, rated_badly(city))
    late = rated_badly(city)
    ratings.find_unmended(at=city.at + 17 * DAY)
    rated_badly(city)
    assert late.bad_ratings.get().was_in_time is False
    assert BadRating.objects.all().fix_rate() == 0.5
