"""Counting: figures equal their rows, folding equals recounting, class A is nowhere."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.actors import Actor
from dispatch.actions import orders, sweep
from insights.actions import tallies
from insights.indicators import INDICATORS, TALLIED
from insights.models import Hop, Run, Tally
from petitions import actions as petitions
from petitions import events
from tests.city import City, fed_back, make_order, make_petition, replied

DAY = timedelta(days=1)


def pass_on(city: City, *stops: str, at: Any = None) -> int:
    """A petition dispatched to each unit in turn, recalled from all but the last; returns its id."""
    at = at or city.at
    petition = make_petition(city, at=at)
    for place, unit in enumerate(stops):
        moment = at + DAY * place
        order = make_order(city, petition=petition, at=moment, lead=city.units[unit])
        if place < len(stops) - 1:
            orders.recall(order.pk, reason="不属该单位职责", actor=city.officer, at=moment + timedelta(hours=20))
    return petition.pk


def busy(city: City) -> None:
    """A little of everything."""
    make_order(city)
    fed_back(city)
    petition = replied(city)
    petitions.rate(petition.pk, office=3, unit=1, comment="慢", actor=city.officer, at=city.at + DAY)
    petitions.close(petition.pk, remark="办结", actor=city.officer, at=city.at + 2 * DAY)
    pass_on(city, "housing", "enforcement", "housing")
    late = make_order(city, lead=city.units["enforcement"])
    sweep.sweep(at=city.at + 10 * DAY)
    assert late.pk


def test_every_figure_is_the_number_of_its_rows(city: City) -> None:
    busy(city)
    tallies.recount(at=city.at + 11 * DAY)
    for indicator in INDICATORS.values():
        rows = Tally.objects.filter(indicator=indicator.tally)
        assert sum(row.denominator for row in rows) == indicator.denominator_rows().count(), indicator.key
        assert sum(row.numerator for row in rows) == indicator.numerator_rows().count(), indicator.key


def snapshot() -> list[tuple[Any, ...]]:
    return sorted(Tally.objects.values_list(), key=repr)


def test_folding_leaves_what_a_recount_finds(city: City) -> None:
    tallies.fold(at=city.at)
    busy(city)
    run = tallies.fold(at=city.at + 10 * DAY)
    assert run.kind == Run.Kind.FOLD and run.rows > 0
    folded = snapshot()
    assert folded
    again = tallies.recount(at=city.at + 10 * DAY)
    assert again.differences == 0 and snapshot() == folded
    tallies.fold(at=city.at + 10 * DAY)
    assert snapshot() == folded


def test_a_recount_tells_and_mends_what_is_wrong(city: City) -> None:
    busy(city)
    tallies.recount(at=city.at)
    right = snapshot()
    Tally.objects.filter(indicator="orders").update(denominator=99)
    assert tallies.recount(at=city.at).differences > 0
    assert snapshot() == right


def test_class_a_is_counted_nowhere(city: City) -> None:
    petition = make_petition(city, purpose="JK", respondent_unit=city.units["transport"])
    assert petition.is_restricted
    orders.dispatch(petition.pk, lead=city.units["housing"], actor=city.officer, at=city.at)
    tallies.recount(at=city.at)
    assert not Tally.objects.exists() and not Hop.objects.exists()


def test_a_matter_that_comes_back_is_a_loop_and_a_rework_is_none(city: City) -> None:
    petition = pass_on(city, "housing", "enforcement", "housing")
    done = replied(city)
    petitions.rework(done.pk, reason="信访人反映仍未解决", actor=city.officer, at=city.at + DAY)
    tallies.recount(at=city.at + 3 * DAY)
    found = list(Hop.objects.order_by("place").values_list("petition", "from_unit__code", "to_unit__code", "is_loop"))
    assert found == [
        (petition, "330203-HOUSING", "330203-ENFORCEMENT", False),
        (petition, "330203-ENFORCEMENT", "330203-HOUSING", True),
    ]
    assert {hop.held_minutes for hop in Hop.objects.all()} == {24 * 60}


@pytest.mark.parametrize("indicator", TALLIED, ids=lambda row: row.key)
def test_a_numerator_lies_within_its_denominator(city: City, indicator: Any) -> None:
    busy(city)
    inside = indicator.denominator_rows().values("pk")
    assert not indicator.numerator_rows().exclude(pk__in=inside).exists()


def test_what_touches_no_petition_is_found_by_its_event(city: City) -> None:
    order = make_order(city)
    tallies.fold(at=city.at)
    clock = order.clocks.get(policy__key="O_feedback_7d")
    clock.extended = 2
    clock.save()
    events.record(order.petition_id, "note", actor=Actor.of(city.officer), at=city.at + DAY, data={})
    tallies.fold(at=city.at + 30 * DAY)
    assert tallies.recount(at=city.at + 30 * DAY).differences == 0
    assert Tally.objects.get(indicator="extension_rate", unit=order.unit).numerator == 1
