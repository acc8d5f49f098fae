"""The last place of a reception, wanted by many at once: given once, on real PostgreSQL."""

from datetime import timedelta

import pytest

from backlog.actions import bookings, receptions
from backlog.models import Booking, ReceptionDay
from petitions.states import Refused
from tests.backlog.days import plan, published
from tests.city import City, build_city
from tests.faults.test_concurrency import together

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def town(transactional_db: None) -> City:
    return build_city()


def test_the_last_place_is_given_once(town: City) -> None:
    day = published(town, capacity=2)

    def want(n: int) -> Booking:
        return bookings.book(day.pk, name="周小琴", phone=f"1381234512{n}", matter="房屋漏水", at=town.at)[0]

    results = together(*[lambda n=n: want(n) for n in range(6)])
    assert len([r for r in results if isinstance(r, Booking)]) == 2
    assert {r.code for r in results if isinstance(r, Refused)} == {"full"}
    assert Booking.objects.count() == 2


def test_one_telephone_gets_one_place_however_often_it_asks(town: City) -> None:
    day = published(town, capacity=9)

    def want() -> Booking:
        return bookings.book(day.pk, name="周小琴", phone="13812345127", matter="房屋漏水", at=town.at)[0]

    results = together(want, want, want)
    assert len([r for r in results if isinstance(r, Booking)]) == 1


def test_two_secretaries_do_not_send_one_official_to_two_places(town: City) -> None:
    def put(place: str) -> ReceptionDay:
        return receptions.set_day(plan(town, place=place), actor=town.officer, at=town.at)

    results = together(lambda: put("区信访大厅"), lambda: put("望春街道"))
    assert len([r for r in results if isinstance(r, Refused)]) == 1
    assert ReceptionDay.objects.count() == 1


def test_a_booking_and_the_end_of_the_day_do_not_miss_each_other(town: City) -> None:
    day = published(town)

    def want() -> Booking:
        return bookings.book(day.pk, name="周小琴", phone="13812345127", matter="房屋漏水", at=town.at)[0]

    def end() -> ReceptionDay:
        return receptions.call_off(
            day.pk, reason="领导有紧急公务", actor=town.officer, at=town.at + timedelta(seconds=1)
        )

    together(want, end)
    # Whoever came first: nobody holds a place on a day that does not take place.
    assert set(Booking.objects.values_list("state", flat=True)) <= {"cancelled"}
