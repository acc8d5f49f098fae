"""Messages in a source's own shape: read by the mapping, placed by a person, or refused; none is lost."""

import hashlib
import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from dispatch.catalogue import suggest
from dispatch.models import Reminder
from gateway import actions as keys
from gateway import intake
from gateway.actions import channels as actions
from gateway.channels import mapping, reading
from gateway.channels.load import load_lines, load_mappings
from gateway.channels.wording import label_of
from gateway.models import ChannelMapping, InboundItem, LegacyLine, WebhookMessage
from gateway.reference import forget_cached_reference
from gateway.webhooks import payload
from petitions.models import ContentClass, Event, Petition
from petitions.retention import copies
from petitions.states import Refused, State
from tests.city import City, build_city, make_order, make_petition
from tests.gateway.conftest import Caller
from tests.gateway.test_intake import in_thread

DOCUMENT: dict[str, Any] = {
    "fields": [
        {"to": "source_ref", "from": ["order.no"]},
        {"to": "content", "from": ["order.title", "order.text"], "join": "\n"},
        {"to": "area", "from": ["order.place"]},
        {"to": "category", "from": ["order.kind"], "default": "0303"},
        {"to": "petition_date", "from": ["order.called"], "format": "%Y/%m/%d %H:%M"},
        {"to": "petitioner.name", "from": ["caller.name"]},
    ],
    "values": {"category": {"物业": "0303"}},
    "status_out": {"registered": "已受理"},
    "status_in": {"撤单": "withdraw"},
}


def message(**changes: Any) -> dict[str, Any]:
    order = {
        "no": "W-1",
        "title": "电梯停运",
        "text": "三号楼电梯停运两个月。",
        "place": "南门街道",
        "kind": "物业",
        "called": "2026/11/16 09:30",
    }
    return {"order": {**order, **changes}, "caller": {"name": "周小琴"}}


@pytest.fixture
def mapped(city: City) -> ChannelMapping:
    return actions.save_mapping("hotline", DOCUMENT, actor=city.people["officer"], at=city.at)


def test_a_message_in_the_sources_shape_becomes_one_petition(hotline: Any, mapped: Any) -> None:
    first = hotline.post("/inbound/hotline", message())
    assert first.status_code == 201, first.content
    again = hotline.post("/inbound/hotline", message())
    assert again.status_code == 200
    assert again.json()["petition"] == first.json()["petition"]
    petition = Petition.objects.get()
    assert petition.content == "电梯停运\n三号楼电梯停运两个月。"
    assert petition.petition_date.isoformat() == "2026-11-16"
    assert first.json()["status"] == "已受理"
    assert hotline.get("/inbound/hotline/W-1").json()["status"] == "已受理"


def test_who_repeats_anothers_message_is_not_told_its_number(hotline: Any, mapped: Any, caller: Any) -> None:
    made = hotline.post("/inbound/hotline", message()).json()
    for answer in (
        caller(unit="housing").post("/inbound/hotline", message()),
        caller(unit="housing").get(f"/inbound/hotline/{made['source_ref']}"),
    ):
        assert answer.status_code in {404, 409}
        assert made["query_code"] not in answer.content.decode() and made["number"] not in answer.content.decode()
    assert hotline.post("/inbound/hotline", message()).json()["query_code"] == made["query_code"]


def test_an_unknown_word_waits_and_is_remembered_when_placed(hotline: Any, mapped: Any, city: City) -> None:
    found = hotline.post("/inbound/hotline", message(kind="电梯类"))
    assert found.status_code == 202
    assert found.json()["waiting_for"] == ["category"]
    assert not Petition.objects.exists()
    item = InboundItem.objects.get()
    actions.place(item.pk, {"category": "0303"}, remember=True, actor=city.people["dispatcher"], at=city.at)
    assert hotline.get("/inbound/hotline/W-1").json()["outcome"] == "taken"
    assert hotline.post("/inbound/hotline", message(no="W-2", kind="电梯类")).status_code == 201
    assert ChannelMapping.objects.get().history.count() == 2


def test_without_a_mapping_a_message_waits(hotline: Any) -> None:
    found = hotline.post("/inbound/hotline", message())
    assert found.status_code == 202
    assert InboundItem.objects.get().state == "waiting"


def test_another_channel_is_not_there(hotline: Any, mapped: Any) -> None:
    assert hotline.post("/inbound/minsheng", message()).status_code == 404
    assert hotline.get("/inbound/minsheng/W-1").status_code == 404
    assert hotline.get("/inbound/hotline/W-9").status_code == 404


