"""Schemathesis asks everything the schema names of a running system, as four clients of different reach.

    python -m tests.trials.schema [minutes] [client …]

A system of its own is started as `make run` starts it and filled with a small demo city. The time is shared by the
clients. Looked for: answers above 499, statuses, content types and shapes the schema does not name, and rows out of
scope (tests/trials/scope.py). Figures are kept in docs/trials.md.
"""

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.system import ROOT, System, running

MINUTES = 10
PETITIONS = 240
CASES = 60
# An answer 412 to a bad body under a bad If-Match is right, too: schemathesis counts it as accepted.
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "ignored_auth",
    "unsupported_method",
    "negative_data_rejection",
    "scope_conformance",
)


@dataclass(frozen=True)
class Asker:
    """A client of the trial: for whom it acts, what it may, and its share of the time."""

    name: str
    unit: str
    channel: str
    scopes: tuple[str, ...]
    share: float


def askers() -> list[Asker]:
    """Four clients; the first reads a district, the second may everything, the third handles, the fourth counts."""
    from gateway.scopes import ApiScope

    return [
        Asker("district", "330203-GOV", "letter", ("petitions:read", "backlog:read"), 0.25),
        Asker("city", "NB", "hotline", tuple(ApiScope.values), 0.4),
        Asker("bureau", "330203-HOUSING", "online", ("petitions:read", "orders:write", "backlog:write"), 0.25),
        Asker("open-data", "NB", "online", ("reports:read",), 0.1),
    ]


def ask(name: str, url: str, key: str, seconds: int) -> int:
    """Run schemathesis as one client, in this process; its exit status."""
    from config.embedded import ensure_services

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    ensure_services(["manage.py", "shell"])
    import django

    django.setup()
    # Threads of the engine ask the database of this process, each over a connection of its own.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    from gateway.models import ApiClient
    from tests.trials.asking import prepare

    prepare(ApiClient.objects.select_related("unit__area").get(name=name))
    from schemathesis.cli import schemathesis

    arguments = [
        "run",
        f"{url}/api/v1/schema/",
        f"--header=Authorization: Bearer {key}",
        f"--checks={','.join(CHECKS)}",
        f"--max-time={seconds}",
        "--request-timeout=30",
        "--continue-on-failure",
        "--suppress-health-check=all",
        "--no-color",
        "--generation-database=none",
        "--warnings=off",
    ]
    try:
        schemathesis.main(arguments, standalone_mode=True)
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def fill(system: System) -> None:
    """A small city with something in every table the API shows."""
    system.manage("seed_demo", f"--petitions={PETITIONS}", f"--cases={CASES}", "--quiet", seconds=600)


def run(system: System, minutes: float, only: list[str]) -> list[str]:
    """The whole trial; names of clients that found something."""
    chosen = [asker for asker in askers() if not only or asker.name in only]
    keys = {a.name: system.new_key(a.name, *a.scopes, unit=a.unit, channel=a.channel) for a in chosen}
    system.shell("from gateway.models import ApiClient as C; C.objects.update(rate_per_minute=10_000_000)")
    failed, whole = [], sum(asker.share for asker in chosen)
    for asker in chosen:
        seconds = max(10, round(minutes * 60 * asker.share / whole))
        print(f"== {asker.name}: {', '.join(asker.scopes)}, {seconds} s", flush=True)
        command = [sys.executable, "-m", "tests.trials.schema", "--ask", asker.name, system.url, keys[asker.name]]
        done = subprocess.run([*command, str(seconds)], cwd=ROOT, env=system.environment, check=False)
        if done.returncode:
            failed.append(asker.name)
    return failed


def main() -> None:
    """Run by hand; ends with 1 when anything is wrong."""
    words = sys.argv[1:]
    if words[:1] == ["--ask"]:
        sys.exit(ask(words[1], words[2], words[3], int(words[4])))
    minutes = float(words[0]) if words else MINUTES
    with tempfile.TemporaryDirectory(prefix="yq-trial-") as folder, running(Path(folder), patience=900) as system:
        fill(system)
        failed = run(system, minutes, words[1:])
    print(f"Faults found as: {', '.join(failed)}" if failed else "Nothing wrong.")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
