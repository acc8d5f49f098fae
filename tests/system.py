"""The whole system as `make run` starts it, on a data directory of its own: for tests and trials that kill parts."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[1]


@dataclass
class System:
    """A running Yongqing of its own: address, environment for `manage.py`, and the supervisor's process."""

    url: str
    environment: dict[str, str]
    process: subprocess.Popen[str]
    key: str = ""

    @property
    def folder(self) -> Path:
        return Path(self.environment["YQ_DATA_DIR"])

    def start(self, code: str) -> subprocess.Popen[bytes]:
        """A process of its own that runs this code with the system's settings and services."""
        command = [sys.executable, "manage.py", "shell", "-v0", "-c", code]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.Popen(command, cwd=ROOT, env=self.environment, start_new_session=True, **quiet)  # type: ignore[call-overload]

    def new_key(self, name: str, *scopes: str, unit: str = "NB-12345", channel: str = "hotline") -> str:
        """The key of a new client."""
        made = self.manage("create_api_client", name, "--channel", channel, "--unit", unit, "--scopes", *scopes)
        return made.strip().splitlines()[-1]

    def api_key(self) -> str:
        """A key that may post and read, made once."""
        if not self.key:
            self.key = self.new_key("Kill", "petitions:write", "petitions:read")
        return self.key

    def manage(self, *arguments: str, seconds: float = 120) -> str:
        """What a command of `manage.py` prints; it must succeed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=seconds,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def shell(self, code: str) -> str:
        """What Python code prints with the system's settings and services."""
        return self.manage("shell", "-v0", "-c", code)

    def processes(self, word: str) -> list[psutil.Process]:
        """Processes below the supervisor whose command line has the word."""
        below = psutil.Process(self.process.pid).children(recursive=True)
        return [p for p in below if any(word in part for part in command_of(p))]

    def kill_web_worker(self) -> None:
        """Kill -9 one web process; the master is left to bring it back."""
        found = self.processes("gunicorn")
        # The master is the one whose parent is no gunicorn.
        masters = {p.pid for p in found}
        next(p for p in found if p.ppid() in masters).kill()

    def health(self) -> dict[str, Any]:
        """What /healthz says."""
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            return json.load(error)
        except OSError:
            return {"ok": False}


@contextmanager
def running(folder: Path, patience: float = 240) -> Iterator[System]:
    """A healthy system with reference data and nothing else in it, up within `patience` seconds; stopped at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL"}}
    environment |= {"YQ_DATA_DIR": str(folder), "PORT": str(port), "DJANGO_SETTINGS_MODULE": "config.settings"}
    with (folder / "serve.out").open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--no-seed"],
            cwd=ROOT,
            env=environment,
            stdout=out,
            stderr=out,
            text=True,
        )
    found = System(f"http://127.0.0.1:{port}", environment, process)
    try:
        wait_for(lambda: found.health()["ok"], patience, "a healthy start")
        yield found
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def command_of(process: psutil.Process) -> list[str]:
    """The command line in words; nothing for a process that has just died."""
    try:
        return " ".join(process.cmdline()).split()
    except psutil.NoSuchProcess:
        return []


def wait_for(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Ask again and again; fails when it does not become true in time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"{what} did not happen within {seconds:.0f} s"
        time.sleep(0.3)
