"""Takes ended clocks into the past the forecasts ask; append-only."""

from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from dispatch.models import ClockEvent
from insights.models import Run
from insights.pasts import FAMILIES

# Events get their numbers before they are committed; looking back over the newest ones finds the late ones.
OVERLAP = 20_000
_TAKE = """
INSERT INTO insights_spell (clock_id, generation, key, unit_id, duty, district_id, top_class, started_at, ended_at,
    term, minutes, is_finished)
SELECT c.id, c.generation, pol.key, c.unit_id, u.duty, p.district_id, left(cc.code, 2), c.started_at, c.ended_at,
    greatest(0, extract(epoch FROM c.due_at - c.started_at - c.paused_for) / 60)::int,
    greatest(0, extract(epoch FROM c.ended_at - c.started_at - c.paused_for) / 60)::int, c.state = 'met'
FROM dispatch_clock c
JOIN dispatch_policy pol ON pol.id = c.policy_id
JOIN accounts_unit u ON u.id = c.unit_id
JOIN petitions_petition p ON p.id = c.petition_id AND NOT p.is_restricted
JOIN petitions_contentclass cc ON cc.id = p.content_class_id
WHERE c.order_id IS NOT NULL AND c.state IN ('met', 'cancelled') AND c.ended_at IS NOT NULL
  AND pol.key LIKE ANY (%(families)s) {only}
ON CONFLICT DO NOTHING
"""


@transaction.atomic
def take(*, at: datetime) -> Run:
    """Add the clocks that have ended since the last time. Doing it twice adds nothing."""
    last = Run.objects.filter(kind=Run.Kind.HISTORY).order_by("-at").first()
    newest = ClockEvent.objects.aggregate(top=Max("id"))["top"] or 0
    # An office's first time takes everything it has.
    only = "AND c.id IN (SELECT clock_id FROM dispatch_clockevent WHERE id > %(mark)s)" if last else ""
    values: dict[str, Any] = {
        "families": [f"{prefix}%" for prefix in FAMILIES],
        "mark": last.mark - OVERLAP if last else 0,
    }
    with connection.cursor() as cursor:
        cursor.execute(_TAKE.format(only=only), values)
        taken = cursor.rowcount
    return Run.objects.create(kind=Run.Kind.HISTORY, at=at, rows=taken, mark=newest)
