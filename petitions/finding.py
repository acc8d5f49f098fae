"""Pages of search results: what a person may see and the words find, newest or best first.

A common word has hundreds of thousands of hits and a rare one a handful, and nobody knows which before asking. So the
newest petitions of the reader's scope are looked at one by one; a common word has filled the page then. Whoever is left
goes through the index, in stretches of months that grow, newest first, until the page is full.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.db.models import Min, Q

from accounts.actors import Actor
from accounts.models import User
from accounts.roles import Scope
from petitions.models import Petition, SearchEntry
from petitions.paging import Order, Position
from petitions.phrases import BORDER, Phrases
from petitions.querysets import PetitionQuerySet
from petitions.search import Words, by_mark
from petitions.sources import TEXT

# Petitions looked at one by one: a first bite that a very common word fills, then the rest of the newest.
BITES = (300, 2700)
# Of few petitions all are looked at: for one unit's or one person's own, a word common elsewhere would come out of the
# index a hundred thousand times for nothing.
BITES_OF_FEW = (300, 2700, 9000)
# Months read through the index, stretch by stretch; what is older comes in one more.
STRETCHES = (1, 3, 8, 24)
# Best first ranks this many of the newest hits.
RANKED = 300

NEWEST = Order("registered_at", is_descending=True)

Place = tuple[datetime, int]


@dataclass(frozen=True)
class Hit:
    """A petition found. `rank` says how well (RANKS), 0 where nobody asked for the best."""

    registered_at: datetime
    pk: int
    rank: int = 0

    @property
    def place(self) -> Place:
        return (self.registered_at, self.pk)


@dataclass(frozen=True)
class Findings:
    """One page of hits and the cursor of the next one ("" at the end). `is_cut`: only the newest RANKED were ranked."""

    hits: list[Hit] = field(default_factory=list)
    next: str = ""
    is_cut: bool = False


class Finder:
    """One question of one reader. `condition` are the filters that are set."""

    def __init__(self, phrases: Phrases, who: User | Actor, condition: Q) -> None:
        self.who, self.phrases, self.condition = who, phrases, condition
        self.words = Words.of(phrases, who)

    def newest(self, *, after: Place | None, size: int) -> list[Hit]:
        """The newest `size` hits older than a place."""
        found: set[Place] = set()
        for rows in Petition.objects.parts_within(self.who, "petitions.view"):
            found |= set(self._of_part(rows, after, size))
        found |= set(self._directly(after, size))
        return [Hit(*place) for place in sorted(found, reverse=True)[:size]]

    def _of_part(self, rows: PetitionQuerySet, after: Place | None, size: int) -> list[Place]:
        if not self.phrases:
            return []
        found: list[Place] = []
        edge = after
        for bite in self.bites:
            looked_at = _places(_older(rows, edge), bite)
            if looked_at:
                ids = [pk for _at, pk in looked_at]
                here = Petition.objects.filter(self.condition, self.words.here(), pk__in=ids)
                found += _places(here, size - len(found))
                edge = looked_at[-1]
            if len(looked_at) < bite or len(found) >= size:
                return found
            if self.is_wide and len(found) * sum(BITES) < size * bite:
                # So rare a word does not fill the page from the newest; the index knows where it stands.
                break
        return found + self._of_index(rows, edge, size - len(found)) if edge else found

    def _of_index(self, rows: PetitionQuerySet, edge: Place, size: int) -> list[Place]:
        found: list[Place] = []
        for months in _stretches(edge[0]):
            older = _older(rows, edge).filter(self.condition, self.words.indexed(months))
            found += _places(older.exclude(pk__in=self.words.waiting), size - len(found))
            if len(found) >= size:
                break
        return found

    @property
    def is_wide(self) -> bool:
        """Whether the reader sees a district or more."""
        return Actor.of(self.who).scope_for("petitions.view") in {Scope.CITY, Scope.AREA}

    @property
    def bites(self) -> tuple[int, ...]:
        return BITES if self.is_wide else BITES_OF_FEW

    def _directly(self, after: Place | None, size: int) -> list[Place]:
        """What is found without the index: a number, a person, petitions not taken in yet."""
        found: list[Place] = []
        rows = _older(Petition.objects.visible_to(self.who).filter(self.condition), after)
        asked = by_mark(self.phrases, self.who)
        if self.words.waiting_hits:
            asked.append(Q(pk__in=self.words.waiting_hits))
        for condition in asked:
            found += _places(rows.filter(condition), size)
        return found

    def ranks(self, hits: Sequence[Hit]) -> dict[int, int]:
        """How well each hit fits, from its readable texts; one statement. A number or a person fits best of all."""
        ranks: dict[int, int] = {}
        entries = SearchEntry.objects.filter(self.words.readable, petition_id__in=[hit.pk for hit in hits])
        for pk, kind, text in entries.values_list("petition_id", "kind", "text"):
            ranks[pk] = max(ranks.get(pk, 0), rank_of(self.phrases, kind, text))
        return ranks


# From the best fit down; the words stand with each result.
IN_SUMMARY, TOGETHER, ALL_IN_SUMMARY, ALL_IN_TEXT, ELSEWHERE = 5, 4, 3, 2, 1


def rank_of(phrases: Phrases, kind: str, text: str) -> int:
    """How well one folded text fits: the phrase in the summary, in the text, its words apart; then other sources."""
    if not all(phrase in text for phrase in phrases.wanted):
        return 0
    if kind != TEXT.kind:
        return ELSEWHERE
    summary = text.partition(BORDER)[0]
    if phrases.whole in summary:
        return IN_SUMMARY
    if phrases.whole in text:
        return TOGETHER
    return ALL_IN_SUMMARY if all(phrase in summary for phrase in phrases.wanted) else ALL_IN_TEXT


def find(
    phrases: Phrases, who: User | Actor, *, condition: Q, is_best: bool = False, cursor: str = "", size: int = 20
) -> Findings:
    """One page of what the phrases find for this reader. Nothing for a question without a wanted word."""
    if not phrases.typed or not Actor.of(who).may("petitions.view"):
        return Findings()
    finder = Finder(phrases, who, condition)
    if is_best:
        return _best(finder, cursor, size)
    position = Position.decode(cursor)
    hits = finder.newest(after=(position.value, position.pk) if position else None, size=size + 1)
    more = Position(*hits[size - 1].place).encode() if len(hits) > size else ""
    return Findings(hits[:size], more)


def _best(finder: Finder, cursor: str, size: int) -> Findings:
    newest = finder.newest(after=None, size=RANKED + 1)
    ranks = finder.ranks(newest[:RANKED])
    ranked = [Hit(hit.registered_at, hit.pk, ranks.get(hit.pk, 0)) for hit in newest[:RANKED]]
    ranked.sort(key=lambda hit: (hit.rank, hit.place), reverse=True)
    begin = int(cursor) if cursor.isascii() and cursor.isdigit() else 0
    end = begin + size
    is_cut = len(newest) > RANKED
    return Findings(ranked[begin:end], str(end) if end < len(ranked) else "", is_cut)


def _older(rows: PetitionQuerySet, place: Place | None) -> PetitionQuerySet:
    return rows if place is None else rows.filter(NEWEST.beyond(Position(*place)))


def _places(rows: PetitionQuerySet, size: int) -> list[Place]:
    return list(rows.order_by(*NEWEST.order_by()).values_list("registered_at", "pk")[:size])


def _stretches(newest: datetime) -> Iterator[list[int]]:
    """Stretches of months from this moment back to the first petition, as the index names them; each longer."""
    first = Petition.objects.aggregate(first=Min("registered_at"))["first"]
    if first is None:
        return
    last, begin = month_of(newest), month_of(first)
    for length in (*STRETCHES, last - begin + 1):
        if last < begin:
            return
        yield list(range(max(begin, last - length + 1), last + 1))
        last -= length


def month_of(at: datetime) -> int:
    """A month as SearchEntry counts it: since year 0, in UTC."""
    at = at.astimezone(UTC)
    return at.year * 12 + at.month - 1
