"""The tabs of the case page as data: a room adds one by registering it from its `ready()`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dispatch.case_file import CaseFile


def _nothing(_request: HttpRequest, _case: CaseFile) -> dict[str, Any]:
    return {}


def _no_count(_case: CaseFile) -> int | None:
    return None


def _everybody(_case: CaseFile) -> bool:
    return True


@dataclass(frozen=True)
class CaseTab:
    """One tab of the case page.

    `context` is asked only when the tab is shown, `count` on every page (so it must be cheap: no query of its own
    unless the number is worth one), `is_open` says who has the tab at all; without it the tab is 404.
    """

    key: str
    label: Promise
    template: str
    context: Callable[[HttpRequest, CaseFile], dict[str, Any]] = _nothing
    count: Callable[[CaseFile], int | str | None] = _no_count
    is_open: Callable[[CaseFile], bool] = _everybody
    # Lower stands further left.
    place: int = 50


_TABS: dict[str, CaseTab] = {}


def register_tab(tab: CaseTab) -> CaseTab:
    """Add a tab to the case page, or put another in the place of the one with the same key."""
    _TABS[tab.key] = tab
    return tab


def tabs_of(case: CaseFile) -> list[CaseTab]:
    """The tabs this reader has, from left to right."""
    return sorted((tab for tab in _TABS.values() if tab.is_open(case)), key=lambda tab: tab.place)


register_tab(CaseTab("matter", _("Matter and material"), "dispatch/case_matter.html", place=20))
register_tab(
    CaseTab(
        "orders",
        _("Work orders"),
        "dispatch/case_orders.html",
        count=lambda case: len(case.orders) or None,
        place=30,
    )
)
register_tab(
    CaseTab(
        "related",
        _("Related"),
        "dispatch/case_related.html",
        count=lambda case: case.history_count or None,
        place=80,
    )
)
register_tab(CaseTab("log", _("Access log"), "dispatch/case_log.html", is_open=lambda case: case.may_see_log, place=90))
