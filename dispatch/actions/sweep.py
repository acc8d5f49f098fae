"""The sweep: fires the rungs whose time has come, exactly once, whatever crashes and however many sweepers run.

Two stages, each a row of short transactions. `fire` moves due rungs from the queue into `Firing` with one statement a
batch; the primary key of `Firing` makes twice impossible. `announce` turns firings into an event and notices,
set-based, in one transaction, and sets a firing that cannot be told aside with its error, so that it never
stalls the rest.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.db import OperationalError, connection, transaction
from django.utils import timezone

from accounts.actors import Actor
from dispatch.actions.clocks import lag
from dispatch.models import SweepRun
from petitions import events

log = logging.getLogger(__name__)

BATCH = 5000
ANNOUNCE_BATCH = 2000
# Index entries of rungs long fired stay until vacuum; the watermark keeps the idle sweep from walking them.
WATERMARK = timedelta(days=2)
DEEP_EVERY = timedelta(hours=1)
KEEP_RUNS = timedelta(days=7)
# One announcer at a time, so that one clock's rungs are told together. Any 64-bit number; this one spells "ANNO".
ANNOUNCE_LOCK = 0x414E4E4F

# By ctid: the rows are locked and never updated, so their places hold; joining by the four-column key costs a third.
FIRE_SQL = """
WITH due AS (
    DELETE FROM dispatch_pendingrung WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM dispatch_pendingrung
        WHERE fire_at <= %(at)s AND fire_at > %(watermark)s
        ORDER BY fire_at LIMIT %(batch)s FOR UPDATE SKIP LOCKED
    )) RETURNING *
), fired AS (
    INSERT INTO dispatch_firing (clock_id, generation, rung, planned_at, fired_at, is_coalesced, is_moot, error)
    SELECT clock_id, generation, rung, fire_at, %(at)s, false, false, '' FROM due
    ON CONFLICT DO NOTHING
)
SELECT count(*) FROM due
"""

# Each ladder word has its own index-backed branch: one OR over all of them would scan every account per firing.
NOTICE_SQL = """
INSERT INTO dispatch_notice
    (recipient_id, channel, kind, petition_id, order_id, params, dedupe_key, created_at, deliver_after, delivered_at,
     attempts, last_error)
SELECT who.id, way.channel, 'deadline', c.petition_id, c.order_id,
       jsonb_build_object('rung', pol.ladder -> (b.top - 1) ->> 'name', 'name', pol.name, 'name_en', pol.name_en,
                          'due_at', to_char(c.due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'),
                          'rungs', to_jsonb(b.rungs)),
       'clock:' || b.clock_id || ':' || b.generation || ':' || b.top,
       %(at)s, %(at)s, CASE WHEN way.channel = 'inapp' THEN %(at)s::timestamptz END, 0, ''
FROM unnest(%(clocks)s::bigint[], %(generations)s::int[], %(tops)s::int[]) AS k(clock_id, generation, top)
CROSS JOIN LATERAL (
    SELECT k.clock_id, k.generation, k.top, array_agg(f.rung ORDER BY f.rung) AS rungs FROM dispatch_firing f
    WHERE f.clock_id = k.clock_id AND f.generation = k.generation AND f.announced_at IS NULL
) b
JOIN dispatch_clock c ON c.id = b.clock_id
JOIN dispatch_policy pol ON pol.id = c.policy_id
LEFT JOIN petitions_petition p ON p.id = c.petition_id
LEFT JOIN dispatch_workorder o ON o.id = c.order_id
LEFT JOIN accounts_unit ou ON ou.id = o.unit_id
LEFT JOIN accounts_area oa ON oa.id = ou.area_id
JOIN accounts_unit cu ON cu.id = c.unit_id
JOIN accounts_area ca ON ca.id = cu.area_id
CROSS JOIN LATERAL (
    SELECT DISTINCT jsonb_array_elements_text(pol.ladder -> (r - 1) -> 'to') AS word FROM unnest(b.rungs) r
) w
CROSS JOIN LATERAL (
    SELECT u.id, u.email FROM accounts_user u
    WHERE w.word = 'handler' AND u.id = o.handler_id AND u.is_active
    UNION SELECT u.id, u.email FROM accounts_user u
    WHERE w.word = 'handler' AND o.handler_id IS NULL AND u.unit_id = o.unit_id AND u.is_active
      AND u.role IN ('unit_admin', 'unit_handler')
    UNION SELECT u.id, u.email FROM accounts_user u
    WHERE w.word = 'unit_leader' AND u.unit_id = o.unit_id AND u.is_active AND u.role = 'unit_admin'
    UNION SELECT u.id, u.email FROM accounts_user u
    WHERE w.word = 'dispatcher' AND u.id = o.dispatched_by_id AND u.is_active
    UNION SELECT u.id, u.email FROM accounts_user u
    WHERE w.word = 'register_office' AND u.unit_id = p.register_unit_id AND u.is_active
      AND u.role IN ('dispatcher', 'city_officer', 'district_officer')
    UNION SELECT u.id, u.email FROM accounts_user u
    WHERE w.word = 'owner' AND u.unit_id = c.unit_id AND u.is_active
      AND u.role IN ('unit_admin', 'reviewer', 'dispatcher', 'city_officer', 'district_officer')
    UNION SELECT u.id, u.email FROM accounts_unit d JOIN accounts_user u ON u.unit_id = d.id
    WHERE w.word = 'district_office' AND d.kind = 'petition_office'
      AND d.area_id = coalesce(oa.district_id, p.district_id, ca.district_id)
      AND u.is_active AND u.role = 'district_officer'
    UNION SELECT u.id, u.email FROM accounts_area a JOIN accounts_unit d ON d.area_id = a.id
      JOIN accounts_user u ON u.unit_id = d.id
    WHERE w.word = 'city_supervision' AND a.kind = 'city' AND d.kind = 'petition_office'
      AND u.is_active AND u.role = 'city_officer'
) who
CROSS JOIN (VALUES ('inapp'), ('email')) AS way(channel)
WHERE (way.channel = 'inapp' OR who.email <> '')
  AND (p.id IS NULL OR NOT p.is_restricted OR EXISTS (
      SELECT 1 FROM petitions_involvement i WHERE i.petition_id = p.id AND i.user_id = who.id AND i.unit_id IS NULL))
ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True)
class SweepResult:
    """What one sweep did: rungs fired, firings announced, firings set aside, and how late it found the oldest rung."""

    fired: int
    announced: int
    set_aside: int
    lag_seconds: float


