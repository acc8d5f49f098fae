"""Password rules beyond Django's own."""

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


class CharacterClassesValidator:
    """At least `minimum` of: lower-case letters, capitals, digits, other signs."""

    def __init__(self, minimum: int = 3) -> None:
        self.minimum = minimum

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        """Raises ValidationError naming the classes that are missing."""
        found = {
            _("lower-case letters"): any(c.islower() for c in password),
            _("capital letters"): any(c.isupper() for c in password),
            _("digits"): any(c.isdigit() for c in password),
            _("other signs such as ! or -"): any(not c.isalnum() for c in password),
        }
        lacking = self.minimum - sum(found.values())
        if lacking > 0:
            missing = _(", ").join(name for name, present in found.items() if not present)
            raise ValidationError(
                ngettext(
                    "The password is too uniform. Add one more of these kinds of characters: %(missing)s.",
                    "The password is too uniform. Add %(count)d more of these kinds of characters: %(missing)s.",
                    lacking,
                ),
                code="password_character_classes",
                params={"missing": missing, "count": lacking},
            )

    def get_help_text(self) -> str:
        """The rule in one sentence."""
        return _("Use at least %(minimum)d of: lower-case letters, capital letters, digits, other signs.") % {
            "minimum": self.minimum
        }
