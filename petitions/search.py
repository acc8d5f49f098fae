"""Search of petitions: numbers, blind-indexed names and phones, and Chinese text by bigrams (design/storage.md).

The index is a tsvector of overlapping two-character pieces made in SQL by `bigrams()`; a LIKE recheck makes the answer
exact. Rows not indexed yet are few and are read directly, so nothing is ever missing from an answer.
"""

import re

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.expressions import RawSQL

from accounts.actors import Actor
from accounts.models import User
from petitions.crypto import blind_index, normalise
from petitions.models import Petition, Petitioner
from petitions.querysets import PetitionQuerySet

BRACKETED = re.compile(r"〔(?P<year>\d{4})〕\s*(?P<serial>\d{1,7})")
BATCH = 500


def by_number(text: str) -> Q | None:
    """The petition meant by 甬信〔2026〕000123号, 2026-000123, 26-000123 or 123; None when it is no number."""
    bracketed = BRACKETED.search(text)
    if bracketed:
        return Q(year=int(bracketed["year"]), serial=int(bracketed["serial"]))
    match = re.fullmatch(r"(?:(\d{4}|\d{2})-)?(\d{1,7})号?", text)
    if not match:
        return None
    found = Q(serial=int(match[2]))
    if match[1]:
        year = int(match[1])
        found &= Q(year=year if year > 100 else 2000 + year)
    return found


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
    text = " ".join(text.split())[:200]
    if not text:
        return rows
    found = by_words(text)
    for other in (by_number(text), by_person(text, who)):
        if other is not None:
            found |= other
    return rows.filter(found)


def by_words(text: str) -> Q:
    """All words occur in summary, content, demand or address; exact by a LIKE recheck."""
    every = Q()
    for word in text.split(" "):
        inside = Q(summary__icontains=word) | Q(content__icontains=word) | Q(demand__icontains=word)
        every &= inside | Q(address__icontains=word)
    indexed = RawSQL("SELECT petition_id FROM petitions_searchentry WHERE words @@ bigram_query(%s)", [text])
    return (Q(pk__in=indexed) | Q(is_indexed=False)) & every


def index_pending(limit: int = BATCH) -> int:
    """Take rows into the bigram index, a batch a transaction, until none waits. Returns how many were taken in."""
    total = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                """
                WITH todo AS (
                    SELECT id, summary, content, demand, address FROM petitions_petition
                    WHERE NOT is_indexed ORDER BY id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED
                ), filled AS (
                    INSERT INTO petitions_searchentry (petition_id, words)
                    SELECT id, bigrams(concat_ws(' ', summary, content, demand, address)) FROM todo
                    ON CONFLICT (petition_id) DO UPDATE SET words = EXCLUDED.words
                )
                UPDATE petitions_petition p SET is_indexed = true FROM todo WHERE p.id = todo.id
                """,
                [limit],
            )
            taken = cursor.rowcount
        total += taken
        if taken < limit:
            return total


def rebuild() -> int:
    """Forget the index and make it anew; the search stays exact meanwhile, only slower."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE petitions_petition SET is_indexed = false WHERE is_indexed")
    return index_pending()
