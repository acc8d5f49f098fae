"""Real threads and real processes on real PostgreSQL: nothing lost, nothing doubled."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections

from dispatch.actions import orders, returns, sweep
from dispatch.models import Clock, Firing, Notice, OrderReturn, PendingRung, WorkOrder
from petitions import actions, events
from petitions.models import Event, Petition
from petitions.states import Refused
from tests.city import City, build_city, draft, make_order, make_petition

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def town(transactional_db: None) -> City:
    return build_city()


def together(*jobs: Callable[[], Any]) -> list[Any]:
    """Run the jobs in threads that start at the same moment; results or exceptions, in order."""
    gate, results = threading.Barrier(len(jobs)), [None] * len(jobs)

    def run(place: int, job: Callable[[], Any]) -> None:
        gate.wait()
        try:
            results[place] = job()
        except Exception as error:
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(i, job)) for i, job in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def test_two_people_move_one_case_at_once_and_one_reads_why_not(town: City) -> None:
    petition = make_petition(town)
    at = town.at

    def withdraw() -> Petition:
        return actions.withdraw(petition.pk, reason="本人撤回", actor=town.people["officer"], at=at, version=1)

    def send() -> list[WorkOrder]:
        return orders.dispatch(
            petition.pk, lead=town.units["housing"], actor=town.people["dispatcher"], at=at, version=1
        )

    results = together(withdraw, send)
    refused = [r for r in results if isinstance(r, Refused)]
    assert len(refused) == 1 and refused[0].code == "stale"
    assert events.verify(petition.pk) is None
    assert Event.objects.filter(petition=petition).count() == 2


def test_forty_notes_at_once_are_forty_links_of_one_chain(town: City) -> None:
    petition = make_petition(town)
    jobs = [
        (lambda n=n: actions.add_note(petition.pk, kind="note", text=f"{n}", actor=town.people["officer"], at=town.at))
        for n in range(40)
    ]
    results = together(*jobs)
    assert not [r for r in results if isinstance(r, Exception)]
    assert Event.objects.filter(petition=petition).count() == 41
    assert events.verify(petition.pk) is None


def test_numbers_never_repeat_under_concurrent_registration(town: City) -> None:
    jobs = [
        (lambda: actions.register_many([draft(town)] * 5, actor=town.people["officer"], at=town.at)) for _i in range(8)
    ]
    assert not [r for r in together(*jobs) if isinstance(r, Exception)]
    serials = list(Petition.objects.values_list("serial", flat=True))
    assert len(serials) == len(set(serials)) == 40


def many_clocks(town: City, count: int) -> None:
    registrations = [draft(town) for _i in range(count)]
    for start in range(0, count, 500):
        actions.register_many(registrations[start : start + 500], actor=town.people["officer"], at=town.at)


def assert_each_rung_fired_once(town: City, count: int) -> None:
    assert not PendingRung.objects.exists()
    assert Firing.objects.count() == count * 3
    assert not Firing.objects.filter(announced_at__isnull=True).exists()
    assert Clock.objects.filter(breached_at__isnull=True).count() == 0
    # Routing ladder after a long silence: one message about the highest rung, to each who hears of any of them.
    told = Notice.objects.filter(kind="deadline", channel="inapp").values_list("petition_id", "recipient_id")
    assert len(told) == len(set(told)) == count * 2
    assert Event.objects.filter(kind="deadline").count() >= count
    assert not [b for _n, broken in events.verify_all() for b in broken]


def test_two_sweepers_at_the_same_moment_fire_every_rung_once(town: City) -> None:
    many_clocks(town, 1000)
    late = town.at + timedelta(days=60)
    results = together(lambda: sweep.sweep(at=late), lambda: sweep.sweep(at=late))
    assert not [r for r in results if isinstance(r, Exception)]
    sweep.sweep(at=late)
    assert sum(r.fired for r in results) == 3000
    assert_each_rung_fired_once(town, 1000)


SWEEPER = """
import django; django.setup()
from datetime import datetime
from dispatch.actions import sweep
sweep.fire.__kwdefaults__["batch"] = 50
sweep.announce.__kwdefaults__["batch"] = 20
print("go", flush=True)
sweep.sweep(at=datetime.fromisoformat("{at}"))
"""


def start_python(code: str, *, environment: dict[str, str] | None = None, **options: Any) -> subprocess.Popen[bytes]:
    """A process of its own on this test's database; its standard output is a pipe."""
    settings = connection.settings_dict
    url = f"postgresql://{settings['USER']}@/{settings['NAME']}?host={settings['HOST']}"
    if settings["PORT"]:
        url += f"&port={settings['PORT']}"
    known = {**(environment or os.environ), "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings"}
    command = [sys.executable, "-c", code]
    return subprocess.Popen(command, env=known, stdout=subprocess.PIPE, start_new_session=True, **options)


def start_sweeper(at: str) -> subprocess.Popen[bytes]:
    return start_python(SWEEPER.format(at=at))


def test_a_sweeper_killed_in_mid_sweep_loses_and_doubles_nothing(town: City) -> None:
    many_clocks(town, 600)
    late = town.at + timedelta(days=60)
    killed = 0
    for _attempt in range(4):
        process = start_sweeper(late.isoformat())
        assert process.stdout is not None and process.stdout.readline()
        time.sleep(0.15)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            killed += 1
        process.wait()
    assert killed, "no sweeper was caught at work"
    sweep.sweep(at=late)
    assert_each_rung_fired_once(town, 600)


def test_two_feedbacks_of_one_order_at_once_leave_one(town: City) -> None:
    order = make_order(town)
    handler = town.people["handler"]
    orders.record_contact(order.pk, means="phone", said="已联系", actor=handler, at=town.at)

    def answer() -> Any:
        return orders.feed_back(order.pk, outcome="solved", findings="已经修好并检验合格。", actor=handler, at=town.at)

    results = together(answer, answer)
    assert sum(isinstance(r, Refused) for r in results) == 1
    assert order.feedbacks.count() == 1


def test_two_petitions_merged_into_each_other_at_once_leave_one_open(town: City) -> None:
    first, second = make_petition(town), make_petition(town, summary="同一事项再次反映")

    def merge(one: Petition, other: Petition) -> Petition:
        return actions.merge(one.pk, into=other, reason="重复", actor=town.people["officer"], at=town.at)

    results = together(lambda: merge(first, second), lambda: merge(second, first))
    assert len([r for r in results if isinstance(r, Refused)]) == 1
    assert sorted(Petition.objects.values_list("state", flat=True)) == ["merged", "registered"]


def test_a_return_is_decided_once_however_many_decide_it(town: City) -> None:
    order = make_order(town)
    at = town.at + timedelta(hours=1)
    words = "该事项不属于我局职责，请改派。"
    returns.ask_return(order.pk, reason="R3", words=words, actor=town.people["leader"], at=at)

    def accept() -> WorkOrder | None:
        return returns.accept_return(
            order.pk, ruling="同意", to=town.units["enforcement"], actor=town.people["dispatcher"], at=at
        )

    def reject() -> WorkOrder:
        return returns.reject_return(order.pk, ruling="不同意", actor=town.people["officer"], at=at)

    results = together(accept, reject, accept)
    assert len([r for r in results if isinstance(r, Refused)]) == 2
    assert OrderReturn.objects.filter(decided_at__isnull=False).count() == 1
    assert WorkOrder.objects.filter(is_open=True, is_lead=True).count() == 1
    assert events.verify(order.petition_id) is None
