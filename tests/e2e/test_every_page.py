"""A computer checks what eyes and ears need on the pages of the house (who finds what there: tests/access)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from dispatch.actions import orders
from gateway.actions import create_client, webhooks
from insights.actions import outlooks, tallies
from petitions import actions
from petitions.models import Petition
from tests.city import City, fed_back, make_order, make_petition, replied
from tests.e2e.looking import faults_of


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
        "/gateway/datasets/",
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
SCREENS += [("admin", "/gateway/clients/new/"), ("", "/developers/")]
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
