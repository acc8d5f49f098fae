"""Who stands in for whom at a moment (absence and substitution inside a unit, domain-facts §4.2)."""

from collections.abc import Iterable
from datetime import datetime

from accounts.models import Absence, User


def absence_of(user: User, at: datetime) -> Absence | None:
    """The absence that covers the moment, with its substitute; None for somebody present."""
    return Absence.objects.at(at).filter(user=user).select_related("substitute").first()


def standing_in_for(users: Iterable[User], at: datetime) -> dict[int, User]:
    """Substitutes by the id of the absent person; people who are present are left out. One query for any number.

    For notices: whoever stands in hears what the absent person would. Substitutes who have left are left out.
    """
    ids = [user.pk for user in users]
    rows = Absence.objects.at(at).filter(user__in=ids, substitute__is_active=True).select_related("substitute")
    return {row.user_id: row.substitute for row in rows}
