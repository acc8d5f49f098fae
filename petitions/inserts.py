"""Inserts at the pace of intake: few rows by a statement that is worded once, many by COPY.

`bulk_create` needs about as long to build an INSERT as PostgreSQL to run it; registering one petition takes seven, and
a table of thousands spends most of its time on it.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from io import StringIO
from operator import attrgetter
from typing import Any, TypeVar

from django.db import connection
from django.db.models import (
    AutoField,
    BinaryField,
    BooleanField,
    CharField,
    DateField,
    DurationField,
    Field,
    ForeignKey,
    IntegerField,
    JSONField,
    Model,
    TextField,
)
from django.db.models.fields import NOT_PROVIDED

from accounts.crypto import EncryptedTextField

Row = TypeVar("Row", bound=Model)

# More rows than this are an import.
FEW = 16
# Fields whose values COPY takes as they stand; a model with any other goes through `bulk_create`.
PLAIN = (
    BinaryField,
    BooleanField,
    CharField,
    DateField,
    DurationField,
    ForeignKey,
    IntegerField,
    JSONField,
    TextField,
)


@lru_cache(maxsize=64)
def _statement(model: type[Model], count: int) -> "tuple[str, list[Field[Any, Any]], bool]":
    """The INSERT for `count` rows, the fields it takes, and whether it returns a generated id."""
    fields = [f for f in model._meta.concrete_fields if not (isinstance(f, AutoField) or f.generated)]
    has_id = isinstance(model._meta.pk, AutoField)
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    row = "(" + ", ".join(["%s"] * len(fields)) + ")"
    table = connection.ops.quote_name(model._meta.db_table)
    sql = f"INSERT INTO {table} ({columns}) VALUES {', '.join([row] * count)}"  # noqa: S608 - names of our own models
    if has_id:
        sql += f" RETURNING {connection.ops.quote_name(str(model._meta.pk.column))}"
    return sql, fields, has_id


@lru_cache(maxsize=16)
def _template(model: type[Row]) -> tuple[dict[str, int], frozenset[str], list[Any], list[tuple[int, Any]]]:
    """Places of a model's fields by name, which of the names are relations, fixed defaults, and those made afresh."""
    places: dict[str, int] = {}
    fixed: list[Any] = []
    fresh = []
    for place, field in enumerate(model._meta.concrete_fields):
        places[field.name] = places[field.attname] = place
        is_fresh = field.default is not NOT_PROVIDED and callable(field.default)
        fixed.append(NOT_PROVIDED if is_fresh else field.get_default())
        if is_fresh:
            fresh.append((place, field.default))
    relations = frozenset(field.name for field in model._meta.concrete_fields if field.is_relation)
    return places, relations, fixed, fresh


def build(model: type[Row], **values: Any) -> Row:
    """`model(**values)` in a quarter of the time, which for sixty fields is longer than the row's part in an INSERT.

    Raises KeyError for a name the model lacks.
    """
    places, relations, fixed, fresh = _template(model)
    row, known = fixed.copy(), {}
    for name, value in values.items():
        if name in relations:
            known[name] = value
            value = None if value is None else value.pk
        row[places[name]] = value
    for place, make in fresh:
        if row[place] is NOT_PROVIDED:
            row[place] = make()
    built = model(*row)
    built._state.fields_cache.update(known)
    return built


def insert(rows: Sequence[Row]) -> list[Row]:
    """Insert rows of one model, like its `bulk_create`: ids are set, nothing is sent as a signal.

    Raises IntegrityError like any insert. For models whose fields need no cast in SQL (no arrays).
    """
    if not rows:
        return []
    model = type(rows[0])
    # Keys drawn beforehand are neither in the worded statement nor to be drawn again.
    has_keys = isinstance(model._meta.pk, AutoField) and any(row.pk is not None for row in rows)
    if has_keys or (len(rows) > FEW and not _takes_copy(model)):
        return list(model._default_manager.bulk_create(rows))
    (_word if len(rows) <= FEW else _copy)(model, rows)
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias
    return list(rows)


