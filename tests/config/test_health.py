"""GET /healthz tells the truth, to anybody, without ever failing itself."""

import time
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client
from django.utils import timezone

from config import health
from dispatch.models import Firing, PendingRung, SweepRun

DEAD_REDIS = "redis://127.0.0.1:1/0"


@pytest.fixture
def processes() -> None:
    """A worker and a beat that have just reported."""
    for name in ("clocks", "worker", "beat"):
        health.record_heartbeat(name)


def ask(status: int) -> dict:
    response = Client().get("/healthz")
    assert response.status_code == status, response.content
    return response.json()


@pytest.mark.django_db
def test_it_is_well_when_everything_runs_and_nobody_is_signed_in(processes):
    report = ask(200)
    assert report["ok"] is True
    assert all(report[name]["ok"] for name in ("database", "broker", "clocks", "worker", "beat", "sweep"))


@pytest.mark.django_db
def test_it_is_never_cached(processes):
    assert "no-store" in Client().get("/healthz")["Cache-Control"]


@pytest.mark.django_db
def test_it_answers_503_at_once_when_the_broker_is_down(settings):
    settings.REDIS_URL = DEAD_REDIS
    began = time.monotonic()
    report = ask(503)
    assert time.monotonic() - began < 2
    assert report["database"]["ok"] is True
    assert report["broker"]["ok"] is report["worker"]["ok"] is report["beat"]["ok"] is False
    assert report["sweep"]["ok"] is True


def test_it_answers_503_and_tells_no_secret_when_the_database_is_down(monkeypatch, processes):
    def refuse(self):
        raise OperationalError('connection to server at "db.internal" failed: password authentication failed')

    monkeypatch.setattr(BaseDatabaseWrapper, "ensure_connection", refuse)
    report = ask(503)
    assert report["database"] == {"ok": False, "detail": "no answer (OperationalError)"}
    assert report["sweep"]["ok"] is False
    assert report["broker"]["ok"] is True
    assert "db.internal" not in str(report)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["clocks", "worker", "beat"])
def test_a_process_that_never_reported_is_not_well(name, processes):
    with health.redis_client() as client:
        client.delete(health.HEARTBEAT_KEY + name)
    assert ask(503)[name] == {"ok": False, "detail": "never reported"}


@pytest.mark.django_db
@pytest.mark.parametrize("name, silence", [("worker", health.WORKER_SILENCE), ("beat", health.BEAT_SILENCE)])
def test_a_stale_heartbeat_is_not_well(name, silence, processes):
    with health.redis_client() as client:
        client.set(health.HEARTBEAT_KEY + name, int(time.time()) - silence - 1)
    assert ask(503)[name]["ok"] is False


@pytest.mark.django_db
@pytest.mark.parametrize("lag, ok", [(0, True), (170, True), (200, False)])
def test_the_sweep_is_well_while_its_lag_is_under_three_minutes(lag, ok, processes):
    PendingRung.objects.create(fire_at=timezone.now() - timedelta(seconds=lag), clock_id=1, generation=1, rung=1)
    sweep = ask(200 if ok else 503)["sweep"]
    assert sweep["ok"] is ok
    assert abs(sweep["lag_seconds"] - lag) <= 2


@pytest.mark.django_db
def test_a_rung_of_tomorrow_is_no_lag(processes):
    PendingRung.objects.create(fire_at=timezone.now() + timedelta(days=1), clock_id=1, generation=1, rung=1)
    assert ask(200)["sweep"]["lag_seconds"] == 0


@pytest.mark.django_db
def test_it_names_the_last_sweep(processes):
    at = timezone.now() - timedelta(seconds=30)
    SweepRun.objects.create(at=at, finished_at=at, fired=0, announced=0, set_aside=0, lag_seconds=0)
    assert "last sweep finished 30 s ago" in ask(200)["sweep"]["detail"]


@pytest.mark.django_db
def test_a_sweep_given_a_moment_of_next_year_does_not_hide_the_real_ones(processes):
    now = timezone.now()
    for at, finished in ((now + timedelta(days=400), now - timedelta(minutes=20)), (now, now)):
        SweepRun.objects.create(at=at, finished_at=finished, fired=0, announced=0, set_aside=0, lag_seconds=0)
    assert "last sweep finished 0 s ago" in ask(200)["sweep"]["detail"]


@pytest.mark.django_db
def test_no_sweep_for_five_minutes_is_not_well_even_when_nothing_is_due(processes):
    at = timezone.now() - timedelta(seconds=health.SWEEP_SILENCE + 5)
    SweepRun.objects.create(at=at, finished_at=at, fired=0, announced=0, set_aside=0, lag_seconds=0)
    assert ask(503)["sweep"]["ok"] is False


@pytest.mark.django_db
def test_a_rung_that_fired_and_is_told_to_nobody_is_lag(processes):
    late = timezone.now() - timedelta(minutes=10)
    firing = Firing.objects.create(clock_id=1, generation=1, rung=1, planned_at=late, fired_at=late)
    assert ask(503)["sweep"]["lag_seconds"] >= 600
    Firing.objects.update(error="its ladder cannot be read")
    assert ask(200)["sweep"]["set_aside"] == 1
    assert firing.rung == 1


def test_a_heartbeat_without_a_broker_is_silently_lost(settings):
    settings.REDIS_URL = DEAD_REDIS
    health.record_heartbeat("worker")
