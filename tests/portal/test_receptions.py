"""Citizens and leaders' receptions: published days, booking, the code, what texts say; one's own booking only."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from backlog.actions import bookings, receptions, visitors
from backlog.models import Booking, ReceptionDay
from portal import actions
from portal.actions.bookings import give_up_late, remind_of_days
from portal.models import Message
from portal.views.receptions import PER_ADDRESS
from tests.backlog.days import a_day, plan
from tests.city import City, make_petition
from tests.dispatch.test_supervision import accusation

TYPED = {"name": "周小琴", "phone": "13812345127", "persons": 2, "matter": "老房子漏水，开发商一直不修。", "code": ""}


@pytest.fixture
def lately(city: City) -> City:
    """The city now: what citizens do through the pages happens now."""
    city.at = timezone.now()
    return city


@pytest.fixture
def texts(monkeypatch: pytest.MonkeyPatch, settings: Any) -> list[tuple[str, str]]:
    """What the gateway was given."""
    settings.SMS_URL, settings.SMS_AUTOMATIC = "json://gateway.example/?to={phone}", False
    sent: list[tuple[str, str]] = []
    monkeypatch.setattr("portal.sms.post", lambda url, title, text: sent.append((url, text)))
    return sent


def published(city: City, **changes: Any) -> ReceptionDay:
    day = receptions.set_day(
        plan(city, **{"starts_at": city.at + timedelta(days=2), **changes}), actor=city.officer, at=city.at
    )
    return receptions.publish(day.pk, actor=city.officer, at=city.at)


def morning(at: datetime) -> datetime:
    """Past the quiet hours."""
    return at + timedelta(hours=12)


def code_on(page: str) -> str:
    start = page.index('class="bcode num">') + len('class="bcode num">')
    return page[start : page.index("<", start)]


# ---- the days ----


def test_citizens_see_published_days_and_their_free_places(lately: City) -> None:
    day = published(lately)
    planned = a_day(lately, starts_at=lately.at + timedelta(days=9), place="未公布的地点")
    page = Client().get("/portal/receptions/").content.decode()
    assert day.place in page
    assert "罗正飞" in page
    assert "还有3个名额" in page
    assert planned.place not in page
    assert Client().get(f"/portal/receptions/{planned.pk}/").status_code == 404
    receptions.call_off(day.pk, reason="领导有紧急公务", actor=lately.officer, at=lately.at)
    assert Client().get(f"/portal/receptions/{day.pk}/").status_code == 404


def test_the_case_taken_along_is_nobodys_to_read(lately: City) -> None:
    from tests.backlog.cases import make_case

    case = make_case(lately, at=lately.at)
    day = published(lately, kind="with_case", case=case, capacity=0)
    for path in ("", f"{day.pk}/"):
        page = Client().get(f"/portal/receptions/{path}").content.decode()
        assert case.title not in page
        assert case.number not in page
    assert Client().post(f"/portal/receptions/{day.pk}/", TYPED).status_code == 422


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_as_much_for_one_day_as_for_three(
    lately: City, count: int, django_assert_num_queries: Any
) -> None:
    for n in range(count):
        published(lately, starts_at=lately.at + timedelta(days=2 + n))
    with django_assert_num_queries(2):
        page = Client().get("/portal/receptions/")
    assert page.content.decode().count("rday__b") == count


def test_the_list_is_narrowed_to_a_district(lately: City) -> None:
    published(lately)
    published(lately, area=lately.areas["330200"], starts_at=lately.at + timedelta(days=4), place="市人民来访接待大厅")
    page = Client().get("/portal/receptions/?area=330203").content.decode()
    assert "海曙区社会治理中心" in page
    assert "市人民来访接待大厅" not in page
    assert Client().get("/portal/receptions/?area=999").status_code == 200


# ---- booking ----


def test_a_place_is_booked_and_its_code_stands_on_the_page_and_in_a_text(
    lately: City, texts: list[tuple[str, str]]
) -> None:
    day, browser = published(lately), Client()
    answer = browser.post(f"/portal/receptions/{day.pk}/", TYPED)
    assert answer["Location"] == "/portal/receptions/mine/"
    code = code_on(browser.get("/portal/receptions/mine/").content.decode())
    booking = Booking.objects.get()
    assert bookings.find(code, "5127") == booking
    assert (booking.persons, booking.booked_by) == (2, None)
    actions.deliver(at=morning(timezone.now()))
    address, text = texts[0]
    assert "13812345127" in address
    assert code in text
    for word in ("周小琴", "漏水", "开发商"):
        assert word not in text
    # Once it is out nobody here knows it any more.
    assert Message.objects.get().token == ""
    assert code not in str(list(browser.session.values()))


def test_a_place_may_name_ones_own_matter_and_no_other(lately: City) -> None:
    day, petition = published(lately), make_petition(lately)
    wrong = Client().post(f"/portal/receptions/{day.pk}/", {**TYPED, "code": "ABCDEFGHJK"})
    assert wrong.status_code == 422
    assert "老房子漏水" in wrong.content.decode()
    closed = accusation(lately)
    assert Client().post(f"/portal/receptions/{day.pk}/", {**TYPED, "code": closed.query_code}).status_code == 422
    Client().post(f"/portal/receptions/{day.pk}/", {**TYPED, "code": petition.query_code.lower()})
    assert Booking.objects.get().petition == petition


def test_what_is_missing_is_said_and_what_was_typed_stays(lately: City) -> None:
    day = published(lately)
    for name, value in (("name", ""), ("phone", "123"), ("matter", ""), ("persons", "9")):
        answer = Client().post(f"/portal/receptions/{day.pk}/", {**TYPED, name: value})
        assert answer.status_code == 422, name
        assert answer.context["form"].errors[name]
    assert not Booking.objects.exists()


def test_a_machine_that_fills_in_everything_books_nothing(lately: City) -> None:
    day = published(lately)
    Client().post(f"/portal/receptions/{day.pk}/", {**TYPED, "website": "http://example.com"})
    assert not Booking.objects.exists()


def test_one_network_books_for_a_village_and_not_for_a_city(lately: City, monkeypatch: pytest.MonkeyPatch) -> None:
    day = published(lately, capacity=100)
    monkeypatch.setattr("portal.views.receptions.PER_ADDRESS", 3)
    assert PER_ADDRESS > 3
    answers = [
        Client().post(f"/portal/receptions/{day.pk}/", {**TYPED, "phone": f"1381234500{n}"}).status_code
        for n in range(4)
    ]
    assert answers == [302, 302, 302, 422]


def test_a_full_day_takes_nobody(lately: City) -> None:
    day = published(lately, capacity=1)
    Client().post(f"/portal/receptions/{day.pk}/", TYPED)
    page = Client().get(f"/portal/receptions/{day.pk}/").content.decode()
    assert "名额已约满" in page
    assert Client().post(f"/portal/receptions/{day.pk}/", {**TYPED, "phone": "13900000000"}).status_code == 422


# ---- one's own booking ----


def test_a_booking_is_looked_up_and_given_back(lately: City) -> None:
    day = published(lately)
    _booking, code = bookings.book(day.pk, name="周小琴", phone="13812345127", matter="房屋漏水", at=lately.at)
    browser = Client()
    found = browser.post("/portal/receptions/mine/", {"code": f" {code.lower()} ", "phone": "5127"})
    assert found.status_code == 302
    page = browser.get("/portal/receptions/mine/").content.decode()
    assert day.place in page
    # The code is told once; name and matter are not shown back either.
    for word in (code, "周小琴", "房屋漏水", "13812345127"):
        assert word not in page
    browser.post("/portal/receptions/mine/cancel/")
    assert Booking.objects.get().state == "cancelled"
    assert "预约已取消" in browser.get("/portal/receptions/mine/").content.decode()
    browser.post("/portal/receptions/mine/close/")
    assert "id_code" in browser.get("/portal/receptions/mine/").content.decode()


def test_a_wrong_code_and_another_telephone_are_answered_alike_and_not_for_ever(lately: City) -> None:
    day = published(lately)
    _booking, code = bookings.book(day.pk, name="周小琴", phone="13812345127", matter="房屋漏水", at=lately.at)
    wrong = [
        Client().post("/portal/receptions/mine/", {"code": typed, "phone": end})
        for typed, end in (("ABCDEFGHJK", "5127"), (code, "0000"))
    ]
    said = {answer.context["form"].non_field_errors()[0] for answer in wrong}
    assert (len(said), {answer.status_code for answer in wrong}) == (1, {422})
    for _n in range(5):
        last = Client().post("/portal/receptions/mine/", {"code": code, "phone": "0000"})
    assert last.status_code == 429
    assert Client().post("/portal/receptions/mine/cancel/")["Location"] == "/portal/receptions/mine/"
    assert Booking.objects.get().state == "booked"


def test_a_booking_closes_by_itself_on_a_screen_left_alone(lately: City, monkeypatch: pytest.MonkeyPatch) -> None:
    day, browser = published(lately), Client()
    browser.post(f"/portal/receptions/{day.pk}/", TYPED)
    later = timezone.now() + timedelta(minutes=21)
    monkeypatch.setattr("portal.views.receptions.timezone.now", lambda: later)
    assert "id_code" in browser.get("/portal/receptions/mine/").content.decode()


# ---- what is told ----


def test_who_booked_is_told_of_another_time_and_of_the_end_without_its_reason(
    lately: City, texts: list[tuple[str, str]]
) -> None:
    day = published(lately)
    bookings.book(day.pk, name="周小琴", phone="13812345127", matter="房屋漏水", at=lately.at)
    receptions.change(
        day.pk, plan(lately, starts_at=day.starts_at, subjects="教育"), actor=lately.officer, at=lately.at
    )
    assert not Message.objects.filter(kind="changed").exists()
    moved = plan(lately, starts_at=day.starts_at + timedelta(hours=4), place="区政府信访大厅")
    receptions.change(day.pk, moved, actor=lately.officer, at=lately.at)
    receptions.call_off(day.pk, reason="罗正飞出国考察", actor=lately.officer, at=lately.at)
    # The way there would be for nothing: these two do not wait for the morning.
    actions.deliver(at=timezone.now())
    said = [text for _address, text in texts]
    assert any("取消" in text for text in said)
    for word in ("周小琴", "漏水", "出国", "考察"):
        assert not any(word in text for text in said)
    assert Message.objects.get(kind="changed").booking == Booking.objects.get()


def test_only_what_the_office_cancels_is_told(lately: City, texts: list[tuple[str, str]]) -> None:
    day = published(lately)
    own, _code = bookings.book(day.pk, name="周小琴", phone="13812345127", matter="房屋漏水", at=lately.at)
    other, _code = bookings.book(day.pk, name="林强", phone="13900000001", matter="工资拖欠", at=lately.at)
    bookings.cancel_own(own.pk, at=lately.at)
    bookings.move(other.pk, "cancel", actor=lately.officer, at=lately.at)
    assert list(Message.objects.filter(kind="ended").values_list("booking", flat=True)) == [other.pk]
    # A place that has been given back is praised to nobody.
    actions.deliver(at=morning(timezone.now()))
    assert len(texts) == 1


def test_who_booked_in_time_is_reminded_once_the_day_before(lately: City, texts: list[tuple[str, str]]) -> None:
    day = published(lately)
    kept, _code = bookings.book(day.pk, name="周小琴", phone="13812345127", matter="房屋漏水", at=lately.at)
    given_back, _code = bookings.book(day.pk, name="林强", phone="13900000001", matter="工资拖欠", at=lately.at)
    bookings.cancel_own(given_back.pk, at=lately.at)
    before = day.starts_at - timedelta(hours=20)
    bookings.book(day.pk, name="陈大勇", phone="13900000002", matter="电梯停运", at=before - timedelta(hours=1))
    assert remind_of_days(at=day.starts_at - timedelta(hours=25)) == 0
    assert remind_of_days(at=before) == 1
    assert remind_of_days(at=before + timedelta(minutes=30)) == 0
    message = Message.objects.get(kind="tomorrow")
    assert message.booking == kept
    receptions.call_off(day.pk, reason="领导有紧急公务", actor=lately.officer, at=before)
    actions.deliver(at=morning(before))
    # The day is off meanwhile: nobody is sent there.
    message.refresh_from_db()
    assert message.delivered_at is None


def test_without_a_gateway_nothing_is_laid_out(lately: City, settings: Any) -> None:
    settings.SMS_URL = ""
    bookings.book(published(lately).pk, name="周小琴", phone="13812345127", matter="房屋漏水", at=lately.at)
    assert not Message.objects.exists()


def test_telephones_and_codes_in_the_outbox_go_with_the_booking(lately: City, texts: Any, settings: Any) -> None:
    day = published(lately)
    bookings.book(day.pk, name="周小琴", phone="13812345127", matter="房屋漏水", at=lately.at)
    visitors.forget_visitors(at=day.ends_at + timedelta(days=settings.RECEPTION_KEEP_DAYS + 1))
    message = Message.objects.get()
    assert (message.phone, message.token) == ("", "")
    later = published(lately, starts_at=lately.at + timedelta(days=5))
    bookings.book(later.pk, name="周小琴", phone="13812345127", matter="房屋漏水", at=lately.at)
    give_up_late(at=later.ends_at + timedelta(minutes=1))
    assert set(Message.objects.values_list("token", flat=True)) == {""}


def test_the_archive_of_a_matter_reaches_the_texts_about_its_booking(lately: City, texts: Any) -> None:
    from petitions.retention import copies

    petition = make_petition(lately)
    bookings.book(
        published(lately).pk, name="周小琴", phone="13812345127", matter="电梯停运", petition=petition, at=lately.at
    )
    room = next(copy for copy in copies() if copy.name == "rows_portal")
    room.anonymise([petition.pk], lately.at)
    assert Message.objects.get().phone == ""
