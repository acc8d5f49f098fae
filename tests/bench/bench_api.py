"""How fast the API takes petitions in, beside the floor: the same rows by raw SQL on the same machine in the same run.

    python -m tests.bench.bench_api [creates]

Its own PostgreSQL with fsync on, the reference data, gunicorn with two sync workers. The last line is one JSON object.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from tests.bench.scratch import open_city

CLIENTS = 8
WORKERS = 2
CREATES = 3000
# API and floor take turns, so that whatever else the machine does slows both.
ROUNDS = 6
ROOT = Path(__file__).absolute().parent.parent.parent
TEXT = (
    "我们小区三号楼电梯自九月起停运，物业一直未修，老人出行困难，多次向社区反映没有结果，请求尽快处理。"
    "停运期间已有两位老人在楼梯上摔伤，业主委员会与物业公司互相推诿，维修基金迟迟没有动用。"
)
# In the order of their foreign keys; the floor writes what the API writes.
TABLES = (
    "petitions_petition",
    "petitions_petitioner",
    "petitions_event",
    "petitions_eventhead",
    "dispatch_clock",
    "dispatch_clockevent",
    "dispatch_pendingrung",
    "gateway_idempotencyrecord",
)


def run_threads(work: Callable[[int], list[float]]) -> tuple[float, list[float]]:
    """Run `work(n)` in CLIENTS threads; (seconds in all, every single duration)."""
    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        shares = list(pool.map(work, range(CLIENTS)))
    return time.perf_counter() - began, [duration for share in shares for duration in share]


def request(port: int, key: str, run: str, number: int) -> bytes:
    """One POST as a vendor's system would send it; returns the status line."""
    body = json.dumps(
        {
            "source_ref": f"{run}-{number}",
            "content": TEXT,
            "demand": "修好电梯，给出时间表。",
            "category": "0303",
            "area": "330203",
            "address": "灵桥路1号",
            "petitioner": {"name": "周小琴", "phone": "13812345127", "id_no": "330203190001010013"},
        },
        ensure_ascii=False,
    ).encode()
    head = (
        f"POST /api/v1/petitions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n"
        f"Idempotency-Key: {run}-{number}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        "Connection: close\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), timeout=30) as sock:
        sock.sendall(head.encode() + body)
        answer = b""
        while chunk := sock.recv(65536):
            answer += chunk
    return answer.split(b"\r\n", 1)[0]


def post_all(port: int, key: str, run: str, count: int) -> tuple[float, list[float]]:
    """Post `count` petitions from all clients; raises RuntimeError when one is not registered."""

    def work(client: int) -> list[float]:
        durations = []
        for number in range(client, count, CLIENTS):
            began = time.perf_counter()
            status = request(port, key, run, number)
            durations.append(time.perf_counter() - began)
            if b" 201 " not in status:
                raise RuntimeError(status.decode())
        return durations

    return run_threads(work)


class Floor:
    """Writes copies of the newest petition's rows by plain INSERT statements, one transaction for each petition."""

    def __init__(self, dsn: str):
        import psycopg2
        from psycopg2.extras import Json, RealDictCursor

        self.connections = [psycopg2.connect(dsn) for _client in range(CLIENTS)]
        self.json = Json
        with self.connections[0].cursor(cursor_factory=RealDictCursor) as cursor:
            cursor.execute("SELECT id FROM petitions_petition ORDER BY id DESC LIMIT 1")
            petition = cursor.fetchone()["id"]
            cursor.execute("SELECT id FROM dispatch_clock WHERE petition_id = %s", [petition])
            clock = cursor.fetchone()["id"]
            self.rows = {table: self._template(cursor, table, petition, clock) for table in TABLES}

    def _template(self, cursor: Any, table: str, petition: int, clock: int) -> list[dict[str, Any]]:
        where = "TRUE ORDER BY id DESC LIMIT 1"
        if table == "petitions_petition":
            where = f"id = {petition}"
        elif table in {"dispatch_clockevent", "dispatch_pendingrung"}:
            where = f"clock_id = {clock}"
        elif table != "gateway_idempotencyrecord":
            where = f"petition_id = {petition}"
        cursor.execute("SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attgenerated <> ''", [table])
        generated = [row["attname"] for row in cursor.fetchall()]
        cursor.execute(f"SELECT * FROM {table} WHERE {where}")
        rows = [dict(row) for row in cursor.fetchall()]
        for row in rows:
            for name in ("id", *generated):
                row.pop(name, None)
            row.update({k: self.json(v) for k, v in row.items() if isinstance(v, dict)})
        return rows

    def insert(self, cursor: Any, table: str, returning: bool = False, **changes: Any) -> int:
        """Insert the table's template rows, changed, in one statement."""
        rows = [{**row, **changes} for row in self.rows[table]]
        marks = ", ".join(["(" + ", ".join(["%s"] * len(rows[0])) + ")"] * len(rows))
        columns = ", ".join(f'"{name}"' for name in rows[0])
        values = [value for row in rows for value in row.values()]
        cursor.execute(f"INSERT INTO {table} ({columns}) VALUES {marks}" + (" RETURNING id" * returning), values)
        return int(cursor.fetchone()[0]) if returning else 0

    def write(self, run: str, count: int) -> float:
        """Write `count` petitions from all clients; seconds."""
        return run_threads(lambda client: self._share(run, client, count))[0]

    def _share(self, run: str, client: int, count: int) -> list[float]:
        durations = []
        connection = self.connections[client]
        cursor = connection.cursor()
        for number in range(client, count, CLIENTS):
            began = time.perf_counter()
            cursor.execute("SELECT petition_serials(2026, 1)")
            serial = cursor.fetchone()[0]
            code, ref = f"{run}{number:07d}", f"floor-{run}-{number}"
            petition = self.insert(cursor, "petitions_petition", True, serial=serial, query_code=code, source_ref=ref)
            for table in ("petitions_petitioner", "petitions_event", "petitions_eventhead"):
                self.insert(cursor, table, petition_id=petition)
            clock = self.insert(cursor, "dispatch_clock", True, petition_id=petition)
            self.insert(cursor, "dispatch_clockevent", clock_id=clock)
            self.insert(cursor, "dispatch_pendingrung", clock_id=clock)
            self.insert(cursor, "gateway_idempotencyrecord", key=ref)
            connection.commit()
            durations.append(time.perf_counter() - began)
        return durations


