"""What a page must never have, wherever a test opens it: barriers (WCAG 2.2 AA, by axe), a sideways scroll."""

from typing import Any

_WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


def faults_of(page: Any, address: str, *, who: str = "") -> list[str]:
    """Open the address, which must answer 200, and say what is wrong with it; nothing for a good page."""
    from axe_playwright_python.sync_playwright import Axe

    answer = page.goto(address)
    page.wait_for_load_state("networkidle")
    assert answer.status == 200, f"{address}: {answer.status}"
    label = f"{page.url} ({who})" if who else page.url
    found = Axe().run(page, options=_WCAG).response["violations"]
    wrong = [f"{label}: {v['id']} at {v['nodes'][0]['target']}" for v in found]
    width = page.evaluate("document.documentElement.scrollWidth")
    if width > page.viewport_size["width"]:
        wrong.append(f"{label} scrolls sideways: {width}")
    return wrong
