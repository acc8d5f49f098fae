"""Supervision in a real browser: the fields of a level appear when it is chosen, and every page passes axe."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from dispatch.actions import findings, supervision
from dispatch.models import Proposal
from tests.city import City, make_order
from tests.dispatch.test_suggestions import make as make_suggestion
from tests.dispatch.test_supervision import TEXT, issue
from tests.e2e.looking import faults_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def busy(city: City) -> City:
    """A finding, an order that waits, one that is answered, and a suggestion."""
    city.at = timezone.now() - timedelta(hours=8)
    make_order(city, at=timezone.now() - timedelta(days=14))
    findings.find(at=timezone.now())
    city.__dict__["waiting"] = issue(city)
    city.__dict__["answered"] = issue(city, level="letter")
    supervision.answer(city.__dict__["answered"].pk, text=TEXT, actor=city.leader, at=city.at)
    city.__dict__["suggestion"] = make_suggestion(city, at=timezone.now() - timedelta(days=40))
    return city


@pytest.mark.parametrize("size", ["page", "phone"])
def test_every_page_of_supervision_is_accessible_and_fits(
    busy: City, live_server: Any, request: pytest.FixtureRequest, signed_in: Callable[[Any, Any], Any], size: str
) -> None:
    page, wrong = request.getfixturevalue(size), []
    waiting, answered, suggestion = (busy.__dict__[name].pk for name in ("waiting", "answered", "suggestion"))
    finding = Proposal.objects.latest("pk").pk
    screens = [
        ("officer", "/supervision/?tab=findings"),
        ("officer", "/supervision/?tab=running"),
        ("leader", "/supervision/"),
        ("officer", f"/supervision/{waiting}/"),
        ("officer", f"/supervision/{answered}/do/accept/"),
        ("officer", f"/supervision/{waiting}/do/raise/?level=circular"),
        ("officer", f"/supervision/{waiting}/print/"),
        ("officer", f"/supervision/new/?finding={finding}"),
        ("officer", f"/supervision/findings/{finding}/do/snooze/"),
        ("officer", "/suggestions/"),
        ("officer", "/suggestions/new/?kind=improve_policy"),
        ("leader", f"/suggestions/{suggestion}/"),
        ("officer", f"/suggestions/{suggestion}/print/"),
    ]
    for who, path in screens:
        page.context.clear_cookies()
        signed_in(page, busy.people[who])
        wrong += faults_of(page, live_server.url + path, who=who)
    assert not wrong, "\n".join(wrong)


def test_choosing_a_level_brings_its_fields_and_keeps_what_was_typed(
    busy: City, live_server: Any, page: Any, signed_in: Callable[[Any, Any], Any]
) -> None:
    signed_in(page, busy.officer)
    page.goto(f"{live_server.url}/supervision/{busy.__dict__['waiting'].pk}/do/raise/")
    page.fill("textarea[name=reason]", "逾期未答复，群众反映强烈")
    page.click("label:has(input[value=interview])")
    page.wait_for_selector("input[name=talk_place]")
    page.fill("input[name=talk_place]", "302室")
    assert page.input_value("textarea[name=reason]") == "逾期未答复，群众反映强烈"
    page.click("label:has(input[value=listed])")
    page.wait_for_selector("input[name=listed_until]")
    assert page.locator("input[name=talk_place]").count() == 0
