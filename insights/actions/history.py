"""Takes ended clocks into the past the forecasts ask; append-only."""

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import Max, Q, QuerySet

from dispatch.models import Clock, ClockEvent
from insights.models import Run, Spell
from insights.pasts import FAMILIES, Ruler

# Events get their numbers before they are committed; looking back over the newest ones finds the late ones.
OVERLAP = 20_000
BATCH = 2000


def ended_clocks() -> QuerySet[Clock]:
    """Clocks of handling units' obligations that have ended. Class A stays out, as of all statistics."""
    family = Q()
    for prefix in FAMILIES:
        family |= Q(policy__key__startswith=prefix)
    over = Q(state__in=[Clock.State.MET, Clock.State.CANCELLED], ended_at__isnull=False)
    return Clock.objects.filter(family, over, order__isnull=False, petition__is_restricted=False)


def take(*, at: datetime) -> Run:
    """Add the clocks that have ended since the last time. Doing it twice adds nothing.

    In batches, each its own transaction: an office's first time takes years, and a killed one goes on where it was.
    """
    last = Run.objects.filter(kind=Run.Kind.HISTORY).order_by("-at").first()
    newest = ClockEvent.objects.aggregate(top=Max("id"))["top"] or 0
    rows = ended_clocks()
    if last is not None:
        fresh = ClockEvent.objects.filter(id__gt=last.mark - OVERLAP).values("clock_id")
        rows = rows.filter(pk__in=fresh)
    before = Spell.objects.aggregate(top=Max("id"))["top"] or 0
    batch: list[Spell] = []
    for spell in _spells(rows):
        batch.append(spell)
        if len(batch) >= BATCH:
            Spell.objects.bulk_create(batch, ignore_conflicts=True)
            batch = []
    with transaction.atomic():
        Spell.objects.bulk_create(batch, ignore_conflicts=True)
        taken = Spell.objects.filter(pk__gt=before).count()
        return Run.objects.create(kind=Run.Kind.HISTORY, at=at, rows=taken, mark=newest)


_FIELDS = (
    "pk",
    "generation",
    "policy__key",
    "policy__unit",
    "unit_id",
    "unit__duty",
    "petition__district_id",
    "petition__content_class__code",
    "started_at",
    "due_at",
    "ended_at",
    "paused_for",
    "state",
)


def _spells(rows: QuerySet[Clock]) -> Iterator[Spell]:
    for found in rows.order_by("pk").values(*_FIELDS).iterator(chunk_size=BATCH):
        ruler, start, paused = Ruler.of(found["policy__unit"]), found["started_at"], found["paused_for"]
        yield Spell(
            clock_id=found["pk"],
            generation=found["generation"],
            key=found["policy__key"],
            unit_id=found["unit_id"],
            duty=found["unit__duty"],
            district_id=found["petition__district_id"],
            top_class=found["petition__content_class__code"][:2],
            started_at=start,
            ended_at=found["ended_at"],
            term=max(0, int(ruler.minutes(start, found["due_at"], paused))),
            minutes=max(0, int(ruler.minutes(start, found["ended_at"], paused))),
            is_finished=found["state"] == Clock.State.MET,
        )
