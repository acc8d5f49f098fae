"""The merged lines: kept by officers, versioned, and used by the next message."""

from typing import Any

import pytest
from django.test import Client

from dispatch.catalogue import suggest
from gateway.actions import lines as actions
from gateway.channels import reading
from gateway.channels.forms import choices_of
from gateway.channels.line_pages import SIZE
from gateway.channels.load import load_lines, load_mappings
from gateway.channels.seed_lines import LINES
from gateway.models import ChannelMapping, LegacyLine
from petitions.models import Petition
from petitions.states import Refused
from tests.city import City

ADDRESS = "/gateway/lines/"


@pytest.fixture
def officer(city: City, client: Client) -> Client:
    client.force_login(city.people["officer"], backend="accounts.backends.StaffBackend")
    return client


def line(number: str = "12315", **more: Any) -> LegacyLine:
    return LegacyLine.objects.create(number=number, **{"name": "消费者热线", "department": "市场监督管理局", **more})


def test_an_officer_confirms_the_proposals_ticked(city: City, officer: Client) -> None:
    load_lines(at=city.at)
    shown = officer.get(ADDRESS, {"show": "proposed"})
    assert shown.context["proposed"] == len(LINES) == len(shown.context["page"].rows)
    chosen = [row.pk for row in shown.context["page"].rows[:3]]
    assert officer.post(f"{ADDRESS}confirm/", {"line": chosen, "next": f"{ADDRESS}?show=proposed"}).status_code == 302
    assert officer.get(ADDRESS).context["proposed"] == len(LINES) - 3
    version = LegacyLine.objects.get(pk=chosen[0]).history.latest()
    assert (version.is_proposal, version.history_user) == (False, city.people["officer"])
    # Twice, or nothing ticked: nothing happens, and the page says so.
    assert actions.confirm_lines(chosen, actor=city.people["officer"], at=city.at) == 0
    officer.post(f"{ADDRESS}confirm/", {"line": ["x", "9" * 30]})
    assert LegacyLine.objects.filter(is_proposal=False).count() == 3


def test_a_change_holds_for_the_next_message(city: City, officer: Client, hotline: Any) -> None:
    load_mappings(at=city.at)
    sample = ChannelMapping.objects.get(channel="hotline").sample
    row = line()
    given = {"name": "消费投诉热线", "department": "市场局", "unit": city.units["housing"].name, "next": ADDRESS}
    answer = officer.post(f"{ADDRESS}{row.pk}/", given)
    assert answer["Location"] == ADDRESS
    row.refresh_from_db()
    assert (row.name, row.unit, row.is_proposal) == ("消费投诉热线", city.units["housing"], False)
    hotline.post("/inbound/hotline", {**sample, "原热线": "消费投诉热线"})
    petition = Petition.objects.get()
    assert "12315" in dict(suggest(petition))[city.units["housing"]]
    # Retired it hints at nobody and is not offered, yet a message that names it waits for nobody.
    actions.use_line(row.pk, is_active=False, actor=city.people["officer"], at=city.at)
    assert "12315" not in str(list(suggest(petition)))
    assert "12315" not in dict(choices_of("line"))
    assert hotline.post("/inbound/hotline", {**sample, "工单编号": "12345-2"}).status_code == 201
    assert reading.known_words()["line"]["12315"] == "12315"


def test_a_new_line_needs_a_number_of_its_own(city: City, officer: Client) -> None:
    given = {"number": "96345", "name": "社区服务热线", "department": "民政局", "unit": ""}
    assert officer.post(f"{ADDRESS}new/", given).status_code == 302
    made = LegacyLine.objects.get()
    assert (made.is_proposal, made.unit, made.history.latest().history_user) == (False, None, city.people["officer"])
    for number in ("96345", "一二三", "1", "-96345", "96345 "[:5] + "-"):
        again = officer.post(f"{ADDRESS}new/", {**given, "number": number})
        assert again.status_code == 422 and again.context["form"].errors["number"], number
        # What was typed is kept.
        assert "社区服务热线" in again.content.decode()
    assert officer.post(f"{ADDRESS}new/", {**given, "number": "96346", "unit": "没有这个单位"}).status_code == 422
    assert LegacyLine.objects.count() == 1


def test_a_line_is_retired_and_taken_back(city: City, officer: Client) -> None:
    row = line()
    officer.post(f"{ADDRESS}{row.pk}/use/", {"use": "0", "next": "https://elsewhere.example/"})
    assert officer.get(ADDRESS).context["page"].rows == []
    assert officer.get(ADDRESS, {"show": "retired"}).context["page"].rows == [row]
    assert officer.post(f"{ADDRESS}{row.pk}/use/", {"use": "1"})["Location"] == ADDRESS
    assert [version.is_active for version in row.history.order_by("history_id")] == [True, False, True]


def test_lines_are_found_by_number_name_department_and_unit(city: City, officer: Client) -> None:
    line("12315", unit=city.units["housing"])
    line("12345", name="市长热线", department="信访局")
    for words, found in {"1231": 1, "市长": 1, "市场监督": 1, city.units["housing"].name: 1, "315": 0, "": 2}.items():
        assert len(officer.get(ADDRESS, {"q": words}).context["page"].rows) == found, words
    assert officer.get(ADDRESS, {"q": "\x00", "show": "none", "cursor": "x"}).status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_the_same_for_one_line_and_for_three(
    city: City, officer: Client, count: int, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        line(f"1231{number}", unit=city.units["housing"])
    officer.get(ADDRESS)
    with django_assert_num_queries(4):
        assert len(officer.get(ADDRESS).context["page"].rows) == count


def test_pages_turn_by_number_and_a_damaged_cursor_begins_anew(city: City, officer: Client) -> None:
    LegacyLine.objects.bulk_create(LegacyLine(number=f"{n:05d}", name="热线", department="局") for n in range(SIZE + 5))
    first = officer.get(ADDRESS).context["page"]
    second = officer.get(ADDRESS, {"cursor": first.next}).context["page"]
    assert [row.number for row in second.rows] == [f"{n:05d}" for n in range(SIZE, SIZE + 5)]
    assert officer.get(ADDRESS, {"cursor": second.previous}).context["page"].rows == first.rows
    assert officer.get(ADDRESS, {"cursor": first.next[:-2]}).context["page"].rows == first.rows


def test_who_keeps_no_mappings_keeps_no_lines(city: City, client: Client) -> None:
    row = line()
    handler = city.people["handler"]
    client.force_login(handler, backend="accounts.backends.StaffBackend")
    for path, status in {"": 403, "new/": 403, f"{row.pk}/": 404}.items():
        assert client.get(ADDRESS + path).status_code == status, path
    data = actions.LineData("x", "y")
    for step in (
        lambda by: actions.add_line("12399", data, **by),
        lambda by: actions.change_line(row.pk, data, **by),
        lambda by: actions.confirm_lines([row.pk], **by),
        lambda by: actions.use_line(row.pk, is_active=False, **by),
    ):
        with pytest.raises(Refused):
            step({"actor": handler, "at": city.at})
    assert LegacyLine.objects.get().is_active
