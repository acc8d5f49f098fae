"""Steps through the API: versions, illegal moves, and what a retry gets."""

from typing import Any

import pytest
from django.utils import timezone

from dispatch.models import ContactRecord, WorkOrder
from petitions.models import Petition
from tests.city import City, make_order, make_petition
from tests.gateway.conftest import body

FINDINGS = {"outcome": "solved", "findings": "电梯主板已更换，经检验合格后恢复运行。"}


def take(caller: Any, order: WorkOrder, step: str, sent: dict[str, Any] | None = None, **options: Any) -> Any:
    """One step of an order on the version it has now."""
    options.setdefault("match", caller.get(f"/work-orders/{order.pk}").headers.get("ETag", ""))
    return caller.post(f"/work-orders/{order.pk}/{step}", sent if sent is not None else {}, **options)


def test_a_unit_handles_its_order_from_sign_for_to_feedback(housing: Any, city: City) -> None:
    order = make_order(city)
    signed = take(housing, order, "sign")
    assert (signed.status_code, signed.json()["state"]) == (200, "in_hand")
    assert signed["ETag"] == '"2"'
    contacted = take(housing, order, "contact", {"said": "已与信访人通话。"}, match=signed["ETag"])
    assert contacted.json()["first_contact_at"]
    fed_back = take(housing, order, "feedback", FINDINGS, match=contacted["ETag"])
    assert fed_back.json()["state"] == "fed_back"
    assert order.feedbacks.get().by is None
    kinds = [event.kind for event in order.petition.events.order_by("seq")]
    assert kinds[-3:] == ["order.sign", "order.contact", "order.feed_back"]
    assert order.petition.events.last().actor_label == housing.client.name


def test_a_step_without_the_version_is_refused(housing: Any, city: City) -> None:
    answer = take(housing, make_order(city), "sign", match="-")
    assert answer.status_code == 428
    assert answer.json()["type"] == "/problems/if_match_missing"


@pytest.mark.parametrize("match", ['"9"', "9x", '"a"', "W/9"])
def test_a_step_on_another_version_is_refused(housing: Any, city: City, match: str) -> None:
    order = make_order(city)
    answer = take(housing, order, "sign", match=match)
    assert answer.status_code == 412
    order.refresh_from_db()
    assert order.state == "waiting"


@pytest.mark.parametrize("match", ['"1"', 'W/"1"', "*"])
def test_a_version_may_have_been_weakened_on_the_way(housing: Any, city: City, match: str) -> None:
    assert take(housing, make_order(city), "sign", match=match).status_code == 200


def test_a_retry_gets_the_answer_although_the_version_has_moved_on(housing: Any, city: City) -> None:
    order = make_order(city)
    first = take(housing, order, "contact", {"said": "已通话。"}, key="c-1", match='"1"')
    again = take(housing, order, "contact", {"said": "已通话。"}, key="c-1", match='"1"')
    assert again.content == first.content
    assert again["Idempotency-Replayed"] == "true"
    assert ContactRecord.objects.count() == 1


def test_the_same_key_on_another_order_is_another_request(housing: Any, city: City) -> None:
    first, second = make_order(city), make_order(city)
    assert take(housing, first, "sign", key="s-1").json()["id"] == first.pk
    assert take(housing, second, "sign", key="s-1").json()["id"] == second.pk


def test_a_move_the_table_does_not_hold_names_those_it_does(housing: Any, city: City) -> None:
    order = make_order(city)
    take(housing, order, "sign")
    answer = take(housing, order, "sign")
    assert answer.status_code == 409
    problem = answer.json()
    assert problem["type"] == "/problems/illegal_move"
    assert {"contact", "feed_back"} <= set(problem["legal"])
    assert "sign" not in problem["legal"]


def test_feedback_before_anybody_spoke_with_the_petitioner_is_not_possible(housing: Any, city: City) -> None:
    order = make_order(city)
    take(housing, order, "sign")
    answer = take(housing, order, "feedback", FINDINGS)
    assert (answer.status_code, answer.json()["reason"]) == (409, "no_contact")


def test_feedback_that_solves_nothing_needs_an_explanation(housing: Any, city: City) -> None:
    order = make_order(city)
    take(housing, order, "contact", {"said": "已通话。"})
    answer = take(housing, order, "feedback", {**FINDINGS, "outcome": "unsolved"})
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/explanation"]
    short = take(housing, order, "feedback", {"outcome": "done", "findings": "修了"})
    assert {error["pointer"] for error in short.json()["errors"]} == {"/outcome", "/findings"}


def test_a_unit_sees_and_moves_its_own_orders_only(housing: Any, caller: Any, city: City) -> None:
    order = make_order(city)
    stranger = caller(unit="transport")
    assert [row["id"] for row in housing.get("/work-orders").json()["items"]] == [order.pk]
    assert stranger.get("/work-orders").json()["items"] == []
    assert stranger.get(f"/work-orders/{order.pk}").status_code == 404
    assert take(stranger, order, "sign", match='"1"').status_code == 404


