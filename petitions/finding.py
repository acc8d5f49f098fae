"""Pages of search results: what a person may see and the words find, newest or best first.

A common word has hundreds of thousands of hits and a rare one a handful, and nobody knows which before asking. So the
newest petitions of the reader's scope are looked at one by one; a common word has filled the page then. Whoever is left
goes through the index, in stretches of months, newest first, until the page is full or its time is over: then the page
says how far back it has looked, and the next one goes on from there (docs/adr/0040).
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import Min, Q
from psycopg2.errors import QueryCanceled

from accounts.actors import Actor
from accounts.models import User
from accounts.roles import Scope
from petitions.models import Petition, SearchEntry
from petitions.paging import Order, Position
from petitions.phrases import BORDER, Phrases
from petitions.querysets import PetitionQuerySet
from petitions.search import Words, by_mark, few_of
from petitions.sources import TEXT

# Petitions looked at one by one: first a few, which say how common the word is, then as many as should fill the page.
FIRST_BITE, MOST_BITTEN = 100, 3000
# Of few petitions all are looked at: for one unit's or one person's own, a word common elsewhere would come out of the
# index a hundred thousand times for nothing.
MOST_OF_FEW = 12_000
# Of few, so many are fetched at once: the set of what a unit may see is made anew by each statement.
AHEAD = 1000
# Seconds one page may look for, all parts of it together; ranking the best takes a share of its own. A bite or a
# stretch is begun only if it should end in time, judged by the last one; all but the first bite are stopped when it is
# over, the first stretch a little later (FIRST_PAGE).
BUDGET, BUDGET_OF_BEST = 0.030, 0.018
# Seconds the first stretch has at least: few on the first page; on a further one, for which the reader has asked, as
# many as a month of the commonest words needs, so that every step leads further back.
FIRST_PAGE, FURTHER_PAGE = 0.02, 10.0
# The first stretch, in months, and how much longer the next may be than the one before.
FIRST_STRETCH, GROWTH = 1, 12
# Best first ranks this many of the newest hits.
RANKED = 100

NEWEST = Order("registered_at", is_descending=True)

Place = tuple[datetime, int]
# No petition's key is as large: a place with it stands before all of its moment.
BEYOND_ALL = 2**62


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
    """One page of hits and the cursor of the next one ("" at the end). `is_cut`: only the newest RANKED were ranked.

    `back_to`: its time was over at petitions registered then; older ones are looked for by `further`. `readable` are
    the texts its reader may be told of, as a condition on SearchEntry.
    """

    hits: list[Hit] = field(default_factory=list)
    next: str = ""
    is_cut: bool = False
    back_to: datetime | None = None
    further: str = ""
    readable: Q = field(default_factory=Q)


@dataclass(frozen=True)
class Look:
    """The newest hits that were found, complete down to `edge` and with it; None: down to the first petition."""

    hits: list[Hit]
    edge: Place | None = None


class Finder:
    """One question of one reader. `condition` are the filters that are set, `budget` the seconds a page may look for.

    `clock` tells seconds that pass.
    """

    def __init__(
        self,
        phrases: Phrases,
        who: User | Actor,
        condition: Q,
        *,
        budget: float,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.who, self.phrases, self.condition, self.clock = who, phrases, condition, clock
        self.until = clock() + budget
        self.patience = FIRST_PAGE
        self.words = Words.of(phrases, who)

    def newest(self, *, after: Place | None, size: int) -> Look:
        """The newest `size` hits older than a place, or those that were found in time."""
        self.patience = FURTHER_PAGE if after else FIRST_PAGE
        found: set[Place] = set()
        edges: list[Place] = []
        for n, rows in enumerate(Petition.objects.parts_within(self.who, "petitions.view")):
            # A district is wide; what its offices handle elsewhere is few.
            places, edge = self._of_part(rows, after, size, is_wide=self.is_wide and not n)
            found |= set(places)
            edges += [edge] if edge else []
        found |= set(self._directly(after, size))
        # What one part has found beyond the other's edge may not be the next in line.
        edge = max(edges, default=None)
        hits = [Hit(*place) for place in sorted(found, reverse=True) if edge is None or place >= edge]
        return Look(hits[:size], edge if len(hits) < size else None)

    def _of_part(
        self, rows: PetitionQuerySet, after: Place | None, size: int, *, is_wide: bool
    ) -> tuple[list[Place], Place | None]:
        """Hits among these rows, and how far they are complete where the time was over."""
        if not self.phrases:
            return [], None
        found: list[Place] = []
        walk = Walk(rows, after, 0 if is_wide else AHEAD)
        edge, bite, bitten = after, FIRST_BITE, 0
        while bite:
            before = self.clock()
            looked_at = walk.take(bite)
            if looked_at:
                ids = [pk for _at, pk in looked_at]
                here = Petition.objects.filter(self.condition, self.words.here(), pk__in=ids)
                # The first bite is small and may take its time: so each page goes further than the one before it.
                hits = self._in_time(here, size - len(found)) if bitten else _places(here, size)
                if hits is None:
                    return found, edge
                found += hits
                edge = looked_at[-1]
            if len(looked_at) < bite or len(found) >= size:
                return found, None
            bitten += bite
            wanted = self._next_bite(len(found), size, bitten, is_wide=is_wide)
            affordable = self._affordable(bite, self.clock() - before)
            if affordable < FIRST_BITE and (wanted or not is_wide):
                # The next page bites on: the index would hand over all hits of a common word, and it knows no units.
                return found, edge
            bite = min(wanted, max(affordable, 0))
        if edge is None:
            return found, None
        places, edge = self._of_index(rows, edge, size - len(found))
        return found + places, edge

    def _of_index(self, rows: PetitionQuerySet, edge: Place, size: int) -> tuple[list[Place], Place | None]:
        found: list[Place] = []
        first = Petition.objects.aggregate(first=Min("registered_at"))["first"]
        last, begin, length = month_of(edge[0]), month_of(first or edge[0]), FIRST_STRETCH
        while last >= begin:
            before = self.clock()
            oldest = max(begin, last - length + 1)
            older = _older(rows, edge).filter(self.condition, self.words.indexed(range(oldest, last + 1)))
            least = self.patience if last == month_of(edge[0]) else 0
            hits = self._in_time(older.exclude(pk__in=self.words.waiting), size - len(found), least)
            if hits is None:
                return found, min(edge, _end_of(last))
            found += hits
            if len(found) >= size:
                return found, None
            last = oldest - 1
            # As many months more as should end in time, by what a month has just taken.
            affordable = self._affordable(length, self.clock() - before)
            if affordable <= 0 and last >= begin:
                return found, _end_of(last)
            length = max(1, min(length * GROWTH, affordable))
        return found, None

    def _in_time(self, rows: PetitionQuerySet, size: int, least: float = 0) -> list[Place] | None:
        """The newest places of these rows; None where the time was over before the database had them.

        The time is what is left of the budget, and not less than `least` seconds.
        """
        milliseconds = int(max(self.until - self.clock(), least) * 1000)
        if milliseconds <= 0:
            return None
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(milliseconds)])
                found = _places(rows, size)
                # Inside another transaction the setting would outlive this block.
                cursor.execute("SET LOCAL statement_timeout TO DEFAULT")
                return found
        except OperationalError as error:
            if isinstance(error.__cause__, QueryCanceled):
                return None
            raise

    def _affordable(self, count: int, seconds: float) -> int:
        """How many more should be looked at in time, when `count` of them have just taken so long."""
        return int((self.until - self.clock()) * count / max(seconds, 0.0001))

    @property
    def is_wide(self) -> bool:
        """Whether the reader sees a district or more."""
        return Actor.of(self.who).scope_for("petitions.view") in {Scope.CITY, Scope.AREA}

    def _next_bite(self, found: int, size: int, bitten: int, *, is_wide: bool) -> int:
        """How many more to look at one by one; 0 for a word so rare that the index knows better where it stands."""
        most = MOST_BITTEN if is_wide else MOST_OF_FEW
        if is_wide and found * most < size * bitten:
            return 0
        wanted = (size - found) * bitten * 4 // (3 * max(found, 1))
        return min(most - bitten, max(wanted, FIRST_BITE))

    def _directly(self, after: Place | None, size: int) -> list[Place]:
        """What is found without the index: a number, a person, petitions not taken in yet."""
        found: list[Place] = []
        rows = _older(Petition.objects.visible_to(self.who).filter(self.condition), after)
        asked = [few_of(mark) for mark in by_mark(self.phrases, self.who)]
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
    finder = Finder(phrases, who, condition, budget=BUDGET_OF_BEST if is_best else BUDGET)
    if is_best:
        return _best(finder, cursor, size)
    position = Position.decode(cursor)
    look = finder.newest(after=(position.value, position.pk) if position else None, size=size + 1)
    more = Position(*look.hits[size - 1].place).encode() if len(look.hits) > size else ""
    return Findings(look.hits[:size], more, readable=finder.words.readable, **_further(look))


def _further(look: Look) -> dict[str, Any]:
    return {"back_to": look.edge[0], "further": Position(*look.edge).encode()} if look.edge else {}


def _best(finder: Finder, cursor: str, size: int) -> Findings:
    look = finder.newest(after=None, size=RANKED + 1)
    newest = look.hits
    ranks = finder.ranks(newest[:RANKED])
    ranked = [Hit(hit.registered_at, hit.pk, ranks.get(hit.pk, 0)) for hit in newest[:RANKED]]
    ranked.sort(key=lambda hit: (hit.rank, hit.place), reverse=True)
    begin = int(cursor) if cursor.isascii() and cursor.isdigit() else 0
    end = begin + size
    is_cut = len(newest) > RANKED
    # Older hits can only be reached newest first: a rank among what was never looked at is none.
    following = str(end) if end < len(ranked) else ""
    return Findings(ranked[begin:end], following, is_cut, readable=finder.words.readable, **_further(look))


def _older(rows: PetitionQuerySet, place: Place | None) -> PetitionQuerySet:
    return rows if place is None else rows.filter(NEWEST.beyond(Position(*place)))


def _places(rows: PetitionQuerySet, size: int) -> list[Place]:
    return list(rows.order_by(*NEWEST.order_by()).values_list("registered_at", "pk")[:size])


class Walk:
    """Places of these rows, newest first. `ahead`: so many are fetched at once, where each statement is dear."""

    def __init__(self, rows: PetitionQuerySet, after: Place | None, ahead: int) -> None:
        self.rows, self.last, self.ahead = rows, after, ahead
        self.fetched: list[Place] = []
        self.is_over = False

    def take(self, count: int) -> list[Place]:
        """The next `count`, fewer at the end."""
        while len(self.fetched) < count and not self.is_over:
            wanted = max(count - len(self.fetched), self.ahead)
            places = _places(_older(self.rows, self.last), wanted)
            self.is_over = len(places) < wanted
            self.last = places[-1] if places else self.last
            self.fetched += places
        taken, self.fetched = self.fetched[:count], self.fetched[count:]
        return taken


def _end_of(month: int) -> Place:
    """The place just after all petitions of a month: where looking goes on."""
    begin_of_next = datetime((month + 1) // 12, (month + 1) % 12 + 1, 1, tzinfo=UTC)
    return begin_of_next - timedelta(microseconds=1), BEYOND_ALL


def month_of(at: datetime) -> int:
    """A month as SearchEntry counts it: since year 0, in UTC."""
    at = at.astimezone(UTC)
    return at.year * 12 + at.month - 1
