"""A form is registered once, however often its button is pressed: the token of the form is a row beside the petition.

It is written in the transaction of the registration, so either both stand or neither; a second click waits for the
first one to end and then finds the row. Nothing of this needs the cache.
"""

from datetime import datetime, timedelta

from accounts.models import User
from petitions.models import Petition, Submission

TOKEN_LENGTH = 40
KEEP = timedelta(days=2)


class SentBefore(Exception):
    """This very form has been registered already, as `petition_id`."""

    def __init__(self, petition_id: int | None):
        super().__init__(f"registered already as {petition_id}")
        self.petition_id = petition_id


def take_token(user: User, token: str, *, at: datetime) -> Submission:
    """Note that this form is being registered, in the caller's transaction. Raises SentBefore when it was."""
    row = Submission(user=user, token=token[:TOKEN_LENGTH], at=at)
    # Waits for a registration under way with the same token; one that was rolled back leaves the token free.
    Submission.objects.bulk_create([row], ignore_conflicts=True)
    kept = Submission.objects.get(user=user, token=row.token)
    if kept.petition_id is not None:
        raise SentBefore(kept.petition_id)
    return kept


def settle_token(submission: Submission, petition: Petition) -> None:
    """Write what the form was registered as, in the same transaction."""
    Submission.objects.filter(pk=submission.pk).update(petition=petition)


def sent_as(user: User, token: str) -> int | None:
    """What the form with this token has been registered as (a petition's key); None when it has not."""
    if not token:
        return None
    return (
        Submission.objects.filter(user=user, token=token[:TOKEN_LENGTH]).values_list("petition_id", flat=True).first()
    )


def purge_tokens(*, at: datetime) -> int:
    """Forget tokens nobody will send again. Returns how many."""
    return Submission.objects.filter(at__lt=at - KEEP).delete()[0]
