"""Bulk intake: what lands, what is refused and why, each line once; over the API and on the page."""

import csv
import io
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from dispatch.actions import jobs
from gateway.actions import bulk
from gateway.bulk import reading
from gateway.models import ApiClient, BulkIntake, BulkPart
from petitions.models import Petition
from tests.city import City
from tests.gateway.conftest import Caller, body

pytestmark = pytest.mark.django_db

CSV = (
    "留言编号,留言详情,留言时间,姓名,联系电话\n"
    "B-1,小区三号楼电梯停运两个月，老人出行困难。,2026-03-01,周小琴,13812345127\n"
    "B-2,=SUM(1)路灯不亮,昨天,林强,13812345128\n"
)


def send(caller: Caller, raw: bytes, kind: str = "application/x-ndjson", key: str = "b-1", **headers: str) -> Any:
    sent = {**caller.headers, "Idempotency-Key": key, **headers}
    return caller.http.post("/api/v1/petitions/bulk", raw, content_type=kind, headers=sent)


def lines(*bodies: Any) -> bytes:
    return b"\n".join(orjson.dumps(row) for row in bodies)


def drain() -> None:
    jobs.drain(now=timezone.now)


def test_good_lines_land_and_bad_ones_say_why(hotline: Caller) -> None:
    raw = lines(body(source_ref="a"), body(source_ref="b", area="999"), body(source_ref="a")) + b"\n{broken"
    answer = send(hotline, raw, **{"X-File-Name": "march.ndjson"})
    assert answer.status_code == 202, answer.content
    place = answer.headers["Location"].removeprefix("/api/v1")
    assert hotline.get(place).json()["state"] == "waiting"
    drain()
    found = hotline.get(place).json()
    told = [found[name] for name in ("state", "total", "taken", "known", "refused", "percent", "file")]
    assert told == ["done", 4, 1, 1, 2, 100, "march.ndjson"]
    rows = hotline.get(f"{place}/rows").json()["items"]
    petition = Petition.objects.get(channel="hotline", source_ref="a")
    assert [(r["line"], r["outcome"], r["petition"], r["field"], r["code"]) for r in rows] == [
        (1, "taken", petition.pk, "", ""),
        (2, "refused", None, "area", "unknown_code"),
        (3, "known", petition.pk, "", ""),
        (4, "refused", None, "", "malformed"),
    ]
    assert petition.register_unit == hotline.client.unit


def test_rows_are_paged_and_chosen_by_outcome(hotline: Caller) -> None:
    send(hotline, lines(*[body(source_ref=f"r{n}") for n in range(3)], {"content": ""}))
    drain()
    place = f"/jobs/{BulkIntake.objects.get().job_id}/rows"
    first = hotline.get(place, {"limit": 3})
    assert [row["line"] for row in first.json()["items"]] == [1, 2, 3] and 'rel="next"' in first.headers["Link"]
    rest = hotline.get(place, {"limit": 3, "cursor": first.json()["next"]}).json()
    assert [row["line"] for row in rest["items"]] == [4] and rest["next"] is None
    assert [row["line"] for row in hotline.get(place, {"outcome": "refused"}).json()["items"]] == [4]


def test_what_is_wrong_with_a_line_is_told_in_the_readers_language(hotline: Caller) -> None:
    send(hotline, lines(body(headcount=0)))
    drain()
    place = f"/jobs/{BulkIntake.objects.get().job_id}/rows"
    (english,) = hotline.get(place).json()["items"]
    (chinese,) = hotline.get(place, **{"Accept-Language": "zh-hans"}).json()["items"]
    assert english["message"] == "Ensure this value is greater than or equal to 1."
    assert chinese["message"] == "请确保该值大于或者等于 1。"
    assert "请确保" in b"".join(hotline.get(place[:-5] + "/errors", **{"Accept-Language": "zh-hans"})).decode()


def test_the_same_file_again_registers_nothing_twice(hotline: Caller) -> None:
    raw = lines(body(source_ref="x"), body(content="路灯不亮已经一个月了，请尽快派人维修处理。"))
    one, again = send(hotline, raw), send(hotline, raw)
    assert one.content == again.content and again.headers["Idempotency-Replayed"] == "true"
    assert send(hotline, raw + b"\n{}").status_code == 422
    send(hotline, raw, key="b-2")
    drain()
    assert BulkIntake.objects.count() == 2 and Petition.objects.count() == 2
    newest = BulkIntake.objects.latest("pk")
    assert (newest.taken, newest.known) == (0, 2)


def test_what_landed_is_not_kept_and_what_was_refused_goes_in_time(hotline: Caller) -> None:
    send(hotline, lines(body(source_ref="k"), {"content": "缺少属地，无法登记。"}))
    part = BulkPart.objects.get()
    assert len(part.lines) > 0
    drain()
    part.refresh_from_db()
    assert [line.number for line in bulk.unpack(part.lines)] == [2]
    intake = BulkIntake.objects.get()
    assert bulk.clear(at=intake.created_at + timedelta(days=29)) == 0
    assert bulk.clear(at=intake.created_at + timedelta(days=31)) == 1
    part.refresh_from_db()
    assert part.lines == "" and part.results