def start_gunicorn(port: int, folder: Path) -> subprocess.Popen[bytes]:
    """Two sync workers; waits until they answer."""
    command = [sys.executable, "-m", "gunicorn", "config.wsgi:application", "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", str(WORKERS), "--timeout", "60", "--log-level", "warning", "--worker-tmp-dir", str(folder)]
    server = subprocess.Popen(command, cwd=ROOT)
    for _attempt in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return server
        except OSError:
            time.sleep(0.1)
    server.kill()
    raise RuntimeError("gunicorn did not start")


def issue_key() -> str:
    """A key of a client that may post."""
    from django.utils import timezone

    from accounts.models import Unit
    from gateway import actions
    from gateway.models import ApiClient

    at, unit = timezone.now(), Unit.objects.get(code="NB-12345")
    scopes = ["petitions:write", "petitions:read"]
    client = actions.create_client("bench", channel="hotline", unit=unit, scopes=scopes, at=at)
    # The limit is counted all the same; it is only out of reach.
    ApiClient.objects.filter(pk=client.pk).update(rate_per_minute=10_000_000)
    return actions.issue_key(client, at=at).text


def cpu_seconds(server: subprocess.Popen[bytes]) -> float:
    """Processor time so far of this process, the web workers and the database's sessions."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('data_directory')")
        postmaster = int((Path(cursor.fetchone()[0]) / "postmaster.pid").read_text().split()[0])
    trees = [psutil.Process(), *psutil.Process(server.pid).children(), *psutil.Process(postmaster).children()]
    return sum(sum(process.cpu_times()[:2]) for process in trees)


def free_port() -> int:
    """A port nobody uses at the moment."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def measure(count: int) -> dict[str, Any]:
    """The whole run; rates in petitions a second."""
    folder = open_city()
    key, port = issue_key(), free_port()
    server = start_gunicorn(port, folder)
    api, floor_cost, durations = Cost(), Cost(), []
    try:
        post_all(port, key, "warm", 200)
        floor = Floor(os.environ["DATABASE_URL"])
        floor.write("W", 200)
        for turn in range(ROUNDS):
            before = cpu_seconds(server)
            took, single = post_all(port, key, f"turn-{turn}", count // ROUNDS)
            between = cpu_seconds(server)
            floor_took = floor.write(f"T{turn}", count // ROUNDS)
            api.add(took, between - before)
            floor_cost.add(floor_took, cpu_seconds(server) - between)
            durations += single
    finally:
        server.terminate()
        server.wait(10)
    return summary(api, floor_cost, durations)


@dataclass
class Cost:
    """Wall and processor seconds."""

    wall: float = 0.0
    cpu: float = 0.0

    def add(self, wall: float, cpu: float) -> None:
        """Add a turn."""
        self.wall, self.cpu = self.wall + wall, self.cpu + cpu


def summary(api: Cost, floor: Cost, durations: list[float]) -> dict[str, Any]:
    """The figures. `cpu_ratio` stays honest on a machine that has other work; `ratio` is what a stop-watch says."""
    count = len(durations)
    return {
        "creates": count,
        "creates_per_s": round(count / api.wall, 1),
        "p50_ms": round(statistics.median(durations) * 1000, 1),
        "p95_ms": round(statistics.quantiles(durations, n=20)[-1] * 1000, 1),
        "floor_per_s": round(count / floor.wall, 1),
        "ratio": round(floor.wall / api.wall, 3),
        "cpu_ms": round(api.cpu / count * 1000, 2),
        "floor_cpu_ms": round(floor.cpu / count * 1000, 2),
        "cpu_ratio": round(floor.cpu / api.cpu, 3),
    }


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]) if len(sys.argv) > 1 else CREATES)))
