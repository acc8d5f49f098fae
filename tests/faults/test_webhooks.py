"""Webhooks under real processes: a sender killed at the worst moment, two at once, a change beside an event."""

import os
import signal
import threading
import time
from collections import Counter
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.actors import Actor
from gateway import actions
from gateway.actions import webhooks
from gateway.models import WebhookAttempt, WebhookEndpoint, WebhookMessage
from petitions.events import record
from tests.city import City, make_petition
from tests.faults.test_concurrency import start_python, together, town
from tests.gateway.test_webhook_sending import Receiver, receiver

__all__ = ["receiver", "town"]
pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

SENDER = """
import django; django.setup()
from django.conf import settings
from django.utils import timezone
from gateway.actions import webhooks
settings.WEBHOOKS_MAY_BE_PRIVATE = True
webhooks.deliver(now=timezone.now)
"""


def listen(town: City, *urls: str) -> list[WebhookEndpoint]:
    at = timezone.now()
    client = actions.create_client(
        "listener", channel="hotline", unit=town.units["root"], scopes=["petitions:read"], at=at
    )
    return [
        webhooks.create_endpoint(client, url=url, types=["petition.changed"], actor=client.actor, at=at) for url in urls
    ]


def happen(town: City, count: int) -> Any:
    petition = make_petition(town)
    for _ in range(count):
        with transaction.atomic():
            record(petition.pk, "supplement", actor=Actor.system(), at=timezone.now(), data={})
    return petition


def test_a_sender_killed_between_the_call_and_its_note_sends_again_under_the_same_id(
    town: City, receiver: Receiver
) -> None:
    listen(town, receiver.url("holds-once"))
    happen(town, 1)
    process = start_python(SENDER)
    give_up = time.monotonic() + 60
    while not receiver.got and process.poll() is None and time.monotonic() < give_up:
        time.sleep(0.01)
    assert receiver.got and process.poll() is None, "no sender was caught at work"
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    message = WebhookMessage.objects.get()
    assert (message.outcome, message.attempts) == ("waiting", 0)
    # Until the dead one's lease ends nobody sends for this endpoint; then the next one does.
    assert webhooks.deliver(now=timezone.now) == 0
    later = timezone.now() + webhooks.LEASE
    assert webhooks.deliver(now=lambda: later) == 1
    message.refresh_from_db()
    assert (message.outcome, message.attempts) == ("delivered", 1)
    assert [(headers["webhook-id"], body) for _p, headers, body in receiver.got] == [(message.msg_id, message.body)] * 2


def test_two_senders_at_once_send_each_message_once(town: City, receiver: Receiver) -> None:
    listen(town, *[receiver.url(f"end-{n}") for n in range(5)])
    happen(town, 12)
    found = together(*[lambda: webhooks.deliver(now=timezone.now)] * 2)
    assert sum(found) == 60, found
    sent = Counter(headers["webhook-id"] for _path, headers, _body in receiver.got)
    assert set(sent.values()) == {1} and len(sent) == 60
    assert set(WebhookMessage.objects.values_list("outcome", "attempts")) == {("delivered", 1)}
    assert WebhookAttempt.objects.count() == 60


def test_who_changes_an_endpoint_holds_no_step_of_a_case_up(town: City) -> None:
    """An event's commit looks its endpoints' keys up; the lock of a change must let it."""
    [endpoint] = listen(town, "https://hooks.example/")
    petition = make_petition(town)
    begun, ended = threading.Event(), threading.Event()

    def change() -> None:
        with transaction.atomic():
            webhooks.rotate(endpoint, actor=town.officer, at=timezone.now())
            begun.set()
            assert ended.wait(30)

    def step() -> int:
        try:
            assert begun.wait(30)
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL lock_timeout = '2s'")
                record(petition.pk, "supplement", actor=Actor.system(), at=timezone.now(), data={})
            return WebhookMessage.objects.count()
        finally:
            ended.set()

    assert together(change, step) == [None, 1]
