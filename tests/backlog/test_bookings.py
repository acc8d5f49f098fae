"""Bookings: places run out, codes open their own booking only, names are masked and go in time."""

from datetime import timedelta

import pytest
from django.conf import settings

from accounts.models import AccessLog
from backlog.actions import bookings, receptions, visitors
from backlog.models import Booking, Reception, ReceptionDay
from backlog.states import BookingState
from petitions.crypto import blind_index
from petitions.states import Refused
from tests.backlog.days import a_day, booked, published
from tests.city import City, make_petition
from tests.dispatch.test_supervision import accusation


def test_a_code_opens_its_booking_and_only_its_digest_is_kept(city: City) -> None:
    booking, code = booked(city, published(city))
    assert code not in str(Booking.objects.values().get())
    assert "周小琴" not in str(Booking.objects.extra(select={"raw": "name"}).values_list("raw", flat=True)[0])
    assert bookings.find(code, "5127") == booking
    assert bookings.find(code, "138 1234 5127") == booking


@pytest.mark.parametrize("end", ["5128", "", "27", "0000"])
def test_another_persons_telephone_opens_nothing(city: City, end: str) -> None:
    _booking, code = booked(city, published(city))
    assert bookings.find(code, end) is None
    assert bookings.find("ABCDEFGHJK", "5127") is None
    assert bookings.find("", "5127") is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"phone": "123"}, "phone"),
        ({"matter": "房"}, "matter"),
        ({"persons": 6}, "persons"),
        ({"persons": 0}, "persons"),
    ],
)
def test_what_is_missing_is_named(city: City, changes: dict[str, object], field: str) -> None:
    day = published(city)
    with pytest.raises(Refused) as refused:
        booked(city, day, **changes)
    assert refused.value.field == field


def test_places_run_out_and_come_back(city: City) -> None:
    day = published(city, capacity=2)
    first, _code = booked(city, day, phone="13812345120")
    booked(city, day, phone="13812345121")
    with pytest.raises(Refused) as refused:
        booked(city, day, phone="13812345122")
    assert refused.value.code == "full"
    bookings.cancel_own(first.pk, at=city.at)
    booked(city, day, phone="13812345122")


def test_a_telephone_books_a_day_once_and_three_days_at_most(city: City) -> None:
    days = [published(city, starts_at=city.at + timedelta(days=n)) for n in range(1, 5)]
    booked(city, days[0])
    with pytest.raises(Refused) as refused:
        booked(city, days[0], phone="138-1234-5127")
    assert refused.value.code == "twice"
    for day in days[1:3]:
        booked(city, day)
    with pytest.raises(Refused) as refused:
        booked(city, days[3])
    assert refused.value.field == "phone"


def test_citizens_book_published_days_until_they_begin(city: City) -> None:
    planned = a_day(city, starts_at=city.at + timedelta(days=8))
    with pytest.raises(Refused):
        booked(city, planned)
    day = published(city)
    with pytest.raises(Refused):
        booked(city, day, at=day.starts_at)
    # The office takes a call before the day is published.
    booking, _code = bookings.book(
        planned.pk, name="林强", phone="13900000001", matter="工资被拖欠", actor=city.district_officer, at=city.at
    )
    assert booking.booked_by == city.district_officer
    for actor in (city.far_officer, city.handler, city.inspector):
        with pytest.raises(Refused):
            bookings.book(planned.pk, name="林强", phone="13900000002", matter="工资被拖欠", actor=actor, at=city.at)


def test_a_matter_of_class_a_is_not_booked(city: City) -> None:
    closed = accusation(city)
    assert closed.is_restricted
    with pytest.raises(Refused) as refused:
        booked(city, published(city), petition=closed)
    assert refused.value.field == "code"
    assert not Booking.objects.exists()


@pytest.mark.parametrize(
    ("name", "target"),
    [("come", BookingState.CAME), ("miss", BookingState.MISSED), ("cancel", BookingState.CANCELLED)],
)
def test_a_booking_is_moved_by_who_runs_the_day(city: City, name: str, target: str) -> None:
    day = published(city, capacity=9)
    for n, key in enumerate(("officer", "district_officer", "lead_official")):
        booking, _code = booked(city, day, phone=f"1381234512{n}")
        assert bookings.move(booking.pk, name, actor=city.people[key], at=city.at).state == target
    booking, _code = booked(city, day, phone="13812345129")
    for key in ("far_officer", "conference_officer", "inspector", "leader", "handler", "dispatcher", "agent", "admin"):
        with pytest.raises(Refused):
            bookings.move(booking.pk, name, actor=city.people[key], at=city.at)


