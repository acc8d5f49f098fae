"""Scoreboard, unit sheet, rows and exports as their readers see them."""

import re
from datetime import timedelta
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from accounts.models import AccessLog, Unit
from dispatch.actions import orders
from insights.actions import tallies
from insights.indicators import GROUPS, INDICATORS, grouped
from insights.models import Tally
from insights.rows import Rows
from petitions import actions as petitions
from tests.city import City, fed_back, make_order, make_petition, replied
from tests.dispatch.test_views_case import enter
from tests.insights.test_tallies import busy, pass_on

PERIOD = "period=2026-11"


@pytest.fixture
def counted(city: City) -> City:
    busy(city)
    other = make_petition(city, area=city.areas["330225"], register_unit=city.units["city_office"])
    orders.dispatch(other.pk, lead=city.units["transport"], actor=city.officer, at=city.at)
    tallies.recount(at=city.at + timedelta(days=11))
    return city


def figures(client: Client, query: str) -> list[Any]:
    """Every cell of the board, the totals included."""
    response = client.get(f"/statistics/?{PERIOD}&{query}")
    assert response.status_code == 200
    board = response.context["board"]
    return [cell for line in [board.total, *board.lines] for cell in line.cells]


@pytest.mark.parametrize("who", ["officer", "district_officer", "leader", "handler", "inspector", "outsider"])
def test_every_figure_is_the_number_of_rows_behind_its_links_for_every_reader(counted: City, who: str) -> None:
    client, seen = enter(counted.people[who]), 0
    for group in GROUPS:
        for cell in figures(client, f"group={group}"):
            links = [(cell.all_url, cell.figure.sums.denominator), (cell.hit_url, cell.figure.sums.numerator)]
            for url, number in links:
                behind = client.get(url)
                assert behind.context["rows"].count == number, f"{who} {url}"
                assert len(behind.context["lines"]) == min(50, number)
                seen += number
    assert seen > 0


def test_a_unit_sees_its_own_figures_only_and_a_district_its_own_matters(counted: City) -> None:
    for who, expected in (
        ("leader", {"330203-HOUSING"}),
        ("district_officer", {"330203-HOUSING", "330203-ENFORCEMENT"}),
        ("far_officer", {"330225-TRANSPORT"}),
        ("officer", {"330203-HOUSING", "330203-ENFORCEMENT", "330225-TRANSPORT"}),
    ):
        response = enter(counted.people[who]).get(f"/statistics/?{PERIOD}&sort=orders")
        assert {line.unit.code for line in response.context["board"].lines} == expected, who


def test_what_a_unit_gave_back_counts_without_being_open_to_it(counted: City) -> None:
    response = enter(counted.other_leader).get(f"/statistics/rows/orders/all/?{PERIOD}&unit=330203-ENFORCEMENT")
    lines = response.context["lines"]
    assert any(not line.summary for line in lines) and any(line.summary for line in lines)
    recalled = next(line for line in lines if not line.summary)
    assert f"/petitions/{recalled.petition_id}/" not in response.content.decode()


def test_rows_never_name_a_petitioner(counted: City) -> None:
    for who in ("officer", "leader"):
        page = enter(counted.people[who]).get(f"/statistics/rows/orders/all/?{PERIOD}").content.decode()
        assert "周小琴" not in page and "周*琴" not in page and "13812345127" not in page


def test_who_may_not_look_at_statistics_is_refused_and_a_foreign_unit_is_not_found(counted: City) -> None:
    assert enter(counted.admin).get("/statistics/").status_code == 403
    assert enter(counted.outsider).get("/statistics/units/330203-HOUSING/").status_code == 404
    assert enter(counted.outsider).get("/statistics/units/330225-TRANSPORT/").status_code == 200
    assert enter(counted.officer).get("/statistics/units/NO-SUCH/").status_code == 404
    assert enter(counted.officer).get("/statistics/rows/nonsense/all/").status_code == 404
    rows = enter(counted.outsider).get(f"/statistics/rows/orders/all/?{PERIOD}&unit=330203-HOUSING")
    assert rows.context["rows"].count == 0


def test_fewer_than_ten_rows_are_not_ranked_and_show_their_count(counted: City) -> None:
    response = enter(counted.officer).get(f"/statistics/?{PERIOD}")
    board = response.context["board"]
    assert all(line.rank is None for line in board.lines)
    page = re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", response.content.decode()))
    figure = board.total.cells[1].figure
    assert f"{figure.sums.numerator}/{figure.count}" in page


