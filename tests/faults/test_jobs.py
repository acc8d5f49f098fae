"""Jobs under real workers: killed in the middle, two at once, cancelled while they run."""

import os
import signal
import subprocess
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from dispatch.actions import jobs
from dispatch.models import Job
from petitions import actions, events
from petitions.models import Event
from tests.city import City, draft
from tests.faults.test_concurrency import start_python, together, town  # noqa: F401 - a fixture

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

WORKER = """
import django; django.setup()
from django.utils import timezone
from dispatch.actions import jobs
print("go", flush=True)
jobs.drain(now=timezone.now)
"""


def begin(town: City, count: int) -> Job:  # noqa: F811
    made = actions.register_many([draft(town)] * count, actor=town.officer, at=town.at)
    return jobs.start(
        "batch_note", [p.pk for p in made], params={"text": "成批记录"}, actor=town.officer, at=timezone.now()
    )


def assert_each_row_once(job: Job, count: int) -> None:
    job.refresh_from_db()
    assert (job.state, job.done, job.refused) == ("done", count, 0)
    targets = list(job.items.values_list("target_id", flat=True))
    noted = list(Event.objects.filter(kind="note", petition__in=targets).values_list("petition_id", flat=True))
    assert sorted(noted) == sorted(targets)
    assert set(job.items.values_list("event_id", flat=True)) == set(
        Event.objects.filter(kind="note").values_list("pk", flat=True)
    )
    assert not [b for _n, broken in events.verify_all() for b in broken]


def test_a_worker_killed_in_mid_job_loses_and_doubles_no_row(town: City) -> None:  # noqa: F811
    job = begin(town, 400)
    later, killed = timezone.now(), 0
    for _attempt in range(3):
        # The next worker would wait until the dead one's lease is over.
        Job.objects.filter(pk=job.pk).update(leased_until=timezone.now() - timedelta(seconds=1))
        process = start_python(WORKER)
        assert process.stdout is not None and process.stdout.readline()
        seen = Job.objects.get(pk=job.pk).done
        give_up = time.monotonic() + 20
        while Job.objects.get(pk=job.pk).done < seen + 20 and process.poll() is None and time.monotonic() < give_up:
            pass
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            killed += 1
        process.wait()
        later = timezone.now() + jobs.LEASE
    assert killed, "no worker was caught at work"
    job.refresh_from_db()
    assert 0 < job.done < 400
    jobs.drain(now=lambda: later)
    assert_each_row_once(job, 400)


def test_two_workers_at_once_do_each_row_once(town: City) -> None:  # noqa: F811
    all_jobs = [begin(town, 60) for _i in range(3)]
    found = together(*[lambda: jobs.drain(now=timezone.now)] * 3)
    assert not [r for r in found if isinstance(r, Exception)]
    for job in all_jobs:
        job.refresh_from_db()
        assert (job.state, job.done) == ("done", 60)
    assert Event.objects.filter(kind="note").count() == 180


def test_a_job_cancelled_while_it_runs_counts_exactly_what_was_done(town: City) -> None:  # noqa: F811
    job = begin(town, 300)

    def stop() -> None:
        while Job.objects.get(pk=job.pk).done < 20:
            pass
        jobs.cancel(job.pk, actor=town.officer, at=timezone.now())

    found = together(lambda: jobs.drain(now=timezone.now), stop)
    assert not [r for r in found if isinstance(r, Exception)]
    job.refresh_from_db()
    noted = Event.objects.filter(kind="note").count()
    assert job.state == "cancelled" and 20 <= noted < 300
    assert job.done == noted == job.items.filter(result="done").count()


def test_with_the_broker_away_the_drain_does_the_job(town: City, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    from celery import current_app

    # A port nobody listens on: the wake-up fails as it does when Redis is down.
    monkeypatch.setitem(current_app.conf, "broker_url", "redis://127.0.0.1:1/0")
    began = time.monotonic()
    job = begin(town, 5)
    assert time.monotonic() - began < 30
    environment = {**os.environ, "REDIS_URL": "redis://127.0.0.1:1/0"}
    process = start_python(WORKER, environment=environment, stderr=subprocess.DEVNULL)
    assert process.wait(60) == 0
    assert_each_row_once(job, 5)
