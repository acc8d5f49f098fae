"""A year of the backlog replayed in small; every figure of the wall counted again by hand, in SQL written here.

The SQL knows the tables and the definitions of domain-facts §3.10, and nothing of `backlog.counts`.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.http import QueryDict

from accounts.actors import Actor
from accounts.models import Area
from backlog import board, indicators
from backlog.counts import Scope, Span
from backlog.filters import CaseFilters
from backlog.indicators import INDICATORS
from backlog.models import AgendaItem, BacklogCase, CaseEvent, CaseOfficial, Snapshot, Task
from backlog.states import CaseState
from config.demo_city.backlog.year import replay
from config.demo_city.world import World
from dispatch.actions.clocks import forget_cached_rules
from dispatch.models import Clock
from petitions.events import verify_all

pytestmark = pytest.mark.django_db

# A Tuesday afternoon in Shanghai.
UNTIL = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
CASES = 20


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """The reference data and the year, once for this module, rolled back after it."""
    with django_db_blocker.unblock():
        outer = transaction.atomic()
        outer.__enter__()
        forget_cached_rules()
        call_command("load_reference", verbosity=0)
        found = World.load(UNTIL)
        replay(found, seed="trial", cases=CASES, weeks=2)
        yield found
        transaction.set_rollback(True)
        outer.__exit__(None, None, None)
        forget_cached_rules()


STOCK = "('listed', 'working', 'applied', 'signed', 'checked', 'rebounded')"
SETTLED = "('certified', 'struck_off', 'ended')"
YEAR = "BETWEEN '2026-01-01 00:00+08' AND '2026-12-31 23:59:59.999999+08'"
CALLED = f"""SELECT DISTINCT i.case_id FROM backlog_agendaitem i JOIN backlog_meeting m ON m.id = i.meeting_id
    WHERE m.state = 'closed' AND i.outcome IN ('decided', 'adjourned') AND m.starts_at {YEAR}"""
LATE = """
    SELECT k.subject_id FROM dispatch_clock k WHERE k.subject = 'backlog' AND k.state = 'running' AND k.due_at < %(at)s
    UNION SELECT n.case_id FROM dispatch_clock k JOIN backlog_milestone n ON n.id = k.subject_id
        WHERE k.subject = 'milestone' AND k.state = 'running' AND k.due_at < %(at)s
    UNION SELECT t.case_id FROM dispatch_clock k JOIN backlog_task t ON t.id = k.subject_id
        WHERE k.subject = 'task' AND k.state = 'running' AND k.due_at < %(at)s AND t.case_id IS NOT NULL"""
# Of cases taken up: {here} narrows to a district.
CASES_SQL = {
    "listed": "",
    "stock": f"AND c.state IN {STOCK}",
    "settled": f"AND c.state IN {SETTLED}",
    "new": f"AND c.listed_at {YEAR}",
    "settled_in": f"AND c.state IN {SETTLED} AND c.settled_at {YEAR}",
    "rebounded": "AND c.rebounds > 0",
    "ever_settled": f"AND (c.state IN {SETTLED} OR c.rebounds > 0)",
    "led": "AND c.leader_id IS NOT NULL",
    "stuck": f"AND c.state IN {STOCK} AND coalesce(c.progressed_at, c.listed_at) < %(at)s - interval '30 days'",
    "renewed": "AND (SELECT count(*) FROM backlog_renewal r WHERE r.case_id = c.id AND r.round = c.round) = 5",
    "overdue": f"AND c.id IN ({LATE})",
    "discussed": f"AND c.id IN ({CALLED})",
    "discussed_settled": f"AND c.id IN ({CALLED}) AND c.state IN {SETTLED}",
}
OTHER_SQL = {
    "age_days": f"""SELECT coalesce(sum(date '2026-11-24' - c.since), 0) FROM backlog_backlogcase c
        WHERE c.listed_at IS NOT NULL AND c.state IN {STOCK} {{here}}""",
    "meetings": f"""SELECT count(*) FROM backlog_meeting c
        WHERE c.state = 'closed' AND c.starts_at {YEAR} {{there}}""",
    "batches": f"""SELECT count(*) FROM backlog_reception r JOIN backlog_receptionday c ON c.id = r.day_id
        WHERE c.starts_at {YEAR} {{there}}""",
    "persons": f"""SELECT coalesce(sum(r.persons), 0) FROM backlog_reception r
        JOIN backlog_receptionday c ON c.id = r.day_id WHERE c.starts_at {YEAR} {{there}}""",
    "hearings": f"""SELECT count(DISTINCT h.id) FROM petitions_hearing h
        JOIN backlog_caselink l ON l.petition_id = h.petition_id JOIN backlog_backlogcase c ON c.id = l.case_id
        WHERE h.state IN ('concluded', 'published') AND h.ended_at {YEAR} {{here}}""",
}


def by_hand(name: str, district: int | None = None) -> int:
    """One count in SQL."""
    here = "AND c.district_id = %(district)s" if district else ""
    there = "AND c.area_id = %(district)s" if district else ""
    if name in CASES_SQL:
        sql = f"SELECT count(*) FROM backlog_backlogcase c WHERE c.listed_at IS NOT NULL {CASES_SQL[name]} {here}"
    else:
        sql = OTHER_SQL[name].format(here=here, there=there)
    with connection.cursor() as cursor:
        cursor.execute(sql, {"at": UNTIL, "district": district})
        return int(cursor.fetchone()[0])


NAMES = [*CASES_SQL, *OTHER_SQL]


def test_the_replay_brings_every_state_and_its_own_numbers(world: World) -> None:
    states = set(BacklogCase.objects.values_list("state", flat=True))
    assert {CaseState.NOMINATED, CaseState.DECLINED, CaseState.WORKING, CaseState.STRUCK_OFF, CaseState.ENDED} <= states
    assert BacklogCase.objects.filter(rebounds__gt=0).exists()
    assert BacklogCase.objects.values("district").distinct().count() == 10
    assert AgendaItem.objects.filter(outcome="decided").exists()
    assert {"instruction", "meeting"} & set(Task.objects.values_list("origin", flat=True))
    assert (
        CaseOfficial.objects.filter(successor__isnull=False).count()
        == CaseEvent.objects.filter(move="hand_over").count()
    )


def test_every_count_of_the_city_equals_the_count_by_hand(world: World) -> None:
    counted = board.compute(board.city(), UNTIL)["counts"]
    assert {name: counted.get(name, 0) for name in NAMES} == {name: by_hand(name) for name in NAMES}
    assert counted["stock"] + counted["settled"] == counted["listed"] > 0
    for name in ("settled", "overdue", "discussed", "batches", "renewed", "led", "rebounded"):
        assert counted[name] > 0, f"the year has no {name}: its comparison means nothing"


def test_every_count_of_every_district_equals_the_count_by_hand(world: World) -> None:
    rows = {row["id"]: row["counts"] for row in board.compute(board.city(), UNTIL)["districts"]}
    names = [*CASES_SQL, "age_days"]
    assert len(rows) == 10
    for pk, counted in rows.items():
        found = {name: counted.get(name, 0) for name in names}
        assert found == {name: by_hand(name, pk) for name in names}, pk


def test_a_districts_own_wall_says_the_same_as_the_citys_table(world: World) -> None:
    place = Area.objects.get(code="330212")
    counted = board.compute(place, UNTIL)["counts"]
    assert {name: counted.get(name, 0) for name in NAMES} == {name: by_hand(name, place.pk) for name in NAMES}


def test_every_tile_is_the_figure_of_its_counts(world: World) -> None:
    counted = indicators.counted(Scope.now(UNTIL))[None]
    for key, row in INDICATORS.items():
        hit = by_hand(row.hit) if row.hit in NAMES else counted[row.hit]
        figure = row.figure(counted)
        assert figure.hit == hit, key
        if row.of and row.of in NAMES and by_hand(row.of):
            wanted = hit / by_hand(row.of) * (100 if row.is_share else 1)
            assert figure.value == pytest.approx(wanted), key
    assert (counted["groups"], counted["districts"]) == (10, 10)


@pytest.mark.parametrize("key", [key for key, row in INDICATORS.items() if row.rows and not row.page])
@pytest.mark.parametrize("district", ["", "330212"])
def test_a_figure_opens_exactly_its_rows(world: World, key: str, district: str) -> None:
    row = INDICATORS[key]
    span = Span.year_of(UNTIL)
    place = Area.objects.filter(code=district).first()
    scope = Scope.now(UNTIL, district=place.pk if place else None, span=span)
    figure = row.figure(indicators.counted(scope)[None])
    address = indicators.rows_url(row, span, **({"district": district} if district else {}))
    query = QueryDict(address.partition("?")[2])
    filters = CaseFilters(query, at=UNTIL)
    rows = filters.apply(BacklogCase.objects.all()).filter(pk__in=BacklogCase.objects.visible_to(Actor.system()))
    assert not filters.errors
    # A mean opens the rows it is taken over.
    wanted = figure.of if key == "age" else figure.hit
    # The share of cases with a lead official opens those without one: they are what there is to do.
    if key == "lead_rate":
        wanted = (figure.of or 0) - figure.hit
    assert rows.count() == wanted, address


def test_the_weeks_are_kept_as_they_were(world: World) -> None:
    weeks = sorted(set(Snapshot.objects.values_list("week", flat=True)))
    assert len(weeks) == 2
    assert Snapshot.objects.filter(week=weeks[-1]).count() == 11
    kept = Snapshot.objects.get(week=weeks[0], area=board.city()).data
    assert kept["counts"]["listed"] <= by_hand("listed")
    assert "title" not in str(kept["key"])


def test_no_deadline_of_the_past_waits_to_fire(world: World) -> None:
    late = Clock.objects.filter(subject__in=["backlog", "milestone", "task"], state="running", due_at__lt=UNTIL)
    assert late.exists() and not late.filter(breached_at=None).exists()


def test_the_chains_of_events_hold(world: World) -> None:
    assert not [found for _count, breaks in verify_all() for found in breaks]
