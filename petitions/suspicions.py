"""Suspected repeats: what comes in is compared with earlier petitions of the same people, and a person is asked.

Runs in the transaction of the registration with two statements for any number of petitions, three when it finds some.
It looks at everything, whoever registers; who is shown a suspicion is asked by `visible_to` when it is read.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from petitions.actions import SUSPICIONS
from petitions.duplicates import bigrams, marked_like, text_likeness
from petitions.likeness import IDENTITY, Known, identity_of, likeness
from petitions.models import Petition, Petitioner, RepeatSuggestion

# Earlier petitions looked at for each new one, and suspicions kept of them.
LOOKED_AT = 50
KEPT = 3


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
    theirs = marked_like(everybody, LOOKED_AT * len(by_petition) + len(everybody))
    if len(fresh) == 1 and not set(theirs) - set(fresh):
        return
    earlier = Petition.objects.filter(pk__in=theirs, is_restricted=False).only(
        "summary", "content", "content_class", "area", "district"
    )
    rows = {row.pk: row for row in earlier}
    shelves = _shelves(theirs)
    found: list[RepeatSuggestion] = []
    for pk, group in by_petition.items():
        ids = {other for person in group for mark in _marks(person) for other in shelves.get(mark, ()) if other < pk}
        found += _judge(fresh[pk], group, [rows[other] for other in sorted(ids) if other in rows], theirs, at)
    RepeatSuggestion.objects.bulk_create(found, ignore_conflicts=True)


def _marks(person: Known) -> list[tuple[str, str]]:
    names = ("id_index", "phone_index", "home_index")
    return [(name, getattr(person, name)) for name in names if getattr(person, name)]


def _shelves(theirs: dict[int, list[Petitioner]]) -> dict[tuple[str, str], set[int]]:
    """Petitions by what identifies their people, so that a file of thousands is not compared each with each."""
    found: dict[tuple[str, str], set[int]] = {}
    for pk, people in theirs.items():
        for person in people:
            for mark in _marks(person):
                found.setdefault(mark, set()).add(pk)
    return found


def _judge(
    petition: Petition,
    people: Sequence[Petitioner],
    earlier: Iterable[Petition],
    theirs: dict[int, list[Petitioner]],
    at: datetime,
) -> list[RepeatSuggestion]:
    pieces = bigrams(f"{petition.summary}\n{petition.content}")
    found = []
    for other in earlier:
        ways = {identity_of(people, person) for person in theirs[other.pk]}
        identity = next((key for key in IDENTITY if key in ways), "")
        if not identity:
            continue
        alike = likeness(identity, text_likeness(other, pieces), petition, other)
        if alike.is_suspicious:
            found.append(
                RepeatSuggestion(petition=petition, earlier=other, score=alike.percent, terms=alike.terms, found_at=at)
            )
    return sorted(found, key=lambda row: row.score, reverse=True)[:KEPT]


SUSPICIONS.append(suspect)
