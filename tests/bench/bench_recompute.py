"""Open clocks recomputed after a calendar edit, against the raw statement in the same run.

    python -m tests.bench.bench_recompute [--open 100000]

Floor: one UPDATE that moves every due date, all rows locked for as long as it takes. "preview" counts what an edit
would move; "job" is what follows the confirmation: batches with rungs, clock events, petition events, the list of what
moved and one notice a person. The longest time a row was locked is the longest batch (aim < 1 s).
"""

import argparse
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.bench.bench_sweep import HEADS, petitions_sql, run, timed
from tests.bench.scratch import open_city, say, spread

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
# Two working days after the clocks start; their last day is fifteen working days on.
EDITED = (date(2026, 11, 25), date(2026, 11, 26))

CLOCKS = """
INSERT INTO dispatch_clock (policy_id, subject, subject_id, petition_id, unit_id, generation, state, started_at,
    consumed, extended, resumed_at, paused_for, calendar_version, due_at)
SELECT pol.id, 'petition', p.id, p.id, p.register_unit_id, 1, 'running', %(now)s,
    0, 0, %(now)s, interval '0', 0, %(due)s
FROM petitions_petition p, (SELECT id FROM dispatch_policy WHERE key = 'A01_accuse_accept' AND is_current) pol
"""
EVENTS = """
INSERT INTO dispatch_clockevent (clock_id, at, kind, due_at, consumed, amount, policy_id, calendar_version, actor_label,
    reason)
SELECT id, started_at, 'start', due_at, 0, 0, policy_id, 0, 'bench', '' FROM dispatch_clock
"""
RUNGS = """
INSERT INTO dispatch_pendingrung (fire_at, clock_id, generation, rung)
SELECT due_at + r * interval '1 hour', id, 1, r FROM dispatch_clock, generate_series(1, 3) r
"""
RAW = "UPDATE dispatch_clock SET due_at = due_at + interval '2 days', generation = generation + 1"
BACK = "UPDATE dispatch_clock SET due_at = due_at - interval '2 days', generation = generation - 1"


def fill(total: int) -> None:
    from dispatch.clocks import WORKING_DAY, due_at
    from dispatch.rulebook import calendar

    started = time.perf_counter()
    run(petitions_sql(), n=total, now=NOW)
    run(HEADS)
    run(CLOCKS, now=NOW, due=due_at(NOW, 15, WORKING_DAY, calendar()))
    run(EVENTS)
    run(RUNGS)
    for table in ("petitions_petition", "dispatch_clock", "dispatch_pendingrung", "petitions_eventhead"):
        run(f"VACUUM ANALYZE {table}")
    say(f"{total:,} open clocks, filled in {time.perf_counter() - started:.0f} s")


def floor(total: int) -> float:
    rates = []
    for _round in range(3):
        rates.append(total / timed(lambda: run(RAW)))
        run(BACK)
        run("VACUUM ANALYZE dispatch_clock")
        run("CHECKPOINT")
    return sorted(rates)[1]


def prepared() -> Any:
    """The edit, with what it would move counted."""
    from accounts.models import User
    from dispatch.actions import changes

    days = [{"day": day.isoformat(), "is_work": False, "note": "", "spans": None} for day in EDITED]
    user = User.objects.get(username="shenyiming")
    return changes.prepare_days(days, reason="bench", actor=user, at=NOW), user


def work(job_id: int) -> list[float]:
    """Let one worker do the whole job; the length of each batch, during which its rows were locked."""
    from dispatch.actions import jobs
    from dispatch.models import Job

    batches: list[float] = []
    attempt = jobs._attempt

    def measured(*args: Any) -> None:
        started = time.perf_counter()
        attempt(*args)
        batches.append(time.perf_counter() - started)

    jobs._attempt = measured
    shown = 0
    while (job := Job.objects.get(pk=job_id)).is_live:
        claimed = jobs.claim(at=datetime.now(UTC), job_id=job_id)
        if claimed is None:
            break
        jobs.work(claimed, now=lambda: datetime.now(UTC), until=datetime.now(UTC) + timedelta(seconds=10))
        job.refresh_from_db()
        if job.percent >= shown + 20:
            shown = job.percent
            say(f"  … {job.handled:,} of {job.total:,} ({job.percent} %)")
    jobs._attempt = attempt
    return batches


def measure(total: int) -> None:
    from dispatch.actions import changes
    from dispatch.models import ClockShift

    raw = floor(total)
    started = time.perf_counter()
    change, user = prepared()
    counting = time.perf_counter() - started
    started = time.perf_counter()
    change = changes.apply(change.pk, actor=user, at=NOW)
    confirming = time.perf_counter() - started
    started = time.perf_counter()
    batches = work(change.job_id)
    rate = total / (time.perf_counter() - started)
    moved = ClockShift.objects.filter(change=change).count()
    say(f"floor: one raw UPDATE of all         {raw:>10,.0f} /s   (every row locked for {total / raw:.1f} s)")
    say(f"preview (counted, nothing locked)    {total / counting:>10,.0f} /s   {counting:.1f} s")
    say(f"confirm (new version and job)        {total / confirming:>10,.0f} /s   {confirming:.1f} s")
    say(f"job, 1 worker                        {rate:>10,.0f} /s   ratio {rate / raw:.2f}   {moved:,} moved")
    say(f"rows locked, per batch               {spread(batches)} · longest {max(batches) * 1000:.0f} ms (aim < 1,000)")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--open", type=int, default=100_000)
    options = parser.parse_args()
    open_city()
    fill(options.open)
    measure(options.open)


if __name__ == "__main__":
    main()
