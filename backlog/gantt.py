"""The bars of the progress table: days of milestones as places in a window, in per cent of its width.

Everything is drawn by presentation attributes of SVG, so it prints, needs no script and no inline style.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from accounts.durations import local_text
from backlog.models import Milestone

# Width of a window: weeks or months, and how much of it lies before today.
SPANS: dict[str, tuple[Promise, int]] = {
    "8w": (gettext_lazy("8 weeks"), 8),
    "3m": (gettext_lazy("3 months"), 3),
    "6m": (gettext_lazy("6 months"), 6),
    "12m": (pgettext_lazy("width", "12 months"), 12),
}
USUAL = "6m"
SOON = timedelta(days=7)
# A bar of one day must still be seen and hit.
NARROWEST = 1.6
# A milestone without a first day is drawn over so many days at most.
GUESS = timedelta(days=14)
LANE = 24


def _months_later(day: date, months: int) -> date:
    place = day.year * 12 + day.month - 1 + months
    return date(place // 12, place % 12 + 1, 1)


@dataclass(frozen=True)
class Tick:
    """A line of the scale with its place in per cent; `label` '' draws a thin line only."""

    x: str
    label: str


@dataclass(frozen=True)
class Window:
    """The days shown, `until` not counted."""

    span: str
    begin: date
    until: date

    @classmethod
    def of(cls, span: str, begin: str, today: date) -> "Window":
        """From an address: an unknown span is the usual one, a damaged day begins a third before today."""
        span = span if span in SPANS else USUAL
        count = SPANS[span][1]
        try:
            first = date.fromisoformat(begin)
            first = first if 2000 <= first.year <= 2100 else today
        except ValueError:
            first = today - timedelta(weeks=2) if span == "8w" else _months_later(today, -max(count // 3, 1))
        if span == "8w":
            first -= timedelta(days=first.weekday())
            return cls(span, first, first + timedelta(weeks=count))
        first = first.replace(day=1)
        return cls(span, first, _months_later(first, count))

    def moved(self, by: int) -> date:
        """The first day of the window half a width later (`by` 1) or earlier (-1)."""
        count = max(SPANS[self.span][1] // 2, 1) * by
        return self.begin + timedelta(weeks=count) if self.span == "8w" else _months_later(self.begin, count)

    def at(self, day: date) -> float:
        """Where a day begins, in per cent of the width, cut at the edges."""
        share = 100 * (day - self.begin).days / (self.until - self.begin).days
        return min(max(share, 0.0), 100.0)

    def ticks(self) -> list[Tick]:
        """Weeks of a narrow window, months of a wide one."""
        found, day = [], self.begin
        while day < self.until:
            text = f"{day:%m-%d}" if self.span == "8w" else f"{day:%Y-%m}"
            found.append(Tick(f"{self.at(day):.2f}", text))
            day = day + timedelta(weeks=1) if self.span == "8w" else _months_later(day, 1)
        return found

    def today(self, today: date) -> str:
        """Where the line of today stands, '' outside."""
        return f"{self.at(today):.2f}" if self.begin <= today < self.until else ""


@dataclass(frozen=True)
class Bar:
    """A milestone in the window. `tone`: done, late, missed, soon or ahead; places in per cent, `y` in pixels."""

    row: Milestone
    tone: str
    words: str
    short: str
    is_within: bool = True
    x: str = ""
    width: str = ""
    y: int = 0
    # From the planned day to the actual one, or to today: how late it is.
    late_x: str = ""
    late_width: str = ""
    first_x: str = ""
    # As far as its name may run: to the next bar of its lane.
    room: str = ""


def tone_of(row: Milestone, today: date) -> str:
    """How a milestone stands on a day of the city."""
    if row.actual_on is not None:
        return "done" if row.actual_on <= row.planned_on else "late"
    if row.is_missed(today):
        return "missed"
    return "soon" if row.planned_on - today <= SOON else "ahead"


def stand(row: Milestone, today: date) -> str:
    """The words of it: `reached 11-20, 3 days late`, `missed by 5 days`, `planned for 12-01`."""
    if row.actual_on is not None:
        days = (row.actual_on - row.planned_on).days
        text = _("reached %(day)s") % {"day": local_text(row.actual_on)}
        if days > 0:
            text += ngettext(", %(n)d day late", ", %(n)d days late", days) % {"n": days}
        return text
    days = (today - row.planned_on).days
    if days > 0:
        return ngettext("missed by %(n)d day", "missed by %(n)d days", days) % {"n": days}
    if days == 0:
        return _("due today")
    return _("planned for %(day)s") % {"day": local_text(row.planned_on)}


def bars(rows: Sequence[Milestone], window: Window, today: date, begin: date | None = None) -> tuple[list[Bar], int]:
    """The bars of a case's milestones in their order, and the number of lanes they take.

    Bars that would cover one another stand in lanes below. `begin`: the day the case was taken up, where the first
    milestone without a day of its own begins.
    """
    found, lanes = [], list[float]()
    before = begin
    for row in rows:
        start = row.starts_on or max(filter(None, (before, row.planned_on - GUESS)))
        start = min(start, row.planned_on)
        before = row.planned_on
        end = max(row.planned_on, row.actual_on or row.planned_on)
        late_until = today if row.is_missed(today) else end
        tone, short = tone_of(row, today), stand(row, today)
        words = _words(row, short)
        if late_until < window.begin or start >= window.until:
            found.append(Bar(row, tone, words, short, is_within=False))
            continue
        left, right = window.at(start), window.at(row.planned_on + timedelta(days=1))
        left = max(min(left, right - NARROWEST), 0.0)
        right = max(right, left + NARROWEST)
        stop = max(right, window.at(late_until + timedelta(days=1)))
        lane = next((place for place, taken in enumerate(lanes) if taken <= left + 0.01), len(lanes))
        lanes[lane : lane + 1] = [stop]
        is_late = stop > right and tone in {"late", "missed"}
        moved = row.first_planned_on != row.planned_on and window.begin <= row.first_planned_on < window.until
        found.append(
            Bar(
                row,
                tone,
                words,
                short,
                x=f"{left:.2f}",
                width=f"{right - left:.2f}",
                y=lane * LANE,
                late_x=f"{right:.2f}" if is_late else "",
                late_width=f"{stop - right:.2f}" if is_late else "",
                first_x=f"{window.at(row.first_planned_on):.2f}" if moved else "",
            )
        )
    return _with_room(found), max(len(lanes), 1)


def _with_room(found: list[Bar]) -> list[Bar]:
    """The bars, each with the width its name may take."""
    rows = []
    for bar in found:
        ahead = [float(other.x) for other in found if other.is_within and other.y == bar.y and _is_after(other, bar)]
        room = min([100.0, *ahead]) - float(bar.x or 0)
        rows.append(replace(bar, room=f"{room:.2f}") if bar.is_within else bar)
    return rows


def _is_after(other: Bar, bar: Bar) -> bool:
    return bar.is_within and float(other.x) > float(bar.x)


def _words(row: Milestone, short: str) -> str:
    """What the bar says to the pointer and to a screen reader."""
    parts = [row.name, short]
    if row.first_planned_on != row.planned_on:
        parts.append(_("first planned for %(day)s") % {"day": row.first_planned_on.isoformat()})
    if row.note:
        parts.append(row.note)
    return _("; ").join(parts)
