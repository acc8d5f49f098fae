"""How the rating of a matter stands, as a condition on petitions, for lists and the API (domain-facts §2.7).

What the petitioner sees of it is `portal.rating`; both read the same window (`R_window`, dispatch/policies/ratings.py).
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, TextChoices
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import User
from dispatch.models import Clock
from petitions.filters import FILTERS, Filter, Reader
from petitions.models import Rating
from petitions.states import State
from petitions.worklist import VIEWS, View

WINDOW = "R_window"


class RatingState(TextChoices):
    """待评价, 未评价, 已评价, 超期未评价: the four the national system knows."""

    WAITING = "waiting", gettext_lazy("Waiting for the rating")
    NOT_ASKED = "not_asked", gettext_lazy("Not asked to rate yet")
    RATED = "rated", pgettext_lazy("rating", "Rated")
    LAPSED = "lapsed", gettext_lazy("Not rated, window over")


_asked = Q(replied_at__isnull=False, state__in=[State.REPLIED, State.CLOSED])
# Each round is rated anew.
_rated = Exists(Rating.objects.filter(petition=OuterRef("pk"), round=OuterRef("round")))


def _over(at: datetime) -> Exists:
    """The window opened with the newest reply has ended by `at`, whether the sweep has ended its clock yet or not."""
    rows = Clock.objects.filter(subject="petition", subject_id=OuterRef("pk"), policy__key=WINDOW, due_at__lt=at)
    return Exists(rows.filter(started_at__gte=OuterRef("replied_at")))


_CONDITIONS: dict[str, Callable[[datetime], Q]] = {
    RatingState.RATED: lambda at: Q(_rated),
    RatingState.NOT_ASKED: lambda at: ~Q(_rated) & ~_asked,
    RatingState.LAPSED: lambda at: ~Q(_rated) & _asked & Q(_over(at)),
    RatingState.WAITING: lambda at: ~Q(_rated) & _asked & ~Q(_over(at)),
}


def standing_q(state: str, at: datetime) -> Q:
    """Petitions whose rating stands so at a moment. Raises ValueError for an unknown state."""
    return _CONDITIONS[RatingState(state)](at)


def any_standing(states: Iterable[str], at: datetime) -> Q:
    """Petitions whose rating stands in one of these ways."""
    found = Q()
    for state in states:
        found |= standing_q(state, at)
    return found


def facts_at(at: datetime) -> dict[str, Exists]:
    """What `standing` asks beside a petition's own columns, as annotations of whatever query reads the petition."""
    return {"is_rated": _rated, "is_window_over": _over(at)}


def standing(row: Mapping[str, Any]) -> str:
    """How the rating of a petition read with `facts_at` stands: a `RatingState`."""
    if row["is_rated"]:
        return RatingState.RATED
    if row["replied_at"] is None or row["state"] not in {State.REPLIED, State.CLOSED}:
        return RatingState.NOT_ASKED
    return RatingState.LAPSED if row["is_window_over"] else RatingState.WAITING


def _read(values: list[str], reader: Reader) -> Q:
    return any_standing(values, reader.at)


FILTERS["rating"] = Filter(
    "rating",
    gettext_lazy("Rating of the petitioner"),
    _read,
    lambda value, reader: str(RatingState(value).label),
    RatingState,
    True,
)


def _lapsed(user: User, at: datetime) -> Q:
    return standing_q(RatingState.LAPSED, at)


VIEWS["unrated"] = View(
    "unrated",
    gettext_lazy("Not rated in time"),
    _lapsed,
    has_deadlines=False,
    permission="petitions.rate",
    is_counted=False,
)
