"""The scoreboard: units as lines, indicators as columns, every number with the address of its rows."""

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse

from accounts.models import Unit, User
from accounts.roles import Scope
from insights import figures as fig
from insights.fairness import Comparison, ranks
from insights.filters import Filters
from insights.indicators import GROUPS, INDICATORS, Better, Indicator, grouped
from insights.models import Run, Tally
from insights.period import month_of, shifted

SIZE = 50
MONTHS = 12
FIRST_SORT = {
    "intake": "online_share",
    "routing": "sign_in_time_rate",
    "timeliness": "on_time_feedback_rate",
    "quality": "rework_rate",
    "voice": "satisfaction_unit",
}


def rows_url(indicator: Indicator, part: str, query: str) -> str:
    """Where the rows behind a figure are listed; `part` is "hit" (numerator) or "all" (denominator)."""
    return f"{reverse('indicator_rows', args=[indicator.key, part])}?{query}"


@dataclass(frozen=True)
class Cell:
    """A figure with the addresses of its rows."""

    figure: fig.Figure
    query: str

    @property
    def all_url(self) -> str:
        return rows_url(self.figure.indicator, "all", self.query)

    @property
    def hit_url(self) -> str:
        return rows_url(self.figure.indicator, "hit", self.query)


@dataclass
class Line:
    """One unit of the board."""

    unit: Unit
    rank: int | None
    cells: list[Cell]
    trend: list[float] = field(default_factory=list)
    change: fig.Change | None = None
    fair: Comparison | None = None
    url: str = ""


def counted_at() -> datetime | None:
    """When the tallies were last brought up to date."""
    kinds = [Run.Kind.FOLD, Run.Kind.RECOUNT]
    return Run.objects.filter(kind__in=kinds).order_by("-at").values_list("at", flat=True).first()


class Board:
    """One person's scoreboard at one moment, as an address asks for it."""

    NAMES = ("district", "kind", "duty")

    def __init__(self, user: User, data: QueryDict, at: datetime) -> None:
        self.user, self.at = user, at
        self.filters = Filters(data, user=user, at=at, names=self.NAMES)
        self.group = data.get("group", "") if data.get("group") in GROUPS else "routing"
        self.columns = grouped(self.group)
        wanted = INDICATORS.get(data.get("sort", ""))
        self.sort = wanted if wanted in self.columns else INDICATORS[FIRST_SORT[self.group]]
        self.is_best_first = data.get("order") == "best"
        self.cursor = data.get("cursor", "")

    # ---- what is read ----

    @cached_property
    def all_time(self) -> QuerySet[Tally]:
        """What this person may look at and the filters leave, of every month."""
        scope = Tally.objects.visible_to(self.user)
        return scope.filter(self.filters.condition(unit="unit", district="district"))

    def in_period(self, rows: QuerySet[Tally], *, previous: bool = False) -> QuerySet[Tally]:
        period = self.filters.period.previous if previous else self.filters.period
        return rows.filter(month__gte=period.first, month__lte=period.last)

    @cached_property
    def tallies(self) -> QuerySet[Tally]:
        return self.in_period(self.all_time)

    @cached_property
    def order(self) -> list[tuple[int, int | None]]:
        """Every unit with its rank, in the order of the table: ranked ones first, thin ones by number after them."""
        found = fig.sums_by(self.tallies, [self.sort], "unit").get(self.sort.tally, {})
        units = [unit for (unit,) in found]
        figures = [fig.Figure(self.sort, found[unit,]) for unit in units]
        is_count = self.sort.statistic in fig.COUNTED
        best_is_high = self.sort.better != Better.LOW
        values = [figure.value if is_count or not figure.is_thin else None for figure in figures]
        places = ranks(values, best_is_high=best_is_high)
        down = best_is_high == (self.is_best_first or is_count)

        def place(row: tuple[int, int | None, fig.Figure]) -> tuple[Any, ...]:
            unit, rank, figure = row
            value = figure.value or 0
            return (rank is None, -figure.count if rank is None else (-value if down else value), unit)

        rows = sorted(zip(units, places, figures, strict=True), key=place)
        return [(unit, rank) for unit, rank, _figure in rows]

    @cached_property
    def start(self) -> int:
        """Where the page begins: behind the unit the cursor names, wherever it stands by now."""
        units = [unit for unit, _rank in self.order]
        return units.index(int(self.cursor)) + 1 if self.cursor.isdecimal() and int(self.cursor) in units else 0

    @property
    def page(self) -> list[tuple[int, int | None]]:
        return self.order[self.start : self.start + SIZE]

    # ---- addresses ----

    def query(self, **more: Any) -> str:
        words = {"group": self.group, "sort": self.sort.key, "order": "best" if self.is_best_first else ""}
        return self.filters.query(**{**words, **more})

    @property
    def next_cursor(self) -> str:
        return str(self.page[-1][0]) if self.start + SIZE < len(self.order) else ""

    @property
    def previous_cursor(self) -> str | None:
        """None on the first page; "" for the first page itself."""
        if self.start == 0:
            return None
        before = self.start - SIZE
        return str(self.order[before - 1][0]) if before > 0 else ""

    # ---- what is shown ----

    @cached_property
    def total(self) -> Line:
        """Everybody together."""
        sums = fig.sums_by(self.tallies, self.columns)
        before = fig.sums_by(self.in_period(self.all_time, previous=True), [self.sort])
        months = fig.sums_by(self.trend_rows(self.all_time), [self.sort], "month").get(self.sort.tally, {})
        now = fig.figure_of(sums, self.sort)
        cells = [Cell(fig.figure_of(sums, column), self.filters.query()) for column in self.columns]
        trend = self.trend_of(months)
        return Line(Unit(), None, cells, trend, fig.change(now, fig.figure_of(before, self.sort)))

    def trend_rows(self, rows: QuerySet[Tally]) -> QuerySet[Tally]:
        last = self.filters.period.last
        return rows.filter(month__gt=shifted(last, -MONTHS), month__lte=last)

    def trend_of(self, months: dict[Any, fig.Sums], *group: Any) -> list[float]:
        """Twelve months up to the end of the period; empty ones are skipped, not drawn as zero."""
        line = fig.by_month(months, self.sort, self.trend_months, *group)
        return [figure.value for figure in line if figure.value is not None]

    @property
    def trend_months(self) -> list[date]:
        return [shifted(self.filters.period.last, i - MONTHS + 1) for i in range(MONTHS)]

    @cached_property
    def lines(self) -> list[Line]:
        """The units of this page; a fixed number of statements however many there are."""
        ids = [unit for unit, _rank in self.page]
        own = self.tallies.filter(unit__in=ids)
        sums = fig.sums_by(own, self.columns, "unit")
        always = self.all_time.filter(unit__in=ids)
        before = fig.sums_by(self.in_period(always, previous=True), [self.sort], "unit")
        months = fig.sums_by(self.trend_rows(always), [self.sort], "unit", "month").get(self.sort.tally, {})
        fair = self.fair(own)
        units = Unit.objects.select_related("area").in_bulk(ids)
        return [
            Line(
                units[unit],
                rank,
                self.cells(sums, units[unit]),
                self.trend_of(months, unit),
                fig.change(fig.figure_of(sums, self.sort, (unit,)), fig.figure_of(before, self.sort, (unit,))),
                fair.get(unit),
                f"{reverse('insights_unit', args=[units[unit].code])}?{self.filters.query()}",
            )
            for unit, rank in self.page
            if unit in units
        ]

    def cells(self, sums: fig.Table, unit: Unit) -> list[Cell]:
        query = self.filters.query(unit=unit.code)
        return [Cell(fig.figure_of(sums, column, (unit.pk,)), query) for column in self.columns]

    def fair(self, own: QuerySet[Tally]) -> dict[int, Comparison]:
        """The shown units beside like matters of the whole city, whatever part of it this person sees."""
        if not self.sort.is_adjusted:
            return {}
        return fig.comparisons([self.sort], own, self.in_period(Tally.objects.all()))[self.sort.key]

    @property
    def axis(self) -> tuple[float, float]:
        """From where to where the plot runs: close to where the figures are, 0–100 where they are everywhere."""
        place = self.columns.index(self.sort)
        shown = [line.cells[place].figure for line in self.lines]
        shares = [f.percent for f in shown if f.percent is not None and not f.is_thin]
        if not shares:
            return (0.0, 100.0)
        if self.sort.is_good_high:
            return (next((low for low in (90.0, 80.0, 50.0) if min(shares) >= low), 0.0), 100.0)
        return (0.0, next((high for high in (10.0, 20.0, 50.0) if max(shares) <= high), 100.0))

    @property
    def has_ranks(self) -> bool:
        return self.user.scope_for("insights.view") in {Scope.CITY, Scope.AREA}


