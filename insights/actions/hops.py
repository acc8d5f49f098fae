"""Which matters were passed from unit to unit, read off their lead orders."""

from collections.abc import Sequence

from django.db import connection, transaction

from insights.models import Hop

# A lead order that ended undone, followed by a lead order of another unit. Rework goes to the same unit and a matter
# that was done and reopened is nobody's refusal: neither is a hop. Class A stays out of all statistics.
_HOPS = """
INSERT INTO insights_hop (petition_id, place, from_order_id, to_order_id, from_unit_id, to_unit_id, district_id,
    top_class, passed_at, held_minutes, way, is_loop)
SELECT s.petition_id, row_number() OVER (PARTITION BY s.petition_id ORDER BY s.seq), s.id, s.next_id, s.unit_id,
    s.next_unit, p.district_id, left(c.code, 2), s.next_at,
    greatest(0, extract(epoch FROM s.next_at - s.dispatched_at) / 60)::int,
    CASE WHEN {returned} THEN 'returned' ELSE 'recalled' END,
    s.next_unit = ANY (s.before)
FROM (
    SELECT o.id, o.petition_id, o.seq, o.unit_id, o.state, o.dispatched_at,
        lead(o.id) OVER w AS next_id, lead(o.unit_id) OVER w AS next_unit, lead(o.dispatched_at) OVER w AS next_at,
        array_agg(o.unit_id) OVER (PARTITION BY o.petition_id ORDER BY o.seq ROWS UNBOUNDED PRECEDING) AS before
    FROM dispatch_workorder o WHERE o.is_lead {only}
    WINDOW w AS (PARTITION BY o.petition_id ORDER BY o.seq)
) s
JOIN petitions_petition p ON p.id = s.petition_id AND NOT p.is_restricted
JOIN petitions_contentclass c ON c.id = p.content_class_id
WHERE s.next_unit <> s.unit_id AND s.state = ANY (%(undone)s)
"""
UNDONE = ["cancelled", "returned"]
_RETURNED = "s.state = 'returned'"


@transaction.atomic
def recount(petitions: Sequence[int] | None = None) -> int:
    """Read the hops of these petitions (None: of all) anew; returns how many there are."""
    old = Hop.objects.all() if petitions is None else Hop.objects.filter(petition__in=petitions)
    old.delete()
    only = "" if petitions is None else "AND o.petition_id = ANY (%(petitions)s)"
    with connection.cursor() as cursor:
        sql = _HOPS.format(only=only, returned=_RETURNED)
        cursor.execute(sql, {"undone": UNDONE, "petitions": list(petitions or [])})
        return int(cursor.rowcount)
