"""No page before the second factor, for who has one or must have one."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.deprecation import MiddlewareMixin
from django.utils.http import urlencode

from accounts.middleware import View, is_public
from accounts.models import User
from accounts.responses import go_to, is_htmx
from accounts.second_factor import actions, sessions
from accounts.single_sign_on.backends import by_provider


def before_second_factor(view: View) -> View:
    """Mark a view as reachable while the second factor is still to be given or set up."""
    view.needs_no_second_factor = True  # type: ignore[attr-defined]
    return view


class SecondFactorMiddleware(MiddlewareMixin):
    """Sends to the code, or to the set-up. People without a factor and without the duty cost no question."""

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        if is_public(request, view) or getattr(view, "needs_no_second_factor", False):
            return None
        user = request.user
        if not isinstance(user, User) or not is_asked(request, user) or sessions.is_proved(request, user):
            return None
        if actions.device_of(user) is not None:
            question = f"?{urlencode({'next': there})}" if (there := back(request)) else ""
            return go_to(request, reverse("second_factor_verify") + question)
        return go_to(request, "second_factor") if actions.is_required(user) else None


def is_asked(request: HttpRequest, user: User) -> bool:
    """Whether this session needs a second factor at all."""
    if settings.OIDC_HAS_SECOND_FACTOR and by_provider(request):
        return False
    return sessions.is_due(request) or actions.is_required(user)


def back(request: HttpRequest) -> str:
    """The page to return to after the code: none for a form that was sent or a fragment."""
    return "" if request.method != "GET" or is_htmx(request) else request.get_full_path()
