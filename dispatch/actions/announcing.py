"""The second stage of the sweep: firings become breaches, events and notices, each told exactly once."""

import logging
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db import OperationalError, connection, transaction

from accounts.actors import Actor
from dispatch.actions.gathering import gather_inbox
from dispatch.models import Firing
from dispatch.recipients import AIMS, HEARD, WAYS, quiet_params
from petitions import events

log = logging.getLogger(__name__)

ANNOUNCE_BATCH = 2000
# One announcer at a time, so that one clock's rungs are told together. Any 64-bit number; this one spells "ANNO".
ANNOUNCE_LOCK = 0x414E4E4F

# Who is asked: the words of every rung that is told now, with the places of the clock's subject. A clock of another
# subject than a petition has no petition; the unit that owes and the person who waits stand on the clock itself.
_ASKED = """
WITH told_clock AS MATERIALIZED (
    SELECT c.id AS ref, c.petition_id, c.order_id, c.unit_id, c.asker_id, c.subject, c.subject_id, c.due_at,
           k.generation, k.top, k.rungs, pol.key, pol.name, pol.name_en, pol.ladder,
           pol.ladder -> (k.top - 1) ->> 'name' AS rung, pol.unit = 'wall_minute' AS is_urgent,
           o.handler_id, coalesce(p.register_unit_id, asker.unit_id) AS register_unit_id,
           coalesce(p.is_restricted, false) AS is_restricted,
           CASE WHEN c.order_id IS NULL AND p.id IS NOT NULL THEN p.district_id
                ELSE coalesce(ua.district_id, p.district_id) END AS district_id, un.short_name AS unit_name
    FROM (
        SELECT k.clock_id, k.generation, k.top,
               ARRAY(SELECT f.rung FROM dispatch_firing f WHERE f.clock_id = k.clock_id
                     AND f.generation = k.generation AND f.announced_at IS NULL ORDER BY f.rung) AS rungs
        FROM unnest(%(clocks)s::bigint[], %(generations)s::int[], %(tops)s::int[]) AS k(clock_id, generation, top)
    ) k
    JOIN dispatch_clock c ON c.id = k.clock_id
    JOIN dispatch_policy pol ON pol.id = c.policy_id
    JOIN accounts_unit un ON un.id = c.unit_id
    JOIN accounts_area ua ON ua.id = un.area_id
    LEFT JOIN petitions_petition p ON p.id = c.petition_id
    LEFT JOIN dispatch_workorder o ON o.id = c.order_id
    LEFT JOIN accounts_user asker ON asker.id = c.asker_id
), asked AS MATERIALIZED (
    SELECT DISTINCT t.ref, w.word, t.handler_id, t.asker_id, t.unit_id, t.register_unit_id, t.district_id,
           t.petition_id, t.is_restricted
    FROM told_clock t CROSS JOIN LATERAL unnest(t.rungs) r
    CROSS JOIN LATERAL jsonb_array_elements_text(t.ladder -> (r - 1) -> 'to') AS w(word)
)"""

NOTICE_SQL = f"""{_ASKED}, {HEARD}, told AS MATERIALIZED (
    -- Who hears in their own right as well as in place of others hears in their own right.
    SELECT DISTINCT ON (h.ref, h.user_id) h.ref, h.user_id, h.unit_id, t.is_urgent,
           CASE WHEN h.is_fall THEN h.word END AS in_place_of
    FROM heard h JOIN told_clock t ON t.ref = h.ref ORDER BY h.ref, h.user_id, h.is_fall
), {WAYS}, posts AS (
    SELECT DISTINCT told.ref, told.unit_id, t.is_urgent, t.rung FROM told JOIN told_clock t ON t.ref = told.ref
    WHERE told.unit_id IS NOT NULL AND NOT t.is_restricted
), {AIMS}, goes AS (
    SELECT w.ref, w.user_id AS recipient_id, NULL::bigint AS target_id, w.channel, w.deliver_after, told.in_place_of
    FROM way w JOIN told ON told.ref = w.ref AND told.user_id = w.user_id
    UNION ALL SELECT ref, NULL, target_id, 'apprise', deliver_after, NULL FROM aim
), written AS (
    INSERT INTO dispatch_notice
        (recipient_id, target_id, channel, kind, petition_id, order_id, params, dedupe_key, created_at, deliver_after,
         delivered_at, attempts, last_error, is_urgent)
    SELECT g.recipient_id, g.target_id, g.channel, %(kind)s, t.petition_id, t.order_id,
           jsonb_strip_nulls(jsonb_build_object(
               'rung', t.rung, 'rule', t.key, 'name', t.name, 'name_en', t.name_en, 'rungs', to_jsonb(t.rungs),
               'due_at', to_char(t.due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'),
               'in_place_of', g.in_place_of, 'unit', CASE WHEN t.petition_id IS NULL THEN t.unit_name END,
               'subject', CASE WHEN t.petition_id IS NULL THEN t.subject END,
               'subject_id', CASE WHEN t.petition_id IS NULL THEN t.subject_id END)),
           'clock:' || t.ref || ':' || t.generation || ':' || t.top, %(at)s, g.deliver_after,
           CASE WHEN g.channel = 'inapp' THEN %(at)s::timestamptz END, 0, '', t.is_urgent
    FROM goes g JOIN told_clock t ON t.ref = g.ref
    ON CONFLICT DO NOTHING RETURNING recipient_id, channel
)
SELECT ARRAY(SELECT DISTINCT recipient_id FROM written WHERE channel = 'inapp'),
       ARRAY(SELECT ref FROM told_clock WHERE ref NOT IN (SELECT ref FROM told))
"""  # noqa: S608 - of constants


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
            log.exception("A batch of firings could not be announced; telling it in halves.")
            told, aside = _tell_apart(clocks, at)
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


