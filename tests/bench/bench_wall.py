"""The wall's board at 23,000 backlog cases: milliseconds of each statement, their sum, and the floor under it.

    python -m tests.bench.bench_wall [--cases 23000] [--petitions 60000] [--rounds 7] [--walls 0]

The floor is a bare count over the same cases: what no way of counting could go below. `--walls 200` then asks the
answered board so often as 200 walls do in one interval, from the cache, through the whole stack.
"""

import argparse
import statistics
import time
from datetime import UTC, datetime
from typing import Any

from tests.bench.bench_worklist import FILL, INVOLVE, SAME_WORDS, run
from tests.bench.scratch import open_city, say, spread

AIM = 0.050
CASES = """
WITH p AS (
    SELECT id, district_id, registered_at, lead_unit_id, row_number() OVER (ORDER BY id DESC) AS n
    FROM petitions_petition WHERE NOT is_restricted ORDER BY id DESC LIMIT %(cases)s
), lead AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n, count(*) OVER () AS of_n
    FROM accounts_user WHERE role = 'lead_official' OR id %% 40 = 0)
INSERT INTO backlog_backlogcase (year, serial, version, state, is_open, round, title, petition_id, district_id,
    force_id, lead_unit_id, leader_id, source, hits, reason, since, people, times, nominated_at, listed_at,
    progressed_at,
    settled_at, next_due_at, rebounds, renewed_round)
SELECT 2026, p.n, 1,
    CASE WHEN p.n %% 10 < 7 THEN (ARRAY['certified','struck_off','ended'])[1 + p.n %% 3]
        ELSE (ARRAY['listed','working','applied','signed','rebounded'])[1 + p.n %% 5] END,
    p.n %% 10 >= 7, 1, '安置房面积补差争议' || p.n, p.id, p.district_id,
    (SELECT id FROM backlog_taskforce ORDER BY id OFFSET p.n %% 3 LIMIT 1), p.lead_unit_id,
    CASE WHEN p.n %% 20 > 0 THEN lead.id END, 'hand', '[]', '', (%(now)s::date - (p.n %% 2500)::int), 1 + p.n %% 50, 1,
    %(now)s::timestamptz - interval '1 day' * (p.n %% 700), %(now)s::timestamptz - interval '1 day' * (p.n %% 700),
    %(now)s::timestamptz - interval '1 day' * (p.n %% 60),
    CASE WHEN p.n %% 10 < 7 THEN %(now)s::timestamptz - interval '1 day' * (p.n %% 300) END,
    '9999-12-31', CASE WHEN p.n %% 13 = 0 THEN 1 ELSE 0 END, CASE WHEN p.n %% 10 < 7 THEN 1 ELSE 0 END
FROM p JOIN lead ON lead.n = p.n %% lead.of_n WHERE p.district_id IS NOT NULL
"""
LINKS = """
INSERT INTO backlog_caselink (case_id, petition_id, added_at) SELECT id, petition_id, listed_at FROM backlog_backlogcase
"""
MILESTONES = """
INSERT INTO backlog_milestone (case_id, name, position, planned_on, first_planned_on, note, version, actual_on)
SELECT c.id, '节点', g, %(now)s::date + (g * 9 + c.id %% 40)::int - 25, %(now)s::date, '', 1,
    CASE WHEN NOT c.is_open OR g < 2 THEN %(now)s::date END
FROM backlog_backlogcase c CROSS JOIN generate_series(1, 4) g
"""
TASKS = """
INSERT INTO backlog_task (case_id, origin, text, unit_id, due_on, state, result, assigned_at, version, ended_at)
SELECT c.id, 'meeting', '核对', c.lead_unit_id, %(now)s::date + (c.id %% 20)::int - 5,
    CASE WHEN c.is_open THEN 'open' ELSE 'done' END, '', %(now)s, 1,
    CASE WHEN NOT c.is_open THEN %(now)s::timestamptz END
FROM backlog_backlogcase c WHERE c.lead_unit_id IS NOT NULL
"""
RENEWALS = """
INSERT INTO backlog_renewal (case_id, round, stage, done_on, text, at)
SELECT c.id, 1, g, %(now)s::date, '', %(now)s FROM backlog_backlogcase c
    CROSS JOIN LATERAL generate_series(1, CASE WHEN c.is_open THEN (c.id %% 5)::int ELSE 5 END) g
"""
CLOCKS = """
WITH rule AS (SELECT key, id FROM dispatch_policy WHERE is_current AND key IN ('B_progress', 'B_milestone', 'B_task')),
owed AS (
    SELECT 'backlog' AS subject, c.id, c.lead_unit_id AS unit_id, NOT c.is_open AS is_over,
        %(now)s::timestamptz + interval '1 day' * (c.id %% 35 - 4) AS due_at, 'B_progress' AS key
    FROM backlog_backlogcase c
    UNION ALL SELECT 'milestone', m.id, c.lead_unit_id, m.actual_on IS NOT NULL,
        m.planned_on::timestamptz + interval '16 hours', 'B_milestone'
    FROM backlog_milestone m JOIN backlog_backlogcase c ON c.id = m.case_id
    UNION ALL SELECT 'task', t.id, t.unit_id, t.ended_at IS NOT NULL,
        t.due_on::timestamptz + interval '16 hours', 'B_task'
    FROM backlog_task t
)
INSERT INTO dispatch_clock (policy_id, subject, subject_id, unit_id, generation, state, started_at, consumed, extended,
    paused_for, calendar_version, due_at)
SELECT rule.id, o.subject, o.id, o.unit_id, 1, CASE WHEN o.is_over THEN 'met' ELSE 'running' END,
    %(now)s::timestamptz - interval '30 days', 0, 0, interval '0', 0, o.due_at
FROM owed o JOIN rule ON rule.key = o.key WHERE o.unit_id IS NOT NULL
"""
MEETINGS = """
WITH m AS (
    INSERT INTO backlog_meeting (area_id, year, serial, version, state, title, starts_at, place, join_link, minutes)
    SELECT (SELECT id FROM accounts_area WHERE kind = 'city'), 2026, g, 1, 'closed', '第' || g || '次',
        %(now)s::timestamptz - interval '7 days' * g, '', '', '' FROM generate_series(1, 40) g RETURNING id
)
INSERT INTO backlog_agendaitem (meeting_id, case_id, position, terms, question, discussion, decision, outcome)
SELECT m.id, c.id, 1, '{}', '', '', '', 'decided'
FROM m JOIN backlog_backlogcase c ON c.id %% 2000 = m.id %% 2000
"""
# Petitions of the same class as `restricted` ones are what the index petition_restricted finds at once.
FLOOR = "SELECT state, count(*) FROM backlog_backlogcase WHERE listed_at IS NOT NULL GROUP BY state"


