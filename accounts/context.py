"""What the shell around every page needs: navigation, badges, the frame a page is drawn in.

Accounts knows no later room, so a room tells the shell what to count: `register_badge("notices", count_unread)`.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.preferences import LANGUAGE_NAMES
from accounts.responses import in_dialog

logger = logging.getLogger(__name__)

Counter = Callable[[User], int]
BADGE_SECONDS = 15
BADGE_CAP = 999
_COUNTERS: dict[str, Counter] = {}


def register_badge(name: str, counter: Counter) -> None:
    """Have the entry `name` of the rail show `counter(user)`; the bell shows "notices". Call it from `ready()`."""
    _COUNTERS[name] = counter


def badge(name: str, user: User) -> int:
    """The count behind one badge, at most BADGE_SECONDS old; 0 when nobody registered it.

    The rail is on every page, so a cache that is down or a counter that fails must not take the page with it.
    """
    counter = _COUNTERS.get(name)
    if counter is None or not user.is_authenticated:
        return 0
    key = f"badge:{name}:{user.pk}"
    is_cached = True
    try:
        found = cache.get(key)
    except Exception:
        logger.warning("The cache does not answer; badges are counted each time")
        found, is_cached = None, False
    if found is not None:
        return int(found)
    count = counter(user)
    if is_cached:
        try:
            cache.set(key, count, BADGE_SECONDS)
        except Exception:
            logger.warning("The cache does not take the badge %s", name)
    return count


def forget_badges(user: User) -> None:
    """Count anew on the next page: call it when the person has just read or handled something."""
    try:
        cache.delete_many([f"badge:{name}:{user.pk}" for name in _COUNTERS])
    except Exception:
        logger.warning("The cache does not answer; badges catch up within %s s", BADGE_SECONDS)


@dataclass(frozen=True)
class Place:
    """One entry of the rail; without a `permission` everyone has it."""

    name: str
    label: Promise
    icon: str
    permission: str = ""
    is_bar: bool = False
    starts_group: bool = False
    is_alarm: bool = False

    def is_open_to(self, user: User) -> bool:
        """Whether the person sees the entry; the page behind it checks for itself."""
        return not self.permission or user.may(self.permission)


PLACES = (
    Place("desk", _("My day"), "layout-dashboard", is_bar=True),
    Place("worklist", _("Petitions"), "inbox", permission="petitions.view", is_bar=True),
    Place("unit_console", _("Work orders"), "building-2", permission="dispatch.view", is_bar=True),
    Place("supervision_list", _("Supervision"), "gavel", permission="dispatch.view_supervision"),
    Place("document_approvals", _("Sign-off"), "signature", permission="petitions.document_check"),
    Place("review_list", _("Reviews"), "scale", permission="petitions.view_reviews"),
    Place("backlog", _("Backlog"), "folder-clock", permission="backlog.view"),
    Place("wall", _("War room"), "map", permission="backlog.wall"),
    Place("meetings", _("Weekly dispatch"), "video", permission="backlog.view_meetings"),
    Place("reception_days", _("Receptions"), "handshake", permission="backlog.view_receptions"),
    Place("backlog_tasks", _("Tasks"), "square-check-big", permission="backlog.view_tasks"),
    Place("insights", _("Statistics"), "chart-column", permission="insights.view"),
    Place("notices", _("Notices"), "bell", is_bar=True, is_alarm=True),
    Place("record_book", _("My record book"), "notebook-text", permission="petitions.write_record"),
    Place("callbacks", _("Callbacks"), "phone-call", permission="dispatch.call_back"),
    Place("rules", _("Rules and calendar"), "calendar-cog", permission="dispatch.rules"),
    Place("document_templates", _("Document templates"), "file-text", permission="petitions.document_templates"),
    Place("drill", _("Escalation drill"), "siren", permission="dispatch.drill"),
    Place("limits", _("Limits of the loop"), "gauge", permission="dispatch.limits"),
    Place("retention", _("Archive"), "archive", permission="petitions.retention"),
    Place("checklists", _("Checklists of steps"), "list-checks", permission="petitions.checklists"),
    Place("jobs", _("Batch jobs"), "list-checks"),
    Place("access_log", _("Access log"), "eye", permission="petitions.access_log"),
    Place("matrix", _("Who may do what"), "shield-check", starts_group=True),
    Place("admin:index", _("Reference data"), "database", permission="accounts.manage", is_bar=True),
    Place("api_docs", _("API documents"), "braces"),
)


@dataclass(frozen=True)
class Entry:
    """A place with its address, ready to draw. The badge is counted only when the template asks for it."""

    place: Place
    url: str
    user: User

    @property
    def badge(self) -> str:
        """The count as text, "999+" at most, '' for none."""
        return badge_text(self.place.name, self.user)


def badge_text(name: str, user: User) -> str:
    """A badge as the shell writes it."""
    count = badge(name, user)
    if count <= 0:
        return ""
    return str(count) if count <= BADGE_CAP else f"{BADGE_CAP}+"


def _url_or_none(name: str) -> str | None:
    try:
        return reverse(name)
    except NoReverseMatch:
        return None


class Shell:
    """Lazy: an answer that draws no shell (an htmx fragment) pays for nothing here."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @cached_property
    def user(self) -> User | None:
        user = getattr(self.request, "user", None)
        return user if isinstance(user, User) else None

    @property
    def frame(self) -> str:
        """The template to extend when a page serves signed-in and anonymous people alike."""
        return "base.html" if self.user and not self.user.must_change_password else "bare.html"

    @cached_property
    def entries(self) -> list[Entry]:
        """The rail. A place whose room has no address yet is left out."""
        return list(self._entries(self.user)) if self.user else []

    @staticmethod
    def _entries(user: User) -> Iterator[Entry]:
        for place in PLACES:
            # The address first: a room that is not there has no permission table to ask either.
            url = _url_or_none(place.name)
            if url and place.is_open_to(user):
                yield Entry(place, url, user)

    @property
    def current(self) -> str:
        """The name of the page's own address; a page below another one passes `nav` to the template instead."""
        match = self.request.resolver_match
        return match.view_name if match else ""

    @property
    def search_url(self) -> str | None:
        url = _url_or_none("search")
        return url if url and self.user and self.user.may("petitions.view") else None

    @property
    def register_url(self) -> str | None:
        url = _url_or_none("petition_new")
        return url if url and self.user and self.user.may("petitions.register") else None

    @property
    def notices_url(self) -> str | None:
        return _url_or_none("notices")

    @property
    def unread(self) -> str:
        """The number on the bell."""
        return badge_text("notices", self.user) if self.user else ""

    @property
    def other_language(self) -> tuple[str, str]:
        """Code and own name of the language to switch to."""
        current = getattr(self.request, "LANGUAGE_CODE", settings.LANGUAGE_CODE)
        code = "zh-hans" if current == "en" else "en"
        return code, LANGUAGE_NAMES[code]


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor. `page_shell` is what a page that may open in the dialog extends."""
    is_dialog = in_dialog(request)
    return {
        "shell": Shell(request),
        "now": timezone.now(),
        "is_dialog": is_dialog,
        "page_shell": "components/dialog.html" if is_dialog else "base.html",
    }