def test_a_unit_reads_the_petition_it_handles(housing: Any, city: City) -> None:
    order = make_order(city)
    assert housing.get(f"/petitions/{order.petition_id}").status_code == 200


def test_orders_of_an_accusation_do_not_exist_for_clients(housing: Any, city: City) -> None:
    order = make_order(city, petition=make_petition(city, purpose="JK"))
    assert housing.get("/work-orders").json()["items"] == []
    assert housing.get(f"/work-orders/{order.pk}").status_code == 404
    assert take(housing, order, "sign", match='"1"').status_code == 404
    order.refresh_from_db()
    assert order.state == "waiting"


def test_order_filters_narrow_the_list(housing: Any, city: City) -> None:
    first, second = make_order(city), make_order(city, urgency="urgent")
    take(housing, first, "sign")
    cases = {
        "state=in_hand": {first.pk},
        "urgency=urgent": {second.pk},
        f"petition={second.petition_id}": {second.pk},
        "unit=330203-HOUSING": {first.pk, second.pk},
        "unit=330203-ENFORCEMENT": set(),
        "open=false": set(),
        "due_before=2026-11-16T04:00:00Z": {second.pk},
    }
    for query, wanted in cases.items():
        assert {row["id"] for row in housing.get(f"/work-orders?{query}").json()["items"]} == wanted, query


def test_a_withdrawal_ends_the_matter_and_moves_the_version(hotline: Any) -> None:
    posted = hotline.post("/petitions", body())
    pk = posted.json()["id"]
    answer = hotline.post(f"/petitions/{pk}/withdraw", {"reason": "本人来电撤回。"}, match=posted["ETag"])
    assert (answer.status_code, answer.json()["state"], answer["ETag"]) == (200, "withdrawn", '"2"')
    assert hotline.get(f"/petitions/{pk}")["ETag"] == '"2"'
    again = hotline.post(f"/petitions/{pk}/withdraw", {"reason": "再撤"}, match='"2"')
    assert again.status_code == 409
    assert "reopen" in again.json()["legal"] and "withdraw" not in again.json()["legal"]
    assert Petition.objects.get().close_type == "withdrawn"


@pytest.mark.parametrize(("sent", "code"), [({}, "required"), ({"reason": " "}, "blank"), ({"why": "x"}, "required")])
def test_a_withdrawal_needs_its_reason(hotline: Any, sent: dict[str, str], code: str) -> None:
    pk = hotline.post("/petitions", body()).json()["id"]
    answer = hotline.post(f"/petitions/{pk}/withdraw", sent, match='"1"')
    assert answer.status_code == 422
    assert {"pointer": "/reason", "code": code} in [
        {"pointer": error["pointer"], "code": error["code"]} for error in answer.json()["errors"]
    ]


RETURN = {"reason": "R2", "words": "该事项属综合执法职责，见权责清单第十二条。", "right_unit": "330203-ENFORCEMENT"}


def test_a_unit_asks_to_return_an_order_once_however_often_it_is_sent(housing: Any, city: City) -> None:
    order = make_order(city, at=timezone.now())
    first = take(housing, order, "return", RETURN, key="r-1", match='"1"')
    assert (first.status_code, first.json()["state"], first["ETag"]) == (200, "return_asked", '"2"')
    again = take(housing, order, "return", RETURN, key="r-1", match='"1"')
    assert (again.content, again["Idempotency-Replayed"]) == (first.content, "true")
    asked = order.returns.get()
    assert (asked.reason, asked.right_unit, asked.asked_by) == ("R2", city.enforcement, None)
    kinds = [event["kind"] for event in housing.get(f"/petitions/{order.petition_id}/events").json()["items"]]
    assert kinds[-1] == "order.ask_return"


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"right_unit": "NOWHERE"}, "/right_unit"),
        ({"reason": "R9"}, "/reason"),
        ({"words": "不是"}, "/words"),
        ({"reason": "R6", "duplicate": "26-999999"}, "/duplicate"),
        ({"reason": "R7"}, "/route"),
        ({"reason": "R5", "missing": ""}, "/missing"),
    ],
)
def test_a_return_names_what_its_reason_needs(housing: Any, city: City, changes: dict[str, str], pointer: str) -> None:
    order = make_order(city, at=timezone.now())
    answer = take(housing, order, "return", {**RETURN, **changes})
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    order.refresh_from_db()
    assert order.state == "waiting"


def test_a_return_is_not_for_strangers_and_not_for_final_orders(housing: Any, caller: Any, city: City) -> None:
    order = make_order(city, at=timezone.now())
    assert take(caller(unit="transport"), order, "return", RETURN, match='"1"').status_code == 404
    assert take(caller(unit="housing", scopes=["petitions:read"]), order, "return", RETURN).status_code == 403
    assert take(housing, order, "return", RETURN, match="-").status_code == 428
    WorkOrder.objects.filter(pk=order.pk).update(is_final=True)
    answer = take(housing, order, "return", RETURN)
    assert (answer.status_code, answer.json()["reason"]) == (409, "final")
