"""The unit complained of: every page answers it, byte for byte, as if the accusation did not exist.

One city, read twice by the same people: before the accusation and after it, when it has been taken down against their
unit, opened to them by name behind the software's back, dispatched, run late, supervised and counted. Whatever
differs between the two readings would tell them (domain-facts §1.17, rules 1 and 2; Regulation on Petition Work,
art. 30).
"""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.models import Unit, User
from accounts.roles import Role
from dispatch.actions import orders, sweep
from dispatch.actions.findings import find
from dispatch.models import Clock, Notice, Proposal, SupervisionOrder, WorkOrder
from gateway import actions as keys
from gateway.authentication import forget_cached_keys
from gateway.gates import forget_rates
from gateway.reference import forget_cached_reference
from insights.actions import tallies
from petitions import actions
from petitions.actions import Person
from petitions.models import Attachment, Involvement, Petition, Purpose
from petitions.states import Refused
from tests.access.browsing import Stopped, addresses, browser, differences, plain
from tests.city import VALID_ID, City, make_order, make_petition

LATER = timedelta(days=40)
CANARY = "金丝雀"
ACCUSER = Person(name="葛鸣镝", phone="13900007788", id_type="111", id_no=VALID_ID, address="月湖街9号")
# The people of the line complained of: of the unit itself, above it, below it.
LINE = ("leader", "handler", "colleague", "lead_official", "above", "below", "inspecting", "reviewing")


@pytest.fixture
def city(city: City) -> City:
    """With people above and below the unit complained of, whose roles reach far."""
    below = Unit.objects.create(
        code="330203-HOUSING-1",
        name="海曙区房管所",
        short_name="海曙区房管所",
        kind="institution",
        area=city.areas["330203"],
        parent=city.housing,
        path=f"{city.housing.path}330203-HOUSING-1/",
    )
    rows = [
        ("above", Role.DISTRICT_OFFICER, city.units["district"]),
        ("below", Role.UNIT_ADMIN, below),
        ("inspecting", Role.INSPECTOR, city.housing),
        ("reviewing", Role.REVIEWER, city.housing),
    ]
    for name, role, unit in rows:
        mail = f"{name}@ningbo.example"
        city.people[name] = User.objects.create_user(name, mail, None, name=name, role=role, unit=unit)
    return city


def usual(city: City) -> None:
    """Ordinary work, so that the pages have something to show; the same person has an ordinary matter too."""
    make_order(city)
    other = make_order(city, petition=make_petition(city, person=ACCUSER, summary="反映路灯不亮"))
    orders.assign(other.pk, handler=city.handler, actor=city.leader, at=city.at)
    make_petition(city)


def accuse(city: City, respondent: Unit, accused: list[User]) -> Petition:
    """An accusation against a unit, with the whole life of one, and its people named against every rule."""
    secret = make_petition(
        city,
        purpose=Purpose.ACCUSE,
        summary=f"检举{CANARY}收受财物",
        content=f"{CANARY}：住建局工作人员在电梯维修招标中收受财物，请求查处。",
        respondent_unit=respondent,
        respondent="王某",
        person=ACCUSER,
    )
    actions.name_person(secret.pk, user=city.other_leader, reason="查处", actor=city.officer, at=city.at)
    order = orders.dispatch(secret.pk, lead=city.enforcement, actor=city.officer, at=city.at)[0]
    orders.sign(order.pk, actor=city.other_leader, at=city.at)
    # What no action would do: whatever they may see otherwise, the filter holds (domain-facts §4.2, extra rules).
    Involvement.objects.bulk_create(
        [Involvement(petition=secret, user=person, since=city.at, reason="点名") for person in accused]
        + [Involvement(petition=secret, unit=unit, since=city.at) for unit in {person.unit for person in accused}],
        ignore_conflicts=True,
    )
    return secret


def run_late(city: City) -> None:
    """Deadlines pass, findings are made, figures counted."""
    at = city.at + LATER
    sweep.sweep(at=at)
    find(at=at)
    tallies.recount(at=at)