def sweep(*, at: datetime, deep: bool | None = None) -> SweepResult:
    """Fire and announce everything due at `at` (aware UTC). Safe to run twice and side by side.

    `deep` looks below the watermark too; None decides by the hour of the last deep sweep.
    """
    waited = lag(at).total_seconds()
    if deep is None:
        last = SweepRun.objects.filter(is_deep=True).order_by("-at").values_list("at", flat=True).first()
        deep = last is None or at - last >= DEEP_EVERY
    fired = fire(at=at, deep=deep)
    announced, set_aside = announce(at=at)
    SweepRun.objects.create(
        at=at,
        finished_at=timezone.now(),
        fired=fired,
        announced=announced,
        set_aside=set_aside,
        lag_seconds=waited,
        is_deep=deep,
    )
    if deep:
        SweepRun.objects.filter(at__lt=at - KEEP_RUNS).delete()
    return SweepResult(fired, announced, set_aside, waited)


def fire(*, at: datetime, deep: bool = True, batch: int = BATCH) -> int:
    """Move due rungs into Firing, a batch a transaction, until none is left. Returns how many fired."""
    watermark = datetime(1970, 1, 1, tzinfo=at.tzinfo) if deep else at - WATERMARK
    total = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(FIRE_SQL, {"at": at, "watermark": watermark, "batch": batch})
            moved = cursor.fetchone()[0]
        total += moved
        if not moved:
            return total


def announce(*, at: datetime, batch: int = ANNOUNCE_BATCH) -> tuple[int, int]:
    """Tell firings as events and notices, a batch a transaction; (announced, set aside)."""
    announced = set_aside = 0
    while True:
        clocks: list[int] = []
        try:
            with transaction.atomic():
                _take_turn()
                clocks = _unannounced(batch, at)
                told = _tell(clocks, at) if clocks else 0
        except Exception:
            if not clocks:
                raise
            log.exception("A batch of firings could not be announced; telling them one by one.")
            told, aside = _tell_one_by_one(clocks, at)
            set_aside += aside
        announced += told
        if not clocks:
            return announced, set_aside