def test_another_clients_job_is_404(hotline: Caller, housing: Caller) -> None:
    send(hotline, lines(body()))
    job = BulkIntake.objects.get().job_id
    for place in ("", "/rows", "/errors"):
        assert housing.get(f"/jobs/{job}{place}").status_code == 404
        assert hotline.get(f"/jobs/{job}{place}").status_code == 200


def test_a_number_taken_elsewhere_tells_nothing_of_the_petition(hotline: Caller, caller: Any) -> None:
    hotline.post("/petitions", body(source_ref="mine"))
    other = caller(unit="housing", channel="hotline")
    send(other, lines(body(source_ref="mine")))
    drain()
    (row,) = other.get(f"/jobs/{BulkIntake.objects.get().job_id}/rows").json()["items"]
    assert (row["outcome"], row["petition"], row["code"]) == ("refused", None, "source_ref_taken")


def test_a_client_closed_meanwhile_gets_nothing_in(hotline: Caller) -> None:
    send(hotline, lines(body()))
    ApiClient.objects.filter(pk=hotline.client.pk).update(is_active=False)
    drain()
    assert not Petition.objects.exists() and BulkIntake.objects.get().job.refused == 1


@pytest.mark.parametrize(
    ("raw", "kind", "status", "code"),
    [
        (b"", "application/x-ndjson", 400, ""),
        (b"\n\n", "application/x-ndjson", 422, "empty"),
        (b"PK\x03\x04nothing", "text/csv", 422, "unreadable"),
        (b"a,b\n1,2\n", "text/csv", 422, "unreadable"),
        (b"{}", "application/json", 415, ""),
    ],
)
def test_a_file_of_no_use_says_what_to_do(hotline: Caller, raw: bytes, kind: str, status: int, code: str) -> None:
    answer = send(hotline, raw, kind)
    assert answer.status_code == status, answer.content
    assert [e["code"] for e in answer.json().get("errors", [])] == ([code] if code else [])
    assert not BulkIntake.objects.exists()


def test_limits_are_told_before_anything_is_taken_in(hotline: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_LINES", 1)
    assert send(hotline, lines(body(), body())).json()["errors"][0]["code"] == "too_many"
    monkeypatch.setattr(reading, "MOST_BYTES", 10)
    assert send(hotline, lines(body())).status_code == 413


def test_one_line_the_database_refuses_stops_no_other(hotline: Caller) -> None:
    send(
        hotline, lines(*[body(source_ref=f"n{n}") for n in range(4)], body(source_ref="nul", content="坏\x00字符" * 5))
    )
    drain()
    intake = BulkIntake.objects.get()
    assert (intake.taken, intake.refused) == (4, 1)


def test_a_table_on_the_page_with_its_error_file(city: City, client: Client) -> None:
    client.force_login(city.officer)
    sent = {"channel": "online", "file": SimpleUploadedFile("三月.csv", CSV.encode())}
    answer = client.post("/gateway/bulk/", sent)
    assert answer.status_code == 302, answer.content.decode()
    drain()
    intake = BulkIntake.objects.get()
    assert (intake.taken, intake.refused, intake.unit) == (1, 1, city.officer.unit)
    page = client.get(answer.headers["Location"]).content.decode()
    assert "2 / 2" in page and "昨天" in page
    text = b"".join(client.get(f"/gateway/bulk/{intake.pk}/errors.csv")).decode("utf-8-sig")
    head, row = csv.reader(io.StringIO(text))
    assert head[:4] == ["row", "field", "message", "留言编号"]
    assert (row[0], row[1], row[3], row[4]) == ("3", "petition_date", "B-2", "\t=SUM(1)路灯不亮")
    book = load_workbook(io.BytesIO(b"".join(client.get(f"/gateway/bulk/{intake.pk}/errors.xlsx"))))
    cell = book.worksheets[0]["E2"]
    assert (cell.value, cell.data_type) == ("=SUM(1)路灯不亮", "s")
    fixed = text.replace("昨天", "2026-03-02").replace("\t=SUM(1)", "")
    client.post("/gateway/bulk/", {"channel": "online", "file": SimpleUploadedFile("again.csv", fixed.encode())})
    drain()
    assert BulkIntake.objects.latest("pk").taken == 1


def test_a_refused_file_keeps_the_channel_and_says_why(city: City, client: Client) -> None:
    client.force_login(city.officer)
    answer = client.post("/gateway/bulk/", {"channel": "visit", "file": SimpleUploadedFile("a.csv", b"x,y\n1,2\n")})
    assert answer.status_code == 422 and not BulkIntake.objects.exists()
    assert '<option value="visit" selected>' in answer.content.decode()


def test_pages_are_closed_to_who_lacks_the_permission(city: City, client: Client, hotline: Caller) -> None:
    send(hotline, lines(body()))
    intake = BulkIntake.objects.get()
    client.force_login(city.handler)
    assert client.get("/gateway/bulk/").status_code == 403
    for place in ("", "errors.csv"):
        assert client.get(f"/gateway/bulk/{intake.pk}/{place}").status_code == 404
    client.force_login(city.officer)
    assert client.get(f"/gateway/bulk/{intake.pk}/").status_code == 200
