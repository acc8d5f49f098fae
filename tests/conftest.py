"""Fixtures every test may use: a clean cache, and a real Chromium that fails the test on any complaint it prints."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.test import Client

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BROWSER_FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}

# The threads of the live server that are answering right now.
answering: set[threading.Thread] = set()


@request_started.connect
def _begins(**_kwargs: Any) -> None:
    answering.add(threading.current_thread())


@request_finished.connect
def _ends(**_kwargs: Any) -> None:
    answering.discard(threading.current_thread())


@pytest.fixture(autouse=True)
def all_answered(request: pytest.FixtureRequest) -> Iterator[None]:
    """No test ends while the live server has something under way.

    A page that is closed leaves its last requests running. The emptying of the database, which comes after this, would
    meet them in a deadlock, or their rows would be the next test's.
    """
    if "live_server" in request.fixturenames:
        request.getfixturevalue("transactional_db")
    yield
    until = time.monotonic() + 20
    while time.monotonic() < until and any(t.is_alive() for t in answering - {threading.current_thread()}):
        time.sleep(0.01)


@pytest.fixture(autouse=True)
def clean_cache() -> None:
    """Each test starts with an empty cache and an empty broker: both live in this worker's Redis database."""
    cache.clear()


@pytest.fixture(autouse=True)
def patient_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine at work a page of results may take its time; tests that want it impatient say so."""
    monkeypatch.setattr("petitions.finding.FIRST_PAGE", 10.0)


@pytest.fixture(autouse=True)
def own_language() -> None:
    """Each test starts in the interface's language, whatever the one before it switched to."""
    from django.conf import settings
    from django.utils import translation

    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One Chromium for the session; the tests that need it are skipped where there is none."""
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        pytest.skip(f"no browser: none of {', '.join(BROWSERS)} is on PATH; install one to run this test")
    from playwright.sync_api import sync_playwright

    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright keeps an event loop in this thread; the ORM is still called from synchronous code only.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        chromium = playwright.chromium.launch(executable_path=executable, args=BROWSER_FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complained about (console errors, CSP violations, script errors).

    A non-empty list fails the test at its end; a test that provokes a complaint on purpose checks and clears it.
    """
    return []


def open_page(browser: Any, complaints: list[str], **options: Any) -> Iterator[Any]:
    """A page in a context of its own whose complaints are collected, and asserted empty in the end."""
    context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", **options)
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert not complaints, "the browser complained: " + "; ".join(complaints)


@pytest.fixture
def page(browser: Any, complaints: list[str]) -> Iterator[Any]:
    """A desk's screen, 1440 × 900."""
    yield from open_page(browser, complaints, viewport=DESK)


@pytest.fixture
def phone(browser: Any, complaints: list[str]) -> Iterator[Any]:
    """A phone's screen, 390 × 844, touched rather than clicked."""
    yield from open_page(browser, complaints, viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=2)


@pytest.fixture
def signed_in(live_server: Any) -> Callable[[Any, Any], Any]:
    """`signed_in(page, user)` opens a session for the user in that page's browser, without the sign-in form."""

    def sign_in(page: Any, user: Any) -> Any:
        client = Client()
        client.force_login(user, backend="accounts.backends.StaffBackend")
        cookie = client.cookies["sessionid"]
        page.context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": live_server.url}])
        return page

    return sign_in


@pytest.fixture
def city(db: None) -> Any:
    """The small city of tests/city.py."""
    from tests.city import build_city

    return build_city()


@pytest.fixture(scope="session")
def quick_migrations() -> Iterator[None]:
    """The tables of the first migrations are made in one step (tests/migrating.py)."""
    from tests.migrating import create_at_once

    with pytest.MonkeyPatch.context() as patch:
        create_at_once(patch)
        yield


@pytest.fixture(scope="session")
def django_db_setup(quick_migrations: None, django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Transactional tests clean up by emptying the tables, which the guards refuse; their own tests switch them on."""
    from django.db import connection

    from tests import flushing

    with pytest.MonkeyPatch.context() as patch:
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute("ALTER TABLE petitions_event DISABLE TRIGGER event_no_truncate")
            cursor.execute("ALTER TABLE accounts_accesslog DISABLE TRIGGER access_log_no_truncate")
            if flushing.may_empty():
                flushing.replace_flush(patch)
        yield


@pytest.fixture(autouse=True)
def fresh_rules() -> None:
    """Rules and calendar are cached per process; no test may see another's."""
    from dispatch.actions.clocks import forget_cached_rules
    from dispatch.talks import forget_talk_rules
    from dispatch.twice import forget_limits
    from petitions.checklists import forget_checklists

    forget_cached_rules()
    forget_limits()
    forget_talk_rules()
    forget_checklists()
