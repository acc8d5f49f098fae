"""The wall: who sees it, what opens, what stays still, what a screen nobody signs in to shows."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone

from backlog import board as boards
from backlog.actions import deadlines
from backlog.board import INTERVAL, STALE_AFTER, compute, current
from backlog.counts import Scope
from backlog.filters import CaseFilters
from backlog.indicators import INDICATORS, counted, rows_url
from backlog.models import BacklogCase, TaskForce
from backlog.wall import Look, Wall
from backlog.wall.lines import standing
from petitions.models import Petition
from tests.backlog.boarding import add_clock, build_backlog
from tests.city import City

POLL = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def backlog(city: City) -> Any:
    """Around the real clock, because the views ask it."""
    city.at = timezone.now()
    return build_backlog(city)


def signed_in(city: City, who: str = "officer") -> Client:
    client = Client()
    client.force_login(city.people[who], backend="accounts.backends.StaffBackend")
    return client


@pytest.mark.parametrize("view", ["overview", "forces", "districts", "key"])
def test_each_view_of_the_wall_is_drawn(city: City, backlog: Any, view: str) -> None:
    page = signed_in(city).get(f"/wall/?view={view}").content.decode()
    assert "海曙" in page
    assert "安置房面积补差争议" in page or view in {"districts"}
    assert page.count("<h1>") == 1


def test_no_name_of_a_petitioner_is_on_the_wall(city: City, backlog: Any) -> None:
    for view in ("overview", "key"):
        assert "周小琴" not in signed_in(city).get(f"/wall/?view={view}").content.decode()


@pytest.mark.parametrize("who", ["handler", "leader", "agent", "admin", "reviewer"])
def test_who_has_no_part_in_the_war_room_is_refused(city: City, who: str) -> None:
    for address in ("/wall/", "/wall/past/", "/wall/screens/", "/wall/targets/", "/backlog/indicators/"):
        assert signed_in(city, who).get(address).status_code == 403, address


def test_an_unknown_district_is_not_there(city: City, backlog: Any) -> None:
    assert signed_in(city).get("/wall/?district=330299").status_code == 404


def test_a_district_narrows_the_figures_and_keeps_the_ranking_of_all(city: City, backlog: Any) -> None:
    page = signed_in(city).get("/wall/?district=330225").content.decode()
    assert "海曙" in page and "象山" in page
    assert current(timezone.now(), city.areas["330225"].pk)["counts"]["listed"] == 3


def test_a_refresh_from_the_cache_asks_for_the_person_and_the_recusals_only(
    city: City, backlog: Any, django_assert_num_queries: Any
) -> None:
    client = signed_in(city)
    client.get("/wall/", **POLL)
    # Session, person, cases the person is kept out of.
    with django_assert_num_queries(3):
        client.get("/wall/", **POLL)


def test_a_board_is_a_fixed_number_of_statements(city: City, backlog: Any, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(20):
        compute(city.areas["330200"], city.at)
    BacklogCase.objects.filter(state="nominated").update(listed_at=city.at)
    with django_assert_num_queries(20):
        compute(city.areas["330200"], city.at)


# ---- nothing changed, nothing sent ----


def test_a_poll_is_answered_with_304_until_something_changes(city: City, backlog: Any) -> None:
    client = signed_in(city)
    first = client.get("/wall/", **POLL)
    again = client.get("/wall/", **POLL, HTTP_IF_NONE_MATCH=first["ETag"])
    assert again.status_code == 304 and not again.content
    assert again["X-As-Of"] == first["X-As-Of"]
    BacklogCase.objects.filter(pk=backlog["stuck"].pk).update(title="企业改制职工安置")
    boards.forget()
    changed = client.get("/wall/", **POLL, HTTP_IF_NONE_MATCH=first["ETag"])
    assert changed.status_code == 200 and changed["ETag"] != first["ETag"]


def test_a_poll_is_the_board_alone_and_a_visit_the_whole_page(city: City, backlog: Any) -> None:
    client = signed_in(city)
    part, page = client.get("/wall/", **POLL).content.decode(), client.get("/wall/").content.decode()
    assert "<html" not in part and 'id="board"' in part
    assert "<html" in page and '<noscript><meta http-equiv="refresh"' in page


def test_one_computation_serves_everybody_until_it_is_old(city: City, backlog: Any, monkeypatch: Any) -> None:
    made: list[object] = []
    monkeypatch.setattr(boards, "compute", lambda area, at, **more: made.append(area) or compute(area, at))
    at = city.at
    for second in (0, 5, INTERVAL - 1):
        current(at + timedelta(seconds=second))
    assert len(made) == 1
    current(at + timedelta(seconds=INTERVAL + 1))
    assert len(made) == 2


def test_while_somebody_renews_it_everybody_else_sees_the_last_board(
    city: City, backlog: Any, django_assert_num_queries: Any
) -> None:
    old = current(city.at)
    cache.add("wall:board:city:renewing", 1, 20)
    with django_assert_num_queries(0):
        assert current(city.at + timedelta(seconds=INTERVAL + 1)) == old


def test_a_board_that_cannot_be_counted_is_shown_old_and_says_so(city: City, backlog: Any, monkeypatch: Any) -> None:
    current(city.at)

    def fails(area: Any, at: Any, **more: Any) -> Any:
        raise DatabaseError("gone")

    monkeypatch.setattr(boards, "compute", fails)
    later = city.at + timedelta(seconds=INTERVAL * STALE_AFTER + 5)
    held = current(later)
    assert Wall(held, held, Look(), at=later).is_stale
    assert not Wall(held, held, Look(), at=city.at).is_stale
    cache.clear()
    with pytest.raises(DatabaseError):
        current(later)


# ---- every figure opens its rows ----


def count_of(url: str, city: City) -> int:
    query = {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}
    filters = CaseFilters(query, at=city.at)
    assert not filters.errors and filters.conditions.keys() == query.keys(), url
    return int(filters.apply(BacklogCase.objects.visible_to(city.officer)).count())


OPENS = [key for key, row in INDICATORS.items() if row.rows is not None]


@pytest.mark.parametrize("key", OPENS)
@pytest.mark.parametrize("district", ["", "330203"])
def test_the_rows_behind_a_figure_are_as_many_as_the_figure_says(
    city: City, backlog: Any, key: str, district: str
) -> None:
    scope = Scope.now(city.at, district=city.areas[district].pk if district else None)
    row = INDICATORS[key]
    figure = row.figure(counted(scope, wanted=[key])[None])
    # A mean opens what it is taken over; the share of those led opens the ones without.
    expected = {"age": figure.of, "lead_rate": (figure.of or 0) - figure.hit}.get(key, figure.hit)
    url = rows_url(row, scope.span if row.is_flow else None, district=district)
    assert count_of(url, city) == expected


def test_each_step_of_the_ladder_opens_its_cases(city: City, backlog: Any) -> None:
    held = compute(city.areas["330200"], city.at)
    steps = Wall(held, held, Look(), at=city.at).ladder
    assert [count_of(step["url"], city) for step in steps] == [step["count"] for step in steps]
    assert sum(step["count"] for step in steps) == 2


# ---- who is behind, and why ----


def test_the_district_furthest_behind_stands_first_and_says_why(city: City, backlog: Any) -> None:
    held = compute(city.areas["330200"], city.at)
    first = Wall(held, held, Look(), at=city.at).districts[0]
    assert first.standing == "red"
    words = " ".join(reason.text for reason in first.reasons)
    assert "逾期 1 件" in words


@pytest.mark.parametrize(
    ("found", "percent", "progress", "expected"),
    [
        ({}, 0, 90, "grey"),
        ({"listed": 10, "stock": 1}, 90, 90, "green"),
        ({"listed": 10, "stock": 2}, 80, 85, "amber"),
        ({"listed": 100, "stock": 20, "overdue": 2}, 95, 85, "amber"),
        ({"listed": 10, "stock": 4}, 60, 85, "red"),
        ({"listed": 100, "stock": 10, "overdue": 2}, 95, 85, "red"),
    ],
)
def test_standing_follows_time_and_deadlines(found: Any, percent: float, progress: float, expected: str) -> None:
    assert standing(found, percent, progress) == expected


def test_the_map_is_brightest_where_it_is_worst_whichever_way_the_figure_runs(city: City, backlog: Any) -> None:
    held = compute(city.areas["330200"], city.at)
    steps = {}
    for colour in ("stock", "settle_rate"):
        shapes = Wall(held, held, Look(colour=colour), at=city.at).shapes
        steps[colour] = {shape.name: shape.step for shape in shapes}
    assert steps["stock"]["海曙区"] == 5 > steps["stock"]["象山县"]
    assert steps["settle_rate"]["海曙区"] == 5 > steps["settle_rate"]["象山县"]


# ---- confidence ----


def test_a_case_the_reader_is_recused_from_is_not_named(city: City, backlog: Any, monkeypatch: Any) -> None:
    from django.db.models import Q

    from backlog.views import wall as views

    monkeypatch.setattr(views, "open_cases", lambda actor: ~Q(pk=backlog["led"].pk))
    page = signed_in(city).get("/wall/?view=key").content.decode()
    assert backlog["led"].title not in page
    assert backlog["stuck"].title in page


def test_a_class_a_case_is_nowhere_on_the_wall(city: City, backlog: Any) -> None:
    Petition.objects.filter(pk=backlog["led"].petition_id).update(is_restricted=True)
    for view in ("overview", "key"):
        assert backlog["led"].title not in signed_in(city).get(f"/wall/?view={view}").content.decode()


def test_what_a_force_says_of_the_week_is_on_the_wall(city: City, backlog: Any) -> None:
    TaskForce.objects.filter(key="legacy").update(focus="逐件过堂")
    assert "逐件过堂" in signed_in(city).get("/wall/").content.decode()


def test_an_empty_city_has_a_wall(city: City) -> None:
    for view in ("overview", "forces", "districts", "key"):
        assert signed_in(city).get(f"/wall/?view={view}").status_code == 200


def test_what_an_address_asks_for_and_nobody_knows_is_the_overview(city: City) -> None:
    answer = signed_in(city).get("/wall/?view=nothing&colour=red&rotate=7&district=x")
    assert answer.status_code == 200
    assert answer.context["wall"].look == Look()


def test_figures_open_only_what_the_readers_own_lists_hold(city: City, backlog: Any) -> None:
    own, other = (
        signed_in(city, "district_officer").get(f"/wall/?district={code}").context["wall"]
        for code in ("330203", "330225")
    )
    assert own.tiles[0].url and not other.tiles[0].url
    led = signed_in(city, "lead_official").get("/wall/").context["wall"]
    assert not led.tiles[0].url
    assert led.case(backlog["stuck"].pk) == ""


def test_an_observation_that_has_run_out_makes_no_case_overdue(city: City, backlog: Any) -> None:
    add_clock("backlog", backlog["struck"].pk, city.at - timedelta(days=3), city)
    deadlines.refresh([backlog["struck"].pk])
    assert compute(city.areas["330200"], city.at)["counts"]["overdue"] == 2
