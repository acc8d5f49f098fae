"""Timers fired per second at a million open clocks, against the raw statement in the same run.

    python -m tests.bench.bench_sweep [--open 1000000] [--due 100000] [--idle 10000000]

Floor: one DELETE … RETURNING + INSERT of the due rows, without lock, limit or batches. "fire" is exactly-once firing,
"fire + announce" adds breach, hash-chained event and notices for everybody on the rung.
"""

import argparse
import statistics
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.db.models import Max, Min

from tests.bench.scratch import open_city, say, spread

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)

FILL = """
INSERT INTO petitions_petition (year, serial, query_code, version, channel, source_ref, petition_date, registered_at,
    register_unit_id, state, is_open, purpose, content_class_id, urgency, sensitivity, is_restricted,
    district_id, area_id,
    address, summary, content, demand, headcount, affected_count, is_anonymous, is_open_to_public, respondent,
    petitioner_label, next_due_at, next_due_key, reply_text, close_type, rework_count, updated_at{names})
SELECT 2026, i, 'Q' || i, 1, 'hotline', '', '2026-11-01', %(now)s, u.id, 'registered', true, 'QJ',
    c.id, 'normal', 'normal',
    false, a.id, a.id, '', 'bench', 'bench', '', 1, 1, false, false, '', '', %(now)s, 'D01_route', '', '',
    0, %(now)s{values}
FROM generate_series(1, %(n)s) i,
    (SELECT id FROM accounts_unit WHERE code = 'NB-PETITION') u,
    (SELECT id FROM petitions_contentclass WHERE code = '99') c,
    (SELECT id FROM accounts_area WHERE code = '330203') a
"""
HEADS = """
INSERT INTO petitions_eventhead (petition_id, seq, hash)
SELECT id, 0, decode(repeat('00', 32), 'hex') FROM petitions_petition
"""
CLOCKS = """
INSERT INTO dispatch_clock (policy_id, subject, subject_id, petition_id, unit_id, generation, state, started_at,
    consumed, extended, resumed_at, paused_for, calendar_version, due_at)
SELECT pol.id, 'petition', p.id, p.id, p.register_unit_id, 1, 'running', %(now)s,
    0, 0, %(now)s, interval '0', 0, %(now)s::timestamptz + interval '10 days'
FROM petitions_petition p, (SELECT id FROM dispatch_policy WHERE key = 'D01_route' AND is_current) pol
"""
RUNGS = """
INSERT INTO dispatch_pendingrung (fire_at, clock_id, generation, rung)
SELECT CASE WHEN id %% %(share)s = 0 THEN %(now)s::timestamptz - interval '1 minute'
       ELSE %(now)s::timestamptz + (random() * 900000 + 100000) * interval '1 second' END, id, 1, 1
FROM dispatch_clock
"""
RAW = """
WITH due AS (DELETE FROM dispatch_pendingrung WHERE fire_at <= %(now)s RETURNING *)
INSERT INTO dispatch_firing (clock_id, generation, rung, planned_at, fired_at, is_coalesced, is_moot, is_unheard, error)
SELECT clock_id, generation, rung, fire_at, %(now)s, false, false, false, '' FROM due
"""
# The same cut in two for two sessions: what the database itself gains from a second one on this machine.
RAW_PART = RAW.replace("RETURNING", "AND clock_id >= %(low)s AND clock_id < %(high)s RETURNING")
AGAIN = """
INSERT INTO dispatch_pendingrung (fire_at, clock_id, generation, rung)
SELECT planned_at, clock_id, generation, rung FROM dispatch_firing
"""


def petitions_sql() -> str:
    """FILL with the columns that were added since, at the defaults of their model."""
    from petitions.models import Petition

    have = set(FILL.split("(", 1)[1].split("{names}")[0].replace("\n", " ").replace(" ", "").split(","))
    more = {
        field.column: field.get_default()
        for field in Petition._meta.concrete_fields
        if not field.null and not field.primary_key and field.column not in have
    }
    return FILL.format(
        names="".join(f", {name}" for name in more),
        values="".join(f", {value}" if isinstance(value, bool | int) else f", '{value}'" for value in more.values()),
    )


def run(sql: str, **values: object) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)


def reset(order: str) -> None:
    """Put fired rungs back and lay the queue out anew in `order`: every measurement starts from the same table.

    Without it the rows that go back alternate between the table's end and the holes they left, and every second
    measurement is three times as slow as the one before, whoever sweeps.
    """
    run(AGAIN)
    run("TRUNCATE dispatch_firing")
    run(f"CREATE TEMP TABLE laid AS SELECT * FROM dispatch_pendingrung ORDER BY {order}")
    run("TRUNCATE dispatch_pendingrung")
    run(
        "INSERT INTO dispatch_pendingrung (fire_at, clock_id, generation, rung) "
        "SELECT fire_at, clock_id, generation, rung FROM laid"
    )
    run("DROP TABLE laid")
    run("REINDEX TABLE dispatch_pendingrung")
    run("VACUUM ANALYZE dispatch_pendingrung")
    run("CHECKPOINT")


