"""One timeline of a file: its own steps and its petitions' events, in order, in pages, for who may read them."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from backlog import timeline
from backlog.actions import nominate, writing
from backlog.models import BacklogCase
from backlog.states import Source
from petitions.actions import Person, add_note
from tests.backlog.cases import make_case
from tests.city import City, make_petition
from tests.dispatch.test_views_case import enter

pytestmark = pytest.mark.django_db


@pytest.fixture
def lately(city: City) -> City:
    city.at = timezone.now() - timedelta(days=3)
    return city


def proposed(city: City) -> BacklogCase:
    return nominate.nominate(
        make_petition(city).pk,
        title="南门街道电梯停运问题",
        reason="多次协调未果，补偿标准争议至今未解决。",
        actor=city.officer,
        at=city.at + timedelta(minutes=1),
    )


def test_steps_and_events_stand_in_one_order_newest_first(lately: City) -> None:
    case = proposed(lately)
    add_note(
        case.petition_id, kind="note", text="已电话联系。", actor=lately.officer, at=lately.at + timedelta(hours=1)
    )
    writing.assess(case.pk, values={"facts": "查明电梯停运。"}, actor=lately.officer, at=lately.at + timedelta(hours=2))
    entries = timeline.read(case, lately.officer).entries
    assert [entry.line.at for entry in entries] == sorted((e.line.at for e in entries), reverse=True)
    assert [entry.petition is None for entry in entries[:3]] == [True, False, True]


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_pages_give_every_entry_once(lately: City, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    case = proposed(lately)
    at = lately.at + timedelta(hours=1)
    for n in range(4):
        # At the same moment, as when one transaction writes both.
        add_note(case.petition_id, kind="note", text=f"第{n}次联系。", actor=lately.officer, at=at)
        writing.assess(case.pk, values={"facts": f"第{n}次核查。"}, actor=lately.officer, at=at)
    whole = [(e.petition is None, e.line.id) for e in timeline.read(case, lately.officer).entries]
    monkeypatch.setattr(timeline, "PAGE", size)
    seen, cursor = [], ""
    while True:
        page = timeline.read(case, lately.officer, cursor=cursor)
        seen += [(e.petition is None, e.line.id) for e in page.entries]
        cursor = page.older
        if not cursor:
            break
    assert seen == whole
    assert len(whole) >= 9


def test_the_filter_shows_the_file_or_the_petitions_or_one_of_them(lately: City) -> None:
    case = proposed(lately)
    other = make_petition(lately, person=Person(name="冯四", phone="13700000009"))
    writing.link(case.pk, petition=other, actor=lately.officer, at=lately.at + timedelta(hours=1))
    file = timeline.read(case, lately.officer, source=timeline.Source.FILE).entries
    both = timeline.read(case, lately.officer, source=timeline.Source.PETITIONS).entries
    one = timeline.read(case, lately.officer, petition=other.pk).entries
    assert all(entry.petition is None for entry in file)
    assert {entry.petition for entry in both} == {case.petition, other}
    assert {entry.petition for entry in one} == {other}


def test_of_a_petition_out_of_reach_nothing_is_told(lately: City) -> None:
    far = make_petition(lately, area=lately.areas["330225"], person=Person(name="冯四", phone="13700000009"))
    case = make_case(lately)
    writing.link(case.pk, petition=far, actor=lately.officer, at=lately.at + timedelta(hours=1))
    entries = timeline.read(case, lately.district_officer).entries
    assert far not in {entry.petition for entry in entries}
    assert timeline.read(case, lately.district_officer, petition=far.pk).entries == []
    page = enter(lately.district_officer).get(reverse("backlog_case", args=[case.pk])).content.decode()
    assert far.summary not in page or far.summary == case.petition.summary
    assert reverse("petition", args=[far.pk]) not in page


@pytest.mark.parametrize("cursor", ["", "x", "bm90aGluZw", "WzEsMl0", "W251bGwsIDEsIDJd"])
def test_a_damaged_cursor_means_the_newest(lately: City, cursor: str) -> None:
    case = proposed(lately)
    assert timeline.read(case, lately.officer, cursor=cursor).entries


def test_the_page_says_who_did_what_and_why_it_was_proposed(lately: City) -> None:
    case = proposed(lately)
    assert case.source == Source.HAND
    client = enter(lately.officer)
    page = client.get(reverse("backlog_case", args=[case.pk]), {"tab": "timeline"}).content.decode()
    assert "提名为积案" in page
    assert case.reason in page
    assert client.get(reverse("backlog_case", args=[case.pk]), {"tab": "timeline", "from": "file"}).status_code == 200


@pytest.mark.parametrize("notes", [1, 3])
def test_the_timeline_takes_the_same_statements_for_any_number_of_entries(
    lately: City, notes: int, django_assert_num_queries: object
) -> None:
    case = proposed(lately)
    for n in range(notes):
        add_note(case.petition_id, kind="note", text=f"第{n}次联系。", actor=lately.officer, at=lately.at)
        writing.assess(case.pk, values={"facts": f"第{n}次核查。"}, actor=lately.officer, at=lately.at)
    timeline.read(case, lately.officer)
    with django_assert_num_queries(4):  # type: ignore[operator]
        timeline.read(case, lately.officer)
