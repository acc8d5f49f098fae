"""A page looked for along the index is the page of the plain statement: the same rows in the same order."""

import random
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Absence, User
from accounts.roles import Scope, full_matrix
from gateway import queries
from gateway.pagination import page
from gateway.reference import forget_cached_reference
from petitions.models import Involvement, Petition
from petitions.querysets import Way
from tests.city import City, make_petition

ROWS = 40
UNITS = ("hotline", "housing", "enforcement", "town", "transport", "district")
COLUMNS = ("id", "updated_at", "registered_at")


@pytest.fixture
def register(city: City) -> random.Random:
    """Petitions of every kind of reach, many of them changed in the same moment; the dice they were made with."""
    dice = random.Random(61)
    at = timezone.now() - timedelta(days=2)
    units = [city.units[name] for name in UNITS]
    people = [city.leader, city.handler, city.colleague, city.other_handler, city.outsider]
    for _row in range(ROWS):
        unit = dice.choice(units)
        area = dice.choice([city.areas["330203001"], city.areas["330225"]])
        secret = {"purpose": "JK", "respondent_unit": dice.choice(units)} if dice.random() < 0.2 else {}
        registrar = dice.choice([city.officer, city.agent])
        made = make_petition(city, at=at, actor=registrar, register_unit=unit, area=area, **secret)
        moment = at + timedelta(minutes=dice.randrange(ROWS // 4))
        is_open = dice.random() < 0.7
        Petition.objects.filter(pk=made.pk).update(updated_at=moment, registered_at=moment, is_open=is_open)
        for handling in dice.sample(units, dice.choice([0, 0, 1, 2])):
            Involvement.objects.create(petition=made, unit=handling, since=at)
            for user in dice.sample([p for p in people if p.unit_id == handling.pk] or [None], 1):
                if user is not None and dice.random() < 0.6:
                    Involvement.objects.create(petition=made, unit=handling, user=user, since=at)
        if dice.random() < 0.3:
            person = dice.choice([city.reviewer, city.lead_official, city.handler])
            Involvement.objects.get_or_create(petition=made, user=person, unit=None, defaults={"since": at})
    return dice


def permissions_of(user: User) -> dict[Scope, str]:
    """One permission over petitions for each scope the person has any in."""
    held = ((user.scope_for(name), name) for name in full_matrix() if name.startswith("petitions."))
    return {scope: name for scope, name in held if scope is not None}


def test_a_reach_asked_row_by_row_is_the_reach_of_the_set(register: random.Random, city: City) -> None:
    now = timezone.now()
    away = {"since": now - timedelta(days=1), "until": now + timedelta(days=1), "made_at": now}
    Absence.objects.create(user=city.handler, substitute=city.colleague, **away)
    scopes = set()
    for user in User.objects.select_related("unit__area"):
        for scope, permission in permissions_of(user).items():
            plain = set(Petition.objects.within(user, permission).values_list("pk", flat=True))
            for way in (Way.ROW, Way.TABLE):
                asked = Petition.objects.within(user, permission, way=way)
                assert set(asked.values_list("pk", flat=True)) == plain, (user, permission, way)
            scopes |= {scope} if 0 < len(plain) < ROWS else set()
    assert scopes == set(Scope)


@pytest.mark.parametrize("unit", UNITS)
def test_a_page_found_by_walking_is_the_page_of_the_plain_statement(
    register: random.Random, caller: Any, city: City, unit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice, client = register, caller(unit=unit).client
    at, since = timezone.now(), timezone.now() - timedelta(days=3)
    walks = 0
    for _draw in range(25):
        stretches = {way: (dice.randint(1, ROWS), dice.randint(0, 2 * ROWS)) for way in (Way.ROW, Way.TABLE)}
        monkeypatch.setattr(queries, "STRETCHES", stretches)
        monkeypatch.setattr(queries, "FEW", 0)
        monkeypatch.setattr(queries, "HANDLED", dice.choice([0, 100]))
        asked = dice.choice([{}, {"updated_after": since}, {"open": True}, {"updated_after": since, "open": False}])
        rows, order, walk = queries.petitions(client, asked, at=at)
        cursor, limit, read = "", dice.randint(1, 12), list[int]()
        while True:
            plain = page(rows, order, columns=COLUMNS, limit=limit, cursor=cursor)
            assert page(rows, order, columns=COLUMNS, limit=limit, cursor=cursor, walk=walk) == plain
            read += [row["id"] for row in plain.rows]
            walks += len(plain.rows) == limit
            cursor = plain.next or ""
            if not cursor:
                break
        assert len(set(read)) == len(read) == rows.count()
    assert walks


def test_what_names_its_petitions_is_not_walked_to(
    hotline: Any, register: random.Random, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "FEW", 0)
    for asked in ({"source_ref": "GD-1"}, {"q": "电梯"}, {"person": "13812345127"}):
        assert queries.petitions(hotline.client, asked, at=timezone.now())[2] is None
    assert queries.petitions(hotline.client, {"open": True}, at=timezone.now())[2] is not None


def test_how_a_page_is_found_follows_from_how_much_the_unit_has(
    city: City, register: random.Random, monkeypatch: pytest.MonkeyPatch
) -> None:
    handled, registered = Petition.objects.matters_of(city.housing, 100)
    assert handled > 1 and registered > 1
    assert Petition.objects.matters_of(city.housing, 1) == (2, 2)
    for few, most, way in ((1000, 1000, Way.SET), (0, handled, Way.TABLE), (0, handled - 1, Way.ROW)):
        monkeypatch.setattr(queries, "FEW", few)
        monkeypatch.setattr(queries, "HANDLED", most)
        forget_cached_reference()
        assert queries.way_for(city.housing) == way


def test_a_walk_ends_after_a_few_stretches(
    hotline: Any, city: City, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    """Seven of a listing's eight statements at most: the units, two stretches that hold too few, the set, the rows."""
    monkeypatch.setattr(queries, "STRETCHES", {Way.TABLE: (2, 15)})
    monkeypatch.setattr(queries, "FEW", 0)
    units = [city.hotline, *[city.housing] * 14, city.hotline]
    made = [
        make_petition(city, register_unit=unit, at=city.at + timedelta(minutes=minute)).pk
        for minute, unit in enumerate(units)
    ]
    assert [row["id"] for row in hotline.get("/petitions", {"limit": "1"}).json()["items"]] == [made[-1]]
    with django_assert_num_queries(7):
        assert hotline.get("/petitions", {"limit": "1"}).json()["next"]
