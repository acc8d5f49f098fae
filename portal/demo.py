"""Query codes of invented matters, so that somebody who tries the demo need not look for one. Never outside it."""

from collections.abc import Iterator

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from petitions.models import Petition
from petitions.states import State

_SHOWN = (
    (State.REPLIED, _("answered, waits for a rating")),
    (State.HANDLING, _("being handled")),
    (State.CLOSED, _("closed")),
    (State.NOT_ACCEPTED, _("not accepted")),
)


def samples() -> Iterator[tuple[str, Promise]]:
    """Code and state of one matter each; nothing outside the demo."""
    if not settings.DEMO:
        return
    for state, words in _SHOWN:
        rows = Petition.objects.filter(state=state, is_restricted=False).order_by("-registered_at", "-id")
        code = rows.values_list("query_code", flat=True).first()
        if code:
            yield code, words
