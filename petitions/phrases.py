"""What was typed into the search box, and where it stands in a text. Pure; folding agrees with SQL's search_fold().

`电梯 停运` wants both words, `"电梯 停运"` wants them together, `-物业` wants that word nowhere. Full-width and
half-width, upper and lower case and blanks make no difference; traditional and simplified characters do.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

LONGEST = 200
MOST_TERMS = 8
# A sentence of 200 characters is found by some of its pairs; the recheck looks at all of it.
MOST_PIECES = 24
# Between the fields of one folded text: no phrase reaches over it, because nobody can type it.
BORDER = "\x1f"
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_TERM = re.compile(r'(?P<minus>-?)(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
_QUOTES = str.maketrans("“”„＂－", '""""-')


def fold(text: str) -> str:
    """The text as it is compared: compatibility forms made one (NFKC), lower case, no blanks."""
    return "".join(unicodedata.normalize("NFKC", text).lower().split())


@lru_cache(maxsize=20_000)
def _fold_one(character: str) -> str:
    """`fold` of one character; a page of results asks for ten thousand, most of them the same few hundred."""
    return fold(character)


@dataclass(frozen=True)
class Phrases:
    """A question: folded phrases that must occur, and those that must not."""

    wanted: tuple[str, ...] = ()
    banned: tuple[str, ...] = ()
    # What was typed, tidied.
    typed: str = ""

    @classmethod
    def read(cls, raw: str) -> "Phrases":
        """Read what was typed; never fails. Only banned words ask nothing."""
        typed = " ".join(_CONTROL.sub("", raw).split())[:LONGEST]
        wanted: list[str] = []
        banned: list[str] = []
        for found in _TERM.finditer(typed.translate(_QUOTES)):
            folded = fold(found["phrase"] if found["phrase"] is not None else found["word"])
            # A lone minus is somebody's dash.
            if folded and folded != "-":
                (banned if found["minus"] else wanted).append(folded)
        return cls(tuple(dict.fromkeys(wanted))[:MOST_TERMS], tuple(dict.fromkeys(banned))[:MOST_TERMS], typed)

    @property
    def whole(self) -> str:
        """All wanted phrases in one, as they stand behind each other."""
        return "".join(self.wanted)

    @property
    def is_plain(self) -> bool:
        """Nothing but words: it may be a number or a name, too."""
        return not self.banned and '"' not in self.typed.translate(_QUOTES)

    def __bool__(self) -> bool:
        return bool(self.wanted)


def pieces(phrase: str) -> list[str]:
    """The pairs of characters the index is asked for: at most MOST_PIECES, spread over the phrase from end to end."""
    if len(phrase) < 2:
        return [phrase] if phrase else []
    pairs = list(dict.fromkeys(phrase[i : i + 2] for i in range(len(phrase) - 1)))
    if len(pairs) <= MOST_PIECES:
        return pairs
    step = (len(pairs) - 1) / (MOST_PIECES - 1)
    return [pairs[round(i * step)] for i in range(MOST_PIECES)]


def _lexeme(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def tsquery(phrase: str, months: Sequence[int] = ()) -> str:
    """The text of a tsquery: every piece, and any of the months where some are given."""
    parts = [_lexeme(piece) for piece in pieces(phrase)]
    if len(phrase) == 1:
        # Every character but a text's last begins a pair.
        parts[0] += ":*"
    if months:
        parts.append("(" + " | ".join(f"'M{month}'" for month in months) + ")")
    return " & ".join(parts)


@dataclass(frozen=True)
class Piece:
    """A run of a shown text; marked where it is what was looked for."""

    text: str
    is_marked: bool = False


def _folded_with_places(text: str) -> tuple[str, list[int]]:
    """The folded text and, for each of its characters, the place in `text` it came from."""
    if text.isascii():
        kept = [(c.lower(), i) for i, c in enumerate(text) if not c.isspace()]
        return "".join(c for c, _i in kept), [i for _c, i in kept]
    folded: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for one in _fold_one(character):
            folded.append(one)
            places.append(place)
    return "".join(folded), places


def spans(text: str, phrases: Iterable[str]) -> list[tuple[int, int]]:
    """Where the phrases stand in the text: (begin, end) in order, joined where they touch or overlap."""
    folded, places = _folded_with_places(text)
    found: list[tuple[int, int]] = []
    for phrase in phrases:
        at = folded.find(phrase) if phrase else -1
        while at >= 0:
            found.append((places[at], places[at + len(phrase) - 1] + 1))
            at = folded.find(phrase, at + len(phrase))
    joined: list[tuple[int, int]] = []
    for begin, end in sorted(found):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return joined


def marked(text: str, phrases: Iterable[str]) -> list[Piece]:
    """The whole text in runs; nothing is markup, whatever the text holds."""
    return _cut(text, spans(text, phrases), 0, len(text))


def snippet(text: str, phrases: Sequence[str], *, before: int = 24, length: int = 120) -> list[Piece]:
    """The stretch of the text around the first place that holds a phrase; the beginning when none does."""
    found = spans(text, phrases)
    begin = max(0, found[0][0] - before) if found else 0
    end = min(len(text), begin + length)
    begin = max(0, min(begin, end - length))
    runs = _cut(text, found, begin, end)
    if begin > 0:
        runs.insert(0, Piece("…"))
    if end < len(text):
        runs.append(Piece("…"))
    return runs


def _cut(text: str, found: Sequence[tuple[int, int]], begin: int, end: int) -> list[Piece]:
    runs, at = [], begin
    for first, last in found:
        first, last = max(first, begin), min(last, end)
        if first >= last:
            continue
        if first > at:
            runs.append(Piece(text[at:first]))
        runs.append(Piece(text[first:last], is_marked=True))
        at = last
    if at < end:
        runs.append(Piece(text[at:end]))
    return runs
