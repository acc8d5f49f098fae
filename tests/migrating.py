"""The first migration of a room made in one step, and what a schema consists of.

Django renders every model anew after each of some five hundred operations, which takes most of a minute where the
statements take seconds. A migration that only creates is therefore brought to its end state at once, and each model of
that state is made in its final shape. That both ways lead to one schema is tested where the whole system is started
with Django's own `migrate` (tests/faults/test_processes.py).
"""

from typing import Any

import pytest
from django.db import connection
from django.db.migrations import AddConstraint, AddField, AddIndex, CreateModel, Migration

CREATING = (CreateModel, AddField, AddIndex, AddConstraint)

# One line for everything the migrations made, however they made it.
SCHEMA = """
WITH relation AS (
    SELECT c.*, c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = c.oid AND deptype = 'e')
)
SELECT format('%s %s %s', relkind, name, reloptions) FROM relation
UNION ALL
SELECT format('column %s.%s %s %s %s %s %s %s %s', name, attname, attnum, format_type(atttypid, atttypmod), attnotnull,
              attidentity, attgenerated, attcollation::regcollation, pg_get_expr(adbin, adrelid))
FROM relation JOIN pg_attribute a ON a.attrelid = relation.oid
LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum WHERE attnum > 0 AND NOT attisdropped
UNION ALL
SELECT pg_get_indexdef(indexrelid) FROM pg_index JOIN relation ON relation.oid = indrelid
UNION ALL
SELECT format('constraint %s on %s: %s', conname, name, pg_get_constraintdef(con.oid))
FROM pg_constraint con JOIN relation ON relation.oid = conrelid
UNION ALL
SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN relation ON relation.oid = tgrelid WHERE NOT tgisinternal
UNION ALL
SELECT pg_get_functiondef(p.oid) FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace
WHERE nspname = 'public' AND prokind IN ('f', 'p')
    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = p.oid AND deptype = 'e')
UNION ALL
SELECT 'extension ' || extname FROM pg_extension
UNION ALL
SELECT format('migration %s %s', app, name) FROM django_migrations
"""


def schema() -> list[str]:
    """What the connected database consists of, sorted."""
    with connection.cursor() as cursor:
        cursor.execute(SCHEMA)
        return sorted(line for (line,) in cursor.fetchall())


def only_creates(migration: Migration) -> bool:
    """Whether a migration does nothing but make models and complete the models it makes."""
    made = {op.name_lower for op in migration.operations if isinstance(op, CreateModel)}
    return all(
        type(op) in CREATING and (isinstance(op, CreateModel) or op.model_name.lower() in made)
        for op in migration.operations
    )


def create_at_once(patch: pytest.MonkeyPatch) -> None:
    """Let migrations that only create be applied in one step, until the patch is undone."""
    step_by_step = Migration.apply

    def apply(migration: Migration, state: Any, editor: Any, collect_sql: bool = False) -> Any:
        if collect_sql or not only_creates(migration):
            return step_by_step(migration, state, editor, collect_sql)
        # Without rendered models a change of the state is cheap; they are rendered once, when they are asked for.
        state.__dict__.pop("apps", None)
        for operation in migration.operations:
            operation.state_forwards(migration.app_label, state)
        for operation in migration.operations:
            if isinstance(operation, CreateModel):
                # Makes the table of the model as it stands in the state, and none of a proxy or a swapped model.
                operation.database_forwards(migration.app_label, editor, state, state)
        return state

    patch.setattr(Migration, "apply", apply)
