"""The writers of a person's own account: language, shortcuts, password."""

from django.db import transaction

from accounts.demo import cast
from accounts.models import User

# Each language by its own name: readable to who cannot read the page, so never translated.
LANGUAGE_NAMES = {"zh-hans": "中文", "en": "English"}


def set_language(user: User, language: str) -> None:
    """Remember the interface language; the caller has checked that it is one of settings.LANGUAGES."""
    if user.language != language:
        user.language = language
        user.save(update_fields=["language"])


def set_shortcuts(user: User, enabled: bool) -> None:
    """Switch the single-key shortcuts (WCAG 2.1.4 asks that they can be switched off)."""
    if user.shortcuts_enabled != enabled:
        user.shortcuts_enabled = enabled
        user.save(update_fields=["shortcuts_enabled"])


@transaction.atomic
def set_own_password(user: User, password: str) -> None:
    """Store a password the person chose, which ends a forced change."""
    user.set_password(password)
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])


def require_password_change(user: User) -> None:
    """Let the person in no further than the password page."""
    if not user.must_change_password:
        user.must_change_password = True
        user.save(update_fields=["must_change_password"])


def is_demo_password(password: str) -> bool:
    """True for a password that is printed in public."""
    return any(password == member.password for member in cast())
