"""What the search looks through: one row per kind of text, with the SQL that reads it and who may be told of a hit.

A hit in a text the reader may not open would tell what stands there, so each source says who reads it. Later rooms add
theirs from `ready()`, and a trigger `search_pend()` on their table (petitions/sql.py), so that changes are noticed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.actors import Actor
from petitions.models import RecordEntry

# All, none, or the rows of the source an actor may be told of.
Readers = Callable[[Actor], "bool | QuerySet[Any]"]


def everybody(actor: Actor) -> bool:
    """Whoever may see the petition."""
    return True


def staff(actor: Actor) -> bool:
    """Persons of the office and its units: not a citizen, and no other system, which is not given these texts."""
    return actor.is_system or actor.user is not None


def record_readers(actor: Actor) -> "bool | QuerySet[Any]":
    """Who may open an entry of the record book may find it."""
    return actor.is_system or (actor.user is not None and RecordEntry.objects.visible_to(actor.user))


@dataclass(frozen=True)
class Source:
    """A kind of text of a petition.

    `sql` selects petition_id, part, text for the petitions of the parameter `ids`. `reader` says of which entries an
    actor may be told, among petitions they see: of all, of none, or of those whose `part` is a row of the queryset.
    """

    kind: str
    label: Promise
    icon: str
    sql: str
    reader: Readers = everybody


SOURCES: dict[str, Source] = {}


def register_source(source: Source) -> Source:
    """Make a kind of text searchable. The names are those of SearchEntry.kind."""
    SOURCES[source.kind] = source
    return source


TEXT = register_source(
    Source(
        "text",
        _("Petition"),
        "file-text",
        "SELECT id, 0::bigint, concat_ws(E'\\x1f', nullif(summary, ''), nullif(demand, ''), nullif(address, ''),"
        " nullif(content, '')) FROM petitions_petition WHERE id = ANY(%(ids)s)",
    )
)
REPLY = register_source(
    Source(
        "reply",
        _("Reply"),
        "message-circle-reply",
        "SELECT id, 0::bigint, reply_text FROM petitions_petition WHERE id = ANY(%(ids)s) AND reply_text <> ''",
    )
)
# The reply is a source of its own; its event holds the same words.
NOTES = register_source(
    Source(
        "notes",
        _("Course and notes"),
        "history",
        "SELECT e.petition_id, 0::bigint, string_agg(w.text, E'\\x1f' ORDER BY e.seq) FROM petitions_event e"
        " JOIN petitions_eventtext w ON w.event_id = e.id WHERE e.petition_id = ANY(%(ids)s)"
        " AND e.kind NOT IN ('reply', 'answer_at_once') GROUP BY e.petition_id",
        staff,
    )
)
FILES = register_source(
    Source(
        "files",
        _("File name"),
        "paperclip",
        "SELECT petition_id, 0::bigint, string_agg(name, E'\\x1f' ORDER BY id) FROM petitions_attachment"
        " WHERE petition_id = ANY(%(ids)s) GROUP BY petition_id",
        staff,
    )
)


DOCUMENTS = register_source(
    Source(
        "documents",
        _("Document"),
        "stamp",
        "SELECT petition_id, id, concat_ws(E'\\x1f', nullif(title, ''), nullif(number, '')) FROM petitions_document"
        " WHERE petition_id = ANY(%(ids)s)",
        staff,
    )
)
RECORDS = register_source(
    Source(
        "records",
        _("Record book"),
        "notebook-pen",
        "SELECT petition_id, id, btrim(concat_ws(E'\\x1f', cause, facts_found, progress, demand_change,"
        " sticking_point, promise, next_step, public_line, place), E'\\x1f')"
        " FROM petitions_recordentry WHERE petition_id = ANY(%(ids)s)",
        record_readers,
    )
)


@dataclass(frozen=True)
class Readable:
    """What one actor may be told of: whole kinds, and of other kinds some rows."""

    kinds: Sequence[str]
    some: Mapping[str, "QuerySet[Any]"]

    @classmethod
    def to(cls, actor: Actor) -> "Readable":
        """Ask every source."""
        answers = {source.kind: source.reader(actor) for source in SOURCES.values()}
        some = {kind: rows for kind, rows in answers.items() if isinstance(rows, QuerySet)}
        return cls([kind for kind, answer in answers.items() if answer is True], some)

    def condition(self) -> Q:
        """As a condition on SearchEntry."""
        found = Q(kind__in=self.kinds)
        for kind, rows in self.some.items():
            # Asked row by row: the whole record book of a city is no set to be made for each question.
            found |= Q(kind=kind) & Q(Exists(rows.filter(pk=OuterRef("part"))))
        return found

    def parts(self, petition_ids: Sequence[int]) -> dict[str, list[int]]:
        """The rows of the other kinds for a few petitions."""
        of_these = {"petition__in": list(petition_ids)}
        return {kind: list(rows.filter(**of_these).values_list("pk", flat=True)) for kind, rows in self.some.items()}


def all_texts(*, is_folded: bool) -> str:
    """SQL for (petition_id, kind, part, text) of the petitions `ids`, from the sources themselves."""
    text = "search_fold(text)" if is_folded else "text"
    parts = [
        f"SELECT petition_id, '{source.kind}' AS kind, part, {text} AS text"  # noqa: S608 - the table above
        f" FROM ({source.sql}) AS {source.kind}(petition_id, part, text)"
        for source in SOURCES.values()
    ]
    return " UNION ALL ".join(parts)


@dataclass(frozen=True)
class Text:
    """One text as it was written."""

    kind: str
    part: int
    text: str


def texts_of(ids: Sequence[int]) -> dict[int, list[Text]]:
    """The texts of a few petitions as people wrote them, for showing where a hit stands. Who may read is not asked."""
    found: dict[int, list[Text]] = {pk: [] for pk in ids}
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(all_texts(is_folded=False), {"ids": list(ids)})
            for pk, kind, part, text in cursor.fetchall():
                found[pk].append(Text(kind, part, text))
    return found
