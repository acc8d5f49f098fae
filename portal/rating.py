"""How a matter's rating stands for its petitioner: 待评价, 未评价, 已评价, 超期未评价 (domain-facts §2.7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dispatch.actions.ratings import open_bad
from dispatch.models import Clock
from petitions.models import Petition, Rating
from petitions.states import State


class RatingState(TextChoices):
    NOT_ASKED = "not_asked", _("Not asked for yet")
    OPEN = "open", _("Waiting for your rating")
    RATED = "rated", pgettext_lazy("citizen", "Rated")
    LAPSED = "lapsed", _("Not rated in time")


@dataclass(frozen=True)
class Standing:
    """`until` ends the window, None where no clock measures it; `is_again` marks the one rating more."""

    kind: RatingState
    may_rate: bool = False
    is_again: bool = False
    until: datetime | None = None
    given: Sequence[Rating] = ()

    @property
    def is_bad(self) -> bool:
        """Whether the last rating given holds the lowest score."""
        return any(rating.score == Rating.Score.DISSATISFIED for rating in self.given)


def standing(petition: Petition, clocks: Sequence[Clock], at: datetime) -> Standing:
    """How it stands now; two queries. `clocks` are the petition's, with their rules."""
    ratings = list(petition.ratings.filter(round=petition.round).order_by("subject"))
    given = [rating for rating in ratings if rating.is_again] or ratings
    is_again_given = any(rating.is_again for rating in ratings)
    bad = open_bad(petition)
    if bad is not None and bad.put_right_at is not None and not is_again_given:
        again = _latest(clocks, "R_rerate")
        return Standing(RatingState.OPEN, may_rate=True, is_again=True, until=again.due_at if again else None)
    if ratings:
        return Standing(RatingState.RATED, given=given)
    if petition.replied_at is None or petition.state not in {State.REPLIED, State.CLOSED}:
        return Standing(RatingState.NOT_ASKED)
    window = _latest(clocks, "R_window")
    until = window.due_at if window else None
    if until is not None and until < at:
        return Standing(RatingState.LAPSED, until=until)
    return Standing(RatingState.OPEN, may_rate=True, until=until)


def _latest(clocks: Sequence[Clock], key: str) -> Clock | None:
    found = [clock for clock in clocks if clock.policy.key == key]
    return max(found, key=lambda clock: (clock.started_at, clock.pk), default=None)
