"""The whole system as `make run` starts it, with its web and worker processes killed under load."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
import redis

from tests.migrating import schema
from tests.system import ROOT, System, command_of, running, wait_for
from tests.trials import replay

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]
TOTAL = 400


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with running(tmp_path_factory.mktemp("system")) as found:
        yield found


@pytest.mark.django_db
def test_the_tests_stand_on_the_schema_the_migrations_make(system: System) -> None:
    made = system.manage(
        "shell", "-v0", "-c", "import json; from tests.migrating import schema; print(json.dumps(schema()))"
    )
    own = schema()
    assert set(json.loads(made)) ^ set(own) == set()
    assert len(own) > 5000


def post(system: System, key: str, number: int) -> dict[str, Any]:
    """Post one matter as a careful client does: the same key again until an answer arrives."""
    body = json.dumps(
        {
            "content": f"第 {number} 件：小区路灯不亮，夜间行走不便，请尽快维修。",
            "area": "330203",
            "source_ref": f"KILL-{number}",
            "petitioner": {"name": "周小琴", "phone": "13812345127"},
        }
    ).encode()
    headers = {
        "Authorization": f"Bearer {key}",
        "Content-Type": "application/json",
        "Idempotency-Key": f"kill-{number}",
    }
    for _attempt in range(60):
        request = urllib.request.Request(f"{system.url}/api/v1/petitions", data=body, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            assert error.code in {409, 429, 500, 502, 503}, error.read()
            assert error.code != 500, error.read()
        except (OSError, http.client.HTTPException):
            # The process died under the request; a careful client asks again with the same key.
            pass
        time.sleep(0.2)
    raise AssertionError(f"no answer for {number}")


def test_posts_of_eight_clients_while_web_processes_are_killed_are_each_there_once(system: System) -> None:
    found = replay.run(system, posts=TOTAL, kills=3)
    assert found.faults() == []
    assert found.kinds["dropped"] and found.kinds["again"] and found.kinds["other client"] and found.kinds["other body"]


def test_a_killed_worker_comes_back_and_health_says_so(system: System) -> None:
    masters = [p for p in system.processes("celery") if "worker" in command_of(p)]
    assert masters
    for victim in masters:
        # Killing the parent may have ended the child already.
        with suppress(psutil.NoSuchProcess):
            victim.kill()
    dead = {victim.pid for victim in masters}
    wait_for(
        lambda: any("worker" in command_of(p) for p in system.processes("celery") if p.pid not in dead),
        30,
        "a new worker",
    )
    wait_for(lambda: system.health()["ok"], 90, "health")


# Rungs not fired, firings not told, clocks that miss a firing, and messages told twice.
LEFT_OVER = """
from django.db.models import Count
from dispatch.models import Clock, Firing, Notice, PendingRung
told = Notice.objects.filter(kind="deadline").values("recipient", "petition", "channel").annotate(n=Count("id"))
untold = Firing.objects.filter(announced_at=None)
missed = Clock.objects.count() * 3 - Firing.objects.count()
print(PendingRung.objects.count(), untold.count(), missed, told.filter(n__gt=1).count())
"""


def test_rungs_swept_by_two_commands_at_once_fire_once(system: System) -> None:
    at = "2031-01-01T00:00:00+08:00"
    pair = [
        subprocess.Popen(
            [sys.executable, "manage.py", "sweep_clocks", "--at", at],
            cwd=ROOT,
            env=system.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _i in range(2)
    ]
    printed = [p.communicate(timeout=100)[0] for p in pair]
    assert [p.returncode for p in pair] == [0, 0]
    assert all(printed), "each sweep says what it did"
    counted = system.manage("shell", "-v0", "-c", LEFT_OVER)
    assert counted.split() == ["0", "0", "0", "0"]


# Petitions of long ago through the real action: every rung of theirs is due at once.
LONG_AGO = """
from datetime import date, timedelta
from django.utils import timezone
from accounts.models import Area, Unit, User
from petitions import actions
from petitions.actions import Person, Registration
from petitions.models import ContentClass
officer = User.objects.filter(role="city_officer", is_active=True).order_by("pk").first()
row = Registration(channel="visit", summary="bench", content="小区路灯不亮，夜间行走不便，请尽快维修。",
    content_class=ContentClass.objects.get(code="99"), area=Area.objects.get(code="330203"),
    petition_date=date(2026, 9, 1), register_unit=Unit.objects.get(code="NB-PETITION"),
    person=Person(name="周小琴", phone="13812345127"))