def many(city: City, number: int) -> list[Unit]:
    """Units with twenty feedback deadlines each, the first with one miss, the next with two, the last two alike."""
    units = [
        Unit.objects.create(
            code=f"330203-X{i:02d}",
            name=f"单位{i}",
            short_name=f"单位{i}",
            kind="bureau",
            area=city.areas["330203"],
            parent=city.units["district"],
            path=f"{city.units['district'].path}330203-X{i:02d}/",
        )
        for i in range(number)
    ]
    Tally.objects.bulk_create(
        Tally(
            indicator="on_time_feedback_rate",
            month="2026-11-01",
            unit=unit,
            district=city.areas["330203"],
            stratum="03|normal|0|0",
            numerator=20 - min(place + 1, number - 1) % 20,
            denominator=20,
        )
        for place, unit in enumerate(units)
    )
    return units


def test_units_are_ranked_with_ties_and_the_worst_stand_first(city: City) -> None:
    many(city, 4)
    client = enter(city.officer)
    board = client.get(f"/statistics/?{PERIOD}&group=timeliness").context["board"]
    assert [line.rank for line in board.lines] == [3, 3, 2, 1]
    board = client.get(f"/statistics/?{PERIOD}&group=timeliness&order=best").context["board"]
    assert [line.rank for line in board.lines] == [1, 2, 3, 3]


def test_pages_of_fifty_hold_every_unit_once_forwards_and_back(city: City) -> None:
    many(city, 120)
    client = enter(city.officer)
    seen: list[int] = []
    url = f"/statistics/?{PERIOD}&group=timeliness"
    while url:
        board = client.get(url).context["board"]
        seen += [line.unit.pk for line in board.lines]
        cursor = board.next_cursor
        url = f"/statistics/?{PERIOD}&group=timeliness&cursor={cursor}" if cursor else ""
    assert len(seen) == len(set(seen)) == 120
    last = client.get(f"/statistics/?{PERIOD}&group=timeliness&cursor={seen[99]}").context["board"]
    assert last.previous_cursor == str(seen[49])


@pytest.mark.parametrize("number", [1, 3])
def test_the_board_asks_the_same_number_of_times_however_many_units(city: City, number: int) -> None:
    many(city, number)
    client = enter(city.officer)
    client.get("/statistics/")
    with CaptureQueriesContext(connection) as captured:
        client.get(f"/statistics/?{PERIOD}&group=timeliness")
    assert len(captured) == QUERIES


QUERIES = 17


@pytest.mark.parametrize("number", [1, 3])
def test_the_rows_ask_the_same_number_of_times_however_many_rows(city: City, number: int) -> None:
    for _i in range(number):
        fed_back(city)
    client = enter(city.officer)
    client.get(f"/statistics/rows/on_time_feedback_rate/all/?{PERIOD}")
    with CaptureQueriesContext(connection) as captured:
        found = client.get(f"/statistics/rows/on_time_feedback_rate/all/?{PERIOD}")
    assert len(found.context["lines"]) == number
    assert len(captured) == ROW_QUERIES


ROW_QUERIES = 7


def test_the_unit_sheet_has_twelve_months_and_every_indicator(counted: City) -> None:
    response = enter(counted.leader).get(f"/statistics/units/330203-HOUSING/?{PERIOD}")
    groups = response.context["sheet"].groups
    rows = [row for _label, found in groups for row in found]
    assert [row["indicator"].key for row in rows] == [row.key for key in GROUPS for row in grouped(key)]
    assert {len(row["months"]) for row in rows} == {12}
    orders_row = next(row for row in rows if row["indicator"].key == "orders")
    assert orders_row["months"][-1].figure.count == orders_row["cell"].figure.count > 0


def test_median_and_p90_are_those_of_the_rows(city: City) -> None:
    for days in (1, 2, 3, 4, 30):
        petition = replied(city, at=city.at - timedelta(days=40))
        petitions.rate(petition.pk, office=3, unit=3, comment="", actor=city.officer, at=city.at - timedelta(days=39))
        at = petition.registered_at + timedelta(days=days + 1)
        petitions.close(petition.pk, remark="", actor=city.officer, at=at)
    tallies.recount(at=city.at)
    response = enter(city.officer).get("/statistics/?period=last12&group=timeliness")
    cells = {cell.figure.indicator.key: cell.figure for cell in response.context["board"].total.cells}
    assert cells["median_handle_days"].value == 4 * 24 * 60
    assert cells["p90_handle_days"].value == 31 * 24 * 60
    assert cells["avg_handle_days"].value == pytest.approx(9 * 24 * 60)


def test_the_comparison_asks_what_the_city_would_have_had_on_the_same_mix(city: City) -> None:
    units = many(city, 3)
    board = enter(city.officer).get(f"/statistics/?{PERIOD}&group=timeliness").context["board"]
    fair = {line.unit.pk: line.fair for line in board.lines}
    # Misses 1, 2 and 2 of 20 each: the city as a whole has 5 in 60.
    first = fair[units[0].pk]
    assert (first.observed, round(first.expected, 3)) == (1, round(5 / 3, 3))