def test_the_sources_status_withdraws_and_an_unknown_one_waits(hotline: Any, mapped: Any, city: City) -> None:
    hotline.post("/inbound/hotline", message())
    odd = hotline.post("/inbound/hotline/W-1/status", {"status": "挂起"})
    assert odd.status_code == 202, odd.content
    done = hotline.post("/inbound/hotline/W-1/status", {"status": "撤单", "reason": "来电人撤回"})
    assert done.status_code == 200, done.content
    assert Petition.objects.get().state == "withdrawn"
    item = InboundItem.objects.waiting().get()
    actions.place_status(item.pk, "nothing", remember=True, actor=city.people["officer"], at=city.at)
    assert ChannelMapping.objects.get().document["status_in"]["挂起"] == "nothing"


def test_a_refused_message_stays_with_its_reason(hotline: Any, mapped: Any, city: City) -> None:
    hotline.post("/inbound/hotline", message(kind="测试"))
    item = InboundItem.objects.get()
    with pytest.raises(Refused):
        actions.refuse(item.pk, reason="", actor=city.people["officer"], at=city.at)
    with pytest.raises(Refused):
        actions.refuse(item.pk, reason="这是测试工单", actor=city.people["handler"], at=city.at)
    actions.refuse(item.pk, reason="这是测试工单", actor=city.people["officer"], at=city.at)
    assert hotline.get("/inbound/hotline/W-1").json()["reason"] == "这是测试工单"


def test_an_accusation_waits_for_named_persons_only(hotline: Any, mapped: Any, city: City, client: Client) -> None:
    hotline.post("/inbound/hotline", message(kind="其他类", text="举报某科长收受财物。"))
    pk = InboundItem.objects.get().pk
    for name, status in (("officer", 200), ("dispatcher", 404), ("handler", 404)):
        client.force_login(city.people[name], backend="accounts.backends.StaffBackend")
        assert client.get(f"/gateway/triage/{pk}/").status_code == status, name


def test_who_may_not_place_messages_sees_none_and_an_unknown_one_is_not_there(
    hotline: Any, mapped: Any, city: City, client: Client
) -> None:
    hotline.post("/inbound/hotline", message(kind="电梯类"))
    pk = InboundItem.objects.get().pk
    client.force_login(city.people["handler"], backend="accounts.backends.StaffBackend")
    assert client.get("/gateway/triage/").status_code == 403
    assert client.get(f"/gateway/triage/{pk}/").status_code == 404
    assert client.post(f"/gateway/triage/{pk}/refuse/", {"reason": "这是测试工单"}).status_code == 404
    client.force_login(city.people["officer"], backend="accounts.backends.StaffBackend")
    assert client.get(f"/gateway/triage/{pk + 1}/").status_code == 404
    assert InboundItem.objects.get().state == "waiting"


def test_the_pages_place_a_message(hotline: Any, mapped: Any, city: City, client: Client) -> None:
    hotline.post("/inbound/hotline", message(kind="电梯类"))
    pk = InboundItem.objects.get().pk
    client.force_login(city.people["dispatcher"], backend="accounts.backends.StaffBackend")
    assert "W-1" in client.get("/gateway/triage/").content.decode()
    assert client.post(f"/gateway/triage/{pk}/", {"f_category": ""}).status_code == 422
    assert client.post(f"/gateway/triage/{pk}/", {"f_category": "0303", "remember": "on"}).status_code == 302
    assert Petition.objects.count() == 1


def test_the_editor_tries_without_registering_and_saves_what_holds(mapped: Any, city: City, client: Client) -> None:
    client.force_login(city.people["officer"], backend="accounts.backends.StaffBackend")
    assert client.get("/gateway/channels/").status_code == 200
    assert client.get("/gateway/channels/hotline/").status_code == 200
    rows = {
        "to": ["source_ref", "content", "area"],
        "from": ["no", "text", "place"],
        "join": ["", "", ""],
        "format": ["", "", ""],
        "default": ["", "", ""],
    }
    tried = client.post("/gateway/channels/hotline/", {**rows, "try": "1", "sample": '{"no": "1", "place": "月球"}'})
    assert tried.status_code == 200
    assert not InboundItem.objects.exists()
    refused = client.post("/gateway/channels/hotline/", {**rows, "from": ["no", "te xt", "place"]})
    assert refused.status_code == 422
    # Named by its words, not by a row's number, and what was typed is kept.
    assert "te xt" in refused.context["fault"] and str(label_of("content")) in refused.context["fault"]
    assert "te xt" in refused.content.decode()
    assert client.post("/gateway/channels/hotline/", rows).status_code == 302
    assert ChannelMapping.objects.get().document["fields"][1]["from"] == ["text"]


