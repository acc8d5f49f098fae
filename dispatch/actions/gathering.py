"""One digest instead of a storm: what a wave of deadlines or a quiet night would send one person, gathered into one.

Gathering is one statement in one transaction that locks the rows it gathers, so every message stands in exactly one
digest or by itself, whatever crashes and however many sweepers and senders run.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

# More than this many deadline messages at once become one digest.
FEW = 4
# What follows within this time is added to the digest a person has not read yet; mails wait for the next one.
WAVE = timedelta(minutes=10)
# So much of a crowd is gathered by one transaction.
LIMIT = 20000

# The announcer's lock is held, so nobody else gathers these inboxes.
INBOX_SQL = """
WITH loose AS MATERIALIZED (
    SELECT n.id, n.recipient_id FROM dispatch_notice n
    WHERE n.recipient_id = ANY (%(people)s) AND n.channel = 'inapp' AND n.kind = 'deadline' AND n.read_at IS NULL
      AND n.digest_id IS NULL AND n.created_at > %(since)s AND n.created_at <= %(at)s
), crowd AS (
    SELECT l.recipient_id, count(*) AS n, min(l.id) AS first, (
        SELECT d.id FROM dispatch_notice d WHERE d.recipient_id = l.recipient_id AND d.channel = 'inapp'
          AND d.kind = 'digest' AND d.read_at IS NULL AND d.created_at > %(since)s AND d.created_at <= %(at)s
        ORDER BY d.created_at DESC, d.id DESC LIMIT 1) AS open_id
    FROM loose l GROUP BY l.recipient_id
), made AS (
    INSERT INTO dispatch_notice
        (recipient_id, channel, kind, params, dedupe_key, created_at, deliver_after, delivered_at, attempts,
         last_error, is_urgent)
    SELECT recipient_id, 'inapp', 'digest', '{}', 'digest:' || first, %(at)s, %(at)s, %(at)s, 0, '', false
    FROM crowd WHERE open_id IS NULL AND n > %(few)s
    RETURNING id, recipient_id
), into_digest AS (
    SELECT recipient_id, id FROM made UNION ALL SELECT recipient_id, open_id FROM crowd WHERE open_id IS NOT NULL
)
UPDATE dispatch_notice n SET digest_id = i.id FROM loose l JOIN into_digest i ON i.recipient_id = l.recipient_id
WHERE n.id = l.id
"""

# Whoever wants one mail a day gets everything that is not urgent in it; the others only what comes in crowds.
OUTBOX_SQL = """
WITH due AS MATERIALIZED (
    SELECT n.id, n.recipient_id, n.target_id, pref.digest_at IS NOT NULL AND NOT n.is_urgent AS is_daily
    FROM dispatch_notice n LEFT JOIN dispatch_noticepreference pref ON pref.user_id = n.recipient_id
    WHERE n.channel = %(channel)s AND n.delivered_at IS NULL AND n.digest_id IS NULL AND n.attempts = 0
      AND n.deliver_after <= %(at)s AND n.kind NOT IN ('digest', 'drill')
      AND (n.kind = 'deadline' OR (pref.digest_at IS NOT NULL AND NOT n.is_urgent))
    ORDER BY n.id LIMIT %(limit)s FOR UPDATE OF n SKIP LOCKED
), crowd AS (
    SELECT recipient_id, target_id, min(id) AS first FROM due GROUP BY recipient_id, target_id
    HAVING count(*) > CASE WHEN bool_or(is_daily) THEN 1 ELSE %(few)s END
), made AS (
    INSERT INTO dispatch_notice
        (recipient_id, target_id, channel, kind, params, dedupe_key, created_at, deliver_after, attempts, last_error,
         is_urgent)
    SELECT recipient_id, target_id, %(channel)s, 'digest', '{}', 'digest:' || first, %(at)s, %(at)s, 0, '', false
    FROM crowd RETURNING id, recipient_id, target_id
)
UPDATE dispatch_notice n SET digest_id = m.id
FROM due d JOIN made m ON m.recipient_id IS NOT DISTINCT FROM d.recipient_id
                      AND m.target_id IS NOT DISTINCT FROM d.target_id
WHERE n.id = d.id
"""

# A wave that is still rolling: who has just had a digest waits for the next one, so that there is no second storm.
HOLD_SQL = """
WITH lately AS (
    SELECT recipient_id, target_id, max(created_at) AS at FROM dispatch_notice
    WHERE channel = %(channel)s AND kind = 'digest' AND created_at > %(since)s AND created_at <= %(at)s
    GROUP BY recipient_id, target_id
)
UPDATE dispatch_notice n SET deliver_after = l.at + %(wave)s FROM lately l
WHERE n.recipient_id IS NOT DISTINCT FROM l.recipient_id AND n.target_id IS NOT DISTINCT FROM l.target_id
  AND n.channel = %(channel)s AND n.kind = 'deadline' AND NOT n.is_urgent AND n.attempts = 0
  AND n.delivered_at IS NULL AND n.digest_id IS NULL AND n.deliver_after <= %(at)s
"""


def gather_inbox(people: Sequence[int], *, at: datetime) -> None:
    """Gather the fresh deadline rows of these inboxes. Runs in the announcer's transaction and under its lock."""
    if people:
        _run(INBOX_SQL, people=list(people), at=at, since=at - WAVE, few=FEW)


def gather_outbox(channel: str, *, at: datetime) -> None:
    """Gather what is due on a channel. Runs in the sender's claiming transaction and under its lock."""
    _run(HOLD_SQL, channel=channel, at=at, since=at - WAVE, wave=WAVE)
    _run(OUTBOX_SQL, channel=channel, at=at, few=FEW, limit=LIMIT)


def _run(sql: str, **params: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
