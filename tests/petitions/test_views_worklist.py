"""The worklist as people use it."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from petitions import worklist as wl
from petitions.filters import FILTERS
from petitions.models import NO_DEADLINE, Petition, SavedView
from petitions.saved_views import LIMIT, save_view
from petitions.states import Refused
from tests.city import make_order, make_petition, replied

URL = "/petitions/"
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def as_user(client):
    def sign_in(user):
        client.force_login(user, backend="accounts.backends.StaffBackend")
        return client

    return sign_in


def shown(answer):
    """Petitions of the answer, in the order of the page."""
    return [int(pk) for pk in re.findall(r'data-row="(\d+)"', answer.content.decode())]


def test_it_shows_a_person_what_they_may_see_and_nothing_else(city, as_user):
    order = make_order(city)
    for user in (city.officer, city.dispatcher, city.district_officer, city.leader, city.handler, city.inspector):
        assert shown(as_user(user).get(f"{URL}?view=open")) == [order.petition_id], user.role
    for user in (city.outsider, city.far_officer, city.other_leader, city.agent, city.lead_official, city.reviewer):
        answer = as_user(user).get(f"{URL}?view=all")
        assert shown(answer) == [], user.role
        assert answer.status_code == 200
    assert as_user(city.admin).get(URL).status_code == 403


def test_it_keeps_accusations_from_all_but_the_named(city, as_user):
    accusation = make_petition(city, purpose="JK", respondent_unit=city.housing)
    assert shown(as_user(city.officer).get(f"{URL}?view=open")) == [accusation.pk]
    for user in (city.dispatcher, city.district_officer, city.leader, city.inspector):
        answer = as_user(user).get(f"{URL}?view=open&q={accusation.serial}", **HTMX)
        assert answer.status_code == 200
        assert shown(answer) == []


@pytest.mark.parametrize("role", ["officer", "district_officer", "leader", "handler", "agent"])
def test_it_asks_the_same_number_of_questions_for_one_row_and_for_three(city, as_user, django_assert_num_queries, role):
    user = city.people[role]
    actor = user if role == "agent" else city.officer
    make_order(city, petition=make_petition(city, actor=actor))
    client = as_user(user)
    client.get(f"{URL}?view=open")
    # Session, person with unit, districts, classes, saved views, rows, counts; a city office asks for its own subtree.
    expected = 8 if role == "officer" else 7
    with django_assert_num_queries(expected):
        assert len(shown(client.get(f"{URL}?view=open", **HTMX))) == 1
    for _i in range(2):
        make_order(city, petition=make_petition(city, actor=actor))
    with django_assert_num_queries(expected):
        assert len(shown(client.get(f"{URL}?view=open", **HTMX))) == 3


def test_the_whole_page_stays_within_seventeen_questions(city, as_user, django_assert_max_num_queries):
    make_order(city)
    client = as_user(city.officer)
    # Four of them are badges of the rail: supervision, calls to make, backlog tasks, messages to place.
    with django_assert_max_num_queries(17):
        client.get(URL)


def test_it_groups_by_deadline_and_counts_each_group(city, as_user):
    now = timezone.now()
    made = [make_petition(city).pk for _i in range(4)]
    dues = [now - timedelta(days=1), now - timedelta(hours=1), now + timedelta(days=30), NO_DEADLINE]
    for pk, due in zip(made, dues, strict=True):
        Petition.objects.filter(pk=pk).update(next_due_at=due)
    answer = as_user(city.officer).get(f"{URL}?view=open")
    assert [(g.key, g.count) for g in answer.context["groups"]] == [("over", "2"), ("normal", "1"), ("none", "1")]
    assert shown(answer) == made
    tabs = {tab.query: tab.count for tab in answer.context["tabs"]}
    assert (tabs["view=over"], tabs["view=open"], tabs["view=dispatch"], tabs["view=closed"]) == ("2", "4", "4", "")


def test_it_counts_groups_beyond_the_page(city, as_user, monkeypatch):
    from petitions.views import worklist

    monkeypatch.setattr(worklist, "PAGE_SIZES", (2, 25))
    for _i in range(5):
        make_petition(city)
    Petition.objects.update(next_due_at=timezone.now() - timedelta(days=1))
    for query in ("view=open", "view=open&channel=visit"):
        answer = as_user(city.officer).get(f"{URL}?{query}")
        assert [g.count for g in answer.context["groups"]] == ["5"], query
        assert answer.context["total"] == "5"
        assert answer.context["desk"].page.next


def test_it_does_not_count_again_what_was_over_the_cap(city, as_user, monkeypatch):
    from petitions.views import worklist

    monkeypatch.setattr(worklist, "CAP", 2)
    for _i in range(3):
        make_petition(city)
    client = as_user(city.officer)
    first, second = client.get(f"{URL}?view=open"), client.get(f"{URL}?view=open")
    assert first.context["desk"].counts["view=open"] == second.context["desk"].counts["view=open"] == "3"
    desk = second.context["desk"]
    assert "view=open" in worklist.known_to_be_many(city.officer, desk.wanted_counts())
    assert worklist.known_to_be_many(city.dispatcher, desk.wanted_counts()) == []


def test_what_waits_for_whom(city, as_user):
    fresh = make_petition(city)
    with_unit = make_order(city).petition_id
    done = replied(city).pk
    assert set(shown(as_user(city.officer).get(f"{URL}?view=todo"))) == {fresh.pk, done}
    assert set(shown(as_user(city.district_officer).get(f"{URL}?view=todo"))) == {fresh.pk, done}
    assert shown(as_user(city.leader).get(f"{URL}?view=todo")) == [with_unit]
    # What came in over another office waits for that office.
    elsewhere = make_petition(city, register_unit=city.hotline, actor=city.agent)
    assert elsewhere.pk not in shown(as_user(city.officer).get(f"{URL}?view=todo"))
    assert elsewhere.pk in shown(as_user(city.dispatcher).get(f"{URL}?view=todo"))
    assert shown(as_user(city.agent).get(f"{URL}?view=todo")) == [elsewhere.pk]


def test_the_office_has_to_reply_when_no_clock_is_left(city):
    order = make_order(city)
    Petition.objects.filter(pk=order.petition_id).update(next_due_key="", next_due_at=NO_DEADLINE)
    assert Petition.objects.filter(wl.office_turn()).exists()
    assert not Petition.objects.filter(wl.unit_turn()).exists()


def test_a_number_leads_straight_to_the_case(city, as_user):
    petition = make_petition(city)
    client = as_user(city.officer)
    for text in (str(petition.serial), petition.short_number, petition.number):
        answer = client.get(URL, {"q": text})
        assert (answer.status_code, answer["Location"]) == (302, reverse("petition", args=[petition.pk]))
    assert client.get(URL, {"q": text}, **HTMX)["HX-Redirect"] == reverse("petition", args=[petition.pk])
    assert client.get(URL, {"q": text, "district": "330203"}).status_code == 200
    assert as_user(city.far_officer).get(URL, {"q": text}).status_code == 200


def test_a_search_looks_everywhere_and_finds_words_and_people(city, as_user):
    petition = make_petition(city)
    client = as_user(city.officer)
    for text in ("电梯停运", "周小琴", "13812345127"):
        answer = client.get(URL, {"q": text})
        assert answer.context["desk"].view.key == "all"
        assert shown(answer) == [petition.pk], text
    nothing = client.get(URL, {"q": "查无此事"})
    assert shown(nothing) == []
    assert "view=all" in nothing.context["everywhere"]


def test_page_and_fragment_come_from_one_template(city, as_user):
    make_petition(city)
    client = as_user(city.officer)
    page, part = client.get(URL), client.get(URL, **HTMX)
    assert b"<html" in page.content and b"<html" not in part.content
    for place in (b'id="views"', b'id="filters"', b'id="list"'):
        assert place in page.content and place in part.content
    tidy = client.get(f"{URL}?view=open&q=&channel=&district=330203&sort=new", **HTMX)["HX-Push-Url"]
    assert tidy == f"{URL}?district=330203&view=open&sort=new"
    assert "HX-Request" in page["Vary"]
    assert "no-store" in page["Cache-Control"]
    assert b"style=" not in page.content and b"<script>" not in page.content


def test_no_name_stands_in_the_list_unmasked(city, as_user):
    make_petition(city)
    make_petition(city, headcount=12, affected_count=12)
    make_petition(city, is_anonymous=True)
    html = as_user(city.officer).get(f"{URL}?view=open").content.decode()
    assert "周小琴" not in html and "13812345127" not in html
    assert "周*琴" in html and "12" in html


@pytest.mark.parametrize("sort", ["due", "-due", "new", "old", "updated", "-updated", "nonsense"])
def test_every_order_pages_without_gap(city, as_user, monkeypatch, sort):
    from petitions.views import worklist

    monkeypatch.setattr(worklist, "PAGE_SIZES", (2, 25))
    made = {make_petition(city).pk for _i in range(5)}
    client, seen, cursor = as_user(city.officer), [], ""
    for _i in range(3):
        answer = client.get(URL, {"view": "open", "sort": sort, "cursor": cursor})
        seen += shown(answer)
        cursor = answer.context["desk"].page.next
    assert (len(seen), set(seen), cursor) == (5, made, "")


def test_closed_petitions_are_listed_newest_first_whatever_is_asked(city, as_user):
    answer = as_user(city.officer).get(f"{URL}?view=closed&sort=due")
    assert answer.context["desk"].sort == "new"
    assert "due" not in answer.context["headings"]


def test_only_who_may_do_something_with_many_can_select_rows(city, as_user):
    make_order(city)
    assert b'form="bulk"' in as_user(city.officer).get(f"{URL}?view=open").content
    assert b'form="bulk"' not in as_user(city.conference_officer).get(f"{URL}?view=open").content


def test_a_wrong_filter_says_so_and_removes_nothing(city, as_user):
    petition = make_petition(city)
    answer = as_user(city.officer).get(f"{URL}?view=open&district=nowhere&state=registered")
    assert shown(answer) == [petition.pk]
    assert answer.context["desk"].filters.errors
    assert [tag["label"] for tag in answer.context["tags"]] == [str(FILTERS["state"].label)]


def test_it_opens_in_both_languages(city, as_user):
    make_order(city)
    client = as_user(city.officer)
    for language in ("en", "zh-hans"):
        client.cookies["django_language"] = language
        assert client.get(f"{URL}?view=open").status_code == 200


# ---- saved views ----


def test_a_view_is_saved_counted_and_deleted_by_its_owner_only(city, as_user):
    make_petition(city)
    client = as_user(city.officer)
    answer = client.post("/petitions/views/save/?view=open&district=330203&cursor=x", {"name": "海曙在办"})
    saved = SavedView.objects.get()
    assert answer["Location"] == f"{URL}?{saved.query}"
    assert "cursor" not in saved.query
    page = client.get(f"{URL}?{saved.query}")
    assert [(t.label, t.count, t.is_current) for t in page.context["tabs"] if t.saved] == [("海曙在办", "1", True)]
    assert not any(t.is_current for t in page.context["tabs"] if not t.saved)
    stranger = as_user(city.dispatcher)
    assert not [t for t in stranger.get(URL).context["tabs"] if t.saved]
    assert stranger.post(f"/petitions/views/{saved.pk}/delete/").status_code == 404
    assert as_user(city.officer).post(f"/petitions/views/{saved.pk}/delete/").status_code == 302
    assert not SavedView.objects.exists()


def test_a_view_needs_a_name_of_its_own_and_there_are_not_too_many(city, as_user):
    client = as_user(city.officer)
    assert client.post("/petitions/views/save/", {"name": "  "}).status_code == 422
    for number in range(LIMIT):
        save_view(city.officer, name=f"v{number}", query="view=open")
        save_view(city.dispatcher, name=f"v{number}", query="view=open")
    SavedView.objects.filter(user=city.officer, name="v0").delete()
    assert client.post("/petitions/views/save/", {"name": "v1"}).status_code == 422
    save_view(city.officer, name="last", query="view=open")
    with pytest.raises(Refused):
        save_view(city.officer, name="one more", query="view=open")


def test_saved_views_do_not_add_questions(city, as_user, django_assert_num_queries):
    make_petition(city)
    client = as_user(city.officer)
    for number, query in enumerate(
        ["view=open&urgency=urgent", "view=closed", "view=open&q=%E7%94%B5%E6%A2%AF", "view=odd"]
    ):
        save_view(city.officer, name=f"v{number}", query=query)
    with django_assert_num_queries(8):
        client.get(f"{URL}?view=open", **HTMX)
    counts = {t.label: t.count for t in client.get(f"{URL}?view=open").context["tabs"] if t.saved}
    assert counts == {"v0": "0", "v1": "", "v2": "", "v3": "1"}


@pytest.mark.parametrize("role", ["officer", "district_officer", "leader", "handler", "agent", "lead_official"])
def test_its_conditions_are_the_visible_rows_whichever_way_they_are_counted(city, role):
    """The parts a capped count adds up are disjoint and make the whole."""
    make_order(city)
    make_order(city, petition=make_petition(city, area=city.areas["330225"]), lead=city.district_office)
    make_petition(city, purpose="JK")
    user = city.people[role]
    whole = sorted(Petition.objects.visible_to(user).values_list("pk", flat=True))
    parts = Petition.objects.parts_within(user, "petitions.view")
    assert sorted(pk for part in parts for pk in part.values_list("pk", flat=True)) == whole


def test_the_list_reads_by_index(city):
    """The orders of the list have an index each; the planner of a table of three rows would not use it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes WHERE tablename = 'petitions_petition'")
        names = {row[0] for row in cursor.fetchall()}
    assert {"petition_due", "petition_area_state", "petition_office_due", "petition_new", "petition_changed"} <= names
