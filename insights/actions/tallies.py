"""Counts the indicators by month: for the matters that have changed, and every night for all of them.

What one unit has of the matters registered in one month (a cell) is counted anew as a whole when one of them has
changed. Every row belongs to one petition and a petition's registration never moves, so the cell is a function of its
rows and counting it is idempotent: whatever was missed, counted twice or killed half-way is right after the next time.
The nightly recount compares before it replaces; a difference is kept in `Run.differences` and is an error worth a look.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import connection, transaction
from django.db.models import BigIntegerField, Count, DateField, F, Max, Q, QuerySet, Sum
from django.db.models.functions import Cast, TruncMonth

from dispatch.calendar import CITY_TIME
from dispatch.models import Clock, Suggestion, WorkOrder
from insights.actions import hops
from insights.indicators import TALLIED, Indicator
from insights.models import Run, Tally
from insights.period import month_of
from petitions.models import Event, Petition

# Steps commit a little after the moment they are dated with; looking back over it costs nothing, as nothing is added.
OVERLAP = timedelta(minutes=15)
# The same for events, by number: they get theirs before they are committed.
EVENT_OVERLAP = 2000
# So many changed petitions at most are looked up one by one; a bulk import is counted like the night does.
MANY = 5000
# Any 64-bit number: one counting at a time. This one spells "TALL".
LOCK = 0x54414C4C
_KEYS = "indicator, month, unit_id, district_id, stratum, cohort"
_COLUMNS = f'{_KEYS}, numerator, denominator, total, squares, "values"'


@dataclass(frozen=True)
class Cells:
    """What is counted anew: these units' share of the matters registered in these months."""

    units: frozenset[int]
    cohorts: frozenset[date]

    def condition(self, indicator: Indicator) -> Q:
        """The rows of these cells."""
        column, months = f"{indicator.subject.petition}registered_at", Q(pk__in=[])
        for cohort in self.cohorts:
            period = month_of(cohort)
            months |= Q(**{f"{column}__gte": period.since, f"{column}__lt": period.until})
        return months & Q(**{f"{indicator.unit_path}__in": self.units})


def counted(indicator: Indicator, cells: Cells | None = None) -> QuerySet[Any]:
    """The tally of one indicator as a query: one row for each month, unit, district, stratum and cohort."""
    path, subject = indicator.unit_path, indicator.subject
    rows = indicator.denominator_rows().filter(**{f"{path}__isnull": False})
    if cells is not None:
        rows = rows.filter(cells.condition(indicator))
    hits = Count("pk", filter=indicator.numerator) if indicator.numerator is not None else Count("pk")
    month = Cast(TruncMonth(indicator.basis, tzinfo=CITY_TIME), DateField())
    rows = rows.order_by().annotate(t_month=month, t_unit=F(path), t_district=F(subject.district))
    cohort = Cast(TruncMonth(f"{subject.petition}registered_at", tzinfo=CITY_TIME), DateField())
    rows = rows.annotate(t_stratum=subject.stratum(), t_cohort=cohort)
    figures: dict[str, Any] = {"t_hits": hits, "t_all": Count("pk")}
    if indicator.value is not None:
        rows = rows.annotate(t_value=indicator.value)
        figures |= {"t_total": Sum("t_value"), "t_squares": Sum(Cast("t_value", BigIntegerField()) * F("t_value"))}
        figures["t_values"] = ArrayAgg("t_value", order_by="t_value")
    keys = ("t_month", "t_unit", "t_district", "t_stratum", "t_cohort")
    return rows.values(*keys).annotate(**figures).values_list(*keys, *figures)


def _insert(table: str, indicator: Indicator, cells: Cells | None) -> None:
    sql, params = counted(indicator, cells).query.sql_with_params()
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
    """Count the cells anew in which a matter or a clock has changed since the last counting. Every few minutes."""
    _lock()
    last = Run.objects.filter(kind__in=[Run.Kind.FOLD, Run.Kind.RECOUNT]).order_by("-at").first()
    if last is None:
        return recount(at=at)
    since, mark = last.at - OVERLAP, _newest_event()
    changed = _changed(since, last.mark - EVENT_OVERLAP)
    if len(changed) > MANY:
        return recount(at=at)
    hops.recount(changed)
    cells = _cells_of(changed)
    if cells.units:
        Tally.objects.filter(unit__in=cells.units, cohort__in=cells.cohorts).delete()
        for indicator in TALLIED:
            _insert(Tally._meta.db_table, indicator, cells)
    return Run.objects.create(kind=Run.Kind.FOLD, at=at, rows=len(cells.units), mark=mark)


def _newest_event() -> int:
    return Event.objects.aggregate(top=Max("id"))["top"] or 0


def _changed(since: datetime, mark: int) -> list[int]:
    """Petitions that were touched, in whose history anything was written (an extension touches no petition), or whose
    running clock the sweep has found missed."""
    touched = Petition.objects.filter(updated_at__gte=since).values_list("pk", flat=True)[: MANY + 1]
    told = Event.objects.filter(id__gt=mark).order_by().values_list("petition", flat=True).distinct()[: MANY + 1]
    late = Clock.objects.filter(state__in=["running", "paused"], detected_at__gte=since, petition__isnull=False)
    found = {*touched, *told, *late.values_list("petition", flat=True)[: MANY + 1]}
    # What an earlier matter came to changes when a later one repeats it, a suggestion when it is answered.
    earlier = Petition.objects.filter(pk__in=found, repeat_of__isnull=False).values_list("repeat_of", flat=True)
    answered = Suggestion.objects.filter(answered_at__gte=since, petitions__isnull=False)
    more = {*earlier, *answered.values_list("petitions", flat=True)}
    return [*found, *(pk for pk in more if pk is not None and pk not in found)]


def _cells_of(petitions: list[int]) -> Cells:
    """Every cell in which a row of these petitions is or was counted: a lead unit that changed left its order."""
    rows = list(Petition.objects.filter(pk__in=petitions).values_list("lead_unit", "register_unit", "registered_at"))
    units = {unit for lead, office, _at in rows for unit in (lead, office) if unit}
    units |= set(WorkOrder.objects.filter(petition__in=petitions).values_list("unit", flat=True))
    cohorts = {at.astimezone(CITY_TIME).date().replace(day=1) for _lead, _office, at in rows}
    return Cells(frozenset(units), frozenset(cohorts))


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


_STALE = """
DELETE FROM insights_tally t WHERE NOT EXISTS (
    SELECT 1 FROM fresh_tally f
    WHERE (f.indicator, f.month, f.unit_id, f.district_id, f.stratum, f.cohort)
        = (t.indicator, t.month, t.unit_id, t.district_id, t.stratum, t.cohort)
      AND (f.numerator, f.denominator, f.total, f.squares) = (t.numerator, t.denominator, t.total, t.squares)
      AND f."values" IS NOT DISTINCT FROM t."values")
"""
_MISSING = f"""
INSERT INTO insights_tally ({_COLUMNS}) SELECT {_COLUMNS} FROM fresh_tally ON CONFLICT ({_KEYS}) DO NOTHING
"""  # noqa: S608 - names of our own columns