def fill(total: int, due: int) -> None:
    started = time.perf_counter()
    run(petitions_sql(), n=total, now=NOW)
    run(HEADS)
    run(CLOCKS, now=NOW)
    run(RUNGS, now=NOW, share=total // due)
    for table in ("petitions_petition", "dispatch_clock", "dispatch_pendingrung", "petitions_eventhead"):
        run(f"VACUUM ANALYZE {table}")
    say(f"{total:,} open clocks, {due:,} due, filled in {time.perf_counter() - started:.0f} s")


def timed(job: Callable[[], object]) -> float:
    started = time.perf_counter()
    job()
    return time.perf_counter() - started


def side_by_side(*jobs: Callable[[], object]) -> None:
    """Run the jobs at the same moment, each with a connection of its own."""
    from django.db import connections

    def work(job: Callable[[], object]) -> None:
        job()
        connections.close_all()

    threads = [threading.Thread(target=work, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def two_workers() -> None:
    from dispatch.actions import sweep

    side_by_side(lambda: sweep.fire(at=NOW), lambda: sweep.fire(at=NOW))


def two_raw(middle: int) -> None:
    side_by_side(
        lambda: run(RAW_PART, now=NOW, low=0, high=middle), lambda: run(RAW_PART, now=NOW, low=middle, high=2**62)
    )


def middle_clock() -> int:
    from dispatch.models import PendingRung

    ends = PendingRung.objects.aggregate(low=Min("clock_id"), high=Max("clock_id"))
    return int(ends["low"] + ends["high"]) // 2


ROUNDS = 5
# Where rungs that fall due together lie in the table: side by side, as those of clocks started on one day do, or
# scattered over all of it, which no office's days produce.
LAYOUTS = {"together": "fire_at", "scattered": "md5(clock_id::text)"}


def measure(due: int) -> None:
    from dispatch.actions import sweep

    for layout, order in LAYOUTS.items():
        compare(layout, order, due)
    whole = timed(lambda: (sweep.fire(at=NOW), sweep.announce(at=NOW)))
    say(f"fire + announce (event, notices)    {due / whole:>10,.0f} /s")
    run("VACUUM ANALYZE dispatch_pendingrung")
    idle("the swept table")


def compare(layout: str, order: str, due: int) -> None:
    from dispatch.actions import sweep

    middle = middle_clock()
    kinds = {
        "floor": lambda: run(RAW, now=NOW),
        "pair": lambda: two_raw(middle),
        "one": lambda: sweep.fire(at=NOW),
        "two": two_workers,
    }
    rates: dict[str, list[float]] = {kind: [] for kind in kinds}
    reset(order)
    # In turns, so that a slow minute of the machine is shared by all; the median of each counts.
    for _round in range(ROUNDS):
        for kind, job in kinds.items():
            rates[kind].append(due / timed(job))
            reset(order)
    floor, pair, one, two = (statistics.median(rates[kind]) for kind in ("floor", "pair", "one", "two"))
    say(f"due rungs {layout}")
    say(f"  floor: one raw DELETE + INSERT    {floor:>10,.0f} /s   {spread_of(rates['floor'])}")
    say(f"  the same, cut for two sessions  {pair:>10,.0f} /s   {spread_of(rates['pair'])}   {pair / floor:.2f} ×")
    say(f"  fire, 1 worker                    {one:>10,.0f} /s   {spread_of(rates['one'])}   ratio {one / floor:.2f}")
    say(f"  fire, 2 workers                   {two:>10,.0f} /s   {spread_of(rates['two'])}   {two / one:.2f} × one")
    say("  aims: ratio ≥ 0.60; two workers ≥ 1.40 × one")


def idle(label: str) -> None:
    from dispatch.actions import sweep

    fire = [timed(lambda: sweep.fire(at=NOW)) for _i in range(200)]
    say(f"idle sweep of {label}, fire stage   {spread(fire)} (aim < 5 ms)")
    whole = [timed(lambda: sweep.sweep(at=NOW + timedelta(seconds=1))) for _i in range(100)]
    say(f"idle sweep of {label}, whole        {spread(whole)} (aim < 5 ms)")


# A queue without the cases behind it: an idle sweep reads nothing else.
QUEUE = """
INSERT INTO dispatch_pendingrung (fire_at, clock_id, generation, rung)
SELECT %(now)s::timestamptz + (random() * 900000 + 100000) * interval '1 second', id, 1, 1
FROM generate_series(1, %(n)s) id
"""


def measure_idle(total: int) -> None:
    started = time.perf_counter()
    run("SET session_replication_role = replica")
    run(QUEUE, n=total, now=NOW)
    run("SET session_replication_role = DEFAULT")
    run("VACUUM ANALYZE dispatch_pendingrung")
    say(f"{total:,} rungs waiting, none due, filled in {time.perf_counter() - started:.0f} s")
    idle(f"{total:,} waiting")


def spread_of(rates: list[float]) -> str:
    return f"({min(rates):,.0f} – {max(rates):,.0f})"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--open", type=int, default=1_000_000)
    parser.add_argument("--due", type=int, default=100_000)
    parser.add_argument("--idle", type=int, default=0, help="only an idle sweep over a queue of so many rungs")
    options = parser.parse_args()
    open_city()
    if options.idle:
        measure_idle(options.idle)
        return
    fill(options.open, options.due)
    measure(options.due)


if __name__ == "__main__":
    main()