QUERIES = {
    "worklist": [
        "",
        "?view=all",
        f"?view=all&q={CANARY}",
        f"?view=all&q={ACCUSER.phone}",
        f"?view=all&q={ACCUSER.name}",
        f"?view=all&q={VALID_ID}",
        "?view=all&purpose=4",
        "?view=all&sensitivity=accusation",
        "?view=all&state=handling",
        "?view=all&sort=registered",
        "?view=mine",
        "?view=overdue",
    ],
    "unit_console": ["", "?tab=all", "?tab=done", f"?q={CANARY}"],
    "supervision_list": ["", "?tab=findings", "?tab=all"],
    "unit_options": ["?respondent_unit=住建"],
    "insights": ["", "?group=timeliness", "?district=330203"],
    "deliveries": ["", "?state=failed"],
    "supervision_new": [""],
}
# Written by the reading itself, or of no reader: the answers to these are checked by status and canary only.
_OWN = {"callback_next", "healthz", "metrics", "api_schema", "api_docs"}


def lists() -> Iterator[str]:
    """Every address without a row in it."""
    for address in addresses():
        if not address.parts and not address.name.startswith(("api_", "portal_")) and address.name not in _OWN:
            for query in QUERIES.get(address.name, [""]):
                yield address.at() + query


def reading(person: User, secret: Petition | None) -> dict[str, bytes]:
    """What one person reads of the whole project; what the reading itself leaves (its export, logged) is undone."""
    mark = transaction.savepoint()
    client = browser(person)
    found = {url: plain(client.get(url)) for url in lists()}
    found["hint"] = plain(client.post("/petitions/new/duplicates/", hint()))
    found["export"] = plain(client.post("/statistics/export/", {"reason": "自查自纠"}))[:60]
    for key in ("received", "overdue_rate"):
        found[f"rows:{key}"] = plain(client.get(f"/statistics/rows/{key}/all/"))
    transaction.savepoint_rollback(mark)
    assert not [url for url, body in found.items() if body.startswith(b"500")]
    return {url: re.sub(rb"/notices/\d+/", b"/notices/N/", body) for url, body in found.items()}


def hint() -> dict[str, str]:
    return {
        "name": ACCUSER.name,
        "phone": ACCUSER.phone,
        "id_type": "111",
        "id_no": VALID_ID,
        "summary": f"检举{CANARY}收受财物",
        "content": f"{CANARY}：住建局工作人员在电梯维修招标中收受财物，请求查处。",
        "area": "330203001",
    }


