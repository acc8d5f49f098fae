"""What somebody has typed but not sent: the only writer of drafts. Encrypted, and nobody's but the writer's own.

A draft is kept as the form would be sent: `name=value&…`, so that every page reads it back with a QueryDict.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from django.http import QueryDict

from accounts.models import User
from petitions.models import Draft

MAX_LENGTH = 200_000
# Never kept: they belong to the page that was sent, not to what was typed.
LEFT_OUT = frozenset({"csrfmiddlewaretoken", "once", "step", "pick_class", "pick_urgency"})

# The form of a new petition; every other key is "step:row".
REGISTRATION = "petition_new"
# By the name of a step: whether this person sees the row it is about. Rooms fill it when they start.
_STEPS: dict[str, Callable[[User, int], bool]] = {}


def register_drafts(steps: Iterable[str], sees: Callable[[User, int], bool]) -> None:
    """Let what is typed for these steps be kept, by whoever sees the row. Retention must reach the same keys."""
    _STEPS.update(dict.fromkeys(steps, sees))


def is_known(user: User, key: str) -> bool:
    """Whether a draft may be kept under this key: words under any other would be found by nobody, retention either."""
    step, _colon, number = key.partition(":")
    if key == REGISTRATION:
        return True
    is_number = number.isascii() and number.isdecimal() and len(number) < 18
    return step in _STEPS and is_number and str(int(number)) == number and _STEPS[step](user, int(number))


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
