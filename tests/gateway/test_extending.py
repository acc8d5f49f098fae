"""More time for a work order, asked for by a department's own system."""

from typing import Any

from django.utils import timezone

from dispatch.actions import ledger
from dispatch.models import Extension
from tests.city import City, make_order

REASON = "配件需从外地调运，预计下周到货安装。"


def ask(caller: Any, order: Any, clock: int, **changes: Any) -> Any:
    """The request on the version the order has now."""
    match = caller.get(f"/work-orders/{order.pk}").headers.get("ETag", '"1"')
    return caller.post(
        f"/work-orders/{order.pk}/extend", {"clock": clock, "amount": 1, "reason": REASON, **changes}, match=match
    )


def signed(caller: Any, city: City) -> Any:
    """An order in hand, its deadlines from now on."""
    order = make_order(city, at=timezone.now())
    caller.post(f"/work-orders/{order.pk}/sign", {}, match='"1"')
    order.refresh_from_db()
    return order


def test_a_unit_asks_for_more_time_once(housing: Any, city: City) -> None:
    order = signed(housing, city)
    clock = ledger.extendable(order, timezone.now())[0]
    answer = ask(housing, order, clock.pk)
    assert answer.status_code == 200, answer.json()
    entry = Extension.objects.get()
    assert (entry.clock, entry.amount, entry.asked_by) == (clock, 1, None)
    assert ask(housing, order, clock.pk).status_code in {409, 422}
    assert Extension.objects.count() == 1


def test_a_deadline_of_another_order_cannot_be_extended(housing: Any, city: City) -> None:
    order, other = signed(housing, city), signed(housing, city)
    foreign = ledger.extendable(other, timezone.now())[0]
    answer = ask(housing, order, foreign.pk)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/clock"
    assert not Extension.objects.exists()


def test_another_units_system_finds_no_such_order(housing: Any, caller: Any, city: City) -> None:
    order = signed(housing, city)
    clock = ledger.extendable(order, timezone.now())[0]
    assert ask(caller(unit="transport", channel="online"), order, clock.pk).status_code == 404
    assert not Extension.objects.exists()


def test_grounds_of_a_few_words_are_not_enough(housing: Any, city: City) -> None:
    order = signed(housing, city)
    answer = ask(housing, order, ledger.extendable(order, timezone.now())[0].pk, reason="忙")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/reason"