@pytest.mark.parametrize("who", LINE)
def test_nothing_differs_for_the_people_of_the_line_complained_of(
    city: City, who: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual(city)
    run_late(city)
    Stopped(monkeypatch, city.at + LATER)
    person = city.people[who]
    before = reading(person, None)
    secret = accuse(city, city.housing, [city.people[name] for name in LINE])
    run_late(city)
    supervise(city, secret)
    after = reading(person, secret)
    assert not differences(before, after), "\n".join(map(str, differences(before, after).items()))
    assert not [url for url, body in after.items() if CANARY.encode() in body and "q=" not in url and url != "hint"]
    assert not Notice.objects.filter(recipient=person, petition=secret).exists()


@pytest.mark.parametrize("who", ["leader", "handler"])
def test_splitting_an_accusation_off_the_units_own_case_tells_it_nothing(
    city: City, who: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual(city)
    shared = make_order(city, petition=make_petition(city, summary="反映电梯停运")).petition
    Stopped(monkeypatch, city.at + LATER)
    pages = [
        f"/petitions/{shared.pk}/",
        f"/petitions/{shared.pk}/?tab=related",
        f"/petitions/{shared.pk}/?tab=timeline",
    ]

    def case() -> dict[str, bytes]:
        client = browser(city.people[who])
        return {url: plain(client.get(url)) for url in pages} | {"book": book_of(shared)}

    before = reading(city.people[who], None) | case()
    assert before[pages[0]].startswith(b"200")
    words = {"summary": f"检举{CANARY}", "content": f"{CANARY}：维修招标中收受财物。", "purpose": Purpose.ACCUSE}
    part = actions.Part(content_class=city.classes["0303"], **words)
    actions.split(shared.pk, parts=[part], reason=f"另有检举{CANARY}", actor=city.officer, at=city.at + LATER)
    after = reading(city.people[who], None) | case()
    assert not differences(before, after), "\n".join(map(str, differences(before, after).items()))


def book_of(petition: Petition) -> bytes:
    """The events of a case as files and the API give them away."""
    return b"".join(bytes(body) for body in petition.events.order_by("seq").values_list("body", flat=True))


def supervise(city: City, secret: Petition) -> None:
    """The accusation is late and supervised; the order goes to the unit that handles it."""
    from dispatch.actions import supervision

    supervision.issue(
        level="order",
        trigger="other",
        unit=city.enforcement,
        petition_id=secret.pk,
        text="请在五个工作日内报告核查进展情况。",
        actor=city.officer,
        at=city.at + LATER,
    )


@pytest.mark.parametrize(
    ("unit", "who"),
    [("conference", "conference_officer"), ("city_office", "officer"), ("hotline", "dispatcher")],
)
def test_a_city_wide_reader_of_the_unit_complained_of_reads_nothing_either(
    city: City, unit: str, who: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = city.people[who]
    second = User.objects.create_user("second", password=None, name="副局长", role="city_officer", unit=city.root)
    usual(city)
    run_late(city)
    Stopped(monkeypatch, city.at + LATER)
    before = reading(person, None)
    secret = make_petition(
        city, purpose=Purpose.ACCUSE, summary=f"检举{CANARY}", respondent_unit=city.units[unit], actor=second
    )
    Involvement.objects.bulk_create([Involvement(petition=secret, user=person, since=city.at)], ignore_conflicts=True)
    run_late(city)
    after = reading(person, secret)
    assert not differences(before, after), "\n".join(map(str, differences(before, after).items()))


def test_guessed_addresses_answer_like_addresses_of_nothing(city: City) -> None:
    usual(city)
    secret = accuse(city, city.housing, [city.people[name] for name in LINE])
    run_late(city)
    supervise(city, secret)
    guesses = rows_of(city, secret)
    for who in LINE:
        client = browser(city.people[who])
        for address in addresses():
            keys_of = guesses.get(address.name)
            if keys_of is None:
                continue
            for pk in keys_of:
                real = address.at(pk=pk, move=_MOVES.get(address.name, ""), form="xlsx")
                nothing = address.at(pk=987_654_321, move=_MOVES.get(address.name, ""), form="xlsx")
                for method in (client.get, client.post):
                    answer, empty = method(real), method(nothing)
                    if answer.status_code in (403, 405) and answer.status_code == empty.status_code:
                        continue
                    assert answer.status_code == 404, (who, real, answer.status_code)
                    alike = plain(answer).replace(real.encode(), b"") == plain(empty).replace(nothing.encode(), b"")
                    assert alike, (who, real)


_MOVES = {"petition_act": "note", "order_act": "sign", "finding_act": "set_aside", "supervision_act": "answer"}


def rows_of(city: City, secret: Petition) -> dict[str, list[int]]:
    """The keys of everything the accusation has, by the address that shows such a thing."""
    case = [secret.pk]
    order = list(WorkOrder.objects.filter(petition=secret).values_list("pk", flat=True))
    clock = list(Clock.objects.filter(petition=secret).values_list("pk", flat=True))
    notice = list(Notice.objects.filter(petition=secret).values_list("pk", flat=True))
    papers = list(SupervisionOrder.objects.filter(petition=secret).values_list("pk", flat=True))
    found = list(Proposal.objects.filter(petition=secret).values_list("pk", flat=True))
    assert order and clock and notice and papers
    names = {
        **dict.fromkeys(
            [
                "petition",
                "petition_note",
                "petition_reveal",
                "unit_search",
                "petition_act",
                "petition_why",
                "petition_slip",
            ],
            case,
        ),
        **dict.fromkeys(["order_act", "order_why"], order),
        "clock": clock[:2],
        **dict.fromkeys(["notice_open", "notice_digest", "resend_one"], notice[:2]),
        **dict.fromkeys(["supervision", "supervision_act", "supervision_print", "circular_read"], papers),
        "finding_act": found,
        "attachment": list(Attachment.objects.filter(petition=secret).values_list("pk", flat=True)),
    }
    # A page of a case that comes later is walked as well.
    for address in addresses():
        if address.route.startswith("petitions/<int:pk>/") and set(address.parts) <= {"pk", "move"}:
            names.setdefault(address.name, case)
    return names


def test_the_api_of_the_unit_complained_of_reads_nothing(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    usual(city)
    run_late(city)
    Stopped(monkeypatch, city.at + LATER)
    for forget in (forget_cached_keys, forget_rates, forget_cached_reference):
        forget()
    client = keys.create_client(
        "housing",
        channel="online",
        unit=city.housing,
        scopes=["petitions:read", "petitions:write", "orders:write"],
        at=timezone.now(),
    )
    headers = {"Authorization": f"Bearer {keys.issue_key(client, at=timezone.now()).text}"}
    before = api_reading(headers)
    secret = accuse(city, city.housing, [city.leader, city.handler])
    run_late(city)
    assert api_reading(headers) == before
    order = WorkOrder.objects.get(petition=secret)
    http = Client(raise_request_exception=False)
    for path in (f"petitions/{secret.pk}", f"petitions/{secret.pk}/events", f"petitions/{secret.pk}/clocks"):
        assert http.get(f"/api/v1/{path}", headers=headers).status_code == 404
    assert http.get(f"/api/v1/work-orders/{order.pk}", headers=headers).status_code == 404
    sent = {**headers, "Idempotency-Key": "k1", "If-Match": '"1"'}
    answer = http.post(f"/api/v1/work-orders/{order.pk}/sign", {}, content_type="application/json", headers=sent)
    assert answer.status_code == 404


def api_reading(headers: dict[str, str]) -> dict[str, bytes]:
    http = Client(raise_request_exception=False)
    found = {}
    lists = ["petitions", "petitions?open=true", "petitions?count=estimate", "work-orders", "work-orders?open=true"]
    for path in lists:
        found[path] = http.get(f"/api/v1/{path}", headers=headers).content
    for body in ({"q": CANARY}, {"q": "电梯"}, {"person": ACCUSER.phone}, {"person": VALID_ID}):
        answer = http.post("/api/v1/petitions/_search", body, content_type="application/json", headers={**headers})
        found[str(body)] = answer.content
    return found


def test_nobody_of_the_line_complained_of_can_be_named(city: City) -> None:
    secret = accuse(city, city.housing, [])
    for who in LINE:
        with pytest.raises(Refused):
            actions.name_person(secret.pk, user=city.people[who], reason="知情", actor=city.officer, at=city.at)
    # Of the city government, which stands above everybody, the head may be named.
    actions.name_person(secret.pk, user=city.reviewer, reason="复核", actor=city.officer, at=city.at)
    assert Petition.objects.visible_to(city.reviewer).filter(pk=secret.pk).exists()


def test_who_is_named_for_it_sees_it_so_that_the_comparison_means_something(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual(city)
    run_late(city)
    Stopped(monkeypatch, city.at + LATER)
    before = reading(city.other_leader, None)
    secret = accuse(city, city.housing, [])
    run_late(city)
    after = reading(city.other_leader, secret)
    assert {"/", "/petitions/?view=all", "/orders/", "/notices/"} <= set(differences(before, after))
