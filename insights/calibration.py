"""Were the forecasts right? Reliability by tenths and the Brier score beside its floor. Pure, without Django."""

from collections.abc import Iterable
from dataclasses import dataclass

BINS = 10

# A forecast probability and whether the deadline was missed in the end.
Judged = tuple[float, bool]


@dataclass(frozen=True)
class Bin:
    """The forecasts of one tenth: how many, what they said on average, what share came true."""

    low: float
    high: float
    count: int
    said: float | None
    came: float | None


@dataclass(frozen=True)
class Calibration:
    """`brier` is the mean squared error (0 best); `floor` what always saying the base rate would have scored."""

    count: int
    base_rate: float | None
    brier: float | None
    floor: float | None
    bins: list[Bin]

    @property
    def skill(self) -> float | None:
        """The share of the floor's error the forecasts avoid; 0 or less means they are worth nothing."""
        return 1 - self.brier / self.floor if self.floor and self.brier is not None else None


def calibrate(judged: Iterable[Judged]) -> Calibration:
    """Sort past forecasts into tenths; 1.0 belongs to the last one."""
    rows = list(judged)
    tenths: list[list[Judged]] = [[] for _ in range(BINS)]
    for probability, was_late in rows:
        tenths[min(BINS - 1, int(probability * BINS))].append((probability, was_late))
    bins = [_bin(place, found) for place, found in enumerate(tenths)]
    if not rows:
        return Calibration(0, None, None, None, bins)
    base = sum(late for _p, late in rows) / len(rows)
    brier = sum((p - late) ** 2 for p, late in rows) / len(rows)
    return Calibration(len(rows), base, brier, base * (1 - base), bins)


def _bin(place: int, found: list[Judged]) -> Bin:
    low, high = place / BINS, (place + 1) / BINS
    if not found:
        return Bin(low, high, 0, None, None)
    count = len(found)
    return Bin(low, high, count, sum(p for p, _l in found) / count, sum(late for _p, late in found) / count)
