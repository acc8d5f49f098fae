"""Why this date: every day told, for any course of a clock; seen by those who see the petition, and by nobody else."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actors import Actor
from dispatch import story, why
from dispatch.actions import clocks, ledger, orders, reckoning
from dispatch.models import Clock, Day, Policy, WorkOrder
from tests.city import City, make_order, make_petition

DAY = timedelta(days=1)


@pytest.fixture
def order(city: City) -> WorkOrder:
    made = make_order(city, petition=make_petition(city, purpose="QT"))
    return orders.record_contact(made.pk, means="phone", said="已联系", actor=city.people["handler"], at=city.at)


def clock_of(order: WorkOrder, key: str = "O_feedback_7d") -> Clock:
    return Clock.objects.select_related("policy").get(order=order, policy__key=key)


def told(clock: Clock, at) -> why.Explanation:
    return story.read(clock, at)


def kinds(explanation: why.Explanation) -> list[tuple[date, str, int]]:
    return [(mark.day, mark.kind.value, mark.total) for mark in explanation.days]


def paused(city: City, order: WorkOrder, at, until) -> None:
    ledger.ask_pause(
        order.pk,
        ground="majeure",
        reason="台风红色预警，全市停工。",
        actor=city.people["handler"],
        at=at,
    )
    event = order.petition.events.get(kind="order.ask_pause")
    from django.core.files.uploadedfile import SimpleUploadedFile

    from petitions.attachments import store_all

    upload = SimpleUploadedFile("预警.txt", b"typhoon")
    store_all(order.petition_id, [upload], actor=city.people["handler"], at=at, event=event)
    ledger.grant_pause(order.pk, actor=city.people["officer"], at=at)
    if until:
        ledger.resume(order.pk, actor=city.people["officer"], at=until)


def test_each_calendar_day_is_counted_but_the_first(city: City, order: WorkOrder) -> None:
    explanation = told(clock_of(order), city.at)
    start = city.at.date()
    assert kinds(explanation) == [(start, "start", 0)] + [(start + n * DAY, "counted", n) for n in range(1, 8)]
    assert explanation.days[-1].is_due and explanation.counted == explanation.target == 7


def test_days_off_and_make_up_days_are_told_by_name(city: City) -> None:
    """National Day 2026: off 1-7 October, worked on Saturday the 10th (domain-facts §1.14)."""
    at = city.at.replace(month=9, day=30)
    order = make_order(city, petition=make_petition(city, purpose="QT", at=at), at=at)
    Policy.objects.filter(key="O_contact").update(length=3)
    clock = clock_of(order, "O_contact")
    clock.policy.length = 3
    clock.due_at = clocks.meter_of(clock.policy).after(clock.started_at, 3)
    days = {mark.day.day: mark for mark in told(clock, at).days}
    assert [days[n].kind.value for n in (30, 1, 7, 8, 9, 10)] == [
        "start",
        "holiday",
        "holiday",
        "counted",
        "counted",
        "make_up",
    ]
    assert days[1].holiday_label == "国庆节" and days[10].is_due and days[10].total == 3


def test_a_pause_is_told_with_its_ground_and_left_out(city: City, order: WorkOrder) -> None:
    paused(city, order, city.at + 2 * DAY, city.at + 5 * DAY)
    explanation = told(clock_of(order), city.at + 5 * DAY)
    assert [mark.kind.value for mark in explanation.days[:7]] == [
        "start",
        "counted",
        "counted",
        "paused",
        "paused",
        "resumed",
        "counted",
    ]
    assert explanation.counted == 7 and explanation.days[-1].is_due
    lines = {line.kind: line for line in story.lines_of(explanation)}
    assert "不可抗力" in lines["pause"].detail and "第一百八十条" in lines["pause"].detail
    assert "5" in lines["resume"].text


def test_a_paused_clock_has_no_due_date(city: City, order: WorkOrder) -> None:
    paused(city, order, city.at + 2 * DAY, None)
    explanation = told(clock_of(order), city.at + 20 * DAY)
    assert explanation.due_at is None and not any(mark.is_due for mark in explanation.days)
    assert (explanation.counted, explanation.days[-1].kind.value) == (2, "paused")


def test_a_moved_last_day_is_shown_as_moved(city: City) -> None:
    """15 days from 21 September 2026 end in the holidays, so on 8 October (Civil Code 203)."""
    at = city.at.replace(month=9, day=21)
    petition = make_petition(city, at=at)
    clock = Clock.objects.select_related("policy").get(petition=petition, policy__key="D01_route")
    explanation = told(clock, at)
    last = [mark.kind.value for mark in explanation.days[-3:]]
    assert last == ["counted", "moved", "moved"]
    assert explanation.nominal_day == date(2026, 10, 6) and explanation.days[-1].day == date(2026, 10, 8)


def test_minutes_are_told_by_the_day(city: City) -> None:
    at = city.at.replace(hour=9)  # 17:00 in Shanghai, half an hour before closing
    order = make_order(city, petition=make_petition(city, purpose="QT", at=at), at=at)
    explanation = told(clock_of(order, "O_sign"), at)
    assert [(mark.amount, mark.total) for mark in explanation.days] == [(30, 30), (90, 120)]


def test_a_recomputation_says_from_when_to_when(city: City) -> None:
    order = make_order(city)
    Day.objects.filter(day=(city.at + DAY).date()).update(is_work=False)
    clock = clock_of(order, "O_contact")
    reckoning.recompute([clock.pk], at=city.at, actor=Actor.system(), reason="临时放假通知")
    clock = clock_of(order, "O_contact")
    (line,) = [line for line in story.lines_of(told(clock, city.at)) if line.kind == "recompute"]
    assert "→" in line.text and line.detail == "临时放假通知"


def test_an_unpublished_year_makes_the_date_provisional(city: City) -> None:
    at = city.at.replace(month=12, day=28)
    order = make_order(city, petition=make_petition(city, purpose="QT", at=at), at=at)
    explanation = told(clock_of(order), at)
    assert explanation.is_provisional and "4" in story.provisional(explanation)


# ---- page and API ----


def client_of(user) -> Client:
    client = Client()
    client.force_login(user, backend="accounts.backends.StaffBackend")
    return client


@pytest.mark.parametrize("name", ["clock", "order_why", "petition_why"])
def test_the_page_opens_as_page_and_in_the_dialog_for_those_who_see_the_case(
    city: City, order: WorkOrder, name: str
) -> None:
    pk = {"clock": clock_of(order).pk, "order_why": order.pk, "petition_why": order.petition_id}[name]
    url = reverse(name, args=[pk])
    page = client_of(city.people["handler"]).get(url)
    assert page.status_code == 200 and "<html" in page.content.decode()
    dialog = client_of(city.people["handler"]).get(url, headers={"HX-Request": "true", "HX-Target": "dlg"})
    assert "<html" not in dialog.content.decode() and "wd--counted" in dialog.content.decode()
    assert client_of(city.people["outsider"]).get(url).status_code == 404


def test_a_case_without_an_open_clock_has_no_governing_date(city: City, order: WorkOrder) -> None:
    Clock.objects.update(state="cancelled")
    assert client_of(city.people["officer"]).get(reverse("order_why", args=[order.pk])).status_code == 404


def test_the_case_page_shows_what_rests_without_a_date(city: City, order: WorkOrder) -> None:
    paused(city, order, city.at, None)
    Clock.objects.filter(state="running").update(state="cancelled")
    page = client_of(city.people["officer"]).get(reverse("petition", args=[order.petition_id])).content.decode()
    assert "sla--paused" in page and reverse("clock", args=[clock_of(order).pk]) in page


def test_the_page_costs_the_same_however_long_the_course(
    city: City, order: WorkOrder, django_assert_num_queries
) -> None:
    client, url = client_of(city.people["officer"]), reverse("clock", args=[clock_of(order).pk])
    client.get(url)
    with django_assert_num_queries(7):
        client.get(url)
    paused(city, order, city.at + 2 * DAY, city.at + 5 * DAY)
    with django_assert_num_queries(7):
        client.get(url)
