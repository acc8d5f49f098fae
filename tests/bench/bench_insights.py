"""The pages of statistics at a million petitions, against the bare scan they spare.

    python -m tests.bench.bench_insights [--petitions 1000000] [--rounds 20]

Petitions as the worklist's bench makes them, one order each, its sign-for and feedback clocks, callbacks and ratings of
the closed ones. Measured: the nightly recount, one fold after a day's work, and the pages through the whole stack.
"""

import argparse
import random
import time
from datetime import UTC, datetime, timedelta

from tests.bench.bench_worklist import fill, run, sample
from tests.bench.scratch import open_city, say, spread

ORDERS = """
INSERT INTO dispatch_workorder (petition_id, seq, version, unit_id, is_lead, state, is_open, urgency, instruction,
    dispatched_at, signed_at, first_contact_at, fed_back_at, checked_at, called_back_at, ended_at, next_due_at,
    next_due_key)
SELECT p.id, 1, 1, p.lead_unit_id, true, CASE WHEN p.is_open THEN 'in_hand' ELSE 'done' END, p.is_open, p.urgency, '',
    p.registered_at + interval '1 hour', p.registered_at + interval '2 hours', p.registered_at + interval '4 hours',
    CASE WHEN NOT p.is_open THEN p.registered_at + interval '3 days' END, NULL,
    CASE WHEN NOT p.is_open THEN p.registered_at + interval '4 days' END,
    p.closed_at, '9999-12-31', ''
FROM petitions_petition p WHERE p.lead_unit_id IS NOT NULL
"""
CLOCKS = """
INSERT INTO dispatch_clock (policy_id, subject, subject_id, petition_id, order_id, unit_id, generation, state,
    started_at, due_at, ended_at, breached_at, consumed, extended, paused_for, calendar_version)
SELECT pol.id, 'order', o.id, o.petition_id, o.id, o.unit_id, 1,
    CASE WHEN e.ended IS NULL THEN 'running' ELSE 'met' END, o.dispatched_at, e.due, e.ended,
    CASE WHEN coalesce(e.ended, now()) > e.due THEN e.due END, 0, 0, interval '0', 0
FROM dispatch_workorder o
JOIN dispatch_policy pol ON pol.key IN ('O_sign', 'O_feedback_7d') AND pol.is_current
CROSS JOIN LATERAL (SELECT CASE WHEN pol.key = 'O_sign' THEN o.dispatched_at + interval '4 hours'
        ELSE o.dispatched_at + interval '7 days' END AS due,
    CASE WHEN pol.key = 'O_sign' THEN o.dispatched_at + interval '6 hours' * (o.id % 101) / 100
        WHEN o.is_open THEN NULL ELSE o.dispatched_at + interval '8 days' * (o.id % 97) / 96 END AS ended) e
"""
RATINGS = """
INSERT INTO petitions_rating (petition_id, subject, score, round, at)
SELECT p.id, s.subject, 1 + (p.id % 11 > 0)::int + (p.id % 3 > 0)::int, 0, p.closed_at
FROM petitions_petition p CROSS JOIN (VALUES ('unit'), ('office')) s(subject)
WHERE NOT p.is_open AND p.lead_unit_id IS NOT NULL
"""
PAGES = {
    "board, 1 month": "/statistics/?group=timeliness&period={month}",
    "board, 12 months": "/statistics/?group=timeliness",
    "unit, 12 months": "/statistics/units/330203-HOUSING/",
    "rows of a figure": "/statistics/rows/on_time_feedback_rate/hit/?unit=330203-HOUSING",
    "passing on": "/statistics/passing/",
}
AIM = 0.5


def fill_work() -> None:
    """Orders, clocks and ratings of every dispatched petition, set-based."""
    started = time.perf_counter()
    for table, sql in (
        ("dispatch_workorder", ORDERS),
        ("dispatch_clock", CLOCKS),
        ("petitions_rating", RATINGS),
    ):
        run(sql)
        run(f"VACUUM ANALYZE {table}")
    say(f"orders, clocks, ratings filled in {time.perf_counter() - started:.0f} s")


def measure(rounds: int) -> bool:
    """Print the countings and every page; True when all pages are within the aim."""
    from django.core.cache import cache
    from django.test import Client

    from accounts.models import User
    from insights.actions import tallies
    from insights.models import Tally
    from petitions.models import Petition

    now = datetime.now(UTC)
    started = time.perf_counter()
    tallies.recount(at=now)
    run("VACUUM ANALYZE insights_tally")
    say(f"nightly recount {time.perf_counter() - started:.0f} s, {Tally.objects.count():,} tallies")
    changed = list(Petition.objects.order_by("-id").values_list("pk", flat=True)[:100])
    Petition.objects.filter(pk__in=changed).update(updated_at=now + timedelta(minutes=1))
    started = time.perf_counter()
    rows = tallies.fold(at=now + timedelta(minutes=2)).rows
    say(f"fold after 100 changed petitions {time.perf_counter() - started:.1f} s, {rows} units")
    client, is_good = Client(), True
    user = User.objects.select_related("unit__area").get(username="shenyiming")
    client.force_login(user, backend="accounts.backends.StaffBackend")
    for label, path in PAGES.items():
        address = path.format(month=f"{now - timedelta(days=40):%Y-%m}")

        def view(address: str = address) -> None:
            cache.clear()
            answer = client.get(address)
            assert answer.status_code == 200, answer.status_code

        times = sample(view, rounds)
        p95 = sorted(times)[int(len(times) * 0.95)]
        is_good &= p95 < AIM
        say(f"{label:<18} {spread(times)}{'' if p95 < AIM else '   TOO SLOW'}")
    return is_good


def scan_of_rows() -> float:
    """One indicator counted live for every unit: what the tallies spare each column of each page."""
    from django.db.models import Count

    from insights.indicators import INDICATORS

    one = INDICATORS["on_time_feedback_rate"]
    started = time.perf_counter()
    list(one.denominator_rows().order_by().values("unit").annotate(a=Count("pk", filter=one.numerator), b=Count("pk")))
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--petitions", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    random.seed(1)
    open_city()
    from django.test import override_settings

    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    fill(options.petitions)
    fill_work()
    with override_settings(STORAGES={"default": plain, "staticfiles": plain}):
        is_good = measure(options.rounds)
    say(f"one indicator of twelve months counted live: {scan_of_rows() * 1000:.0f} ms")
    say(f"aim: p95 of every page < {AIM * 1000:.0f} ms — {'met' if is_good else 'NOT met'}")


if __name__ == "__main__":
    main()
