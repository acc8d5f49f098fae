"""What a search finds, as conditions: numbers, blind-indexed names and phones, and Chinese text by bigrams.

The index holds overlapping two-character pieces (petitions/sql.py: search_words); a LIKE on the folded text makes the
answer exact. Petitions not taken in yet are few and are read from their own rows, so nothing is ever missing. Pages of
results, newest or best first, are made by petitions.finding; a list that is narrowed by words uses `search` here.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import and_
from typing import Any

from django.db import connection
from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q, Value

from accounts.actors import Actor
from accounts.models import User
from petitions.crypto import blind_index, normalise
from petitions.indexing import pending
from petitions.models import Petition, Petitioner, SearchEntry
from petitions.phrases import Phrases, tsquery
from petitions.querysets import PetitionQuerySet
from petitions.sources import Readable, all_texts

BRACKETED = re.compile(r"〔(?P<year>\d{4})〕\s*(?P<serial>\d{1,7})")
# More than this many waiting rows (a large file just imported) are searched as soon as they are taken in.
MOST_PENDING = 2000
# The register's index begins with the year; naming them all lets a bare serial use it on every release of PostgreSQL.
EVERY_YEAR = range(2000, 2100)
# A number or a person with more petitions than this (a company in a hundred disputes) is left to the planner.
MOST_MARKED = 500


def by_number(text: str) -> Q | None:
    """The petition meant by 甬信〔2026〕000123号, 2026-000123, 26-000123 or 123; None when it is no number."""
    bracketed = BRACKETED.search(text)
    if bracketed:
        return Q(year=int(bracketed["year"]), serial=int(bracketed["serial"]))
    match = re.fullmatch(r"(?:(\d{4}|\d{2})-)?(\d{1,7})号?", text)
    if not match:
        return None
    year = int(match[1]) if match[1] else 0
    years = [year if year > 100 else 2000 + year] if year else EVERY_YEAR
    return Q(year__in=years, serial=int(match[2]))


NUMBER = re.compile(r"\+?[0-9 ()-]{7,20}|[0-9]{17}[0-9Xx]")


def is_persons_number(text: str) -> bool:
    """Whether the text could be a whole telephone or identity number."""
    return NUMBER.fullmatch(text.strip()) is not None and len(normalise("phone", text)) >= 7


def by_person(text: str, who: User | Actor) -> Q | None:
    """Petitions of the person with exactly this name, phone or identity number, through the blind indexes.

    A search must not tell what the page masks: by name only who may lift the mask finds anybody, and only where they
    may. Who takes matters down (and hears the number from the person) may look a whole number up. Everybody else finds
    petitions by their words and their own numbers. None when nobody may be found by this text.
    """
    actor = Actor.of(who)
    reach, view = actor.scope_for("petitions.reveal"), actor.scope_for("petitions.view")
    may_reveal = actor.is_system or reach is not None
    kinds = [("id", "id_index"), ("phone", "phone_index"), ("name", "name_index")]
    if not may_reveal:
        kinds = kinds[:2] if actor.may("petitions.register") and is_persons_number(text) else []
    found = Q()
    for kind, column in kinds:
        if kind == "phone" and len(normalise("phone", text)) < 7:
            continue
        found |= Q(**{column: blind_index(kind, text)})
    if not found:
        return None
    theirs = Q(pk__in=Petitioner.objects.filter(found).values("petition_id"))
    # The rows are scoped to what may be seen already; a narrower right to lift the mask narrows once more.
    if may_reveal and reach not in {None, view}:
        theirs &= Q(pk__in=Petition.objects.within(actor, "petitions.reveal").values("pk"))
    return theirs


def search(rows: PetitionQuerySet, text: str, who: User | Actor) -> PetitionQuerySet:
    """Narrow `rows` (already scoped by `visible_to`) to what the text finds for this reader: a number, a person, words.

    Several words must all occur. Scope stays inside the query, so no count leaks what may not be seen.
    """
    phrases = Phrases.read(text)
    if not phrases.typed:
        return rows
    words = Words.of(phrases, who)
    found = words.anywhere()
    for other in by_mark(phrases, who):
        found |= other
    return rows.filter(found)


def by_mark(phrases: Phrases, who: User | Actor) -> list[Q]:
    """What the whole text finds besides words: the petition of a number, the petitions of a person."""
    if not phrases.is_plain or not phrases.typed:
        return []
    return [q for q in (by_number(phrases.typed), by_person(phrases.typed, who)) if q is not None]


def few_of(condition: Q) -> Q:
    """A condition that few petitions meet, as their keys: one statement. Who may see them is asked by what it narrows.

    Left as it is, the planner may walk a whole scope newest first, hoping to meet the one petition soon.
    """
    found = list(Petition.objects.filter(condition).values_list("pk", flat=True)[: MOST_MARKED + 1])
    return Q(pk__in=found) if len(found) <= MOST_MARKED else condition


def holds(query: str) -> Func:
    """search_words(text, month) @@ query on SearchEntry, written as its index has it."""
    words = Func(F("text"), F("month"), function="search_words")
    asked = Func(Value(query), template="%(expressions)s::tsquery")
    return Func(words, asked, template="%(expressions)s", arg_joiner=" @@ ", output_field=BooleanField())


@dataclass(frozen=True)
class Words:
    """Phrases as conditions for one reader. `waiting` are petitions whose entries are not what their texts are now."""

    phrases: Phrases
    readable: Q
    waiting: Sequence[int] = ()
    # Those of the waiting in whose own texts every phrase stands.
    waiting_hits: Sequence[int] = field(default=())

    @classmethod
    def of(cls, phrases: Phrases, who: User | Actor) -> "Words":
        """Read what waits to be taken in, one statement, or two when something does."""
        allowed = Readable.to(Actor.of(who))
        waiting = sorted(set(pending(MOST_PENDING)))
        hits = _read_directly(phrases, allowed, waiting) if waiting and phrases else []
        return cls(phrases, allowed.condition(), waiting, hits)

    def entries(self, phrase: str) -> Any:
        """Entries the reader may be told of that hold the phrase."""
        return SearchEntry.objects.filter(self.readable, text__contains=phrase)

    def here(self) -> Q:
        """Each wanted phrase stands in some readable text, looked at petition by petition."""
        found = Q()
        for phrase in self.phrases.wanted:
            found &= Q(Exists(self.entries(phrase).filter(petition_id=OuterRef("pk"))))
        return self._with_waiting(found & self.none_banned())

    def indexed(self, months: Sequence[int] = ()) -> Q:
        """The same through the index, of petitions registered in these months (all when none is given)."""
        sets = [
            self.entries(phrase).filter(holds(tsquery(phrase, months))).order_by().values("petition_id")
            for phrase in self.phrases.wanted
        ]
        if months and len(sets) > 1:
            # Of a few months the phrases' petitions are met as sets: the planner, which knows nothing of the words,
            # would ask the index for the second phrase once for every petition of the first. Of all months a set may
            # be the register, and the list that is narrowed is the smaller side.
            sets = [sets[0].intersection(*sets[1:])]
        return reduce(and_, (Q(pk__in=found) for found in sets), Q()) & self.none_banned()

    def anywhere(self) -> Q:
        """Through the index, whatever waits included."""
        return self._with_waiting(self.indexed()) if self.phrases else Q(pk__in=[])

    def none_banned(self) -> Q:
        """No unwanted phrase stands in a text the reader may open."""
        found = Q()
        for phrase in self.phrases.banned:
            found &= ~Q(Exists(self.entries(phrase).filter(petition_id=OuterRef("pk"))))
        return found

    def _with_waiting(self, found: Q) -> Q:
        if not self.waiting:
            return found
        return (found & ~Q(pk__in=self.waiting)) | Q(pk__in=self.waiting_hits)


def _read_directly(phrases: Phrases, allowed: Readable, ids: Sequence[int]) -> list[int]:
    """Which of these petitions hold every wanted phrase and no banned one, read from the texts themselves."""
    conditions: list[str] = []
    params: dict[str, Any] = {"ids": list(ids), "kinds": list(allowed.kinds)}
    for n, phrase in enumerate(phrases.wanted):
        conditions.append(f"bool_or(position(%(w{n})s IN text) > 0)")
        params[f"w{n}"] = phrase
    for n, phrase in enumerate(phrases.banned):
        conditions.append(f"NOT bool_or(position(%(b{n})s IN text) > 0)")
        params[f"b{n}"] = phrase
    readable = "kind = ANY(%(kinds)s)"
    for n, (kind, parts) in enumerate(allowed.parts(ids).items()):
        readable += f" OR (kind = %(k{n})s AND part = ANY(%(p{n})s))"
        params |= {f"k{n}": kind, f"p{n}": parts}
    sql = (
        f"SELECT petition_id FROM ({all_texts(is_folded=True)}) t WHERE {readable}"  # noqa: S608
        f" GROUP BY petition_id HAVING {' AND '.join(conditions)}"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [row[0] for row in cursor.fetchall()]
