"""A case somebody is kept out of does not exist for them: lists, counts, wall, papers, exports, snapshots, the API.

Kept out are the people of a unit complained of, once a petition on the file becomes an accusation, and whoever is
recused in one (Regulation on Petition Work, art. 28; domain-facts §1.17, §4.2). Class A never comes onto a file; that
one on a file becomes class A is the case that must not be forgotten.
"""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import User
from backlog import board
from backlog.actions import (
    agenda,
    boards,
    command,
    meetings,
    milestones,
    receiving,
    receptions,
    tasking,
    visits,
    writing,
)
from backlog.models import BacklogCase, Snapshot, Task
from backlog.states import ReceptionKind, TaskOrigin
from dispatch.clocks import city_day
from dispatch.models import Notice
from gateway import actions as keys
from gateway.authentication import forget_cached_keys
from gateway.permissions import forget_rates
from gateway.reference import forget_cached_reference
from petitions.models import Petition
from tests.access.browsing import Address, addresses, browser
from tests.backlog.cases import force, make_case
from tests.city import City, make_petition
from tests.petitions.test_recusals import keep_out

CANARY = "金丝雀案"
TEXT = "金丝雀案卷正文"
ROOMS = ("backlog/", "meetings/", "visits/", "receptions/", "wall/")
# Whose pages are read: everybody who may open the backlog at all.
READERS = ["officer", "district_officer", "conference_officer", "leader", "handler", "lead_official", "inspector"]


@pytest.fixture
def case(city: City) -> BacklogCase:
    """A case with everything that can hang on one, all of it with the canary."""
    city.at = at = timezone.now() - timedelta(hours=6)
    found = make_case(
        city, "working", title=f"{CANARY}安置问题", at=at, force=force(), reason=TEXT, progress=TEXT, times=3
    )
    officer = city.officer
    command.lead(found.pk, official=city.lead_official, actor=officer, at=at)
    writing.assess(found.pk, values={"demands": TEXT, "facts": TEXT}, actor=officer, at=at)
    writing.progress(found.pk, text=TEXT, actor=officer, at=at)
    today = city_day(at)
    milestones.plan(found.pk, name=CANARY, planned_on=today, actor=officer, at=at)
    tasking.assign(
        text=f"{CANARY}任务",
        unit=city.housing,
        owner=city.handler,
        due_on=today,
        origin=TaskOrigin.CASE,
        case=found,
        actor=officer,
        at=at,
    )
    _meet(city, found)
    _visit(city, found)
    _receive(city, found)
    return found


def _meet(city: City, case: BacklogCase) -> None:
    at, officer, area = city.at, city.officer, city.areas["330200"]
    held = meetings.plan(area=area, starts_at=at, chair=city.lead_official, size=0, actor=officer, at=at)
    item = agenda.add(held.pk, case.pk, question=TEXT, actor=officer, at=at)
    meetings.begin(held.pk, actor=officer, at=at)
    agenda.settle(item.pk, outcome="decided", discussion=TEXT, decision=TEXT, actor=officer, at=at)
    meetings.close(held.pk, actor=officer, at=at)
    coming = at + timedelta(days=2)
    ahead = meetings.plan(area=area, starts_at=coming, chair=city.lead_official, size=0, actor=officer, at=at)
    agenda.add(ahead.pk, case.pk, question=TEXT, actor=officer, at=at)


def _visit(city: City, case: BacklogCase) -> None:
    visit = visits.plan(
        title="联合督导第一组",
        district=city.areas["330203"],
        departments=[city.city_office, city.conference],
        visit_on=city_day(city.at),
        cases=[case],
        actor=city.officer,
        at=city.at,
    )
    finding = visits.Finding(unit=city.housing, case=case, text=TEXT)
    visits.record(visit.pk, findings=[finding], summary="已走访", actor=city.officer, at=city.at)


