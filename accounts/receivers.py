"""What happens at sign-in, whatever way somebody came."""

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import User


@receiver(user_logged_in)
def ask_for_the_second_factor(sender: type, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Who has an authenticator must show it in this session too, even where the role does not demand one."""
    from accounts.second_factor import actions, sessions  # imported late: its models need all apps to be ready

    sessions.forget(request)
    if actions.device_of(user) is not None:
        request.session[sessions.DUE] = True
