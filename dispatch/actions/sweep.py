"""The sweep: fires the rungs whose time has come, exactly once, whatever crashes and however many sweepers run.

Two stages, each a row of short transactions. `fire` moves due rungs from the queue into `Firing` with one statement a
batch; the primary key of `Firing` makes twice impossible. `announce` (announce.py) turns firings into an event and
notices, set-based, and sets a firing that cannot be told aside with its error, so that it never stalls the rest.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

from dispatch.actions import announcing
from dispatch.actions.announcing import announce
from dispatch.models import Firing, PendingRung, SweepRun

log = logging.getLogger(__name__)

__all__ = ["Forecast", "SweepResult", "announce", "fire", "forecast", "sweep"]

BATCH = 10000
# Sweepers at the same moment each take lanes of their own instead of wrestling over the head of the index.
LANES = 4
# Neighbouring clocks share a lane: two sweepers then write to different pages of the table and of its indexes.
STRETCH = 4096
LANE_LOCK = 0x53574550
# A row that a person's open transaction holds is passed over after this long and left to the careful statement.
PATIENCE = "200ms"
KEEP_RUNS = timedelta(days=7)

# By ctid: rows of the queue are never updated, so their places hold; joining by the four-column key costs a third.
# Within its lane nobody else sweeps, so neither row locks nor a look at the conflict are needed; when a person's step
# holds a row, or a key is there already, the statement fails as a whole and the careful one does the batch.
_FIRE = """
WITH due AS (
    DELETE FROM dispatch_pendingrung WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM dispatch_pendingrung
        WHERE fire_at <= %(at)s AND fire_at >= %(oldest)s AND clock_id / %(stretch)s %% %(lanes)s = %(lane)s
        ORDER BY fire_at LIMIT %(batch)s {lock}
    )) RETURNING *
), fired AS (
    INSERT INTO dispatch_firing
        (clock_id, generation, rung, planned_at, fired_at, is_coalesced, is_moot, is_unheard, error)
    SELECT clock_id, generation, rung, fire_at, %(at)s, false, false, false, '' FROM due {conflict}
)
SELECT count(*) FROM due
"""
SWIFT_SQL = _FIRE.format(lock="", conflict="")
CAREFUL_SQL = _FIRE.format(lock="FOR UPDATE SKIP LOCKED", conflict="ON CONFLICT DO NOTHING")


@dataclass(frozen=True)
class SweepResult:
    """What one sweep did: rungs fired, firings announced, set aside, and how late it found the oldest rung."""

    fired: int
    announced: int
    set_aside: int
    lag_seconds: float


def sweep(*, at: datetime) -> SweepResult:
    """Fire and announce everything due at `at` (aware UTC). Safe to run twice and side by side."""
    oldest = oldest_due(at)
    waited = (at - oldest).total_seconds() if oldest else 0.0
    fired = fire(at=at, oldest=oldest) if oldest else 0
    announced, set_aside = announce(at=at)
    run = SweepRun.objects.create(
        at=at,
        finished_at=timezone.now(),
        fired=fired,
        announced=announced,
        set_aside=set_aside,
        lag_seconds=waited,
    )
    # Once in a while is enough, and the newest rows stay whatever moment was asked for.
    if run.pk % 60 == 0:
        SweepRun.objects.filter(finished_at__lt=run.finished_at - KEEP_RUNS).delete()
    return SweepResult(fired, announced, set_aside, waited)


def oldest_due(at: datetime) -> datetime | None:
    """The moment of the oldest rung that should have fired by `at`; None when none waits.

    It is the lower bound of the sweep: index entries of rungs long fired stay below it until vacuum and are walked
    once here instead of once a batch. A rung put in late, far in the past, moves it down by itself.
    """
    return PendingRung.objects.filter(fire_at__lte=at).order_by("fire_at").values_list("fire_at", flat=True).first()


def fire(*, at: datetime, oldest: datetime | None = None, batch: int = BATCH) -> int:
    """Move due rungs into Firing, a batch a transaction, until none is left. Returns how many fired here."""
    oldest = oldest or oldest_due(at)
    if oldest is None:
        return 0
    # Two sweepers start at different ends, so that they meet late.
    with connection.cursor() as cursor:
        first = cursor.connection.info.backend_pid % LANES
    lanes = [(first + step) % LANES for step in range(LANES)]
    return sum(_fire_lane(lane, at, oldest, batch) for lane in lanes)


def _fire_lane(lane: int, at: datetime, oldest: datetime, batch: int) -> int:
    """Everything due in one lane. A lane in another sweeper's hands is left to it."""
    total = 0
    # Inside somebody's transaction a failed statement or a lock kept to its end would be that transaction's trouble.
    is_swift = not connection.in_atomic_block
    params = {"at": at, "oldest": oldest, "lanes": LANES, "lane": lane, "stretch": STRETCH, "batch": batch}
    while True:
        try:
            moved = _fire_batch(params, is_swift=is_swift)
        except (IntegrityError, OperationalError):
            if not is_swift:
                raise
            is_swift = False
            continue
        total += moved
        if moved < batch:
            return total


def _fire_batch(params: dict[str, Any], *, is_swift: bool) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        if is_swift:
            cursor.execute(
                f"SET LOCAL lock_timeout = '{PATIENCE}'; SELECT pg_try_advisory_xact_lock(%s, %s)",
                [LANE_LOCK, params["lane"]],
            )
            if not cursor.fetchone()[0]:
                return 0
        cursor.execute(SWIFT_SQL if is_swift else CAREFUL_SQL, params)
        return int(cursor.fetchone()[0])


@dataclass(frozen=True)
class Forecast:
    """What a sweep at a moment would do, without doing it."""

    rungs: int
    clocks: int
    # (rule, rung, how many), most first.
    by_rung: list[tuple[str, str, int]]
    untold: int


def forecast(*, at: datetime) -> Forecast:
    """What `sweep(at=at)` would fire and tell. Writes nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT pol.key, pol.ladder -> (q.rung - 1) ->> 'name', count(*), count(DISTINCT q.clock_id)
            FROM dispatch_pendingrung q JOIN dispatch_clock c ON c.id = q.clock_id
            JOIN dispatch_policy pol ON pol.id = c.policy_id
            WHERE q.fire_at <= %s GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
            """,
            [at],
        )
        rows: list[Any] = cursor.fetchall()
        cursor.execute("SELECT count(DISTINCT clock_id) FROM dispatch_pendingrung WHERE fire_at <= %s", [at])
        clocks = cursor.fetchone()[0]
    untold = Firing.objects.filter(announced_at__isnull=True, error="").count()
    return Forecast(sum(row[2] for row in rows), clocks, [(row[0], row[1] or "", row[2]) for row in rows], untold)


def retell() -> int:
    """Take firings set aside back into the queue of the next sweep, once their cause is mended. Returns how many."""
    return announcing.take_back()
