"""What is counted for a data set, and what never is."""

from datetime import UTC, date, datetime

import pytest

from gateway.datasets.anonymity import Place
from gateway.datasets.reading import counts
from petitions.models import Purpose, Sensitivity
from tests.city import City, make_petition

pytestmark = pytest.mark.django_db
NOVEMBER = {"since": date(2026, 11, 1), "until": date(2026, 11, 30)}


def _total(**period: date) -> int:
    return sum(count for _place, count in counts(None, **(period or NOVEMBER)))


def test_petitions_are_counted_by_town_class_and_month(city: City) -> None:
    first = make_petition(city)
    make_petition(city)
    code = first.content_class.code
    place = Place("330203001", "330203", code, code[:2], 2026, 11)
    assert list(counts(None, **NOVEMBER)) == [(place, 2)]


@pytest.mark.parametrize("change", [{"purpose": Purpose.ACCUSE}, {"sensitivity": Sensitivity.ACCUSATION}])
def test_accusations_are_never_counted(city: City, change: dict[str, str]) -> None:
    make_petition(city)
    make_petition(city, **change)
    assert _total() == 1


def test_months_are_those_of_the_city(city: City) -> None:
    # 00:30 on 1 December in Shanghai.
    make_petition(city, at=datetime(2026, 11, 30, 16, 30, tzinfo=UTC))
    assert _total() == 0
    assert _total(since=date(2026, 12, 1), until=date(2026, 12, 1)) == 1


def test_a_unit_reaches_what_it_and_those_below_it_registered_or_handle(city: City) -> None:
    make_petition(city, register_unit=city.housing)
    make_petition(city)
    reached = {name: sum(n for _p, n in counts(city.units[name], **NOVEMBER)) for name in ("housing", "district")}
    assert reached == {"housing": 1, "district": 1}
    assert list(counts(city.transport, **NOVEMBER)) == []


def test_counting_takes_one_statement(city: City, django_assert_num_queries: object) -> None:
    make_petition(city)
    with django_assert_num_queries(1):  # type: ignore[operator]
        list(counts(None, **NOVEMBER))
