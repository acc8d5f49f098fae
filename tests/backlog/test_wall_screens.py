"""Screens nobody signs in to, targets, past weeks, the table of indicators."""

import io
import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AccessLog
from backlog import board as board_module
from backlog.actions import boards
from backlog.counts import monday_of
from backlog.indicators import targets
from backlog.models import BacklogCase, BoardTarget, Snapshot, WallScreen
from petitions.models import Petition
from petitions.states import Refused
from tests.backlog.boarding import build_backlog
from tests.backlog.test_wall import POLL, signed_in
from tests.city import City


@pytest.fixture
def backlog(city: City) -> Any:
    city.at = timezone.now()
    return build_backlog(city)


def make_screen(city: City, area: str = "330200", who: str = "officer", **more: Any) -> tuple[WallScreen, str]:
    return boards.create_screen("指挥室", city.areas[area], actor=city.people[who], at=timezone.now(), **more)


def test_a_screen_needs_nobody_signed_in_and_opens_nothing(city: City, backlog: Any) -> None:
    _screen, token = make_screen(city)
    page = Client().get(f"/wall/screen/{token}/").content.decode()
    assert "海曙" in page and backlog["stuck"].title in page
    # Its own views, styles and scripts; no row, no page of the office, no way out.
    links = {part.split('"')[0] for part in page.split('href="')[1:]}
    assert {link for link in links if not link.startswith(("/static/", "?view=", "?", "#"))} == set()


def test_the_secret_is_shown_once_and_kept_nowhere(city: City) -> None:
    client = signed_in(city)
    answer = client.post("/wall/screens/", {"name": "大厅", "area": city.areas["330200"].pk, "rotate": "30"})
    page = answer.content.decode()
    token = page.split("/wall/screen/")[1].split("/")[0]
    screen = WallScreen.objects.get()
    assert screen.digest == boards.digest_of(token) and token not in str(vars(screen))
    assert screen.rotate == 30
    assert token not in client.get("/wall/screens/").content.decode()
    assert Client().get(f"/wall/screen/{token}/").status_code == 200


def test_a_revoked_screen_answers_as_one_that_never_was(city: City, backlog: Any) -> None:
    screen, token = make_screen(city)
    assert signed_in(city).post(f"/wall/screens/{screen.pk}/revoke/").status_code == 302
    gone, never = Client().get(f"/wall/screen/{token}/"), Client().get("/wall/screen/never-given/")
    assert gone.status_code == never.status_code == 404
    # But for the token that belongs to each browser.
    plain = [re.sub(rb'"X-CSRFToken": "\w+"', b"", answer.content) for answer in (gone, never)]
    assert plain[0] == plain[1]
    assert backlog["stuck"].title not in gone.content.decode()
    assert Client().get(f"/wall/screen/{token}/", **POLL).status_code == 404


def test_revoking_twice_changes_nothing(city: City) -> None:
    screen, _token = make_screen(city)
    first = boards.revoke_screen(screen.pk, actor=city.officer, at=city.at)
    second = boards.revoke_screen(screen.pk, actor=city.conference_officer, at=city.at + timedelta(days=1))
    assert (second.revoked_at, second.revoked_by) == (first.revoked_at, first.revoked_by)


def test_a_screen_polls_with_304_and_is_seen_once_a_minute(
    city: City, backlog: Any, django_assert_num_queries: Any
) -> None:
    screen, token = make_screen(city)
    client, address = Client(), f"/wall/screen/{token}/"
    first = client.get(address, **POLL)
    seen = WallScreen.objects.get(pk=screen.pk).seen_at
    with django_assert_num_queries(1):
        again = client.get(address, **POLL, HTTP_IF_NONE_MATCH=first["ETag"])
    assert again.status_code == 304
    assert WallScreen.objects.get(pk=screen.pk).seen_at == seen
    assert again["Referrer-Policy"] == "no-referrer"


def test_a_screen_that_asks_without_end_is_slowed_down(city: City, backlog: Any, monkeypatch: Any) -> None:
    from backlog.views import wall

    monkeypatch.setattr(wall, "MOST_A_MINUTE", 2)
    _screen, token = make_screen(city)
    answers = [Client().get(f"/wall/screen/{token}/", **POLL).status_code for _try in range(3)]
    assert answers == [200, 200, 429]


def test_guessing_addresses_is_slowed_down(city: City, monkeypatch: Any) -> None:
    from backlog.views import wall

    monkeypatch.setattr(wall, "MOST_WRONG", 2)
    answers = [Client().get(f"/wall/screen/guess-{n}/").status_code for n in range(3)]
    assert answers == [404, 404, 429]


def test_a_screen_of_a_district_shows_that_district_whatever_the_address_asks(city: City, backlog: Any) -> None:
    _screen, token = make_screen(city, "330225")
    answer = Client().get(f"/wall/screen/{token}/?district=330203&rotate=15")
    assert answer.context["wall"].counts["listed"] == 3
    assert answer.context["wall"].look.rotate == 0


