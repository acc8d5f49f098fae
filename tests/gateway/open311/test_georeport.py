"""GeoReport v2 by a client written from the specification, in XML and in JSON."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from gateway.actions import channels
from gateway.models import ChannelMapping, InboundItem, Open311Update
from gateway.reference import forget_cached_reference
from petitions import actions
from petitions.models import Event, Petition, Petitioner
from tests.city import draft
from tests.gateway.open311.client import REQUEST_FIELDS, GeoReport

POINTS = {"330203": ("29.8737", "121.5505"), "330225": ("29.4768", "121.8693")}


@pytest.fixture(params=["xml", "json"])
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def places(city: Any) -> Any:
    """The districts with the reference points of the real ones."""
    for code, (lat, lng) in POINTS.items():
        area = city.areas[code]
        area.lat, area.lng = Decimal(lat), Decimal(lng)
        area.save()
    forget_cached_reference()
    return city


@pytest.fixture
def app(places: Any, hotline: Any, form: str) -> GeoReport:
    """An app with the key of the 12345 system."""
    return GeoReport(form, hotline.key)


@pytest.fixture
def public(places: Any, form: str) -> GeoReport:
    return GeoReport(form)


def report(app: GeoReport, **changes: str) -> tuple[int, Any]:
    given = {"service_code": "0303", "lat": "29.8700", "long": "121.5400", "description": "电梯停运。", **changes}
    return app.post("requests", **{name: value for name, value in given.items() if value})


def registered(city: Any, **changes: Any) -> Petition:
    return actions.register(draft(city, **changes), actor=city.officer, at=timezone.now())


def error_of(answer: tuple[int, Any]) -> int:
    """The code of an error in the specification's shape, the same as the status."""
    status, rows = answer
    assert rows and all(row["description"] for row in rows)
    assert {int(row["code"]) for row in rows} == {status}
    return status


def test_discovery_names_the_endpoint_and_its_formats(public: GeoReport) -> None:
    status, found = public.get("discovery")
    assert status == 200
    endpoint = found["endpoints"][0]
    assert endpoint["url"].endswith("/open311/v2")
    assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert {"changeset", "contact", "key_service"} <= found.keys()


def test_services_are_the_classes_of_level_two(public: GeoReport) -> None:
    status, rows = public.get("services")
    assert status == 200
    assert [row["service_code"] for row in rows] == ["0303"]
    assert set(rows[0]) == {"service_code", "service_name", "description", "metadata", "type", "keywords", "group"}
    assert rows[0]["type"] == "realtime"
    assert rows[0]["metadata"] in {True, "true"}


def test_a_service_defines_its_questions(public: GeoReport) -> None:
    status, found = public.get("services/0303")
    assert (status, found["service_code"]) == (200, "0303")
    kinds = {row["code"]: row["datatype"] for row in found["attributes"]}
    assert kinds["headcount"] == "number"
    assert kinds["is_confidential"] == "singlevaluelist"
    asked = next(row for row in found["attributes"] if row["code"] == "is_confidential")
    assert [value["key"] for value in asked["values"]] == ["true", "false"]
    assert error_of(public.get("services/03")) == 404


def test_a_report_becomes_a_petition_where_the_point_lies(app: GeoReport, places: Any) -> None:
    status, rows = report(
        app, first_name="小琴", last_name="周", phone="13812345127", email="z@example.com",
        media_url="https://pictures.example/1.jpg", **{"attribute[demand]": "请尽快修复", "attribute[headcount]": "3"},
    )  # fmt: skip
    assert status == 201
    petition = Petition.objects.get()
    assert rows[0]["service_request_id"] == str(petition.pk)
    assert petition.number in rows[0]["service_notice"]
    assert petition.area == places.areas["330203"]
    assert (petition.channel, petition.demand, petition.headcount) == ("hotline", "请尽快修复", 3)
    assert "https://pictures.example/1.jpg" in petition.content
    person = Petitioner.objects.get()
    assert (person.name, person.phone, person.contact_preference) == ("周小琴", "13812345127", "z@example.com")


