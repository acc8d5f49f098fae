"""The pages of the second factor: the code at sign-in, set-up, recovery codes, switching off."""

from base64 import b32encode

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.addresses import address_of
from accounts.middleware import View, before_password_change, safe_back
from accounts.models import User
from accounts.second_factor import actions, sessions
from accounts.second_factor.actions import CodeRefused
from accounts.second_factor.forms import CodeForm, SetUpForm
from accounts.second_factor.middleware import before_second_factor


def open_before(view: View) -> View:
    """Reachable before the code is given, and before a password must be changed: this comes first."""
    return before_second_factor(before_password_change(view))


def own(request: HttpRequest) -> User:
    """Who is signed in; the sign-in middleware lets nobody else through."""
    assert isinstance(request.user, User)
    return request.user


@open_before
@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Ask for the code; a recovery code does as well."""
    user = own(request)
    if actions.device_of(user) is None or sessions.is_proved(request, user):
        return HttpResponseRedirect(safe_back(request))
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            proof = actions.prove(user, form.cleaned_data["code"], at=timezone.now(), ip=address_of(request))
        except CodeRefused as refused:
            form.add_error("code", str(refused))
        else:
            sessions.prove(request, proof.device)
            if proof.is_recovery:
                warn_of_few(request, actions.codes_left(user))
            return HttpResponseRedirect(safe_back(request))
    context = {"form": form, "next": request.POST.get("next") or request.GET.get("next", "")}
    return render(request, "accounts/second_factor_verify.html", context)


def warn_of_few(request: HttpRequest, left: int) -> None:
    """A recovery code is gone; say how many are left."""
    words = ngettext(
        "That recovery code is spent; %(left)d is left. Make new ones in your settings.",
        "That recovery code is spent; %(left)d are left. Make new ones in your settings.",
        left,
    )
    messages.warning(request, words % {"left": left})


@open_before
@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """Set it up, or see that it is on. Who has one must have shown it: else a thief of the password could look in."""
    user = own(request)
    if actions.device_of(user) is not None:
        if not sessions.is_proved(request, user):
            return redirect("second_factor_verify")
        state = {"left": actions.codes_left(user), "is_required": actions.is_required(user)}
        return render(request, "accounts/second_factor.html", state)
    key = request.session.setdefault(sessions.KEY, actions.new_key())
    form = SetUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            device, codes = actions.set_up(
                user, key=key, code=form.cleaned_data["code"], at=timezone.now(), ip=address_of(request)
            )
        except CodeRefused as refused:
            form.add_error("code", str(refused))
        else:
            sessions.prove(request, device)
            return show_codes(request, codes)
    context = {
        "form": form,
        "address": actions.address_of_key(user, key),
        "key": spelled(key),
        "is_forced": actions.is_required(user),
    }
    return render(request, "accounts/second_factor_set_up.html", context)


def spelled(key: str) -> str:
    """The key as somebody types it into an app that has no camera: base32 in groups of four."""
    letters = b32encode(bytes.fromhex(key)).decode()
    return " ".join(letters[i : i + 4] for i in range(0, len(letters), 4))


def show_codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    """The only time the codes are seen: the answer to the form itself, kept nowhere."""
    return render(request, "accounts/recovery_codes.html", {"codes": codes})


@never_cache
@require_POST
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Ten new codes in place of the old ones; only for a session that has shown the factor."""
    user = own(request)
    if not sessions.is_proved(request, user):
        return redirect("second_factor")
    return show_codes(request, actions.new_codes(user, at=timezone.now(), ip=address_of(request)))


@require_POST
def second_factor_off(request: HttpRequest) -> HttpResponse:
    """Switch one's own factor off; only in a session that has shown it."""
    user = own(request)
    if not sessions.is_proved(request, user):
        return redirect("second_factor")
    try:
        actions.switch_off(user, at=timezone.now(), ip=address_of(request))
    except CodeRefused as refused:
        messages.error(request, str(refused))
        return redirect("second_factor")
    sessions.forget(request)
    messages.success(request, _("Your second factor is switched off."))
    return redirect(settings.LOGIN_REDIRECT_URL)
