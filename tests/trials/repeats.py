"""How well the likeness of words tells one matter from another, on public messages labelled by hand.

    python -m tests.trials.repeats MESSAGES.xlsx [--count]

The workbook is not part of this project; `repeats_2019.csv` holds row numbers and labels only. Pairs were drawn at
random within strata of the likeness, apart for pairs of one account and of two. So a rate over all pairs is the sum
over strata of (pairs in the stratum × the rate among its labelled pairs). `--count` counts the pairs of each stratum
anew (minutes); otherwise the counts of the last time are used. The result is kept in docs/repeats.md.
"""

import argparse
import csv
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

LABELS = Path(__file__).with_name("repeats_2019.csv")
EDGES = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.6)
# Pairs in each stratum. Of two accounts: those that share at least two rare pairs of characters; the nine million
# others hold, by the six drawn from all pairs, hardly a repeat.
PAIRS = {
    "same": (1926, 1640, 1404, 627, 183, 73, 58, 47, 214),
    "other": (0, 17916, 1602, 342, 87, 45, 38, 39, 211),
}
THRESHOLDS = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6)
_PLACE = re.compile(r"[A-Z]\d*[区县市]")


@dataclass(frozen=True)
class Message:
    """One public message. Places are masked there: A3区 is a district."""

    account: str
    summary: str
    content: str

    @property
    def places(self) -> frozenset[str]:
        return frozenset(name for name in _PLACE.findall(self.summary + self.content) if name != "A市")


@dataclass(frozen=True)
class Pair:
    """A labelled pair with what the system computes of it. `is_near`: a masked district is named in both."""

    family: str
    is_same_matter: bool
    text: float
    is_near: bool

    @property
    def stratum(self) -> int:
        return bisect_right(EDGES, self.text) - 1

    def score(self, *, is_same_class: bool) -> float:
        """The suspicion of one person's second petition; the district is all that is known of the place."""
        from petitions.likeness import LEAST_TEXT, Likeness

        alike = Likeness("paper", self.text, is_same_class, "district" if self.is_near else "")
        return alike.score if alike.text >= LEAST_TEXT else 0.0


def messages(path: Path) -> list[Message]:
    """The rows of the workbook."""
    import openpyxl

    rows = openpyxl.load_workbook(path, read_only=True).active.iter_rows(min_row=2, values_only=True)
    return [Message(str(row[1]), str(row[2] or "").strip(), str(row[4] or "").strip()) for row in rows]


def text_of(first: Message, second: Message) -> float:
    """The likeness of words as the system takes it for the later message against the earlier one."""
    from petitions.duplicates import bigrams, text_likeness
    from petitions.models import Petition

    earlier = Petition(summary=second.summary, content=second.content)
    return text_likeness(earlier, bigrams(f"{first.summary}\n{first.content}"))


def labelled(rows: Sequence[Message]) -> list[Pair]:
    """The labelled pairs."""
    found = []
    with LABELS.open() as lines:
        for line in csv.DictReader(lines):
            one, two = rows[int(line["first"]) - 1], rows[int(line["second"]) - 1]
            is_near = bool(one.places & two.places)
            found.append(Pair(line["account"], line["same_matter"] == "1", text_of(one, two), is_near))
    return found


def weights(pairs: Iterable[Pair], population: Sequence[int]) -> list[float]:
    """How many pairs of all each labelled one stands for."""
    pairs = list(pairs)
    drawn: dict[int, int] = defaultdict(int)
    for pair in pairs:
        drawn[pair.stratum] += 1
    return [population[pair.stratum] / drawn[pair.stratum] for pair in pairs]


def rates(
    pairs: Sequence[Pair], population: Sequence[int], is_kept: Callable[[Pair], bool]
) -> tuple[float, float, float]:
    """Precision, recall and the number of pairs suggested, over all pairs of the family."""
    kept = right = wanted = 0.0
    for pair, weight in zip(pairs, weights(pairs, population), strict=True):
        wanted += weight * pair.is_same_matter
        if is_kept(pair):
            kept += weight
            right += weight * pair.is_same_matter
    return (right / kept if kept else 1.0), (right / wanted if wanted else 0.0), kept


def count(rows: Sequence[Message]) -> dict[str, list[int]]:
    """Count the pairs of each stratum; of two accounts only those that share two rare pairs of characters."""
    from petitions.duplicates import bigrams

    holders: dict[str, list[int]] = defaultdict(list)
    for number, row in enumerate(rows):
        for piece in bigrams(f"{row.summary}\n{row.content}"):
            holders[piece].append(number)
    shared: dict[tuple[int, int], int] = defaultdict(int)
    for numbers in holders.values():
        if len(numbers) <= 60:
            for pair in combinations(numbers, 2):
                shared[pair] += 1
    accounts: dict[str, list[int]] = defaultdict(list)
    for number, row in enumerate(rows):
        accounts[row.account].append(number)
    same = {pair for numbers in accounts.values() for pair in combinations(numbers, 2)}
    found = {family: [0] * len(EDGES) for family in PAIRS}
    for one, two in same | {pair for pair, times in shared.items() if times >= 2}:
        place = bisect_right(EDGES, text_of(rows[one], rows[two])) - 1
        found["same" if (one, two) in same else "other"][place] += 1
    found["other"][0] = 0
    return found


def table(pairs: Sequence[Pair], population: Sequence[int], value: Callable[[Pair], float]) -> None:
    """Print one line per threshold: over all pairs by strata, and among the labelled ones as they are."""
    print("| from | precision | recall | pairs suggested | of the labelled: right / suggested / wanted |")
    print("|---|---|---|---|---|")
    for threshold in THRESHOLDS:
        precision, recall, kept = rates(pairs, population, lambda pair: value(pair) >= threshold)  # noqa: B023
        shown = [pair for pair in pairs if value(pair) >= threshold]
        right = sum(pair.is_same_matter for pair in shown)
        wanted = sum(pair.is_same_matter for pair in pairs)
        print(f"| {threshold:.2f} | {precision:.2f} | {recall:.2f} | {kept:.0f} | {right} / {len(shown)} / {wanted} |")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("path", type=Path)
    parser.add_argument("--count", action="store_true")
    options = parser.parse_args()
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    rows = messages(options.path)
    pairs = labelled(rows)
    population = count(rows) if options.count else PAIRS
    for family, words in {"same": "one account", "other": "two accounts"}.items():
        mine = [pair for pair in pairs if pair.family == family]
        print(f"\n## Words alone, {words}: {len(mine)} pairs, strata {list(population[family])}\n")
        table(mine, population[family], lambda pair: pair.text)
    mine = [pair for pair in pairs if pair.family == "same"]
    for is_same_class in (False, True):
        print(f"\n## Score of one person's pairs, class taken as {'the same' if is_same_class else 'another'}\n")
        table(mine, population["same"], lambda pair: pair.score(is_same_class=is_same_class))  # noqa: B023


if __name__ == "__main__":
    main()
