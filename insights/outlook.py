"""Forecasts as they are read: of one order now, of everything that is likely to be late, and how they came out."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.db.models import BooleanField, Case, DurationField, ExpressionWrapper, F, Q, QuerySet, Value, When
from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.durations import span_text
from accounts.models import Unit, User
from dispatch.models import Clock
from dispatch.timeline import rule_name
from insights.calibration import Calibration, calibrate
from insights.filters import Filters
from insights.forecast import LEAST_EVIDENCE, Forecast
from insights.models import ForecastRecord, Outlook
from insights.pasts import LEVEL_WORDS, Pasts, Running, as_running, running_clocks

# What the board calls likely.
LIKELY = 0.5
# Judging reads every forecast once; more than this says nothing new.
JUDGED = 20_000


@dataclass(frozen=True)
class Saying:
    """The forecast of one running clock, in words."""

    clock: Clock
    said: Forecast
    expected_at: datetime | None
    # By the wall, whatever the rule counts in: what a person waits.
    left: timedelta | None

    @property
    def name(self) -> str:
        """The deadline's name in the interface language."""
        return rule_name(self.clock.policy)

    @property
    def percent(self) -> int | None:
        return None if self.said.probability is None else round(100 * self.said.probability)

    @property
    def tone(self) -> str:
        share = self.said.probability or 0
        return "red" if share >= LIKELY else "amber" if share >= 0.2 else "green"

    @property
    def sentence(self) -> str:
        """By what, how long still, how likely late, on how much evidence; or that too little is known."""
        if self.said.probability is None:
            return _("Too little is known to forecast: %(n)d like matters lasted this long, %(least)d are needed.") % {
                "n": self.said.evidence,
                "least": LEAST_EVIDENCE,
            }
        values = {
            "level": LEVEL_WORDS[self.said.level],
            "n": self.said.evidence,
            "percent": self.percent,
            "left": span_text(self.left) if self.left is not None else "",
        }
        if self.left is None:
            text = _("By %(level)s: likely to be late %(percent)d%%, on %(n)d matters.")
        else:
            text = _("By %(level)s: still about %(left)s to go, likely to be late %(percent)d%%, on %(n)d matters.")
        return text % values


def sayings(order_ids: list[int], at: datetime) -> list[Saying]:
    """The forecasts of all running clocks of these orders, worked out now."""
    clocks = running_clocks().filter(order__in=order_ids).select_related("policy", "order__unit")
    rows = {clock.pk: clock for clock in clocks.order_by("due_at")}
    pasts = Pasts(at)
    found = {running.pk: running for running in as_running(running_clocks().filter(pk__in=list(rows)))}
    return [_saying(clock, found[pk], pasts) for pk, clock in rows.items() if pk in found]


def _saying(clock: Clock, running: Running, pasts: Pasts) -> Saying:
    said = pasts.of(running)
    if said.expected is None:
        return Saying(clock, said, None, None)
    ready = running.ruler.ahead(pasts.at, said.expected)
    return Saying(clock, said, ready, ready - pasts.at)


def likely_late(user: User) -> QuerySet[Outlook]:
    """Running clocks of this person's reach that will more likely than not miss their deadline, and have not yet."""
    rows = Outlook.objects.visible_to(user).filter(probability__gte=LIKELY, clock__state=Clock.State.RUNNING)
    return rows.filter(clock__breached_at=None)


