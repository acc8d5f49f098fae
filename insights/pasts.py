"""The past a forecast asks: the newest spells of a unit, else of its duty line, district, class, the city."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dispatch.actions.clocks import calendar
from dispatch.calendar import CalendarError
from dispatch.models import Clock, Policy
from insights.forecast import Forecast, Survival, forecast
from insights.models import Spell

# Obligations of the handling unit; check, callback and reply are the office's.
FAMILIES = ("O_sign", "O_contact", "O_feedback")
# The newest so many: how a unit works now, not years ago, and a bounded cost.
DEPTH = 400
LEVELS = ("unit", "duty", "district", "class", "city")
LEVEL_WORDS: dict[str, Promise] = {
    "unit": _("like matters of this unit"),
    "duty": _("like matters of this line of duty"),
    "district": _("like matters of this district"),
    "class": _("like matters of this content class"),
    "city": _("like matters of the whole city"),
}


@dataclass(frozen=True)
class Ruler:
    """How a rule's time is measured: in wall minutes, or in minutes of office hours where the rule counts those.

    A sign-for promise of two working hours lasts two hours at noon and eighteen over night; measured by the wall, past
    and present would not be alike.
    """

    is_working: bool

    @classmethod
    def of(cls, unit: str) -> "Ruler":
        return cls(unit in {Policy.Unit.WORKING_MINUTE, Policy.Unit.WORKING_DAY})

    def minutes(self, start: datetime, end: datetime, paused: timedelta = timedelta(0)) -> float:
        """From one moment to another, pauses left out."""
        by_the_wall = (end - start - paused).total_seconds() / 60
        if not self.is_working:
            return by_the_wall
        book = calendar()
        try:
            worked = book.work_minutes_until(end) - book.work_minutes_until(start)
        except CalendarError:
            # Older than the calendar: a matter that old is at the far end of any past.
            return by_the_wall
        return max(0.0, worked - paused.total_seconds() / 60)

    def ahead(self, at: datetime, minutes: float) -> datetime:
        """The moment so many of the rule's minutes later."""
        if not self.is_working:
            return at + timedelta(minutes=minutes)
        try:
            return calendar().add_work_minutes(at, max(1, round(minutes)))
        except CalendarError:
            return at + timedelta(minutes=minutes)


@dataclass(frozen=True)
class Running:
    """A clock to be forecast: what its past is looked for by, and how long it runs already. Minutes without pauses."""

    pk: int
    key: str
    unit: int
    duty: str
    district: int
    top_class: str
    started_at: datetime
    due_at: datetime
    paused_for: timedelta
    ruler: Ruler = Ruler(False)

    def value(self, level: str) -> Any:
        """What the circle is drawn by."""
        values = {"unit": self.unit, "duty": self.duty, "district": self.district, "class": self.top_class, "city": ""}
        return values[level]

    def age(self, at: datetime) -> float:
        return self.ruler.minutes(self.started_at, at, self.paused_for)

    @property
    def term(self) -> float:
        return self.ruler.minutes(self.started_at, self.due_at, self.paused_for)


def running_clocks() -> QuerySet[Clock]:
    """The clocks a forecast is made for. Class A stays out, as of all statistics."""
    family = Q()
    for prefix in FAMILIES:
        family |= Q(policy__key__startswith=prefix)
    return Clock.objects.filter(family, state=Clock.State.RUNNING, order__isnull=False, petition__is_restricted=False)


_FIELDS = (
    "pk",
    "policy__key",
    "unit_id",
    "unit__duty",
    "petition__district_id",
    "petition__content_class__code",
    "started_at",
    "due_at",
    "paused_for",
    "policy__unit",
)


def as_running(clocks: QuerySet[Clock]) -> Iterator[Running]:
    """Read clocks as what a forecast needs of them."""
    for pk, key, unit, duty, district, code, start, due, paused, kind in clocks.values_list(*_FIELDS).iterator():
        yield Running(pk, key, unit, duty, district, code[:2], start, due, paused, Ruler.of(kind))


