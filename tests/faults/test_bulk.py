"""Bulk intake under workers that are killed, and two tables with the same numbers at once."""

import os
import signal
import time
from datetime import timedelta

import orjson
import pytest
from django.utils import timezone

from dispatch.actions import jobs
from dispatch.models import Job
from gateway import actions
from gateway.actions import bulk
from gateway.bulk.landing import TAKEN
from gateway.bulk.packing import Line
from gateway.bulk.reading import Sheet
from gateway.models import BulkIntake, BulkPart
from gateway.reference import forget_cached_reference
from petitions import events
from petitions.models import Petition
from tests.city import City
from tests.faults.test_concurrency import start_python, together, town  # noqa: F401 - a fixture
from tests.faults.test_jobs import WORKER
from tests.gateway.conftest import body

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]


def begin(town: City, count: int, name: str, monkeypatch: pytest.MonkeyPatch) -> BulkIntake:  # noqa: F811
    forget_cached_reference()
    monkeypatch.setattr(bulk, "PART", 20)
    at = timezone.now()
    client = actions.create_client(
        name, channel="hotline", unit=town.units["hotline"], scopes=["petitions:write"], at=at
    )
    lines = [Line(n, [orjson.dumps(body(source_ref=f"k-{n}")).decode()]) for n in range(1, count + 1)]
    return bulk.start_for_client(client, Sheet("ndjson", lines), name=name, at=at)


def refs_once(count: int) -> None:
    found = sorted(Petition.objects.filter(channel="hotline").values_list("source_ref", flat=True))
    assert found == sorted(f"k-{n}" for n in range(1, count + 1))
    assert not [b for _n, broken in events.verify_all() for b in broken]


def test_a_worker_killed_in_mid_table_lands_each_line_once(
    town: City,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    intake, killed = begin(town, 600, "killed", monkeypatch), 0
    for _attempt in range(2):
        # The next worker would wait until the dead one's lease is over.
        Job.objects.filter(pk=intake.job_id).update(leased_until=timezone.now() - timedelta(seconds=1))
        process = start_python(WORKER)
        assert process.stdout is not None and process.stdout.readline()
        seen, give_up = Petition.objects.count(), time.monotonic() + 30
        while Petition.objects.count() < seen + 60 and process.poll() is None and time.monotonic() < give_up:
            pass
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            killed += 1
        process.wait()
    assert killed, "no worker was caught at work"
    assert 0 < Petition.objects.count() < 600
    later = timezone.now() + jobs.LEASE
    jobs.drain(now=lambda: later)
    intake.refresh_from_db()
    assert (intake.job.state, intake.taken, intake.known, intake.refused) == ("done", 600, 0, 0)
    told = [row for part in BulkPart.objects.order_by("number") for row in part.results]
    assert [row[0] for row in told] == list(range(1, 601)) and {row[1] for row in told} == {TAKEN}
    assert {row[2] for row in told} == set(Petition.objects.values_list("pk", flat=True))
    refs_once(600)


def test_two_tables_with_the_same_numbers_at_once_register_each_once(
    town: City,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, two = begin(town, 100, "one", monkeypatch), begin(town, 100, "two", monkeypatch)
    found = together(*[lambda: jobs.drain(now=timezone.now)] * 2)
    assert not [r for r in found if isinstance(r, Exception)]
    for intake in (one, two):
        intake.refresh_from_db()
        assert (intake.job.state, intake.handled, intake.refused) == ("done", 100, 0)
    assert one.taken + two.taken == 100
    refs_once(100)
