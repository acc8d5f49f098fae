"""Finds by itself what calls for supervision (domain-facts §2.6): set-based, idempotent, decided on by a person.

One statement a trigger, all inside one transaction. Every finding has a key that names what was found, so that running
twice, late or side by side adds nothing. What is found belongs to the same table other rooms' rules propose into
(`dispatch.actions.supervision.propose`): rework exhausted, a pause opened late, a bad rating not put right. The trigger
"knowledge base not kept up" waits until there is a knowledge base.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from dispatch.models import SupervisionThreshold
from dispatch.supervision import THRESHOLDS

# Any 64-bit number: one finder at a time, so that two beats do not open two findings for one order. It spells "FIND".
FIND_LOCK = 0x46494E44

_INSERT = """
INSERT INTO dispatch_proposal (trigger, key, petition_id, order_id, unit_id, facts, found_at, remark)
"""
_ONCE = " ON CONFLICT (key) DO NOTHING"
_ISO = '\'YYYY-MM-DD"T"HH24:MI:SS"+00:00"\''

# Past due and some grace, by the earliest clock of each order (or of the petition's own). Where the unit is under
# supervision on the case already, or a finding is open, another one would only be noise.
OVERDUE = f"""
SELECT DISTINCT ON (coalesce(c.order_id, -c.petition_id)) 'overdue', 'overdue:' || c.id, c.petition_id, c.order_id,
       c.unit_id,
       jsonb_build_object('rule', pol.key, 'clock', c.id, 'due_at', to_char(c.due_at AT TIME ZONE 'UTC', {_ISO})),
       %(at)s::timestamptz, ''
FROM dispatch_clock c
JOIN dispatch_policy pol ON pol.id = c.policy_id
LEFT JOIN dispatch_workorder o ON o.id = c.order_id
WHERE c.state = 'running' AND c.subject IN ('order', 'petition')
  AND c.due_at < %(at)s::timestamptz - CASE WHEN o.urgency IN ('urgent', 'extra_urgent')
                                       THEN %(grace_hours_urgent)s ELSE %(grace_hours)s END * interval '1 hour'
  AND NOT EXISTS (SELECT 1 FROM dispatch_proposal f WHERE f.key = 'overdue:' || c.id)
  AND NOT EXISTS (SELECT 1 FROM dispatch_proposal f WHERE f.trigger = 'overdue' AND f.decided_at IS NULL
                  AND f.petition_id = c.petition_id AND f.order_id IS NOT DISTINCT FROM c.order_id)
  AND NOT EXISTS (SELECT 1 FROM dispatch_supervisionorder s WHERE s.petition_id = c.petition_id
                  AND s.unit_id = c.unit_id AND s.state IN ('waiting', 'answered'))
ORDER BY coalesce(c.order_id, -c.petition_id), c.due_at, c.id
"""  # noqa: S608 - no value of a user in it

# The newest feedback says "not solved" though the facts are as described; "explained" is the word for no legal ground.
UNSOLVED = """
SELECT 'unsolved', 'unsolved:feedback:' || f.id, o.petition_id, o.id, o.unit_id,
       jsonb_build_object('feedback', f.id), %(at)s::timestamptz, ''
FROM dispatch_feedback f JOIN dispatch_workorder o ON o.id = f.order_id
WHERE f.outcome = 'unsolved' AND f.is_true AND f.at > %(since)s AND f.at <= %(at)s AND o.state <> 'cancelled'
  AND NOT EXISTS (SELECT 1 FROM dispatch_feedback later WHERE later.order_id = f.order_id AND later.id > f.id)
"""

# Every feedback but a standing one was sent back.
SENT_BACK = """
SELECT 'unsolved', 'unsolved:sent_back:' || o.id, o.petition_id, o.id, o.unit_id,
       jsonb_build_object('send_backs', n.sent_back), %(at)s::timestamptz, ''