def test_a_districts_office_makes_and_sees_screens_of_its_own_district_only(city: City) -> None:
    own, _token = make_screen(city, "330203", "district_officer")
    citys, _token = make_screen(city)
    with pytest.raises(Refused):
        make_screen(city, "330200", "district_officer")
    client = signed_in(city, "district_officer")
    page = client.get("/wall/screens/").content.decode()
    assert f"/wall/screens/{own.pk}/revoke/" in page and f"/wall/screens/{citys.pk}/revoke/" not in page
    assert client.post(f"/wall/screens/{citys.pk}/revoke/").status_code == 404
    with pytest.raises(Refused):
        boards.revoke_screen(citys.pk, actor=city.district_officer, at=city.at)


@pytest.mark.parametrize(
    ("changes", "field"), [({"name": " "}, "name"), ({"area": "330203001"}, "area"), ({"rotate": 7}, "rotate")]
)
def test_a_screen_that_cannot_be_is_refused(city: City, changes: Any, field: str) -> None:
    asked = {"name": "大厅", "area": "330200", "rotate": 0, **changes}
    with pytest.raises(Refused) as refusal:
        boards.create_screen(
            asked["name"], city.areas[asked["area"]], actor=city.officer, at=city.at, rotate=asked["rotate"]
        )
    assert refusal.value.field == field


def test_a_refused_screen_keeps_what_was_typed(city: City) -> None:
    answer = signed_in(city).post("/wall/screens/", {"name": "厅", "area": city.areas["330200"].pk, "rotate": "30"})
    assert answer.status_code == 422 and 'value="厅"' in answer.content.decode()
    assert not WallScreen.objects.exists()


# ---- targets ----


def test_targets_are_set_changed_and_taken_away_with_their_history(city: City) -> None:
    assert boards.set_targets({"settle_rate": Decimal(85)}, actor=city.officer) == 1
    assert targets()["settle_rate"] == 85
    assert boards.set_targets({"settle_rate": Decimal(85)}, actor=city.officer) == 0
    assert boards.set_targets({"settle_rate": None}, actor=city.officer) == 1
    # The one Yongqing comes with.
    assert targets()["settle_rate"] == 80
    assert BoardTarget.history.count() == 2


def test_a_target_that_cannot_be_is_refused_in_words(city: City) -> None:
    with pytest.raises(Refused):
        boards.set_targets({"settle_rate": Decimal(101)}, actor=city.officer)
    with pytest.raises(Refused):
        boards.set_targets({"settle_rate": Decimal(50)}, actor=city.district_officer)
    answer = signed_in(city).post("/wall/targets/", {"settle_rate": "101"})
    assert answer.status_code == 422 and "101" in answer.content.decode()


def test_a_missed_target_shows_on_the_wall(city: City, backlog: Any, django_capture_on_commit_callbacks: Any) -> None:
    client = signed_in(city)
    client.get("/wall/")
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post("/wall/targets/", {"settle_rate": "99"}).status_code == 302
    tile = {t.figure.indicator.key: t for t in client.get("/wall/").context["wall"].tiles}["settle_rate"]
    assert tile.tone == "amber" and "99" in tile.sub


# ---- past weeks ----


def test_a_week_is_kept_once_for_the_city_and_each_district(city: City, backlog: Any) -> None:
    assert boards.take_snapshots(at=city.at) == 3
    assert boards.take_snapshots(at=city.at + timedelta(minutes=5)) == 0
    assert set(Snapshot.objects.values_list("week", flat=True)) == {monday_of(city.at)}


def test_a_kept_week_holds_no_words_of_a_case(city: City, backlog: Any) -> None:
    boards.take_snapshots(at=city.at)
    for snapshot in Snapshot.objects.all():
        assert "安置房" not in str(snapshot.data)


def test_the_wall_of_a_past_week_stands_as_it_was(city: City, backlog: Any) -> None:
    boards.take_snapshots(at=city.at - timedelta(weeks=3))
    was = Snapshot.objects.get(area=city.areas["330200"]).data["counts"]
    BacklogCase.objects.filter(pk=backlog["stuck"].pk).update(state="certified", is_open=False, settled_at=city.at)
    day = (city.at - timedelta(weeks=3)).date()
    answer = signed_in(city).get(f"/wall/past/?week={day}&view=key")
    shown = answer.context["wall"]
    assert shown.counts == was and shown.is_past
    page = answer.content.decode()
    assert 'hx-trigger="every' not in page and backlog["led"].title in page
    # Rows have moved on: no figure opens.
    assert 'href="/backlog/?' not in page


