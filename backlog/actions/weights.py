"""The only code that changes the weights of the score."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from backlog.models import ScoreWeight
from backlog.score import TERM_KEYS
from petitions.states import Refused


@transaction.atomic
def set_weights(values: Mapping[str, Mapping[str, int]], *, actor: User | Actor, at: datetime) -> None:
    """Set step, points and cap of terms; every change is kept in the history. Raises Refused."""
    if not Actor.of(actor).may("backlog.score"):
        raise Refused(_("Your role may not change the weights."), code="forbidden")
    for key, row in values.items():
        if key not in TERM_KEYS or row["step"] < 1:
            raise Refused(_("There is no such term."), field=key)
        known = ScoreWeight.objects.select_for_update().filter(key=key).first()
        changed = ScoreWeight(key=key, step=row["step"], points=row["points"], cap=row["cap"])
        if known is None or (known.step, known.points, known.cap) != (changed.step, changed.points, changed.cap):
            changed._state.adding = known is None
            changed.save()
