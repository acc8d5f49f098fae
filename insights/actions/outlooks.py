"""Forecasts every running clock, and sets forecasts down at each quarter of a term to be judged later."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from insights.actions import history
from insights.forecast import Forecast
from insights.models import ForecastRecord, Outlook, Run, Spell
from insights.pasts import Pasts, Remembered, Running, as_running, running_clocks

BATCH = 1000
# Sign-for and first contact are over before anybody could act on a forecast; their feedback is what is judged.
RECORDED = "O_feedback"
# The beat comes every quarter of an hour; a recording much later than that would not be of this moment.
QUARTERS = (1, 2, 3)
# A replay is a sample of the recent past, not a second history.
REPLAYED = 3000


def refresh(*, at: datetime) -> Run:
    """Take up what has ended, forecast what runs, and set down what has passed a quarter of its term."""
    history.take(at=at)
    pasts = Pasts(at)
    seen: list[int] = []
    batch: list[tuple[Running, Forecast]] = []
    for clock in as_running(running_clocks().order_by("policy__key", "unit_id")):
        batch.append((clock, pasts.of(clock)))
        seen.append(clock.pk)
        if len(batch) >= BATCH:
            _write(batch, at)
            batch = []
    _write(batch, at)
    with transaction.atomic():
        Outlook.objects.exclude(at=at).delete()
        return Run.objects.create(kind=Run.Kind.OUTLOOK, at=at, rows=len(seen))


@transaction.atomic
def _write(batch: list[tuple[Running, Forecast]], at: datetime) -> None:
    fields = ["unit", "district", "at", "level", "evidence", "probability", "expected_at"]
    rows = [
        Outlook(
            clock_id=clock.pk,
            unit_id=clock.unit,
            district_id=clock.district,
            at=at,
            level=said.level,
            evidence=said.evidence,
            probability=said.probability,
            expected_at=None if said.expected is None else clock.ruler.ahead(at, said.expected),
        )
        for clock, said in batch
    ]
    Outlook.objects.bulk_create(rows, update_conflicts=True, unique_fields=["clock"], update_fields=fields)
    record(batch, at=at)


def record(batch: Iterable[tuple[Running, Forecast]], *, at: datetime, is_replayed: bool = False) -> None:
    """Keep the forecasts of clocks in their second, third or last quarter, once for each; unknown ones are not."""
    rows = []
    for clock, said in batch:
        quarter = int(4 * clock.age(at) / clock.term) if clock.term > 0 else 0
        if said.probability is None or quarter not in QUARTERS or not clock.key.startswith(RECORDED):
            continue
        rows.append(
            ForecastRecord(
                clock_id=clock.pk,
                quarter=quarter,
                unit_id=clock.unit,
                district_id=clock.district,
                made_at=at,
                age=int(clock.age(at)),
                term=int(clock.term),
                level=said.level,
                evidence=said.evidence,
                probability=said.probability,
                is_replayed=is_replayed,
            )
        )
    ForecastRecord.objects.bulk_create(rows, ignore_conflicts=True, batch_size=BATCH)


@transaction.atomic
def replay(*, at: datetime) -> int:
    """Say of the recent past what would have been said then, from nothing but what was known then.

    For an office that starts with a past, so that the calibration is not empty for months. Returns how many forecasts
    stand afterwards.
    """
    spells = list(Spell.objects.filter(key__startswith=RECORDED, ended_at__lt=at).order_by("-ended_at")[:REPLAYED])
    memory = Remembered(spells)
    for spell in spells:
        for quarter in QUARTERS:
            moment = spell.started_at + timedelta(minutes=spell.term) * quarter / 4
            # Reopened clocks and paused ones were not where this arithmetic puts them.
            if moment < spell.ended_at and spell.term > 0:
                clock = _as_of(spell)
                record([(clock, memory.as_of(moment).of(clock))], at=moment, is_replayed=True)
    return ForecastRecord.objects.count()


def _as_of(spell: Spell) -> Running:
    return Running(
        spell.clock_id,
        spell.key,
        spell.unit_id,
        spell.duty,
        spell.district_id,
        spell.top_class,
        spell.started_at,
        spell.started_at + timedelta(minutes=spell.term),
        timedelta(0),
    )