def test_erasure_and_confidence_reach_the_past(city: City, backlog: Any) -> None:
    boards.take_snapshots(at=city.at)
    BacklogCase.objects.filter(pk=backlog["stuck"].pk).update(title="")
    Petition.objects.filter(pk=backlog["led"].petition_id).update(is_restricted=True)
    snapshot = Snapshot.objects.get(area=city.areas["330200"])
    shown = {row["case"]: row["title"] for row in board_module.with_words(snapshot.data)["key"]}
    assert shown[backlog["stuck"].pk] == "" and backlog["led"].pk not in shown


def test_the_weeks_before_draw_the_lines_and_the_changes(city: City, backlog: Any) -> None:
    for week in (2, 1):
        boards.take_snapshots(at=city.at - timedelta(weeks=week))
    tiles = signed_in(city).get("/wall/").context["wall"].tiles
    assert all(len(tile.line) >= 2 for tile in tiles if tile.figure.value is not None)


def test_before_the_first_week_the_page_says_when_to_come_back(city: City) -> None:
    answer = signed_in(city).get("/wall/past/")
    assert answer.status_code == 200 and "<h1>" in answer.content.decode()


# ---- the table of indicators ----


@pytest.mark.parametrize("by", ["district", "force", "leader", "month"])
def test_the_table_is_cut_each_way_in_a_fixed_number_of_statements(
    city: City, backlog: Any, by: str, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(city)
    with django_assert_max_num_queries(32):
        answer = client.get(f"/backlog/indicators/?by={by}")
    assert answer.status_code == 200
    assert answer.context["sheet"].rows


def test_the_table_opens_only_what_the_readers_own_lists_hold(city: City, backlog: Any) -> None:
    table = "/backlog/indicators/?by="
    for by in ("district", "force", "leader", "month"):
        sheet = signed_in(city, "district_officer").get(table + by).context["sheet"]
        opened = {row.name for row in sheet.rows for cell in row.cells if cell.url}
        assert opened == ({"海曙区"} if by == "district" else set())
        assert not any(cell.url for cell in sheet.total)
    assert all(cell.url for cell in signed_in(city).get(table + "district").context["sheet"].total)


def test_by_month_counts_what_happened_in_each(city: City, backlog: Any) -> None:
    sheet = signed_in(city).get("/backlog/indicators/?by=month").context["sheet"]
    place = [column.key for column in sheet.columns].index("new")
    assert sum(row.cells[place].figure.hit for row in sheet.rows) == sheet.total[place].figure.hit == 6


def test_a_past_month_shows_what_stood_from_the_week_that_was_kept(city: City, backlog: Any) -> None:
    month = (city.at.replace(day=1) - timedelta(days=3)).strftime("%Y-%m")
    client = signed_in(city)
    before = client.get(f"/backlog/indicators/?month={month}").context["sheet"]
    assert before.total[0].figure is None
    boards.take_snapshots(at=city.at.replace(day=1) - timedelta(days=3))
    after = client.get(f"/backlog/indicators/?month={month}").context["sheet"]
    assert after.total[0].figure is not None and after.total[0].url == ""


def test_an_export_asks_for_a_reason_is_logged_and_holds_the_figures(city: City, backlog: Any) -> None:
    client = signed_in(city)
    assert client.post("/backlog/indicators/export/", {"reason": ""}).status_code == 422
    answer = client.post("/backlog/indicators/export/?by=district", {"reason": "联席会议例会材料"})
    log = AccessLog.objects.get(action="export")
    assert (log.target, log.reason) == ("backlog:indicators", "联席会议例会材料")
    page = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    names = [page.cell(row, 1).value for row in range(5, 8)]
    assert names == ["海曙区", "象山县", "全市"]
    assert page.cell(7, 2).value == 4


def test_who_may_not_export_is_refused(city: City, backlog: Any) -> None:
    assert signed_in(city, "lead_official").get("/backlog/indicators/").status_code == 200
    assert signed_in(city, "lead_official").post("/backlog/indicators/export/").status_code == 403


def test_one_area_that_cannot_be_counted_does_not_cost_the_others_their_week(
    city: City, backlog: Any, monkeypatch: Any
) -> None:
    def compute(area: Any, at: Any, **more: Any) -> Any:
        if area.code == "330225":
            raise ValueError("no map of it")
        return real(area, at, **more)

    real = board_module.compute
    monkeypatch.setattr(board_module, "compute", compute)
    assert boards.take_snapshots(at=city.at) == 2
    monkeypatch.setattr(board_module, "compute", real)
    assert boards.take_snapshots(at=city.at) == 1


def test_one_screen_that_asks_without_end_does_not_silence_another_place(
    city: City, backlog: Any, monkeypatch: Any
) -> None:
    from backlog.views import wall

    monkeypatch.setattr(wall, "MOST_A_MINUTE", 1)
    _screen, token = make_screen(city)
    places = ["10.0.0.1", "10.0.0.1", "10.0.0.2"]
    answers = [Client().get(f"/wall/screen/{token}/", **POLL, REMOTE_ADDR=place).status_code for place in places]
    assert answers == [200, 429, 200]