def test_an_address_and_an_id_name_the_place_too(app: GeoReport, places: Any) -> None:
    for changes, code in (
        ({"lat": "", "long": "", "address_string": "海曙区南门街道三市路1号"}, "330203001"),
        ({"lat": "", "long": "", "address_string": "象山县丹西某路"}, "330225"),
        ({"lat": "", "long": "", "address_id": "330203001"}, "330203001"),
        ({"lat": "29.50", "long": "121.90"}, "330225"),
        ({"address_string": "象山丹东"}, "330225"),
    ):
        status, rows = report(app, **changes)
        assert status == 201, rows
        assert Petition.objects.get(pk=rows[0]["service_request_id"]).area.code == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"service_code": ""}, 400),
        ({"service_code": "nope"}, 404),
        ({"lat": "", "long": ""}, 400),
        ({"lat": "north"}, 400),
        ({"lat": "NaN"}, 400),
        ({"lat": "31.23", "long": "121.47"}, 400),
        ({"address_id": "330200"}, 400),
        ({"attribute[colour]": "red"}, 400),
        ({"attribute[content]": "smuggled"}, 400),
        ({"attribute[headcount]": "0"}, 400),
        ({"jurisdiction_id": "elsewhere"}, 404),
    ],
)
def test_what_is_wrong_is_said_in_the_shape_of_the_specification(
    app: GeoReport, changes: dict[str, str], code: int
) -> None:
    assert error_of(report(app, **changes)) == code
    assert not Petition.objects.exists()


def test_without_a_valid_key_nothing_is_written(public: GeoReport, hotline: Any, caller: Callable[..., Any]) -> None:
    assert error_of(report(public)) == 403
    assert error_of(report(GeoReport(public.form, "yq_abc_def"))) == 403
    assert error_of(report(GeoReport(public.form, caller(scopes=["petitions:read"]).key))) == 403
    assert error_of(public.post("requests", headers={"Authorization": "Bearer yq_a_b"})) == 401
    assert not Petition.objects.exists()


def test_the_same_key_or_number_is_one_request(app: GeoReport) -> None:
    again = [report(app, **{"attribute[source_ref]": "A-1"})[1][0]["service_request_id"] for _i in range(2)]
    assert again[0] == again[1]
    form = {"service_code": "0303", "address_id": "330203", "description": "路灯不亮"}
    keyed = [app.post("requests", {"Idempotency-Key": "k-1"}, **form)[1][0]["service_request_id"] for _i in range(2)]
    assert keyed[0] == keyed[1] != again[0]
    other = GeoReport("json" if app.form == "xml" else "xml", app.key)
    assert other.post("requests", {"Idempotency-Key": "k-1"}, **form)[1][0]["service_request_id"] == keyed[0]
    assert Petition.objects.count() == 2
    changed = app.post("requests", {"Idempotency-Key": "k-1"}, **{**form, "description": "井盖破损"})
    assert error_of(changed) == 422
    assert error_of(app.post("requests", {"Idempotency-Key": ""}, **form)) == 400
    assert Petition.objects.count() == 2
    status, rows = app.get("tokens/A-1")
    assert (status, rows) == (200, [{"service_request_id": again[0], "token": "A-1"}])
    assert error_of(app.get("tokens/unknown")) == 404


def test_a_place_nobody_can_tell_waits_for_a_person_under_a_token(app: GeoReport, places: Any) -> None:
    words = {"lat": "", "long": "", "address_string": "老电影院对面", "email": "z@example.com", "phone": "13812345127"}
    status, rows = report(app, **words, **{"attribute[source_ref]": "A-7"})
    assert status == 201, rows
    assert (rows[0]["token"], "service_request_id" in rows[0]) == ("A-7", False)
    assert not Petition.objects.exists()
    assert report(app, **words, **{"attribute[source_ref]": "A-7"})[1][0]["token"] == "A-7"
    item = InboundItem.objects.get()
    assert (item.fields, item.state) == (["area"], "waiting")
    status, rows = app.get("tokens/A-7")
    assert (status, rows[0]["token"], rows[0]["service_request_id"] or "") == (200, "A-7", "")
    channels.place(item.pk, {"area": "330203"}, remember=True, actor=places.officer, at=timezone.now())
    petition = Petition.objects.get()
    assert (petition.area, petition.address) == (places.areas["330203"], "老电影院对面")
    assert Petitioner.objects.get().contact_preference == "z@example.com"
    assert app.get("tokens/A-7") == (200, [{"service_request_id": str(petition.pk), "token": "A-7"}])
    again = report(app, **words, **{"attribute[source_ref]": "A-7"})[1]
    assert again[0]["service_request_id"] == str(petition.pk)
    assert not ChannelMapping.objects.filter(channel="hotline").exists()


