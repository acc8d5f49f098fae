"""GET /healthz: is everything that must run running? For monitors, load balancers and `serve`; nobody signs in for it.

Heartbeats are keys in Redis that Celery's signals refresh (config/celery.py). The lag of the deadline sweep comes from
PostgreSQL, which keeps time even while Redis is away.
"""

import time
from collections.abc import Callable
from typing import Any

import redis
from django.apps import apps
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connection, transaction
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.backoff import NoBackoff
from redis.retry import Retry

# Seconds. The worker reports every 5 s, beat with every task it sends (the most frequent one goes out every 10 s).
WORKER_SILENCE = 30
BEAT_SILENCE = 60
SWEEP_LAG = 180
# A sweep runs every minute; after so long without one somebody must look, whether or not anything is due.
SWEEP_SILENCE = 300
HEARTBEAT_KEY = "yq:heartbeat:"
HEARTBEAT_TTL = 24 * 3600

Report = dict[str, Any]


def redis_client() -> "redis.Redis":
    """A client that gives up after half a second and never tries again: health must answer while Redis is down."""
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=0.5, socket_timeout=0.5, retry=Retry(NoBackoff(), 0)
    )


def record_heartbeat(name: str) -> None:
    """Note that `name` is alive now. A Redis that is away is no reason to stop working, so errors are swallowed."""
    try:
        with redis_client() as client:
            client.set(HEARTBEAT_KEY + name, int(time.time()), ex=HEARTBEAT_TTL)
    except redis.RedisError:
        return


def check_database() -> Report:
    """One trivial query; PostgreSQL gets a second for it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '1s'")
        cursor.execute("SELECT 1")
    return {"ok": True, "detail": "answers"}


def check_broker() -> Report:
    """One PING."""
    with redis_client() as client:
        client.ping()
    return {"ok": True, "detail": "answers"}


def heartbeat_age(name: str) -> float | None:
    """Seconds since the last heartbeat; None when there was none within a day."""
    with redis_client() as client:
        stamp: Any = client.get(HEARTBEAT_KEY + name)
    return None if stamp is None else max(0.0, time.time() - int(stamp))


def check_heartbeat(name: str, silence: int) -> Report:
    """Whether a process reported within `silence` seconds."""
    age = heartbeat_age(name)
    if age is None:
        return {"ok": False, "detail": "never reported"}
    return {"ok": age < silence, "detail": f"reported {age:.0f} s ago"}


def check_sweep() -> Report:
    """How late the oldest due rung is, or the oldest that fired and is not told; and when a sweep last ended.

    A lag under SWEEP_LAG seconds is normal between two sweeps. Firings set aside are counted, not judged: they wait
    for a person, and taking the site off the net would not help them.
    """
    rungs, runs, firings = (apps.get_model("dispatch", name) for name in ("PendingRung", "SweepRun", "Firing"))
    now = timezone.now()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '1s'")
        oldest = rungs.objects.filter(fire_at__lte=now).order_by("fire_at").values_list("fire_at", flat=True).first()
        # Not by `at`: a sweep by hand may have been given a moment of next year.
        finished = runs.objects.order_by("-finished_at").values_list("finished_at", flat=True).first()
        untold = firings.objects.filter(announced_at=None, error="").order_by("fired_at")
        waiting = untold.values_list("fired_at", flat=True).first()
        aside = firings.objects.filter(announced_at=None).exclude(error="")[:1000].count()
    lag = max(((now - moment).total_seconds() for moment in (oldest, waiting) if moment), default=0.0)
    lag = max(0.0, lag)
    silence = (now - finished).total_seconds() if finished else 0.0
    last = f"last sweep finished {silence:.0f} s ago" if finished else "no sweep has run yet"
    return {
        "ok": lag < SWEEP_LAG and silence < SWEEP_SILENCE,
        "detail": f"lag {lag:.0f} s, {last}" + (f", {aside} firings set aside" if aside else ""),
        "lag_seconds": round(lag),
        "set_aside": aside,
    }


def check_scanner() -> Report:
    """Whether the virus scanner answers and how many files wait for it. Advice: files wait, the site goes on."""
    from petitions.scanning import report

    found = report(at=timezone.now())
    return {"ok": found["ok"], "detail": found["detail"], "is_advice": True, "waiting": found["waiting"]}


CHECKS: dict[str, Callable[[], Report]] = {
    "database": lambda: check_database(),
    "broker": lambda: check_broker(),
    "clocks": lambda: check_heartbeat("clocks", WORKER_SILENCE),
    "worker": lambda: check_heartbeat("worker", WORKER_SILENCE),
    "beat": lambda: check_heartbeat("beat", BEAT_SILENCE),
    "sweep": lambda: check_sweep(),
    "scanner": lambda: check_scanner(),
}


def run_checks() -> dict[str, Report]:
    """Every check's report. Broker and database are asked once: what needs one that is down is not tried again."""
    reports: dict[str, Report] = {}
    needs = {"clocks": "broker", "worker": "broker", "beat": "broker", "sweep": "database", "scanner": "database"}
    for name, check in CHECKS.items():
        need = needs.get(name)
        if need and not reports[need]["ok"]:
            reports[name] = {"ok": False, "detail": f"unknown: the {need} does not answer"}
            continue
        try:
            reports[name] = check()
        except Exception as error:
            # The message may name hosts and users; the class is enough for an anonymous reader.
            reports[name] = {"ok": False, "detail": f"no answer ({type(error).__name__})"}
    return reports


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when everything is well, otherwise 503 with the same body; never 500, answers in about two seconds."""
    reports = run_checks()
    ok = all(report["ok"] or report.get("is_advice") for report in reports.values())
    return JsonResponse({"ok": ok, **reports}, status=200 if ok else 503)
