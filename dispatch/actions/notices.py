"""Writing and reading notices: rows written with the event; `outbox` sends what has to leave the house."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import F, Q
from psycopg2.extras import Json

from accounts.models import User
from dispatch.models import Notice, WorkOrder
from dispatch.recipients import AIMS, WAYS, not_complained_of, not_kept_out, quiet_params
from petitions.models import Petition, Urgency

_URGENT = {Urgency.URGENT, Urgency.EXTRA}

NOTIFY_SQL = f"""
WITH told AS MATERIALIZED (
    SELECT 1 AS ref, u.id AS user_id, u.unit_id, %(is_urgent)s AS is_urgent FROM accounts_user u
    WHERE (u.id = ANY (%(people)s) OR (u.is_active AND u.id IN (
        SELECT b.substitute_id FROM accounts_absence b
        WHERE b.user_id = ANY (%(people)s) AND b.cancelled_at IS NULL
          AND b.since <= %(at)s::timestamptz AND b.until > %(at)s::timestamptz
          -- What a person was named for is not the substitute's (docs/adr/0017).
          AND NOT EXISTS (SELECT 1 FROM petitions_involvement n
            WHERE n.petition_id = %(petition)s AND n.user_id = b.user_id AND n.unit_id IS NULL)
    ))) AND (NOT %(is_restricted)s OR (EXISTS (
        SELECT 1 FROM petitions_involvement i
        WHERE i.petition_id = %(petition)s AND i.user_id = u.id AND i.unit_id IS NULL)
        AND {not_complained_of("%(petition)s", "u.unit_id")}))
      AND {not_kept_out("%(petition)s::bigint", "u.id")}
), {WAYS}, posts AS (
    SELECT DISTINCT ref, unit_id, is_urgent, '' AS rung FROM told
    WHERE unit_id IS NOT NULL AND NOT %(is_restricted)s AND %(to_units)s
), {AIMS}
INSERT INTO dispatch_notice
    (recipient_id, target_id, channel, kind, petition_id, order_id, params, dedupe_key, created_at, deliver_after,
     delivered_at, attempts, last_error, is_urgent)
SELECT g.user_id, g.target_id, g.channel, %(kind)s, %(petition)s, %(order)s, %(params)s, %(key)s, %(at)s,
       g.deliver_after, CASE WHEN g.channel = 'inapp' THEN %(at)s::timestamptz END, 0, '', %(is_urgent)s
FROM (SELECT user_id, NULL::bigint AS target_id, channel, deliver_after FROM way
      UNION ALL SELECT NULL, target_id, 'apprise', deliver_after FROM aim) g
ON CONFLICT DO NOTHING
"""  # noqa: S608 - of constants


def notify(
    users: Iterable[User],
    *,
    kind: str,
    petition: Petition | None = None,
    order: WorkOrder | None = None,
    key: str,
    at: datetime,
    params: dict[str, Any] | None = None,
    is_urgent: bool = False,
    to_units: bool = True,
) -> None:
    """Write one notice per person and channel, in the caller's transaction. The same key twice changes nothing.

    Whoever stands in for an absent person hears it too.

    In-app at once; mail and the channels of the persons' units as preferences and quiet hours say, unless the matter
    is urgent. `params` holds numbers and keys only, never case text; `params["link"]` is a path of this site for what
    is about no petition. Class A: not even the number goes to somebody who is not named (domain-facts §1.17).
    """
    people = sorted({user.pk for user in users})
    if not people:
        return
    urgency = order.urgency if order is not None else petition.urgency if petition is not None else ""
    values = {
        "people": people,
        "kind": kind,
        "petition": petition.pk if petition is not None else None,
        "order": order.pk if order is not None else None,
        "is_restricted": petition is not None and petition.is_restricted,
        "is_urgent": is_urgent or urgency in _URGENT,
        "to_units": to_units,
        "params": Json(params or {}),
        "key": key,
        "at": at,
        **quiet_params(),
    }
    with connection.cursor() as cursor:
        cursor.execute(NOTIFY_SQL, values)


def mark_read(user: User, *, at: datetime, ids: Iterable[int] | None = None) -> int:
    """Mark a person's own notices read: the given ones with what they gather, or all. Returns how many changed."""
    rows = Notice.objects.visible_to(user).filter(read_at__isnull=True)
    if ids is not None:
        wanted = list(ids)
        rows = rows.filter(Q(pk__in=wanted) | Q(digest__in=wanted))
    return rows.update(read_at=at)


def mark_unread(user: User, *, ids: Iterable[int]) -> int:
    """Put a person's own notices back among the unread. Returns how many changed."""
    rows = Notice.objects.visible_to(user).filter(read_at__isnull=False, pk__in=list(ids))
    return rows.update(read_at=None)


def settle(*, before: datetime, petitions: Iterable[int] | None = None) -> int:
    """Count what was written before a moment as delivered and read, without sending it: for a past brought in at once.

    `petitions` narrows it to notices on these. Returns how many changed.
    """
    rows = Notice.objects.filter(created_at__lt=before)
    if petitions is not None:
        wanted = list(petitions)
        rows = rows.filter(Q(petition__in=wanted) | Q(members__petition__in=wanted)).distinct()
    rows = Notice.objects.filter(pk__in=rows.values("pk"))
    unsent = rows.exclude(channel=Notice.Channel.INAPP).filter(delivered_at__isnull=True)
    unread = rows.filter(channel=Notice.Channel.INAPP, read_at__isnull=True)
    return unsent.update(delivered_at=F("created_at")) + unread.update(read_at=F("created_at"))
