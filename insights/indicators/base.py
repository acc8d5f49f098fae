"""What an indicator is: one definition from which the figure, the rows behind it and the documents all come."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.db.models import Case, CharField, Expression, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Concat, Extract, Substr
from django.utils.functional import Promise

GROUP_SIZE = 5


class Statistic(StrEnum):
    """How a figure is made from the rows of its denominator."""

    RATE = "rate"
    COUNT = "count"
    MEAN = "mean"
    MEDIAN = "median"
    P90 = "p90"
    SUM = "sum"


class Better(StrEnum):
    """Which way is good; volumes are neither."""

    HIGH = "high"
    LOW = "low"
    NEITHER = ""


class Measure(StrEnum):
    """What a figure is counted in."""

    SHARE = "%"
    DAYS = "d"
    HOURS = "h"
    UNITS = "u"
    ROWS = "n"


@dataclass(frozen=True)
class Subject:
    """The kind of row an indicator counts. Class A matters are left out here, once, for every indicator.

    Paths lead from the row to the unit it is counted for, to the district of the matter, to the petition ("" for
    itself, else with "__" at its end) and to the order (the same; None where there is none).
    """

    name: str
    all_rows: Callable[[], QuerySet[Any]]
    unit: str
    petition: str
    order: str | None = None

    @property
    def district(self) -> str:
        return f"{self.petition}district_id"

    def rows(self) -> QuerySet[Any]:
        """Every row of this kind that statistics may count."""
        return self.all_rows().filter(**{f"{self.petition}is_restricted": False})

    def stratum(self) -> Expression:
        """Kind of matter, for like to be compared with like: "03|normal|0|1" (class, urgency, group, repeat)."""
        at = self.petition
        group = Case(When(**{f"{at}headcount__gte": GROUP_SIZE}, then=Value("1")), default=Value("0"))
        again = Case(When(**{f"{at}repeat_of__isnull": False}, then=Value("1")), default=Value("0"))
        top = Substr(f"{at}content_class__code", 1, 2)
        bar = Value("|")
        return Concat(top, bar, F(f"{at}urgency"), bar, group, bar, again, output_field=CharField())


def minutes_between(start: str, end: str) -> Expression:
    """Whole minutes from one column to another."""
    return Cast(Extract(F(end) - F(start), "epoch") / 60, IntegerField())


@dataclass(frozen=True)
class Indicator:
    """One figure of the scoreboard (domain-facts §2.9, §6.1, §6.2).

    `numerator` narrows the rows the `denominator` holds; a mean has a `value` (whole minutes, or units) instead of a
    numerator. `basis` is the column whose month (Asia/Shanghai) the row belongs to. `over` and `under` say the formula
    in words; `counts` names another indicator whose tally this one reads (median and mean are one tally).
    """

    key: str
    label: Promise
    group: str
    subject: Subject
    basis: str
    under: Promise
    over: Promise | None = None
    denominator: Q = field(default_factory=Q)
    numerator: Q | None = None
    value: Expression | None = None
    statistic: Statistic = Statistic.RATE
    measure: Measure = Measure.SHARE
    better: Better = Better.HIGH
    unit: str = ""
    basis_label: Promise | str = ""
    source: str = ""
    counts: str = ""
    # A target the office has set itself, as a share; drawn as a tick.
    target: float | None = None
    # Set the same row beside like matters (insights/fairness.py).
    is_adjusted: bool = False

    @property
    def tally(self) -> str:
        """The key its counts stand under."""
        return self.counts or self.key

    @property
    def unit_path(self) -> str:
        return self.unit or self.subject.unit

    @property
    def is_share(self) -> bool:
        return self.statistic == Statistic.RATE

    @property
    def is_good_high(self) -> bool:
        return self.better == Better.HIGH

    def denominator_rows(self) -> QuerySet[Any]:
        """The rows it is a share, a mean or a count of."""
        return self.subject.rows().filter(self.denominator, **{f"{self.basis}__isnull": False})

    def numerator_rows(self) -> QuerySet[Any]:
        """The rows that are counted; those of the denominator where there is no numerator."""
        rows = self.denominator_rows()
        return rows if self.numerator is None else rows.filter(self.numerator)
