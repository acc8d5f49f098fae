"""How fast a table is taken in, beside the floor: the same rows by one INSERT … SELECT for each table, in the same run.

    python -m tests.bench.bench_bulk [lines]

Its own PostgreSQL with fsync on and the reference data. Reading the file and the job with its parts count as ours. The
last line is one JSON object.
"""

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.bench.scratch import open_city, say

LINES = 50_000
# Table and the column that says which petition a row is of; the floor copies what the intake wrote.
TABLES = (
    ("petitions_petitioner", "petition_id"),
    ("petitions_event", "petition_id"),
    ("petitions_eventhead", "petition_id"),
    ("dispatch_clock", "petition_id"),
    ("dispatch_clockevent", "clock_id"),
    ("dispatch_pendingrung", "clock_id"),
)
TEXT = "我们小区三号楼电梯自九月起停运，物业一直未修，老人出行困难，多次向社区反映没有结果，请求尽快处理。"


def write_file(path: Path, count: int) -> None:
    """NDJSON as a vendor would send it."""
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            # People of their own: the look for repeats compares each matter with the same person's earlier ones.
            person = {"name": f"周{number}", "phone": f"138{number:08d}"}
            row = {"source_ref": f"bulk-{number}", "content": f"{number}号：{TEXT}", "category": "0303"}
            file.write(json.dumps({**row, "area": "330203", "petitioner": person}, ensure_ascii=False) + "\n")


def take_in(path: Path, client: Any) -> float:
    """Read the file, make the job and work it off; seconds."""
    from django.utils import timezone

    from dispatch.actions import jobs
    from gateway.actions import bulk
    from gateway.bulk.reading import read_ndjson

    began = time.perf_counter()
    intake = bulk.start_for_client(client, read_ndjson(path), name=path.name, at=timezone.now())
    jobs.drain(now=timezone.now, seconds=3600)
    took = time.perf_counter() - began
    intake.refresh_from_db()
    assert intake.taken == intake.total, (intake.taken, intake.refused)
    return took


def floor() -> float:
    """Copy every row the intake wrote by one INSERT … SELECT a table, in one transaction; seconds."""
    from django.db import connection, transaction

    began = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT max(id), max(serial) FROM petitions_petition")
        step, serials = cursor.fetchone()
        changed = {
            "id": f"id + {step}",
            "serial": f"serial + {serials}",
            "source_ref": "'f' || source_ref",
            "query_code": "'f' || substr(query_code, 2)",
        }
        copy(cursor, "petitions_petition", changed)
        cursor.execute("SELECT max(id) FROM dispatch_clock")
        clocks = cursor.fetchone()[0]
        for table, key in TABLES:
            shift = step if key == "petition_id" else clocks
            known = {key: f"{key} + {shift}"}
            if table == "dispatch_clock":
                known["id"] = f"id + {clocks}"
            copy(cursor, table, known)
    return time.perf_counter() - began


def copy(cursor: Any, table: str, changed: dict[str, str]) -> None:
    """INSERT … SELECT of a whole table onto itself; an id nobody names is drawn anew."""
    cursor.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER' "
        "AND (column_name <> 'id' OR %s)",
        [table, "id" in changed],
    )
    columns = [row[0] for row in cursor.fetchall()]
    names = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(changed.get(name, f'"{name}"') for name in columns)
    override = "OVERRIDING SYSTEM VALUE " if "id" in changed else ""
    cursor.execute(f"INSERT INTO {table} ({names}) {override}SELECT {values} FROM {table}")


def measure(count: int) -> dict[str, Any]:
    """The whole run."""
    open_city()
    from django.utils import timezone

    from accounts.models import Unit
    from gateway import actions

    client = actions.create_client(
        "bench", channel="hotline", unit=Unit.objects.get(code="NB-12345"), scopes=["petitions:write"],
        at=timezone.now())  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bulk.ndjson"
        write_file(path, count)
        ours = take_in(path, client)
    say(f"{count} lines taken in: {count / ours:.0f}/s")
    least = floor()
    return {
        "lines": count,
        "lines_per_s": round(count / ours),
        "floor_per_s": round(count / least),
        "ratio": round(least / ours, 3),
    }


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]) if len(sys.argv) > 1 else LINES)))
