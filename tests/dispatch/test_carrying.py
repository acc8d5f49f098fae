"""A deadline that passes to another unit's order takes its whole history along."""

from datetime import timedelta

from dispatch.actions import ledger, orders, returns
from dispatch.actions.clocks import Clock
from dispatch.models import PendingRung, WorkOrder
from dispatch.projection import replay
from tests.city import City, make_order, make_petition
from tests.dispatch.test_ledger import ask as ask_pause
from tests.dispatch.test_ledger import ask_more, feedback

HOUR = timedelta(hours=1)


def test_a_pause_and_an_extension_of_the_wrong_unit_go_along_and_the_new_clock_replays(city: City) -> None:
    order = make_order(city, petition=make_petition(city, purpose="QT"))
    orders.record_contact(order.pk, means="phone", said="已联系", actor=city.handler, at=city.at)
    orders.assign(order.pk, handler=city.handler, actor=city.leader, at=city.at)
    ask_pause(city, order)
    ledger.grant_pause(order.pk, actor=city.officer, at=city.at + HOUR)
    orders.move(order.pk, "resume", actor=city.officer, at=city.at + 50 * HOUR)
    entry = ask_more(city, order, at=city.at + 51 * HOUR, amount=2)
    ledger.extend(
        order.pk, extension=entry, told_how="phone", told="已告知延期两日。", actor=city.officer, at=city.at + 52 * HOUR
    )
    old = feedback(order)
    returns.ask_return(
        order.pk,
        reason="R2",
        right_unit=city.enforcement,
        words="属于综合执法职责，非本单位职责。",
        actor=city.leader,
        at=city.at + 53 * HOUR,
    )
    new = returns.accept_return(
        order.pk, ruling="情况属实，改派。", to=city.enforcement, actor=city.officer, at=city.at + 54 * HOUR
    )
    assert isinstance(new, WorkOrder)
    clock = feedback(new)
    figures = replay(clock.events.order_by("id"))
    assert (clock.due_at, clock.extended, clock.consumed, clock.paused_for) == (
        old.due_at,
        2,
        old.consumed,
        old.paused_for,
    )
    for name in ("due_at", "extended", "consumed", "paused_for", "generation", "state", "resumed_at", "started_at"):
        assert getattr(figures, name) == getattr(clock, name), name
    assert set(PendingRung.objects.filter(clock_id=clock.pk).values_list("generation", flat=True)) == {clock.generation}
    assert Clock.objects.get(pk=old.pk).state == "cancelled"
