"""What the search looks through: one row per kind of text, with the SQL that reads it and who may be told of a hit.

A hit in a text the reader may not open would tell what stands there, so each source says who reads it. Later rooms add
theirs from `ready()`, and a trigger `search_pend()` on their table (petitions/sql.py), so that changes are noticed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.actors import Actor


def everybody(actor: Actor) -> Q | None:
    """Whoever may see the petition."""
    return Q()


def staff(actor: Actor) -> Q | None:
    """Persons of the office and its units: not a citizen, and no other system, which is not given these texts."""
    return Q() if actor.is_system or actor.user is not None else None


@dataclass(frozen=True)
class Source:
    """A kind of text of a petition.

    `sql` selects petition_id, part, text for the petitions of the parameter `ids`. `reader` gives the entries of this
    kind an actor may be told of, among petitions they see: Q() all, None none.
    """

    kind: str
    label: Promise
    icon: str
    sql: str
    reader: Callable[[Actor], Q | None] = everybody


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
        "SELECT id, 0::bigint, concat_ws(E'\\x1f', summary, demand, address, content) FROM petitions_petition"
        " WHERE id = ANY(%(ids)s)",
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


def readable(actor: Actor) -> Q:
    """The entries this actor may be told of, as a condition on SearchEntry."""
    found = Q(kind__in=readable_kinds(actor))
    for source in SOURCES.values():
        condition = source.reader(actor)
        if condition:
            found |= Q(kind=source.kind) & condition
    return found


def readable_kinds(actor: Actor) -> list[str]:
    """The kinds of which this actor may be told of every entry."""
    return [source.kind for source in SOURCES.values() if source.reader(actor) == Q()]


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
