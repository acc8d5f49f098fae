"""The way in for one administrator when the provider is away: a link made on the server, short-lived and used once."""

from datetime import datetime

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import SignInEvent, User
from accounts.roles import Role
from accounts.sign_in_log import note

_SALT = "accounts.break_glass"


class GlassRefused(Exception):
    """No link, or one that does not open. The message says what to do."""


@transaction.atomic
def make_token(username: str, *, reason: str, at: datetime, resets_factor: bool = False) -> str:
    """A token for a system administrator's account, logged with its reason. Raises GlassRefused for anybody else."""
    user = User.objects.select_for_update().filter(username__iexact=username, is_active=True).first()
    if user is None or user.role != Role.SYSTEM_ADMIN:
        raise GlassRefused(_("There is no open account of a system administrator with this user name."))
    if resets_factor:
        from accounts.second_factor import actions  # imported late: its models need all apps to be ready

        actions.reset(user, by=None, at=at, detail=reason)
    event = note(SignInEvent.Kind.GLASS, user, at=at, detail=reason)
    return signing.dumps([user.pk, event.pk], salt=_SALT)


def read_token(token: str) -> tuple[User, int]:
    """The account and the number of the event behind a token that still opens. Raises GlassRefused."""
    refusal = GlassRefused(_("This link is spent or too old. Make a new one on the server."))
    try:
        pk, event = signing.loads(token, salt=_SALT, max_age=settings.BREAK_GLASS_AGE)
    except signing.BadSignature:
        raise refusal from None
    user = User.objects.select_related("unit__area").filter(pk=pk, is_active=True, role=Role.SYSTEM_ADMIN).first()
    is_spent = SignInEvent.objects.filter(kind=SignInEvent.Kind.GLASS_USED, detail=str(event)).exists()
    if user is None or is_spent:
        raise refusal
    return user, event


@transaction.atomic
def spend_token(token: str, *, at: datetime, ip: str | None) -> User:
    """The account to sign in; the token opens nothing a second time, two at once included. Raises GlassRefused."""
    user, _event = read_token(token)
    User.objects.select_for_update().get(pk=user.pk)
    user, event = read_token(token)
    note(SignInEvent.Kind.GLASS_USED, user, at=at, detail=str(event), ip=ip)
    return user
