"""Spans of whole months, as an address names them: 2026-11, 2026-Q4, 2026, last12."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time

from django.utils.translation import gettext as _

from dispatch.calendar import CITY_TIME

DEFAULT = "last12"
_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")
_QUARTER = re.compile(r"(20\d\d)-Q([1-4])")
_YEAR = re.compile(r"20\d\d")


def shifted(month: date, by: int) -> date:
    """The first day of the month `by` months later (earlier for a negative number)."""
    number = month.year * 12 + month.month - 1 + by
    return date(number // 12, number % 12 + 1, 1)


@dataclass(frozen=True)
class Period:
    """Whole months from `first` to `last`, both first days of a month (Asia/Shanghai)."""

    key: str
    first: date
    last: date

    @property
    def length(self) -> int:
        return (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1

    @property
    def months(self) -> list[date]:
        return [shifted(self.first, i) for i in range(self.length)]

    @property
    def since(self) -> datetime:
        return datetime.combine(self.first, time(), tzinfo=CITY_TIME)

    @property
    def until(self) -> datetime:
        """The first moment after it."""
        return datetime.combine(shifted(self.last, 1), time(), tzinfo=CITY_TIME)

    @property
    def previous(self) -> "Period":
        """As many months before it, for the change."""
        return Period("", shifted(self.first, -self.length), shifted(self.first, -1))

    @property
    def label(self) -> str:
        """The period in words."""
        if self.key == DEFAULT:
            return _("the last 12 months")
        if self.length == 1:
            return _("%(year)d-%(month)d") % {"year": self.first.year, "month": self.first.month}
        if _QUARTER.fullmatch(self.key):
            return _("quarter %(n)s of %(year)d") % {"n": self.key[-1], "year": self.first.year}
        return _("year %(year)d") % {"year": self.first.year}


def month_of(month: date) -> Period:
    """One month as a period."""
    return Period(f"{month:%Y-%m}", month, month)


def period_of(text: str, at: datetime) -> Period:
    """The period an address names; the last twelve months for anything else."""
    this = at.astimezone(CITY_TIME).date().replace(day=1)
    if found := _MONTH.fullmatch(text):
        return month_of(date(int(found[1]), int(found[2]), 1))
    if found := _QUARTER.fullmatch(text):
        first = date(int(found[1]), int(found[2]) * 3 - 2, 1)
        return Period(text, first, shifted(first, 2))
    if _YEAR.fullmatch(text):
        return Period(text, date(int(text), 1, 1), date(int(text), 12, 1))
    return Period(DEFAULT, shifted(this, -11), this)


def choices(at: datetime) -> list[tuple[str, str]]:
    """What the drop-down offers: the last year, this and the last quarters and years, and twelve months."""
    this = at.astimezone(CITY_TIME).date().replace(day=1)
    months = [f"{shifted(this, -i):%Y-%m}" for i in range(12)]
    quarters = list(dict.fromkeys(_quarter(shifted(this, -i)) for i in range(12)))[:4]
    years = [str(this.year), str(this.year - 1)]
    return [(key, period_of(key, at).label) for key in (DEFAULT, *months, *quarters, *years)]


def _quarter(month: date) -> str:
    return f"{month.year}-Q{(month.month + 2) // 3}"
