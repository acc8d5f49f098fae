"""Every address that names a row: an accusation is at none of them for the unit complained of."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from tests.access.walking import ROWS, address, keys_apart
from tests.city import City, build_city, make_order, make_petition

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def accused(django_db_setup: None, django_db_blocker: Any) -> Iterator[City]:
    """The city with one accusation, handled by another unit; made once, what a test does to it is rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        city = build_city()
        keys_apart()
        petition = make_petition(city, purpose="JK", respondent_unit=city.units["housing"])
        city.__dict__["order"] = make_order(city, petition=petition, lead=city.units["town"])
        yield city
        transaction.set_rollback(True)


@pytest.mark.parametrize("who", ["leader", "handler", "dispatcher", "district_officer", "inspector"])
@pytest.mark.parametrize("name", ROWS)
def test_an_accusation_is_at_no_address_for_the_unit_complained_of(
    accused: City, client: Client, name: str, who: str
) -> None:
    client.force_login(accused.people[who], backend="accounts.backends.StaffBackend")
    for method in (client.get, client.post):
        assert method(address(name, accused)).status_code in {404, 405}, name
