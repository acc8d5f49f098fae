"""Every address of the site: outsiders, the anonymous, and a computer that checks what eyes and ears need."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from dispatch.actions import orders
from gateway.actions import create_client, webhooks
from insights.actions import outlooks, tallies
from petitions import actions
from petitions.models import Petition
from tests.city import City, fed_back, make_order, make_petition, replied
from tests.e2e.looking import faults_of

PUBLIC = {"healthz", "metrics", "sign_in", "language", "sign_out", "shortcuts", "wall_screen", "break_glass"}
# Answered by their own rules: the API and Open311 by keys (tests/gateway), the admin by its own sign-in and single
# sign-on by the provider (tests/accounts).
ELSEWHERE = ("api/", "^open311/", "admin/", "oidc/", "static/", "i18n/")


def patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for part in resolver.url_patterns:
        route = prefix + str(part.pattern)
        if isinstance(part, URLResolver):
            yield from patterns(part, route)
        elif not route.startswith(ELSEWHERE) and part.name:
            yield route, part


ALL = sorted({(route, part.name or "") for route, part in patterns(get_resolver())})


def address(name: str, city: City) -> str:
    """The address with real primary keys and plausible words in it."""
    order = city.__dict__["order"]
    values = {
        "move": "dispatch" if "petition" in name else "sign",
        "key": "petition_new",
        "name": "suggest",
        "part": "suggest",
        "form": "pdf",
    }
    for route, found in ALL:
        if found != name:
            continue
        arguments = {}
        for word in route.replace(">", "<").split("<")[1::2]:
            kind, _colon, key = word.rpartition(":")
            pk = order.pk if name.startswith("order") else order.petition_id
            # A pattern by regular expression names no kind; of a meeting the papers are two.
            is_number = kind == "int" or key == "pk"
            arguments[key] = (
                pk if is_number else "minutes" if name == "meeting_paper" and key == "kind" else values.get(key, "x")
            )
        return reverse(name, kwargs=arguments)
    raise AssertionError(name)


@pytest.fixture
def case(city: City) -> City:
    city.__dict__["order"] = make_order(city)
    return city


@pytest.mark.parametrize("name", sorted({name for _route, name in ALL}))
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
@pytest.mark.parametrize("name", sorted({n for route, n in ALL if "<int:" in route}))
def test_an_outsider_finds_nothing_at_the_address_of_a_case(case: City, client: Client, name: str, who: str) -> None:
    client.force_login(case.people[who], backend="accounts.backends.StaffBackend")
    for method in (client.get, client.post):
        answer = method(address(name, case))
        # Another person's saved view or a step that only takes POST is no case either.
        assert answer.status_code in {404, 405}, f"{name}: {answer.status_code}"
        assert "电梯" not in answer.content.decode()


@pytest.mark.parametrize("who", ["leader", "handler", "dispatcher", "district_officer", "inspector"])
@pytest.mark.parametrize("name", sorted({n for route, n in ALL if "<int:" in route}))
def test_an_accusation_is_at_no_address_for_the_unit_complained_of(
    city: City, client: Client, name: str, who: str
) -> None:
    accused = make_petition(city, purpose="JK", respondent_unit=city.units["housing"])
    order = make_order(city, petition=accused, lead=city.units["town"])
    city.__dict__["order"] = order
    client.force_login(city.people[who], backend="accounts.backends.StaffBackend")
    for method in (client.get, client.post):
        assert method(address(name, city)).status_code in {404, 405}, name


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
    for name in sorted({name for _route, name in ALL} - {"sign_out", "healthz"}):
        for method in (client.get, client.post):
            assert method(address(name, case)).status_code < 500, name


def states(city: City) -> dict[str, Petition]:
    """One petition in each state somebody looks at."""
    late = make_order(city, at=city.at - timedelta(days=20), urgency="urgent")
    checked = fed_back(city)
    done = replied(city)
    answered = make_petition(city, purpose="ZX", headcount=7, affected_count=30)
    actions.answer_at_once(answered.pk, answer="可在窗口办理。", agreed=True, actor=city.people["officer"], at=city.at)
    fresh = make_petition(city, is_anonymous=True)
    moved = make_order(city)
    orders.recall(moved.pk, reason="不属该单位职责", actor=city.people["officer"], at=city.at)
    make_order(city, petition=moved.petition, lead=city.units["enforcement"], at=city.at + timedelta(hours=3))
    tallies.recount(at=city.at)
    outlooks.refresh(at=city.at)
    return {"late": late.petition, "checked": checked.petition, "done": done, "answered": answered, "fresh": fresh}


SCREENS = [
    ("officer", p)
    for p in (
        "/",
        "/petitions/",
        "/petitions/?view=all",
        "/petitions/new/",
        "/notices/",
        "/orders/",
        "/me/",
        "/matrix/",
        "/statistics/",
        "/statistics/?group=timeliness&period=2026-11",
        "/statistics/units/330203-HOUSING/",
        "/statistics/rows/orders/all/",
        "/statistics/passing/",
        "/statistics/passing/rows/",
        "/statistics/outlook/?floor=0.2",
        "/statistics/calibration/",
        "/statistics/definitions/",
        "/rules/",
        "/rules/O_feedback_7d/",
        "/rules/D05_handle/edit/",
        "/rules/changes/",
        "/calendar/",
        "/calendar/days/",
        "/calendar/hours/",
        "/reports/annual/",
        "/gateway/triage/",
        "/gateway/channels/",
        "/gateway/channels/hotline/",
        "/gateway/lines/",
        "/gateway/lines/new/",
        "/gateway/bulk/",
        "/me/second-factor/",
    )
]
SCREENS += [("handler", "/"), ("handler", "/orders/"), ("inspector", "/"), ("admin", "/"), ("agent", "/")]
CASES = [
    ("officer", "late", ""),
    ("officer", "fresh", "do/dispatch/"),
    ("officer", "fresh", "do/merge/"),
    ("officer", "done", ""),
    ("officer", "done", "do/rate/"),
    ("officer", "done", "do/close/"),
    ("officer", "done", "?tab=orders"),
    ("officer", "done", "?tab=matter"),
    ("officer", "answered", "?tab=log"),
    ("leader", "late", ""),
]


def told(city: City) -> list[tuple[str, str]]:
    """An endpoint of another system with what was sent to it, and its pages."""
    at = city.at
    client = create_client(
        "12345 平台", channel="hotline", unit=city.units["hotline"], scopes=["petitions:read"], at=at
    )
    row = webhooks.create_endpoint(
        client, url="https://hooks.example/", types=["petition.closed"], actor=client.actor, at=at
    )
    sent = webhooks.test_endpoint(row, at=at)
    sent.log.create(at=at, status=503, answer="busy", took_ms=80)
    one = f"/gateway/webhooks/{row.pk}/"
    paths = ("/gateway/webhooks/", "/gateway/webhooks/new/", one, f"{one}secret/", f"{one}do/remove/")
    return [("officer", path) for path in (*paths, f"/gateway/deliveries/{sent.pk}/")]


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("size", ["page", "phone"])
def test_no_page_has_an_accessibility_violation_or_breaks_the_csp(
    city: City, live_server: Any, request: pytest.FixtureRequest, signed_in: Callable[[Any, Any], Any], size: str
) -> None:
    page, made = request.getfixturevalue(size), states(city)
    screens = [
        ("", "/sign-in/"),
        *SCREENS,
        *told(city),
        *[(who, f"/petitions/{made[key].pk}/{tail}") for who, key, tail in CASES],
    ]
    wrong = []
    for who, path in screens:
        page.context.clear_cookies()
        if who:
            signed_in(page, city.people[who])
        wrong += faults_of(page, live_server.url + path, who=who or "")
    assert not wrong, "\n".join(wrong)
