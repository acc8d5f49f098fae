"""Returns on the board: asked, accepted, groundless, asked again; each number with its rows."""

from datetime import timedelta

from dispatch.actions import returns
from insights.actions import tallies
from insights.models import Hop, Tally
from tests.city import City, make_order
from tests.dispatch.test_views_case import enter

HOUR = timedelta(hours=1)
PERIOD = "period=2026-11"


def ask(city: City, *, at: timedelta = HOUR) -> int:
    order = make_order(city)
    words = "电梯属特种设备，监管职责在市场监管部门，请改派。"
    returns.ask_return(
        order.pk,
        reason="R2",
        words=words,
        right_unit=city.units["enforcement"],
        actor=city.leader,
        at=city.at + at,
    )
    return order.pk


def figures(city: City) -> dict[str, tuple[int, int]]:
    rows = Tally.objects.filter(unit=city.units["housing"])
    return {row.indicator: (row.numerator, row.denominator) for row in rows}


def test_an_accepted_return_counts_as_returned_and_is_a_hop_of_the_units_own(city: City) -> None:
    order = ask(city)
    returns.accept_return(
        order, ruling="情况属实，改派。", to=city.units["enforcement"], actor=city.officer, at=city.at + 2 * HOUR
    )
    tallies.recount(at=city.at + 3 * HOUR)
    found = figures(city)
    assert found["return_rate"] == (1, 1)
    assert found["groundless_return_rate"] == (0, 1)
    assert found["multi_return_rate"] == (0, 1)
    assert Hop.objects.get().way == Hop.Way.RETURNED


def test_a_groundless_return_counts_against_the_unit_with_its_row_behind_it(city: City) -> None:
    order = ask(city)
    returns.reject_return(order, ruling="职责清单明确属你单位。", actor=city.officer, at=city.at + 2 * HOUR)
    tallies.recount(at=city.at + 3 * HOUR)
    assert figures(city)["groundless_return_rate"] == (1, 1)
    client = enter(city.officer)
    view = client.get(f"/statistics/passing/?{PERIOD}").context["view"]
    cell = view.returns["groundless_return_rate"]
    assert cell.figure.sums.numerator == 1
    lines = client.get(cell.hit_url).context["lines"]
    assert [line.is_hit for line in lines] == [True]


def test_a_return_nobody_has_decided_is_asked_for_and_no_more(city: City) -> None:
    ask(city)
    tallies.recount(at=city.at + 3 * HOUR)
    found = figures(city)
    assert "groundless_return_rate" not in found
    assert found["multi_return_rate"] == (0, 1) and found["return_rate"] == (0, 1)
