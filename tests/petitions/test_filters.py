"""One table of filters for pages and API."""

from datetime import timedelta

import pytest
from django.http import QueryDict

from accounts.actors import Actor
from petitions.filters import FILTERS, Due, PetitionFilters, bounds, due_q
from petitions.models import NO_DEADLINE, Petition
from tests.city import make_order, make_petition


def found(city, query, *, who=None, at=None):
    filters = PetitionFilters(QueryDict(query), who=who or city.officer, at=at or city.at)
    return set(filters.apply(Petition.objects.all()))


@pytest.fixture
def pair(city):
    """A petition with everything, and a plain one elsewhere."""
    rich = make_petition(
        city, channel="letter", urgency="urgent", purpose="YJ", headcount=6, affected_count=6, is_anonymous=True
    )
    plain = make_petition(
        city,
        area=city.areas["330225"],
        content_class=city.classes["99"],
        actor=city.dispatcher,
        at=city.at + timedelta(days=3),
        summary="公交线路建议",
        content="希望增加夜间班次。",
        repeat_of=rich,
    )
    return rich, plain


@pytest.mark.parametrize(
    "query",
    [
        "district=330203",
        "town=330203001",
        "channel=letter",
        "class=03",
        "class=0303",
        "urgency=urgent",
        "purpose=YJ",
        "mine=1",
        "group=1",
        "group=true",
        "repeat=0",
        "anonymous=1",
        "until=2026-11-16",
        "q=电梯停运",
        "district=330203&channel=letter&urgency=urgent",
    ],
)
def test_it_finds_the_rich_one(city, pair, query):
    assert found(city, query) == {pair[0]}


@pytest.mark.parametrize(
    "query", ["district=330225", "class=99", "mine=0", "repeat=1", "since=2026-11-17", "q=夜间班次"]
)
def test_it_finds_the_plain_one(city, pair, query):
    assert found(city, query) == {pair[1]}


@pytest.mark.parametrize("query", ["", "district=330203&district=330225", "state=registered&state=handling", "q="])
def test_it_finds_both(city, pair, query):
    assert found(city, query) == set(pair)


def test_it_finds_by_lead_unit_code_and_name(city, pair):
    make_order(city, petition=pair[0])
    assert found(city, "unit=330203-HOUSING") == found(city, "unit=住建") == {pair[0]}
    assert found(city, "unit=查无此单位") == set()


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("state=lost", "state"),
        ("district=nowhere", "district"),
        ("class=03'--", "class"),
        ("since=yesterday", "since"),
        ("until=99999-01-01", "until"),
        ("group=perhaps", "group"),
        ("due=soonish", "due"),
    ],
)
def test_it_reports_what_it_does_not_understand_and_shows_the_rest(city, pair, query, name):
    filters = PetitionFilters(QueryDict(query), who=city.officer, at=city.at)
    assert set(filters.apply(Petition.objects.all())) == set(pair)
    assert list(filters.errors) == [name]
    assert filters.tags() == []
    assert filters.errors[name]


def test_a_client_without_a_person_has_registered_nothing_itself(city, pair):
    assert found(city, "mine=1", who=Actor(label="12345", unit=city.hotline)) == set()


def test_its_tags_say_what_is_set_and_its_query_keeps_it(city, pair):
    filters = PetitionFilters(
        QueryDict("district=330203&urgency=urgent&group=1&q=电梯&page=7&view=open"), who=city.officer, at=city.at
    )
    assert [(tag.name, tag.words) for tag in filters.tags()] == [
        ("district", "海曙区"),
        ("urgency", str(Petition(urgency="urgent").get_urgency_display())),
        ("group", ""),
        ("q", "电梯"),
    ]
    assert set(filters.query()) == {"district", "urgency", "group", "q"}


def test_deadline_groups_cover_every_moment_once(city):
    limits = bounds(city.at)
    edges = [limit for pair in limits.values() for limit in pair]
    assert edges[0] is None and edges[-1] is None
    assert edges[1:-1:2] == edges[2:-1:2]
    petition = make_petition(city)
    for due, group in [
        (city.at - timedelta(seconds=1), Due.OVER),
        (city.at, Due.TODAY),
        (city.at + timedelta(hours=13), Due.TODAY),
        (city.at + timedelta(hours=14), Due.SOON),
        (city.at + timedelta(days=3), Due.NORMAL),
        (NO_DEADLINE, Due.NONE),
    ]:
        Petition.objects.filter(pk=petition.pk).update(next_due_at=due)
        hits = [key for key in limits if Petition.objects.filter(due_q(key, city.at)).exists()]
        assert hits == [group], due


def test_every_filter_has_a_name_of_its_own_and_words():
    assert all(name == row.name and str(row.label) for name, row in FILTERS.items())
