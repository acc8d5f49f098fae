"""Who may have raised the same matter before (判重): same person, same matter (domain-facts §1.11). People decide.

Two looks, both inside what the asker may see: the newest petitions of the same person, found through the blind indexes,
and petitions whose words share a run of characters with the text, found through the search index. Likeness of texts is
the share of common bigrams (Jaccard), computed here on those few; petitions.likeness makes the score.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Q

from accounts.actors import Actor
from accounts.models import User
from petitions.actions import Person
from petitions.likeness import IDENTITY, Known, Likeness, Marks, Matter, identity_of, indexes, likeness
from petitions.models import Petition, Petitioner, SearchEntry
from petitions.phrases import fold, tsquery
from petitions.querysets import PetitionQuerySet
from petitions.search import holds
from petitions.sources import TEXT

SAME_PERSON_LIMIT = 50
SIMILAR_LIMIT = 20
ACCUSED_LOOKED_AT = 200
# Below this, two texts about the same kind of thing in different places are as alike as two texts of one matter
# (docs/repeats.md: 0.76 of one person's pairs and 0.95 of two persons' pairs above it are one matter).
SIMILAR_ENOUGH = 0.2
COMPARED_LENGTH = 1000
RUN_LENGTH = 6
RUNS = 24
_NO_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Candidate:
    """An earlier petition that may be about the same matter, with the terms that speak for it."""

    petition: Petition
    likeness: Likeness

    @property
    def similarity(self) -> float:
        """Share of common bigrams, 0–1."""
        return self.likeness.text

    @property
    def is_same_person(self) -> bool:
        return self.likeness.is_same_person

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
    words = [fold(word) for word in _NO_WORD.split(text[:COMPARED_LENGTH]) if len(word) >= 4]
    pieces = [w[i : i + RUN_LENGTH] for w in words for i in range(0, max(1, len(w) - RUN_LENGTH + 1), 2)]
    unique = list(dict.fromkeys(pieces))
    step = max(1, len(unique) // RUNS)
    return unique[::step][:RUNS]


def candidates(
    person: Person,
    text: str,
    *,
    who: User | Actor,
    matter: Matter | None = None,
    exclude: int | None = None,
    limit: int = 5,
) -> list[Candidate]:
    """Earlier petitions of the same person or with much the same words that `who` may see, likeliest first."""
    return _ranked([Marks.typed(person)], text, who=who, matter=matter, exclude=exclude, limit=limit)


def candidates_for(petition: Petition, *, who: User | Actor, limit: int = 5) -> list[Candidate]:
    """The same for a registered petition, from its stored blind indexes; nothing is decrypted. All signers count."""
    text = f"{petition.summary}\n{petition.content}"
    accused = accused_alike(petition, who)
    people = people_of(petition)
    return _ranked(people, text, who=who, matter=petition, exclude=petition.pk, limit=limit, accused=accused)


def people_of(petition: Petition) -> list[Petitioner]:
    """Everybody who signs and has not withdrawn, with the blind indexes only."""
    signing = petition.petitioners.filter(withdrawn_at=None)
    return list(signing.only("id_index", "name_index", "phone_index", "home_index"))


def accused_alike(petition: Petition, who: User | Actor) -> set[int]:
    """Earlier anonymous accusations of the same unit or person (domain-facts §1.11), among those named persons read.

    The names of who is complained of are encrypted without an index: the newest few are read and compared.
    """
    if not (petition.is_restricted and petition.is_anonymous):
        return set()
    scope = Petition.objects.visible_to(who).filter(is_restricted=True, is_anonymous=True).exclude(pk=petition.pk)
    newest = scope.only("respondent", "respondent_unit").order_by("-id")[:ACCUSED_LOOKED_AT]
    name = _NO_WORD.sub("", petition.respondent)
    return {
        other.pk
        for other in newest
        if (name and name == _NO_WORD.sub("", other.respondent))
        or (not name and petition.respondent_unit_id and petition.respondent_unit_id == other.respondent_unit_id)
    }


def same_person(people: Sequence[Known]) -> Q:
    """Petitioners who are one of these people for certain: the paper, or the name with phone or home address."""
    found = Q(pk__in=[])
    if papers := indexes(people, "id_index"):
        found |= Q(id_index__in=papers)
    if homes := indexes(people, "home_index"):
        found |= Q(home_index__in=homes)
    for one in people:
        if one.name_index and one.phone_index:
            found |= Q(name_index=one.name_index, phone_index=one.phone_index)
    return found


def _any_mark(people: Sequence[Known]) -> Q:
    found = Q(pk__in=[])
    for name in ("id_index", "phone_index", "home_index"):
        if values := indexes(people, name):
            found |= Q(**{f"{name}__in": values})
    return found


def marked_like(people: Sequence[Known], limit: int) -> dict[int, list[Petitioner]]:
    """Stored petitioners who share paper, phone or home with one of these, the newest first, by petition."""
    columns = ("petition_id", "id_index", "name_index", "phone_index", "home_index")
    found: dict[int, list[Petitioner]] = {}
    signing = Petitioner.objects.filter(_any_mark(people), withdrawn_at=None)
    for row in signing.only(*columns).order_by("-petition_id")[:limit]:
        found.setdefault(row.petition_id, []).append(row)
    return found


# By hand: each mark's newest rows by its own index, however many letters one person has sent.
NEWEST_OF_MARK = """
(SELECT p.petition_id, p.id_index, p.name_index, p.phone_index, p.home_index
FROM unnest(%s::varchar[]) AS mark(value) CROSS JOIN LATERAL (
    SELECT petition_id, id_index, name_index, phone_index, home_index FROM petitions_petitioner
    WHERE {column} = mark.value AND {column} <> '' AND withdrawn_at IS NULL AND petition_id < %s
    ORDER BY petition_id DESC LIMIT %s) p)
