"""A throw-away city on a durable (fsync on) embedded PostgreSQL for one measurement; import before Django is."""

import atexit
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path


def open_city(*, reference: bool = True) -> Path:
    """Start PostgreSQL and Valkey, migrate, load the reference data; returns the folder, removed at exit."""
    from config.embedded import Postgres, start_valkey

    # Not the temporary folder of the system: that may be memory, and durable writes are what is measured.
    base = Path(__file__).resolve().parents[2] / ".data" / "bench"
    base.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=base))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["YQ_DATA_DIR"] = str(folder)
    os.environ["DATABASE_URL"] = Postgres(folder / "pg").start()
    os.environ["REDIS_URL"] = f"{start_valkey(folder / 'valkey').connection_url}/0"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    if reference:
        call_command("load_reference", verbosity=0)
    give_defaults()
    return folder


def give_defaults() -> None:
    """An empty default for every column that must not be null: set-based fills need not know each later column."""
    from django.db import connection

    empty = {"boolean": "false", "jsonb": "'{}'", "ARRAY": "'{}'", "interval": "interval '0'", "bytea": "''"}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public' "
            "AND is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO' AND column_name <> 'id' "
            "AND column_name NOT LIKE '%_id' AND data_type NOT LIKE '%time%' AND data_type <> 'date'"
        )
        for table, column, kind in cursor.fetchall():
            value = empty.get(kind, "0" if "int" in kind or kind in {"numeric", "double precision"} else "''")
            cursor.execute(f'ALTER TABLE "{table}" ALTER COLUMN "{column}" SET DEFAULT {value}')


def spread(samples: Sequence[float]) -> str:
    """Median and 95th percentile of times in seconds, printed in milliseconds."""
    ordered = sorted(samples)
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return f"p50 {statistics.median(ordered) * 1000:.2f} ms · p95 {p95 * 1000:.2f} ms"


def say(line: str) -> None:
    """Print at once, so that a long run shows how far it is."""
    print(line, flush=True)
    sys.stdout.flush()
