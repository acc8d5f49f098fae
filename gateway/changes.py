"""docs/api-changelog*.md as the parts of a page: of Markdown only headings, paragraphs, lists and `code`."""

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.utils.translation import get_language

DOCS = Path(settings.BASE_DIR) / "docs"
FILES = {"zh-hans": "api-changelog.zh-CN.md", "en": "api-changelog.md"}
MARKS = {"# ": "title", "## ": "h2", "### ": "h3", "- ": "item"}
# A run of words, or of code.
Run = tuple[bool, str]


def text_of(language: str | None = None) -> str:
    """The file in a language, by default the reader's; the English one for any other."""
    path = DOCS / FILES.get(language or get_language() or "", FILES["en"])
    return path.read_text(encoding="utf-8")


def parts(text: str) -> Iterator[tuple[str, list[Run]]]:
    """Kind (title, h2, h3, item, p) and runs of each part. A line without a mark goes on with the part before it."""
    kind, words = "", ""
    for line in [*text.splitlines(), ""]:
        mark = next((mark for mark in MARKS if line.startswith(mark)), "")
        if (mark or not line.strip()) and words:
            yield kind, runs(words)
            kind, words = "", ""
        if mark:
            kind, words = MARKS[mark], line.removeprefix(mark).strip()
        elif line.strip():
            kind, words = kind or "p", f"{words} {line.strip()}".strip()


def runs(words: str) -> list[Run]:
    """Words and code by turns: what stands between two ` is code."""
    return [(number % 2 == 1, piece) for number, piece in enumerate(words.split("`")) if piece]
