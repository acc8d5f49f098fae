"""The tabs of the backlog file as data: each part of the room registers its own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise

from accounts.models import User
from backlog.models import BacklogCase


def _nothing(_request: HttpRequest, _case: BacklogCase, _user: User) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class FileTab:
    """One tab of the backlog file; `context` is asked only when the tab is shown."""

    key: str
    label: Promise
    template: str
    context: Callable[[HttpRequest, BacklogCase, User], dict[str, Any]] = _nothing
    # Lower stands further left.
    place: int = 50


_TABS: dict[str, FileTab] = {}


def register_tab(tab: FileTab) -> FileTab:
    """Add a tab to the backlog file, or put another in the place of the one with the same key."""
    _TABS[tab.key] = tab
    return tab


def tabs() -> list[FileTab]:
    """From left to right."""
    return sorted(_TABS.values(), key=lambda tab: tab.place)
