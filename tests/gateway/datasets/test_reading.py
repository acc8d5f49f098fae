"""What is counted for a data set, and what never is."""

from datetime import UTC, date, datetime

import pytest

from accounts.roles import Role
from gateway.datasets.anonymity import Place
from gateway.datasets.reading import counts
from petitions.models import Purpose, Sensitivity
from tests.city import City, make_petition

NOVEMBER = {"since": date(2026, 11, 1), "until": date(2026, 11, 30)}


def _total(city: City, person: str, **period: date) -> int:
    return sum(count for _place, count in counts(city.people[person], **(period or NOVEMBER)))


def test_petitions_are_counted_by_town_class_and_month(city: City) -> None:
    first = make_petition(city)
    make_petition(city)
    code = first.content_class.code
    place = Place("330203001", "330203", code, code[:2], 2026, 11)
    assert list(counts(city.people["officer"], **NOVEMBER)) == [(place, 2)]


@pytest.mark.parametrize("change", [{"purpose": Purpose.ACCUSE}, {"sensitivity": Sensitivity.ACCUSATION}])
def test_accusations_are_never_counted(city: City, change: dict[str, str]) -> None:
    make_petition(city)
    make_petition(city, **change)
    assert _total(city, "officer") == 1


def test_months_are_those_of_the_city(city: City) -> None:
    # 00:30 on 1 December in Shanghai.
    make_petition(city, at=datetime(2026, 11, 30, 16, 30, tzinfo=UTC))
    assert _total(city, "officer") == 0
    december = {"since": date(2026, 12, 1), "until": date(2026, 12, 1)}
    assert _total(city, "officer", **december) == 1


def test_who_has_no_permission_counts_nothing(city: City) -> None:
    make_petition(city)
    without = [name for name, person in city.people.items() if person.role not in {Role.CITY_OFFICER, Role.INSPECTOR}]
    assert without
    assert [_total(city, name) for name in without] == [0] * len(without)


def test_counting_takes_one_statement(city: City, django_assert_num_queries: object) -> None:
    make_petition(city)
    officer = city.people["officer"]
    with django_assert_num_queries(1):  # type: ignore[operator]
        list(counts(officer, **NOVEMBER))
