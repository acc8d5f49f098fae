"""The backend of passwords."""

from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from accounts.models import User


class StaffBackend(ModelBackend):
    """Loads the person with unit and area at once: every permission question needs both."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """The person of this name and password; nobody where an office has switched passwords off."""
        if not settings.PASSWORD_SIGN_IN:
            return None
        return super().authenticate(request, username=username, password=password, **kwargs)

    def get_user(self, user_id: int) -> User | None:
        """The active account, or None."""
        user = User.objects.select_related("unit__area").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
