"""Data sets over the API: 202 with a job, the figures, three forms of file, and nothing of other units."""

import csv
from io import BytesIO, StringIO
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest

from gateway.actions import datasets
from gateway.datasets import resources
from gateway.models import DatasetDownload
from tests.city import City, make_petition
from tests.gateway.conftest import Caller
from tests.gateway.datasets.test_runs import AFTER, drain

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def january(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources.timezone, "now", lambda: AFTER)


@pytest.fixture
def reports(caller: Any) -> Caller:
    """The district's own system, which may read reports."""
    return caller(unit="district", scopes=["reports:read"])


def six(city: City) -> None:
    for _i in range(6):
        make_petition(city, register_unit=city.housing)


def test_from_asking_to_the_file(city: City, reports: Caller) -> None:
    six(city)
    make_petition(city)
    asked = reports.post("/datasets", {"period": "2026-11"})
    assert asked.status_code == 202, asked.content
    job = asked.headers["Location"].removeprefix("/api/v1")
    told = reports.get(job).json()
    assert (told["state"], told["total"], told["handled"]) == ("waiting", 2, 0)
    place = told["dataset"].removeprefix("/api/v1")
    waiting = reports.get(place).json()
    assert (waiting["state"], waiting["total"], waiting["file"]) == ("waiting", None, None)
    early = reports.get(f"{place}/file")
    assert (early.status_code, early.json()["reason"]) == (409, "not_made")
    drain()
    assert reports.get(job).json()["state"] == "done"
    found = reports.get(place).json()
    figures = {name: found[name] for name in ("state", "percent", "k", "total", "exact", "suppressed", "rows")}
    assert figures == {
        "state": "made", "percent": 100, "k": 5, "total": 6, "exact": 6, "suppressed": 0, "rows": 1,
    }  # fmt: skip
    assert found["reach"] == {"code": "330203-GOV", "name": "海曙区政府"}
    again = reports.post("/datasets", {"period": "2026-11"})
    assert (again.status_code, again.json()["id"]) == (200, found["id"])
    assert again.headers["Location"] == f"/api/v1{place}"


def test_three_forms_of_file_say_the_same_and_are_logged(city: City, reports: Caller) -> None:
    six(city)
    place = f"/datasets/{reports.post('/datasets', {'period': '2026-11'}).json()['id']}/file"
    drain()
    raw = {form: b"".join(reports.get(place, {"form": form})) for form in ("csv", "parquet", "xlsx")}
    first, *rest = raw["csv"].decode("utf-8-sig").splitlines()
    assert "total=6" in first and "k=5" in first
    (row,) = csv.DictReader(StringIO("\n".join(rest)))
    assert row["town_name"] == "南门街道"
    (same,) = pq.read_table(BytesIO(raw["parquet"])).to_pylist()
    assert {name: str(value) for name, value in same.items()} == row
    book = openpyxl.load_workbook(BytesIO(raw["xlsx"]))
    assert [str(cell) if cell is not None else "" for cell in list(book.worksheets[0].values)[-1]] == list(row.values())
    assert list(DatasetDownload.objects.order_by("pk").values_list("form", "who")) == [
        (form, reports.client.name) for form in raw
    ]


def test_other_units_data_sets_are_404(city: City, reports: Caller, caller: Any) -> None:
    pk = reports.post("/datasets", {"period": "2026-11"}).json()["id"]
    job = reports.get(f"/datasets/{pk}").json()["job"].removeprefix("/api/v1")
    whole = datasets.ask_for_person(city.officer, "2026-11", at=AFTER)
    drain()
    for other in (caller(unit="transport", scopes=["reports:read"]), caller(unit="housing", scopes=["reports:read"])):
        for place in (f"/datasets/{pk}", f"/datasets/{pk}/file", job):
            assert other.get(place).status_code == 404
        assert other.get("/datasets").json()["items"] == []
    assert reports.get(f"/datasets/{whole.pk}").status_code == 404
    assert [row["id"] for row in reports.get("/datasets").json()["items"]] == [pk]
    assert caller(unit="district", scopes=["petitions:write"]).get(job).status_code == 404


def test_systems_of_one_unit_share_what_was_made(city: City, reports: Caller, caller: Any) -> None:
    pk = reports.post("/datasets", {"period": "2026-11"}).json()["id"]
    other = caller(unit="district", scopes=["reports:read"])
    answer = other.post("/datasets", {"period": "2026-11"})
    assert (answer.status_code, answer.json()["id"]) == (202, pk)
    assert other.get(answer.headers["Location"].removeprefix("/api/v1")).status_code == 200


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"period": "2027-01"}, "not_ended"),
        ({"period": "x"}, "invalid"),
        ({}, "required"),
        ({"period": "2026"}, "overlap"),
    ],
)
def test_what_cannot_be_made_names_the_field(city: City, reports: Caller, body: dict[str, str], code: str) -> None:
    reports.post("/datasets", {"period": "2026-11"})
    answer = reports.post("/datasets", body)
    assert answer.status_code == 422
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [("/period", code)]


def test_lists_are_paged_at_one_count_of_statements(
    city: City, reports: Caller, django_assert_max_num_queries: Any
) -> None:
    for month in range(1, 5):
        reports.post("/datasets", {"period": f"2026-{month:02}"})
    reports.get("/datasets")
    for limit in (1, 3):
        with django_assert_max_num_queries(2):
            page = reports.get("/datasets", {"limit": limit})
        assert len(page.json()["items"]) == limit and 'rel="next"' in page.headers["Link"]
    rest = reports.get("/datasets", {"limit": 3, "cursor": page.json()["next"]}).json()
    assert [row["period"] for row in rest["items"]] == ["2026-01"] and rest["next"] is None


def test_an_unknown_form_is_refused_and_not_logged(city: City, reports: Caller) -> None:
    pk = reports.post("/datasets", {"period": "2026-11"}).json()["id"]
    drain()
    assert reports.get(f"/datasets/{pk}/file", {"form": "pdf"}).status_code == 422
    assert not DatasetDownload.objects.exists()