_COLUMN = {"unit": "unit_id", "duty": "duty", "district": "district_id", "class": "top_class"}
# A clock that was reopened and ended again has several rows; the newest one tells how long it took.
_ENDED = """
SELECT s.minutes, s.is_finished FROM insights_spell s
WHERE s.key = %(key)s AND s.ended_at < %(at)s {circle}
  AND NOT EXISTS (SELECT 1 FROM insights_spell n WHERE n.clock_id = s.clock_id AND n.generation > s.generation)
ORDER BY s.ended_at DESC LIMIT %(depth)s
"""


class Pasts:
    """Curves as of one moment, each read once. What is open now counts as watched so long, not as never ending."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self._curves: dict[tuple[str, str, Any], Survival] = {}

    def curve(self, key: str, level: str, value: Any, ruler: Ruler = Ruler(False)) -> Survival:
        """The past of one rule in one circle."""
        place = (key, level, value)
        if place not in self._curves:
            still = self._open(key, level, value, ruler)
            self._curves[place] = Survival([*self._ended(key, level, value), *still])
        return self._curves[place]

    def of(self, clock: Running) -> Forecast:
        """The forecast of one running clock."""
        # Towns and governments have no line of duty: that circle would be all of them.
        levels = (level for level in LEVELS if level != "duty" or clock.duty)
        curves = ((level, self.curve(clock.key, level, clock.value(level), clock.ruler)) for level in levels)
        return forecast(curves, age=max(0.0, clock.age(self.at)), due=clock.term)

    def _ended(self, key: str, level: str, value: Any) -> list[tuple[float, bool]]:
        circle = f"AND s.{_COLUMN[level]} = %(value)s" if level in _COLUMN else ""
        with connection.cursor() as cursor:
            values = {"key": key, "at": self.at, "value": value, "depth": DEPTH}
            cursor.execute(_ENDED.format(circle=circle), values)
            return list(cursor.fetchall())

    def _open(self, key: str, level: str, value: Any, ruler: Ruler) -> list[tuple[float, bool]]:
        column = {
            "unit": "unit_id",
            "duty": "unit__duty",
            "district": "petition__district_id",
            "class": "petition__content_class__code__startswith",
        }
        circle = {column[level]: value} if level in column else {}
        rows = running_clocks().filter(policy__key=key, started_at__lt=self.at, **circle).order_by("-id")[:DEPTH]
        return [
            (ruler.minutes(start, self.at, paused), False)
            for start, paused in rows.values_list("started_at", "paused_for")
        ]


class Remembered(Pasts):
    """The same as of a past moment, from one reading of a rule's spells: for replaying what would have been said."""

    def __init__(self, spells: list[Spell]) -> None:
        super().__init__(datetime.min)
        self.spells = spells

    def as_of(self, at: datetime) -> "Remembered":
        """The same memory at another moment."""
        other = Remembered(self.spells)
        other.at = at
        return other

    def _inside(self, key: str, level: str, value: Any) -> Iterator[Spell]:
        column = _COLUMN.get(level)
        for spell in self.spells:
            if spell.key == key and (column is None or getattr(spell, column) == value):
                yield spell

    def _ended(self, key: str, level: str, value: Any) -> list[tuple[float, bool]]:
        past = [s for s in self._inside(key, level, value) if s.ended_at < self.at]
        return [(s.minutes, s.is_finished) for s in sorted(past, key=lambda s: s.ended_at)[-DEPTH:]]

    def _open(self, key: str, level: str, value: Any, ruler: Ruler) -> list[tuple[float, bool]]:
        return [
            (ruler.minutes(s.started_at, self.at), False)
            for s in self._inside(key, level, value)
            if s.started_at < self.at <= s.ended_at
        ][:DEPTH]
