"""The indicators of the war room as data (domain-facts §3.10, §6.3): what is counted, in which unit, what is better.

A figure is a count of `backlog.counts`, or one count by another. Every figure opens its rows: `rows_url`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db import models
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backlog import counts
from backlog.counts import STUCK_DAYS, Counts, Scope, Span, Table
from dispatch.clocks import city_day

CASE_PARTS = ("district", "force", "leader")


class Unit(models.TextChoices):
    CASES = "cases", pgettext_lazy("unit of a figure", "cases")
    SHARE = "share", "%"
    DAYS = "days", pgettext_lazy("unit of a figure", "days")
    DISTRICTS = "districts", pgettext_lazy("unit of a figure", "districts")
    MEETINGS = "meetings", pgettext_lazy("unit of a figure", "meetings")
    BATCHES = "batches", pgettext_lazy("unit of a figure", "batches")
    PERSONS = "persons", pgettext_lazy("unit of a figure", "person-times")
    HEARINGS = "hearings", pgettext_lazy("unit of a figure", "hearings")


class Better(models.TextChoices):
    UP = "up", _("more is better")
    DOWN = "down", _("less is better")
    NONE = "none", _("neither")


@dataclass(frozen=True)
class Indicator:
    """One indicator. `hit` and `of` name counts; without `of` the figure is the count itself."""

    key: str
    label: Promise
    # In words, as an assessor would read it.
    formula: Promise
    unit: Unit
    better: Better
    hit: str
    of: str = ""
    # Filters of the page of cases that list the rows behind the figure. {since}, {until}: the days of the span; {span}:
    # its year or month.
    rows: Mapping[str, str] | None = None
    # Another page than that of cases lists the rows.
    page: str = ""
    # What it can be cut by: "district", "force", "leader" (official).
    parts: tuple[str, ...] = CASE_PARTS
    # Counted over a span (month, year); otherwise as it stands now.
    is_flow: bool = False
    # Until the office sets one (`BoardTarget`).
    target: float | None = None

    @property
    def is_share(self) -> bool:
        return self.unit == Unit.SHARE

    def figure(self, found: Counts) -> "Figure":
        """The figure of some counts."""
        return Figure(self, found.get(self.hit, 0), found.get(self.of, 0) if self.of else None)


@dataclass(frozen=True)
class Figure:
    """A count, or a share with its two counts."""

    indicator: Indicator
    hit: int
    of: int | None = None

    @property
    def value(self) -> float | None:
        """Percent for a share, a mean for days; None where nothing can be divided."""
        if self.of is None:
            return float(self.hit)
        if not self.of or self.indicator.unit == Unit.DISTRICTS:
            return float(self.hit) if self.of else None
        return (100 if self.indicator.is_share else 1) * self.hit / self.of

    @property
    def text(self) -> str:
        """As it is written: 76.4, 1,163, 10/10; an en dash for nothing to divide."""
        if self.indicator.unit == Unit.DISTRICTS:
            return f"{self.hit}/{self.of}"
        if self.value is None:
            return "–"
        return f"{self.value:.1f}" if self.indicator.is_share else f"{round(self.value):,}"

    def is_missed(self, target: float | None) -> bool:
        """Whether it falls short of a target."""
        if target is None or self.value is None or self.indicator.better == Better.NONE:
            return False
        if self.indicator.unit == Unit.DISTRICTS:
            return self.hit < min(target, self.of or 0)
        return self.value < target if self.indicator.better == Better.UP else self.value > target


_ROWS = (
    Indicator(
        "stock",
        _("Stock of the backlog"),
        _("Cases taken up and not yet settled: unresolved, in resolution, waiting for acceptance, rebounded."),
        Unit.CASES,
        Better.DOWN,
        "stock",
        rows={"group": "stock"},
    ),
    Indicator(
        "new",
        _("New cases"),
        _("Cases taken up within the span."),
        Unit.CASES,
        Better.DOWN,
        "new",
        rows={"group": "listed", "listed_from": "{since}", "listed_to": "{until}"},
        is_flow=True,
    ),
    Indicator(
        "settled",
        _("Settled cases"),
        _("Cases certified or legally ended within the span, and not rebounded since."),
        Unit.CASES,
        Better.UP,
        "settled_in",
        rows={"group": "settled", "settled_from": "{since}", "settled_to": "{until}"},
        is_flow=True,
    ),
    Indicator(
        "settle_rate",
        _("Settlement rate"),
        _("Settled ÷ listed: cases certified, struck off or legally ended ÷ all cases ever taken up."),
        Unit.SHARE,
        Better.UP,
        "settled",
        "listed",
        rows={"group": "settled"},
        target=80,
    ),
    Indicator(
        "age",
        _("Average age"),
        _("Days since the matter was first raised, mean over the stock."),
        Unit.DAYS,
        Better.DOWN,
        "age_days",
        "stock",
        rows={"group": "stock"},
    ),
    Indicator(
        "overdue",
        _("Overdue now"),
        _("Cases with a deadline passed: the case's own, a milestone's or a task's. A case counts once."),
        Unit.CASES,
        Better.DOWN,
        "overdue",
        rows={"overdue": "1"},
        target=0,
    ),
    Indicator(
        "lead_rate",
        _("Cases with a lead official"),
        _("Cases with a lead official ÷ all cases ever taken up."),
        Unit.SHARE,
        Better.UP,
        "led",
        "listed",
        # The ones that are missing say more than the others.
        rows={"group": "listed", "no_leader": "1"},
        target=100,
    ),
    Indicator(
        "coverage",
        _("Workgroups standing"),
        _("Districts whose workgroup is at work with leader, three members, meeting day and rules, of all districts."),
        Unit.DISTRICTS,
        Better.UP,
        "groups",
        "districts",
        page="forces",
        parts=("district",),
        target=10,
    ),
    Indicator(
        "rebound_rate",
        _("Rebound rate"),
        _("Cases that rebounded after they were settled ÷ cases ever settled."),
        Unit.SHARE,
        Better.DOWN,
        "rebounded",
        "ever_settled",
        rows={"group": "rebounded"},
        target=5,
    ),
    Indicator(
        "stuck",
        _("Stuck for 30 days"),
        _("Cases of the stock without progress for 30 days: no milestone reached, no renewal, duty, task or report."),
        Unit.CASES,
        Better.DOWN,
        "stuck",
        rows={"group": "stock", "stuck": str(STUCK_DAYS)},
    ),
    Indicator(
        "renewed",
        _("Five renewals completed"),
        _("Cases whose five renewals are all done in the present round."),
        Unit.CASES,
        Better.UP,
        "renewed",
        rows={"group": "listed", "stage": "5"},
    ),
    Indicator(
        "meetings",
        _("Dispatch meetings held"),
        _("Weekly dispatch meetings closed within the span."),
        Unit.MEETINGS,
        Better.UP,
        "meetings",
        page="meetings",
        parts=("district",),
        is_flow=True,
    ),
    Indicator(
        "discussed",
        _("Cases discussed"),
        _("Cases called in meetings closed within the span; a case called twice counts once."),
        Unit.CASES,
        Better.UP,
        "discussed",
        rows={"discussed": "{span}"},
        is_flow=True,
    ),
    Indicator(
        "discussed_rate",
        _("Settled of those discussed"),
        _("Settled by now ÷ cases discussed within the span."),
        Unit.SHARE,
        Better.UP,
        "discussed_settled",
        "discussed",
        rows={"discussed": "{span}", "group": "settled"},
        is_flow=True,
    ),
    Indicator(
        "batches",
        _("Receptions, batches"),
        _("Batches of visitors that leading officials received on days within the span."),
        Unit.BATCHES,
        Better.UP,
        "batches",
        page="reception_records",
        parts=("district", "leader"),
        is_flow=True,
    ),
    Indicator(
        "persons",
        _("Receptions, persons"),
        _("Person-times received on days within the span."),
        Unit.PERSONS,
        Better.UP,
        "persons",
        page="reception_records",
        parts=("district", "leader"),
        is_flow=True,
    ),
    Indicator(
        "hearings",
        _("Hearings on backlog cases"),
        _("Hearings concluded within the span on a petition of a backlog case."),
        Unit.HEARINGS,
        Better.UP,
        "hearings",
        rows={"heard": "{span}"},
        is_flow=True,
    ),
)
INDICATORS: dict[str, Indicator] = {row.key: row for row in _ROWS}


def counted(scope: Scope, by: str = "", *, wanted: Iterable[str] = INDICATORS) -> dict[Any, Counts]:
    """Every count the wanted indicators need, by one part ("district", "force", "leader", "month") or for the
    whole (key None). By month only what happens counts, keyed by its first day.

    One statement a family of counts, however many rows there are.
    """
    keys = {INDICATORS[key].hit for key in wanted} | {INDICATORS[key].of for key in wanted}
    tables = [call(scope, by) for names, call in _FAMILIES if keys & names]
    found = {(group[0] if by else None): values for group, values in counts.merged(*tables).items()}
    return found if by else {None: found.get(None, {})}


def _cut(call: Any, **names: str) -> Any:
    """A family cut by `by`, whose column has a name of its own; {} where it cannot be cut so."""

    def count(scope: Scope, by: str) -> Table:
        if not by:
            return dict(call(scope))
        return dict(call(scope, names.get(by, by))) if names.get(by) != "" else {}

    return count


def _cases(scope: Scope, by: str) -> Table:
    """Cases stand in no month; what was taken up and settled in one does."""
    if by != "month":
        return _cut(counts.cases)(scope, by)
    return {(month,): found for month, found in counts.flow(scope, "month").items()}


def _groups(scope: Scope, by: str) -> Table:
    from accounts.models import Area

    if by not in {"", "district"}:
        return {}
    districts = Area.objects.filter(kind=Area.Kind.DISTRICT)
    if scope.district is not None:
        districts = districts.filter(pk=scope.district)
    standing = {pk for pk, group in counts.workgroups(scope).items() if group.stands}  # type: ignore[attr-defined]
    rows = {(pk,): {"groups": int(pk in standing), "districts": 1} for pk in districts.values_list("pk", flat=True)}
    return rows if by else {(): counts.summed(rows).get(None, {"groups": 0, "districts": 0})}


_FAMILIES: tuple[tuple[frozenset[str], Any], ...] = (
    (
        frozenset(
            {
                "listed",
                "stock",
                "settled",
                "new",
                "settled_in",
                "rebounded",
                "ever_settled",
                "led",
                "stuck",
                "overdue",
                "renewed",
            }
        ),
        _cases,
    ),
    (frozenset({"discussed", "discussed_settled"}), _cut(counts.discussed)),
    (frozenset({"meetings"}), _cut(counts.meetings, district="area", force="", leader="")),
    (frozenset({"batches", "persons"}), _cut(counts.receptions, district="area", force="", leader="official")),
    (frozenset({"hearings"}), _cut(counts.hearings)),
    (frozenset({"groups"}), _groups),
)


def rows_url(indicator: Indicator, span: Span | None = None, **more: Any) -> str:
    """Where the rows behind a figure are listed; "" while no page lists them. `more`: district, force, leader."""
    try:
        address = reverse(indicator.page or "backlog")
    except NoReverseMatch:
        return ""
    words = {"since": "", "until": "", "span": ""}
    if span is not None:
        first, last = city_day(span.since), city_day(span.until - timedelta(microseconds=1))
        key = f"{first:%Y-%m}" if first.month == last.month else f"{first:%Y}"
        words = {"since": first.isoformat(), "until": last.isoformat(), "span": key}
    rows = {key: value.format(**words) for key, value in (indicator.rows or {}).items()}
    if indicator.page and indicator.is_flow:
        rows |= {"since": words["since"], "until": words["until"]}
    query = urlencode([(key, value) for key, value in {**rows, **more}.items() if value not in {None, ""}])
    return f"{address}?{query}" if query else address


def targets() -> dict[str, float]:
    """The target of each indicator that has one: the office's own, else the one Yongqing comes with."""
    from backlog.models import BoardTarget

    own: dict[str, Decimal] = dict(BoardTarget.objects.values_list("key", "value"))
    given = {row.key: row.target for row in INDICATORS.values() if row.target is not None}
    return {**given, **{key: float(value) for key, value in own.items() if key in INDICATORS}}


def months_back(at: date, most: int = 12) -> list[date]:
    """First days of the last months, this one first."""
    number = at.year * 12 + at.month - 1
    return [date((number - i) // 12, (number - i) % 12 + 1, 1) for i in range(most)]
