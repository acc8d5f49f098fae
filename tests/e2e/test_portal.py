"""A citizen's way in a real browser: on a telephone, with and without JavaScript, and what axe says of every page."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from petitions import actions
from petitions.actions import documents
from petitions.models import Petition, ReviewRequest
from portal.models import Link
from tests.city import City, build_city, make_order, make_petition, replied
from tests.conftest import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
VALUES = {"route": "本事项由海曙区住建局办理", "next_step": "该局将在15日内书面告知您是否受理"}


@pytest.fixture(params=["with script", "without script"])
def telephone(browser: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A telephone's browser, 390 × 844."""
    has_script = request.param == "with script"
    context = browser.new_context(
        viewport=PHONE, has_touch=True, is_mobile=True, java_script_enabled=has_script, locale="zh-CN"
    )
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def answered(city: City) -> Petition:
    petition = replied(city, at=timezone.now() - timedelta(hours=8))
    return actions.deliver_opinion(petition.pk, way="by_hand", actor=city.officer, at=timezone.now())


def letter(city: City, petition: Petition) -> None:
    at = timezone.now()
    made = documents.draft(petition.pk, "receipt", values=VALUES, actor=city.officer, at=at)
    documents.submit(made.pk, actor=city.officer, at=at)
    documents.sign(made.pk, actor=city.officer, at=at)
    documents.issue(made.pk, actor=city.officer, at=at)


def enter(page: Any, url: str, petition: Petition) -> None:
    page.goto(f"{url}/portal/")
    page.locator("a.door--main").tap()
    page.fill("#id_code", petition.query_code.lower())
    page.locator("form.form button.go").tap()
    page.wait_for_url("**/portal/matter/")


def test_a_matter_is_followed_rated_and_taken_to_review(telephone: Any, live_server: Any) -> None:
    city, page = build_city(), telephone
    petition = answered(city)
    letter(city, petition)
    enter(page, live_server.url, petition)
    assert "海曙区住建局" in page.inner_text("main")
    page.locator("a.doc--new").tap()
    page.locator("main form button.go").tap()
    page.wait_for_selector("article.paper")
    page.goto(f"{live_server.url}/portal/matter/rate/")
    page.locator("label[for=id_unit_2]").tap()
    page.locator("label[for=id_office_0]").tap()
    page.locator("details.why summary").first.tap()
    page.locator("label[for=id_unit_reasons_1]").tap()
    page.locator("form.form button.go").tap()
    page.wait_for_url("**/portal/thanks/")
    assert petition.ratings.get(subject="unit").score == 1
    page.goto(f"{live_server.url}/portal/matter/do/review/")
    page.fill("#id_request", "处理意见没有回应赔偿请求。")
    page.locator("form.form button.go").first.tap()
    page.wait_for_url("**/portal/matter/")
    assert ReviewRequest.objects.get().is_by_citizen
    page.locator("form[action$='/leave/'] button").tap()
    page.wait_for_url("**/portal/left/")
    page.goto(f"{live_server.url}/portal/matter/")
    assert "/portal/track/" in page.url


def screens(city: City, url: str) -> list[str]:
    """Every page without a matter."""
    return [
        f"{url}/portal/{path}"
        for path in ("", "reach/", "procedure/", "privacy/", "track/", "left/", "hearings/", "notices/", "l/none/")
    ]


@pytest.mark.parametrize("size", ["page", "phone"])
def test_no_page_has_an_accessibility_violation_or_breaks_the_csp(
    live_server: Any, request: pytest.FixtureRequest, complaints: list[str], size: str, signed_in: Callable[..., Any]
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    city, page, axe = build_city(), request.getfixturevalue(size), Axe()
    url, wrong = live_server.url, []

    def look(path: str) -> None:
        page.goto(path)
        found = axe.run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
        wrong.extend(f"{path}: {v['id']} at {v['nodes'][0]['target']}" for v in found.response["violations"])
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"], path
        small = page.evaluate(
            "[...document.querySelectorAll('main button, main a.go, main .pick, main .chip, header button')]"
            ".filter(e => e.offsetHeight && e.offsetHeight < 44).map(e => e.outerHTML.slice(0, 80))"
        )
        assert not small, f"{path}: {small}"

    for path in screens(city, url):
        look(path)
    done, running = answered(city), make_order(city, at=timezone.now()).petition
    letter(city, running)
    accused = make_petition(city, at=timezone.now(), purpose="JK", respondent_unit=city.housing)
    for petition, keys in (
        (done, ["review"]),
        (running, ["supplement", "hearing", "recusal", "withdraw"]),
        (accused, []),
    ):
        page.context.clear_cookies()
        _link, token = actions_link(petition, city)
        page.goto(f"{url}/portal/l/{token}/")
        for path in ("", "rate/", "letters/", *(f"do/{key}/" for key in keys)):
            look(f"{url}/portal/matter/{path}")
        for document in petition.documents.filter(state="issued"):
            look(f"{url}/portal/matter/letters/{document.pk}/")
    signed_in(page, city.officer)
    page.goto(f"{url}/petitions/{done.pk}/citizen/")
    found = axe.run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    wrong.extend(f"officer: {v['id']} at {v['nodes'][0]['target']}" for v in found.response["violations"])
    # The dead link is answered as not found, which the browser's console repeats.
    complaints[:] = [text for text in complaints if "404" not in text]
    assert not wrong, "\n".join(wrong)


def actions_link(petition: Petition, city: City) -> tuple[Link, str]:
    from portal.actions import issue

    return issue(petition.pk, Link.Goal.TRACK, actor=city.officer, at=timezone.now())
