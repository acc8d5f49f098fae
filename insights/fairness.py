"""Comparing units that do not get the same matters: indirect standardisation. Pure, without Django.

What would the city as a whole have scored on exactly this unit's mix of matters? Per stratum (content class, urgency,
group or not, repeat or not) the unit's number of matters is multiplied by the city's rate; the sum is expected (E).
Observed over expected (O/E) says how much worse or better the unit did than the city on like matters, with a 95 %
interval: Byar's approximation of the exact Poisson limits for counts, a normal one for times.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

Z = 1.959964
# Below this the count is shown, but no rate is judged (domain-facts §6.1).
LEAST_COUNT = 10


@dataclass(frozen=True)
class Part:
    """One stratum: the unit's and the city's matters, hits, sums and squares (minutes) in it."""

    count: int
    hits: int = 0
    total: int = 0
    city_count: int = 0
    city_hits: int = 0
    city_total: int = 0
    city_squares: int = 0


@dataclass(frozen=True)
class Comparison:
    """Observed and expected, their ratio and its 95 % interval; `of` is the unit's number of matters."""

    of: int
    observed: float
    expected: float
    ratio: float | None
    low: float | None
    high: float | None

    @property
    def verdict(self) -> str:
        """Whether it is "more" or "less" than like matters (the interval leaves 1 out), the "same", or too "few"."""
        if self.of < LEAST_COUNT or self.ratio is None or self.low is None or self.high is None:
            return "few"
        if self.low > 1:
            return "more"
        return "less" if self.high < 1 else "same"


def compare_counts(parts: Iterable[Part]) -> Comparison:
    """O/E of hits. Count what is rare (late, reworked): the limits of a Poisson count are too wide near 100 %."""
    count = hits = 0
    expected = 0.0
    for part in parts:
        count += part.count
        hits += part.hits
        if part.city_count:
            expected += part.count * part.city_hits / part.city_count
    if expected <= 0:
        return Comparison(count, hits, expected, None, None, None)
    low, high = poisson_limits(hits)
    return Comparison(count, hits, expected, hits / expected, low / expected, high / expected)


def poisson_limits(hits: int) -> tuple[float, float]:
    """95 % limits of a Poisson count (Byar)."""
    low = hits * (1 - 1 / (9 * hits) - Z / (3 * sqrt(hits))) ** 3 if hits else 0.0
    more = hits + 1
    return max(0.0, low), more * (1 - 1 / (9 * more) + Z / (3 * sqrt(more))) ** 3


def compare_totals(parts: Iterable[Part]) -> Comparison:
    """O/E of a sum such as handling minutes, its interval from the spread within the city's strata."""
    count = total = 0
    expected = variance = 0.0
    for part in parts:
        count += part.count
        total += part.total
        if part.city_count:
            mean = part.city_total / part.city_count
            expected += part.count * mean
            if part.city_count > 1:
                spread = (part.city_squares - part.city_count * mean * mean) / (part.city_count - 1)
                variance += part.count * max(0.0, spread)
    if expected <= 0:
        return Comparison(count, total, expected, None, None, None)
    width = Z * sqrt(variance)
    low, high = max(0.0, total - width) / expected, (total + width) / expected
    return Comparison(count, total, expected, total / expected, low, high)


def ranks(values: Sequence[float | None], *, best_is_high: bool) -> list[int | None]:
    """Places from 1, equal values share one and the next is left out (1, 2, 2, 4); None is not ranked."""
    known = sorted((v for v in values if v is not None), reverse=best_is_high)
    first: dict[float, int] = {}
    for place, value in enumerate(known, start=1):
        first.setdefault(value, place)
    return [None if value is None else first[value] for value in values]