def test_each_seeded_mapping_reads_its_own_sample(city: City) -> None:
    assert load_mappings(at=city.at) == 7
    load_lines(at=city.at)
    known = reading.known_words()
    for row in ChannelMapping.objects.all():
        assert mapping.faults(row.document, known, State.values) == [], row
        values, problems = actions.judge(reading.read(row.document, row.sample))
        assert problems == [], row
        assert values["content"]


def test_a_dialled_line_hints_at_its_unit(hotline: Any, city: City) -> None:
    load_mappings(at=city.at)
    LegacyLine.objects.create(number="12315", name="消费者热线", department="市场局", unit=city.units["housing"])
    sample = ChannelMapping.objects.get(channel="hotline").sample
    assert hotline.post("/inbound/hotline", sample).status_code == 201
    hints = dict(suggest(Petition.objects.get()))
    assert "12315" in hints[city.units["housing"]]


def test_a_message_without_a_class_waits_where_the_office_keeps_none(hotline: Any, mapped: Any, city: City) -> None:
    plain = {**DOCUMENT, "fields": [row for row in DOCUMENT["fields"] if row["to"] != "category"]}
    actions.save_mapping("hotline", plain, actor=city.people["officer"], at=city.at)
    ContentClass.objects.filter(code="99").update(is_active=False)
    forget_cached_reference()
    found = hotline.post("/inbound/hotline", message(title="无题", text="无法归类的来信。"))
    assert found.status_code == 202, found.content
    assert found.json()["waiting_for"] == ["category"]
    item = InboundItem.objects.get()
    placed = actions.place(item.pk, {"category": "0303"}, remember=False, actor=city.people["dispatcher"], at=city.at)
    assert placed.petition is not None
    assert placed.petition.content_class.code == "0303"


def test_a_number_that_is_taken_waits_with_its_message(hotline: Any, mapped: Any, city: City) -> None:
    theirs = make_petition(city, channel="hotline", source_ref="W-1")
    Petition.objects.filter(pk=theirs.pk).update(is_restricted=True)
    found = hotline.post("/inbound/hotline", message())
    assert found.status_code == 202, found.content
    item = InboundItem.objects.get()
    assert item.problems == [{"field": "source_ref", "code": "source_ref_taken"}]
    assert json.loads(item.body) == message()
    with pytest.raises(Refused) as refusal:
        actions.place(item.pk, {"source_ref": ""}, remember=False, actor=city.people["officer"], at=city.at)
    assert refusal.value.field == "source_ref"
    actions.place(item.pk, {"source_ref": "W-1b"}, remember=False, actor=city.people["officer"], at=city.at)
    assert Petition.objects.count() == 2


