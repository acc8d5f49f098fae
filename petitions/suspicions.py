"""Suspected repeats: what comes in is compared with earlier petitions of the same people, and a person is asked.

Runs in the transaction of the registration with one statement for any number of petitions, four at most when it finds
some. It looks at everything, whoever registers; who is shown a suspicion is asked by `visible_to` when it is read.

One person may have sent thousands of letters, or a table hold nothing but theirs: each new matter is compared with the
newest LOOKED_AT of the same people, so that the work grows with the table and not with its square.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from petitions.actions import SUSPICIONS
from petitions.duplicates import bigrams, newest_like, similarity, tellings
from petitions.inserts import insert
from petitions.likeness import IDENTITY, Known, Likeness, identity_of, likeness
from petitions.models import Petition, Petitioner, RepeatSuggestion

# Earlier petitions looked at for each new one, the newest first, and suspicions kept of them.
LOOKED_AT = 50
KEPT = 3


class Told(NamedTuple):
    """What an earlier matter is compared by."""

    pk: int
    summary: str
    content: str
    content_class_id: int
    area_id: int
    district_id: int


# By hand: this runs at nearly every registration of somebody who has written before.
EARLIER = """
SELECT id, summary, content, content_class_id, area_id, district_id FROM petitions_petition
WHERE id = ANY(%s) AND NOT is_restricted
"""


class Pieces:
    """The pieces of the earlier matters' words, cut once for all that are compared with them."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], list[frozenset[str]]] = {}

    def likeness(self, told: Told | Petition, mine: frozenset[str]) -> float:
        """How alike its words are to these, 0–1."""
        words = (told.summary, told.content)
        if words not in self._known:
            self._known[words] = tellings(*words)
        return max(similarity(mine, pieces) for pieces in self._known[words])


def suspect(petitions: Sequence[Petition], people: Sequence[Petitioner], at: datetime) -> None:
    """Store what is likely to have been raised before. Class A is left alone: named persons compare it by hand."""
    fresh = {p.pk: p for p in petitions if not p.is_restricted}
    by_petition: dict[int, list[Petitioner]] = {}
    for person in people:
        if person.petition_id in fresh:
            by_petition.setdefault(person.petition_id, []).append(person)
    if not by_petition:
        return
    everybody = [person for group in by_petition.values() for person in group]
    theirs = newest_like(everybody, before=min(by_petition), limit=LOOKED_AT)
    for person in everybody:
        theirs.setdefault(person.petition_id, []).append(person)
    shelves = _shelves(theirs)
    looks = {pk: looked for pk, group in by_petition.items() if (looked := _newest(pk, group, shelves))}
    if not looks:
        return
    rows: dict[int, Told | Petition] = {
        **fresh,
        **_earlier({pk for looked in looks.values() for pk in looked} - set(fresh)),
    }
    found: list[RepeatSuggestion] = []
    pieces = Pieces()
    for pk, looked in looks.items():
        earlier = [rows[other] for other in looked if other in rows]
        found += _judge(fresh[pk], by_petition[pk], earlier, theirs, pieces, at)
    insert(found)


def _newest(pk: int, group: Sequence[Known], shelves: dict[tuple[str, str], list[int]]) -> list[int]:
    """The newest petitions before this one that share a mark with its people."""
    found: set[int] = set()
    for mark in {mark for person in group for mark in _marks(person)}:
        shelf = shelves[mark]
        end = bisect_left(shelf, pk)
        found.update(shelf[max(0, end - LOOKED_AT) : end])
    return sorted(found, reverse=True)[:LOOKED_AT]


def _earlier(ids: set[int]) -> dict[int, Told]:
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(EARLIER, [list(ids)])
        return {row[0]: Told(*row) for row in cursor.fetchall()}


def _marks(person: Known) -> list[tuple[str, str]]:
    names = ("id_index", "phone_index", "home_index")
    return [(name, getattr(person, name)) for name in names if getattr(person, name)]


def _shelves(theirs: dict[int, list[Known]]) -> dict[tuple[str, str], list[int]]:
    """Petitions in their order by what identifies their people, so that each is not compared with each."""
    found: dict[tuple[str, str], list[int]] = {}
    for pk in sorted(theirs):
        for mark in {mark for person in theirs[pk] for mark in _marks(person)}:
            found.setdefault(mark, []).append(pk)
    return found


def _judge(
    petition: Petition,
    people: Sequence[Petitioner],
    earlier: Iterable[Told | Petition],
    theirs: dict[int, list[Known]],
    pieces: Pieces,
    at: datetime,
) -> list[RepeatSuggestion]:
    mine = bigrams(f"{petition.summary}\n{petition.content}")
    found: list[tuple[int, Likeness]] = []
    for other in earlier:
        ways = {identity_of(people, person) for person in theirs[other.pk]}
        identity = next((key for key in IDENTITY if key in ways), "")
        if not identity:
            continue
        alike = likeness(identity, pieces.likeness(other, mine), petition, other)
        if alike.is_suspicious:
            found.append((other.pk, alike))
    best = sorted(found, key=lambda pair: pair[1].percent, reverse=True)[:KEPT]
    return [
        RepeatSuggestion(petition=petition, earlier_id=pk, score=alike.percent, terms=alike.terms, found_at=at)
        for pk, alike in best
    ]


SUSPICIONS.append(suspect)
