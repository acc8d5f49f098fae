"""The past is taken up once, running clocks are forecast, forecasts are kept and judged, and nothing is invented."""

from datetime import timedelta
from typing import Any

import pytest

from dispatch.actions import orders, sweep
from dispatch.models import Clock
from insights.actions import history, outlooks
from insights.models import ForecastRecord, Outlook, Spell
from insights.outlook import CalibrationBoard, judged, sayings
from insights.pasts import Pasts, as_running, running_clocks
from tests.city import City, fed_back, make_order, make_petition
from tests.dispatch.test_views_case import enter

DAY = timedelta(days=1)


def past(city: City, hours: list[float], *, unit: str = "housing") -> None:
    """Ended feedback clocks of a unit, as long as told, of real orders."""
    order = make_order(city, lead=city.units[unit])
    clock = Clock.objects.select_related("policy").get(order=order, policy__key="O_feedback_7d")
    start = city.at - 60 * DAY
    clocks = Clock.objects.bulk_create(
        Clock(
            policy=clock.policy,
            subject=clock.subject,
            subject_id=order.pk,
            petition=order.petition,
            order=order,
            unit=order.unit,
            state="met",
            started_at=start,
            due_at=start + 7 * DAY,
            ended_at=start + timedelta(hours=length),
            breached_at=start + 7 * DAY if length > 168 else None,
        )
        for length in hours
    )
    Spell.objects.bulk_create(
        Spell(
            clock=row,
            generation=row.generation,
            key="O_feedback_7d",
            unit=order.unit,
            duty=order.unit.duty,
            district=order.petition.district,
            top_class="03",
            started_at=row.started_at,
            ended_at=row.ended_at,
            term=7 * 24 * 60,
            minutes=int((row.ended_at - row.started_at).total_seconds() / 60),
            is_finished=True,
        )
        for row in clocks
    )


def test_what_has_ended_is_taken_up_once(city: City) -> None:
    fed_back(city)
    run = history.take(at=city.at + DAY)
    keys = set(Spell.objects.values_list("key", flat=True))
    assert keys == {"O_sign", "O_contact", "O_feedback_7d"} and run.rows == 3
    assert history.take(at=city.at + DAY).rows == 0
    assert Spell.objects.get(key="O_feedback_7d").minutes == 120


def test_a_recalled_order_was_only_watched_not_finished(city: City) -> None:
    order = make_order(city)
    orders.recall(order.pk, reason="派错单位", actor=city.officer, at=city.at + DAY)
    history.take(at=city.at + 2 * DAY)
    assert set(Spell.objects.values_list("is_finished", flat=True)) == {False}


def test_a_clock_that_ended_again_counts_once_with_its_last_end(city: City) -> None:
    order = fed_back(city)
    history.take(at=city.at + timedelta(hours=3))
    orders.check(order.pk, passes=False, remark="补充照片", actor=city.officer, at=city.at + DAY)
    orders.feed_back(
        order.pk, outcome="solved", findings="已补充现场照片及说明材料。", actor=city.handler, at=city.at + 2 * DAY
    )
    history.take(at=city.at + 3 * DAY)
    assert Spell.objects.filter(key="O_feedback_7d").count() == 2
    curve = Pasts(city.at + 3 * DAY).curve("O_feedback_7d", "unit", order.unit_id)
    assert [length for length in curve.lengths if length < 3 * 24 * 60] == [2 * 24 * 60]


def test_class_a_is_no_past_and_gets_no_forecast(city: City) -> None:
    petition = make_petition(city, purpose="JK", respondent_unit=city.units["transport"])
    orders.dispatch(petition.pk, lead=city.units["housing"], actor=city.officer, at=city.at)
    outlooks.refresh(at=city.at + DAY)
    assert not Spell.objects.exists() and not Outlook.objects.exists()


def test_the_forecast_comes_from_the_units_own_past_and_says_on_how_much(city: City) -> None:
    past(city, [30] * 10 + [100] * 15 + [200] * 5)
    order = make_order(city)
    said = {s.clock.policy.key: s for s in sayings([order.pk], city.at + 2 * DAY)}["O_feedback_7d"]
    # At 48 hours 20 were open, five of them in the end beyond the seven days and some hours.
    assert (said.said.level, said.said.evidence, said.percent) == ("unit", 20, 25)
    assert "依据 20 件" in said.sentence and "25%" in said.sentence


def test_too_little_past_is_said_instead_of_a_number(city: City) -> None:
    order = make_order(city)
    page = enter(city.leader).get(f"/petitions/{order.petition_id}/").content.decode()
    assert "样本不足" in page


def test_another_unit_with_little_past_borrows_from_a_wider_circle_and_says_so(city: City) -> None:
    past(city, [50] * 30)
    order = make_order(city, lead=city.units["enforcement"])
    said = {s.clock.policy.key: s for s in sayings([order.pk], city.at + timedelta(hours=1))}["O_feedback_7d"]
    assert said.said.level == "district"


def test_outlooks_follow_their_clocks(city: City) -> None:
    past(city, [50] * 30)
    order = make_order(city)
    outlooks.refresh(at=city.at + timedelta(hours=1))
    keys = set(Outlook.objects.filter(clock__order=order).values_list("clock__policy__key", flat=True))
    assert "O_feedback_7d" in keys
    fed_back(city, order=order)
    outlooks.refresh(at=city.at + DAY)
    assert not Outlook.objects.filter(clock__order=order).exists()


