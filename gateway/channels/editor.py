"""A mapping as rows of a form, and back: plain inputs, so that it works without JavaScript."""

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from gateway.channels import mapping
from gateway.channels.forms import states
from gateway.channels.wording import label_of

BLANKS = 2


def document_from(post: QueryDict) -> dict[str, Any]:
    """The mapping the rows say; empty rows are left out. Expressions stand one per line."""
    columns = [post.getlist(name) for name in ("to", "from", "join", "format", "default")]
    fields = []
    for to, source, join, form, default in zip(*columns, strict=False):
        expressions = [part.strip() for part in source.replace("\r", "").split("\n") if part.strip()]
        if not to or not (expressions or default.strip()):
            continue
        row: dict[str, Any] = {"to": to, "from": expressions, "format": form.strip(), "default": default.strip()}
        if join:
            row["join"] = join.replace("\\n", "\n")
        fields.append(row)
    values: dict[str, dict[str, str]] = {}
    triples = zip(post.getlist("value_of"), post.getlist("value_word"), post.getlist("value_code"), strict=False)
    for name, word, code in triples:
        if name and word.strip() and code.strip():
            values.setdefault(name, {})[word.strip()] = code.strip()
    out = {code: word for code, _label in states() if (word := post.get(f"out_{code}", "").strip())}
    pairs = zip(post.getlist("in_word"), post.getlist("in_move"), strict=False)
    came = {word.strip(): move for word, move in pairs if word.strip() and move}
    return {"fields": fields, "values": values, "status_out": out, "status_in": came}


def rows_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """The rows the form shows, each list with blank ones at its end."""
    fields = [
        {
            **row,
            "from": "\n".join(row.get("from", [])),
            "rows": max(1, len(row.get("from", []))),
            "join": str(row.get("join") or "").replace("\n", "\\n"),
        }
        for row in document.get("fields", [])
    ]
    values = [
        {"of": name, "word": word, "code": code}
        for name, words in document.get("values", {}).items()
        for word, code in words.items()
    ]
    came = [{"word": word, "move": move} for word, move in document.get("status_in", {}).items()]
    out = document.get("status_out", {})
    return {
        "fields": fields + [{}] * BLANKS,
        "values": values + [{}] * BLANKS,
        "status_out": [{"code": code, "label": label, "word": out.get(code, "")} for code, label in states()],
        "status_in": came + [{}] * BLANKS,
        "targets": [(name, label_of(name)) for name in mapping.FIELDS],
        "value_targets": [(name, label_of(name)) for name in mapping.VALUE_FIELDS],
    }