class OutlookBoard:
    """The running clocks by probability, and the units they are with."""

    NAMES = ("district", "kind", "duty")
    FLOORS = (0.8, 0.5, 0.2)

    def __init__(self, user: User, data: QueryDict, at: datetime) -> None:
        self.user, self.at = user, at
        self.filters = Filters(data, user=user, at=at, names=self.NAMES)
        self.unit_code = data.get("unit", "")[:24]
        self.floor = next((f for f in self.FLOORS if str(f) == data.get("floor")), LIKELY)
        self.cursor = data.get("cursor", "")

    @cached_property
    def scope(self) -> QuerySet[Outlook]:
        """Everything running and not yet late that has a forecast."""
        rows = Outlook.objects.visible_to(self.user).filter(clock__state=Clock.State.RUNNING, clock__due_at__gt=self.at)
        return rows.filter(self.filters.condition(unit="unit", district="district"))

    @cached_property
    def rows(self) -> QuerySet[Outlook]:
        found = self.scope.filter(probability__gte=self.floor)
        return found.filter(unit__code=self.unit_code) if self.unit_code else found

    @cached_property
    def unit(self) -> Unit | None:
        return Unit.objects.filter(code=self.unit_code).first() if self.unit_code else None

    def query(self, **more: Any) -> str:
        return self.filters.query(**{"unit": self.unit_code, "floor": self.floor, **more})


# Whether the deadline a forecast spoke of was missed: by what the clock did since, or true already while it still runs.
_ELAPSED = ExpressionWrapper(F("clock__ended_at") - F("clock__started_at") - F("clock__paused_for"), DurationField())
# The term is kept in whole minutes; the minute it was cut by is not held against anybody.
_ALLOWED = ExpressionWrapper((F("term") + 1) * Value(timedelta(minutes=1)), DurationField())


def judged(records: QuerySet[ForecastRecord]) -> QuerySet[ForecastRecord]:
    """The records whose outcome is known, with `was_late`. Cancelled clocks are left out: nobody knows."""
    known = Q(clock__state=Clock.State.MET) | Q(clock__state=Clock.State.RUNNING, clock__breached_at__isnull=False)
    late = Case(
        When(clock__state=Clock.State.RUNNING, then=Value(True)),
        When(lasted__gt=F("allowed"), then=Value(True)),
        default=Value(False),
        output_field=BooleanField(),
    )
    return records.filter(known).annotate(lasted=_ELAPSED, allowed=_ALLOWED).annotate(was_late=late)


class CalibrationBoard:
    """Past forecasts against what happened, for everything in reach or one unit."""

    def __init__(self, user: User, data: QueryDict, at: datetime) -> None:
        self.user, self.at = user, at
        self.filters = Filters(data, user=user, at=at, names=("district", "kind", "duty"))
        self.unit_code = data.get("unit", "")[:24]
        quarter, tenth = data.get("quarter", ""), data.get("tenth", "")
        self.quarter = int(quarter) if quarter in {"1", "2", "3"} else 0
        self.tenth = int(tenth) if len(tenth) == 1 and tenth.isdecimal() else None
        self.cursor = data.get("cursor", "")

    @cached_property
    def records(self) -> QuerySet[ForecastRecord]:
        rows = ForecastRecord.objects.visible_to(self.user)
        rows = rows.filter(self.filters.condition(unit="unit", district="district"))
        period = self.filters.period
        rows = rows.filter(made_at__gte=period.since, made_at__lt=period.until)
        if self.unit_code:
            rows = rows.filter(unit__code=self.unit_code)
        if self.quarter:
            rows = rows.filter(quarter=self.quarter)
        return judged(rows)

    @cached_property
    def found(self) -> Calibration:
        newest = self.records.order_by("-made_at")[:JUDGED]
        return calibrate((row.probability, row.was_late) for row in newest)  # type: ignore[attr-defined]

    @cached_property
    def rows(self) -> QuerySet[ForecastRecord]:
        """The forecasts of one tenth."""
        if self.tenth is None:
            return self.records
        low, high = self.tenth / 10, (self.tenth + 1) / 10
        top = Q() if self.tenth == 9 else Q(probability__lt=high)
        return self.records.filter(top, probability__gte=low)

    @cached_property
    def unit(self) -> Unit | None:
        return Unit.objects.filter(code=self.unit_code).first() if self.unit_code else None

    def query(self, **more: Any) -> str:
        quarter = self.quarter or ""
        return self.filters.query(**{"unit": self.unit_code, "quarter": quarter, **more})
