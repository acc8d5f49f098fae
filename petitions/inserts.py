"""Inserts of few rows at the pace of intake: the statement of each table is worded once, not at every call.

`bulk_create` needs about as long to build an INSERT as PostgreSQL to run it; registering one petition takes seven.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, TypeVar

from django.db import connection
from django.db.models import AutoField, Field, Model

Row = TypeVar("Row", bound=Model)

# More rows than this are an import, where the wording no longer counts.
FEW = 16


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
    # Keys drawn beforehand are not in the worded statement.
    if len(rows) > FEW or rows[0].pk is not None:
        return list(model._default_manager.bulk_create(rows))
    sql, fields, has_id = _statement(model, len(rows))
    values = [field.get_db_prep_save(field.pre_save(row, True), connection) for row in rows for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        ids = [found[0] for found in cursor.fetchall()] if has_id else []
    for row, pk in zip(rows, ids, strict=False):
        row.pk = pk
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias
    return list(rows)
