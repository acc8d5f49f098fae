"""The demo city's record books: written by the real actions, after all that has happened to a case."""

from datetime import timedelta
from types import SimpleNamespace

from config.demo_city.records import keep_books
from dispatch.actions import orders
from dispatch.models import Clock
from petitions.events import verify
from petitions.models import CheckedStep, RapportNote, RecordEntry
from petitions.reference.steps import load_steps
from tests.city import City, make_order, make_petition


def test_every_open_case_gets_its_book_and_its_chain_stays_in_order(city: City) -> None:
    load_steps(at=city.at - timedelta(days=30))
    cases = [make_petition(city), make_petition(city, channel="phone"), make_petition(city, channel="letter")]
    for petition in cases:
        order = make_order(city, petition=petition)
        orders.sign(order.pk, actor=city.handler, at=city.at + timedelta(minutes=10))
        orders.assign(order.pk, handler=city.handler, actor=city.leader, at=city.at + timedelta(minutes=20))
    keep_books(SimpleNamespace(until=city.at + timedelta(days=5)))  # type: ignore[arg-type]
    for petition in cases:
        times = list(petition.events.order_by("seq").values_list("at", flat=True))
        assert times == sorted(times) and verify(petition.pk) is None
    assert RecordEntry.objects.count() == 3 * 2 + 1
    assert RapportNote.objects.count() == sum(petition.pk % 3 == 0 for petition in cases)
    promised = RecordEntry.objects.filter(promise_due__isnull=False).count()
    assert Clock.objects.filter(subject="promise", state="running").count() == promised
    assert CheckedStep.objects.filter(step__key__in=["visit", "plan"]).count() == 6


def test_a_case_that_moved_just_now_is_left_alone(city: City) -> None:
    order = make_order(city)
    orders.sign(order.pk, actor=city.handler, at=city.at)
    orders.assign(order.pk, handler=city.handler, actor=city.leader, at=city.at)
    keep_books(SimpleNamespace(until=city.at + timedelta(hours=1)))  # type: ignore[arg-type]
    assert not RecordEntry.objects.exists()
