"""Who a citizen is here: the holder of one matter's query code or link, for half an hour at a time.

The session names the petition; no address does. The code the session was opened with is kept as a digest, so that a
new code ends every session the old one opened.
"""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from accounts.middleware import public
from petitions.models import Petition, Rating
from petitions.permissions import citizen
from portal.actions import drop_unsent

SESSION_KEY = "portal"
# Under it and the step's name: the row of what was typed and not sent.
DRAFT_KEY = f"{SESSION_KEY}_draft_"
# After this long without a page; and never longer than MOST, whatever is clicked.
IDLE = timedelta(minutes=30)
MOST = timedelta(hours=4)
_NUMBER = re.compile(r"(\d{2,4})\D+(\d{1,7})")
_JOINED = ("lead_unit", "register_unit", "content_class", "district")


@dataclass(frozen=True)
class Matter:
    """The petition of this session, and how the person came to it."""

    petition: Petition
    way: str
    until: datetime
    # The page this session is held to, at the counter; "" for the petitioner's own.
    only: str = ""


def normal_code(typed: str) -> str:
    """A code as it is stored: full-width letters, blanks and hyphens forgiven."""
    return re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", typed)).upper()[:16]


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()[:32]


def by_code(number: str, code: str) -> Petition | None:
    """The petition of a code; a number, where one is typed, must be its own.

    The same look-up whatever is wrong, so that neither answer nor time tells a wrong code from an unknown number.
    """
    petition = Petition.objects.filter(query_code=normal_code(code) or "-").first()
    typed = unicodedata.normalize("NFKC", number).strip()
    found = _NUMBER.search(typed)
    year, serial = (int(found[1]) % 100, int(found[2])) if found else (-1, -1)
    is_own = petition is not None and (petition.year % 100, petition.serial) == (year, serial)
    return petition if petition is not None and (is_own or not typed) else None


def enter(request: HttpRequest, petition: Petition, *, way: str, at: datetime, only: str = "") -> None:
    """Open the matter, or `only` one page of it, in this browser. The session gets a new key, so that a planted one is
    worth nothing."""
    leave(request)
    request.session.cycle_key()
    if not request.user.is_authenticated:
        # A citizen's session is of no use after that; an officer's own sign-in keeps its length.
        request.session.set_expiry(MOST)
    request.session[SESSION_KEY] = {
        "petition": petition.pk,
        "code": _digest(petition.query_code),
        "way": way,
        "only": only,
        "since": at.timestamp(),
        "seen": at.timestamp(),
    }


def leave(request: HttpRequest) -> None:
    """Close the matter in this browser, with what was typed and not sent; an officer's own sign-in stays."""
    held = [str(key) for key in request.session.keys() if str(key).startswith(SESSION_KEY)]  # noqa: SIM118
    rows = [request.session.pop(key) for key in held if key.startswith(DRAFT_KEY)]
    if rows:
        drop_unsent(rows)
    for key in held:
        request.session.pop(key, None)


def current(request: HttpRequest, *, at: datetime) -> Matter | None:
    """The matter that is open here, its half hour begun anew; None when there is none, or no more."""
    held = request.session.get(SESSION_KEY)
    if not isinstance(held, dict):
        return None
    now = at.timestamp()
    is_over = now - held["seen"] > IDLE.total_seconds() or now - held["since"] > MOST.total_seconds()
    rows = Petition.objects.visible_to(citizen(held["petition"])).select_related(*_JOINED)
    petition = None if is_over else rows.filter(pk=held["petition"]).first()
    if petition is None or not hmac.compare_digest(held["code"], _digest(petition.query_code)):
        leave(request)
        return None
    request.session[SESSION_KEY] = {**held, "seen": now}
    return Matter(petition, held.get("way", Rating.Way.CODE), at + IDLE, held.get("only", ""))


def _is_at(request: HttpRequest, page: str) -> bool:
    return request.resolver_match is not None and request.resolver_match.url_name == page


View = Callable[..., HttpResponse]


def open_page(view: View) -> View:
    """A page of this room that needs no matter: open to everybody, kept by no cache."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        add_never_cache_headers(response)
        return response

    return public(shown)


def matter_page(view: View) -> View:
    """A page about the matter that is open: `view(request, matter, at)`. Without one, the entry asks for the code."""

    @open_page
    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        at = timezone.now()
        matter = current(request, at=at)
        if matter is None:
            return HttpResponseRedirect(f"{reverse('portal_track')}?ended=1")
        if matter.only and not _is_at(request, matter.only):
            return HttpResponseRedirect(reverse(matter.only))
        response = view(request, matter, at, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex"
        return response

    return shown
