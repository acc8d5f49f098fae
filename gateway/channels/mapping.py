"""How a message in a source's own shape is read: pure rules, no database, each result with its explanation.

A mapping is a JSON document (design: docs/api.md, “Channels”):

    {"fields": [{"to": "content", "from": ["data.title", "data.text"], "join": "\\n", "format": "", "default": ""}],
     "values": {"category": {"物业管理": "0303"}, "urgency": {"急": "urgent"}},
     "status_out": {"registered": "已受理", "handling": "办理中"},
     "status_in": {"撤单": "withdraw", "催办": "remind"}}

`from` holds JMESPath expressions; without `join` the first that yields something counts, with it all are joined. A word
that no value map and no reference table knows is never guessed and never dropped: it is reported as unknown.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

# Our fields a mapping may fill: PetitionInput's, the petitioner's below "petitioner.", and the line that was dialled.
TEXT_FIELDS = (
    "source_ref",
    "summary",
    "content",
    "demand",
    "address",
    "petitioner.name",
    "petitioner.phone",
    "petitioner.id_no",
    "petitioner.address",
    "petitioner.contact_preference",
)
VALUE_FIELDS = ("purpose", "category", "area", "urgency", "petitioner.party_type", "petitioner.id_type", "line")
DATE_FIELDS = ("petition_date", "occurred_on")
NUMBER_FIELDS = ("headcount", "affected_count")
FLAG_FIELDS = ("is_anonymous", "is_open_to_public", "is_confidential")
FIELDS = (*TEXT_FIELDS, *VALUE_FIELDS, *DATE_FIELDS, *NUMBER_FIELDS, *FLAG_FIELDS)
MOVES = ("withdraw", "remind", "nothing")
# A message in our own words: every field stands under its own name.
OWN_SHAPE: dict[str, Any] = {"fields": [{"to": name, "from": [name]} for name in FIELDS]}

YES = frozenset({"1", "true", "yes", "y", "是", "公开", "匿名", "保密"})
NO = frozenset({"0", "false", "no", "n", "否", "不公开", "实名", "不保密", ""})
DAY = re.compile(r"(\d{4})\D?(\d{1,2})\D?(\d{1,2})")
# A quoted part of an expression, or a name.
TOKEN = re.compile(r"""\"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`|[^\W\d]\w*""")
MAX_TEXT = 20_000


@dataclass(frozen=True)
class FieldResult:
    """What became of one of our fields. `outcome`: mapped, same, default, empty, unknown, unreadable."""

    to: str
    raw: str
    value: Any
    outcome: str
    # The expression that yielded the text; several, joined by " + ".
    source: str = ""


@dataclass(frozen=True)
class Reading:
    """A message read: values as PetitionInput takes them, the dialled line, and every field's explanation."""

    values: dict[str, Any] = field(default_factory=dict)
    line: str = ""
    results: tuple[FieldResult, ...] = ()

    @property
    def unknown(self) -> list[FieldResult]:
        """Fields whose word nobody knows, or that cannot be read: they keep a message from being taken in."""
        return [row for row in self.results if row.outcome in {"unknown", "unreadable"}]

    def raw(self, to: str) -> str:
        """What the source said for one of our fields; "" when it said nothing."""
        return next((row.raw for row in self.results if row.to == to), "")


def read(document: Mapping[str, Any], message: Any, known: Mapping[str, Mapping[str, str]], *, zone: tzinfo) -> Reading:
    """Read a message. `known` holds, per value field, the words our own tables know with their codes."""
    results = [_read_row(row, message, document.get("values", {}), known, zone) for row in document.get("fields", [])]
    values: dict[str, Any] = {}
    line = ""
    for row in results:
        if row.outcome in {"empty", "unknown", "unreadable"}:
            continue
        if row.to == "line":
            line = str(row.value)
        elif row.to.startswith("petitioner."):
            values.setdefault("petitioner", {})[row.to.removeprefix("petitioner.")] = row.value
        else:
            values[row.to] = row.value
    return Reading(values, line, tuple(results))


def _read_row(
    row: Mapping[str, Any],
    message: Any,
    maps: Mapping[str, Mapping[str, str]],
    known: Mapping[str, Mapping[str, str]],
    zone: tzinfo,
) -> FieldResult:
    to = str(row["to"])
    raw, source = _text_of(row, message)
    if not raw:
        default = row.get("default", "")
        if default in ("", None):
            return FieldResult(to, "", None, "empty", source)
        value, outcome = _value(to, str(default), row, maps.get(to, {}), known.get(to, {}), zone)
        return FieldResult(to, "", value, outcome if outcome in {"unknown", "unreadable"} else "default", source)
    value, outcome = _value(to, raw, row, maps.get(to, {}), known.get(to, {}), zone)
    return FieldResult(to, raw, value, outcome, source)


def _text_of(row: Mapping[str, Any], message: Any) -> tuple[str, str]:
    """The source's text and the expressions it came from."""
    found = [(text, expression) for expression in row.get("from", []) if (text := _plain(search(expression, message)))]
    if not found:
        return "", ""
    if "join" not in row or row["join"] is None:
        return found[0]
    return str(row["join"]).join(text for text, _ in found), " + ".join(expression for _, expression in found)


def quoted(expression: str) -> str:
    """The expression with bare names in Chinese put in quotes: JMESPath knows bare names of ASCII only, and nobody who
    types the field names of a Chinese system expects that."""
    return TOKEN.sub(
        lambda found: found[0] if found[0][0] in "\"'`" or found[0].isascii() else f'"{found[0]}"', expression
    )


