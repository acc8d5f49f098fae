"""Promises of the record book are clocks: they warn who promised, and are not whose turn it is (docs/adr/0029)."""

from datetime import UTC, date, datetime, timedelta

from dispatch.actions import orders
from dispatch.actions.sweep import sweep
from dispatch.models import Clock, Notice
from dispatch.projection import replay
from petitions.actions import Entry, end_promise, write_record
from petitions.models import Petition, RecordEntry
from tests.city import City, make_order


def promised(city: City, due: date = date(2026, 11, 26)) -> RecordEntry:
    order = make_order(city)
    entry = Entry(entry_type="visit", happened_at=city.at, promise="主板到货后三日内修好", promise_due=due)
    return write_record(order.petition_id, entry=entry, actor=city.handler, at=city.at)[0]


def clock_of(entry: RecordEntry) -> Clock:
    return Clock.objects.get(subject="promise", subject_id=entry.pk)


def test_it_runs_to_the_end_of_the_promised_day(city: City) -> None:
    clock = clock_of(promised(city))
    assert (clock.due_at, clock.state) == (datetime(2026, 11, 26, 15, 59, 59, tzinfo=UTC), "running")
    assert (clock.unit, clock.asker) == (city.housing, city.handler)
    assert replay(list(clock.events.order_by("id"))).due_at == clock.due_at


def test_tomorrow_needs_no_extension(city: City) -> None:
    clock = clock_of(promised(city, date(2026, 11, 17)))
    assert clock.due_at == datetime(2026, 11, 17, 15, 59, 59, tzinfo=UTC) and clock.extended == 0


def test_the_case_keeps_its_own_next_deadline(city: City) -> None:
    entry = promised(city, date(2026, 11, 17))
    petition = Petition.objects.get(pk=entry.petition_id)
    assert petition.next_due_key != "W_promise"


def test_kept_meets_it_and_released_ends_it_unjudged(city: City) -> None:
    kept, released = promised(city), promised(city)
    end_promise(kept.pk, outcome="kept", words="已修好", actor=city.handler, at=city.at + timedelta(days=1))
    end_promise(released.pk, outcome="released", words="信访人同意改期", actor=city.handler, at=city.at)
    assert (clock_of(kept).state, clock_of(released).state) == ("met", "cancelled")


def test_kept_late_is_late(city: City) -> None:
    entry = promised(city, date(2026, 11, 17))
    end_promise(entry.pk, outcome="kept", words="已修好", actor=city.handler, at=city.at + timedelta(days=3))
    clock = clock_of(entry)
    assert clock.breached_at == clock.due_at


def told(entry: RecordEntry) -> set[str]:
    rows = Notice.objects.filter(petition=entry.petition_id, kind="deadline", params__rule="W_promise")
    return set(rows.values_list("recipient__username", flat=True))


def test_who_promised_is_warned_first_and_the_leader_hears_when_it_is_due(city: City) -> None:
    entry = promised(city)
    clock = clock_of(entry)
    sweep(at=clock.due_at - timedelta(days=2))
    assert told(entry) == {"handler"}
    sweep(at=clock.due_at + timedelta(minutes=1))
    assert told(entry) == {"handler", "leader"}


def test_the_one_the_case_was_handed_to_is_told(city: City) -> None:
    entry = promised(city)
    order = orders.WorkOrder.objects.get(petition=entry.petition_id)
    orders.assign(order.pk, handler=city.handler, actor=city.leader, at=city.at)
    orders.assign(order.pk, handler=city.colleague, actor=city.leader, at=city.at)
    clock = clock_of(entry)
    sweep(at=clock.due_at - timedelta(days=2))
    assert told(entry) == {"colleague"}
