"""The sweep and the outbox under what can happen to them: jumps of the clock, poison, held rows, two of everything."""

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection, transaction

from dispatch.actions import announcing, outbox, sweep
from dispatch.models import Clock, Firing, Notice, PendingRung, Policy
from petitions import events
from petitions.models import Event
from tests.city import City, build_city, make_petition
from tests.faults.test_concurrency import many_clocks, together

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
MANY = 10_000


@pytest.fixture
def town(transactional_db: None) -> City:
    return build_city()


def assert_every_clock_is_breached_at_its_due_time() -> None:
    late = Clock.objects.filter(state="running").exclude(policy__is_right=True)
    assert late.exists()
    assert not [c.pk for c in late if c.breached_at != c.due_at]


def assert_told_once() -> None:
    """No rung told twice: one message a person and channel for each clock's highest rung."""
    rows = list(Notice.objects.filter(kind="deadline").values_list("dedupe_key", "recipient", "target", "channel"))
    assert len(rows) == len(set(rows))
    assert not Firing.objects.filter(announced_at=None).exists()
    assert not PendingRung.objects.exists()


def test_a_clock_that_jumps_far_ahead_and_back_fires_nothing_twice(town: City) -> None:
    many_clocks(town, 50)
    ahead = town.at + timedelta(days=400)
    first = sweep.sweep(at=ahead)
    assert first.fired == 50 * 3
    for at in (town.at, town.at + timedelta(days=30), ahead):
        again = sweep.sweep(at=at)
        assert (again.fired, again.announced) == (0, 0)
    assert_every_clock_is_breached_at_its_due_time()
    assert_told_once()
    # What is registered after the clock came back has its own time again.
    petition = make_petition(town, at=town.at + timedelta(days=1))
    assert sweep.sweep(at=town.at + timedelta(days=2)).fired == 0
    clock = petition.clocks.get(policy__key="D01_route")
    assert sweep.sweep(at=clock.due_at + timedelta(seconds=1)).fired == 2


def copies(clock: Clock, count: int) -> None:
    """So many clocks like this one on as many petitions, by SQL: through the actions it would take a minute."""
    with connection.cursor() as cursor:
        for table, columns in (("petitions_petition", "id, serial, query_code"), ("dispatch_clock", "id")):
            cursor.execute(
                "SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns "
                "WHERE table_name = %s AND column_name <> ALL (%s)",
                [table, columns.split(", ")],
            )
            rest = cursor.fetchone()[0]
            if table == "petitions_petition":
                cursor.execute(
                    f"INSERT INTO {table} (serial, query_code, {rest}) "
                    f"SELECT 100000 + i, 'Z' || i, {rest} FROM {table} p, generate_series(1, %s) i WHERE p.id = %s",
                    [count, clock.petition_id],
                )
            else:
                rest = rest.replace("petition_id, ", "").replace(", petition_id", "").replace("subject_id, ", "")
                rest = rest.replace(", subject_id", "")
                cursor.execute(
                    f"INSERT INTO {table} (petition_id, subject_id, {rest}) SELECT p.id, p.id, {rest} FROM {table} c, "
                    "(SELECT id FROM petitions_petition WHERE serial > 100000) p WHERE c.id = %s",
                    [clock.pk],
                )
        cursor.execute(
            "INSERT INTO petitions_eventhead (petition_id, seq, hash) "
            "SELECT id, 0, decode(repeat('00', 32), 'hex') FROM petitions_petition WHERE serial > 100000"
        )
        cursor.execute(
            "INSERT INTO dispatch_pendingrung (fire_at, clock_id, generation, rung) "
            "SELECT due_at + interval '1 second', id, generation, 2 FROM dispatch_clock WHERE id > %s",
            [clock.pk],
        )