def test_a_token_of_our_own_ends_with_the_offices_reason(
    app: GeoReport, places: Any, caller: Callable[..., Any]
) -> None:
    rows = report(app, lat="", long="", address_string="某地")[1]
    token, item = rows[0]["token"], InboundItem.objects.get()
    assert token == f"waiting-{item.pk}"
    stranger = GeoReport(app.form, caller(unit="hotline").key)
    assert error_of(stranger.get(f"tokens/{token}")) == 404
    channels.refuse(item.pk, reason="地点不明，无法联系", actor=places.officer, at=timezone.now())
    answer = app.get(f"tokens/{token}")
    assert error_of(answer) == 404
    assert "地点不明" in answer[1][0]["description"]
    assert error_of(app.get("tokens/waiting-")) == error_of(app.get(f"tokens/waiting-{10**30}")) == 404


def test_what_else_is_wrong_with_such_a_report_is_for_the_sender_to_mend(app: GeoReport) -> None:
    answer = report(app, lat="", long="", address_string="某地", **{"attribute[headcount]": "0"})
    assert error_of(answer) == 400
    assert "area" not in str(answer[1])
    assert not InboundItem.objects.exists()


def test_the_triage_page_asks_for_the_place_and_remembers_nothing(app: GeoReport, places: Any) -> None:
    report(app, lat="", long="", address_string="某地")
    browser = Client()
    browser.force_login(places.officer, backend="accounts.backends.StaffBackend")
    url = f"/gateway/triage/{InboundItem.objects.get().pk}/"
    page = browser.get(url).content.decode()
    assert "某地" in page and 'name="f_area"' in page and 'name="remember"' not in page
    assert "拨打的热线" not in page
    assert browser.post(url, {"f_area": "330203001"}).status_code in {204, 302}
    assert Petition.objects.get().area.code == "330203001"


def test_a_key_reads_its_own_requests_with_every_field(app: GeoReport, caller: Callable[..., Any]) -> None:
    pk = report(app)[1][0]["service_request_id"]
    status, rows = app.get(f"requests/{pk}")
    assert status == 200
    assert list(rows[0]) == REQUEST_FIELDS
    assert rows[0]["status"] == "open"
    assert float(rows[0]["lat"]) == pytest.approx(29.87)
    assert rows[0]["description"] == "电梯停运。"
    stranger = GeoReport(app.form, caller(unit="transport", channel="online").key)
    assert error_of(stranger.get(f"requests/{pk}")) == 404
    assert stranger.get("requests")[1] in ([], "")


def test_lists_are_filtered(app: GeoReport) -> None:
    ids = [report(app)[1][0]["service_request_id"] for _i in range(3)]
    now = timezone.now()

    def found(**query: str) -> list[str]:
        status, rows = app.get("requests", **query)
        assert status == 200, rows
        return [row["service_request_id"] for row in rows or []]

    assert found() == ids[::-1]
    assert found(status="open,closed", service_code="0303") == ids[::-1]
    assert found(status="closed") == []
    assert found(service_code="0101") == []
    assert sorted(found(service_request_id=f"{ids[0]},{ids[2]},x")) == sorted([ids[0], ids[2]])
    assert found(start_date=(now + timedelta(days=1)).isoformat()) == []
    assert found(end_date=(now - timedelta(days=1)).isoformat()) == []
    assert error_of(app.get("requests", start_date="2026-01-01T00:00:00Z", end_date="2026-06-01T00:00:00Z")) == 400
    assert error_of(app.get("requests", start_date="yesterday")) == 400
    assert error_of(app.get("requests", end_date="0001-01-02T00:00:00Z")) == 400
    assert error_of(app.get("requests", status="lost")) == 400


