"""Figures made from tallies: sums, shares, means and quantiles, and how they compare with like matters."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from insights.fairness import LEAST_COUNT, Comparison, Part, compare_counts, compare_totals
from insights.indicators import Better, Indicator, Measure, Statistic
from insights.models import Tally

DAY = 24 * 60
# Numbers of rows or persons: nothing is divided, so few are no reason for doubt.
COUNTED = frozenset({Statistic.COUNT, Statistic.SUM})


@dataclass(frozen=True)
class Sums:
    """What the rows of one cell add up to."""

    numerator: int = 0
    denominator: int = 0
    total: int = 0
    median: int | None = None
    p90: int | None = None


# Sums of each tally key, by group.
Table = dict[str, dict[Any, Sums]]


@dataclass(frozen=True)
class Figure:
    """One indicator of one unit (or of everybody) in one period."""

    indicator: Indicator
    sums: Sums

    @property
    def count(self) -> int:
        """N: the rows it is made of."""
        return self.sums.denominator

    @property
    def is_thin(self) -> bool:
        """Fewer than ten: no rate is shown without its count, none is ranked (domain-facts §6.1)."""
        return self.count < LEAST_COUNT

    @property
    def is_number(self) -> bool:
        """A number of rows or persons, which no small N makes doubtful."""
        return self.indicator.statistic in COUNTED

    @property
    def value(self) -> float | None:
        """A share 0–1, minutes, units or a number of rows; None without rows."""
        sums, kind = self.sums, self.indicator.statistic
        if kind == Statistic.COUNT:
            return float(sums.denominator)
        if kind == Statistic.SUM:
            return float(sums.total)
        if not sums.denominator:
            return None
        if kind == Statistic.RATE:
            return sums.numerator / sums.denominator
        if kind == Statistic.MEAN:
            return sums.total / sums.denominator
        return sums.median if kind == Statistic.MEDIAN else sums.p90

    @property
    def text(self) -> str:
        return value_text(self.indicator, self.value)

    @property
    def percent(self) -> float | None:
        """0–100, for a bar or a dot."""
        return None if self.value is None or not self.indicator.is_share else 100 * self.value

    @property
    def tone(self) -> str:
        """Colour of the dot: beside the target where there is one."""
        goal, value = self.indicator.target, self.value
        if goal is None or value is None or self.is_thin:
            return "brand"
        if value >= goal:
            return "green"
        return "amber" if value >= goal - 0.05 else "red"


def value_text(indicator: Indicator, value: float | None) -> str:
    """A value as it is written; a dash for none, because no data is not zero."""
    if value is None:
        return "–"
    if indicator.measure == Measure.SHARE:
        return f"{100 * value:.1f}%"
    if indicator.measure == Measure.DAYS:
        return _("%(n).1f d") % {"n": value / DAY}
    return f"{value:.2f}" if indicator.measure == Measure.UNITS else f"{value:.0f}"


@dataclass(frozen=True)
class Change:
    """Against the period before: in points for shares, else in the indicator's unit; good, bad or neither."""

    difference: float
    text: str
    tone: str

    @property
    def is_up(self) -> bool:
        return self.difference > 0


def change(now: Figure, before: Figure) -> Change | None:
    """None where either side is empty or too thin to compare."""
    if now.value is None or before.value is None:
        return None
    if now.indicator.statistic not in COUNTED and (now.is_thin or before.is_thin):
        return None
    difference = now.value - before.value
    if now.indicator.is_share:
        text = _("%(n)+.1f pts") % {"n": 100 * difference}
    elif now.indicator.measure == Measure.DAYS:
        text = _("%(n)+.1f d") % {"n": difference / DAY}
    else:
        text = f"{difference:+.2f}" if now.indicator.measure == Measure.UNITS else f"{difference:+.0f}"
    tone = ""
    if now.indicator.better != Better.NEITHER and abs(difference) > 1e-9:
        tone = "green" if (difference > 0) == now.indicator.is_good_high else "red"
    return Change(difference, text, tone)