def _receive(city: City, case: BacklogCase) -> None:
    plan = receptions.Plan(
        kind=ReceptionKind.WITH_CASE,
        official=city.lead_official,
        area=city.areas["330203"],
        starts_at=city.at,
        ends_at=city.at + timedelta(hours=2),
        place="区社会治理中心",
        case=case,
    )
    day = receptions.set_day(plan, actor=city.officer, at=city.at - timedelta(hours=1))
    visit = receiving.Visit(matter=TEXT, visitor="葛鸣镝", opinion=TEXT, result="explained", case=case)
    receiving.receive(day.pk, visit, actor=city.officer, at=city.at)


def restrict(case: BacklogCase) -> None:
    """The petition turns out to be an accusation."""
    Petition.objects.filter(pk=case.petition_id).update(is_restricted=True, purpose="JK")


def room() -> Iterator[Address]:
    """Every address of the backlog room."""
    for address in addresses():
        if address.route.startswith(ROOMS):
            yield address


def read(client: Client, url: str) -> tuple[int, str]:
    answer = client.get(url)
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return answer.status_code, body.decode(errors="replace")


def leaks(person: User, case: BacklogCase) -> list[str]:
    """The pages on which the person meets the case: every list, and every page of a row that hangs on it."""
    client, found = browser(person), []
    cache.clear()
    for address in room():
        urls = [address.at()] if not address.parts else list(rows_of(address, case))
        for url in urls:
            status, body = read(client, url)
            assert status != 500, url
            if status == 200 and (CANARY in body or TEXT in body or f"/backlog/{case.pk}/" in body):
                found.append(url)
    return found


def rows_of(address: Address, case: BacklogCase) -> Iterator[str]:
    """The addresses of what hangs on the case."""
    item = case.agenda_items.order_by("pk").first()
    assert item is not None
    meetings_of = ["meeting", "meeting_agenda", "meeting_minutes", "meeting_item", "meeting_paper"]
    keys_by_name = {
        "backlog_case": [case.pk],
        "backlog_act": [case.pk],
        "task": list(case.tasks.values_list("pk", flat=True)),
        "task_act": list(case.tasks.values_list("pk", flat=True)),
        "milestone": list(case.milestones.values_list("pk", flat=True)),
        **{name: list(case.agenda_items.values_list("meeting_id", flat=True)) for name in meetings_of},
        "visit": list(case.visits.values_list("pk", flat=True)),
        "reception_day": list(case.receptions.values_list("day_id", flat=True)),
    }
    words = {"name": "progress", "item": item.pk, "kind": "minutes", "form": "pdf", "task": 1, "token": "x"}
    for pk in keys_by_name.get(address.name, []):
        values = {part: words.get(part, pk) for part in address.parts} | {"pk": pk}
        yield address.at(**values)


@pytest.mark.parametrize("who", READERS)
def test_who_may_read_the_case_meets_it_so_that_the_trial_means_something(
    city: City, case: BacklogCase, who: str
) -> None:
    assert leaks(city.people[who], case)


# The city officer decides on recusals here, and nobody decides on their own.
@pytest.mark.parametrize("who", [who for who in READERS if who != "officer"])
def test_who_is_recused_meets_the_case_nowhere(city: City, case: BacklogCase, who: str) -> None:
    keep_out(city, case.petition_id, city.people[who], at=city.at)
    assert leaks(city.people[who], case) == []


@pytest.mark.parametrize("who", READERS)
def test_once_an_accusation_lies_on_the_file_nobody_unnamed_meets_it(city: City, case: BacklogCase, who: str) -> None:
    person = city.people[who]
    User.objects.filter(pk=person.pk).update(handles_accusations=False)
    person.refresh_from_db()
    restrict(case)
    # The lead official was named for the petition before; nobody is named for the accusation.
    case.petition.involvements.filter(user=person).delete()
    assert leaks(person, case) == []


def test_no_figure_of_the_wall_counts_a_case_with_an_accusation(city: City, case: BacklogCase) -> None:
    at = timezone.now()
    before = board.compute(board.city(), at)["counts"]
    restrict(case)
    after = board.compute(board.city(), at)["counts"]
    assert before["stock"] == before["listed"] == before["led"] == 1
    assert not any(after.get(name, 0) for name in ("stock", "listed", "led", "overdue", "discussed"))