FROM dispatch_workorder o
CROSS JOIN LATERAL (
    SELECT count(*) - CASE WHEN o.state IN ('waiting', 'in_hand') THEN 0 ELSE 1 END AS sent_back
    FROM dispatch_feedback f WHERE f.order_id = o.id
) n
WHERE o.is_open AND o.dispatched_at > %(since)s AND n.sent_back >= %(send_backs)s
  AND EXISTS (SELECT 1 FROM dispatch_feedback f WHERE f.order_id = o.id)
"""

BAD_HANDLING = """
SELECT 'bad_handling', 'bad_handling:' || k.id, o.petition_id, o.id, o.unit_id,
       jsonb_build_object('callback', k.id, 'was_contacted', k.was_contacted, 'was_truthful', k.was_truthful),
       %(at)s::timestamptz, ''
FROM dispatch_callback k JOIN dispatch_workorder o ON o.id = k.order_id
WHERE k.at > %(since)s AND k.at <= %(at)s AND (k.was_contacted = false OR k.was_truthful = false)
"""

# Many petitions of one class in one place, some still open. Accusations (class A) are neither counted nor named.
PLACE = """
SELECT 'repeated', 'repeated:place:' || g.content_class_id || ':' || g.area_id || ':' ||
       to_char(%(at)s::timestamptz AT TIME ZONE 'Asia/Shanghai', 'YYYYMM'),
       NULL::bigint, NULL::bigint, g.unit_id,
       jsonb_build_object('class', g.content_class_id, 'area', g.area_id, 'count', g.n, 'open', g.open,
                          'days', %(repeated_days)s::int, 'petitions', to_jsonb(g.ids[1:12])),
       %(at)s::timestamptz, ''
FROM (
    SELECT content_class_id, area_id, count(*) AS n, count(*) FILTER (WHERE is_open) AS open,
           array_agg(id ORDER BY id DESC) AS ids, mode() WITHIN GROUP (ORDER BY lead_unit_id) AS unit_id
    FROM petitions_petition
    WHERE registered_at > %(at)s::timestamptz - %(repeated_days)s * interval '1 day' AND registered_at <= %(at)s
      AND NOT is_restricted AND lead_unit_id IS NOT NULL AND state NOT IN ('withdrawn', 'merged')
    GROUP BY content_class_id, area_id
    HAVING count(*) >= %(repeated_count)s AND count(*) FILTER (WHERE is_open) > 0
) g
WHERE NOT EXISTS (
    SELECT 1 FROM dispatch_proposal f WHERE f.decided_at IS NULL
      AND f.key LIKE 'repeated:place:' || g.content_class_id || ':' || g.area_id || ':%%')
"""

FINDERS: dict[str, str] = {
    "overdue": OVERDUE,
    "unsolved": UNSOLVED,
    "sent_back": SENT_BACK,
    "bad_handling": BAD_HANDLING,
    "place": PLACE,
}


def thresholds() -> dict[str, int]:
    """The numbers in force: the office's own where it has set one."""
    own = dict(SupervisionThreshold.objects.values_list("key", "value"))
    return {key: own.get(key, row.default) for key, row in THRESHOLDS.items()}


@transaction.atomic
def find(*, at: datetime) -> dict[str, int]:
    """Look for everything that calls for supervision at `at` (aware UTC); how many new findings each rule made."""
    values: dict[str, Any] = {**thresholds(), "at": at}
    values["since"] = at - timedelta(days=values["look_back_days"])
    made = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FIND_LOCK])
        for name, rows in FINDERS.items():
            cursor.execute(_INSERT + rows + _ONCE, values)
            made[name] = cursor.rowcount
    return made


def load_thresholds() -> int:
    """Write down the defaults that are missing, so that the administrator finds them. Returns how many."""
    known = set(SupervisionThreshold.objects.values_list("key", flat=True))
    rows = [SupervisionThreshold(key=key, value=row.default) for key, row in THRESHOLDS.items() if key not in known]
    return len(SupervisionThreshold.objects.bulk_create(rows))