def feedback_record(city: City, order: Any) -> ForecastRecord:
    return ForecastRecord.objects.get(clock__order=order)


def test_a_forecast_is_kept_once_a_quarter_and_judged_by_what_happened(city: City) -> None:
    past(city, [50] * 20 + [200] * 20)
    order = make_order(city)
    outlooks.refresh(at=city.at + timedelta(hours=60))
    outlooks.refresh(at=city.at + timedelta(hours=61))
    record = ForecastRecord.objects.get(clock__order=order)
    assert record.quarter == 1 and record.probability == 1.0
    mine = ForecastRecord.objects.filter(pk=record.pk)
    assert not judged(mine).exists()
    sweep.sweep(at=city.at + 9 * DAY)
    assert judged(mine).get().was_late


def test_a_forecast_of_a_recalled_order_is_never_judged(city: City) -> None:
    past(city, [50] * 20 + [200] * 20)
    order = make_order(city)
    outlooks.refresh(at=city.at + timedelta(hours=60))
    orders.recall(order.pk, reason="派错单位", actor=city.officer, at=city.at + 3 * DAY)
    assert ForecastRecord.objects.filter(clock__order=order).exists()
    assert not judged(ForecastRecord.objects.filter(clock__order=order)).exists()


def test_a_replay_uses_nothing_that_was_not_known_then(city: City) -> None:
    past(city, [50] * 30)
    # Everything began at once: when a quarter of a term had passed, nothing had ended, so nothing could be said.
    assert outlooks.replay(at=city.at) == 0
    Spell.objects.filter(pk__in=list(Spell.objects.values_list("pk", flat=True)[:25])).update(
        started_at=city.at - 100 * DAY, ended_at=city.at - 98 * DAY
    )
    assert outlooks.replay(at=city.at) > 0
    assert set(ForecastRecord.objects.values_list("is_replayed", flat=True)) == {True}
    before = ForecastRecord.objects.count()
    assert outlooks.replay(at=city.at) == before


def test_a_wider_reader_sees_all_outlooks_a_unit_its_own(city: City) -> None:
    past(city, [50] * 5 + [200] * 30)
    make_order(city)
    outlooks.refresh(at=city.at + timedelta(hours=60))
    for who, number in (
        ("officer", 1),
        ("leader", 1),
        ("district_officer", 1),
        ("outside_leader", 0),
        ("far_officer", 0),
    ):
        assert Outlook.objects.visible_to(city.people[who]).filter(probability__gte=0.5).count() >= number, who
        if number == 0:
            assert not Outlook.objects.visible_to(city.people[who]).exists()


@pytest.mark.parametrize("path", ["/statistics/outlook/", "/statistics/calibration/", "/statistics/calibration/rows/"])
@pytest.mark.parametrize("who", ["officer", "leader", "outsider", "inspector"])
def test_the_pages_open_with_and_without_data(city: City, path: str, who: str) -> None:
    client = enter(city.people[who])
    assert client.get(path).status_code == 200
    past(city, [50] * 20 + [200] * 20)
    make_order(city)
    outlooks.refresh(at=city.at + timedelta(hours=60))
    sweep.sweep(at=city.at + 9 * DAY)
    assert client.get(f"{path}?period=2026-11&tenth=9").status_code == 200


def test_each_tenth_of_the_calibration_is_the_number_of_its_rows(city: City) -> None:
    past(city, [50] * 20 + [200] * 20)
    make_order(city)
    outlooks.refresh(at=city.at + timedelta(hours=60))
    sweep.sweep(at=city.at + 9 * DAY)
    client = enter(city.officer)
    response = client.get("/statistics/calibration/?period=2026-11")
    bins = response.context["bins"]
    assert sum(b.count for b, _query in bins) == response.context["found"].count == 2
    for b, query in bins:
        rows = client.get(f"/statistics/calibration/rows/?{query}").context["page"].rows
        assert len(rows) == b.count
    assert isinstance(response.context["board"], CalibrationBoard)


def test_a_leader_finds_what_is_likely_late_on_the_desk_and_an_outsider_does_not(city: City) -> None:
    from django.utils import timezone

    city.at = timezone.now() - timedelta(hours=60)
    past(city, [50] * 5 + [200] * 30)
    order = make_order(city, at=city.at)
    outlooks.refresh(at=timezone.now())
    link = f"/petitions/{order.petition_id}/#forecast"
    assert link in enter(city.leader).get("/").content.decode()
    assert link not in enter(city.outside_leader).get("/").content.decode()


def test_running_clocks_read_what_a_forecast_needs(city: City) -> None:
    order = make_order(city)
    rows = list(as_running(running_clocks().filter(order=order)))
    assert {row.unit for row in rows} == {order.unit_id}
    assert {row.top_class for row in rows} == {"03"} and all(row.term > 0 for row in rows)


def test_rules_in_working_time_are_measured_in_working_time(city: City) -> None:
    # Friday 16:00 to Monday 10:00: sixty-six hours by the wall, two or three of them in the office.
    friday = city.at - timedelta(days=2, hours=18)
    order = make_order(city, at=friday)
    orders.sign(order.pk, actor=city.handler, at=city.at)
    history.take(at=city.at + DAY)
    spell = Spell.objects.get(clock__order=order, key="O_sign")
    assert spell.term == 120
    assert 60 <= spell.minutes <= 240
