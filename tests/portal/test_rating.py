"""Rating by the petitioner's own hand."""

from datetime import timedelta

import pytest

from dispatch.actions import ratings, upkeep
from petitions import actions
from petitions.models import Petition, Rating
from portal.rating import RatingState, standing
from tests.city import City, make_petition, replied

GOOD = {"unit": "3", "office": "2", "comment": "谢谢"}
BAD = {"unit": "1", "office": "3", "unit_reasons": ["slow", "unsolved"], "comment": ""}


def state(petition: Petition, at) -> RatingState:
    fresh = Petition.objects.get(pk=petition.pk)
    return standing(fresh, list(fresh.clocks.select_related("policy")), at).kind


@pytest.fixture
def now(city: City, monkeypatch):
    """The pages read the fixture's clock: a day after the answer."""
    at = city.at + timedelta(days=1)
    monkeypatch.setattr("portal.access.timezone.now", lambda: at)
    monkeypatch.setattr("portal.views.entry.timezone.now", lambda: at)
    return at


def test_two_objects_are_rated_once_a_round(city: City, opened, now) -> None:
    petition = replied(city)
    browser = opened(petition)
    assert browser.post("/portal/matter/rate/", GOOD)["Location"] == "/portal/thanks/"
    rows = dict(petition.ratings.values_list("subject", "score"))
    assert rows == {"unit": 3, "office": 2}
    assert set(petition.ratings.values_list("way", flat=True)) == {"code"}
    event = petition.events.get(kind="rate")
    assert (event.actor_id, event.actor_label) == (None, "citizen")
    browser.post("/portal/matter/rate/", BAD)
    assert petition.ratings.count() == 2


def test_both_must_be_chosen_and_what_was_typed_stays(city: City, opened, now) -> None:
    petition = replied(city)
    answer = opened(petition).post("/portal/matter/rate/", {"unit": "1", "comment": "等了很久"})
    assert answer.status_code == 422 and "等了很久" in answer.content.decode()
    assert not Rating.objects.exists()


def test_a_bad_rating_starts_the_day_and_the_fifteen(city: City, opened, now) -> None:
    petition = replied(city)
    opened(petition).post("/portal/matter/rate/", BAD)
    running = set(petition.clocks.filter(state="running").values_list("policy__key", flat=True))
    assert {"R_call", "R_correct"} <= running
    assert petition.ratings.get(subject="unit").reasons == ["slow", "unsolved"]


def test_after_it_was_put_right_it_is_rated_once_more(city: City, opened, now) -> None:
    petition = replied(city)
    browser = opened(petition)
    browser.post("/portal/matter/rate/", BAD)
    assert state(petition, now) == RatingState.RATED
    measures = "已上门维修并向信访人说明情况。"
    ratings.put_right(petition.pk, measures=measures, actor=city.handler, at=now)
    assert state(petition, now) == RatingState.OPEN
    browser.post("/portal/matter/rate/", GOOD)
    assert petition.ratings.filter(is_again=True).count() == 2
    browser.post("/portal/matter/rate/", BAD)
    assert petition.ratings.count() == 4


def test_nothing_is_asked_before_the_answer(city: City, opened, now) -> None:
    petition = make_petition(city)
    browser = opened(petition)
    assert browser.get("/portal/matter/rate/").status_code == 200
    browser.post("/portal/matter/rate/", GOOD)
    assert not Rating.objects.exists()
    assert state(petition, now) == RatingState.NOT_ASKED


def test_the_window_closes_unrated_and_the_page_says_so(city: City) -> None:
    petition = replied(city)
    window = petition.clocks.get(policy__key="R_window")
    assert state(petition, window.due_at) == RatingState.OPEN
    late = window.due_at + timedelta(minutes=1)
    assert state(petition, late) == RatingState.LAPSED
    upkeep.lapse(at=late)
    assert state(petition, late) == RatingState.LAPSED


def test_a_rework_opens_a_window_of_its_own(city: City, now) -> None:
    petition = replied(city)
    actions.rework(petition.pk, reason="未解决", actor=city.officer, at=now)
    assert state(petition, now) == RatingState.NOT_ASKED
    assert petition.clocks.get(policy__key="R_window").state == "cancelled"


def test_an_answer_nobody_rated_in_time_can_be_closed(city: City) -> None:
    petition = replied(city)
    window = petition.clocks.get(policy__key="R_window")
    rated = next(item for item in actions.closing_checklist(petition) if item.key == "rated")
    assert not rated.is_done
    upkeep.lapse(at=window.due_at + timedelta(minutes=1))
    fresh = Petition.objects.get(pk=petition.pk)
    rated = next(item for item in actions.closing_checklist(fresh) if item.key == "rated")
    assert rated.is_done and rated.help
    # The office's own period to close is still running then.
    assert petition.clocks.get(policy__key="P_rating").due_at > window.due_at


def test_after_the_archive_period_the_course_is_told_without_particulars(city: City, opened) -> None:
    from petitions.models import Erasure

    petition = replied(city)
    actions.withdraw(petition.pk, reason="本人撤回", actor=city.officer, at=city.at + timedelta(hours=6))
    browser = opened(petition)
    assert petition.summary in browser.get("/portal/matter/").content.decode()
    Erasure.objects.create(petition=petition, rule="no_result", at=city.at, counts={}, before="")
    page = browser.get("/portal/matter/").content.decode()
    assert petition.summary not in page