class UnitSheet:
    """One unit: every indicator over twelve months, beside like matters of the city."""

    def __init__(self, user: User, unit: Unit, data: QueryDict, at: datetime) -> None:
        self.user, self.unit, self.at = user, unit, at
        self.filters = Filters(data, user=user, at=at, names=("district",))

    @property
    def months(self) -> list[date]:
        return [shifted(self.filters.period.last, i - MONTHS + 1) for i in range(MONTHS)]

    @cached_property
    def own(self) -> QuerySet[Tally]:
        rows = Tally.objects.visible_to(self.user).filter(unit=self.unit)
        return rows.filter(self.filters.condition(unit="unit", district="district"))

    @cached_property
    def groups(self) -> list[tuple[str, list[dict[str, Any]]]]:
        """(label, rows) for each group of indicators."""
        every = list(INDICATORS.values())
        period = self.filters.period
        now = self.own.filter(month__gte=period.first, month__lte=period.last)
        earlier = self.own.filter(month__gte=period.previous.first, month__lte=period.previous.last)
        sums, before = fig.sums_by(now, every), fig.sums_by(earlier, every)
        recent = self.own.filter(month__gte=self.months[0], month__lte=self.months[-1])
        monthly = fig.sums_by(recent, every, "month")
        fair = self.fair(now)
        return [
            (str(label), [self._row(row, sums, before, monthly, fair) for row in grouped(key)])
            for key, label in GROUPS.items()
        ]

    def fair(self, now: QuerySet[Tally]) -> dict[str, Comparison | None]:
        """Each adjusted indicator beside like matters of the whole city."""
        period = self.filters.period
        city = Tally.objects.filter(month__gte=period.first, month__lte=period.last)
        found = fig.comparisons(INDICATORS.values(), now, city)
        return {key: units.get(self.unit.pk) for key, units in found.items()}

    def _row(self, row: Indicator, sums: Any, before: Any, monthly: Any, fair: dict[str, Any]) -> dict[str, Any]:
        now = fig.figure_of(sums, row)
        months = fig.by_month(monthly.get(row.tally, {}), row, self.months)
        return {
            "indicator": row,
            "cell": Cell(now, self.query(self.filters.period.key)),
            "change": fig.change(now, fig.figure_of(before, row)),
            "months": [Cell(f, self.query(month_of(m).key)) for f, m in zip(months, self.months, strict=True)],
            "trend": [f.value for f in months if f.value is not None],
            "fair": fair.get(row.key),
        }

    def query(self, period: str) -> str:
        return self.filters.query(unit=self.unit.code, period=period)