def test_late_is_come_as_well_and_cancelled_is_over(city: City) -> None:
    booking, _code = booked(city, published(city))
    bookings.move(booking.pk, "miss", actor=city.officer, at=city.at)
    assert bookings.move(booking.pk, "come", actor=city.officer, at=city.at).state == BookingState.CAME
    other, _code = booked(city, booking.day, phone="13900000009")
    bookings.move(other.pk, "cancel", actor=city.officer, at=city.at)
    with pytest.raises(Refused):
        bookings.move(other.pk, "come", actor=city.officer, at=city.at)


def test_nobody_gives_a_place_back_once_it_began(city: City) -> None:
    day = published(city)
    booking, _code = booked(city, day)
    with pytest.raises(Refused):
        bookings.cancel_own(booking.pk, at=day.starts_at)
    assert Booking.objects.get().state == BookingState.BOOKED


# ---- who came ----


def test_a_look_at_the_names_needs_a_reason_and_is_on_the_record(city: City) -> None:
    day = published(city)
    booked(city, day)
    with pytest.raises(Refused):
        visitors.reveal_visitors(day.pk, reason="", actor=city.officer, at=city.at)
    for actor in (city.inspector, city.conference_officer, city.far_officer, city.handler):
        with pytest.raises(Refused):
            visitors.reveal_visitors(day.pk, reason="联系来访人", actor=actor, at=city.at)
    assert not AccessLog.objects.exists()
    found, _received = visitors.reveal_visitors(day.pk, reason="联系来访人", actor=city.district_officer, at=city.at)
    assert [(row.name, row.phone) for row in found] == [("周小琴", "13812345127")]
    entry = AccessLog.objects.get()
    assert (entry.user, entry.target, entry.reason) == (city.district_officer, f"reception:{day.pk}", "联系来访人")


def test_names_go_in_time_and_numbers_stay(city: City) -> None:
    day = published(city)
    booking, code = booked(city, day, persons=2)
    bookings.move(booking.pk, "come", actor=city.officer, at=city.at)
    row = Reception.objects.create(
        day=day,
        seq=1,
        booking=booking,
        visitor="周小琴",
        persons=2,
        matter="老房子漏水",
        opinion="请住建局核实",
        at=city.at,
    )
    early = day.ends_at + timedelta(days=settings.RECEPTION_KEEP_DAYS - 1)
    assert visitors.forget_visitors(at=early) == 0
    assert visitors.forget_visitors(at=early + timedelta(days=2)) == 2
    assert visitors.forget_visitors(at=early + timedelta(days=2)) == 0
    booking.refresh_from_db()
    row.refresh_from_db()
    assert (booking.name, booking.phone, booking.phone_index, booking.matter) == ("", "", "", "")
    assert (row.visitor, row.matter, row.opinion, row.persons) == ("", "", "", 2)
    assert bookings.find(code, "5127") is None


def test_what_hangs_on_a_file_keeps_its_words_but_no_name(city: City) -> None:
    petition = make_petition(city)
    day = published(city)
    row = Reception.objects.create(
        day=day, seq=1, visitor="周小琴", petition=petition, matter="电梯停运", opinion="限期修复", at=city.at
    )
    visitors.forget_visitors(at=day.ends_at + timedelta(days=settings.RECEPTION_KEEP_DAYS + 1))
    row.refresh_from_db()
    assert (row.visitor, row.matter) == ("", "电梯停运")


def test_the_laws_anonymisation_reaches_bookings_and_receptions(city: City) -> None:
    from petitions.retention import copies

    petition = make_petition(city)
    day = published(city)
    booking, _code = booked(city, day, petition=petition)
    row = Reception.objects.create(day=day, seq=1, visitor="周小琴", petition=petition, matter="电梯停运", at=city.at)
    room = next(copy for copy in copies() if copy.name == "rows_backlog")
    assert room.find([petition.pk])
    room.anonymise([petition.pk], city.at)
    assert not room.find([petition.pk])
    booking.refresh_from_db()
    row.refresh_from_db()
    assert (booking.name, booking.phone, booking.phone_index, booking.matter) == ("", "", "", "")
    assert (row.visitor, row.matter) == ("", "")
    assert blind_index("phone", "13812345127") not in str(Booking.objects.values().get())


def test_a_day_taken_from_ones_reach_hides_its_bookings(city: City) -> None:
    day = published(city)
    booked(city, day)
    assert Booking.objects.visible_to(city.inspector).count() == 1
    for actor in (city.far_officer, city.handler, city.agent):
        assert not Booking.objects.visible_to(actor).exists()
        assert not ReceptionDay.objects.visible_to(actor).exists()
    receptions.hold(day.pk, actor=city.officer, at=day.ends_at)
    assert Booking.objects.visible_to(city.lead_official).count() == 1
