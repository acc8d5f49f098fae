"""`manage.py serve`, behind `make run`: bring everything up, say so, watch over it, take everything down.

The embedded database and broker are started before Django loads (config/embedded.py, config/supervision.py).
"""

import hashlib
import io
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from config.embedded import data_dir
from config.supervision import BROKER, Address, ask_health, start_supervisor, stop_supervisor, tail
from config.translations import compile_stale

WEB_PATIENCE = 60
SEED_REPORT_EVERY = 5


class Stop(BaseException):
    """SIGTERM or Ctrl-C; no Exception, so that nothing on the way swallows it."""


class Command(BaseCommand):
    help = "Run database, broker, web, worker and beat on this machine until Ctrl-C. PORT and YQ_BIND set the address."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-seed", action="store_true", help="do not fill an empty database with demo petitions")
        parser.add_argument("--no-demo", action="store_true", help="run without demo accounts, keys and data")

    def handle(self, *args: Any, **options: Any) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, stop)
        supervisor = None
        try:
            self.prepare()
            demo = settings.DEMO and not options["no_demo"]
            seed = demo and not options["no_seed"] and is_empty()
            address = Address.from_environment()
            # The supervised processes open their own connections.
            connection.close()
            supervisor = start_supervisor(address, seed)
            self.wait_for_web(address, supervisor)
            self.introduce(address, demo)
            self.watch(address, supervisor, seed)
        except Stop:
            self.say("\nStopping …")
        finally:
            # A second Ctrl-C must not interrupt the cleaning up.
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            if supervisor is not None:
                stop_supervisor(supervisor)
        self.say("Stopped.")

    def say(self, text: str) -> None:
        """Print at once, also into a pipe."""
        self.stdout.write(text)
        self.stdout.flush()

    @contextmanager
    def step(self, name: str) -> Iterator[Callable[[str], None]]:
        """One line of progress: name, result, seconds."""
        began = time.monotonic()
        result: list[str] = []
        yield result.append
        self.say(f"  {name:<15} {', '.join([*result, f'{time.monotonic() - began:.1f} s'])}")

    def prepare(self) -> None:
        """Bring database, reference data, texts and static files up to date; quick when there is nothing to do."""
        with self.step("migrations") as tell:
            executor = MigrationExecutor(connection)
            plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
            if plan:
                call_command("migrate", interactive=False, verbosity=0)
            tell(f"{len(plan)} applied" if plan else "nothing to do")
        with self.step("reference data"):
            call_command("load_reference", verbosity=0, stdout=io.StringIO())
        with self.step("translations"):
            compile_stale(settings.BASE_DIR / "locale")
        with self.step("static files") as tell:
            tell("collected" if collect_static() else "unchanged")

    def wait_for_web(self, address: Address, supervisor: Any) -> None:
        """Return when /healthz answers, whatever it says. Raises CommandError with the log when it does not."""
        with self.step("web"):
            deadline = time.monotonic() + WEB_PATIENCE
            while ask_health(address) is None:
                if supervisor.poll() is not None or time.monotonic() > deadline:
                    log = data_dir() / "log"
                    raise CommandError(
                        f"The web processes did not answer at {address.url}. Their log, {log / 'web.log'}, ends:\n"
                        f"{tail(log / 'web.log')}\n{tail(log / 'supervisord.out')}"
                    )
                time.sleep(0.1)

    def introduce(self, address: Address, demo: bool) -> None:
        """The address, and in the demo who may sign in."""
        self.say(f"\n  {self.style.SUCCESS(address.url)}   (logs: {data_dir() / 'log'}; Ctrl-C stops everything)\n")
        if not demo:
            return
        from accounts.demo import cast

        self.say("  Demo sign-ins:")
        for member in cast():
            self.say(f"    {member.username:<14} {member.password:<16} {member.role_label} · {member.unit_label}")
        self.say("")

    def watch(self, address: Address, supervisor: Any, seed: bool) -> None:
        """Stay until told to stop; report when all is well, and how the demo data grow."""
        well, seeding, said, next_report = False, seed, "", time.monotonic()
        while True:
            if supervisor.poll() is not None:
                raise CommandError(f"supervisord ended unexpectedly:\n{tail(data_dir() / 'log' / 'supervisord.log')}")
            if BROKER.revive():
                self.say("  broker          had died and was started again")
            if not well:
                report = ask_health(address)
                well = bool(report and report["ok"])
                if well:
                    self.say("  worker, beat    running; everything is up")
            if seeding and time.monotonic() >= next_report:
                next_report = time.monotonic() + SEED_REPORT_EVERY
                # Asked before the log is read, so that the last line of an ended program is not missed.
                seeding = is_running(supervisor, "seed_demo")
                line = last_line("seed.log")
                if line and line != said:
                    said = line
                    self.say(f"  demo data       {line}")
            time.sleep(1)


def stop(*_: Any) -> None:
    """Signal handler."""
    raise Stop


def is_empty() -> bool:
    """True when there is no petition yet."""
    return not apps.get_model("petitions", "Petition").objects.exists()


def is_running(supervisor: Any, word: str) -> bool:
    """True while one of the supervised programs has this word on its command line."""
    for process in psutil.Process(supervisor.pid).children():
        with suppress(psutil.Error):
            if word in " ".join(process.cmdline()):
                return True
    return False


def last_line(log: str) -> str:
    """The newest line of a log; a progress bar rewrites its line with carriage returns."""
    text = tail(data_dir() / "log" / log, 1)
    return text.rsplit("\r", 1)[-1].strip()


def collect_static() -> bool:
    """collectstatic, unless sources and target are as it left them; True when it ran.

    Hashing and compressing the API documentation's files takes several seconds.
    """
    digest = hashlib.sha256(sys.version.encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            facts = Path(storage.path(path)).stat()
            digest.update(f"{path} {facts.st_mtime_ns} {facts.st_size}\n".encode())
    stamp = settings.STATIC_ROOT / ".fingerprint"
    if stamp.exists() and stamp.read_text() == digest.hexdigest():
        return False
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(digest.hexdigest())
    return True
