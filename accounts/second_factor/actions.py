"""The writers of the second factor: set up, prove, recover, switch off, reset."""

import hashlib
import math
import secrets
from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django_otp.oath import TOTP

from accounts.models import Authenticator, RecoveryCode, SignInEvent, User
from accounts.sign_in_log import note

CODES = 10
# Without 0, 1, I and O: the codes are written down by hand. Ten of them are 50 bits.
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_LENGTH = 10
_DIGITS = 6
# Steps of 30 s the app may be off, either way.
_TOLERANCE = 1


class CodeRefused(Exception):
    """The code does not open. The message says what to do; `wait` is the seconds until another try counts."""

    def __init__(self, message: str, *, wait: int = 0) -> None:
        super().__init__(message)
        self.wait = wait


@dataclass(frozen=True)
class Proof:
    """What a code proved: with which device, and whether a recovery code was spent on it."""

    device: Authenticator
    is_recovery: bool = False


def is_required(user: User) -> bool:
    """Whether the person's role must have a second factor (settings.SECOND_FACTOR_ROLES)."""
    return user.role in settings.SECOND_FACTOR_ROLES


def device_of(user: User) -> Authenticator | None:
    """The person's authenticator, or None."""
    return Authenticator.objects.filter(user=user, confirmed=True).first()


def codes_left(user: User) -> int:
    """How many recovery codes still open."""
    return RecoveryCode.objects.filter(user=user, used_at=None).count()


def new_key() -> str:
    """A fresh secret of 160 bits, in hexadecimal as `Authenticator.key` holds it."""
    return secrets.token_hex(20)


def address_of_key(user: User, key: str) -> str:
    """The otpauth address that a QR code carries (Key Uri Format: blanks as %20, the issuer in both places)."""
    issuer = settings.OTP_TOTP_ISSUER.replace(":", "")
    asked = {"secret": b32encode(bytes.fromhex(key)).decode(), "algorithm": "SHA1", "digits": _DIGITS, "period": 30}
    asked["issuer"] = issuer
    return f"otpauth://totp/{quote(f'{issuer}:{user.get_username()}')}?{urlencode(asked, quote_via=quote)}"


def _clock(key: str, at: datetime, drift: int = 0) -> TOTP:
    clock = TOTP(bytes.fromhex(key), digits=_DIGITS, drift=drift)
    clock.time = at.timestamp()
    return clock


@transaction.atomic
def set_up(user: User, *, key: str, code: str, at: datetime, ip: str | None = None) -> tuple[Authenticator, list[str]]:
    """Take the authenticator into service once it has shown a right code; returns it and the recovery codes.

    Raises CodeRefused for a wrong code, and when there is an authenticator already.
    """
    User.objects.select_for_update().get(pk=user.pk)
    if device_of(user) is not None:
        raise CodeRefused(_("You have a second factor already. Switch it off before you set up another one."))
    clock = _clock(key, at)
    if not code.isdecimal() or not clock.verify(int(code), tolerance=_TOLERANCE):
        raise CodeRefused(_("This is not the code the app shows now. Check the telephone's clock and try again."))
    # The code just shown is spent: it opens nothing a second time.
    device = Authenticator.objects.create(user=user, name="totp", key=key, drift=clock.drift, last_t=clock.t())
    note(SignInEvent.Kind.FACTOR_SET, user, at=at, ip=ip)
    return device, _write_codes(user)


@transaction.atomic
def new_codes(user: User, *, at: datetime, ip: str | None = None) -> list[str]:
    """Ten new recovery codes; the old ones open nothing any more."""
    User.objects.select_for_update().get(pk=user.pk)
    note(SignInEvent.Kind.CODES, user, at=at, ip=ip)
    return _write_codes(user)


def _write_codes(user: User) -> list[str]:
    RecoveryCode.objects.filter(user=user).delete()
    plain = ["".join(secrets.choice(_LETTERS) for _n in range(_LENGTH)) for _m in range(CODES)]
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, digest=_digest(user, code)) for code in plain)
    return [f"{code[:5]}-{code[5:]}" for code in plain]


def _digest(user: User, code: str) -> str:
    """Codes are random, not chosen by a person: a fast digest is enough. The person's number keeps equal ones apart."""
    return hashlib.sha256(f"{user.pk}:{code}".encode()).hexdigest()


def prove(user: User, code: str, *, at: datetime, ip: str | None = None) -> Proof:
    """Check a code of the authenticator, or spend a recovery code. After each wrong one the wait doubles, from 1 s.

    A wrong try must be counted even though it is refused, so the refusal is raised outside the transaction.
    Raises CodeRefused.
    """
    with transaction.atomic():
        device = Authenticator.objects.select_for_update().filter(user=user, confirmed=True).first()
        proof, refusal = _try(user, device, "".join(code.split()), at, ip)
    if proof is None:
        raise refusal or CodeRefused(_("This code is not right. Take the one the app shows now, or a recovery code."))
    return proof


def _try(
    user: User, device: Authenticator | None, code: str, at: datetime, ip: str | None
) -> tuple[Proof | None, CodeRefused | None]:
    if device is None:
        return None, CodeRefused(_("There is no second factor on your account any more. Sign in again."))
    if wait := seconds_to_wait(device, at):
        words = _("Too many wrong codes. Wait %(seconds)d seconds and take the code the app shows then.")
        return None, CodeRefused(words % {"seconds": wait}, wait=wait)
    if code.isdecimal() and len(code) == _DIGITS:
        return (Proof(device), None) if _opens(device, code, at) else (None, None)
    digest = _digest(user, code.replace("-", "").upper())
    if RecoveryCode.objects.filter(user=user, digest=digest, used_at=None).update(used_at=at):
        device.throttle_reset()
        note(SignInEvent.Kind.RECOVERED, user, at=at, ip=ip)
        return Proof(device, is_recovery=True), None
    device.throttle_increment()
    return None, None


def _opens(device: Authenticator, code: str, at: datetime) -> bool:
    """Whether this is the code of now; if so it is spent, and how far the app's clock is off is remembered."""
    clock = _clock(device.key, at, device.drift)
    if not clock.verify(int(code), _TOLERANCE, device.last_t + 1):
        device.throttle_increment()
        return False
    device.last_t, device.drift = clock.t(), clock.drift
    device.throttle_reset(commit=False)
    device.save()
    return True


def seconds_to_wait(device: Authenticator, at: datetime) -> int:
    """Whole seconds until another code counts; 0 when it does now."""
    allowed, why = device.verify_is_allowed()
    if allowed:
        return 0
    until = (why or {}).get("locked_until") or at + timedelta(seconds=1)
    return max(1, math.ceil((until - at).total_seconds()))


@transaction.atomic
def switch_off(user: User, *, at: datetime, ip: str | None = None) -> None:
    """Take one's own second factor out of service. Raises CodeRefused where the role must have one."""
    if is_required(user):
        raise CodeRefused(_("Your role must have a second factor. For a new telephone, ask for a reset."))
    _forget(user)
    note(SignInEvent.Kind.FACTOR_OFF, user, at=at, ip=ip)


@transaction.atomic
def reset(user: User, *, by: User | None, at: datetime, detail: str = "", ip: str | None = None) -> bool:
    """An administrator takes somebody's second factor away, because the telephone is lost. False: there was none.

    Sessions proved with it must be proved anew: the middleware looks for the device they name.
    """
    if device_of(user) is None:
        return False
    _forget(user)
    note(SignInEvent.Kind.FACTOR_RESET, user, by=by, at=at, detail=detail, ip=ip)
    return True


def _forget(user: User) -> None:
    Authenticator.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()