def _tell_apart(clocks: list[int], at: datetime) -> tuple[int, int]:
    """Tell a batch that failed in halves, down to the one row that raises: that one is set aside with its error."""
    if len(clocks) == 1:
        return _tell_alone(clocks[0], at)
    told = aside = 0
    for half in (clocks[: len(clocks) // 2], clocks[len(clocks) // 2 :]):
        try:
            with transaction.atomic():
                _take_turn()
                told += _tell(half, at)
        except OperationalError:
            # A deadlock or a lost connection is not the row's fault: the next sweep tells it.
            raise
        except Exception:
            more, less = _tell_apart(half, at)
            told, aside = told + more, aside + less
    return told, aside


def _tell_alone(clock_id: int, at: datetime) -> tuple[int, int]:
    try:
        with transaction.atomic():
            _take_turn()
            return _tell([clock_id], at), 0
    except OperationalError:
        raise
    except Exception as error:
        log.exception("Firing of clock %s set aside", clock_id)
        with transaction.atomic():
            _set_aside([clock_id], f"{type(error).__name__}: {error}")
        return 0, 1


def _set_aside(clock_ids: list[int], error: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE dispatch_firing SET error = %s WHERE clock_id = ANY(%s) AND announced_at IS NULL AND error = ''",
            [error[:500], clock_ids],
        )


def take_back() -> int:
    """Firings set aside are told by the next sweep. Returns how many."""
    return Firing.objects.filter(announced_at__isnull=True).exclude(error="").update(error="")


def _tell(clock_ids: list[int], at: datetime) -> int:
    """Write breach, event and notices for all unannounced firings of these clocks. Returns how many firings."""
    _lock_petitions(clock_ids)
    rows = _firings(clock_ids)
    # A firing whose clock is gone can be told to nobody; left as it is it would come back for ever.
    orphans = sorted(set(clock_ids) - {row["clock_id"] for row in rows})
    if orphans:
        _set_aside(orphans, "The clock of this firing is gone.")
    # A clock met, paused or cancelled between firing and telling needs no message; its breach is the stop's business.
    live = [row for row in rows if row["is_live"]]
    tops = [list(group)[-1] for _key, group in groupby(live, key=lambda r: (r["clock_id"], r["generation"]))]
    unheard: list[int] = []
    if tops:
        unheard = _write_notices(tops, at)
        _mark_breaches([row["clock_id"] for row in live if row["name"] != "warn"], at)
        _record(live, at)
    _mark_announced(rows, {(r["clock_id"], r["generation"], r["rung"]) for r in tops}, set(unheard), at)
    return len(rows)


def _write_notices(tops: list[dict[str, Any]], at: datetime) -> list[int]:
    """One message per person and channel about each clock's highest rung; returns clocks nobody could be told of."""
    values = {
        "clocks": [row["clock_id"] for row in tops],
        "generations": [row["generation"] for row in tops],
        "tops": [row["rung"] for row in tops],
    }
    with connection.cursor() as cursor:
        cursor.execute(NOTICE_SQL, {"at": at, "kind": "deadline", **quiet_params(), **values})
        people, unheard = cursor.fetchone()
    if unheard:
        log.error("%s deadline rungs have nobody to hear them; see the drill page", len(unheard))
    gather_inbox(people, at=at)
    return list(unheard)


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
    """Their untold firings, with their clocks locked: a clock without a petition has no other lock to go by."""
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
            ORDER BY f.clock_id, f.generation, f.rung FOR UPDATE OF c, f
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
    """One event a petition. An office's own obligations belong to no petition; their firings are their record."""
    by_petition: dict[int, list[dict[str, Any]]] = {}
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


def _mark_announced(
    rows: list[dict[str, Any]], tops: set[tuple[int, int, int]], unheard: set[int], at: datetime
) -> None:
    keys = [(r["clock_id"], r["generation"], r["rung"]) for r in rows]
    columns = [list(column) for column in zip(*keys, strict=True)] or [[], [], []]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE dispatch_firing f
            SET announced_at = %s, is_coalesced = v.coalesced, is_moot = v.moot, is_unheard = v.unheard
            FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::bool[], %s::bool[], %s::bool[])
                AS v(clock_id, generation, rung, coalesced, moot, unheard)
            WHERE (f.clock_id, f.generation, f.rung) = (v.clock_id, v.generation, v.rung)
            """,
            [
                at,
                *columns,
                [key not in tops for key in keys],
                [not row["is_live"] for row in rows],
                [key in tops and key[0] in unheard for key in keys],
            ],
        )
