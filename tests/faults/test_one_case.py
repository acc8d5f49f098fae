"""Forty edits of one case over real HTTP: nothing accepted is lost, nothing refused leaves a trace, no 5xx."""

import http.client
import itertools
import re
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone
from redis.exceptions import ConnectionError as RedisConnectionError

from accounts.models import User
from dispatch.actions import orders
from dispatch.models import Notice, WorkOrder
from petitions import events
from petitions.models import Attachment, Event, Petition
from tests.city import City, build_city, make_order

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@dataclass
class Answer:
    """What one edit was answered."""

    name: str
    status: int
    location: str
    text: str

    @property
    def is_accepted(self) -> bool:
        return self.status == 302 and "/sign-in/" not in self.location


@dataclass
class Person:
    """A signed-in browser without a browser: cookies, and one connection for each request."""

    user: User
    host: str
    cookies: dict[str, str] = field(default_factory=dict)

    def enter(self) -> "Person":
        client = Client()
        client.force_login(self.user, backend="accounts.backends.StaffBackend")
        self.cookies = {"sessionid": client.cookies["sessionid"].value}
        response = client.get("/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', response.content.decode())
        assert token is not None, "the page has no form"
        self.cookies |= {"csrftoken": client.cookies["csrftoken"].value}
        return self

    def post(self, name: str, path: str, data: dict[str, Any], file: bytes = b"") -> "Edit":
        """An edit with its connection open, ready to be sent the moment all are."""
        headers = {
            "Cookie": "; ".join(f"{key}={value}" for key, value in self.cookies.items()),
            "X-CSRFToken": self.cookies["csrftoken"],
            "Accept-Language": "zh-Hans",
        }
        if file:
            edge = "yq-edge"
            parts = [
                f'--{edge}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
                for key, value in data.items()
            ]
            head = f'--{edge}\r\nContent-Disposition: form-data; name="files"; filename="{name}.pdf"\r\n'
            parts += [
                head.encode() + b"Content-Type: application/pdf\r\n\r\n" + file + name.encode(),
                f"\r\n--{edge}--\r\n".encode(),
            ]
            body, headers["Content-Type"] = b"".join(parts), f"multipart/form-data; boundary={edge}"
        else:
            body, headers["Content-Type"] = urlencode(data, doseq=True).encode(), "application/x-www-form-urlencoded"
        # Opened one after the other: forty at once would only overflow the queue of the test's own server.
        connection = http.client.HTTPConnection(self.host, timeout=60)
        connection.connect()

        def send() -> Answer:
            try:
                connection.request("POST", path, body, headers)
                response = connection.getresponse()
                return Answer(name, response.status, response.headers.get("Location", ""), response.read().decode())
            finally:
                connection.close()

        return send


Edit = Callable[[], Answer]


def all_at_once(jobs: list[Edit]) -> list[Answer]:
    gate, answers = threading.Barrier(len(jobs)), [None] * len(jobs)

    def run(place: int, job: Callable[[], Answer]) -> None:
        gate.wait()
        try:
            answers[place] = job()  # type: ignore[call-overload]
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert all(answers), "an edit was never answered"
    return answers  # type: ignore[return-value]


@pytest.fixture
def town(transactional_db: None) -> City:
    return build_city()


@pytest.fixture
def at_work(town: City, live_server: Any) -> dict[str, Person]:
    host = urlsplit(live_server.url).netloc
    names = ["officer", "dispatcher", "district_officer", "leader", "handler", "colleague"]
    return {name: Person(town.people[name], host).enter() for name in names}


def edits(case: Petition, order: WorkOrder, people: dict[str, Person], town: City) -> list[Edit]:
    """Forty edits of one case: notes, files, and moves that exclude one another, by six people."""
    who = list(people.values())
    note, act, work = f"/petitions/{case.pk}/note/", f"/petitions/{case.pk}/do", f"/orders/{order.pk}/do"
    version, seen = {"version": case.version}, {"version": order.version}
    said = {"means": "phone", "result": "reached", "said": "已联系信访人"}
    found = {"outcome": "solved", "is_true": "on", "findings": "经核查已经维修完毕并恢复使用。"}
    rows: list[tuple[str, Person, str, dict[str, Any], bytes]] = [
        *((f"note-{n}", who[n % 6], note, {"kind": "note", "text": f"记录{n}"}, b"") for n in range(14)),
        *((f"file-{n}", who[n % 6], note, {"kind": "phone_note", "text": f"材料{n}"}, PDF) for n in range(6)),
        *((f"sign-{n}", people[p], f"{work}/sign/", {**seen}, b"") for n, p in enumerate(["leader", "handler"])),
        *(
            (f"contact-{n}", people[p], f"{work}/contact/", {**said, **seen}, b"")
            for n, p in enumerate(["handler", "leader", "handler", "leader"])
        ),
        *(
            (f"assign-{n}", people["leader"], f"{work}/assign/", {"handler": town.people[p].pk, **seen}, b"")
            for n, p in enumerate(["handler", "colleague"])
        ),
        *((f"feed_back-{n}", people["leader"], f"{work}/feed_back/", {**found, **seen}, b"") for n in range(3)),
        *(
            (f"recall-{n}", people[p], f"{work}/recall/", {"reason": "重新交办", **seen}, b"")
            for n, p in enumerate(["officer", "dispatcher", "district_officer"])
        ),
        ("urgency", people["officer"], f"{act}/set_urgency/", {"urgency": "urgent", **version}, b""),
        *(
            (f"withdraw-{n}", people[p], f"{act}/withdraw/", {"reason": "本人来电撤回", **version}, b"")
            for n, p in enumerate(["officer", "dispatcher"])
        ),
        ("dispatch", people["dispatcher"], f"{act}/dispatch/", {"lead": town.enforcement.pk, "urgency": "normal"}, b""),
        ("reply", people["officer"], f"{act}/reply/", {"text": "事项已办结，请知悉。谢谢。", "confirmed": "1"}, b""),
        ("close", people["officer"], f"{act}/close/", {"remark": "", **version}, b""),
    ]
    assert len(rows) == 40
    return [person.post(name, path, data, file) for name, person, path, data, file in rows]


# What an accepted edit leaves in the chain.
KINDS = {
    "note": "note",
    "file": "phone_note",
    "sign": "order.sign",
    "contact": "order.contact",
    "assign": "order.assign",
    "feed_back": "order.feed_back",
    "recall": "order.recall",
    "urgency": "set_urgency",
    "withdraw": "withdraw",
    "dispatch": "dispatch",
    "reply": "reply",
    "close": "close",
}


@pytest.mark.parametrize("round_", range(2))
def test_forty_edits_of_one_case_lose_nothing_and_break_nothing(
    town: City, at_work: dict[str, Person], round_: int
) -> None:
    order = make_order(town, at=timezone.now())
    case = Petition.objects.get(pk=order.petition_id)
    before = Counter(Event.objects.filter(petition=case).values_list("kind", flat=True))
    answers = all_at_once(edits(case, order, at_work, town))

    assert not [a for a in answers if a.status >= 500], [a.name for a in answers if a.status >= 500]
    # Whoever lost the case or the order to somebody else's step meanwhile finds it gone or closed, in words.
    assert {a.status for a in answers} <= {302, 403, 404, 422}
    accepted = [a for a in answers if a.is_accepted]
    for answer in answers:
        if not answer.is_accepted and answer.status == 422:
            assert "field__error" in answer.text or "data-form-errors" in answer.text, answer.name

    assert events.verify(case.pk) is None
    after = Counter(Event.objects.filter(petition=case).values_list("kind", flat=True)) - before
    wanted = Counter(KINDS[a.name.split("-")[0]] for a in accepted)
    for kind in set(KINDS.values()) - {"order.cancel"}:
        assert after[kind] == wanted[kind], kind

    kept = [a.name for a in accepted if a.name.startswith(("note", "file"))]
    written = list(Event.objects.filter(petition=case, kind__in=["note", "phone_note"]).values_list("words__text"))
    assert sorted(text for (text,) in written) == sorted(
        name.replace("note-", "记录").replace("file-", "材料") for name in kept
    )
    files = Attachment.objects.filter(petition=case)
    assert files.count() == sum(a.name.startswith("file") for a in accepted)
    assert_the_rows_agree_with_the_chain(case, order)


def assert_the_rows_agree_with_the_chain(case: Petition, order: WorkOrder) -> None:
    """State and version are what the moves made them; the notices of each move are there once."""
    case.refresh_from_db()
    last = Event.objects.filter(petition=case, data__has_key="after").exclude(kind__startswith="order.").order_by("seq")
    newest = last.last()
    assert newest is not None and newest.data["after"] == case.state
    moves = Event.objects.filter(petition=case, data__order=order.pk, data__has_key="after").order_by("seq")
    order.refresh_from_db()
    assert order.version == 1 + moves.count()
    chained = list(moves)
    for earlier, later in itertools.pairwise(chained):
        assert later.data["before"] == earlier.data["after"], "a move started from a state that was gone"
    if chained:
        assert chained[-1].data["after"] == order.state
    keys = list(Notice.objects.filter(petition=case).values_list("dedupe_key", "recipient", "channel"))
    assert len(keys) == len(set(keys))


def test_of_many_who_saw_the_same_version_one_is_taken_and_the_others_read_why_not(
    town: City, at_work: dict[str, Person]
) -> None:
    order = make_order(town, at=timezone.now())
    orders.sign(order.pk, actor=town.leader, at=timezone.now())
    order.refresh_from_db()
    data = {"means": "phone", "result": "reached", "said": "已联系", "version": order.version}
    people = [at_work["leader"], at_work["handler"]] * 8
    answers = all_at_once(
        [p.post(f"contact-{n}", f"/orders/{order.pk}/do/contact/", data) for n, p in enumerate(people)]
    )
    accepted = [a for a in answers if a.is_accepted]
    refused = [a for a in answers if not a.is_accepted]
    assert len(accepted) == 1 and all(a.status == 422 and "刚被他人更新" in a.text for a in refused)
    assert Event.objects.filter(petition=order.petition_id, kind="order.contact").count() == 1


def test_a_double_click_on_registration_registers_once_with_the_cache_away(
    town: City, at_work: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_args: Any, **_kwargs: Any) -> None:
        raise RedisConnectionError("no Redis")

    monkeypatch.setattr("django.core.cache.backends.redis.RedisCacheClient.get_client", away)
    data = {
        "step": "register",
        "once": "one-form",
        "channel": "visit",
        "purpose": "QJ",
        "urgency": "normal",
        "petition_date": timezone.localdate().isoformat(),
        "name": "周小琴",
        "phone": "13812345127",
        "party_type": "person",
        "summary": "小区电梯停运",
        "content": "三号楼电梯自九月起停运，老人出行困难，请求维修。",
        "content_class": town.classes["0303"].pk,
        "district": town.areas["330203"].pk,
        "town": town.areas["330203001"].pk,
        "headcount": 1,
        "repeat_of": "",
    }
    officer = at_work["officer"]
    answers = all_at_once([officer.post(f"click-{n}", "/petitions/new/", data) for n in range(6)])
    assert {a.status for a in answers} == {302}, [a.text[:300] for a in answers if a.status != 302]
    assert Petition.objects.count() == 1
