"""The reception pages as their users see them: calendar, day, record form, sheet, names; and who sees nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import AccessLog
from backlog.actions import receiving, receptions
from backlog.actions.receiving import Visit
from backlog.models import Booking, Reception, ReceptionDay, Task
from petitions.drafts import REGISTRATION, load_draft
from tests.backlog.cases import make_case
from tests.backlog.days import a_day, plan
from tests.city import City, make_petition
from tests.dispatch.test_views_case import enter


@pytest.fixture
def lately(city: City) -> City:
    """The city this morning: what is done through the pages happens now."""
    city.at = timezone.now() - timedelta(minutes=30)
    return city


def today(city: City, **changes: Any) -> ReceptionDay:
    """A published day that has just begun."""
    begins = city.at + timedelta(minutes=10)
    day = receptions.set_day(plan(city, starts_at=begins, **changes), actor=city.officer, at=city.at)
    return receptions.publish(day.pk, actor=city.officer, at=city.at)


def form_of(city: City, **changes: Any) -> dict[str, Any]:
    day = timezone.localdate() + timedelta(days=4)
    fields = {
        "kind": "hall",
        "official": city.lead_official.pk,
        "area": city.areas["330203"].pk,
        "day": day.isoformat(),
        "starts": "09:00",
        "ends": "11:00",
        "rhythm": "once",
        "place": "海曙区社会治理中心",
        "subjects": "住房",
        "capacity": 5,
        "step": "look",
    }
    return {**fields, **changes}


# ---- calendar ----


@pytest.mark.parametrize("count", [1, 3])
def test_the_calendar_asks_as_much_for_one_day_as_for_three(
    lately: City, count: int, django_assert_num_queries: Any
) -> None:
    for n in range(count):
        a_day(lately, starts_at=datetime(2031, 5, 6 + n, 1, tzinfo=UTC))
    client = enter(lately.officer)
    client.get("/receptions/?month=2031-05")
    with django_assert_num_queries(6):
        page = client.get("/receptions/?month=2031-05").content.decode()
    assert page.count('class="rc__r ') == count


def test_the_calendar_counts_batches_persons_and_what_was_settled_at_once(lately: City) -> None:
    day = today(lately)
    for persons, result in ((3, "on_spot"), (2, "explained")):
        given = Visit(matter="电梯停运", persons=persons, result=result)
        receiving.receive(day.pk, given, actor=lately.officer, at=timezone.now())
    page = enter(lately.officer).get("/receptions/")
    total = page.context["year"].total
    assert (total.batches, total.persons, total.share) == (2, 5, 0.5)
    rows = enter(lately.officer).get(total.url)
    assert len(rows.context["page"].rows) == 2
    spot = enter(lately.officer).get(f"{total.url}&result=on_spot")
    assert [row.persons for row in spot.context["page"].rows] == [3]
    assert enter(lately.far_officer).get("/receptions/").context["year"].total.batches == 0


@pytest.mark.parametrize("path", ["?month=2026-13", "?month=x", "?official=9e9&area=-1&kind=none", "?month=99999-01"])
def test_a_damaged_address_shows_this_month(lately: City, path: str) -> None:
    assert enter(lately.officer).get(f"/receptions/{path}").status_code == 200


def test_the_district_stays_in_the_addresses_of_the_calendar(lately: City) -> None:
    asked = "kind=hall&district=330203"
    filters = enter(lately.officer).get(f"/receptions/?month=2031-05&{asked}").context["filters"]
    assert filters.query == asked


@pytest.mark.parametrize("count", [1, 3])
def test_the_rows_behind_a_number_are_paged(lately: City, count: int, django_assert_num_queries: Any) -> None:
    day = today(lately)
    for n in range(count):
        receiving.receive(day.pk, Visit(matter=f"第{n}批事项"), actor=lately.officer, at=timezone.now())
    client = enter(lately.officer)
    client.get("/receptions/records/")
    with django_assert_num_queries(4):
        assert len(client.get("/receptions/records/").context["page"].rows) == count


# ---- setting ----


def test_a_day_is_set_published_and_called_off_on_its_pages(lately: City) -> None:
    client = enter(lately.district_officer)
    answer = client.post("/receptions/new/", form_of(lately))
    day = ReceptionDay.objects.get()
    assert answer["Location"] == f"/receptions/{day.pk}/"
    assert client.get(f"/receptions/{day.pk}/do/publish/").status_code == 200
    client.post(f"/receptions/{day.pk}/do/publish/", {"version": day.version})
    day.refresh_from_db()
    assert day.state == "published"
    refused = client.post(f"/receptions/{day.pk}/do/call_off/", {"version": day.version, "reason": "会"})
    assert refused.status_code == 422
    client.post(f"/receptions/{day.pk}/do/call_off/", {"version": day.version, "reason": "市里有紧急会议"})
    day.refresh_from_db()
    assert day.state == "called_off"
    assert "市里有紧急会议" in client.get(f"/receptions/{day.pk}/").content.decode()


def test_a_rhythm_is_shown_before_it_is_set_without_rest_days_and_taken_times(lately: City) -> None:
    client = enter(lately.officer)
    first = timezone.localdate() + timedelta(days=(3 - timezone.localdate().weekday()) % 7 + 7)
    typed = form_of(lately, day=first.isoformat(), rhythm="weekly", until=(first + timedelta(days=21)).isoformat())
    client.post("/receptions/new/", form_of(lately, day=(first + timedelta(days=7)).isoformat()))
    looked = client.post("/receptions/new/", typed)
    assert looked.status_code == 200
    assert [line["is_left_out"] for line in looked.context["preview"]].count(True) >= 1
    assert ReceptionDay.objects.count() == 1
    client.post("/receptions/new/", {**typed, "step": "set"})
    assert ReceptionDay.objects.count() == 1 + looked.context["count"]


def test_a_refused_form_keeps_what_was_typed(lately: City) -> None:
    client = enter(lately.officer)
    answer = client.post("/receptions/new/", form_of(lately, ends="08:00", place="望春街道三楼"))
    assert answer.status_code == 422
    assert "望春街道三楼" in answer.content.decode()
    assert answer.context["form"].errors["ends"]
    answer = client.post("/receptions/new/", form_of(lately, rhythm="weekly"))
    assert answer.context["form"].errors["until"]


def test_a_change_says_what_was_changed(lately: City) -> None:
    day = today(lately)
    client = enter(lately.officer)
    shown = client.get(f"/receptions/{day.pk}/change/").context["form"]
    typed = {name: shown[name].value() for name in shown.fields}
    typed |= {"day": timezone.localdate(day.starts_at).isoformat(), "place": "区政府信访大厅", "case": ""}
    typed |= {"starts": "09:00", "ends": "11:00"}
    typed = {key: value for key, value in typed.items() if value is not None}
    assert client.post(f"/receptions/{day.pk}/change/", typed).status_code == 302
    assert "区政府信访大厅" in client.get(f"/receptions/{day.pk}/").content.decode()


# ---- the day ----


@pytest.mark.parametrize("count", [1, 3])
def test_a_day_asks_as_much_for_one_booking_as_for_three(
    lately: City, count: int, django_assert_num_queries: Any
) -> None:
    day = today(lately, capacity=9)
    for n in range(count):
        row = Booking.objects.create(
            day=day, digest=str(n), name="周小琴", phone=f"1381234512{n}", matter="漏水", booked_at=lately.at
        )
        receiving.receive(
            day.pk, Visit(matter="屋顶漏水", booking=row, visitor="周小琴"), actor=lately.officer, at=timezone.now()
        )
    client = enter(lately.officer)
    client.get(f"/receptions/{day.pk}/")
    with django_assert_num_queries(10):
        client.get(f"/receptions/{day.pk}/")


def test_names_are_masked_until_a_reason_is_given(lately: City) -> None:
    day = today(lately)
    Booking.objects.create(day=day, digest="1", name="周小琴", phone="13812345127", matter="漏水", booked_at=lately.at)
    client = enter(lately.officer)
    for path in ("", "sheet/", "visitors/"):
        page = client.get(f"/receptions/{day.pk}/{path}").content.decode()
        assert "周小琴" not in page
        assert "13812345127" not in page
    assert "周*琴" in client.get(f"/receptions/{day.pk}/").content.decode()
    assert client.post(f"/receptions/{day.pk}/visitors/", {"reason": ""}).status_code == 422
    shown = client.post(f"/receptions/{day.pk}/visitors/", {"reason": "通知提前到场"}).content.decode()
    assert "周小琴" in shown
    assert "13812345127" in shown
    assert AccessLog.objects.filter(target=f"reception:{day.pk}", user=lately.officer).count() == 1
    # The inspector reads the day and never the names.
    inspector = enter(lately.inspector)
    assert inspector.get(f"/receptions/{day.pk}/").status_code == 200
    assert inspector.get(f"/receptions/{day.pk}/visitors/").status_code == 404


def test_out_of_reach_is_404_and_in_reach_without_the_right_is_refused(lately: City) -> None:
    day = today(lately)
    row = Booking.objects.create(day=day, digest="1", name="周", phone="1", matter="漏水", booked_at=lately.at)
    batch = Reception.objects.create(day=day, seq=1, matter="漏水", at=lately.at)
    paths = [
        *(f"/receptions/{day.pk}/{path}" for path in ("", "change/", "book/", "receive/", "sheet/", "do/publish/")),
        f"/receptions/bookings/{row.pk}/do/cancel/",
        f"/receptions/batches/{batch.pk}/link/",
    ]
    for user in (lately.far_officer, lately.outsider, lately.handler, lately.leader):
        assert {enter(user).get(path).status_code for path in paths} == {404}, user
    reading = enter(lately.conference_officer)
    assert reading.get(paths[0]).status_code == 200
    assert {reading.get(path).status_code for path in paths[1:] if "sheet" not in path} == {403}
    assert enter(lately.handler).get("/receptions/").status_code == 403


def test_come_and_not_come_take_one_click(lately: City) -> None:
    day = today(lately)
    row = Booking.objects.create(day=day, digest="1", name="周小琴", phone="1381", matter="漏水", booked_at=lately.at)
    client = enter(lately.lead_official)
    for name, state in (("miss", "missed"), ("come", "came")):
        assert client.post(f"/receptions/bookings/{row.pk}/do/{name}/").status_code == 302
        row.refresh_from_db()
        assert row.state == state


def test_one_form_records_a_batch_and_gives_the_task(lately: City) -> None:
    day = today(lately)
    row = Booking.objects.create(
        day=day, digest="1", name="周小琴", phone="13812345127", matter="屋顶漏水", persons=2, booked_at=lately.at
    )
    client = enter(lately.officer)
    url = f"/receptions/{day.pk}/receive/?booking={row.pk}"
    form = client.get(url).context["form"]
    assert (form["matter"].value(), form["persons"].value()) == ("屋顶漏水", 2)
    typed = {
        "persons": 2,
        "matter": "屋顶漏水，开发商不修。",
        "opinion": "请住建局牵头修复。",
        "result": "handed",
        "unit": "查无此单位",
        "due_on": (timezone.localdate() + timedelta(days=10)).isoformat(),
        "satisfaction": "3",
    }
    refused = client.post(url, typed)
    assert refused.status_code == 422
    assert "请住建局牵头修复。" in refused.content.decode()
    assert client.post(url, {**typed, "unit": "海曙区住建局"}).status_code == 302
    batch = Reception.objects.get()
    assert (batch.visitor, batch.satisfaction, batch.unit) == ("周小琴", 3, lately.housing)
    assert Task.objects.get(reception=batch).text == "请住建局牵头修复。"
    page = client.get(f"/receptions/{day.pk}/").content.decode()
    assert f"/backlog/tasks/{Task.objects.get().pk}/" in page


def test_the_office_books_for_a_caller_and_reads_the_code_out(lately: City) -> None:
    day = a_day(lately, starts_at=lately.at + timedelta(days=2))
    client = enter(lately.district_officer)
    typed = {"name": "林强", "phone": "13900000001", "persons": 1, "matter": "工资被拖欠"}
    page = client.post(f"/receptions/{day.pk}/book/", typed, follow=True).content.decode()
    assert "预约码" in page
    assert Booking.objects.get().booked_by == lately.district_officer
    twice = client.post(f"/receptions/{day.pk}/book/", typed)
    assert twice.status_code == 422
    assert "工资被拖欠" in twice.content.decode()


def test_a_batch_becomes_a_draft_of_a_registration(lately: City) -> None:
    day = today(lately)
    given = Visit(matter="屋顶漏水，开发商不修。", visitor="周小琴", persons=2)
    batch = receiving.receive(day.pk, given, actor=lately.officer, at=timezone.now())
    client = enter(lately.officer)
    assert client.post(f"/receptions/batches/{batch.pk}/register/")["Location"] == "/petitions/new/"
    draft = load_draft(lately.officer, REGISTRATION)
    assert draft is not None
    assert (draft[0]["name"], draft[0]["content"], draft[0]["channel"]) == ("周小琴", "屋顶漏水，开发商不修。", "visit")
    assert AccessLog.objects.filter(target=f"reception:{day.pk}").count() == 1
    assert "屋顶漏水" in client.get("/petitions/new/").content.decode()
    # A registration that has been begun is not thrown away.
    client.post(f"/receptions/batches/{batch.pk}/register/")
    assert AccessLog.objects.filter(target=f"reception:{day.pk}").count() == 1
    petition = make_petition(lately)
    assert client.post(f"/receptions/batches/{batch.pk}/link/", {"petition": petition.short_number}).status_code == 302
    batch.refresh_from_db()
    assert batch.petition == petition


def test_the_file_shows_its_receptions_without_names(lately: City) -> None:
    case = make_case(lately, "working", at=lately.at)
    day = today(lately, kind="with_case", case=case)
    given = Visit(matter="屋顶漏水，开发商不修。", visitor="周小琴", case=case)
    receiving.receive(day.pk, given, actor=lately.officer, at=timezone.now())
    page = enter(lately.officer).get(f"/backlog/{case.pk}/?tab=receptions").content.decode()
    assert "屋顶漏水" in page
    assert "周小琴" not in page
    proposed = enter(lately.officer).get(f"/receptions/new/?case={case.pk}").context["form"]
    assert proposed["case"].value() == f"{case.year}-{case.serial}"
    assert proposed["kind"].value() == "with_case"


def test_the_units_of_the_field_are_found_by_part_of_a_name(lately: City) -> None:
    found = enter(lately.officer).get("/receptions/units/?unit=住建").content.decode()
    assert "海曙区住建局" in found
    assert enter(lately.inspector).get("/receptions/units/?unit=住建").status_code == 403


def test_the_boards_open_their_rows_by_span_district_and_leader(lately: City) -> None:
    day = today(lately)
    receiving.receive(day.pk, Visit(matter="屋顶漏水，开发商不修。"), actor=lately.officer, at=timezone.now())
    client, own = enter(lately.officer), timezone.localdate(day.starts_at)
    base = f"/receptions/records/?district=330203&leader={lately.lead_official.pk}"
    inside = client.get(f"{base}&since={own.isoformat()}&until={own.isoformat()}")
    assert len(inside.context["page"].rows) == 1
    before = (own - timedelta(days=1)).isoformat()
    assert not client.get(f"{base}&since={before}&until={before}").context["page"].rows
    assert not client.get(f"/receptions/records/?leader={lately.officer.pk}").context["page"].rows
    # A damaged span is this year's.
    assert len(client.get(f"{base}&since=x&until=2026-13-01").context["page"].rows) == 1
