"""Transparent suggestions at registration: which content class, how urgent. Pure functions; people decide.

A suggestion is a count of keywords an officer can read and argue with; there is no trained model. The officer sees the
matched words beside each proposal and the choice stays theirs (domain-facts §0.2: no automated decision).

How a class scores:

* every keyword of `keywords.KEYWORDS` found in the text weighs its length minus one, at most 3 (a long word is rarer
  and says more; half for a word that often only names the place), and is counted at most three times, the second and
  third time half;
* a hit in the first 40 characters, where people say what they want, counts double;
* a level-2 class also gets a third of what the other classes under the same head score, so that a head with many
  different hits wins over a head with one stray word.
"""

from functools import lru_cache
from typing import NamedTuple

from petitions.reference.keywords import EXTRA_URGENT, KEYWORDS, NOT_URGENT, PLACE_WORDS, URGENT

_SUBJECT_LENGTH = 40
_SUBJECT_FACTOR = 2.0
_SIBLING_SHARE = 1 / 3


class Suggestion(NamedTuple):
    """A proposed level-2 class with its score and the words that earned it, weightiest first."""

    code: str
    score: float
    matched_words: list[str]


def _squeezed(text: str) -> str:
    """The text without white space, as keywords may be broken over lines."""
    return "".join(text.split())


def _weight(word: str) -> float:
    weight = float(min(len(word) - 1, 3))
    return weight / 2 if word in PLACE_WORDS else weight


@lru_cache(maxsize=1)
def _classes_by_word() -> dict[str, list[str]]:
    """Each keyword once, with the classes it speaks for."""
    index: dict[str, list[str]] = {}
    for code, words in KEYWORDS.items():
        for word in words:
            index.setdefault(word, []).append(code)
    return index


def _word_score(word: str, text: str) -> float:
    """What one keyword earns in this text, 0 when absent."""
    count = text.count(word)
    if not count:
        return 0.0
    factor = _SUBJECT_FACTOR if word in text[:_SUBJECT_LENGTH] else 1.0
    return _weight(word) * factor * (1 + 0.5 * (min(count, 3) - 1))


def suggest(text: str, limit: int = 3) -> list[Suggestion]:
    """The `limit` best level-2 classes for a text, best first; empty when no keyword is found."""
    squeezed = _squeezed(text)
    hits: dict[str, dict[str, float]] = {}
    for word, codes in _classes_by_word().items():
        score = _word_score(word, squeezed)
        if score:
            for code in codes:
                hits.setdefault(code, {})[word] = score
    own = {code: sum(words.values()) for code, words in hits.items()}
    heads: dict[str, float] = {}
    for code, score in own.items():
        heads[code[:2]] = heads.get(code[:2], 0.0) + score
    suggestions = [
        Suggestion(
            code,
            round(score + (heads[code[:2]] - score) * _SIBLING_SHARE, 2),
            sorted(hits[code], key=lambda word: (-hits[code][word], word)),
        )
        for code, score in own.items()
    ]
    return sorted(suggestions, key=lambda item: (-item.score, item.code))[:limit]


def suggest_urgency(text: str) -> tuple[str, list[str]]:
    """Proposed urgency and the words behind it: "extra_urgent" (4 h), "urgent" (24 h) or "normal" (7 days).

    Never "difficult": that a matter is hard shows in handling, not in its first words (domain-facts §2.4, §5.5).
    """
    squeezed = _squeezed(text)
    for phrase in NOT_URGENT:
        squeezed = squeezed.replace(phrase, "")
    for urgency, words in (("extra_urgent", EXTRA_URGENT), ("urgent", URGENT)):
        matched = [word for word in words if word in squeezed]
        if matched:
            return urgency, matched
    return "normal", []
