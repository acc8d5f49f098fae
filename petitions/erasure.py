"""Finds every row that hangs on a petition, and empties its columns of words. Default: a column of words is emptied.

So a table somebody adds next year is reached without a line here; a room only names the columns that hold no words of
anybody (`cover_room(..., keep=…)`): numbers, keys, kinds, names of laws.
"""

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from petitions.models import Attachment, Event, EventText, Petition, PreviewPage, SearchEntry
from petitions.retention import register_copy

# Longer ways lead through people and units to other cases.
DEPTH = 4
# What has a copy of its own in `petitions.copies`.
_APART = (Petition, Event, EventText, Attachment, PreviewPage, SearchEntry)
_WORDS = (models.TextField, models.JSONField, models.CharField, ArrayField, models.BinaryField)
_KEPT: dict[str, frozenset[str]] = {}


@dataclass(frozen=True)
class Hanging:
    """A model whose rows belong to a petition: the ways there, and what stands in its columns of words once emptied."""

    model: type[models.Model]
    ways: tuple[str, ...]
    empty: dict[str, Any]
    files: tuple[str, ...] = ()

    def rows(self, petition_ids: Sequence[int]) -> Any:
        """The rows of these petitions."""
        found = Q()
        for way in self.ways:
            found |= Q(**{f"{way}__in": petition_ids})
        return self.model._base_manager.filter(found)


def cover_room(room: str, *, keep: Iterable[str] = ()) -> None:
    """Have every row of a room's models that hangs on a petition lose its words; `keep`: "Model.column" without any."""
    _KEPT[room] = frozenset(keep)

    def anonymise(petition_ids: Sequence[int], at: datetime) -> int:
        return sum(_emptied(item, petition_ids) for item in hanging(room))

    def find(petition_ids: Sequence[int]) -> int:
        return sum(_full(item, petition_ids).count() for item in hanging(room))

    register_copy(f"rows_{room}", anonymise=anonymise, find=find, order=60)


def rooms() -> list[str]:
    """The rooms whose rows are covered."""
    return list(_KEPT)


def hanging(room: str) -> list[Hanging]:
    """The models of a room that hang on a petition and hold words."""
    kept = _KEPT.get(room, frozenset())
    found = []
    for model in apps.get_app_config(room).get_models(include_auto_created=True):
        if model in _APART:
            continue
        ways = _ways(model)
        files = tuple(f.name for f in model._meta.concrete_fields if isinstance(f, models.FileField))
        empty = {
            field.name: _emptiness(field)
            for field in model._meta.concrete_fields
            if _holds_words(field) and f"{model.__name__}.{field.name}" not in kept
        }
        if ways and (empty or files):
            found.append(Hanging(model, ways, empty, files))
    return found


def _ways(model: type[models.Model]) -> tuple[str, ...]:
    """The shortest ways by foreign keys to a petition, as lookups; () when there is none within DEPTH."""
    waiting: deque[tuple[str, type[models.Model], int]] = deque([("", model, 0)])
    found: list[str] = []
    limit = DEPTH
    while waiting:
        path, at, depth = waiting.popleft()
        if depth >= limit:
            continue
        for field in at._meta.concrete_fields:
            target = field.related_model if isinstance(field, models.ForeignKey) else None
            if not isinstance(target, type):
                continue
            way = f"{path}__{field.name}" if path else field.name
            if target is Petition:
                # "Earlier", "repeat of" and the like lead to somebody else's case.
                if field.name == "petition":
                    found.append(way)
                    limit = depth + 1
            elif target._meta.app_label not in {"accounts", "contenttypes", "auth"} and target is not at:
                waiting.append((way, target, depth + 1))
    return tuple(found)


def words_of_model(model: type[models.Model], plain: Iterable[str]) -> dict[str, Any]:
    """The columns of words of one model but for the plain ones, with what stands there once emptied."""
    fields = [f for f in model._meta.concrete_fields if _holds_words(f) and f.name not in plain]
    # The number at the source is unique as long as it is there; empty, it is nobody's.
    fields += [f for f in model._meta.concrete_fields if f.name == "source_ref"]
    return {field.name: _emptiness(field) for field in fields}


def _holds_words(field: "models.Field[Any, Any]") -> bool:
    if isinstance(field, models.FileField) or not isinstance(field, _WORDS):
        return False
    is_list = isinstance(field, ArrayField) and not isinstance(field.base_field, models.CharField)
    return not (field.choices or field.primary_key or is_list or _is_key(field))


def _is_key(field: "models.Field[Any, Any]") -> bool:
    """Part of what makes a row unique: a number or token, without which the row would mean another."""
    constraints = field.model._meta.constraints
    unique = {name for c in constraints if isinstance(c, models.UniqueConstraint) for name in c.fields}
    return bool(field.unique) or field.name in unique


def _emptiness(field: "models.Field[Any, Any]") -> Any:
    if field.null:
        return None
    if isinstance(field, models.JSONField | ArrayField):
        return field.get_default() if field.has_default() else ([] if isinstance(field, ArrayField) else {})
    return b"" if isinstance(field, models.BinaryField) else ""


def _full(item: Hanging, petition_ids: Sequence[int]) -> Any:
    """The rows that hold words, or a file, still."""
    held = Q()
    for name, empty in item.empty.items():
        held |= Q(**{f"{name}__isnull": False}) if empty is None else ~Q(**{name: empty})
    for name in item.files:
        held |= ~Q(**{name: ""}) & Q(**{f"{name}__isnull": False})
    return item.rows(petition_ids).filter(held)


def _emptied(item: Hanging, petition_ids: Sequence[int]) -> int:
    from petitions.copies import forget_file

    rows = _full(item, petition_ids)
    for name in item.files:
        for path in rows.values_list(name, flat=True):
            forget_file(str(path or ""))
    keys = list(rows.values_list("pk", flat=True))
    values = {**item.empty, **dict.fromkeys(item.files, "")}
    return int(item.model._base_manager.filter(pk__in=keys).update(**values))


def fingerprint(petition_id: int) -> str:
    """SHA-256 over the digests of all words of a petition, in a fixed order; nothing can be read off."""
    total = hashlib.sha256()
    for line in sorted(_digests(petition_id)):
        total.update(line.encode())
    return total.hexdigest()


def _digests(petition_id: int) -> Iterator[str]:
    for room in rooms():
        for item in hanging(room):
            names = [*item.empty, *item.files]
            for row in item.rows([petition_id]).values_list("pk", *names):
                for name, value in zip(names, row[1:], strict=True):
                    if value:
                        yield _line(item.model._meta.db_table, row[0], name, value)
    petition = Petition.objects.get(pk=petition_id)
    for name in words_of_model(Petition, ()):
        yield _line("petitions_petition", petition_id, name, getattr(petition, name))
    for pk, digest in Attachment.objects.filter(petition=petition_id, erased_at=None).values_list("pk", "sha256"):
        yield _line("petitions_attachment", pk, "file", digest)
    for pk, text in EventText.objects.filter(event__petition=petition_id).values_list("pk", "text"):
        yield _line("petitions_eventtext", pk, "text", text)


def _line(table: str, key: object, column: str, value: object) -> str:
    held = value if isinstance(value, bytes | memoryview) else str(value).encode()
    return f"{table}|{key}|{column}|{hashlib.sha256(held).hexdigest()}\n"
