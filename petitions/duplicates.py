"""Who may have raised the same matter before (判重): same person, same matter (domain-facts §1.11). People decide.

Two looks, both inside what the asker may see: the newest petitions of the same person, found through the blind indexes,
and petitions whose words share a run of characters with the text, found through the search index. Likeness of texts is
the share of common bigrams (Jaccard), computed here on those few.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q
from django.db.models.expressions import RawSQL

from accounts.actors import Actor
from accounts.models import User
from petitions.actions import Person
from petitions.crypto import blind_index
from petitions.models import Petition, Petitioner
from petitions.querysets import PetitionQuerySet

SAME_PERSON_LIMIT = 50
SIMILAR_LIMIT = 20
# Below this, two texts about the same kind of thing in different places are as alike as two texts of one matter.
SIMILAR_ENOUGH = 0.25
COMPARED_LENGTH = 1000
RUN_LENGTH = 6
RUNS = 24
_NO_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Candidate:
    """An earlier petition that may be about the same matter."""

    petition: Petition
    # Share of common bigrams, 0–1.
    similarity: float
    is_same_person: bool

    @property
    def percent(self) -> int:
        """The similarity for people."""
        return round(100 * self.similarity)


def bigrams(text: str) -> frozenset[str]:
    """Overlapping pairs of characters, without blanks and punctuation, in lower case."""
    letters = _NO_WORD.sub("", text.lower())[:COMPARED_LENGTH]
    return frozenset(letters[i : i + 2] for i in range(len(letters) - 1))


def similarity(first: frozenset[str], second: frozenset[str]) -> float:
    """Jaccard: common pieces over all pieces; 0 when either side is empty."""
    return len(first & second) / len(first | second) if first and second else 0.0


def runs(text: str) -> list[str]:
    """Up to RUNS pieces of RUN_LENGTH characters spread over the text: what two tellings of one matter share.

    A shorter text is one run; under four characters it says too little to look for.
    """
    words = [word for word in _NO_WORD.split(text.lower()[:COMPARED_LENGTH]) if len(word) >= 4]
    pieces = [w[i : i + RUN_LENGTH] for w in words for i in range(0, max(1, len(w) - RUN_LENGTH + 1), 2)]
    unique = list(dict.fromkeys(pieces))
    step = max(1, len(unique) // RUNS)
    return unique[::step][:RUNS]


def candidates(
    person: Person, text: str, *, who: User | Actor, exclude: int | None = None, limit: int = 5
) -> list[Candidate]:
    """Earlier petitions of the same person or with much the same words that `who` may see, likeliest first."""
    return _ranked(_same_person(person), text, who=who, exclude=exclude, limit=limit)


def candidates_for(petition: Petition, *, who: User | Actor, limit: int = 5) -> list[Candidate]:
    """The same for a registered petition, from its stored blind indexes; nothing is decrypted."""
    found = Q()
    for main in petition.petitioners.only("id_index", "name_index", "phone_index"):
        found |= _by_indexes(main.id_index, main.name_index, main.phone_index)
    text = f"{petition.summary}\n{petition.content}"
    return _ranked(found, text, who=who, exclude=petition.pk, limit=limit)


def _same_person(person: Person) -> Q:
    return _by_indexes(
        blind_index("id", person.id_no), blind_index("name", person.name), blind_index("phone", person.phone)
    )


def _by_indexes(id_index: str, name_index: str, phone_index: str) -> Q:
    # A name alone is no identity, and a telephone may be a family's: name and number together, or the paper.
    found = Q()
    if id_index:
        found |= Q(id_index=id_index)
    if name_index and phone_index:
        found |= Q(name_index=name_index, phone_index=phone_index)
    return found


def _ranked(person: Q, text: str, *, who: User | Actor, exclude: int | None, limit: int) -> list[Candidate]:
    scope = Petition.objects.visible_to(who).order_by("-id")
    if exclude is not None:
        scope = scope.exclude(pk=exclude)
    rows = scope.only("year", "serial", "summary", "content", "state", "is_open", "registered_at", "urgency")
    same: list[Petition] = []
    if person:
        theirs = Petitioner.objects.filter(person).values("petition_id")
        same = list(rows.filter(pk__in=theirs)[:SAME_PERSON_LIMIT])
    known = {petition.pk for petition in same}
    alike = [petition for petition in _with_words(rows, text) if petition.pk not in known]
    pieces = bigrams(text)
    found = [_judge(p, pieces, is_same_person=True) for p in same]
    strangers = [_judge(p, pieces, is_same_person=False) for p in alike]
    found += [candidate for candidate in strangers if candidate.similarity >= SIMILAR_ENOUGH]
    return sorted(found, key=_rank, reverse=True)[:limit]


def _judge(petition: Petition, pieces: frozenset[str], *, is_same_person: bool) -> Candidate:
    # A telling may repeat the summary or only the content: the better fit counts.
    texts = (petition.summary, petition.content, f"{petition.summary}\n{petition.content}")
    return Candidate(petition, max(similarity(pieces, bigrams(text)) for text in texts), is_same_person)


def _rank(candidate: Candidate) -> tuple[float, int]:
    # The rule is "same person AND same matter": being the same person weighs as much as half the words.
    return (candidate.similarity + (0.5 if candidate.is_same_person else 0.0), candidate.petition.pk)


def _with_words(rows: PetitionQuerySet, text: str) -> Iterable[Petition]:
    pieces = runs(text)
    if not pieces:
        return []
    query = " || ".join(["bigram_query(%s)"] * len(pieces))
    sql = f"SELECT petition_id FROM petitions_searchentry WHERE words @@ ({query})"  # noqa: S608 - only placeholders
    indexed = RawSQL(sql, pieces)  # noqa: S611 - the words are parameters
    return rows.filter(pk__in=indexed)[:SIMILAR_LIMIT]
