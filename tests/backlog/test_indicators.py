"""Every figure of the wall equals what a hand count in plain SQL finds."""

from typing import Any

import pytest
from django.db import connection

from backlog.board import compute
from backlog.counts import Scope, Span
from backlog.indicators import INDICATORS, counted
from dispatch.clocks import city_day
from petitions.models import Petition
from tests.backlog.boarding import add_clock, build_backlog, end_of

AT = "timestamptz '2026-11-16 10:00+08'"
YEAR = "timestamptz '2026-01-01 00:00+08'"
OPEN = "('listed', 'working', 'applied', 'signed', 'checked', 'rebounded')"
DONE = "('certified', 'struck_off', 'ended')"
LATE = f"""(
    SELECT k.subject_id AS c FROM dispatch_clock k
        WHERE k.subject = 'backlog' AND k.state = 'running' AND k.due_at < {AT}
    UNION SELECT m.case_id FROM dispatch_clock k JOIN backlog_milestone m ON m.id = k.subject_id
        WHERE k.subject = 'milestone' AND k.state = 'running' AND k.due_at < {AT}
    UNION SELECT t.case_id FROM dispatch_clock k JOIN backlog_task t ON t.id = k.subject_id
        WHERE k.subject = 'task' AND k.state = 'running' AND k.due_at < {AT})"""
CASES = "FROM backlog_backlogcase c WHERE c.listed_at IS NOT NULL AND {where}"
HELD = f"""FROM backlog_agendaitem i JOIN backlog_meeting m ON m.id = i.meeting_id
    JOIN backlog_backlogcase c ON c.id = i.case_id
    WHERE m.state = 'closed' AND i.outcome IN ('decided', 'adjourned') AND m.starts_at >= {YEAR} AND {{where}}"""
# What each indicator's hit and of are, by hand: a statement whose {where} narrows to one district.
BY_HAND: dict[str, tuple[str, str]] = {
    "stock": (f"SELECT count(*) {CASES} AND c.state IN {OPEN}", ""),
    "new": (f"SELECT count(*) {CASES} AND c.listed_at >= {YEAR}", ""),
    "settled": (f"SELECT count(*) {CASES} AND c.state IN {DONE} AND c.settled_at >= {YEAR}", ""),
    "settle_rate": (f"SELECT count(*) {CASES} AND c.state IN {DONE}", f"SELECT count(*) {CASES}"),
    "age": (
        f"SELECT sum(date '2026-11-16' - c.since) {CASES} AND c.state IN {OPEN}",
        f"SELECT count(*) {CASES} AND c.state IN {OPEN}",
    ),
    "overdue": (f"SELECT count(*) {CASES} AND c.state IN {OPEN} AND c.id IN {LATE}", ""),
    "lead_rate": (f"SELECT count(*) {CASES} AND c.leader_id IS NOT NULL", f"SELECT count(*) {CASES}"),
    "coverage": (
        (
            "SELECT count(*) FROM backlog_workgroup c WHERE c.is_active AND c.leader_id IS NOT NULL "
            "AND c.meets_on IS NOT NULL AND c.meets_at IS NOT NULL AND c.rules <> '' AND 3 <= "
            "(SELECT count(*) FROM backlog_groupmember m WHERE m.group_id = c.id AND m.until IS NULL) AND {where}"
        ),
        (
            "SELECT count(*) FROM accounts_area a "
            "JOIN (SELECT id AS district_id, id FROM accounts_area) c ON c.id = a.id "
            "WHERE a.kind = 'district' AND {where}"
        ),
    ),
    "rebound_rate": (
        f"SELECT count(*) {CASES} AND c.rebounds > 0",
        f"SELECT count(*) {CASES} AND (c.rebounds > 0 OR c.state IN {DONE})",
    ),
    "stuck": (
        (
            f"SELECT count(*) {CASES} AND c.state IN {OPEN} "
            f"AND coalesce(c.progressed_at, c.listed_at) < {AT} - interval '30 days'"
        ),
        "",
    ),
    "renewed": (
        (
            f"SELECT count(*) {CASES} AND (SELECT count(*) FROM backlog_renewal r "
            "WHERE r.case_id = c.id AND r.round = c.round) = 5"
        ),
        "",
    ),
    "meetings": (
        (
            "SELECT count(*) FROM backlog_meeting m JOIN (SELECT id AS district_id, id FROM accounts_area) c "
            f"ON c.id = m.area_id WHERE m.state = 'closed' AND m.starts_at >= {YEAR} AND {{where}}"
        ),
        "",
    ),
    "discussed": (f"SELECT count(DISTINCT i.case_id) {HELD}", ""),
    "discussed_rate": (
        f"SELECT count(DISTINCT i.case_id) {HELD} AND c.state IN {DONE}",
        f"SELECT count(DISTINCT i.case_id) {HELD}",
    ),
    "batches": (
        (
            "SELECT count(*) FROM backlog_reception r JOIN backlog_receptionday d ON d.id = r.day_id "
            "JOIN (SELECT id AS district_id, id FROM accounts_area) c ON c.id = d.area_id WHERE {where}"
        ),
        "",
    ),
    "persons": (
        (
            "SELECT sum(r.persons) FROM backlog_reception r JOIN backlog_receptionday d ON d.id = r.day_id "
            "JOIN (SELECT id AS district_id, id FROM accounts_area) c ON c.id = d.area_id WHERE {where}"
        ),
        "",
    ),
    "hearings": (
        (
            "SELECT count(*) FROM petitions_hearing h JOIN backlog_caselink l ON l.petition_id = h.petition_id "
            "JOIN backlog_backlogcase c ON c.id = l.case_id WHERE h.state IN ('concluded', 'published') AND {where}"
        ),
        "",
    ),
}