def test_one_poisoned_row_among_ten_thousand_is_set_aside_and_all_others_are_told(town: City) -> None:
    clock = make_petition(town).clocks.get(policy__key="D01_route")
    copies(clock, MANY)
    Clock.objects.filter(petition=clock.petition).exclude(pk=clock.pk).delete()
    PendingRung.objects.exclude(rung=2).delete()
    poison = Policy.objects.get(pk=clock.policy_id)
    poison.pk, poison.key = None, "poison"
    # A ladder no statement can read: its words are no list.
    poison.ladder = [{"name": "warn", "fraction": 0.7, "to": "x"}, {"name": "due", "after": 0, "to": "x"}]
    poison.save()
    victim = Clock.objects.order_by("pk")[MANY // 2]
    Clock.objects.filter(pk=victim.pk).update(policy=poison)
    at = clock.due_at + timedelta(hours=1)
    result = sweep.sweep(at=at)
    assert (result.fired, result.announced, result.set_aside) == (MANY + 1, MANY, 1)
    assert Firing.objects.exclude(error="").get().clock_id == victim.pk
    assert sweep.sweep(at=at).announced == 0
    # Mended and taken back, it is told as well, and with the time it was really due.
    Clock.objects.filter(pk=victim.pk).update(policy=clock.policy)
    assert sweep.retell() == 1
    assert sweep.sweep(at=at).announced == 1
    assert_every_clock_is_breached_at_its_due_time()
    assert_told_once()


def test_a_row_that_an_open_transaction_holds_keeps_no_other_waiting(town: City) -> None:
    many_clocks(town, 40)
    held, release, done = PendingRung.objects.order_by("fire_at").first(), threading.Event(), threading.Event()
    assert held is not None

    def hold() -> None:
        with transaction.atomic():
            list(PendingRung.objects.select_for_update().filter(clock_id=held.clock_id))
            done.set()
            release.wait(30)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    done.wait(10)
    try:
        first = sweep.sweep(at=town.at + timedelta(days=60))
        assert first.fired == 39 * 3
    finally:
        release.set()
        holder.join(10)
    second = sweep.sweep(at=town.at + timedelta(days=60))
    assert first.fired + second.fired == 40 * 3
    assert_every_clock_is_breached_at_its_due_time()
    assert_told_once()


def test_a_rung_that_fired_already_does_not_stop_its_batch(town: City) -> None:
    many_clocks(town, 20)
    row = PendingRung.objects.order_by("fire_at").first()
    assert row is not None
    Firing.objects.create(
        clock_id=row.clock_id,
        generation=row.generation,
        rung=row.rung,
        planned_at=row.fire_at,
        fired_at=row.fire_at,
        announced_at=row.fire_at,
    )
    assert sweep.sweep(at=town.at + timedelta(days=60)).fired == 20 * 3
    assert Firing.objects.count() == 20 * 3
    assert_told_once()


def run_outbox(at: datetime) -> Any:
    return lambda: outbox.deliver(at=at)


def test_two_senders_at_once_send_each_digest_once(town: City) -> None:
    many_clocks(town, 60)
    at = town.at + timedelta(days=60)
    sweep.sweep(at=at)
    sent = together(*[run_outbox(at) for _n in range(4)])
    assert not [error for error in sent if isinstance(error, Exception)]
    outbox.deliver(at=at)
    people = set(Notice.objects.filter(channel="email").values_list("recipient", flat=True))
    assert len(mail.outbox) == len(people)
    assert not Notice.objects.filter(channel="email", delivered_at=None).exists()
    gathered = Notice.objects.filter(kind="deadline", channel="email")
    assert not gathered.filter(digest=None).exists()
    assert sum(message.body.count("· ") for message in mail.outbox) >= min(50, gathered.count() // len(people))


def test_two_sweepers_and_a_crash_between_telling_leave_every_rung_in_one_message(town: City, monkeypatch: Any) -> None:
    many_clocks(town, 60)
    at = town.at + timedelta(days=60)
    monkeypatch.setitem(announcing.announce.__kwdefaults__, "batch", 10)
    real, calls = announcing._record, []

    def crash(rows: Any, at: Any) -> None:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt("the machine went down")
        real(rows, at)

    monkeypatch.setattr(announcing, "_record", crash)
    with pytest.raises(KeyboardInterrupt):
        sweep.sweep(at=at)
    monkeypatch.setattr(announcing, "_record", real)
    later = at + timedelta(minutes=1)
    results = together(lambda: sweep.sweep(at=later), lambda: sweep.sweep(at=later))
    assert not [error for error in results if isinstance(error, Exception)]
    assert_told_once()
    assert_every_clock_is_breached_at_its_due_time()
    mine = Notice.objects.filter(recipient=town.officer, channel="inapp")
    [digest] = mine.filter(kind="digest")
    assert digest.members.count() == mine.filter(kind="deadline").count() == 60
    assert not [broken for _n, found in events.verify_all() for broken in found]
    assert Event.objects.filter(kind="deadline").count() == 60
