"""Counts of petitions by area × class × month, made k-anonymous. Pure: no Django, no database, no clock.

What is released is one partition: every petition is counted in exactly one released row, or in none. Rows too
small are put together step by step along `STEPS`, and what is too small at the last step is suppressed. Whatever
stands beside the rows is made of the released rows alone, and the number suppressed is never between 1 and k − 1
where it could be read: so no subtraction of one published figure from another leaves fewer than k petitions.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

# The least that may ever be asked for (design/api.md, issue 6): a smaller k is refused.
LEAST_K = 5
# The number of this way of making rows. A change of STEPS or of what is suppressed is a new method.
METHOD = 1

AreaLevel = Literal["town", "district", "city"]
ClassLevel = Literal["class", "parent", "all"]
TimeLevel = Literal["month", "quarter", "year"]
_TIMES: tuple[TimeLevel, ...] = ("month", "quarter", "year")


@dataclass(frozen=True, order=True)
class Place:
    """Where and what a petition is counted under: codes, "" where it has none; year and month (1–12) in city time."""

    town: str
    district: str
    klass: str
    parent: str
    year: int
    month: int


@dataclass(frozen=True)
class Step:
    """One step of generalising: how coarse each of the three dimensions is at it."""

    area: AreaLevel
    klass: ClassLevel
    time: TimeLevel


# Time gives way first (an assessment compares places and themes), then class and place, one dimension at a time.
STEPS: tuple[Step, ...] = (
    Step("town", "class", "month"),
    Step("town", "class", "quarter"),
    Step("town", "parent", "quarter"),
    Step("district", "parent", "quarter"),
    Step("district", "parent", "year"),
    Step("district", "all", "year"),
    Step("city", "all", "year"),
)


@dataclass(frozen=True, order=True)
class Group:
    """One released row. `step` is the number of its step in `STEPS`; `area` and `klass` are "" where all are meant."""

    step: int
    district: str
    town: str
    parent: str
    klass: str
    period: str
    count: int

    @property
    def levels(self) -> tuple[AreaLevel, ClassLevel, TimeLevel]:
        """How coarse the row is in place, class and time."""
        step = STEPS[self.step]
        return step.area, step.klass, "year" if len(self.period) == 4 else "quarter" if "Q" in self.period else "month"


@dataclass(frozen=True)
class Released:
    """The rows, and how many petitions were generalised (released coarser than asked) or suppressed on the way."""

    k: int
    groups: tuple[Group, ...]
    total: int
    exact: int
    generalised: int
    suppressed: int

    @property
    def released(self) -> int:
        """Petitions counted in the rows."""
        return self.exact + self.generalised

    @property
    def suppressed_published(self) -> int | None:
        """What may be told of the number suppressed; None: fewer than k in all, which is all that may be said."""
        return None if 0 < self.suppressed < self.k else self.suppressed


def release(
    counts: Mapping[Place, int] | Iterable[tuple[Place, int]], *, k: int = LEAST_K, widest: TimeLevel = "year"
) -> Released:
    """Make counts k-anonymous. The order of the input is of no account. Raises ValueError for k < 5 or a count < 0.

    No row is told at a coarser time than `widest`: rows of one month are never called those of its year.
    """
    if k < LEAST_K:
        raise ValueError(f"k is at least {LEAST_K}")
    left: dict[Place, int] = defaultdict(int)
    for place, count in counts.items() if isinstance(counts, Mapping) else counts:
        if count < 0:
            raise ValueError("a count is never negative")
        if count:
            left[place] += count
    total = sum(left.values())
    groups: list[Group] = []
    for number, step in enumerate(STEPS):
        found, left = _take(left, number, _no_wider(step, widest), k)
        groups += found
    groups, suppressed = _cover_the_rest(groups, left, _no_wider(STEPS[-1], widest), k)
    exact = sum(group.count for group in groups if group.step == 0)
    coarse = sum(group.count for group in groups if group.step)
    return Released(k, tuple(sorted(groups)), total, exact, coarse, suppressed)


def _no_wider(step: Step, widest: TimeLevel) -> Step:
    return replace(step, time=min(step.time, widest, key=_TIMES.index))


def _take(left: Mapping[Place, int], number: int, step: Step, k: int) -> tuple[list[Group], dict[Place, int]]:
    """What reaches k at this step, and what goes on to the next."""
    sums: dict[tuple[str, str, str, str, str], int] = defaultdict(int)
    for place, count in left.items():
        sums[_key(place, step)] += count
    rest = {place: count for place, count in left.items() if sums[_key(place, step)] < k}
    return [Group(number, *key, count) for key, count in sums.items() if count >= k], rest


def _cover_the_rest(groups: list[Group], left: Mapping[Place, int], last: Step, k: int) -> tuple[list[Group], int]:
    """Fewer than k left over take the smallest row with them: the total less the rows would else tell of those few.

    Of one period they make one row of the coarsest step together; of several, they are suppressed.
    """
    rest, keys = sum(left.values()), {_key(place, last) for place in left}
    if not groups or not 0 < rest < k:
        return groups, rest
    smallest = min(groups, key=lambda group: (group.count, -group.step, group))
    others, count = [group for group in groups if group is not smallest], rest + smallest.count
    key = keys.pop()
    if keys or not _lies_within(smallest.period, key[-1]):
        return others, count
    return [*others, Group(len(STEPS) - 1, *key, count)], 0


def _lies_within(period: str, wider: str) -> bool:
    if period == wider or len(wider) == 4:
        return period[:4] == wider[:4]
    return (
        "Q" in wider and "Q" not in period and period[:4] == wider[:4] and (int(period[5:]) + 2) // 3 == int(wider[6])
    )


def _key(place: Place, step: Step) -> tuple[str, str, str, str, str]:
    """District, town, parent class, class and period of a row; what the step leaves open is empty."""
    district = place.district if step.area != "city" else ""
    town = place.town if step.area == "town" else ""
    parent = place.parent if step.klass != "all" else ""
    klass = place.klass if step.klass == "class" else ""
    return district, town, parent, klass, _period(place, step.time)


def _period(place: Place, level: TimeLevel) -> str:
    if level == "month":
        return f"{place.year:04}-{place.month:02}"
    if level == "quarter":
        return f"{place.year:04}-Q{(place.month + 2) // 3}"
    return f"{place.year:04}"


def marginals(released: Released) -> dict[str, dict[str, int]]:
    """Totals that may stand beside the rows: by district, parent class and year, each summed over released rows only.

    Rows that leave the dimension open count under "": a petition generalised away is never told apart again.
    """
    totals: dict[str, dict[str, int]] = {"district": {}, "parent": {}, "year": {}}
    for group in released.groups:
        for name, value in (("district", group.district), ("parent", group.parent), ("year", group.period[:4])):
            totals[name][value] = totals[name].get(value, 0) + group.count
    return totals
