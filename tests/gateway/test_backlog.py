"""The backlog for other systems: what a key reads, what it plans, gives and reports, and what it never learns."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

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


@pytest.fixture(autouse=True)
def fresh_boards() -> None:
    """No board of the test before."""
    cache.clear()


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


# ---- the plan ----

PLAN = {"name": "签订协议", "planned_on": "2027-01-20"}


def plan(housing: Any, case: BacklogCase, **changes: Any) -> Any:
    return housing.post(f"/backlog/cases/{case.pk}/milestones", {**PLAN, **changes})


def test_a_milestone_is_planned_changed_reached_and_removed(housing: Any, city: City) -> None:
    case = make_case(city)
    made = plan(housing, case)
    assert (made.status_code, made["ETag"], made.json()["first_planned_on"]) == (201, '"1"', "2027-01-20")
    assert made.json().keys() == shapes.MilestoneRow().fields.keys()
    path = f"/backlog/milestones/{made.json()['id']}"
    later = {"planned_on": "2027-02-20", "reason": "等待评估报告"}
    changed = housing.post(f"{path}/change", later, match=made["ETag"])
    assert (changed.json()["planned_on"], changed.json()["first_planned_on"]) == ("2027-02-20", "2027-01-20")
    today = city_day(timezone.now()).isoformat()
    reached = housing.post(f"{path}/reach", {"actual_on": today}, match=changed["ETag"])
    assert (reached.status_code, reached.json()["actual_on"]) == (200, today)
    assert housing.get(path)["ETag"] == reached["ETag"]
    gone = housing.post(f"{path}/remove", {"reason": "并入后一节点"}, match="*")
    assert gone.json()["dropped_at"] is not None
    assert housing.get(f"/backlog/cases/{case.pk}/milestones").json()["items"] == []
    assert [event.move for event in case.events.order_by("id")][-4:] == ["milestone"] * 4
    assert case.events.last().actor_label == housing.client.name


def test_a_plan_is_refused_by_field_and_by_version(housing: Any, caller: Any, city: City) -> None:
    case = make_case(city)
    for changes, pointer in [
        ({"planned_on": "2020-01-01"}, "/planned_on"),
        ({"starts_on": "2027-03-01"}, "/starts_on"),
        ({"name": "A"}, "/name"),
        ({"due_on": "2027-01-01"}, "/due_on"),
    ]:
        answer = plan(housing, case, **changes)
        assert answer.status_code == 422, changes
        assert pointer in [error["pointer"] for error in answer.json()["errors"]]
    made = plan(housing, case)
    path = f"/backlog/milestones/{made.json()['id']}"
    assert housing.post(f"{path}/change", {"planned_on": "2027-05-01"}, match='"1"').status_code == 422
    assert housing.post(f"{path}/reach", {"actual_on": "2027-01-01"}, match='"7"').status_code == 412
    assert housing.post(f"{path}/reach", {"actual_on": "2027-01-01"}).status_code == 428
    stranger = caller(unit="transport", scopes=SCOPES)
    for name, sent in (("change", {}), ("reach", {"actual_on": "2026-11-16"}), ("remove", {"reason": "不要了"})):
        assert stranger.post(f"{path}/{name}", sent, match='"1"').status_code == 404
    assert stranger.get(path).status_code == 404
    assert plan(stranger, case).status_code == 404


# ---- filters ----


def test_the_filters_are_those_of_the_pages(housing: Any, city: City) -> None:
    first, second = make_case(city), make_case(city)
    moves.move(second.pk, "progress", actor=city.leader, at=timezone.now(), text="已入户", is_progress=True)
    cases = {
        "group=stock": {first.pk, second.pk},
        "state=listed": {first.pk, second.pk},
        "state=working": set(),
        "district=330203": {first.pk, second.pk},
        "district=330225": set(),
        "unit=330203-GOV": {first.pk, second.pk},
        "unit=330203-ENFORCEMENT": set(),
        "no_leader=true": {first.pk, second.pk},
        "discussed=true": set(),
        "stage=0": {first.pk, second.pk},
        "stage=5": set(),
        "listed_from=2026-11-16&listed_to=2026-11-16": {first.pk, second.pk},
        "listed_from=2026-11-17": set(),
        f"q={first.title}": {first.pk},
    }
    for query, wanted in cases.items():
        assert {row["id"] for row in housing.get(f"/backlog/cases?{query}").json()["items"]} == wanted, query
    assert housing.get("/backlog/cases?group=nothing").status_code == 422
    assert housing.get("/backlog/cases?leader=1").status_code == 422


# ---- boards ----


def figures(answer: Any, code: str = "") -> dict[str, Any]:
    row = next(row for row in answer.json()["rows"] if row["code"] == code)
    return {figure["key"]: figure["value"] for figure in row["figures"]}


def test_the_city_reads_its_boards_by_district(caller: Any, city: City) -> None:
    make_case(city)
    root = caller(unit="root", scopes=["backlog:read"])
    answer = root.get("/backlog/boards")
    assert answer.json().keys() == shapes.Board().fields.keys()
    assert (figures(answer)["stock"], figures(answer, "330203")["stock"], figures(answer, "330225")["stock"]) == (
        1,
        1,
        0,
    )
    assert {row["key"] for row in answer.json()["indicators"]} == set(figures(answer))
    for by in ("none", "force", "official", "month"):
        assert root.get("/backlog/boards", {"by": by}).status_code == 200
    assert root.get("/backlog/boards", {"by": "person"}).status_code == 422
    assert root.get("/backlog/boards", {"month": "2026-13"}).status_code == 422


def test_an_unchanged_board_is_not_sent_again(caller: Any, city: City) -> None:
    make_case(city)
    root = caller(unit="root", scopes=["backlog:read"])
    first = root.get("/backlog/boards")
    again = root.get("/backlog/boards", **{"If-None-Match": f"W/{first['ETag']}"})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    make_case(city)
    cache.clear()
    later = root.get("/backlog/boards", **{"If-None-Match": first["ETag"]})
    assert (later.status_code, figures(later)["stock"]) == (200, 2)


def test_a_district_reads_its_own_board_and_a_bureau_none(caller: Any, city: City) -> None:
    make_case(city)
    far = caller(unit="far_district", scopes=["backlog:read"]).get("/backlog/boards")
    assert (figures(far)["stock"], far.json()["area"]["code"]) == (0, "330225")
    assert {row["code"] for row in far.json()["rows"]} == {"", "330225"}
    assert caller(unit="housing", scopes=["backlog:read"]).get("/backlog/boards").status_code == 403