def test_a_kept_week_holds_no_title_and_shows_none_of_a_case_that_became_an_accusation(
    city: City, case: BacklogCase
) -> None:
    boards.take_snapshots(at=timezone.now())
    assert not [row.pk for row in Snapshot.objects.all() if CANARY in str(row.data)]
    restrict(case)
    status, body = read(browser(city.officer), "/wall/past/")
    assert status == 200 and CANARY not in body


def test_a_screen_nobody_signs_in_to_shows_no_case_with_an_accusation(city: City, case: BacklogCase) -> None:
    _screen, token = boards.create_screen("大厅", city.areas["330200"], actor=city.officer, at=timezone.now())
    cache.clear()
    status, body = read(Client(), f"/wall/screen/{token}/")
    assert status == 200 and f"/backlog/{case.pk}/" not in body
    restrict(case)
    cache.clear()
    assert CANARY not in read(Client(), f"/wall/screen/{token}/")[1]


def test_an_outsider_finds_nothing_by_guessing(city: City, case: BacklogCase) -> None:
    for who in ("outsider", "outside_leader", "far_officer", "reviewer", "agent", "dispatcher", "admin"):
        client = browser(city.people[who])
        for address in room():
            for url in rows_of(address, case) if address.parts else ():
                status, body = read(client, url)
                # 405: an address that is only posted to says so before it looks at anything.
                assert status in {403, 404, 405}, (who, url, status)
                assert CANARY not in body and TEXT not in body, (who, url)


def test_the_api_gives_a_case_with_an_accusation_to_no_key(city: City, case: BacklogCase) -> None:
    for forget in (forget_cached_keys, forget_rates, forget_cached_reference):
        forget()
    at = timezone.now()
    client = keys.create_client(
        "root", channel="online", unit=city.root, scopes=["backlog:read", "backlog:write", "petitions:read"], at=at
    )
    headers = {"Authorization": f"Bearer {keys.issue_key(client, at=at).text}"}
    task = Task.objects.get(case=case)
    milestone = case.milestones.get()
    paths = [
        f"backlog/cases/{case.pk}",
        f"backlog/cases/{case.pk}/tasks",
        f"backlog/cases/{case.pk}/milestones",
        f"backlog/tasks/{task.pk}",
        f"backlog/milestones/{milestone.pk}",
    ]
    http = Client(raise_request_exception=False)
    assert [http.get(f"/api/v1/{path}", headers=headers).status_code for path in paths] == [200] * 5
    restrict(case)
    assert [http.get(f"/api/v1/{path}", headers=headers).status_code for path in paths] == [404] * 5
    for path in ("backlog/cases", f"backlog/cases?q={CANARY}", "backlog/tasks"):
        assert http.get(f"/api/v1/{path}", headers=headers).json()["items"] == []
    for name, body in (("change", {"name": "另一节点"}), ("reach", {"actual_on": "2026-11-20"})):
        sent = {**headers, "Idempotency-Key": name, "If-Match": "*"}
        url = f"/api/v1/backlog/milestones/{milestone.pk}/{name}"
        assert http.post(url, body, content_type="application/json", headers=sent).status_code == 404


def test_notices_of_the_room_say_no_word_of_the_case(city: City, case: BacklogCase) -> None:
    from tests.access.test_notices_tell_nothing import told

    rows = list(Notice.objects.all())
    assert {row.kind for row in rows} >= {"task_given"}
    for row in rows:
        said = told(row)
        assert CANARY not in said and TEXT not in said and "葛鸣镝" not in said, row.kind


def test_a_petition_in_the_dark_can_be_neither_nominated_nor_linked(city: City, case: BacklogCase) -> None:
    from backlog.actions import nominate
    from petitions.states import Refused

    secret = make_petition(city, purpose="JK")
    with pytest.raises(Refused):
        nominate.nominate(
            secret.pk, title="检举件", reason="多次反映未解决，建议列入。", actor=city.officer, at=timezone.now()
        )
    with pytest.raises(Refused):
        writing.link(case.pk, petition=secret, actor=city.officer, at=timezone.now())