actions.register_many([row] * {count}, actor=officer, at=timezone.now() - timedelta(days=60))
"""
FAST_BEAT = """
from config.celery import app
app.conf.beat_schedule = {{
    "sweep": {{"task": "dispatch.tasks.sweep_clocks", "schedule": 0.5}},
    "mail": {{"task": "dispatch.tasks.deliver_notices", "schedule": 0.5}},
}}
app.conf.beat_schedule_filename = "{folder}/beat-{number}"
app.Beat(loglevel="ERROR").run()
"""
# Due and not fired, fired and not told, a breach not dated at its due time, a message written twice, mails that wait.
STATE = """
from django.db.models import Count, F
from django.utils import timezone
from dispatch.models import Clock, Firing, Notice, PendingRung
now = timezone.now()
print(
    PendingRung.objects.filter(fire_at__lte=now).count(),
    Firing.objects.filter(announced_at=None).count(),
    Clock.objects.filter(state="running", due_at__lt=now).exclude(breached_at=F("due_at")).count(),
    Notice.objects.values("dedupe_key", "recipient", "target", "channel").annotate(n=Count("pk"))
    .filter(n__gt=1).count(),
    Notice.objects.filter(channel="email", delivered_at=None, digest=None, deliver_after__lte=now).count(),
)
"""


def settled(system: System) -> bool:
    """Nothing is due, untold, undated, doubled or unsent."""
    return system.manage("shell", "-v0", "-c", STATE).split() == ["0"] * 5


def with_two_beats(system: System) -> Iterator[None]:
    beats = [system.start(FAST_BEAT.format(folder=system.folder, number=n)) for n in range(2)]
    try:
        yield
    finally:
        for beat in beats:
            os.killpg(beat.pid, signal.SIGKILL)
            beat.wait(10)


@pytest.fixture
def two_beats(system: System) -> Iterator[None]:
    """Two beats at once, each sending the sweep and the mail twice a second."""
    yield from with_two_beats(system)


def broker(system: System) -> "redis.Redis":
    return redis.Redis.from_url(json.loads((system.folder / "run.json").read_text())["redis_url"])


def test_two_beats_and_a_flushed_broker_fire_every_rung_once(system: System, two_beats: None) -> None:
    system.manage("shell", "-v0", "-c", LONG_AGO.format(count=100))
    for _flush in range(3):
        broker(system).flushall()
        time.sleep(0.5)
    wait_for(lambda: settled(system), 60, "every rung fired, told and mailed")


def test_a_worker_killed_at_the_sweep_leaves_nothing_half_done(system: System, two_beats: None) -> None:
    system.manage("shell", "-v0", "-c", LONG_AGO.format(count=300))
    for _kill in range(3):
        for victim in system.processes("clocks"):
            with suppress(psutil.NoSuchProcess):
                victim.kill()
        time.sleep(2)
    wait_for(lambda: settled(system), 90, "every rung fired, told and mailed")


def test_pages_work_while_the_broker_hangs_and_everything_is_done_afterwards(system: System) -> None:
    key = system.api_key()
    [frozen] = [p for p in psutil.process_iter() if is_broker_of(p, system)]
    # The watcher would start a new one within a second.
    watcher = psutil.Process(system.process.pid)
    watcher.suspend()
    frozen.suspend()
    try:
        wait_for(lambda: not system.health()["ok"], 10, "health noticing the broker")
        assert system.health()["sweep"]["ok"]
        with urllib.request.urlopen(f"{system.url}/sign-in/", timeout=15) as page:
            assert page.status == 200
        posted = [post(system, key, TOTAL + n)["id"] for n in range(3)]
        assert len(set(posted)) == 3
        system.manage("shell", "-v0", "-c", LONG_AGO.format(count=5))
    finally:
        frozen.resume()
        watcher.resume()
    for _beat in with_two_beats(system):
        wait_for(lambda: settled(system), 90, "what waited being done")
        wait_for(lambda: system.health()["ok"], 30, "health after the broker came back")


def is_broker_of(process: psutil.Process, system: System) -> bool:
    try:
        return process.name().startswith("valkey") and Path(process.cwd()) == system.folder / "valkey"
    except psutil.Error:
        return False


def test_a_database_restarted_under_requests_loses_and_doubles_nothing(system: System) -> None:
    key = system.api_key()
    first, count = TOTAL + 100, 60
    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(post, system, key, first + n) for n in range(count)]
        time.sleep(0.7)
        postmaster = int((system.folder / "pg" / "postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGQUIT)
        wait_for(lambda: not psutil.pid_exists(postmaster), 20, "the database going down")
        # Any command starts the cluster again when it finds it stopped.
        system.manage("check")
        ids = [answer.result()["id"] for answer in answers]
    assert len(set(ids)) == count
    wait_for(lambda: system.health()["ok"], 90, "health after the restart")
    assert "intact" in system.manage("verify_chain")
    for _beat in with_two_beats(system):
        wait_for(lambda: settled(system), 90, "every rung fired, told and mailed")
