"""From a provider's claims to a person here: found, made or refused. The one writer of accounts at sign-in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.models import SignInEvent, SignInRule, Unit, User
from accounts.roles import Role
from accounts.sign_in_log import note

Claims = Mapping[str, Any]
ANY = "*"


class SignInRefused(Exception):
    """The provider knows the person and Yongqing does not let them in. The message says what to do.

    `code`: no_rule, no_unit, no_account, closed, name_taken or no_subject.
    """

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Place:
    """What a rule makes of somebody."""

    role: Role
    unit: Unit


def claim_values(claims: Claims, name: str) -> list[str]:
    """The texts a claim holds: one, those of a list, none when it is absent.

    The name as it stands comes first, for names that are addresses; then it is a path into objects.
    """
    found: Any = claims.get(name)
    if found is None:
        found = claims
        for part in name.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    values = found if isinstance(found, list | tuple) else [found]
    return [str(value) for value in values if isinstance(value, str | int) and str(value)]


def fits(rule: SignInRule, claims: Claims) -> bool:
    """Whether the claim holds what the rule asks for."""
    values = claim_values(claims, rule.claim)
    return bool(values) if rule.value == ANY else rule.value in values


def place_of(claims: Claims) -> Place:
    """Role and unit by the first rule that fits. Raises SignInRefused without a rule, or without a unit that works."""
    rule = next((r for r in SignInRule.objects.filter(is_active=True).select_related("unit") if fits(r, claims)), None)
    if rule is None:
        raise SignInRefused(
            _("No sign-in rule fits your account. Ask your system administrator to add one for your group."),
            code="no_rule",
        )
    unit = rule.unit
    if unit is None:
        codes = claim_values(claims, settings.OIDC_UNIT_CLAIM)
        unit = Unit.objects.filter(code__in=codes[:1]).first()
    if unit is None or not unit.is_active:
        raise SignInRefused(
            _("Your account names no unit that works here. Ask your system administrator to correct its unit code."),
            code="no_unit",
        )
    return Place(Role(rule.role), unit)


def admit(claims: Claims, *, subject: str, at: datetime, ip: str | None = None) -> User:
    """The person behind `subject` ("issuer#sub"), with the role and unit the rules give today.

    Found by the subject, else by the user name as configured, else made. Refusals are logged and change nothing.
    Raises SignInRefused.
    """
    try:
        with transaction.atomic():
            # Two windows at once make one account.
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"sign-in:{subject}"])
            return _admit(claims, subject, at, ip)
    except SignInRefused as refused:
        known = User.objects.filter(provider_subject=subject).first()
        note(SignInEvent.Kind.REFUSED, known, at=at, ip=ip, detail=f"{refused.code} · {subject}")
        raise


def _admit(claims: Claims, subject: str, at: datetime, ip: str | None) -> User:
    user = User.objects.select_for_update().filter(provider_subject=subject).first()
    username = (
        next(iter(claim_values(claims, settings.OIDC_USERNAME_CLAIM)), "") if settings.OIDC_USERNAME_CLAIM else ""
    )
    same = None
    if user is None and username:
        same = User.objects.select_for_update().filter(username__iexact=username).first()
    if same is not None and same.provider_subject:
        raise SignInRefused(
            _("Your user name belongs to another account here. Ask your system administrator to untie it."),
            code="name_taken",
        )
    # A closed account stays closed whatever the rules say, and is not made a second time.
    if (found := user or same) is not None and not found.is_active:
        raise SignInRefused(_("Your account here is closed. Ask your system administrator."), code="closed")
    place = place_of(claims)
    if found is None:
        return _make(claims, username, subject, place, at, ip)
    if found is same:
        found.provider_subject = subject
        found.save(update_fields=["provider_subject"])
        note(SignInEvent.Kind.TAKEN, found, at=at, ip=ip, detail=subject)
    return _bring_up_to_date(found, claims, place, at, ip)


def _make(claims: Claims, username: str, subject: str, place: Place, at: datetime, ip: str | None) -> User:
    if not settings.OIDC_CREATES_ACCOUNTS or not username:
        raise SignInRefused(
            _("You have no account here yet. Ask your system administrator to make one with your user name."),
            code="no_account",
        )
    user = User.objects.create(
        username=username[:150],
        password=make_password(None),
        name=_name(claims) or username[:40],
        email=_email(claims),
        role=place.role,
        unit=place.unit,
        is_staff=place.role == Role.SYSTEM_ADMIN,
        provider_subject=subject,
        date_joined=at,
    )
    note(SignInEvent.Kind.MADE, user, at=at, ip=ip, detail=f"{place.role} · {place.unit.code} · {subject}")
    return user


def _bring_up_to_date(user: User, claims: Claims, place: Place, at: datetime, ip: str | None) -> User:
    """What the provider and the rules say today; a post of more power leaves a trace, a new spelling does not."""
    before = (user.role, user.unit_id)
    user.role, user.unit = place.role, place.unit
    user.is_staff = place.role == Role.SYSTEM_ADMIN
    user.name = _name(claims) or user.name
    user.email = _email(claims) or user.email
    user.save(update_fields=["role", "unit", "is_staff", "name", "email"])
    if before != (user.role, user.unit_id):
        detail = f"{before[0]} → {user.role} · {place.unit.code}"
        note(SignInEvent.Kind.CHANGED, user, at=at, ip=ip, detail=detail)
    return user


def _name(claims: Claims) -> str:
    return str(claims.get("name") or "").strip()[:40]


def _email(claims: Claims) -> str:
    return str(claims.get("email") or "").strip()[:254]


@transaction.atomic
def untie(user: User, *, by: User, at: datetime, ip: str | None = None) -> bool:
    """Loosen the account from the one at the provider; the next sign-in by this user name ties it anew.

    Returns False where it was not tied.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    if not user.provider_subject:
        return False
    note(SignInEvent.Kind.UNTIED, user, by=by, at=at, ip=ip, detail=user.provider_subject)
    user.provider_subject = None
    user.save(update_fields=["provider_subject"])
    return True
