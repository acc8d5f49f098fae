"""Inserts at the pace of intake: few rows by a statement that is worded once, many by COPY.

`bulk_create` needs about as long to build an INSERT as PostgreSQL to run it; registering one petition takes seven, and
a table of thousands spends most of its time on it.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from io import StringIO
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

from petitions.crypto import EncryptedTextField

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
    readers = [_reader(field) for field in fields]
    _stream(model, fields, ([read(row) for read in readers] for row in rows))


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


def _reader(field: "Field[Any, Any]") -> Callable[[Model], str]:
    """What reads a field of a row as COPY's text."""
    name, write = field.attname, _writer(field)
    if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
        return lambda row: write(field.pre_save(row, True))
    return lambda row: write(getattr(row, name))


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


def copy_text(value: Any) -> str:
    """A value in COPY's text form. Raises TypeError for one whose form is not known (an expression)."""
    if isinstance(value, str):
        return escape(value)
    if value is None:
        return "\\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return f"{value.days} days {value.seconds} seconds {value.microseconds} microseconds"
    if isinstance(value, bytes | memoryview):
        return "\\\\x" + bytes(value).hex()
    raise TypeError(f"COPY has no form for {type(value).__name__}")
