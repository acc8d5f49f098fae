"""What `serve` needs around its processes: one instance at a time, a broker, and supervisord over everything else.

supervisord (PyPI `supervisor`) restarts what dies, keeps the logs and stops whole process groups; this module only
writes its configuration, starts it and makes sure that nothing outlives it.
"""

import atexit
import ctypes
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from config.embedded import BASE_DIR, EmbeddedError, data_dir, read_run, run_file, start_valkey, write_run

# Every process under `serve` carries this variable, so that leftovers of a killed run can be found and ended.
MARK = "YQ_SERVED_FROM"
STOP_SECONDS = 6
SECRETS = ("YQ_SECRET_KEY", "YQ_FIELD_KEYS", "YQ_INDEX_KEY")


class Broker:
    """The embedded Valkey of `serve`, started again on its port when it dies: workers only know that address."""

    def __init__(self) -> None:
        self.server: Any = None
        self.port: int | None = None

    def start(self) -> str:
        """Start it; returns its URL."""
        self.server = start_valkey(data_dir() / "valkey", port=self.port)
        self.port = self.server.port
        return f"{self.server.connection_url}/0"

    def revive(self) -> bool:
        """True when it had died and was started again. Does nothing for a broker that is not embedded."""
        if self.server is None or self.server.is_running():
            return False
        self.server.terminate()
        self.start()
        return True


BROKER = Broker()


@dataclass(frozen=True)
class Address:
    """Where the web processes listen."""

    host: str
    port: int

    @classmethod
    def from_environment(cls) -> "Address":
        """YQ_BIND (default 127.0.0.1) and PORT (default 8000). Raises EmbeddedError for a port that is no number."""
        port = os.environ.get("PORT") or "8000"
        if not port.isdigit() or not 0 < int(port) < 65536:
            raise EmbeddedError(f"PORT must be a number from 1 to 65535, not {port!r}.")
        return cls(os.environ.get("YQ_BIND") or "127.0.0.1", int(port))

    @property
    def url(self) -> str:
        """What to open in a browser on this machine."""
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::", ""} else self.host  # noqa: S104
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