def _word(model: type[Model], rows: Sequence[Model]) -> None:
    sql, fields, has_id = _statement(model, len(rows))
    values = [field.get_db_prep_save(field.pre_save(row, True), connection) for row in rows for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        ids = [found[0] for found in cursor.fetchall()] if has_id else []
    for row, pk in zip(rows, ids, strict=False):
        row.pk = pk


@lru_cache(maxsize=64)
def _takes_copy(model: type[Model]) -> bool:
    fields = [f for f in model._meta.concrete_fields if not f.generated]
    return all(isinstance(f, (*PLAIN, AutoField)) and f.db_default is NOT_PROVIDED for f in fields)


def _copy(model: type[Model], rows: Sequence[Model]) -> None:
    """Send the rows as COPY's text, with keys drawn first. Database errors are Django's."""
    fields = [f for f in model._meta.concrete_fields if not f.generated]
    if isinstance(model._meta.pk, AutoField):
        table, column = connection.ops.quote_name(model._meta.db_table), str(model._meta.pk.column)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)", [table, column, len(rows)]
            )
            for row, (key,) in zip(rows, cursor.fetchall(), strict=True):
                row.pk = key
    read, texts = attrgetter(*(field.attname for field in fields)), [_writer(field) for field in fields]
    for row in rows:
        for field in _stamped(model):
            field.pre_save(row, True)
    _stream(model, fields, ([write(value) for write, value in zip(texts, read(row), strict=True)] for row in rows))


@lru_cache(maxsize=64)
def _stamped(model: type[Model]) -> "list[Field[Any, Any]]":
    """Fields that set themselves when a row is written."""
    stamps = ("auto_now", "auto_now_add")
    return [f for f in model._meta.concrete_fields if any(getattr(f, name, False) for name in stamps)]


def _stream(model: type[Model], fields: "Sequence[Field[Any, Any]]", rows: Iterable[Sequence[str]]) -> None:
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    lines = "".join("\t".join(row) + "\n" for row in rows)
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.copy_expert(f"COPY {quote(model._meta.db_table)} ({columns}) FROM STDIN", StringIO(lines))


def put(model: type[Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows given as values by attribute name (`petition_id`), where nobody needs the object or its key.

    What a row leaves out is the field's default; the first row names what all of them name. Raises TypeError for a name
    the model lacks, IntegrityError like any insert. For the models `insert` sends by COPY.
    """
    if not rows:
        return
    if len(rows) > FEW:
        given, fields = _given(model, frozenset(rows[0]))
        texts = [_writer(field) for field in given]
        rest = [_writer(field)(field.get_default()) for field in fields[len(given) :]]
        names = [field.attname for field in given]
        written = ([write(row[name]) for write, name in zip(texts, names, strict=True)] + rest for row in rows)
        _stream(model, fields, written)
        return
    sql, fields, _has_id = _statement(model, len(rows))
    _given(model, frozenset(rows[0]))
    values = [
        field.get_db_prep_save(row[field.attname] if field.attname in row else field.get_default(), connection)
        for row in rows
        for field in fields
    ]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


@lru_cache(maxsize=64)
def _given(model: type[Model], names: frozenset[str]) -> "tuple[list[Field[Any, Any]], list[Field[Any, Any]]]":
    """The named fields, and all that a row is written with, the named ones first."""
    fields = [f for f in model._meta.concrete_fields if not (isinstance(f, AutoField) or f.generated)]
    if unknown := names - {field.attname for field in fields}:
        raise TypeError(f"{model.__name__} has no {', '.join(sorted(unknown))}")
    given = [field for field in fields if field.attname in names]
    return given, [*given, *(field for field in fields if field.attname not in names)]


def _writer(field: "Field[Any, Any]") -> Callable[[Any], str]:
    """What writes a field's value as COPY's text."""
    if isinstance(field, JSONField):
        encode = json.JSONEncoder if field.encoder is None else field.encoder
        dump = encode(ensure_ascii=False).encode
        return lambda value: "\\N" if value is None else escape(dump(value))
    if isinstance(field, EncryptedTextField):
        return lambda value: copy_text(field.get_prep_value(value))
    return copy_text


def escape(text: str) -> str:
    """Text as COPY reads it back unchanged."""
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")


def _interval(value: timedelta) -> str:
    return f"{value.days} days {value.seconds} seconds {value.microseconds} microseconds"


_FORMS: dict[type, Callable[[Any], str]] = {
    str: escape,
    type(None): lambda value: "\\N",
    bool: lambda value: "t" if value else "f",
    int: int.__str__,
    datetime: datetime.isoformat,
    date: date.isoformat,
    timedelta: _interval,
    bytes: lambda value: "\\\\x" + value.hex(),
    memoryview: lambda value: "\\\\x" + value.hex(),
}


def copy_text(value: Any) -> str:
    """A value in COPY's text form. Raises TypeError for one whose form is not known (an expression)."""
    form = _FORMS.get(type(value))
    if form is not None:
        return form(value)
    if isinstance(value, str):
        return escape(value)
    if isinstance(value, int):
        return str(int(value))
    raise TypeError(f"COPY has no form for {type(value).__name__}")
