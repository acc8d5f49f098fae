"""Every address of the site: outsiders, the anonymous, and that it fails for nobody."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from tests.access.walking import NAMES, ROWS, address, keys_apart
from tests.city import City, build_city, make_order

pytestmark = pytest.mark.django_db

PUBLIC = {
    "healthz",
    "metrics",
    "sign_in",
    "language",
    "sign_out",
    "shortcuts",
    "wall_screen",
    "break_glass",
    "developers",
}


@pytest.fixture(scope="module")
def case(django_db_setup: None, django_db_blocker: Any) -> Iterator[City]:
    """The city with one case under way; made once, what a test does to it is rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        city = build_city()
        keys_apart()
        city.__dict__["order"] = make_order(city)
        yield city
        transaction.set_rollback(True)


@pytest.mark.parametrize("name", NAMES)
def test_an_anonymous_browser_is_sent_to_sign_in_everywhere(case: City, client: Client, name: str) -> None:
    for method in (client.get, client.post):
        answer = method(address(name, case))
        # The citizens' pages have a door of their own: the query code (tests/portal/test_access.py).
        if name in PUBLIC or name.startswith("portal_"):
            assert answer.status_code < 500 or name == "healthz"
        else:
            assert answer.status_code == 302 and answer["Location"].startswith("/sign-in/"), (
                f"{name}: {answer.status_code}"
            )


@pytest.mark.parametrize("who", ["outsider", "outside_leader", "far_officer", "lead_official", "reviewer", "admin"])
@pytest.mark.parametrize("name", ROWS)
def test_an_outsider_finds_nothing_at_the_address_of_a_case(case: City, client: Client, name: str, who: str) -> None:
    client.force_login(case.people[who], backend="accounts.backends.StaffBackend")
    for method in (client.get, client.post):
        answer = method(address(name, case))
        # Another person's saved view or a step that only takes POST is no case either.
        assert answer.status_code in {404, 405}, f"{name}: {answer.status_code}"
        assert "电梯" not in answer.content.decode()


@pytest.mark.parametrize(
    "who",
    sorted(
        {
            "officer",
            "dispatcher",
            "agent",
            "district_officer",
            "conference_officer",
            "leader",
            "handler",
            "lead_official",
            "reviewer",
            "inspector",
            "admin",
        }
    ),
)
def test_no_page_fails_for_any_role(case: City, client: Client, who: str) -> None:
    client.force_login(case.people[who], backend="accounts.backends.StaffBackend")
    for name in sorted(set(NAMES) - {"sign_out", "healthz"}):
        for method in (client.get, client.post):
            assert method(address(name, case)).status_code < 500, name