def _take_turn() -> None:
    """One announcer a batch. Waiting, not skipping: what this sweep fired must not lie untold until the next minute."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ANNOUNCE_LOCK])


def _unannounced(limit: int, at: datetime) -> list[int]:
    """Clocks with firings to tell. One whose next rung is due but still in another sweeper's hands waits for it."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT f.clock_id FROM dispatch_firing f
            WHERE f.announced_at IS NULL AND f.error = '' AND NOT EXISTS (
                SELECT 1 FROM dispatch_pendingrung q WHERE q.clock_id = f.clock_id AND q.fire_at <= %s)
            ORDER BY f.clock_id LIMIT %s
            """,
            [at, limit],
        )
        return [row[0] for row in cursor.fetchall()]


def _tell_one_by_one(clocks: list[int], at: datetime) -> tuple[int, int]:
    told = aside = 0
    for clock_id in clocks:
        try:
            with transaction.atomic():
                told += _tell([clock_id], at)
        except OperationalError:
            # A deadlock or a lost connection is not the row's fault: the next sweep tells it.
            raise
        except Exception as error:
            log.exception("Firing of clock %s set aside", clock_id)
            aside += 1
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE dispatch_firing SET error = %s WHERE clock_id = %s AND announced_at IS NULL",
                    [f"{type(error).__name__}: {error}"[:500], clock_id],
                )
    return told, aside


def _tell(clock_ids: list[int], at: datetime) -> int:
    """Write breach, event and notices for all unannounced firings of these clocks. Returns how many firings."""
    _lock_petitions(clock_ids)
    rows = _firings(clock_ids)
    # A clock met or cancelled between firing and telling needs no message; its breach is the stop's business.
    live = [row for row in rows if row["is_live"]]
    tops = [list(group)[-1] for _key, group in groupby(live, key=lambda r: (r["clock_id"], r["generation"]))]
    if tops:
        keys = {
            "clocks": [row["clock_id"] for row in tops],
            "generations": [row["generation"] for row in tops],
            "tops": [row["rung"] for row in tops],
        }
        with connection.cursor() as cursor:
            cursor.execute(NOTICE_SQL, {"at": at, **keys})
        _mark_breaches([row["clock_id"] for row in live if row["name"] != "warn"], at)
        _record(live, at)
    _mark_announced({(r["clock_id"], r["generation"], r["rung"]) for r in tops}, rows, at)
    return len(rows)


def _lock_petitions(clock_ids: list[int]) -> None:
    """Petitions first, in order: the order of locks of every step a person takes, so that none deadlocks."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT id FROM petitions_petition
            WHERE id IN (SELECT petition_id FROM dispatch_clock WHERE id = ANY(%s)) ORDER BY id FOR UPDATE
            """,
            [clock_ids],
        )


def _firings(clock_ids: list[int]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT f.clock_id, f.generation, f.rung, f.planned_at, c.petition_id, c.order_id, c.due_at, pol.key,
                   pol.ladder -> (f.rung - 1) ->> 'name' AS name,
                   c.state = 'running' AND c.generation = f.generation AS is_live
            FROM dispatch_firing f
            JOIN dispatch_clock c ON c.id = f.clock_id
            JOIN dispatch_policy pol ON pol.id = c.policy_id
            WHERE f.clock_id = ANY(%s) AND f.announced_at IS NULL AND f.error = ''
            ORDER BY f.clock_id, f.generation, f.rung FOR UPDATE OF f
            """,
            [clock_ids],
        )
        columns = [column[0] for column in cursor.description]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def _mark_breaches(clock_ids: list[int], at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH late AS (
                UPDATE dispatch_clock c SET breached_at = due_at, detected_at = %(at)s
                FROM dispatch_policy pol
                WHERE c.id = ANY(%(clocks)s) AND c.breached_at IS NULL AND c.state = 'running' AND c.due_at < %(at)s
                  AND pol.id = c.policy_id AND NOT pol.is_right
                RETURNING c.*
            )
            INSERT INTO dispatch_clockevent
                (clock_id, at, kind, due_at, consumed, amount, policy_id, calendar_version, actor_label, reason)
            SELECT id, %(at)s, 'breach', due_at, consumed, 0, policy_id, calendar_version, 'clock', '' FROM late
            ORDER BY id
            """,
            {"at": at, "clocks": clock_ids},
        )


def _record(rows: list[dict[str, Any]], at: datetime) -> None:
    by_petition: dict[int, list[dict[str, Any]]] = {}
    # An office's own obligations (a yearly report) belong to no petition's history; their firings are their record.
    for row in rows:
        if row["petition_id"] is None:
            continue
        by_petition.setdefault(row["petition_id"], []).append(
            {
                "clock": row["clock_id"],
                "order": row["order_id"],
                "rule": row["key"],
                "rung": row["name"],
                "due_at": row["due_at"].isoformat(),
                "planned_at": row["planned_at"].isoformat(),
            }
        )
    entries = [(petition, {"rungs": rungs}) for petition, rungs in sorted(by_petition.items())]
    events.record_many(entries, kind="deadline", actor=Actor.system("clock"), at=at)


def _mark_announced(tops: set[tuple[int, int, int]], rows: list[dict[str, Any]], at: datetime) -> None:
    keys = [(r["clock_id"], r["generation"], r["rung"]) for r in rows]
    if not keys:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE dispatch_firing f SET announced_at = %s, is_coalesced = v.coalesced, is_moot = v.moot
            FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::bool[], %s::bool[])
                AS v(clock_id, generation, rung, coalesced, moot)
            WHERE (f.clock_id, f.generation, f.rung) = (v.clock_id, v.generation, v.rung)
            """,
            [
                at,
                *(list(column) for column in zip(*keys, strict=True)),
                [key not in tops for key in keys],
                [not row["is_live"] for row in rows],
            ],
        )
