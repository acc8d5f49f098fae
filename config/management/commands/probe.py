"""`manage.py probe web|clocks|worker|beat`: a container's health check. Exit code 0: this container does its work."""

import json
import socket
import urllib.error
import urllib.request
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.health import BEAT_SILENCE, WORKER_SILENCE, check_heartbeat


class Command(BaseCommand):
    help = "Exit 0 when the process of this container is alive: web answers, a worker or beat reported lately."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("process", choices=["web", "clocks", "worker", "beat"])
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["process"] == "web":
            detail = ask_web(options["port"])
        else:
            silence = BEAT_SILENCE if options["process"] == "beat" else WORKER_SILENCE
            report = check_heartbeat(f"{options['process']}@{socket.gethostname()}", silence)
            if not report["ok"]:
                raise CommandError(report["detail"])
            detail = report["detail"]
        self.stdout.write(detail)


def ask_web(port: int) -> str:
    """What /healthz says. A 503 is an answer too: restarting the web does not mend a broker that is down."""
    host = settings.ALLOWED_HOSTS[0].lstrip(".") if settings.ALLOWED_HOSTS else "localhost"
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/healthz", headers={"Host": "localhost" if host == "*" else host}
    )
    try:
        with urllib.request.urlopen(request, timeout=5) as response:  # noqa: S310
            body = response.read()
    except urllib.error.HTTPError as error:
        body = error.read()
    except OSError as error:
        raise CommandError(f"no answer: {error}") from error
    try:
        return "answers, " + ("all is well" if json.loads(body)["ok"] else "something else is not well")
    except (ValueError, KeyError, TypeError) as error:
        raise CommandError("the answer is not a health report") from error