def test_a_refusal_of_the_register_leaves_the_message_and_nothing_else(
    hotline: Any, mapped: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    register = intake.register

    def half(*args: Any, **more: Any) -> Any:
        register(*args, **more)
        raise Refused("not today", field="content", code="not_today")

    monkeypatch.setattr(intake, "register", half)
    found = hotline.post("/inbound/hotline", message())
    assert found.status_code == 202, found.content
    assert not Petition.objects.exists()
    assert InboundItem.objects.get().problems == [{"field": "content", "code": "not_today"}]


def test_what_never_became_a_petition_is_emptied_after_its_days(hotline: Any, mapped: Any, city: City) -> None:
    for number, kind in (("W-1", "物业"), ("W-2", "测试"), ("W-3", "电梯类")):
        hotline.post("/inbound/hotline", message(no=number, kind=kind))
    actions.refuse(
        InboundItem.objects.get(source_ref="W-2").pk, reason="这是测试工单", actor=city.people["officer"], at=city.at
    )
    now, keep = timezone.now(), timedelta(days=365)
    assert actions.clear_items(at=now, keep=keep) == 0
    assert actions.clear_items(at=now + timedelta(days=366), keep=keep) == 2
    assert actions.clear_items(at=now + timedelta(days=366), keep=keep) == 0
    told = {item.source_ref: (item.state, item.body != "") for item in InboundItem.objects.all()}
    assert told == {"W-1": ("taken", True), "W-2": ("refused", False), "W-3": ("refused", False)}
    assert hotline.get("/inbound/hotline/W-2").json()["reason"] == "这是测试工单"
    assert hotline.get("/inbound/hotline/W-3").json()["outcome"] == "refused"
    # Sent again it is the same message, and its end is told.
    assert hotline.post("/inbound/hotline", message(no="W-3", kind="电梯类")).json()["outcome"] == "refused"


def test_anonymising_a_petition_empties_its_message(hotline: Any, mapped: Any) -> None:
    hotline.post("/inbound/hotline", message())
    pk = Petition.objects.get().pk
    copy = next(copy for copy in copies() if copy.name == "inbound")
    assert copy.find([pk]) == 1
    assert copy.anonymise([pk], timezone.now()) == 1
    assert copy.find([pk]) == 0
    assert InboundItem.objects.get().body == ""


def test_key_rotation_reaches_the_messages(hotline: Any, mapped: Any, settings: Any) -> None:
    hotline.post("/inbound/hotline", message(kind="电梯类"))
    before = InboundItem.objects.get().digest
    old, new = settings.FIELD_KEYS[0], Fernet.generate_key().decode()
    settings.FIELD_KEYS, settings.INDEX_KEY = [new, old], "another key of the index"
    call_command("rotate_keys", verbosity=0)
    settings.FIELD_KEYS = [new]
    item = InboundItem.objects.get()
    assert json.loads(item.body) == message(kind="电梯类")
    # Nobody without the key can try words against the digest; with it the message is still known again.
    assert item.digest not in {before, hashlib.sha256(item.body.encode()).hexdigest()}
    hotline.post("/inbound/hotline", message(kind="电梯类"))
    assert InboundItem.objects.count() == 1


def test_other_words_under_a_known_number_are_added_to_the_matter(hotline: Any, mapped: Any, city: City) -> None:
    first = hotline.post("/inbound/hotline", message()).json()
    assert first["is_addition"] is False
    second = hotline.post("/inbound/hotline", message(text="物业答应下周修。"))
    assert (second.status_code, second.json()["petition"]) == (200, first["petition"])
    assert second.json()["is_addition"] is True
    added = Event.objects.get(petition=first["petition"], kind="supplement")
    assert added.words.text == "电梯停运\n物业答应下周修。"
    assert added.actor_label == hotline.client.name
    # What it has said before is not said twice, whichever of its messages comes again, and with whatever else in it.
    for again in (
        message(),
        message(text="物业答应下周修。"),
        message(text="物业答应下周修。", called="2026/11/17 08:00"),
    ):
        assert hotline.post("/inbound/hotline", again).status_code == 200
    assert Event.objects.filter(kind="supplement").count() == 1
    assert Petition.objects.count() == 1


def test_words_an_ended_matter_cannot_take_wait_for_a_person(
    hotline: Any, mapped: Any, city: City, client: Client
) -> None:
    made = hotline.post("/inbound/hotline", message()).json()
    hotline.post("/inbound/hotline/W-1/status", {"status": "撤单", "reason": "来电人撤回"})
    found = hotline.post("/inbound/hotline", message(text="电梯又停了。"))
    assert found.status_code == 202, found.content
    told = {key: found.json()[key] for key in ("outcome", "petition", "waiting_for", "is_addition")}
    assert told == {
        "outcome": "waiting",
        "petition": made["petition"],
        "waiting_for": ["source_ref"],
        "is_addition": False,
    }
    assert hotline.get("/inbound/hotline/W-1").json()["outcome"] == "waiting"
    item = InboundItem.objects.waiting().get()
    assert item.problems == [{"field": "source_ref", "code": "other_words"}]
    client.force_login(city.people["dispatcher"], backend="accounts.backends.StaffBackend")
    address = f"/gateway/triage/{item.pk}/"
    assert made["number"] in client.get(address).content.decode()
    # Under the old number it cannot be placed; under one of its own it is a new matter.
    assert client.post(address, {"f_source_ref": "W-1"}).status_code == 422
    assert client.post(address, {"f_source_ref": "W-1/2"}).status_code == 302
    assert Petition.objects.get(source_ref="W-1/2").content == "电梯停运\n电梯又停了。"
    assert Petition.objects.get(source_ref="W-1/2").number in client.get(address).content.decode()


def test_further_words_nobody_placed_are_emptied_after_their_days(hotline: Any, mapped: Any, city: City) -> None:
    hotline.post("/inbound/hotline", message())
    hotline.post("/inbound/hotline/W-1/status", {"status": "撤单", "reason": "来电人撤回"})
    hotline.post("/inbound/hotline", message(text="电梯又停了。"))
    later = timezone.now() + timedelta(days=366)
    assert actions.clear_items(at=later, keep=timedelta(days=365)) == 1
    item = InboundItem.objects.latest("pk")
    assert (item.state, item.body) == ("refused", "")
    assert hotline.get("/inbound/hotline/W-1").json()["outcome"] == "refused"


def test_the_source_urges_the_unit_that_handles(hotline: Any, mapped: Any, city: City) -> None:
    document = {**DOCUMENT, "status_in": {"催办": "remind"}}
    actions.save_mapping("hotline", document, actor=city.people["officer"], at=city.at)
    petition = Petition.objects.get(pk=hotline.post("/inbound/hotline", message()).json()["petition"])
    urge = {"status": "催办", "reason": "来电人再次来电"}
    # Nobody handles it yet: kept, and a person decides.
    assert hotline.post("/inbound/hotline/W-1/status", urge).status_code == 202
    assert InboundItem.objects.waiting().get().problems == [{"field": "status", "code": "no_order"}]
    order = make_order(city, petition=petition)
    assert hotline.post("/inbound/hotline/W-1/status", urge).status_code == 200
    reminder = Reminder.objects.get(order=order)
    assert (reminder.text, reminder.by) == ("来电人再次来电", None)
    # While the first reminder's term lasts a second one is not possible: it waits too.
    assert hotline.post("/inbound/hotline/W-1/status", urge).status_code == 202
    assert Reminder.objects.count() == 1


def test_webhooks_say_the_sources_word(hotline: Any, mapped: Any, caller: Any) -> None:
    hotline.post("/inbound/hotline", message())
    petition = Petition.objects.get()
    sent = WebhookMessage(kind="register", happened_at=timezone.now())
    assert json.loads(payload(sent, hotline.client, petition))["data"]["status"] == "已受理"
    other = caller(unit="city_office", channel="online").client
    assert "status" not in json.loads(payload(sent, other, petition))["data"]
    petition.state = "replied"
    assert "status" not in json.loads(payload(sent, hotline.client, petition))["data"]


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("address", "statements"), [("/gateway/triage/", 3), ("/gateway/channels/", 4)])
def test_lists_ask_the_same_for_one_row_and_for_three(
    hotline: Any,
    mapped: Any,
    city: City,
    client: Client,
    count: int,
    address: str,
    statements: int,
    django_assert_num_queries: Any,
) -> None:
    for number in range(count):
        hotline.post("/inbound/hotline", message(no=f"W-{number}", kind="电梯类"))
    client.force_login(city.people["officer"], backend="accounts.backends.StaffBackend")
    client.get(address)
    with django_assert_num_queries(statements):
        answer = client.get(address)
    assert address == "/gateway/channels/" or all(f"W-{n}" in answer.content.decode() for n in range(count))


