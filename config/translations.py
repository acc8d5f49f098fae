"""Message catalogues without the gettext programs: extraction by Babel and Django's own lexer, files by polib.

English is the language of the msgids, so there is one catalogue: locale/zh_Hans/LC_MESSAGES/django.po.
"""

import io
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polib
from django.utils.translation import trans_real
from django.utils.translation.template import templatize

CATALOGUE = Path("locale/zh_Hans/LC_MESSAGES/django.po")
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[#0\- +]*\d*(?:\.\d+)?[a-zA-Z]|%(s|d|f|r)|\{(\w*)[^{}]*\}")
METADATA = {
    "Project-Id-Version": "yongqing",
    "Language": "zh_Hans",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=1; plural=0;",
}

Key = tuple[str | None, str]


@dataclass
class Message:
    """One text to translate, with the files (relative to the repository) it occurs in."""

    msgid: str
    plural: str | None = None
    context: str | None = None
    files: list[str] = field(default_factory=list)

    @property
    def key(self) -> Key:
        """What a catalogue looks a text up by."""
        return (self.context, self.msgid)


def sources(root: Path, folders: Iterable[str]) -> list[Path]:
    """Python modules and templates of these folders in a fixed order; migrations hold no text of ours."""
    found: list[Path] = []
    for folder in folders:
        for suffix in ("*.py", "*.html", "*.txt"):
            paths = (root / folder).rglob(suffix)
            found += [path for path in paths if not {"migrations", "node_modules"} & set(path.parts)]
    return sorted(path for path in set(found) if path.suffix == ".py" or "templates" in path.relative_to(root).parts)


def texts_of(path: Path, name: str) -> Iterator[Message]:
    """The messages of one file, in order. Raises ValueError (naming the file) when it cannot be read as source."""
    # Babel is a development dependency; compiling catalogues must work without it.
    from babel.messages.extract import extract

    source = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        # Django turns tags into gettext calls and the rest into identifiers; without indentation that is Python.
        source = "\n".join(line.strip() for line in templatize(source, origin=name).splitlines())
    try:
        found = list(extract("python", io.BytesIO(source.encode()), keywords=KEYWORDS))
    except (SyntaxError, ValueError) as error:
        raise ValueError(f"{name}: {error}") from error
    for _line, text, _comments, context in found:
        # A keyword with one text gives a string, one with a plural gives a tuple.
        singular, plural = (text[0], text[1]) if isinstance(text, tuple) else (text, None)
        if singular:
            yield Message(singular, plural, context, [name])


def collect(root: Path, folders: Iterable[str]) -> dict[Key, Message]:
    """Every message of the project, ordered by the first file it occurs in."""
    messages: dict[Key, Message] = {}
    for path in sources(root, folders):
        name = path.relative_to(root).as_posix()
        for message in texts_of(path, name):
            known = messages.setdefault(message.key, message)
            known.plural = known.plural or message.plural
            if name not in known.files:
                known.files.append(name)
    return messages


def placeholders(text: str) -> list[str]:
    """Names of the placeholders of a text, sorted; `%%` is not one."""
    return sorted({match.group(0) for match in PLACEHOLDER.finditer(text.replace("%%", ""))})


def problems_of(messages: dict[Key, Message], catalogue: polib.POFile) -> list[str]:
    """What keeps the catalogue from being complete and right, one line per finding."""
    entries = {(entry.msgctxt, entry.msgid): entry for entry in catalogue if not entry.obsolete}
    found = [f"obsolete: {entry.msgid!r}" for entry in catalogue.obsolete_entries()]
    found += [f"not in the sources any more: {entry.msgid!r}" for key, entry in entries.items() if key not in messages]
    for key, message in messages.items():
        where = f"{message.msgid!r} ({message.files[0]})"
        entry = entries.get(key)
        if entry is None:
            found.append(f"not in the catalogue: {where}")
            continue
        texts = list(entry.msgstr_plural.values()) if message.plural else [entry.msgstr]
        if not texts or not all(texts):
            found.append(f"no translation: {where}")
        elif entry.fuzzy:
            found.append(f"fuzzy: {where}")
        elif message.plural != (entry.msgid_plural or None):
            found.append(f"plural differs from the source: {where}")
        else:
            # Chinese has one form, which must carry what the fuller English form carries.
            wanted = placeholders(message.plural or message.msgid)
            found += [
                f"placeholders differ: {where} has {wanted}, {text!r} has {placeholders(text)}"
                for text in texts
                if placeholders(text) != wanted
            ]
    return found


def updated(messages: dict[Key, Message], catalogue: polib.POFile) -> polib.POFile:
    """A catalogue of exactly these messages that keeps every translation there is; new ones are empty."""
    old = {(entry.msgctxt, entry.msgid): entry for entry in catalogue}
    new = polib.POFile(wrapwidth=0)
    new.metadata = dict(METADATA)
    for message in sorted(messages.values(), key=lambda message: message.files[0]):
        entry = polib.POEntry(
            msgctxt=message.context,
            msgid=message.msgid,
            occurrences=[(name, "") for name in message.files],
        )
        before = old.get(message.key)
        translation = (before.msgstr or before.msgstr_plural.get(0, "")) if before else ""
        if message.plural:
            entry.msgid_plural = message.plural
            entry.msgstr_plural = {0: translation}
        else:
            entry.msgstr = translation
        if before:
            entry.flags, entry.tcomment = [flag for flag in before.flags if flag == "fuzzy"], before.tcomment
        new.append(entry)
    return new


def load(path: Path) -> polib.POFile:
    """The catalogue, or an empty one when there is none yet."""
    return polib.pofile(str(path)) if path.exists() else polib.POFile()


def save(catalogue: polib.POFile, path: Path) -> None:
    """Write the catalogue in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    catalogue.save(str(draft))
    draft.replace(path)


def compile_stale(locale: Path) -> list[Path]:
    """Compile each locale/*/LC_MESSAGES/*.po that is newer than its .mo; returns the .mo files written."""
    written = []
    for source in sorted(locale.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        # Several processes may compile at once (test workers); each renames a file of its own.
        draft = target.with_suffix(f".{os.getpid()}.new")
        polib.pofile(str(source)).save_as_mofile(str(draft))
        draft.replace(target)
        written.append(target)
    return written


def ready_catalogues(locale: Path) -> None:
    """Compile what is stale and forget what was read before: a page in Chinese is the same on a fresh clone."""
    if compile_stale(locale):
        trans_real._translations.clear()  # type: ignore[attr-defined]
