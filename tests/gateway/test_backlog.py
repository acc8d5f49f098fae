"""The backlog for other systems: what a key reads, what it plans, gives and reports, and what it never learns."""

from datetime import timedelta
from typing import Any

import pytest

from backlog.actions import moves, tasking
from backlog.models import BacklogCase, CaseLink, Task
from backlog.states import TaskOrigin
from dispatch.clocks import city_day
from gateway.backlog import shapes
from petitions.models import Petition
from tests.city import City, make_petition

SCOPES = ["backlog:read", "backlog:write"]


def make_case(city: City, *, lead: str = "housing", petition: Petition | None = None, **fields: Any) -> BacklogCase:
    """A case taken up by the office, `lead` responsible."""
    petition = petition or make_petition(city)
    case = BacklogCase.objects.create(
        year=2026,
        serial=BacklogCase.objects.count() + 1,
        title=f"小区办证遗留问题{petition.serial}",
        petition=petition,
        district=city.areas["330203"],
        lead_unit=city.units[lead],
        source="hand",
        since=city_day(city.at - timedelta(days=900)),
        nominated_at=city.at,
        **fields,
    )
    CaseLink.objects.create(case=case, petition=petition, added_at=city.at)
    return moves.move(case.pk, "accept", actor=city.officer, at=city.at, changes={"listed_at": city.at})


def give(city: City, case: BacklogCase, unit: str = "housing") -> Task:
    """A task of the case from the office."""
    return tasking.assign(
        text="与信访人见面，核对补偿清单。",
        unit=city.units[unit],
        due_on=city_day(city.at + timedelta(days=7)),
        origin=TaskOrigin.CASE,
        case=case,
        actor=city.officer,
        at=city.at,
    )


@pytest.fixture
def housing(caller: Any) -> Any:
    """The system of the responsible unit, with both scopes of the backlog."""
    return caller(unit="housing", scopes=SCOPES, channel="online")


def test_a_unit_reads_its_cases_and_nobody_elses(housing: Any, caller: Any, city: City) -> None:
    case = make_case(city)
    [row] = housing.get("/backlog/cases").json()["items"]
    assert (row["number"], row["state"], row["lead_unit"]["code"]) == (case.number, "listed", "330203-HOUSING")
    assert row.keys() == shapes.CaseRow().fields.keys()
    found = housing.get(f"/backlog/cases/{case.pk}")
    assert found["ETag"] == '"2"'
    assert found.json().keys() == shapes.CaseDetail().fields.keys()
    stranger = caller(unit="transport", scopes=SCOPES, channel="online")
    assert stranger.get("/backlog/cases").json()["items"] == []
    for path in ("", "/tasks"):
        assert stranger.get(f"/backlog/cases/{case.pk}{path}").status_code == 404
    assert stranger.get("/backlog/cases/987654321").status_code == 404


def test_an_accusation_on_the_file_hides_the_whole_case(housing: Any, city: City) -> None:
    case = make_case(city)
    task = give(city, case)
    CaseLink.objects.create(case=case, petition=make_petition(city, purpose="JK"), added_at=city.at)
    assert housing.get("/backlog/cases").json()["items"] == []
    assert housing.get("/backlog/tasks").json()["items"] == []
    assert housing.get(f"/backlog/cases/{case.pk}").status_code == 404
    assert housing.get(f"/backlog/tasks/{task.pk}").status_code == 404


def test_linked_petitions_are_named_as_far_as_the_key_reads_petitions(caller: Any, city: City) -> None:
    case = make_case(city)
    plain = caller(unit="root", scopes=["backlog:read"])
    both = caller(unit="root", scopes=["backlog:read", "petitions:read"])
    assert plain.get(f"/backlog/cases/{case.pk}").json()["petitions"] == []
    assert [row["id"] for row in both.get(f"/backlog/cases/{case.pk}").json()["petitions"]] == [case.petition_id]


def test_pages_of_cases_hang_together(housing: Any, city: City) -> None:
    made = {make_case(city).pk for _i in range(3)}
    first = housing.get("/backlog/cases", {"limit": 2}).json()
    rest = housing.get("/backlog/cases", {"limit": 2, "cursor": first["next"] or ""}).json()
    assert {row["id"] for row in first["items"] + rest["items"]} == made
    assert (len(first["items"]), rest["next"]) == (2, None)
    thin = housing.get("/backlog/cases", {"fields": "id,title"}).json()["items"][0]
    assert thin.keys() == {"id", "title"}


def test_a_unit_reports_a_task_done_once_however_often_it_is_sent(housing: Any, city: City) -> None:
    task = give(city, make_case(city))
    sent = {"result": "已见面核对，双方无异议。"}
    first = housing.post(f"/backlog/tasks/{task.pk}/report", sent, key="t-1", match='"1"')
    again = housing.post(f"/backlog/tasks/{task.pk}/report", sent, key="t-1", match='"1"')
    assert (first.status_code, first.json()["state"], first["ETag"]) == (200, "reported", '"2"')
    assert (again.content, again["Idempotency-Replayed"]) == (first.content, "true")
    assert first.json().keys() == shapes.TaskRow().fields.keys()
    assert list(task.events.values_list("move", flat=True)) == ["assign", "report"]
    assert task.events.last().actor_label == housing.client.name
    refused = housing.post(f"/backlog/tasks/{task.pk}/report", sent, match='"2"')
    assert refused.status_code == 409 and "confirm" in refused.json()["legal"]


@pytest.mark.parametrize(("match", "status"), [("-", 428), ('"9"', 412), ("x", 412)])
def test_a_report_is_made_on_the_version_that_was_read(housing: Any, city: City, match: str, status: int) -> None:
    task = give(city, make_case(city))
    sent = {"result": "已见面核对，双方无异议。"}
    assert housing.post(f"/backlog/tasks/{task.pk}/report", sent, match=match).status_code == status
    task.refresh_from_db()
    assert task.state == "open"


def test_a_task_is_given_to_the_clients_own_units_only(housing: Any, city: City) -> None:
    case = make_case(city)
    sent = {"text": "准备权属资料。", "unit": "330203-HOUSING", "due_on": "2027-01-05"}
    given = housing.post(f"/backlog/cases/{case.pk}/tasks", sent, key="a-1")
    assert (given.status_code, given.json()["unit"]["code"], given.json()["origin"]) == (201, "330203-HOUSING", "case")
    assert housing.get(given["Location"].removeprefix("/api/v1")).json() == given.json()
    assert housing.post(f"/backlog/cases/{case.pk}/tasks", sent, key="a-1").content == given.content
    assert Task.objects.filter(case=case).count() == 1
    cases = [
        ({"unit": "330203-ENFORCEMENT"}, "/unit"),
        ({"unit": "NOBODY"}, "/unit"),
        ({"due_on": "2020-01-01"}, "/due_on"),
        ({"text": ""}, "/text"),
        ({"owner": 1}, "/owner"),
    ]
    for changes, pointer in cases:
        answer = housing.post(f"/backlog/cases/{case.pk}/tasks", {**sent, **changes})
        assert answer.status_code == 422
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_a_key_that_reads_writes_nothing(caller: Any, city: City) -> None:
    case = make_case(city)
    task = give(city, case)
    reader = caller(unit="housing", scopes=["backlog:read"])
    assert reader.post(f"/backlog/tasks/{task.pk}/report", {"result": "已办"}, match='"1"').status_code == 403
    assert reader.post(f"/backlog/cases/{case.pk}/tasks", {}).status_code == 403
    writer = caller(unit="housing", scopes=["backlog:write"])
    assert writer.get("/backlog/cases").json()["scope"] == "backlog:read"
