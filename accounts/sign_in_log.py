"""The one writer of sign-in events."""

from datetime import datetime

from accounts.models import SignInEvent, User


def note(
    kind: str,
    user: User | None,
    *,
    at: datetime,
    by: User | None = None,
    detail: str = "",
    ip: str | None = None,
) -> SignInEvent:
    """Write down what changed in how somebody signs in. `kind` is a `SignInEvent.Kind`; detail is cut at 300.

    Call it in the transaction of the change. Raises ValueError for a kind there is not.
    """
    return SignInEvent.objects.create(
        kind=SignInEvent.Kind(kind), user=user, at=at, by=by, detail=detail[:300], ip=ip or None
    )
