"""The pages of data sets, as who uses them sees them."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from gateway.actions import datasets
from gateway.datasets import pages
from gateway.models import DatasetDownload, DatasetRun
from tests.city import City
from tests.gateway.datasets.test_runs import AFTER, drain, made

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def january(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages.timezone, "now", lambda: AFTER)


@pytest.fixture
def officer(city: City, client: Client) -> Client:
    client.force_login(city.officer, backend="accounts.backends.StaffBackend")
    return client


def test_asking_leads_to_the_data_set_and_its_files(city: City, officer: Client) -> None:
    made(city)
    answer = officer.post("/gateway/datasets/", {"period": "2026-11"})
    run = DatasetRun.objects.get()
    assert answer.headers["Location"] == f"/gateway/datasets/{run.pk}/"
    page = officer.get(answer.headers["Location"]).content.decode()
    for form, start in (("csv", b"\xef\xbb\xbf#"), ("parquet", b"PAR1"), ("xlsx", b"PK")):
        assert f"/gateway/datasets/{run.pk}/file.{form}" in page
        file = officer.get(f"/gateway/datasets/{run.pk}/file.{form}")
        assert b"".join(file).startswith(start)
        assert f"dataset-2026-11-city.{form}" in file.headers["Content-Disposition"]
    assert list(DatasetDownload.objects.order_by("pk").values_list("form", "who")) == [
        ("csv", "沈一鸣"),
        ("parquet", "沈一鸣"),
        ("xlsx", "沈一鸣"),
    ]
    assert officer.get(f"/gateway/datasets/{run.pk}/").content.decode().count("<td>沈一鸣") == 3


def test_while_it_is_made_the_page_asks_again_and_offers_no_file(city: City, officer: Client) -> None:
    run = datasets.ask_for_person(city.officer, "2026-Q3", at=AFTER)
    place = f"/gateway/datasets/{run.pk}/"
    page = officer.get(place).content.decode()
    assert 'hx-trigger="every 2s"' in page and "file.csv" not in page
    assert officer.get(f"{place}file.csv").status_code == 404
    fragment = officer.get(place, headers={"HX-Request": "true"}).content.decode()
    assert fragment.lstrip().startswith("<div") and "<html" not in fragment
    drain()
    assert "every 2s" not in officer.get(place).content.decode()


def test_a_refused_period_is_told_beside_the_field_and_kept(city: City, officer: Client) -> None:
    made(city)
    answer = officer.post("/gateway/datasets/", {"period": "2026-Q4"})
    page = answer.content.decode()
    assert answer.status_code == 422 and '<option value="2026-Q4" selected>' in page and "2026-11" in page
    assert officer.post("/gateway/datasets/", {"period": "2027-01"}).status_code == 422
    assert DatasetRun.objects.count() == 1


def test_few_petitions_are_not_even_counted_aloud(city: City, officer: Client) -> None:
    run = made(city, petitions=3)
    assert '<td class="num r">&lt; 5</td>' in officer.get("/gateway/datasets/").content.decode()
    page = officer.get(f"/gateway/datasets/{run.pk}/")
    assert [figure["value"] for figure in page.context["figures"]] == ["不足 5 件", 0, 0, "不足 5 件", 0]
    assert "file.csv" in page.content.decode()


def test_a_units_data_set_is_listed_and_its_rows_stay_the_units(city: City, officer: Client, caller: Any) -> None:
    run = datasets.ask_for_client(caller(unit="housing", scopes=["reports:read"]).client, "2026-11", at=AFTER)
    drain()
    place = f"/gateway/datasets/{run.pk}/"
    assert "海曙区住建局" in officer.get("/gateway/datasets/").content.decode()
    assert "file.csv" not in officer.get(place).content.decode()
    assert officer.get(f"{place}file.csv").status_code == 404


@pytest.mark.parametrize("person", ["dispatcher", "district_officer", "handler", "admin"])
def test_who_lacks_the_permission_finds_nothing(city: City, client: Client, person: str) -> None:
    run = made(city)
    client.force_login(city.people[person], backend="accounts.backends.StaffBackend")
    assert client.get("/gateway/datasets/").status_code == 403
    for place in ("", "file.csv"):
        assert client.get(f"/gateway/datasets/{run.pk}/{place}").status_code == 404
    assert not DatasetDownload.objects.exists()


def test_inspectors_come_in_by_the_entry_of_the_rail(city: City, client: Client) -> None:
    client.force_login(city.inspector, backend="accounts.backends.StaffBackend")
    assert client.get("/gateway/").headers["Location"] == "/gateway/datasets/"


@pytest.mark.parametrize("number", [1, 3])
def test_pages_take_the_same_statements_whatever_they_show(
    city: City, officer: Client, number: int, django_assert_num_queries: Any
) -> None:
    runs = [datasets.ask_for_person(city.officer, f"2026-{month:02}", at=AFTER) for month in range(7, 7 + number)]
    drain()
    run = DatasetRun.objects.get(pk=runs[0].pk)
    for _i in range(number):
        datasets.log_download(run, "csv", by=city.officer, ip=None, at=datetime(2027, 1, 8, 3, tzinfo=UTC))
    officer.get("/gateway/datasets/")
    with django_assert_num_queries(3):
        officer.get("/gateway/datasets/")
    with django_assert_num_queries(5):
        officer.get(f"/gateway/datasets/{run.pk}/")


def test_long_lists_are_paged(city: City, officer: Client) -> None:
    for year in range(1990, 2022):
        datasets.ask_for_person(city.officer, str(year), at=AFTER)
    first = officer.get("/gateway/datasets/")
    assert len(first.context["page"].rows) == 30
    rest = officer.get("/gateway/datasets/", {"cursor": first.context["page"].next}).context["page"]
    assert (len(rest.rows), rest.next) == (2, "")
