"""Reception days: who sets them, what collides, what the public sees, what is told when it changes."""

from datetime import date, timedelta

import pytest

from accounts.models import User
from backlog.actions import receptions
from backlog.models import Booking, DayEvent, ReceptionDay
from backlog.rhythm import MOST, days_of
from backlog.states import BookingState, DayState
from dispatch.models import Notice
from petitions.states import Refused
from tests.backlog.days import a_day, booked, plan, published
from tests.city import City


def another_official(city: City, username: str = "mayor") -> User:
    return User.objects.create_user(
        username, f"{username}@ningbo.example", "Clear-Water-77", name="高明", role="lead_official", unit=city.root
    )


# ---- setting ----


def test_a_day_keeps_the_post_the_official_had_when_it_was_set(city: City) -> None:
    User.objects.filter(pk=city.lead_official.pk).update(title="副区长")
    city.lead_official.refresh_from_db()
    day = a_day(city)
    User.objects.filter(pk=city.lead_official.pk).update(title="区长")
    city.lead_official.refresh_from_db()
    day = receptions.change(day.pk, plan(city, place="望春街道信访室"), actor=city.officer, at=city.at)
    assert (day.title, day.place, day.state) == ("副区长", "望春街道信访室", DayState.PLANNED)
    assert list(DayEvent.objects.values_list("move", "text")) == [("set", ""), ("prepare", "place")]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"place": " "}, "place"),
        ({"capacity": -1}, "capacity"),
        ({"kind": "with_case"}, "case"),
    ],
)
def test_what_is_missing_is_named(city: City, changes: dict[str, object], field: str) -> None:
    with pytest.raises(Refused) as refused:
        a_day(city, **changes)
    assert refused.value.field == field
    assert not ReceptionDay.objects.exists()


def test_only_leading_officials_receive_and_only_from_today_on(city: City) -> None:
    with pytest.raises(Refused) as refused:
        a_day(city, official=city.handler)
    assert refused.value.field == "official"
    with pytest.raises(Refused) as refused:
        a_day(city, starts_at=city.at - timedelta(days=1))
    assert refused.value.field == "starts_at"
    begins = city.at + timedelta(days=1)
    with pytest.raises(Refused) as refused:
        a_day(city, starts_at=begins, ends_at=begins)
    assert refused.value.field == "ends_at"


def test_an_official_is_at_one_place_at_a_time(city: City) -> None:
    day = a_day(city)
    with pytest.raises(Refused) as refused:
        a_day(city, starts_at=day.starts_at + timedelta(hours=1), place="另一处")
    assert refused.value.field == "starts_at"
    assert day.place in str(refused.value)
    after = a_day(city, starts_at=day.ends_at, place="另一处")
    with pytest.raises(Refused):
        receptions.change(after.pk, plan(city), actor=city.officer, at=city.at)
    receptions.call_off(day.pk, reason="另有会议安排", actor=city.officer, at=city.at)
    assert receptions.change(after.pk, plan(city), actor=city.officer, at=city.at).starts_at == day.starts_at
    a_day(city, official=another_official(city))


def test_a_district_sets_its_own_days_and_an_official_only_their_own(city: City) -> None:
    a_day(city, actor=city.district_officer)
    for actor in (city.far_officer, city.handler, city.conference_officer, city.inspector):
        with pytest.raises(Refused):
            a_day(city, actor=actor, starts_at=city.at + timedelta(days=9))
    a_day(city, actor=city.lead_official, starts_at=city.at + timedelta(days=9))
    with pytest.raises(Refused):
        a_day(city, actor=city.lead_official, official=another_official(city))
    assert ReceptionDay.objects.count() == 2


def test_a_rhythm_is_set_whole_or_not_at_all(city: City) -> None:
    first = plan(city)
    plans = [plan(city, starts_at=first.starts_at + timedelta(days=7 * n)) for n in range(3)]
    assert len(receptions.set_days(plans, actor=city.officer, at=city.at)) == 3
    with pytest.raises(Refused):
        more = [plan(city, starts_at=first.starts_at + timedelta(days=7 * n)) for n in (3, 2)]
        receptions.set_days(more, actor=city.officer, at=city.at)
    assert ReceptionDay.objects.count() == 3