def search(expression: str, message: Any) -> Any:
    """What a JMESPath expression yields; None for a broken expression (the editor refuses those, see `faults`)."""
    try:
        return jmespath.search(quoted(expression), message)
    except JMESPathError:
        return None


def _plain(found: Any) -> str:
    """Text of a scalar or of a list of scalars; an object is no text. Null bytes are what no database stores."""
    if found is None or isinstance(found, Mapping):
        return ""
    if isinstance(found, bool):
        return "true" if found else "false"
    if isinstance(found, list):
        return "、".join(text for item in found if (text := _plain(item)))
    return str(found).replace("\x00", "").strip()[:MAX_TEXT]


def _value(
    to: str,
    raw: str,
    row: Mapping[str, Any],
    words: Mapping[str, str],
    known: Mapping[str, str],
    zone: tzinfo,
) -> tuple[Any, str]:
    if to in VALUE_FIELDS:
        return _word(raw, words, known)
    if to in DATE_FIELDS:
        day = read_day(raw, str(row.get("format") or ""), zone)
        return (day.isoformat(), "mapped") if day else (None, "unreadable")
    if to in NUMBER_FIELDS:
        digits = re.fullmatch(r"(\d{1,8})\s*(?:人|户|名)?", raw)
        return (int(digits[1]), "mapped") if digits else (None, "unreadable")
    if to in FLAG_FIELDS:
        lowered = raw.lower()
        if lowered in YES or lowered in NO:
            return lowered in YES, "mapped"
        return None, "unreadable"
    return raw, "same"


def _word(raw: str, words: Mapping[str, str], known: Mapping[str, str]) -> tuple[str | None, str]:
    """The mapping's own word first: a source may use a name of ours for something else."""
    if raw in words:
        return words[raw], "mapped"
    if raw in known:
        return known[raw], "same"
    return None, "unknown"


def read_day(raw: str, form: str, zone: tzinfo) -> date | None:
    """A day: by `form` (strptime, or "ms"/"s" since 1970), else year, month, day in this order; None if unreadable."""
    try:
        if form in {"ms", "s"}:
            return datetime.fromtimestamp(int(raw) / (1000 if form == "ms" else 1), UTC).astimezone(zone).date()
        if form:
            return datetime.strptime(raw, form).replace(tzinfo=zone).date()
        if re.match(r"\d{4}-\d\d-\d\dT.+(?:Z|[+-]\d\d:?\d\d)$", raw):
            return datetime.fromisoformat(raw).astimezone(zone).date()
        found = DAY.match(raw)
        return date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except (ValueError, OverflowError, OSError):
        return None


@dataclass(frozen=True)
class Fault:
    """Why a mapping cannot be used: where (row number from 1, or the name of a map), and the code of the sentence.

    `word` is what is wrong, `field` the field of ours it concerns.
    """

    place: str
    code: str
    word: str = ""
    field: str = ""


def faults(document: Mapping[str, Any], known: Mapping[str, Mapping[str, str]], states: Sequence[str]) -> list[Fault]:
    """All that is wrong with a mapping; an empty list means that it may be saved."""
    found: list[Fault] = []
    seen: set[str] = set()
    for number, row in enumerate(document.get("fields", []), start=1):
        found += _row_faults(str(number), row, seen)
        seen.add(str(row.get("to")))
    found += [Fault("fields", "missing", name, name) for name in ("source_ref", "content", "area") if name not in seen]
    for name, words in document.get("values", {}).items():
        codes = set(known.get(name, {}).values())
        if name not in VALUE_FIELDS:
            found.append(Fault(name, "no_such_field", name, name))
        found += [Fault(name, "no_such_code", code, name) for code in words.values() if code not in codes]
    found += [Fault("status_out", "no_such_state", s) for s in document.get("status_out", {}) if s not in states]
    found += [Fault("status_in", "no_such_move", m) for m in document.get("status_in", {}).values() if m not in MOVES]
    return found


def _row_faults(place: str, row: Mapping[str, Any], seen: set[str]) -> list[Fault]:
    to = str(row.get("to"))
    found = []
    if to not in FIELDS:
        found.append(Fault(place, "no_such_field", to, to))
    if to in seen:
        found.append(Fault(place, "twice", to, to))
    for expression in row.get("from", []):
        try:
            jmespath.compile(quoted(expression))
        except JMESPathError:
            found.append(Fault(place, "bad_expression", expression, to))
    if not row.get("from") and not row.get("default"):
        found.append(Fault(place, "no_source", to, to))
    return found


def remember(document: Mapping[str, Any], to: str, word: str, code: str) -> dict[str, Any]:
    """The document with one more word; `to` is a value field or "status_in"."""
    if to == "status_in":
        return {**document, "status_in": {**document.get("status_in", {}), word: code}}
    values = document.get("values", {})
    return {**document, "values": {**values, to: {**values.get(to, {}), word: code}}}


def status_word(document: Mapping[str, Any], state: str) -> str:
    """The source's word for one of our states; "" when it understands none for it."""
    return str(document.get("status_out", {}).get(state, ""))


def status_move(document: Mapping[str, Any], word: str) -> str:
    """What a status of the source means to us: one of MOVES, or "" when nobody has said so yet."""
    return str(document.get("status_in", {}).get(word, ""))