"""
NEWEST_LIKE = " UNION ".join(NEWEST_OF_MARK.format(column=name) for name in ("id_index", "phone_index", "home_index"))


def newest_like(people: Sequence[Known], *, before: int, limit: int) -> dict[int, list[Known]]:
    """Stored petitioners of petitions before that key who share a mark with one of these: `limit` for each mark."""
    params: list[Any] = []
    for name in ("id_index", "phone_index", "home_index"):
        params += [indexes(people, name), before, limit]
    found: dict[int, list[Known]] = {}
    with connection.cursor() as cursor:
        cursor.execute(NEWEST_LIKE, params)
        for petition, paper, name, phone, home in cursor.fetchall():
            found.setdefault(petition, []).append(Marks(paper, name, phone, home))
    return found


def _ranked(
    people: Sequence[Known],
    text: str,
    *,
    who: User | Actor,
    matter: Matter | None,
    exclude: int | None,
    limit: int,
    accused: Collection[int] = (),
) -> list[Candidate]:
    scope = Petition.objects.visible_to(who).order_by("-id")
    if exclude is not None:
        scope = scope.exclude(pk=exclude)
    rows = scope.only(
        *("year", "serial", "summary", "content", "state", "is_open", "registered_at", "urgency"),
        *("content_class", "area", "district", "recurrence"),
    )
    theirs = marked_like(people, SAME_PERSON_LIMIT)
    known = list(rows.filter(pk__in={*theirs, *accused})) if theirs or accused else []
    ids = {petition.pk for petition in known}
    alike = [petition for petition in _with_words(rows, text) if petition.pk not in ids]
    pieces = bigrams(text)
    found = []
    for petition in [*known, *alike]:
        ways = {identity_of(people, person) for person in theirs.get(petition.pk, [])}
        ways |= {"accused"} if petition.pk in accused else set()
        identity = next((key for key in IDENTITY if key in ways), "")
        found.append(Candidate(petition, likeness(identity, text_likeness(petition, pieces), matter, petition)))
    kept = [c for c in found if c.is_same_person or c.similarity >= SIMILAR_ENOUGH]
    return sorted(kept, key=_rank, reverse=True)[:limit]


def tellings(summary: str, content: str) -> list[frozenset[str]]:
    """The pieces of a petition's words: a telling may repeat the summary or only the content, the better fit counts."""
    return [bigrams(text) for text in (summary, content, f"{summary}\n{content}")]


def text_likeness(petition: Petition, pieces: frozenset[str]) -> float:
    """How alike a petition's words are to these pieces, 0–1."""
    return max(similarity(pieces, told) for told in tellings(petition.summary, petition.content))


def _rank(candidate: Candidate) -> tuple[float, float, int]:
    # The rule is "same person AND same matter": being the same person weighs as much as half the words.
    half = candidate.similarity + (0.5 if candidate.is_same_person else 0.0)
    return (half, candidate.likeness.score, candidate.petition.pk)


def _with_words(rows: PetitionQuerySet, text: str) -> Iterable[Petition]:
    pieces = runs(text)
    if not pieces:
        return []
    query = " | ".join(f"({tsquery(piece)})" for piece in pieces)
    entries = SearchEntry.objects.filter(holds(query), kind=TEXT.kind)
    return rows.filter(pk__in=entries.values("petition_id"))[:SIMILAR_LIMIT]
