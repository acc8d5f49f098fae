"""What a page must never have, wherever a test opens it: barriers (WCAG 2.2 AA, by axe), a sideways scroll."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


@contextmanager
def settled(page: Any, *, quiet: float = 0.15) -> Iterator[None]:
    """After the block wait until no request of the page has been under way for `quiet` seconds.

    Playwright's "networkidle" is the same with half a second, which a browser test pays on every page.
    """
    under_way: set[Any] = set()
    moved = [time.monotonic()]

    def begins(request: Any) -> None:
        under_way.add(request)
        moved[0] = time.monotonic()

    def ends(request: Any) -> None:
        under_way.discard(request)
        moved[0] = time.monotonic()

    heard = {"request": begins, "requestfinished": ends, "requestfailed": ends}
    for name, hear in heard.items():
        page.on(name, hear)
    yield
    until = time.monotonic() + 30
    while under_way or time.monotonic() - moved[0] < quiet:
        assert time.monotonic() < until, f"{page.url} never comes to rest: {sorted(r.url for r in under_way)}"
        page.wait_for_timeout(20)
    for name, hear in heard.items():
        page.remove_listener(name, hear)


def faults_of(page: Any, address: str, *, who: str = "") -> list[str]:
    """Open the address, which must answer 200, and say what is wrong with it; nothing for a good page."""
    from axe_playwright_python.sync_playwright import Axe

    with settled(page):
        answer = page.goto(address)
    assert answer.status == 200, f"{address}: {answer.status}"
    label = f"{page.url} ({who})" if who else page.url
    found = Axe().run(page, options=_WCAG).response["violations"]
    wrong = [f"{label}: {v['id']} at {v['nodes'][0]['target']}" for v in found]
    width = page.evaluate("document.documentElement.scrollWidth")
    if width > page.viewport_size["width"]:
        wrong.append(f"{label} scrolls sideways: {width}")
    return wrong
