"""What is read at each scrape: one cheap statement for each reading, a second of time for it.

A reading that fails leaves its figures out and shows in `yongqing_reading_up`; the others go on.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from config.health import check_sweep, heartbeat_age, redis_client
from dispatch.actions.outbox import MAX_ATTEMPTS

Reading = Callable[[datetime], Iterable[GaugeMetricFamily]]
QUEUES = ("default", "clocks", "outbox", "heavy")
PROCESSES = ("clocks", "worker", "beat")


def _gauge(name: str, text: str, values: dict[str, float] | float, label: str = "") -> GaugeMetricFamily:
    """One figure, or one for each value of a label."""
    if not isinstance(values, dict):
        return GaugeMetricFamily(f"yongqing_{name}", text, value=values)
    family = GaugeMetricFamily(f"yongqing_{name}", text, labels=[label])
    for value, figure in values.items():
        family.add_metric([value], figure)
    return family


def _age(moment: datetime | None, at: datetime) -> float:
    return max(0.0, (at - moment).total_seconds()) if moment else 0.0


def sweep(at: datetime) -> Iterator[GaugeMetricFamily]:
    """How late the deadlines' ladder is; the same figures as /healthz."""
    report = check_sweep()
    finished = (
        apps.get_model("dispatch", "SweepRun").objects.order_by("-finished_at").values_list("finished_at").first()
    )
    yield _gauge("sweep_lag_seconds", "Lateness of the oldest rung due or untold.", report["lag_seconds"])
    yield _gauge("sweep_silence_seconds", "Since the last sweep ended.", _age(finished and finished[0], at))
    yield _gauge("firings_set_aside", "Rungs nobody could be told of because of an error.", report["set_aside"])


def clocks(at: datetime) -> Iterator[GaugeMetricFamily]:
    """Deadlines that run and have passed."""
    running = apps.get_model("dispatch", "Clock").objects.filter(state="running", due_at__lt=at)
    yield _gauge("clocks_overdue", "Running deadlines that have passed.", running.count())


def _outbox_rows() -> Iterator[tuple[str, QuerySet[Any]]]:
    notices = apps.get_model("dispatch", "Notice").objects.filter(delivered_at=None, digest=None)
    for channel in ("email", "apprise"):
        yield channel, notices.filter(channel=channel)
    yield "sms", apps.get_model("portal", "Message").objects.filter(delivered_at=None)


def outbox(at: datetime) -> Iterator[GaugeMetricFamily]:
    """What waits to be sent, by channel: how many, how long, how many failed once and how many were given up."""
    waiting, age, failing, given_up = {}, {}, {}, {}
    due = Q(deliver_after__lte=at, attempts__lt=MAX_ATTEMPTS)
    for channel, rows in _outbox_rows():
        found = rows.aggregate(
            waiting=Count("pk", due),
            oldest=Min("deliver_after", filter=due),
            failing=Count("pk", Q(attempts__gt=0, attempts__lt=MAX_ATTEMPTS)),
            given_up=Count("pk", Q(attempts__gte=MAX_ATTEMPTS)),
        )
        waiting[channel], age[channel] = found["waiting"], _age(found["oldest"], at)
        failing[channel], given_up[channel] = found["failing"], found["given_up"]
    yield _gauge("outbox_waiting", "Messages due and not sent.", waiting, "channel")
    yield _gauge("outbox_age_seconds", "Since the oldest message due could have been sent.", age, "channel")
    yield _gauge("outbox_failing", "Messages that failed and will be tried again.", failing, "channel")
    yield _gauge("outbox_given_up", "Messages no longer tried.", given_up, "channel")


def webhooks(at: datetime) -> Iterator[GaugeMetricFamily]:
    """What other systems are to be told and have not been."""
    due = Q(deliver_after__lte=at)
    rows = apps.get_model("gateway", "WebhookMessage").objects
    found = rows.filter(outcome="waiting", endpoint__is_active=True, endpoint__client__is_active=True).aggregate(
        waiting=Count("pk", due), oldest=Min("deliver_after", filter=due), failing=Count("pk", Q(attempts__gt=0))
    )
    closed = apps.get_model("gateway", "WebhookEndpoint").objects.filter(is_active=False).exclude(disabled_reason="")
    yield _gauge("webhook_waiting", "Webhook messages due and not sent.", found["waiting"])
    yield _gauge("webhook_age_seconds", "Since the oldest webhook due could have been sent.", _age(found["oldest"], at))
    yield _gauge("webhook_failing", "Webhook messages that failed and will be tried again.", found["failing"])
    yield _gauge("webhook_given_up", "Webhook messages no longer tried.", rows.filter(outcome="failed").count())
    yield _gauge("webhook_closed", "Endpoints switched off because they answered 410.", closed.count())


def jobs(at: datetime) -> Iterator[GaugeMetricFamily]:
    """Work on many rows that waits or runs."""
    rows = apps.get_model("dispatch", "Job").objects.filter(state__in=["waiting", "running"])
    found = rows.aggregate(
        waiting=Count("pk", Q(state="waiting")),
        running=Count("pk", Q(state="running")),
        oldest=Min("created_at", filter=Q(state="waiting")),
    )
    states = {"waiting": found["waiting"], "running": found["running"]}
    yield _gauge("jobs", "Jobs that wait or run.", states, "state")
    yield _gauge("job_age_seconds", "Since the oldest waiting job was asked for.", _age(found["oldest"], at))


def search_index(at: datetime) -> Iterator[GaugeMetricFamily]:
    """Texts changed and not yet found by the search."""
    pending = apps.get_model("petitions", "SearchPending").objects.count()
    yield _gauge("search_pending", "Texts that wait for the search index.", pending)


def broker(at: datetime) -> Iterator[GaugeMetricFamily]:
    """Length of each task queue, and how long each kind of process has been silent."""
    with redis_client() as client:
        lengths: dict[str, float] = {name: client.llen(name) for name in QUEUES}
    yield _gauge("queue_length", "Tasks that wait in the broker.", lengths, "queue")
    ages = {name: heartbeat_age(name) for name in PROCESSES}
    silences = {name: float("inf") if age is None else age for name, age in ages.items()}
    yield _gauge("heartbeat_age_seconds", "Since a process of the kind last reported.", silences, "process")


def _readings() -> dict[str, Reading]:
    return {
        "sweep": sweep,
        "clocks": clocks,
        "outbox": outbox,
        "webhooks": webhooks,
        "jobs": jobs,
        "search_index": search_index,
    }


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception:
        return False
    return True


def _read(reading: Reading, at: datetime, *, in_database: bool) -> list[GaugeMetricFamily] | None:
    """What a reading found; None when it failed."""
    try:
        if not in_database:
            return list(reading(at))
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout = '1s'")
            return list(reading(at))
    except Exception:
        return None


class Readings(Collector):
    """Asks everything once for each scrape; it never raises."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """All figures, then which readings could be taken."""
        at, up = timezone.now(), {}
        database = _database_answers()
        yield _gauge("database_up", "1 when the database answers.", database)
        for name, reading in _readings().items() if database else ():
            found = _read(reading, at, in_database=True)
            up[name] = float(found is not None)
            yield from found or ()
        queues = _read(broker, at, in_database=False)
        yield _gauge("broker_up", "1 when the broker answers.", queues is not None)
        yield from queues or ()
        yield _gauge("reading_up", "1 when a reading could be taken at this scrape.", up, "reading")
        yield _gauge("demo", "1 when this is a demo.", settings.DEMO)
