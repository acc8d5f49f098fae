"""Counts the indicators by month: for the units where something has changed, and every night for all of them.

A unit's counts are a function of its rows, so counting a unit anew is idempotent: whatever was missed, counted twice
or killed half-way is right after the next time. The nightly recount compares before it replaces; a difference is kept
in `Run.differences` and is an error worth a look.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import connection, transaction
from django.db.models import BigIntegerField, Count, DateField, F, Max, QuerySet, Sum
from django.db.models.functions import Cast, TruncMonth

from dispatch.calendar import CITY_TIME
from dispatch.models import Clock, WorkOrder
from insights.actions import hops
from insights.indicators import TALLIED, Indicator
from insights.models import Run, Tally
from petitions.models import Event, Petition

# Steps commit a little after the moment they are dated with; looking back over it costs nothing, as nothing is added.
OVERLAP = timedelta(minutes=15)
# The same for events, by number: they get theirs before they are committed.
EVENT_OVERLAP = 2000
# So many changed petitions at most are looked up one by one; a bulk import is counted like the night does.
MANY = 5000
# Any 64-bit number: one counting at a time. This one spells "TALL".
LOCK = 0x54414C4C
_COLUMNS = 'indicator, month, unit_id, district_id, stratum, numerator, denominator, total, squares, "values"'


def counted(indicator: Indicator, units: Iterable[int] | None = None) -> QuerySet[Any]:
    """The tally of one indicator as a query: one row for each month, unit, district and stratum."""
    path, subject = indicator.unit_path, indicator.subject
    rows = indicator.denominator_rows().filter(**{f"{path}__isnull": False})
    if units is not None:
        rows = rows.filter(**{f"{path}__in": list(units)})
    hits = Count("pk", filter=indicator.numerator) if indicator.numerator is not None else Count("pk")
    month = Cast(TruncMonth(indicator.basis, tzinfo=CITY_TIME), DateField())
    rows = rows.order_by().annotate(t_month=month, t_unit=F(path), t_district=F(subject.district))
    rows = rows.annotate(t_stratum=subject.stratum())
    figures: dict[str, Any] = {"t_hits": hits, "t_all": Count("pk")}
    if indicator.value is not None:
        rows = rows.annotate(t_value=indicator.value)
        figures |= {"t_total": Sum("t_value"), "t_squares": Sum(Cast("t_value", BigIntegerField()) * F("t_value"))}
        figures["t_values"] = ArrayAgg("t_value", order_by="t_value")
    keys = ("t_month", "t_unit", "t_district", "t_stratum")
    return rows.values(*keys).annotate(**figures).values_list(*keys, *figures)


def _insert(table: str, indicator: Indicator, units: Iterable[int] | None) -> None:
    sql, params = counted(indicator, units).query.sql_with_params()
    rest = "" if indicator.value is not None else ", 0, 0, NULL::int[]"
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({_COLUMNS}) SELECT %s, q.*{rest} FROM ({sql}) q",  # noqa: S608 - compiled by the ORM
            [indicator.key, *params],
        )


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


@transaction.atomic
def fold(*, at: datetime) -> Run:
    """Count the units anew whose matters or clocks have changed since the last counting. Every few minutes."""
    _lock()
    last = Run.objects.filter(kind__in=[Run.Kind.FOLD, Run.Kind.RECOUNT]).order_by("-at").first()
    if last is None:
        return recount(at=at)
    since, mark = last.at - OVERLAP, _newest_event()
    changed = _changed(since, last.mark - EVENT_OVERLAP)
    if len(changed) > MANY:
        return recount(at=at)
    hops.recount(changed)
    units = _units_of(changed) | _units_breached(since)
    if units:
        Tally.objects.filter(unit__in=units).delete()
        for indicator in TALLIED:
            _insert(Tally._meta.db_table, indicator, units)
    return Run.objects.create(kind=Run.Kind.FOLD, at=at, rows=len(units), mark=mark)


def _newest_event() -> int:
    return Event.objects.aggregate(top=Max("id"))["top"] or 0


def _changed(since: datetime, mark: int) -> list[int]:
    """Petitions that were touched, or in whose history anything was written (an extension touches no petition)."""
    touched = Petition.objects.filter(updated_at__gte=since).values_list("pk", flat=True)[: MANY + 1]
    told = Event.objects.filter(id__gt=mark).order_by().values_list("petition", flat=True).distinct()[: MANY + 1]
    return list({*touched, *told})


def _units_of(petitions: list[int]) -> set[int]:
    """Every unit for which a row of these petitions is or was counted: a lead unit that changed left its order."""
    rows = Petition.objects.filter(pk__in=petitions).values_list("lead_unit", "register_unit")
    found = {unit for pair in rows for unit in pair if unit}
    return found | set(WorkOrder.objects.filter(petition__in=petitions).values_list("unit", flat=True))


def _units_breached(since: datetime) -> set[int]:
    """Units whose running clocks the sweep has found missed: no step of anybody touched those petitions."""
    rows = Clock.objects.filter(state__in=["running", "paused"], detected_at__gte=since)
    return {unit for pair in rows.values_list("unit", "petition__lead_unit") for unit in pair if unit}


@transaction.atomic
def recount(*, at: datetime) -> Run:
    """Count everything anew, tell how many rows differ from what stood there, and put the difference right."""
    _lock()
    mark = _newest_event()
    hops.recount()
    had = Run.objects.filter(kind__in=[Run.Kind.FOLD, Run.Kind.RECOUNT]).exists()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE fresh_tally (LIKE insights_tally) ON COMMIT DROP")
    for indicator in TALLIED:
        _insert("fresh_tally", indicator, None)
    with connection.cursor() as cursor:
        cursor.execute(_STALE)
        stale = cursor.rowcount
        cursor.execute(_MISSING)
        missing = cursor.rowcount
        cursor.execute("SELECT count(DISTINCT unit_id) FROM fresh_tally")
        units = cursor.fetchone()[0]
        cursor.execute("DROP TABLE fresh_tally")
    found = (stale + missing) if had else 0
    return Run.objects.create(kind=Run.Kind.RECOUNT, at=at, rows=units, differences=found, mark=mark)


_KEYS = "indicator, month, unit_id, district_id, stratum"
_STALE = """
DELETE FROM insights_tally t WHERE NOT EXISTS (
    SELECT 1 FROM fresh_tally f
    WHERE (f.indicator, f.month, f.unit_id, f.district_id, f.stratum)
        = (t.indicator, t.month, t.unit_id, t.district_id, t.stratum)
      AND (f.numerator, f.denominator, f.total, f.squares) = (t.numerator, t.denominator, t.total, t.squares)
      AND f."values" IS NOT DISTINCT FROM t."values")
"""
_MISSING = f"""
INSERT INTO insights_tally ({_COLUMNS}) SELECT {_COLUMNS} FROM fresh_tally ON CONFLICT ({_KEYS}) DO NOTHING
"""  # noqa: S608 - names of our own columns