def test_definitions_tell_every_indicator(city: City) -> None:
    page = enter(city.handler).get("/statistics/definitions/").content.decode()
    for indicator in INDICATORS.values():
        assert f'id="{indicator.key}"' in page


# ---- exports ----


def book_of(response: Any) -> Any:
    return load_workbook(BytesIO(b"".join(response.streaming_content))).active


def test_an_export_is_logged_with_its_reason_and_carries_who_when_and_what(counted: City) -> None:
    client = enter(counted.officer)
    url = f"/statistics/export/?{PERIOD}&group=routing"
    assert client.get(url).status_code == 200
    assert client.post(url, {"reason": ""}).status_code == 422 and not AccessLog.objects.exists()
    response = client.post(url, {"reason": "月度通报"})
    entry = AccessLog.objects.get()
    assert (entry.action, entry.target, entry.reason) == ("export", "insights:board", "月度通报")
    sheet = book_of(response)
    assert counted.officer.name in sheet["A3"].value and "月度通报" in sheet["A3"].value
    rows = list(sheet.iter_rows(min_row=5, values_only=True))
    assert any(row[0] == "海曙区住建局" and row[1] == "2026-11" for row in rows)


def test_rows_are_exported_as_listed_and_no_cell_is_a_formula(counted: City) -> None:
    evil = make_petition(counted, summary='=HYPERLINK("http://evil.example","点我")')
    make_order(counted, petition=evil)
    response = enter(counted.officer).post(f"/statistics/rows/orders/all/export/?{PERIOD}", {"reason": "核对明细"})
    sheet = book_of(response)
    cells = [cell for row in sheet.iter_rows(min_row=5) for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    assert any(cell.value == '=HYPERLINK("http://evil.example","点我")' for cell in cells)
    text = "".join(str(cell.value) for cell in cells)
    assert "周小琴" not in text
    listed = Rows(counted.officer, INDICATORS["orders"], "all", _query(PERIOD), counted.at).count
    assert sheet.max_row - 4 == listed


def _query(text: str) -> Any:
    from django.http import QueryDict

    return QueryDict(urlsplit(f"?{text}").query)


def test_class_a_is_in_no_export(counted: City) -> None:
    secret = make_petition(counted, purpose="JK", summary="举报某局长", respondent_unit=counted.units["transport"])
    orders.dispatch(secret.pk, lead=counted.units["housing"], actor=counted.officer, at=counted.at)
    response = enter(counted.officer).post(f"/statistics/rows/orders/all/export/?{PERIOD}", {"reason": "核对明细"})
    assert "举报某局长" not in str(list(book_of(response).iter_rows(values_only=True)))


@pytest.mark.parametrize("who", ["handler", "dispatcher", "agent", "lead_official", "reviewer"])
def test_who_may_not_export_is_refused_and_offered_no_button(counted: City, who: str) -> None:
    client = enter(counted.people[who])
    assert client.post(f"/statistics/export/?{PERIOD}", {"reason": "想看看"}).status_code == 403
    assert "/statistics/export/" not in client.get("/statistics/").content.decode()
    assert not AccessLog.objects.exists()


def test_passing_numbers_are_the_rows_behind_them(city: City) -> None:
    pass_on(city, "housing", "enforcement", "housing")
    pass_on(city, "housing", "enforcement")
    tallies.recount(at=city.at)
    client = enter(city.officer)
    view = client.get(f"/statistics/passing/?{PERIOD}").context["view"]
    assert (view.summary["hops"], view.summary["matters"], view.summary["loops"]) == (3, 2, 1)
    pair = view.pairs[0]
    assert (pair.giver.code, pair.taker.code, pair.count, pair.back) == ("330203-HOUSING", "330203-ENFORCEMENT", 2, 1)
    assert len(client.get(pair.url).context["page"].rows) == 2
    assert len(client.get(pair.back_url).context["page"].rows) == 1
    assert len(client.get(f"/statistics/passing/rows/?{PERIOD}&loop=1").context["page"].rows) == 1
    assert [len(chain.stops) for chain in view.chains] == [3]
    assert parse_qs(urlsplit(pair.url).query)["period"] == ["2026-11"]


def test_passing_concerns_giver_and_taker_and_nobody_else(city: City) -> None:
    pass_on(city, "housing", "enforcement")
    tallies.recount(at=city.at)
    for who, number in (("leader", 1), ("other_leader", 1), ("outside_leader", 0), ("far_officer", 0)):
        view = enter(city.people[who]).get(f"/statistics/passing/?{PERIOD}").context["view"]
        assert view.summary["hops"] == number, who