def sums_by(tallies: QuerySet[Tally], indicators: Iterable[Indicator], *keys: str) -> Table:
    """Sums of each tally: {tally key: {group key: Sums}}; without `keys` one group, (). Quantiles where wanted."""
    wanted = list(indicators)
    rows = tallies.filter(indicator__in={row.tally for row in wanted}).order_by()
    sums = {"a": Sum("numerator"), "b": Sum("denominator"), "c": Sum("total")}
    found: dict[Any, dict[Any, Sums]] = defaultdict(dict)
    for key, *rest in rows.values("indicator", *keys).annotate(**sums).values_list("indicator", *keys, *sums):
        found[key][tuple(rest[:-3])] = Sums(*rest[-3:])
    for key in {row.tally for row in wanted if row.statistic in {Statistic.MEDIAN, Statistic.P90}}:
        for group, (median, p90) in _quantiles(tallies.filter(indicator=key), keys).items():
            old = found[key][group]
            found[key][group] = Sums(old.numerator, old.denominator, old.total, median, p90)
    return found


def _quantiles(tallies: QuerySet[Tally], keys: Sequence[str]) -> dict[Any, tuple[int, int]]:
    names = [{"unit": "unit_id"}.get(key, key) for key in keys]
    try:
        inner, params = tallies.order_by().values(*names, "values").query.sql_with_params()
    except EmptyResultSet:
        return {}
    groups = [f"k{place}" for place in range(len(names))]
    grouping = f"GROUP BY {', '.join(groups)}" if groups else ""
    sql = f"""
        SELECT {"".join(f"{name}, " for name in groups)} percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY m)
        FROM ({inner}) q({", ".join([*groups, "v"])}), unnest(q.v) AS m {grouping}
    """  # noqa: S608 - compiled by the ORM
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return {tuple(rest): (both[0], both[1]) for *rest, both in cursor.fetchall() if both}


def figure_of(sums: Mapping[Any, Mapping[Any, Sums]], indicator: Indicator, group: tuple[Any, ...] = ()) -> Figure:
    """The figure of one group; of nothing where it has no rows."""
    return Figure(indicator, sums.get(indicator.tally, {}).get(group, Sums()))


def comparisons(
    indicators: Iterable[Indicator], own: QuerySet[Tally], city: QuerySet[Tally]
) -> dict[str, dict[int, Comparison]]:
    """O/E of each unit in `own` against like matters in `city` (a whole city's tallies of one period), by indicator.

    Two statements for any number of indicators. Shares that are good when high are compared by their misses: limits of
    a count are only sharp where it is rare.
    """
    wanted = [row for row in indicators if row.is_adjusted]
    columns = ("denominator", "numerator", "total", "squares")
    sums = {f"s_{name}": Sum(name) for name in columns}
    keys = [row.key for row in wanted]
    wide = city.filter(indicator__in=keys).order_by().values("indicator", "stratum").annotate(**sums)
    reference = {(key, kind): rest for key, kind, *rest in wide.values_list("indicator", "stratum", *sums)}
    parts: dict[tuple[str, int], list[Part]] = defaultdict(list)
    flips = {row.key for row in wanted if row.statistic == Statistic.RATE and row.is_good_high}
    rows = own.filter(indicator__in=keys).order_by().values("indicator", "unit", "stratum").annotate(**sums)
    for key, unit, kind, count, hits, total, _squares in rows.values_list("indicator", "unit", "stratum", *sums):
        part = _part((count, hits, total), reference.get((key, kind), (0, 0, 0, 0)), flip=key in flips)
        parts[key, unit].append(part)
    found: dict[str, dict[int, Comparison]] = {key: {} for key in keys}
    shares = {row.key for row in wanted if row.statistic == Statistic.RATE}
    for (key, unit), mix in parts.items():
        found[key][unit] = (compare_counts if key in shares else compare_totals)(mix)
    return found


def _part(own: Sequence[int], city: Sequence[int], *, flip: bool) -> Part:
    count, hits, total = own
    all_count, all_hits, all_total, all_squares = city
    if flip:
        hits, all_hits = count - hits, all_count - all_hits
    return Part(count, hits, total, all_count, all_hits, all_total, all_squares)


def by_month(sums: Mapping[Any, Sums], indicator: Indicator, months: Sequence[date], *group: Any) -> list[Figure]:
    """One figure a month, empty ones included."""
    return [Figure(indicator, sums.get((*group, month), Sums())) for month in months]