def refuse_taken_port(address: Address) -> None:
    """Raises EmbeddedError with a sentence that says what to do when somebody else listens there."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.host, address.port))
        except OSError as error:
            raise EmbeddedError(
                f"Cannot listen on {address.host}:{address.port} ({error.strerror}): another program probably uses the "
                f"port. Stop it, or choose another one: PORT={address.port + 1} make run"
            ) from error


def refuse_second_serve() -> None:
    """Raises EmbeddedError when a `serve` already runs on the same data directory."""
    run = read_run()
    try:
        process = psutil.Process(int(run.get("pid", 0)))
        running = "serve" in process.cmdline() and process.pid != os.getpid()
    except (psutil.Error, ValueError):
        return
    if running:
        raise EmbeddedError(
            f"Yongqing already runs at {run.get('address')} (process {process.pid}). Stop it with Ctrl-C there, "
            "or set YQ_DATA_DIR and PORT to run a second one."
        )


def end_leftovers() -> int:
    """Kill processes that a killed `serve` left behind on this data directory; returns how many there were.

    The embedded PostgreSQL is not among them: `serve` adopts a running one, and other commands may be using it.
    """
    ended = [process for process in psutil.process_iter() if process.pid != os.getpid() and is_ours(process)]
    for process in ended:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(ended, timeout=5)
    return len(ended)


def is_ours(process: psutil.Process) -> bool:
    """True for a process `serve` started from this data directory."""
    try:
        if process.name().startswith("postgres"):
            return False
        # Valkey overwrites its environment with its title; its working directory still tells.
        if process.name().startswith("valkey"):
            return Path(process.cwd()) == data_dir() / "valkey"
        return process.environ().get(MARK) == str(data_dir())
    except (psutil.Error, OSError):
        return False


def before_serve(argv: list[str], say: Callable[[str], None] = print) -> None:
    """Everything `serve` must settle before Django reads its settings: flags, the port, leftovers, the broker.

    Raises EmbeddedError with a sentence for the person at the terminal.
    """
    say("Yongqing (甬情) is starting")
    if "--no-demo" in argv:
        os.environ["YQ_DEMO"] = "0"
        missing = [name for name in SECRETS if not os.environ.get(name)]
        if missing:
            raise EmbeddedError(f"--no-demo needs secrets of its own: set {', '.join(missing)} (see .env.example).")
    address = Address.from_environment()
    data_dir().mkdir(parents=True, exist_ok=True)
    refuse_second_serve()
    if end_leftovers():
        say("  leftovers       of a killed run ended")
    refuse_taken_port(address)
    os.environ[MARK] = str(data_dir())
    if not os.environ.get("REDIS_URL"):
        began = time.monotonic()
        os.environ["REDIS_URL"] = BROKER.start()
        say(f"  broker          embedded Valkey, {time.monotonic() - began:.1f} s")
    write_run({"pid": os.getpid(), "address": address.url, "redis_url": os.environ["REDIS_URL"]})
    atexit.register(run_file().unlink, missing_ok=True)


def programs(address: Address, seed: bool) -> dict[str, dict[str, Any]]:
    """The programs as supervisord options; `seed` adds the one that fills the demo and then ends."""
    python = shlex.quote(sys.executable)
    workers = int(os.environ.get("YQ_WEB_WORKERS") or 2)
    bind = f"[{address.host}]:{address.port}" if ":" in address.host else f"{address.host}:{address.port}"
    celery = f"{python} -m celery -A config worker"
    quietly = "--loglevel INFO --without-gossip --without-mingle"
    found: dict[str, dict[str, Any]] = {
        "web": {
            "command": f"{python} -m gunicorn config.wsgi:application --config python:config.gunicorn --bind {bind} "
            f"--workers {workers} --timeout 60 --graceful-timeout {STOP_SECONDS - 2}",
            "stopasgroup": "true",
        },
        # A worker of their own for the deadlines: a mail server that hangs must not keep the sweep waiting.
        "clocks": {"command": f"{celery} --queues clocks --concurrency 1 --hostname clocks@%h {quietly}"},
        # Its children must not see the SIGTERM: a warm shutdown lets them finish the task in hand.
        "worker": {"command": f"{celery} --queues outbox,default,heavy --concurrency 2 {quietly}"},
        "beat": {"command": f"{python} -m celery -A config beat --loglevel INFO --pidfile=", "stopasgroup": "true"},
    }
    if seed:
        failed = "echo seed_demo failed: the reason is in log/seed.log"
        found["seed"] = {
            # Below the web processes on a machine of two cores; the echo ends up in front of the person who waits.
            "command": "sh -c " + shlex.quote(f"nice -n 5 {python} manage.py seed_demo --petitions 800 || {failed}"),
            "autorestart": "false",
            "startsecs": 0,
            "stopasgroup": "true",
        }
    return found


def configuration(address: Address, seed: bool) -> str:
    """supervisord.conf. One group, because supervisord stops the members of a group at once but groups in turn."""
    folder = data_dir()
    names = programs(address, seed)
    lines = [
        "[supervisord]",
        "nodaemon = true",
        "silent = true",
        *(["user = root"] if os.geteuid() == 0 else []),
        f"directory = {escaped(BASE_DIR)}",
        f"logfile = {escaped(folder / 'log' / 'supervisord.log')}",
        f"pidfile = {escaped(folder / 'supervisord.pid')}",
        f"childlogdir = {escaped(folder / 'log')}",
        "",
        "[group:yongqing]",
        f"programs = {','.join(names)}",
    ]
    for name, options in names.items():
        merged = {
            "autorestart": "true",
            # A program that cannot start is tried again after 1 s, 2 s, 3 s … without an end.
            "startsecs": 3,
            "startretries": 1000000,
            "stopwaitsecs": STOP_SECONDS,
            "killasgroup": "true",
            "redirect_stderr": "true",
            "stdout_logfile": escaped(folder / "log" / f"{name}.log"),
            "stdout_logfile_maxbytes": "20MB",
            "stdout_logfile_backups": 3,
            **options,
            "command": escaped(options["command"]),
        }
        lines += ["", f"[program:{name}]", *(f"{option} = {value}" for option, value in merged.items())]
    return "\n".join(lines) + "\n"


def escaped(value: object) -> str:
    """A value as supervisord.conf wants it: it expands percent signs."""
    return str(value).replace("%", "%%")


def die_with_parent() -> None:
    """On Linux, let the kernel send SIGTERM to this process when `serve` is killed without a chance to clean up."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


def start_supervisor(address: Address, seed: bool) -> "subprocess.Popen[bytes]":
    """Write the configuration and start supervisord in a session of its own: Ctrl-C must reach only `serve`."""
    folder = data_dir()
    (folder / "log").mkdir(parents=True, exist_ok=True)
    (folder / "log" / "seed.log").unlink(missing_ok=True)
    conf = folder / "supervisord.conf"
    conf.write_text(configuration(address, seed), encoding="utf-8")
    with (folder / "log" / "supervisord.out").open("wb") as output:
        return subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "supervisor.supervisord", "-c", str(conf)],
            cwd=BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            start_new_session=True,
            preexec_fn=die_with_parent,
        )


def stop_supervisor(supervisor: "subprocess.Popen[bytes]") -> None:
    """Stop all programs: politely for STOP_SECONDS, which supervisord sees to, then whatever is left at once."""
    if supervisor.poll() is None:
        supervisor.terminate()
    try:
        supervisor.wait(timeout=STOP_SECONDS + 3)
    except subprocess.TimeoutExpired:
        supervisor.kill()
    end_leftovers()


def ask_health(address: Address, timeout: float = 3.0) -> dict[str, Any] | None:
    """What /healthz says, well or not; None while nothing answers."""
    try:
        with urllib.request.urlopen(f"{address.url}/healthz", timeout=timeout) as response:  # noqa: S310
            body = response.read()
    except urllib.error.HTTPError as error:
        body = error.read()
    except OSError:
        return None
    try:
        report = json.loads(body)
    except ValueError:
        return None
    return report if isinstance(report, dict) and "ok" in report else None


def tail(path: Path, lines: int = 15) -> str:
    """The end of a log; empty when there is none."""
    try:
        return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
    except OSError:
        return ""
