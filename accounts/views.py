"""Sign-in, sign-out, password, preferences, the permission matrix."""

import math
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, update_session_auth_hash
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import preferences
from accounts.addresses import address_of
from accounts.break_glass import GlassRefused, read_token, spend_token
from accounts.demo import cast
from accounts.forms import OwnPasswordForm, PreferencesForm, SignInForm
from accounts.matrix import matrix_groups
from accounts.middleware import before_password_change, public, safe_back
from accounts.models import User
from accounts.responses import go_to
from accounts.roles import Role, Scope


def remember_language(response: HttpResponse, language: str) -> HttpResponse:
    """Set the cookie LocaleMiddleware reads."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=365 * 24 * 3600,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


class SignInView(LoginView):
    """The sign-in page; in the demo it introduces the cast, each with a button that signs in."""

    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        people = cast() if settings.DEMO and settings.PASSWORD_SIGN_IN else []
        ways = {"by_password": settings.PASSWORD_SIGN_IN, "by_provider": settings.OIDC_ON}
        return super().get_context_data(cast=people, provider=settings.OIDC_NAME, **ways, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """No password is even looked at where an office has switched them off."""
        if not settings.PASSWORD_SIGN_IN:
            return go_to(request, settings.LOGIN_URL)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        user: User = form.get_user()
        # An office may have taken the demo accounts into service; the password everybody knows may not come along.
        if not settings.DEMO and preferences.is_demo_password(form.cleaned_data["password"]):
            preferences.require_password_change(user)
        return remember_language(super().form_valid(form), user.language)


sign_in = public(SignInView.as_view())


@public
@never_cache
@require_http_methods(["GET", "POST"])
def break_glass(request: HttpRequest, token: str) -> HttpResponse:
    """An administrator's emergency link. Opening it signs nobody in, so that no scanner of links spends it."""
    try:
        if request.method == "POST":
            user = spend_token(token, at=timezone.now(), ip=address_of(request))
            login(request, user, backend="accounts.backends.StaffBackend")
            return remember_language(go_to(request, settings.LOGIN_REDIRECT_URL), user.language)
        user, _event = read_token(token)
    except GlassRefused as refused:
        return render(request, "accounts/break_glass.html", {"refused": str(refused)}, status=403)
    return render(request, "accounts/break_glass.html", {"person": user})


@before_password_change
@require_http_methods(["GET", "POST"])
def password_change(request: HttpRequest) -> HttpResponse:
    """Change one's own password; the other sessions of the person end."""
    form = OwnPasswordForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = form.save()
        update_session_auth_hash(request, user)
        messages.success(request, _("Your password is changed. Other devices have been signed out."))
        return go_to(request, settings.LOGIN_REDIRECT_URL)
    is_forced = request.user.is_authenticated and request.user.must_change_password
    return render(request, "accounts/password_change.html", {"form": form, "is_forced": is_forced})


@require_http_methods(["GET", "POST"])
def preferences_page(request: HttpRequest) -> HttpResponse:
    """Who I am here, and what I set for myself."""
    user = request.user
    assert isinstance(user, User)
    initial = {"language": user.language, "shortcuts_enabled": user.shortcuts_enabled}
    form = PreferencesForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        form.save(user)
        with override(user.language):
            messages.success(request, _("Your settings are saved."))
        return remember_language(go_to(request, "preferences"), user.language)
    has_password = settings.PASSWORD_SIGN_IN and user.has_usable_password()
    return render(request, "accounts/preferences.html", {"form": form, "has_password": has_password})


@require_POST
def shortcuts(request: HttpRequest) -> HttpResponse:
    """Switch the single-key shortcuts from the person menu and stay on the page."""
    assert isinstance(request.user, User)
    enabled = request.POST.get("enabled") == "1"
    preferences.set_shortcuts(request.user, enabled)
    messages.success(request, _("Keyboard shortcuts are on.") if enabled else _("Keyboard shortcuts are off."))
    return HttpResponseRedirect(safe_back(request))


@public
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Switch the interface language and stay on the page; remembered for a person who is signed in."""
    chosen = request.POST.get("language", "")
    response = HttpResponseRedirect(safe_back(request))
    if chosen not in dict(settings.LANGUAGES):
        return response
    if isinstance(request.user, User):
        preferences.set_language(request.user, chosen)
    return remember_language(response, chosen)


@require_GET
def matrix(request: HttpRequest) -> HttpResponse:
    """Roles × permissions as they are enforced: an inspector asks for it, and nobody has to trust a document."""
    context = {"roles": Role, "scopes": Scope, "groups": matrix_groups()}
    return render(request, "accounts/matrix.html", context)


def locked_out(
    request: HttpRequest, response: HttpResponse | None = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """What django-axes shows after too many failures: how long, and what to do. JSON for who asks for JSON."""
    wait: timedelta = settings.AXES_COOLOFF_TIME
    minutes = math.ceil(wait.total_seconds() / 60)
    headers = {"Retry-After": str(int(wait.total_seconds()))}
    if request.headers.get("Accept", "").startswith("application/json"):
        detail = _("Too many failed sign-ins. Try again in %(minutes)d minutes.") % {"minutes": minutes}
        body = {"type": "about:blank", "title": _("Locked out"), "status": 429, "detail": detail, "minutes": minutes}
        return JsonResponse(body, status=429, headers=headers, content_type="application/problem+json")
    context = {"minutes": minutes, "limit": settings.AXES_FAILURE_LIMIT}
    answer = render(request, "accounts/locked_out.html", context, status=429)
    answer.headers["Retry-After"] = headers["Retry-After"]
    return answer
