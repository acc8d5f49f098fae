"""How long will it still take, and will it be late? From a unit's own past. Pure, without Django.

The past is a list of spells: how long an obligation lasted, and whether it ended or was only watched that long
(censored: still open, recalled, cancelled). From them the Kaplan–Meier curve says which share lasts longer than a
given age, and what is asked about a running clock is conditional on the age it has reached already: among those that
were still open at this age, how long did they still need? No model, no parameter, nothing about persons.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

# Fewer past matters of the same age than this say nothing; the next wider circle is asked.
LEAST_EVIDENCE = 20

Spell = tuple[float, bool]


class Survival:
    """The share of past matters that lasted longer than an age (Kaplan–Meier, product limit). Ages in minutes."""

    def __init__(self, spells: Iterable[Spell]) -> None:
        known = sorted((float(length), bool(is_finished)) for length, is_finished in spells)
        self.lengths = [length for length, _finished in known]
        self.times: list[float] = []
        self.shares: list[float] = []
        share, place, total = 1.0, 0, len(known)
        while place < total:
            length, start, ends = known[place][0], place, 0
            while place < total and known[place][0] == length:
                ends += known[place][1]
                place += 1
            if ends:
                # Those watched no longer than this were at risk until this very moment.
                share *= 1 - ends / (total - start)
                self.times.append(length)
                self.shares.append(share)

    def beyond(self, age: float) -> float:
        """The share that lasts longer than `age`: 1 before the first end, never rising."""
        place = bisect_right(self.times, age)
        return self.shares[place - 1] if place else 1.0

    def still_open(self, age: float) -> int:
        """How many of the past were open beyond `age`: the evidence there is for one of that age."""
        return len(self.lengths) - bisect_right(self.lengths, age)

    def late(self, age: float, due: float) -> float | None:
        """The probability to last longer than `due` for one that is open at `age`; None when the past is silent."""
        if age > due:
            return 1.0
        open_now = self.beyond(age)
        return self.beyond(due) / open_now if open_now > 0 else None

    def remaining(self, age: float, share: float) -> float | None:
        """Within how many minutes more a `share` (0–1) of those open at `age` had ended; None when fewer ever did."""
        open_now = self.beyond(age)
        if open_now <= 0:
            return None
        for place in range(bisect_right(self.times, age), len(self.times)):
            # A hair of tolerance: products of fractions miss a half by rounding.
            if 1 - self.shares[place] / open_now >= share - 1e-9:
                return self.times[place] - age
        return None


@dataclass(frozen=True)
class Forecast:
    """What the past says of one running clock. Minutes are from now on; `level` "" means: too little is known."""

    level: str
    evidence: int
    probability: float | None = None
    expected: float | None = None
    early: float | None = None
    late: float | None = None

    @property
    def is_known(self) -> bool:
        """False when no circle has enough past: the page says so instead of a number."""
        return self.probability is not None


def forecast(
    levels: Iterable[tuple[str, Survival]], *, age: float, due: float, least: int = LEAST_EVIDENCE
) -> Forecast:
    """Ask the circles from the nearest to the widest; the first with `least` matters still open at `age` answers.

    Circles beyond that one are not even asked for, so `levels` may be lazy.

    `age` and `due` are minutes since the clock's start. `expected` is the median, `early` and `late` the quartiles of
    the remaining time; each is None where more than that share of the past never ended while it was watched.
    """
    most = 0
    for name, past in levels:
        evidence = past.still_open(age)
        most = max(most, evidence)
        probability = past.late(age, due)
        if evidence >= least and probability is not None:
            return Forecast(
                name,
                evidence,
                min(1.0, max(0.0, probability)),
                past.remaining(age, 0.5),
                past.remaining(age, 0.25),
                past.remaining(age, 0.75),
            )
    return Forecast("", most)
