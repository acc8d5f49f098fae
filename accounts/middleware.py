"""Who may reach a view at all: signed in, and with a password of one's own."""

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.deprecation import MiddlewareMixin
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

from accounts.responses import go_to, is_htmx
from accounts.single_sign_on.backends import by_provider

View = TypeVar("View", bound=Callable[..., HttpResponseBase])
# Their own gates: static files need none, the API asks for a key, health tells nothing about anybody.
OPEN_PATHS = (settings.STATIC_URL, "/api/", "/healthz")


def public(view: View) -> View:
    """Mark a view as open to people who are not signed in."""
    view.is_public = True  # type: ignore[attr-defined]
    return view


def is_public(request: HttpRequest, view: Callable[..., Any]) -> bool:
    """Whether the view needs nobody signed in. Django's own `login_not_required` counts as well."""
    return (
        request.path_info.startswith(OPEN_PATHS)
        or getattr(view, "is_public", False)
        or not getattr(view, "login_required", True)
    )


class SignInRequiredMiddleware(MiddlewareMixin):
    """Every view needs a signed-in person unless it says otherwise, so that none is open by forgetting."""

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        if is_public(request, view) or request.user.is_authenticated:
            return None
        return to_sign_in(request)


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in, then return to the page the person was looking at (not to the fragment htmx asked for)."""
    if is_htmx(request):
        current = urlsplit(request.headers.get("HX-Current-URL", ""))
        back = f"{current.path}?{current.query}" if current.query else current.path
        login = redirect_to_login(back, resolve_url(settings.LOGIN_URL)) if back else None
        return HttpResponseClientRedirect(login.url if login else resolve_url(settings.LOGIN_URL))
    if request.method != "GET":
        return go_to(request, settings.LOGIN_URL)
    return redirect_to_login(request.get_full_path(), resolve_url(settings.LOGIN_URL))


class PasswordChangeMiddleware(MiddlewareMixin):
    """A person whose password somebody else set may change it, leave, or switch the language, and nothing more."""

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        if is_public(request, view) or getattr(view, "needs_no_own_password", False):
            return None
        # Who came through the provider used no password of ours and need not have one.
        if request.user.is_authenticated and request.user.must_change_password and not by_provider(request):
            return go_to(request, "password_change")
        return None


def before_password_change(view: View) -> View:
    """Mark a view as reachable while the password must still be changed."""
    view.needs_no_own_password = True  # type: ignore[attr-defined]
    return view


def safe_back(request: HttpRequest) -> str:
    """The `next` of the form or of the address when it stays on this site, otherwise the desk."""
    back = request.POST.get("next") or request.GET.get("next", "")
    is_safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return back if is_safe else resolve_url(settings.LOGIN_REDIRECT_URL)