def by_hand(statement: str, where: str = "true") -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement.format(where=where))
        return int(cursor.fetchone()[0] or 0)


@pytest.fixture
def backlog(city: Any) -> Any:
    return build_backlog(city)


def test_every_indicator_has_a_hand_count() -> None:
    assert set(BY_HAND) == set(INDICATORS)


@pytest.mark.parametrize("key", INDICATORS)
def test_a_figure_of_the_whole_city_equals_the_hand_count(city: Any, backlog: Any, key: str) -> None:
    found = counted(Scope.now(city.at))[None]
    figure = INDICATORS[key].figure(found)
    hit, of = BY_HAND[key]
    assert figure.hit == by_hand(hit)
    assert figure.of == (by_hand(of) if of else None)


@pytest.mark.parametrize("key", INDICATORS)
def test_a_figure_of_a_district_equals_the_hand_count(city: Any, backlog: Any, key: str) -> None:
    found = counted(Scope.now(city.at), "district")
    for code in ("330203", "330225"):
        district = city.areas[code].pk
        figure = INDICATORS[key].figure(found.get(district, {}))
        hit, of = BY_HAND[key]
        assert figure.hit == by_hand(hit, f"c.district_id = {district}"), code
        assert figure.of == (by_hand(of, f"c.district_id = {district}") if of else None), code


@pytest.mark.parametrize("key", [key for key, row in INDICATORS.items() if "force" in row.parts])
def test_a_figure_of_a_force_equals_the_hand_count(city: Any, backlog: Any, key: str) -> None:
    found = counted(Scope.now(city.at), "force")
    force = backlog["led"].force_id
    assert INDICATORS[key].figure(found.get(force, {})).hit == by_hand(BY_HAND[key][0], f"c.force_id = {force}")


def test_the_hand_counts_are_not_all_nothing(city: Any, backlog: Any) -> None:
    found = {key: by_hand(hit) for key, (hit, _of) in BY_HAND.items()}
    assert {key for key, number in found.items() if number} == set(INDICATORS) - {"hearings"}


def test_a_case_overdue_twice_stands_once_on_the_longer_step(city: Any, backlog: Any) -> None:
    found = compute(city.areas["330200"], city.at)["counts"]
    assert found["overdue"] == 2
    assert (found["late_1"], found["late_4"], found["late_8"], found["late_31"]) == (0, 1, 0, 1)
    assert (found["due_today"], found["due_week"]) == (1, 1)


def test_the_list_of_the_week_holds_the_cases_its_numbers_count(city: Any, backlog: Any) -> None:
    # Due today as well, but overdue already: the case stands among the overdue, once, with its oldest deadline.
    add_clock("backlog", backlog["led"].pk, end_of(city_day(city.at)), city)
    board = compute(city.areas["330200"], city.at)
    found = {key: [row["case"] for row in rows] for key, rows in board["musts"].items()}
    assert found == {
        "overdue": [backlog["rebounded"].pk, backlog["led"].pk],
        "today": [backlog["stuck"].pk],
        "week": [backlog["new"].pk],
    }
    assert [len(rows) for rows in found.values()] == [board["counts"][k] for k in ("overdue", "due_today", "due_week")]
    assert [row["person"] for row in board["musts"]["week"]] == [city.handler.name]


def test_a_case_with_a_class_a_petition_is_in_no_figure(city: Any, backlog: Any) -> None:
    Petition.objects.filter(pk=backlog["led"].petition_id).update(is_restricted=True)
    board = compute(city.areas["330200"], city.at)
    assert board["counts"]["listed"] == 6
    assert board["counts"]["overdue"] == 1
    assert backlog["led"].pk not in {row["case"] for row in board["key"]}
    assert backlog["led"].pk not in {row["case"] for rows in board["musts"].values() for row in rows}


def test_flows_are_counted_over_the_month_asked_for(city: Any, backlog: Any) -> None:
    november = Scope.now(city.at, span=Span.month(city.at.date()))
    found = counted(november)[None]
    assert INDICATORS["new"].figure(found).hit == 1
    assert INDICATORS["settled"].figure(found).hit == 2
    assert INDICATORS["meetings"].figure(found).hit == 0
