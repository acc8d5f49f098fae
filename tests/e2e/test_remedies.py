"""Review and hearing in a real browser: every page fits, passes axe, and reads on a phone."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from petitions.actions import hearings
from petitions.models import Petition
from tests.city import City
from tests.remedies import DAY, admitted, concluded, decided, delivered, held, rereviewed, sat, seats

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def busy(city: City) -> City:
    """A review to decide, one decided, a hearing in session, one concluded, and a matter that has ended."""
    city.at = timezone.now() - 40 * DAY
    shelf = city.__dict__
    shelf["running"] = admitted(city, delivered(city, at=timezone.now() - 6 * DAY), at=timezone.now() - 2 * DAY)
    shelf["decided"] = decided(city, outcome="change")
    shelf["ended"] = rereviewed(city)
    row = held(city, admitted(city).petition, seats=seats(city))
    sat(city, row)
    hearings.take_down(
        row.petition_id,
        phase="statement",
        text="三号楼电梯停运两个月，老人上下楼困难，请求明确责任和修复期限。",
        member=row.members.get(part="petitioner"),
        actor=city.district_reviewer,
        at=row.held_at + timedelta(minutes=10),
    )
    shelf["sitting"] = row
    done = held(city, admitted(city).petition)
    shelf["concluded"] = concluded(city, sat(city, done))
    return city


@pytest.mark.parametrize("size", ["page", "phone"])
def test_every_page_of_review_and_hearing_is_accessible_and_fits(
    busy: City, live_server: Any, request: pytest.FixtureRequest, signed_in: Callable[[Any, Any], Any], size: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page, axe, wrong = request.getfixturevalue(size), Axe(), []
    signed_in(page, busy.district_reviewer)
    shelf, shots = busy.__dict__, os.environ.get("YQ_SHOTS", "")
    running = shelf["running"]
    assert Petition.objects.visible_to(busy.district_reviewer).filter(pk=running.petition_id).exists()
    paths = {
        "list": "/reviews/?tab=mine",
        "review": f"/reviews/{running.pk}/",
        "decided": f"/reviews/{shelf['decided'].pk}/",
        "hearings": "/hearings/?tab=set",
        "sitting": f"/hearings/{shelf['sitting'].pk}/",
        "concluded": f"/hearings/{shelf['concluded'].pk}/",
        "publish": f"/hearings/{shelf['concluded'].pk}/publish/",
        "decide": f"/petitions/{running.petition_id}/do/decide_review/",
        "hold": f"/petitions/{running.petition_id}/do/hold_hearing/",
        "procedure": f"/petitions/{shelf['ended'].pk}/?tab=procedure",
        "case": f"/petitions/{running.petition_id}/",
        "desk": "/",
    }
    for name, path in paths.items():
        page.goto(f"{live_server.url}{path}")
        if shots:
            page.screenshot(path=str(Path(shots) / f"{name}-{size}.png"), full_page=True)
        result = axe.run(page)
        wrong += [f"{path}: {v['id']} {v['nodes'][0]['html'][:120]}" for v in result.response["violations"]]
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        wrong += [f"{path}: {wide}px too wide"] if wide > 0 else []
    assert wrong == []
