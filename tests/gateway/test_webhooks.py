"""From an event to a receiver: the outbox, attempts, and what is never told."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from structlog.contextvars import bound_contextvars

from accounts.actors import Actor
from gateway.actions import webhooks
from gateway.models import WebhookAttempt, WebhookEndpoint, WebhookMessage
from gateway.webhook_sending import Result
from gateway.webhooks import TYPES, kinds_of, type_of, types_of
from petitions.events import record, record_many
from petitions.models import Petition
from petitions.states import Refused
from tests.city import City, make_order, make_petition
from tests.gateway.conftest import body
from tests.gateway.test_webhook_sending import Receiver, receiver

__all__ = ["receiver"]
TYPES_HEARD = ("petition.registered", "petition.changed")


def listen(client: Any, url: str, types: Any = TYPES_HEARD) -> WebhookEndpoint:
    return webhooks.create_endpoint(client, url=url, types=types, actor=client.actor, at=timezone.now())


def tell(petition: Any, kind: str = "supplement", to: int = 1) -> WebhookMessage:
    """One event of a petition; its message, the first of `to`."""
    with transaction.atomic():
        event = record(petition.pk, kind, actor=Actor.system(), at=timezone.now(), data={})
    found = WebhookMessage.objects.filter(petition_key=petition.pk, kind=kind, happened_at=event.at).order_by("id")
    assert len(found) == to
    return found[0]


@pytest.fixture
def case(city: City, hotline: Any) -> Any:
    """A petition the hotline registered by itself."""
    answer = hotline.post("/petitions", body(source_ref="H-1"))
    return Petition.objects.get(pk=answer.json()["id"])


def test_each_event_kind_stands_under_one_type() -> None:
    kinds = [kind for _label, found in TYPES.values() for kind in found]
    assert len(kinds) == len(set(kinds))
    assert types_of(kinds_of(TYPES)) == list(TYPES)
    assert type_of("order.sign") == "work_order.moved"


def test_who_listens_to_a_type_hears_the_kinds_a_release_adds(hotline: Any, monkeypatch: Any) -> None:
    endpoint = listen(hotline.client, "https://a.example/", ["petition.withdrawn"])
    assert webhooks.load_kinds(at=timezone.now()) == 0
    assert webhooks.load_kinds(at=timezone.now()) is None
    label, kinds = TYPES["petition.withdrawn"]
    monkeypatch.setitem(TYPES, "petition.withdrawn", (label, (*kinds, "newly_withdrawn")))
    assert webhooks.load_kinds(at=timezone.now()) == 1
    endpoint.refresh_from_db()
    assert endpoint.kinds == ["newly_withdrawn", "withdraw"]


def test_single_and_set_based_writers_fill_the_outbox(case: Any, hotline: Any) -> None:
    endpoint = listen(hotline.client, "https://a.example/")
    listen(hotline.client, "https://b.example/", ["petition.closed"])
    at = timezone.now()
    with transaction.atomic():
        record(case.pk, "supplement", actor=Actor.system(), at=at, data={})
        record(case.pk, "note", actor=Actor.system(), at=at, data={})
        record_many([(case.pk, {})], kind="set_urgency", actor=Actor.system(), at=at)
    rows = WebhookMessage.objects.order_by("id").values_list("endpoint", "kind", "petition_key", "deliver_after")
    assert list(rows) == [(endpoint.pk, "supplement", case.pk, at), (endpoint.pk, "set_urgency", case.pk, at)]


def test_an_event_rolled_back_is_never_told(case: Any, hotline: Any) -> None:
    listen(hotline.client, "https://a.example/")
    with pytest.raises(ValueError, match="undo"), transaction.atomic():
        record(case.pk, "supplement", actor=Actor.system(), at=timezone.now(), data={})
        raise ValueError("undo")
    assert not WebhookMessage.objects.exists()


def test_the_payload_is_thin(case: Any, hotline: Any, receiver: Receiver) -> None:
    listen(hotline.client, receiver.url("ok"))
    message = tell(case)
    assert webhooks.deliver(now=timezone.now) == 1
    [told] = receiver.messages("ok")
    assert told["type"] == "petition.changed"
    assert told["data"] == {
        "id": case.pk,
        "number": case.number,
        "source_ref": "H-1",
        "state": case.state,
        "version": case.version,
    }
    assert datetime.fromisoformat(told["timestamp"]) == message.happened_at
    message.refresh_from_db()
    assert (message.outcome, message.attempts, message.log.get().status) == ("delivered", 1, 200)
    assert webhooks.deliver(now=timezone.now) == 0


@pytest.mark.parametrize("hidden", ["accusation", "another unit"])
def test_what_the_client_may_not_read_is_never_sent(
    case: Any, hotline: Any, housing: Any, receiver: Receiver, hidden: str
) -> None:
    listen((hotline if hidden == "accusation" else housing).client, receiver.url("ok"))
    if hidden == "accusation":
        type(case).objects.filter(pk=case.pk).update(is_restricted=True)
    tell(case)
    assert webhooks.deliver(now=timezone.now) == 0
    assert receiver.got == []
    assert not WebhookMessage.objects.exists()


def test_the_unit_complained_of_is_never_told(city: City, caller: Any, receiver: Receiver) -> None:
    ends = [caller(unit=unit, channel="online").client for unit in ("housing", "town")]
    for client in ends:
        listen(client, receiver.url("accused"))
    accused = make_petition(city, purpose="JK", respondent_unit=city.units["housing"])
    make_order(city, petition=accused, lead=city.units["town"])
    tell(accused, to=2)
    webhooks.deliver(now=timezone.now)
    assert receiver.got == []
    assert not WebhookMessage.objects.filter(petition_key=accused.pk).exists()


def test_what_has_become_an_accusation_since_is_not_tried_again(case: Any, hotline: Any, receiver: Receiver) -> None:
    listen(hotline.client, receiver.url("fails"))
    tell(case)
    webhooks.deliver(now=timezone.now)
    Petition.objects.filter(pk=case.pk).update(is_restricted=True)
    later = timezone.now() + timedelta(hours=1)
    assert webhooks.deliver(now=lambda: later) == 0
    assert len(receiver.got) == 1
    assert not WebhookMessage.objects.exists()


def test_the_request_id_of_the_sending_task_goes_along(hotline: Any, receiver: Receiver) -> None:
    webhooks.test_endpoint(listen(hotline.client, receiver.url("ok")), at=timezone.now())
    with bound_contextvars(request_id="task-17"):
        webhooks.deliver(now=timezone.now)
    [(_path, headers, _body)] = receiver.got
    assert headers["x-request-id"] == "task-17"


def test_a_receiver_that_is_gone_ends_what_waits_in_words(case: Any, hotline: Any, receiver: Receiver) -> None:
    endpoint = listen(hotline.client, receiver.url("gone"))
    other = listen(hotline.client, receiver.url("ok"))
    first, second = tell(case, to=2), tell(case, "set_urgency", to=2)
    webhooks.deliver(now=timezone.now)
    assert len(receiver.messages("gone")) == 1
    rows = endpoint.messages.order_by("id").values_list("outcome", "reason", "attempts")
    assert list(rows) == [("failed", "gone", 1), ("failed", "closed", 0)]
    assert set(other.messages.values_list("outcome", flat=True)) == {"delivered"}
    endpoint.refresh_from_db()
    assert (endpoint.is_active, endpoint.version) == (False, 2)
    # It listens again: switched on, what was given up goes out under its old ids.
    with pytest.raises(Refused):
        webhooks.resend_failed(endpoint, at=timezone.now())
    who = {"actor": hotline.client.actor, "at": timezone.now()}
    endpoint = webhooks.change_endpoint(
        endpoint, url=receiver.url("back"), types=TYPES_HEARD, is_active=True, version=2, **who
    )
    assert webhooks.resend_failed(endpoint, at=timezone.now()) == 2
    webhooks.deliver(now=timezone.now)
    ids = [headers["webhook-id"] for path, headers, _body in receiver.got if path == "/back"]
    assert sorted(ids) == sorted(endpoint.messages.values_list("msg_id", flat=True))
    assert set(endpoint.messages.values_list("outcome", "reason")) == {("delivered", "")}
    assert (first.petition_key, second.petition_key) == (case.pk, case.pk)


def test_an_address_changed_while_the_old_one_was_called_is_not_gone(case: Any, hotline: Any) -> None:
    called = listen(hotline.client, "https://old.example/")
    message = tell(case)
    webhooks.change_endpoint(
        called,
        url="https://new.example/",
        types=TYPES_HEARD,
        is_active=True,
        actor=hotline.client.actor,
        at=timezone.now(),
    )
    webhooks._note(called, Result(message.pk, status=410), timezone.now())
    called.refresh_from_db()
    message.refresh_from_db()
    assert (called.is_active, message.outcome) == (True, "waiting")


def test_history_names_who_changed_where_news_go_and_keeps_no_secret(hotline: Any, city: City) -> None:
    endpoint, at = listen(hotline.client, "https://a.example/"), timezone.now()
    who = {"actor": city.people["officer"], "at": at}
    webhooks.change_endpoint(endpoint, url="https://b.example/", types=TYPES_HEARD, is_active=True, **who)
    past = WebhookEndpoint.history.order_by("history_id")
    webhooks.remove_endpoint(endpoint, **who)
    found = [(row.history_type, row.url, row.history_user, row.history_change_reason) for row in past]
    assert found == [
        ("+", "https://a.example/", None, hotline.client.name),
        ("~", "https://b.example/", city.people["officer"], ""),
        ("-", "https://b.example/", city.people["officer"], ""),
    ]
    assert not {"secret", "previous_secret"} & {field.name for field in past.model._meta.get_fields()}


def test_a_change_on_a_version_nobody_sees_any_more_is_refused(hotline: Any) -> None:
    endpoint = listen(hotline.client, "https://a.example/")
    who = {"actor": hotline.client.actor, "at": timezone.now()}
    webhooks.rotate(endpoint, version=1, **who)
    for act in (webhooks.rotate, webhooks.remove_endpoint):
        with pytest.raises(Refused) as refused:
            act(endpoint, version=1, **who)
        assert refused.value.code == "stale"
    webhooks.remove_endpoint(endpoint, version=2, **who)
    with pytest.raises(Refused):
        webhooks.rotate(endpoint, version=None, **who)


def test_bad_receivers_delay_nobody(case: Any, hotline: Any, receiver: Receiver, monkeypatch: Any) -> None:
    import gateway.webhook_sending as sending

    monkeypatch.setattr(
        webhooks, "send", lambda sent, at: sending.send(sent, at=at, timeout=1.0 if "slow" in sent.url else 15.0)
    )
    ends = {name: listen(hotline.client, receiver.url(name)) for name in ("slow", "fails", "moved", "gone", "ok")}
    with transaction.atomic():
        record(case.pk, "supplement", actor=Actor.system(), at=timezone.now(), data={})
    # One clock for the run: nothing comes due again within it.
    at = timezone.now()
    webhooks.deliver(now=lambda: at)
    log = {a.message.endpoint_id: a for a in WebhookAttempt.objects.select_related("message").order_by("id")}
    found = {name: (log[end.pk].status, log[end.pk].message.outcome) for name, end in ends.items()}
    assert found == {
        "slow": (0, "waiting"),
        "fails": (500, "waiting"),
        "moved": (302, "waiting"),
        "gone": (410, "failed"),
        "ok": (200, "delivered"),
    }
    # The one that answers was noted before the slow one ran out of time.
    order = [a.message.endpoint_id for a in WebhookAttempt.objects.select_related("message").order_by("id")]
    assert order[-1] == ends["slow"].pk
    gone = WebhookEndpoint.objects.get(pk=ends["gone"].pk)
    assert not gone.is_active
    assert gone.disabled_reason


def test_all_dead_endpoints_of_one_client_delay_no_other(
    hotline: Any, housing: Any, receiver: Receiver, monkeypatch: Any
) -> None:
    import gateway.webhook_sending as sending

    monkeypatch.setattr(webhooks, "send", lambda sent, at: sending.send(sent, at=at, timeout=1.0))
    at = timezone.now()
    for client, path, count in ((hotline, "slow", webhooks.MOST_ENDPOINTS), (housing, "ok", 1)):
        for _ in range(count):
            webhooks.test_endpoint(listen(client.client, receiver.url(path)), at=at)
    assert webhooks.deliver(now=lambda: at, run_seconds=0.7) == webhooks.PER_CLIENT + 1
    first = WebhookAttempt.objects.select_related("message__endpoint").order_by("id")[0]
    assert first.message.endpoint.client == housing.client
    # The next run begins with those that have not had their turn.
    webhooks.deliver(now=lambda: at, run_seconds=0.1)
    tried = WebhookAttempt.objects.values_list("message__endpoint", flat=True)
    assert len(tried) == len(set(tried)) == 2 * webhooks.PER_CLIENT + 1


def test_attempts_follow_the_contract_and_then_end(case: Any, hotline: Any) -> None:
    endpoint = listen(hotline.client, "https://a.example/")
    message, at = tell(case), timezone.now()
    waits = []
    for _attempt in range(10):
        webhooks._note(endpoint, Result(message.pk, status=500), at)
        message.refresh_from_db()
        waits.append(message.deliver_after - at)
    hours = [timedelta(hours=h) for h in (2, 5, 10, 14, 20, 24)]
    wanted = [timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30), *hours]
    for found, due in zip(waits, wanted, strict=False):
        assert due <= found <= due * 1.1
    assert (message.outcome, message.attempts, message.ended_at) == ("failed", 10, at)


def test_a_receiver_may_ask_for_patience_within_reason(case: Any, hotline: Any) -> None:
    endpoint = listen(hotline.client, "https://a.example/")
    message, at = tell(case), timezone.now()
    webhooks._note(endpoint, Result(message.pk, status=429, retry_after=3600), at)
    message.refresh_from_db()
    assert message.deliver_after == at + timedelta(hours=1)
    webhooks._note(endpoint, Result(message.pk, status=429, retry_after=10**7), at)
    message.refresh_from_db()
    assert message.deliver_after == at + timedelta(days=1)


def test_two_deliverers_do_not_take_the_same_endpoint(case: Any, hotline: Any) -> None:
    listen(hotline.client, "https://a.example/")
    tell(case)
    at = timezone.now()
    assert [len(webhooks._claim(at, 9)), len(webhooks._claim(at, 9))] == [1, 0]
    # A deliverer that died gives its endpoint back when the lease ends.
    assert len(webhooks._claim(at + webhooks.LEASE, 9)) == 1


def test_a_message_goes_again_by_hand_under_the_same_id(case: Any, hotline: Any, receiver: Receiver) -> None:
    listen(hotline.client, receiver.url("ok"))
    message = tell(case)
    with pytest.raises(Refused):
        webhooks.resend(message, at=timezone.now())
    webhooks.deliver(now=timezone.now)
    webhooks.resend(message, at=timezone.now())
    webhooks.deliver(now=timezone.now)
    assert [headers["webhook-id"] for _path, headers, _body in receiver.got] == [message.msg_id] * 2
    assert receiver.got[0][2] == receiver.got[1][2]


def test_a_ping_names_no_petition(hotline: Any, receiver: Receiver) -> None:
    endpoint = listen(hotline.client, receiver.url("ok"))
    webhooks.test_endpoint(endpoint, at=timezone.now())
    webhooks.deliver(now=timezone.now)
    [told] = receiver.messages("ok")
    assert (told["type"], told["data"]) == ("ping", {})


def test_both_secrets_sign_for_a_day(hotline: Any) -> None:
    endpoint, at = listen(hotline.client, "https://a.example/"), timezone.now()
    old = endpoint.secret
    webhooks.rotate(endpoint, actor=hotline.client.actor, at=at)
    endpoint = WebhookEndpoint.objects.select_related("client__unit__area").get(pk=endpoint.pk)
    webhooks.test_endpoint(endpoint, at=at)
    assert webhooks._prepare(endpoint, at)[0].secrets == (endpoint.secret, old)
    assert webhooks._prepare(endpoint, at + timedelta(days=1))[0].secrets == (endpoint.secret,)


def test_a_secret_is_ciphertext_in_the_database(hotline: Any) -> None:
    from django.db import connection

    endpoint = listen(hotline.client, "https://a.example/")
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM gateway_webhookendpoint")
        assert endpoint.secret not in cursor.fetchone()[0]


@pytest.mark.parametrize(("url", "types"), [("ftp://x", ["petition.closed"]), ("https://a.example/", ["petition.x"])])
def test_a_bad_endpoint_is_refused(hotline: Any, url: str, types: list[str]) -> None:
    with pytest.raises(Refused):
        listen(hotline.client, url, types)


def test_old_messages_are_forgotten(case: Any, hotline: Any) -> None:
    listen(hotline.client, "https://a.example/")
    message = tell(case)
    at = message.happened_at + timedelta(days=30)
    assert webhooks.purge_webhooks(at=at, keep=timedelta(days=30)) == 0
    assert webhooks.purge_webhooks(at=at + timedelta(seconds=1), keep=timedelta(days=30)) == 1


def test_the_erasure_of_a_petition_reaches_its_messages(case: Any, hotline: Any, city: City) -> None:
    from petitions.retention import copies, find_words

    listen(hotline.client, "https://a.example/")
    tell(case)
    assert find_words([case.pk])["webhooks"] == 1
    [copy] = [copy for copy in copies() if copy.name == "webhooks"]
    other = make_petition(city)
    assert copy.anonymise([case.pk], timezone.now()) == 1
    assert "webhooks" not in find_words([case.pk])
    assert find_words([other.pk])["webhooks"] == 1
