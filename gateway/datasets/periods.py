"""Periods a data set may be of: whole months, quarters and years of city time. Pure: no Django, no clock."""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Kind = Literal["month", "quarter", "year"]
KINDS: tuple[Kind, ...] = ("month", "quarter", "year")
_LENGTH: dict[Kind, int] = {"month": 1, "quarter": 3, "year": 12}
_WRITTEN = re.compile(r"(?P<year>(?:19|20)[0-9]{2})(?:-(?P<month>0[1-9]|1[0-2])|-Q(?P<quarter>[1-4]))?")


@dataclass(frozen=True)
class Period:
    """`2026-10`, `2026-Q3` or `2026`: its year, its first month (1–12) and its kind."""

    year: int
    month: int
    kind: Kind

    def __str__(self) -> str:
        if self.kind == "year":
            return f"{self.year}"
        return f"{self.year}-{self.month:02}" if self.kind == "month" else f"{self.year}-Q{(self.month + 2) // 3}"

    @property
    def since(self) -> date:
        """The first day."""
        return date(self.year, self.month, 1)

    @property
    def until(self) -> date:
        """The last day; it is counted."""
        return _last_day(self.year, self.month + _LENGTH[self.kind] - 1)

    def months(self) -> list[tuple[date, date]]:
        """First and last day of each of its months."""
        numbers = range(self.month, self.month + _LENGTH[self.kind])
        return [(date(self.year, number, 1), _last_day(self.year, number)) for number in numbers]

    def has_ended(self, today: date) -> bool:
        """Whether its last day lies before `today` (city time)."""
        return self.until < today


def parse(text: str) -> Period:
    """The period as it is written. Raises ValueError for anything else."""
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise ValueError(text)
    year, month, quarter = int(found["year"]), found["month"], found["quarter"]
    if month:
        return Period(year, int(month), "month")
    return Period(year, 3 * int(quarter) - 2, "quarter") if quarter else Period(year, 1, "year")


def ended(kind: Kind, today: date) -> Iterator[Period]:
    """The periods of a kind that have ended, the latest first, without end but for the calendar's."""
    day = today
    while day.year > 1900:
        start = day.month - (day.month - 1) % _LENGTH[kind]
        day = date(day.year, start, 1) - timedelta(days=1)
        yield Period(day.year, day.month - (day.month - 1) % _LENGTH[kind], kind)


def _last_day(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])
