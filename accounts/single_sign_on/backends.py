"""The backend of the provider: tokens are checked here, people are found in actions.py."""

from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from mozilla_django_oidc.auth import OIDCAuthenticationBackend

from accounts.addresses import address_of
from accounts.backends import StaffBackend
from accounts.models import User
from accounts.single_sign_on.actions import SignInRefused, admit

BACKEND = "accounts.single_sign_on.backends.ProviderBackend"


def by_provider(request: HttpRequest) -> bool:
    """Whether the session began at the provider, so that no password of ours is behind it."""
    return request.session.get(BACKEND_SESSION_KEY) == BACKEND


class ProviderBackend(OIDCAuthenticationBackend):
    """The code flow of OpenID Connect. A refusal is left on the request (`sign_in_refusal`) for the page to say."""

    def verify_token(self, token: str, **kwargs: Any) -> dict[str, Any]:
        """The claims of a token that is signed, in time, ours and of our provider (OpenID Connect Core §3.1.3.7).

        Raises SuspiciousOperation, or jwt.InvalidTokenError for one out of time.
        """
        payload: dict[str, Any] = super().verify_token(token, **kwargs)
        meant_for = payload.get("aud")
        audience = meant_for if isinstance(meant_for, list) else [meant_for]
        if self.OIDC_RP_CLIENT_ID not in audience:
            raise SuspiciousOperation("The token is meant for another client.")
        if payload.get("iss") != settings.OIDC_ISSUER:
            raise SuspiciousOperation("The token comes from another provider.")
        return payload

    def get_or_create_user(self, access_token: str, id_token: str, payload: dict[str, Any]) -> User | None:
        """The person of the token; None when the rules refuse."""
        info = self.get_userinfo(access_token, id_token, payload)
        # §5.3.2: an answer about somebody else must not be used.
        if not payload.get("sub") or info.get("sub") != payload["sub"]:
            raise SuspiciousOperation("The provider's answer is about somebody else.")
        claims = {**payload, **info}
        subject = f"{payload['iss']}#{payload['sub']}"
        try:
            return admit(claims, subject=subject, at=timezone.now(), ip=address_of(self.request))
        except SignInRefused as refused:
            self.request.sign_in_refusal = refused
            return None

    def get_user(self, user_id: int) -> User | None:
        """The same as for passwords: a closed account's sessions end."""
        return StaffBackend().get_user(user_id)


def unreachable() -> SignInRefused:
    """The refusal for a provider that does not answer, or not as agreed."""
    return SignInRefused(
        _("The sign-in service did not answer as agreed. Try again; if it stays, tell your system administrator."),
        code="provider",
    )
