"""The Celery application. PostgreSQL keeps time; Celery only wakes it (docs/architecture.md, "Clocks are rows")."""

import logging.config
import os
import socket
import time
from collections.abc import Iterable
from typing import Any

from celery import Celery, signals
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("yongqing")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# Every line a task logs carries the task's id and that of the request that started it (config/requests.py).
app.steps["worker"].add(DjangoStructLogInitStep)


@signals.setup_logging.connect
def same_log(**kwargs: Any) -> None:
    """Logs of workers and beat look like those of the web; a receiver here keeps Celery from setting up its own."""
    from django.conf import settings

    logging.config.dictConfig(settings.LOGGING)


class Pulse:
    """Heartbeats of this process for /healthz, at most one every five seconds."""

    def __init__(self) -> None:
        self.is_beat = False
        self.last = float("-inf")

    def report(self, *names: str) -> None:
        """Record a heartbeat for each of the names unless one was recorded a moment ago."""
        # Models are not loaded when Celery imports this module.
        from config.health import record_heartbeat

        if time.monotonic() - self.last >= 5:
            self.last = time.monotonic()
            for name in names:
                record_heartbeat(name)
                # Each container asks for its own (`manage.py probe`): one live worker must not hide a dead one.
                record_heartbeat(f"{name}@{socket.gethostname()}")


pulse = Pulse()


def duties(queues: Iterable[str]) -> list[str]:
    """As what a worker on these queues reports: "clocks" for the deadlines' own, "worker" for the rest."""
    names = set(queues)
    found = ["clocks"] if "clocks" in names else []
    return [*found, "worker"] if names - {"clocks"} else found


@signals.worker_ready.connect
@signals.heartbeat_sent.connect
def worker_lives(**kwargs: Any) -> None:
    """The consumer's own heartbeat: it stops when the worker hangs, not only when it dies."""
    pulse.report(*duties(app.amqp.queues.consume_from))


@signals.beat_init.connect
@signals.beat_embedded_init.connect
def beat_starts(**kwargs: Any) -> None:
    """From here on, what this process publishes is beat's."""
    pulse.is_beat = True
    pulse.report("beat")


@signals.before_task_publish.connect
def beat_lives(**kwargs: Any) -> None:
    """Beat shows that it lives by sending what is due."""
    if pulse.is_beat:
        pulse.report("beat")
