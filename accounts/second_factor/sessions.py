"""What a session knows of the second factor."""

from django.http import HttpRequest

from accounts.models import Authenticator, User

# The authenticator that was asked in this session, or nothing.
PROVED = "second_factor"
# The person had an authenticator when they signed in, so the session must be proved.
DUE = "second_factor_due"
# The secret of a set-up that is not finished.
KEY = "second_factor_key"


def is_due(request: HttpRequest) -> bool:
    """Whether the person had an authenticator at sign-in."""
    return bool(request.session.get(DUE))


def is_proved(request: HttpRequest, user: User) -> bool:
    """Whether a code of an authenticator the person still has was given in this session."""
    device = request.session.get(PROVED)
    return bool(device) and Authenticator.objects.filter(pk=device, user=user, confirmed=True).exists()


def prove(request: HttpRequest, device: Authenticator) -> None:
    """Remember the proof. The session gets a new name: who knew the old one gains nothing."""
    request.session.cycle_key()
    request.session[PROVED] = device.pk
    request.session[DUE] = True
    request.session.pop(KEY, None)


def forget(request: HttpRequest) -> None:
    """After the factor is switched off."""
    for name in (PROVED, DUE, KEY):
        request.session.pop(name, None)
