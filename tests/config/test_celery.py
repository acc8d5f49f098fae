"""Celery's signals become heartbeats."""

from config import celery, health


def test_a_worker_reports_at_most_every_five_seconds(monkeypatch):
    reported: list[str] = []
    monkeypatch.setattr(health, "record_heartbeat", reported.append)
    monkeypatch.setattr(celery, "pulse", celery.Pulse())
    celery.worker_lives()
    celery.worker_lives()
    assert reported[0] == "worker"
    assert len(reported) == 2  # one for all workers, one for this machine


def test_only_beat_reports_when_it_sends_a_task(monkeypatch):
    reported: list[str] = []
    monkeypatch.setattr(health, "record_heartbeat", reported.append)
    monkeypatch.setattr(celery, "pulse", celery.Pulse())
    celery.beat_lives()
    assert reported == []
    celery.beat_starts()
    celery.pulse.last = float("-inf")
    celery.beat_lives()
    assert reported.count("beat") == 2


def test_a_worker_says_which_queues_it_serves():
    assert celery.duties(["clocks"]) == ["clocks"]
    assert celery.duties(["outbox", "default", "heavy"]) == ["worker"]
    # One worker for everything, as a small office may run it.
    assert celery.duties(["clocks", "outbox", "default", "heavy"]) == ["clocks", "worker"]
