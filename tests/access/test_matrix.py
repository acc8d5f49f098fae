"""The role matrix, tried on every page there is: what each of the twelve roles sees and may do equals the tables.

Pages come from the resolver and roles from the permission tables; who reaches which case is worked out here once more,
in plain words from domain-facts §4.2, so that a query and its oracle are not the same code.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction

from accounts.models import User
from accounts.roles import Role, Scope, full_matrix
from dispatch.models import WorkOrder
from gateway.scopes import ApiScope
from petitions.models import Petition
from tests.access.browsing import Address, addresses, browser
from tests.access.pages import PAGES, PUBLIC, PUBLIC_NAMES, Page
from tests.access.world import World, build_world

pytestmark = pytest.mark.django_db

# One person of each role; the twelfth, the citizen, has no account.
PEOPLE = {
    Role.HOTLINE_AGENT: "agent",
    Role.DISPATCHER: "dispatcher",
    Role.CITY_OFFICER: "officer",
    Role.DISTRICT_OFFICER: "district_officer",
    Role.CONFERENCE_OFFICER: "conference_officer",
    Role.UNIT_ADMIN: "leader",
    Role.UNIT_HANDLER: "handler",
    Role.LEAD_OFFICIAL: "lead_official",
    Role.REVIEWER: "reviewer",
    Role.INSPECTOR: "inspector",
    Role.SYSTEM_ADMIN: "admin",
}
SHOWN = {200, 204, 302, 400, 409, 413, 422}
NOTHING = 987_654_321
WORDS = {
    "key": "nothing",
    "part": "suggest",
    "form": "xlsx",
    "slug": "dispatch",
    "code": "NOBODY",
    "year": "2026",
    "move": "nothing",
    "name": "nothing",
}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Built once for all roles; every request is rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield build_world()
        transaction.set_rollback(True)


def is_public(name: str) -> bool:
    return name.startswith(PUBLIC) or name in PUBLIC_NAMES


def test_every_page_stands_in_the_table_and_the_table_holds_no_other() -> None:
    names = {address.name for address in addresses() if not is_public(address.name)}
    assert names - PAGES.keys() == set(), "say in tests/access/pages.py who may open these"
    assert PAGES.keys() - names == set()
    known = full_matrix()
    assert {p for page in PAGES.values() for p in page.permissions} <= known.keys()


def ask(client: Any, url: str) -> int:
    """The status of a page, or of an empty form sent to one that takes forms only; nothing it does stays."""
    mark = transaction.savepoint()
    try:
        status = client.get(url).status_code
        return client.post(url).status_code if status == 405 else status
    finally:
        transaction.savepoint_rollback(mark)
        cache.clear()


def reaches(world: World, user: User, permission: str, petition: Petition) -> bool:
    """Domain-facts §4.2 in plain words, for the three cases of the world. Near: registered by the city office, handled
    by Haishu's housing bureau, `handler`. Far: by Xiangshan's transport bureau. Secret: `other_leader` and who is named
    for accusations."""
    scope = user.scope_for(permission)
    if scope is None:
        return False
    if petition == world.secret:
        return user.handles_accusations and scope == Scope.CITY
    if scope == Scope.CITY:
        return True
    is_near = petition == world.near
    if scope == Scope.AREA:
        return is_near == (user.username == "district_officer")
    if scope == Scope.UNIT:
        return is_near and user.username == "leader"
    return scope == Scope.OWN and is_near and user.username == "handler"


def expected(world: World, user: User, page: Page, petition: Petition) -> set[int]:
    """The statuses the tables allow."""
    if page.about in {"petition", "order"}:
        view = "petitions.view" if page.about == "petition" else "dispatch.view"
        if not reaches(world, user, view, petition) or not reaches(world, user, "petitions.view", petition):
            return {404}
        return SHOWN if any(reaches(world, user, p, petition) for p in page.permissions) else {403, 404}
    if page.about == "own":
        return {403, 404}
    if not page.permissions or any(user.may(p) for p in page.permissions):
        return SHOWN
    return {403}


def at(address: Address, world: World, petition: Petition) -> str:
    """The address with a case, its order, or a row there is not."""
    page = PAGES[address.name]
    values: dict[str, Any] = {part: WORDS.get(part, NOTHING) for part in address.parts}
    if address.name in {"meeting_paper", "visit_paper"}:
        values |= {"kind": "minutes", "form": "pdf"}
    if page.about == "petition":
        values |= {"pk": petition.pk, "move": "withdraw"}
    elif page.about == "order":
        order = WorkOrder.objects.filter(petition=petition).first()
        values |= {"pk": order.pk if order else NOTHING, "move": "contact"}
    return address.at(**values)


@pytest.mark.parametrize("role", list(Role))
def test_what_a_role_may_open_equals_the_tables(world: World, role: Role) -> None:
    user = world.city.people[PEOPLE[role]]
    client = browser(user)
    wrong = []
    for address in addresses():
        page = PAGES.get(address.name)
        if is_public(address.name) or page is None or address.name == "sign_out":
            continue
        cases = [world.near, world.far, world.secret] if page.about in {"petition", "order"} else [world.near]
        for petition in cases:
            url = at(address, world, petition)
            status = ask(client, url)
            if status not in expected(world, user, page, petition):
                wrong.append((address.name, url, status))
    assert wrong == []


def test_who_is_not_signed_in_is_led_to_the_door_of_every_page(world: World) -> None:
    client = browser(None)
    wrong = []
    for address in addresses():
        if is_public(address.name) or address.name not in PAGES:
            continue
        answer = client.get(at(address, world, world.near))
        if answer.status_code != 302 or not (
            address.name == "set_language" or "/sign-in/" in answer.headers["Location"]
        ):
            wrong.append((address.name, answer.status_code))
    assert wrong == []


@pytest.mark.parametrize("permission", [key for key in full_matrix() if key.startswith("petitions.")])
def test_the_cases_a_permission_reaches_equal_the_tables(world: World, permission: str) -> None:
    for role, name in PEOPLE.items():
        user = world.city.people[name]
        found = set(Petition.objects.within(user, permission).values_list("pk", flat=True))
        wanted = {p.pk for p in (world.near, world.far, world.secret) if reaches(world, user, permission, p)}
        assert found == wanted, (permission, role)


# ---- the API: scopes of a key instead of roles ----

API = {
    "api_petitions": ("petitions:read", "petitions:write"),
    "api_petition_search": (None, "petitions:read"),
    "api_petition": ("petitions:read", None),
    "api_petition_withdraw": (None, "petitions:write"),
    "api_petition_material": (None, "petitions:write"),
    "api_petition_identities": (None, "identities:read"),
    "api_petition_events": ("petitions:read", None),
    "api_petition_clocks": ("petitions:read", None),
    "api_petition_clock": ("petitions:read", None),
    "api_petition_reviews": ("petitions:read", None),
    "api_petition_documents": ("petitions:read", None),
    "api_petition_document_file": ("petitions:read", None),
    "api_petition_supervision": ("petitions:read", None),
    "api_bulk": (None, "petitions:write"),
    # A job is told to who may begin one of its kind; what the key does not reach is 404.
    "api_job": ("", None),
    **dict.fromkeys(["api_job_rows", "api_job_errors"], ("petitions:write", None)),
    "api_datasets": ("reports:read", "reports:read"),
    **dict.fromkeys(["api_dataset", "api_dataset_file"], ("reports:read", None)),
    "api_orders": ("petitions:read", None),
    "api_order": ("petitions:read", None),
    **dict.fromkeys(
        [f"api_order_{step}" for step in ("sign", "contact", "extend", "return", "explanation", "feedback")],
        (None, "orders:write"),
    ),
    "api_inbound": (None, "petitions:write"),
    "api_inbound_one": ("petitions:write", None),
    "api_inbound_status": (None, "petitions:write"),
    "api_backlog_cases": ("backlog:read", None),
    "api_backlog_case": ("backlog:read", None),
    "api_backlog_case_tasks": ("backlog:read", "backlog:write"),
    "api_backlog_case_milestones": ("backlog:read", "backlog:write"),
    "api_backlog_milestone": ("backlog:read", None),
    **dict.fromkeys(
        ["api_backlog_milestone_change", "api_backlog_milestone_reach", "api_backlog_milestone_remove"],
        (None, "backlog:write"),
    ),
    "api_backlog_boards": ("backlog:read", None),
    "api_backlog_tasks": ("backlog:read", None),
    "api_backlog_task": ("backlog:read", None),
    "api_backlog_task_report": (None, "backlog:write"),
    "api_webhook_endpoints": ("webhooks:manage", "webhooks:manage"),
    **dict.fromkeys(
        ["api_webhook_endpoint", "api_webhook_endpoint_secret", "api_webhook_deliveries", "api_webhook_delivery"],
        ("webhooks:manage", None),
    ),
    **dict.fromkeys(
        [f"api_webhook_endpoint_{step}" for step in ("change", "remove", "rotate", "test", "resend")],
        (None, "webhooks:manage"),
    ),
    "api_webhook_delivery_resend": (None, "webhooks:manage"),
    "api_indicators": ("reports:read", None),
    **dict.fromkeys(["api_units", "api_areas", "api_categories"], ("", None)),
}
_PAGES_FOR_PEOPLE = {"api_schema", "api_docs"}


def test_every_resource_stands_in_the_table() -> None:
    names = {address.name for address in addresses() if address.name.startswith("api_")} - _PAGES_FOR_PEOPLE
    assert names == API.keys()


@pytest.mark.parametrize("scope", [None, *ApiScope.values])
def test_what_a_key_may_ask_equals_its_scopes(world: World, scope: str | None) -> None:
    from django.utils import timezone

    from gateway import actions
    from gateway.authentication import forget_cached_keys
    from gateway.gates import forget_rates
    from gateway.reference import forget_cached_reference

    for forget in (forget_cached_keys, forget_rates, forget_cached_reference):
        forget()
    headers = {}
    if scope is not None:
        now = timezone.now()
        made = {"channel": "online", "unit": world.city.district, "scopes": [scope], "at": now}
        headers = {"Authorization": f"Bearer {actions.issue_key(actions.create_client(scope, **made), at=now).text}"}
    client, wrong = browser(None), []
    for address in addresses():
        if address.name not in API:
            continue
        values = dict.fromkeys(address.parts, NOTHING)
        for method, wanted in zip(("GET", "POST"), API[address.name], strict=True):
            sent = {**headers, "Idempotency-Key": f"{address.name}-{scope}"}
            answer = client.generic(method, address.at(**values), "{}", "application/json", headers=sent)
            if scope is None:
                fits = answer.status_code == 401
            elif wanted is None:
                fits = answer.status_code in {403, 405}
            elif wanted in ("", scope):
                # 415: a file is wanted here.
                fits = answer.status_code in {200, 400, 404, 412, 415, 422, 428}
            else:
                fits = answer.status_code == 403
            if not fits:
                wrong.append((method, address.name, answer.status_code))
    assert wrong == []
