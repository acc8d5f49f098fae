"""What somebody has typed but not sent: the only writer of drafts. Encrypted, and nobody's but the writer's own.

A draft is kept as the form would be sent: `name=value&…`, so that every page reads it back with a QueryDict.
"""

from datetime import datetime

from django.http import QueryDict

from accounts.models import User
from petitions.models import Draft

MAX_LENGTH = 200_000
# Never kept: they belong to the page that was sent, not to what was typed.
LEFT_OUT = frozenset({"csrfmiddlewaretoken", "once", "step", "pick_class", "pick_urgency"})


def save_draft(user: User, key: str, data: QueryDict, *, at: datetime) -> Draft:
    """Keep a form's fields under a key, replacing the earlier draft. Raises ValueError for more than people type."""
    typed = data.copy()
    for name in LEFT_OUT:
        typed.pop(name, None)
    text = typed.urlencode()
    if len(text) > MAX_LENGTH:
        raise ValueError("the draft is too large")
    draft, _created = Draft.objects.update_or_create(user=user, key=key, defaults={"data": text, "saved_at": at})
    return draft


def load_draft(user: User, key: str) -> tuple[QueryDict, datetime] | None:
    """The fields of one's own draft and when it was saved; None when there is none."""
    draft = Draft.objects.filter(user=user, key=key).first()
    return (QueryDict(draft.data), draft.saved_at) if draft else None


def discard_draft(user: User, key: str) -> None:
    """Forget one's own draft."""
    Draft.objects.filter(user=user, key=key).delete()