def test_rhythms_keep_their_weekday() -> None:
    first = date(2026, 11, 12)
    assert days_of(first, "once", date(2027, 1, 1)) == [first]
    assert days_of(first, "fortnightly", date(2026, 12, 10)) == [first, date(2026, 11, 26), date(2026, 12, 10)]
    monthly = days_of(first, "monthly", date(2027, 3, 31))
    assert monthly == [first, date(2026, 12, 10), date(2027, 1, 14), date(2027, 2, 11), date(2027, 3, 11)]
    assert {day.weekday() for day in monthly} == {3}
    # A month without a fifth Thursday has its last one.
    assert days_of(date(2026, 10, 29), "monthly", date(2026, 12, 31)) == [
        date(2026, 10, 29),
        date(2026, 11, 26),
        date(2026, 12, 31),
    ]
    assert len(days_of(first, "weekly", date(2099, 1, 1))) == MOST


# ---- moves and who may take them ----

MOVES = ("prepare", "publish", "receive", "hold", "call_off")


@pytest.mark.parametrize("name", MOVES)
def test_a_move_is_for_the_city_the_own_district_and_the_official(city: City, name: str) -> None:
    day = a_day(city)
    for key in ("officer", "district_officer", "lead_official"):
        before = day.state
        moved = receptions.move(day.pk, name, actor=city.people[key], at=city.at)
        assert moved.state == (before if name in {"prepare", "receive"} else moved.state)
        ReceptionDay.objects.filter(pk=day.pk).update(state=DayState.PLANNED)
    strangers = ("far_officer", "conference_officer", "inspector", "leader", "handler", "dispatcher", "agent", "admin")
    for key in strangers:
        with pytest.raises(Refused):
            receptions.move(day.pk, name, actor=city.people[key], at=city.at)


@pytest.mark.parametrize("state", [DayState.HELD, DayState.CALLED_OFF])
def test_what_is_over_is_neither_published_nor_changed(city: City, state: str) -> None:
    day = a_day(city)
    ReceptionDay.objects.filter(pk=day.pk).update(state=state)
    for name in ("prepare", "publish", "hold", "call_off"):
        with pytest.raises(Refused):
            receptions.move(day.pk, name, actor=city.officer, at=city.at)


def test_somebody_elses_change_is_seen_first(city: City) -> None:
    day = a_day(city)
    receptions.publish(day.pk, actor=city.officer, at=city.at, version=day.version)
    with pytest.raises(Refused) as refused:
        receptions.change(day.pk, plan(city, place="别处接访室"), actor=city.officer, at=city.at, version=day.version)
    assert refused.value.code == "stale"


def test_publishing_tells_the_official_and_comes_before_the_day(city: City) -> None:
    day = published(city)
    notice = Notice.objects.filter(kind="reception_set", recipient=city.lead_official).first()
    assert notice is not None
    assert notice.params["link"] == f"/receptions/{day.pk}/"
    late = a_day(city, starts_at=city.at + timedelta(days=5))
    with pytest.raises(Refused):
        receptions.publish(late.pk, actor=city.officer, at=late.starts_at)
    assert ReceptionDay.objects.get(pk=late.pk).state == DayState.PLANNED


# ---- with bookings ----


def test_calling_off_ends_every_booking_and_needs_a_reason(city: City) -> None:
    day = published(city)
    booked(city, day)
    with pytest.raises(Refused) as refused:
        receptions.call_off(day.pk, reason=" ", actor=city.officer, at=city.at)
    assert refused.value.field == "reason"
    receptions.call_off(day.pk, reason="市里有紧急会议", actor=city.officer, at=city.at)
    assert Booking.objects.get().state == BookingState.CANCELLED


def test_holding_notes_who_did_not_come(city: City) -> None:
    day = published(city)
    booking, _code = booked(city, day)
    with pytest.raises(Refused):
        receptions.hold(day.pk, actor=city.officer, at=day.starts_at - timedelta(days=1))
    receptions.hold(day.pk, actor=city.officer, at=day.ends_at)
    booking.refresh_from_db()
    assert booking.state == BookingState.MISSED


def test_places_that_are_taken_stay(city: City) -> None:
    day = published(city)
    for n in range(2):
        booked(city, day, phone=f"1381234512{n}")
    with pytest.raises(Refused) as refused:
        receptions.change(day.pk, plan(city, capacity=1), actor=city.officer, at=city.at)
    assert refused.value.field == "capacity"
    assert receptions.change(day.pk, plan(city, capacity=2), actor=city.officer, at=city.at).capacity == 2