@pytest.mark.django_db(transaction=True)
class TestAtTheSameTime:
    """Real transactions in real threads."""

    @pytest.fixture
    def hotline(self, transactional_db: None) -> Caller:
        at, city = timezone.now(), build_city()
        actions.save_mapping("hotline", DOCUMENT, actor=city.people["officer"], at=at)
        made = keys.create_client(
            "race", channel="hotline", unit=city.units["hotline"], scopes=["petitions:write"], at=at
        )
        return Caller(made, keys.issue_key(made, at=at).text)

    @pytest.mark.parametrize("second", [{}, {"text": "同一工单，另一段话。"}], ids=["the same", "other words"])
    def test_two_senders_of_one_number_make_one_petition(
        self, hotline: Caller, monkeypatch: pytest.MonkeyPatch, second: dict[str, Any]
    ) -> None:
        inside, go_on = threading.Event(), threading.Event()
        real = intake.register

        def slow(*args: Any, **options: Any) -> Petition:
            found = real(*args, **options)
            inside.set()
            go_on.wait(10)
            return found

        monkeypatch.setattr(intake, "register", slow)
        answers: list[Any] = []
        threads = [
            in_thread(lambda sent=sent: answers.append(hotline.post("/inbound/hotline", sent)))
            for sent in (message(), message(**second))
        ]
        assert inside.wait(10)
        go_on.set()
        for thread in threads:
            thread.join(20)
        assert sorted(answer.status_code for answer in answers) == [200, 201]
        assert len({answer.json()["petition"] for answer in answers}) == 1
        assert Petition.objects.count() == 1
        assert InboundItem.objects.filter(state="taken").count() == InboundItem.objects.count() == 1 + bool(second)
