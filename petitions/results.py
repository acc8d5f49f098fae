"""A page of search results as people read it: where each hit stands, in which text, and why it stands where it does."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from petitions import finding
from petitions.models import Petition, SearchEntry
from petitions.phrases import BORDER, Phrases, Piece, fold, marked, snippet
from petitions.sources import SOURCES, TEXT, Text, texts_of
from petitions.worklist import Line, LineMaker

# Snippets under one result: the first says what it is about, more would push the next result away.
SHOWN = 2

RANK_WORDS: dict[int, Promise] = {
    finding.IN_SUMMARY: _("in the summary, word for word"),
    finding.TOGETHER: _("word for word"),
    finding.ALL_IN_SUMMARY: _("all words in the summary"),
    finding.ALL_IN_TEXT: _("all words in the petition"),
    finding.ELSEWHERE: _("in a reply, a note, the record book or a name"),
    0: _("number, person or several texts"),
}


@dataclass(frozen=True)
class Snippet:
    """A stretch of one text with what was looked for marked."""

    label: Promise | str
    icon: str
    pieces: Sequence[Piece]


@dataclass(frozen=True)
class Result:
    """One petition found, ready to draw."""

    line: Line
    title: Sequence[Piece]
    snippets: Sequence[Snippet] = field(default=())
    fits: Promise | str = ""


FIELDS: dict[str, Promise] = {
    "demand": _("demand"),
    "address": _("address of the problem"),
    "content": _("content"),
}


def results_of(findings: finding.Findings, phrases: Phrases, maker: LineMaker, *, is_ranked: bool) -> list[Result]:
    """Results in the order of the hits; three statements for any number of them.

    Hits were found within what their reader may see, a moment ago: the scope is not made a second time.
    """
    ids = [hit.pk for hit in findings.hits]
    rows = Petition.objects.filter(pk__in=ids).select_related("district", "lead_unit")
    by_pk = {petition.pk: petition for petition in rows.defer("respondent", "reply_text")}
    others = _other_texts(ids, phrases, findings.readable)
    found = []
    for hit in findings.hits:
        petition = by_pk.get(hit.pk)
        if petition is None:
            continue
        shown = [*_own(petition, phrases), *_elsewhere(others.get(hit.pk, []), phrases)][:SHOWN]
        if not shown:
            shown = [Snippet(FIELDS["content"], TEXT.icon, snippet(petition.content, phrases.wanted))]
        fits = RANK_WORDS[hit.rank] if is_ranked else ""
        found.append(Result(maker.line_of(petition), marked(petition.summary, phrases.wanted), shown, fits))
    return found


def _own(petition: Petition, phrases: Phrases) -> list[Snippet]:
    """The petition's own fields that hold a phrase, the content first."""
    found = []
    for name in ("content", "demand", "address"):
        text = getattr(petition, name)
        if _holds(text, phrases):
            found.append(Snippet(FIELDS[name], TEXT.icon, snippet(text, phrases.wanted)))
    return found


def _elsewhere(texts: Sequence[Text], phrases: Phrases) -> list[Snippet]:
    found = []
    for text in texts:
        source = SOURCES[text.kind]
        # The fields or entries of one text are shown one by one: what stands around a hit should belong to it.
        for part in text.text.split(BORDER):
            if _holds(part, phrases):
                found.append(Snippet(source.label, source.icon, snippet(part, phrases.wanted)))
                break
    return found


def _holds(text: str, phrases: Phrases) -> bool:
    folded = fold(text)
    return any(phrase in folded for phrase in phrases.wanted)


def _other_texts(ids: Sequence[int], phrases: Phrases, readable: Q) -> dict[int, list[Text]]:
    """Texts besides the petitions' own that hold a phrase, among those the reader may be told of."""
    if not phrases or not ids:
        return {}
    entries = SearchEntry.objects.filter(readable, petition_id__in=ids).exclude(kind=TEXT.kind)
    holding = {
        (pk, kind, part)
        for pk, kind, part, text in entries.values_list("petition_id", "kind", "part", "text")
        if any(phrase in text for phrase in phrases.wanted)
    }
    if not holding:
        return {}
    texts = texts_of(sorted({pk for pk, _kind, _part in holding}))
    return {pk: [t for t in found if (pk, t.kind, t.part) in holding] for pk, found in texts.items()}
