"""The figures of §6.1 that rest on rating windows, first-time settlement, reviews, suggestions and intake."""

from datetime import timedelta
from typing import Any

import pytest

from dispatch.actions import upkeep
from insights.actions import tallies
from insights.figures import Figure, Sums, figure_of, sums_by
from insights.indicators import INDICATORS
from insights.models import Run, Tally
from petitions import actions
from petitions.models import Petition
from tests.city import City, make_order, make_petition, replied

DAY = timedelta(days=1)


def figure(key: str) -> Figure:
    indicator = INDICATORS[key]
    return figure_of(sums_by(Tally.objects.all(), [indicator]), indicator)


def pair(key: str) -> tuple[int, int]:
    sums = figure(key).sums
    return sums.numerator, sums.denominator


def asked(city: City, score: int | None = None, **changes: Any) -> Petition:
    """A matter replied to, rated with this score unless the window is left to lapse."""
    petition = replied(city, order=make_order(city, petition=make_petition(city, **changes)))
    if score is not None:
        actions.rate(petition.pk, office=3, unit=score, comment="", actor=city.officer, at=city.at + DAY)
    return petition


def lapse(city: City) -> None:
    upkeep.keep(at=city.at + 20 * DAY)
    tallies.recount(at=city.at + 20 * DAY)


def test_participation_counts_windows_used_or_run_out_and_none_that_runs(city: City) -> None:
    asked(city, 3)
    asked(city)
    tallies.recount(at=city.at + 2 * DAY)
    assert pair("participation_rate") == (1, 1)
    lapse(city)
    assert pair("participation_rate") == (1, 2)


def test_weighted_satisfaction_is_participation_times_satisfaction(city: City) -> None:
    for score in (3, 2, 1, None):
        asked(city, score)
    lapse(city)
    assert pair("participation_rate") == (3, 4)
    assert pair("satisfaction_unit") == (2, 3)
    assert pair("weighted_satisfaction") == (2, 4)


def test_a_lapsed_window_is_found_by_folding(city: City) -> None:
    asked(city)
    tallies.recount(at=city.at + DAY)
    upkeep.keep(at=city.at + 20 * DAY)
    tallies.fold(at=city.at + 20 * DAY)
    assert pair("participation_rate") == (0, 1)
    assert tallies.recount(at=city.at + 20 * DAY).differences == 0
    assert Run.objects.count() == 3


def closed(city: City, score: int = 3, **changes: Any) -> Petition:
    petition = asked(city, score, **changes)
    return actions.close(petition.pk, remark="已办结", actor=city.officer, at=city.at + 2 * DAY)


def repeat(city: City, earlier: Petition, days: int) -> None:
    later = make_petition(city, at=city.at + days * DAY)
    actions.mark_repeat(later.pk, of=earlier, actor=city.officer, at=city.at + days * DAY)


def test_settled_at_the_first_time_means_quiet_for_ninety_days(city: City) -> None:
    soon, late, quiet = closed(city), closed(city), closed(city)
    repeat(city, soon, 30)
    repeat(city, late, 120)
    tallies.recount(at=city.at + 130 * DAY)
    assert quiet.pk and pair("first_settle_rate") == (2, 3)
    assert pair("reopen_rate") == (2, 3)


def test_a_repeat_is_found_by_folding_on_the_earlier_matter_too(city: City) -> None:
    earlier = closed(city)
    tallies.recount(at=city.at + 3 * DAY)
    repeat(city, earlier, 30)
    tallies.fold(at=city.at + 30 * DAY)
    assert pair("first_settle_rate") == (0, 1)


def test_intake_is_the_offices(city: City) -> None:
    make_petition(city, headcount=7, affected_count=7)
    make_petition(city, headcount=2, affected_count=2)
    make_petition(city, channel="qr")
    make_petition(city, channel="phone")
    tallies.recount(at=city.at + DAY)
    assert figure("total_volume").value == 4 and pair("online_share") == (1, 4)
    assert (figure("visit_batches").value, figure("visit_persons").value) == (2, 9)
    assert (figure("group_visit_batches").value, figure("group_visit_persons").value) == (1, 7)
    rows = Tally.objects.filter(indicator="total_volume")
    assert {row.unit for row in rows.select_related("unit")} == {city.city_office}


def test_a_sum_of_nothing_is_nothing_and_no_dash(city: City) -> None:
    assert Figure(INDICATORS["visit_persons"], Sums()).text == "0"
    assert Figure(INDICATORS["avg_reply_days"], Sums()).text == "–"


def test_the_mean_time_to_the_reply_leaves_repeats_out(city: City) -> None:
    earlier = asked(city)
    again = asked(city)
    actions.mark_repeat(again.pk, of=earlier, actor=city.officer, at=city.at + DAY)
    tallies.recount(at=city.at + 2 * DAY)
    assert figure("avg_reply_days").count == 1
    assert figure("avg_reply_days").value == pytest.approx(5 * 60)
