"""Supervision on a petition, as another system reads it."""

from typing import Any

from dispatch.actions import supervision
from tests.city import City, make_order
from tests.dispatch.test_supervision import TEXT, accusation, issue


def test_the_unit_reads_the_supervision_on_its_petition(city: City, housing: Any) -> None:
    row = issue(city)
    supervision.answer(row.pk, text="已完成整改并回访信访人。", actor=city.leader, at=city.at)
    [item] = housing.get(f"/petitions/{row.petition_id}/supervision").json()["items"]
    assert (item["number"], item["level"], item["state"]) == (row.number, "order", "answered")
    assert (item["text"], item["unit"]["code"], item["order"]) == (TEXT, "330203-HOUSING", row.order_id)
    # Now the office's check of the answer is due.
    assert item["due_at"].startswith("2026-11-19")


def test_events_tell_of_it_without_its_words(city: City, housing: Any) -> None:
    row = issue(city)
    events = housing.get(f"/petitions/{row.petition_id}/events").json()["items"]
    event = next(item for item in events if item["kind"] == "supervision.issue")
    assert (event["label"], event["data"]["number"], event["text"]) == ("was put under supervision", row.number, "")


def test_others_read_nothing_of_it(city: City, caller: Any) -> None:
    order = make_order(city, assisting=[city.enforcement])
    row = issue(city, order=order)
    assisting = caller(unit="enforcement", channel="online")
    assert assisting.get(f"/petitions/{row.petition_id}/supervision").json()["items"] == []
    stranger = caller(unit="transport", channel="online")
    assert stranger.get(f"/petitions/{row.petition_id}/supervision").status_code == 404


def test_class_a_is_not_there(city: City, housing: Any) -> None:
    row = issue(city, order=make_order(city, petition=accusation(city), lead=city.housing))
    assert housing.get(f"/petitions/{row.petition_id}/supervision").status_code == 404
