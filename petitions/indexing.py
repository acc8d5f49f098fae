"""Taking texts into the search, a few seconds behind the writes. Triggers note what changed (petitions/sql.py)."""

from collections.abc import Sequence

from django.db import connection, transaction

from petitions.models import Petition, SearchPending
from petitions.sources import all_texts

BATCH = 500
_LOCK = 0x7365_6172

_TAKE = """
DELETE FROM petitions_searchpending WHERE id IN (
    SELECT id FROM petitions_searchpending ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
) RETURNING petition_id
"""
# Only a text that differs is written: each costs some hundred entries of the index.
_WRITE = """
WITH fresh AS (
    SELECT t.petition_id, t.kind, t.part, t.text, m.month FROM ({texts}) t JOIN (
        SELECT id, (extract(year FROM registered_at AT TIME ZONE 'UTC') * 12
            + extract(month FROM registered_at AT TIME ZONE 'UTC') - 1)::int AS month
        FROM petitions_petition WHERE id = ANY(%(ids)s)
    ) m ON m.id = t.petition_id WHERE t.text <> ''
), gone AS (
    DELETE FROM petitions_searchentry e WHERE e.petition_id = ANY(%(ids)s) AND NOT EXISTS (
        SELECT 1 FROM fresh f WHERE f.petition_id = e.petition_id AND f.kind = e.kind AND f.part = e.part)
)
INSERT INTO petitions_searchentry (petition_id, kind, part, month, text)
SELECT petition_id, kind, part, month, text FROM fresh
ON CONFLICT (petition_id, kind, part) DO UPDATE SET text = EXCLUDED.text, month = EXCLUDED.month
    WHERE petitions_searchentry.text <> EXCLUDED.text OR petitions_searchentry.month <> EXCLUDED.month
"""


def index_pending(limit: int = BATCH) -> int:
    """Take the changed petitions in, a batch a transaction, until none waits. Returns how many were taken in.

    One indexer at a time: of two, the one that read first could write last.
    """
    total = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
            if not cursor.fetchone()[0]:
                return total
            cursor.execute(_TAKE, [limit])
            taken = [row[0] for row in cursor.fetchall()]
            ids = sorted(set(taken))
            take_in(ids)
        total += len(ids)
        if len(taken) < limit:
            return total


def take_in(ids: Sequence[int]) -> None:
    """Make the entries of these petitions what their texts are now, in the caller's transaction."""
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(_WRITE.format(texts=all_texts(is_folded=True)), {"ids": list(ids)})


def pending(limit: int) -> list[int]:
    """Petitions whose entries are not what their texts are now, at most `limit`."""
    return list(SearchPending.objects.order_by("id").values_list("petition_id", flat=True)[:limit])


def rebuild() -> int:
    """Take every text in anew; the search stays exact meanwhile, only slower. Returns how many petitions."""
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO petitions_searchpending (petition_id) SELECT id FROM {Petition._meta.db_table}")  # noqa: S608
    return index_pending()
