"""Indicators over the API: the figures of the pages, as far as the client's unit reaches."""

from datetime import timedelta
from typing import Any

import pytest

from dispatch.actions import orders
from insights.actions import tallies
from insights.board import Board, UnitSheet
from insights.figures import DAY
from insights.indicators import GROUPS, INDICATORS, Measure
from tests.city import City, make_order, make_petition
from tests.dispatch.test_views_case import enter
from tests.insights.test_tallies import busy

MONTH = {"period": "2026-11"}
QUERIES = 6


@pytest.fixture
def counted(city: City) -> City:
    busy(city)
    other = make_petition(city, area=city.areas["330225"], register_unit=city.units["city_office"])
    orders.dispatch(other.pk, lead=city.units["transport"], actor=city.officer, at=city.at)
    make_order(city, petition=make_petition(city, purpose="JK", respondent_unit=city.town))
    tallies.recount(at=city.at + timedelta(days=11))
    return city


def reader(caller: Any, unit: str = "city_office") -> Any:
    return caller(unit=unit, channel="online", scopes=["reports:read"])


def by_unit(answer: Any) -> dict[str, dict[str, Any]]:
    """{code of the unit: {key: figure}}, the total under ""."""
    found = answer.json()
    rows = {row["unit"]["code"]: row["figures"] for row in found["items"]}
    return {code: {f["key"]: f for f in figures} for code, figures in {"": found["total"], **rows}.items()}


def same(told: dict[str, Any], figure: Any) -> bool:
    """Whether the API tells what the page shows."""
    value, row = figure.value, figure.indicator
    if value is not None and row.measure == Measure.DAYS:
        value /= DAY
    hit = figure.sums.numerator if row.is_share else None
    return (told["value"], told["hit"], told["of"]) == (value, hit, figure.count)


def test_every_figure_is_that_of_the_scoreboard(counted: City, caller: Any) -> None:
    answer = reader(caller).get("/indicators", MONTH)
    assert answer.status_code == 200, answer.content
    told, seen = by_unit(answer), 0
    for group in GROUPS:
        board: Board = enter(counted.officer).get(f"/statistics/?period=2026-11&group={group}").context["board"]
        for code, line in [("", board.total), *((line.unit.code, line) for line in board.lines)]:
            for cell in line.cells:
                assert same(told[code][cell.figure.indicator.key], cell.figure), (code, cell.figure)
                seen += cell.figure.count
    assert seen > 0
    assert [row["key"] for row in answer.json()["indicators"]] == list(INDICATORS)


def test_the_months_of_a_unit_are_those_of_its_sheet(counted: City, caller: Any) -> None:
    asked = {"by": "month", "unit": "330203-HOUSING", "period": "2026-Q4", "group": "timeliness"}
    found = reader(caller).get("/indicators", asked).json()
    assert [row["month"] for row in found["items"]] == ["2026-10", "2026-11", "2026-12"]
    url = "/statistics/units/330203-HOUSING/?period=2026-Q4"
    sheet: UnitSheet = enter(counted.officer).get(url).context["sheet"]
    shown = {row["indicator"].key: row["months"][-2].figure for _label, rows in sheet.groups for row in rows}
    assert all(same(figure, shown[figure["key"]]) for figure in found["items"][1]["figures"])


@pytest.mark.parametrize(
    ("unit", "codes"),
    [
        ("city_office", {"NB-PETITION", "330203-HOUSING", "330203-ENFORCEMENT", "330225-TRANSPORT"}),
        ("housing", {"330203-HOUSING"}),
        ("transport", {"330225-TRANSPORT"}),
    ],
)
def test_an_office_counts_its_city_and_a_unit_its_own(counted: City, caller: Any, unit: str, codes: set[str]) -> None:
    told = by_unit(reader(caller, unit).get("/indicators", MONTH))
    assert told.keys() - {""} == codes
    # The total holds no more than the lines do.
    for key in ("orders", "closed"):
        assert told[""][key]["of"] == sum(told[code][key]["of"] for code in codes)


def test_a_districts_office_counts_its_district(counted: City, caller: Any) -> None:
    board = enter(counted.district_officer).get("/statistics/?period=2026-11&group=routing").context["board"]
    office = counted.district_officer.unit
    key = next(name for name, unit in counted.units.items() if unit == office)
    told = by_unit(reader(caller, key).get("/indicators", {**MONTH, "group": "routing"}))
    for cell in board.total.cells:
        assert same(told[""][cell.figure.indicator.key], cell.figure)


def test_an_accusation_is_in_no_figure(counted: City, caller: Any) -> None:
    told = by_unit(reader(caller).get("/indicators", {**MONTH, "indicator": "total_volume,orders"}))
    assert told[""].keys() == {"total_volume", "orders"}
    assert told[""]["orders"]["of"] == INDICATORS["orders"].denominator_rows().count()


def test_filters_narrow_and_nonsense_is_named(counted: City, caller: Any) -> None:
    office = reader(caller)
    told = by_unit(office.get("/indicators", {**MONTH, "district": "330225", "group": "routing"}))
    assert told.keys() - {""} == {"330225-TRANSPORT"}
    assert office.get("/indicators", {**MONTH, "by": "none"}).json()["items"] == []
    for name, value in (("period", "2026-13"), ("indicator", "nonsense"), ("unit", "X"), ("district", "330203001")):
        answer = office.get("/indicators", {name: value})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == f"/{name}"


def test_without_the_scope_nothing_is_told(caller: Any) -> None:
    answer = caller().get("/indicators")
    assert (answer.status_code, answer.json()["scope"]) == (403, "reports:read")


def test_units_come_in_pages_at_one_statement_count(counted: City, caller: Any, django_assert_num_queries: Any) -> None:
    housing, office = reader(caller, "housing"), reader(caller)
    for who in (housing, office):
        who.get("/indicators", MONTH)
    # One unit and four.
    with django_assert_num_queries(QUERIES):
        housing.get("/indicators", MONTH)
    with django_assert_num_queries(QUERIES):
        whole = office.get("/indicators", MONTH).json()
    codes, asked = [], {**MONTH, "limit": "3"}
    while True:
        part = office.get("/indicators", asked)
        codes += [row["unit"]["code"] for row in part.json()["items"]]
        if not part.json()["next"]:
            break
        assert 'rel="next"' in part["Link"]
        asked["cursor"] = part.json()["next"]
    assert codes == [row["unit"]["code"] for row in whole["items"]]
    assert len(codes) == 4