def test_the_public_reads_what_was_opened_without_names_and_numbers(public: GeoReport, places: Any) -> None:
    summary = "周小琴13812345127反映电梯停运"
    shown = registered(places, is_open_to_public=True, summary=summary, address="南门街道某路1号302室")
    registered(places)
    registered(places, is_open_to_public=True, sensitivity="confidential")
    registered(places, is_open_to_public=True, purpose="JK", sensitivity="accusation")
    status, rows = public.get("requests")
    assert status == 200
    assert [row["service_request_id"] for row in rows] == [str(shown.pk)]
    assert rows[0]["description"] == "某反映电梯停运"
    assert rows[0]["address"] == "南门街道"
    assert rows[0]["expected_datetime"] in {None, ""}
    others = Petition.objects.exclude(pk=shown.pk).values_list("pk", flat=True)
    assert {error_of(public.get(f"requests/{pk}")) for pk in others} == {404}


@pytest.mark.parametrize("count", [1, 3])
def test_a_list_costs_the_same_whatever_its_length(
    places: Any, public: GeoReport, count: int, django_assert_num_queries: Any
) -> None:
    for _i in range(count):
        registered(places, is_open_to_public=True)
    public.get("services")
    forget_cached_reference()
    with django_assert_num_queries(4):
        assert len(public.get("requests")[1]) == count


def test_a_closed_request_says_so_with_its_reply(app: GeoReport, places: Any) -> None:
    pk = int(report(app)[1][0]["service_request_id"])
    Petition.objects.filter(pk=pk).update(is_open=False, reply_text="电梯已修复\x0b。")
    row = app.get("requests", status="closed")[1][0]
    assert row["status"] == "closed"
    assert "电梯已修复" in row["status_notes"]


def test_an_update_is_added_once(app: GeoReport) -> None:
    pk = report(app)[1][0]["service_request_id"]
    sent = {"service_request_id": pk, "update_id": "U-1", "status": "open", "description": "今天又停了"}
    answers = [app.post("servicerequestupdates", **sent) for _i in range(2)]
    assert [status for status, _rows in answers] == [201, 201]
    assert answers[0][1][0]["update_id"] == answers[1][1][0]["update_id"]
    assert Event.objects.filter(kind="supplement").count() == Open311Update.objects.count() == 1
    status, rows = app.get("servicerequestupdates", service_request_id=pk)
    assert status == 200
    row = next(row for row in rows if row["update_id"] == answers[0][1][0]["update_id"])
    assert row["service_request_id"] == pk
    assert row["status"] == "open"
    assert "今天又停了" in row["description"]


def test_updates_are_refused_in_words(app: GeoReport, caller: Callable[..., Any], public: GeoReport) -> None:
    first, second = (report(app)[1][0]["service_request_id"] for _i in range(2))
    sent = {"service_request_id": first, "update_id": "U-1", "description": "又停了"}
    assert app.post("servicerequestupdates", **sent)[0] == 201
    assert error_of(app.post("servicerequestupdates", **{**sent, "service_request_id": second})) == 400
    assert error_of(app.post("servicerequestupdates", **{**sent, "update_id": ""})) == 400
    assert error_of(app.post("servicerequestupdates", **{**sent, "update_id": "U-2", "description": ""})) == 400
    assert error_of(app.post("servicerequestupdates", **{**sent, "update_id": "U-3", "status": "fixed"})) == 400
    stranger = GeoReport(app.form, caller(unit="transport", channel="online").key)
    assert error_of(stranger.post("servicerequestupdates", **sent)) == 404
    assert error_of(public.get("servicerequestupdates")) == 403


def test_the_source_cannot_close_a_matter_but_its_word_is_kept(app: GeoReport) -> None:
    pk = report(app)[1][0]["service_request_id"]
    status, _rows = app.post("servicerequestupdates", service_request_id=pk, update_id="U-9", status="closed")
    assert status == 201
    assert Petition.objects.get(pk=pk).is_open
    assert Event.objects.get(kind="supplement").words.text


def test_json_bodies_are_no_forms(app: GeoReport) -> None:
    answer = app.http.post(f"/open311/v2/requests.{app.form}", {"a": 1}, content_type="application/json")
    assert error_of(app._answer(answer)) == 400


def test_the_public_is_held_to_its_rate(public: GeoReport, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.open311.views.limits.take", lambda *_a, **_k: False)
    assert error_of(public.get("services")) == 429