def fill(petitions: int, cases: int, now: datetime) -> None:
    """A city's petitions, and a backlog beyond any city's."""
    run(FILL.replace(" % ", " %% ").format(**SAME_WORDS), n=petitions, now=now, years=1)
    run(INVOLVE)
    for statement in (CASES, LINKS, MILESTONES, TASKS, RENEWALS, CLOCKS, MEETINGS):
        run(statement, now=now, cases=cases)
    from django.db import connection

    from backlog.actions import deadlines
    from backlog.models import BacklogCase

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    deadlines.refresh(list(BacklogCase.objects.filter(is_open=True).values_list("pk", flat=True)))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def measure(rounds: int, at: datetime) -> list[float]:
    """Milliseconds of each statement of one board, and of the floor; the sums of the rounds, in seconds."""
    from django.db import connection

    from backlog.board import city, compute

    area, sums, each = city(), [], {}
    for number in range(rounds + 1):
        spent: list[tuple[str, float]] = []

        def watch(execute: Any, sql: str, params: Any, many: bool, context: Any, spent: Any = spent) -> Any:
            start = time.perf_counter()
            try:
                return execute(sql, params, many, context)
            finally:
                spent.append((sql, time.perf_counter() - start))

        with connection.execute_wrapper(watch):
            compute(area, at, is_kept=True)
        if number:
            sums.append(sum(seconds for _sql, seconds in spent))
            for place, (sql, seconds) in enumerate(spent):
                each.setdefault((place, " ".join(sql.split())[:90]), []).append(seconds)
    for (place, sql), seconds in each.items():
        say(f"  {place:2}  {statistics.median(seconds) * 1000:7.2f} ms  {sql}")
    floor = []
    for _round in range(rounds):
        start = time.perf_counter()
        with connection.cursor() as cursor:
            cursor.execute(FLOOR)
            cursor.fetchall()
        floor.append(time.perf_counter() - start)
    say(f"floor (one count over the cases): {spread(floor)}")
    return sums


def many_walls(walls: int) -> None:
    """So many walls ask once, with and without what they have already: one computation, then the cache."""
    from django.test import Client
    from django.utils import timezone

    from accounts.models import User
    from backlog.actions.boards import create_screen
    from backlog.board import city

    officer = User.objects.filter(role="city_officer").first()
    assert officer is not None
    tokens = [create_screen(f"屏{n}", city(), actor=officer, at=timezone.now())[1] for n in range(walls)]
    client = Client(headers={"HX-Request": "true"})
    tag = client.get(f"/wall/screen/{tokens[0]}/")["ETag"]
    for words, headers in (("with a board", {}), ("304", {"If-None-Match": tag})):
        times = []
        for token in tokens:
            start = time.perf_counter()
            client.get(f"/wall/screen/{token}/", headers=headers)
            times.append(time.perf_counter() - start)
        say(f"{walls} walls, answered {words}: {spread(times)} · {sum(times):.2f} s of one worker in each interval")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=23_000)
    parser.add_argument("--petitions", type=int, default=60_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--walls", type=int, default=0)
    options = parser.parse_args()
    open_city()
    at = datetime.now(UTC)
    fill(options.petitions, options.cases, at)
    say(f"{options.cases} cases, {options.petitions} petitions")
    sums = measure(options.rounds, at)
    say(f"a board: {spread(sums)} of database time · aim {AIM * 1000:.0f} ms")
    if options.walls:
        many_walls(options.walls)


if __name__ == "__main__":
    main()
