"""To the provider, back from it, and out there as well."""

import logging
from typing import Any
from urllib.parse import urlencode

import jwt
import requests
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import LogoutView
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from mozilla_django_oidc.views import OIDCAuthenticationCallbackView, OIDCAuthenticationRequestView

from accounts.middleware import before_password_change, public
from accounts.second_factor.middleware import before_second_factor
from accounts.single_sign_on.backends import by_provider, unreachable

logger = logging.getLogger(__name__)
# What a provider's answer that is not as agreed can raise: its network, its JSON, its token, its shape.
ASTRAY = (requests.RequestException, jwt.PyJWTError, SuspiciousOperation, KeyError, TypeError, ValueError)


class ToProviderView(OIDCAuthenticationRequestView):
    """Leave for the provider; where single sign-on is off there is no such page."""

    def __init__(self, **kwargs: Any) -> None:
        """Raises Http404 before the library asks for settings that are not there."""
        if not settings.OIDC_ON:
            raise Http404
        super().__init__(**kwargs)


class FromProviderView(OIDCAuthenticationCallbackView):
    """Back from the provider. Nothing that comes from there is a crash: it is a page that says what to do."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if not settings.OIDC_ON:
            raise Http404
        try:
            return super().get(request)
        except ASTRAY as astray:
            logger.warning("Single sign-on went astray: %s: %s", type(astray).__name__, astray)
            return self.login_failure()

    def login_success(self) -> HttpResponse:
        """Signed in; the language follows as after a password."""
        from accounts.views import remember_language  # imported late: that module signs out by this one

        response = super().login_success()
        self.request.session.set_expiry(min(settings.OIDC_SESSION_SECONDS, settings.SESSION_COOKIE_AGE))
        return remember_language(response, self.user.language)

    def login_failure(self) -> HttpResponse:
        """Why not, and the way back. Somebody who denied at the provider is just back at the sign-in page."""
        if self.request.GET.get("error") == "access_denied":
            return HttpResponseRedirect(reverse("sign_in"))
        refusal = getattr(self.request, "sign_in_refusal", None) or unreachable()
        return render(self.request, "accounts/sign_in_refused.html", {"refusal": refusal}, status=403)


class SignOutView(LogoutView):
    """Out here, and at the provider when the session began there."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        there = end_session_url(request)
        if there is None:
            return super().post(request, *args, **kwargs)
        logout(request)
        return HttpResponseRedirect(there)


def end_session_url(request: HttpRequest) -> str | None:
    """Where the provider ends its session (RP-Initiated Logout 1.0); None when it has no part in this one."""
    if not settings.OIDC_OP_END_SESSION_ENDPOINT or not by_provider(request):
        return None
    back = request.build_absolute_uri(reverse("sign_in"))
    question = {"client_id": settings.OIDC_RP_CLIENT_ID, "post_logout_redirect_uri": back}
    if hint := request.session.get("oidc_id_token"):
        question["id_token_hint"] = hint
    return f"{settings.OIDC_OP_END_SESSION_ENDPOINT}?{urlencode(question)}"


to_provider = public(ToProviderView.as_view())
from_provider = public(FromProviderView.as_view())
sign_out = before_second_factor(before_password_change(SignOutView.as_view()))
