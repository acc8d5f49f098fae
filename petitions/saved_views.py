"""The writer of a person's own worklist views: a name for a set of filters."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from petitions.models import SavedView
from petitions.states import Refused

# Each one's count is a part of the worklist's statement; more tabs than this nobody reads.
LIMIT = 12


@transaction.atomic
def save_view(user: User, *, name: str, query: str) -> SavedView:
    """Keep filters under a name. Raises Refused when the name is empty or taken, or there are too many."""
    name = " ".join(name.split())[:20]
    if not name:
        raise Refused(_("Please give the view a name."), field="name")
    # The lock on the person makes two tabs saving at once count each other.
    User.objects.select_for_update().get(pk=user.pk)
    if SavedView.objects.filter(user=user).count() >= LIMIT:
        raise Refused(_("You have %(limit)d views already. Delete one first.") % {"limit": LIMIT}, field="name")
    try:
        with transaction.atomic():
            return SavedView.objects.create(user=user, name=name, query=query[:500])
    except IntegrityError:
        raise Refused(_("You have a view of this name already."), field="name") from None


def delete_view(user: User, pk: int) -> bool:
    """Delete one's own view; False when there is none of that number, whoever else's it may be."""
    deleted, _rows = SavedView.objects.filter(user=user, pk=pk).delete()
    return bool(deleted)
