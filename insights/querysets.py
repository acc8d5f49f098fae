"""Reads of statistics: whose numbers a person may look at (domain-facts §4.2, "statistics").

Numbers carry no identity, so they reach a little further than cases: a unit's own figures include the orders it gave
back, which it may no longer open. Rows behind a figure show case text only where `visible_to` of the room below does.
"""

from typing import TYPE_CHECKING, Any, TypeVar

from django.db import models
from django.db.models import Q

from accounts.actors import Actor
from accounts.models import Unit, User
from accounts.roles import Scope

if TYPE_CHECKING:
    from insights.models import Hop  # noqa: F401

Row = TypeVar("Row", bound=models.Model)


def reach(user: Any, *, units: tuple[str, ...], district: str, permission: str = "insights.view") -> Q | None:
    """The condition under which a row is this person's (or system's) to count; None when no row is.

    `units` are the paths to the units a row is counted for (any of them), `district` that to the matter's district.
    """
    actor = Actor.of(user) if isinstance(user, User | Actor) else None
    scope = actor.scope_for(permission) if actor else None
    if scope == Scope.CITY:
        return Q()
    if actor is None or actor.unit is None or scope is None:
        return None
    if scope == Scope.AREA:
        return Q(**{district: actor.unit.area.district_id or actor.unit.area_id})
    found = Q()
    below = Unit.objects.below(actor.unit).values("pk")
    for path in units:
        found |= Q(**{f"{path}__in": below})
    return found


class ScopedQuerySet(models.QuerySet[Row]):
    """Rows that are counted for one unit and one district."""

    UNITS: tuple[str, ...] = ("unit",)

    def visible_to(self, user: Any) -> "ScopedQuerySet[Row]":
        """The rows whose numbers this person may look at. Nothing for an anonymous browser."""
        return self.within(user, "insights.view")

    def within(self, user: Any, permission: str) -> "ScopedQuerySet[Row]":
        condition = reach(user, units=self.UNITS, district="district_id", permission=permission)
        return self.none() if condition is None else self.filter(condition)


class HopQuerySet(ScopedQuerySet["Hop"]):
    """Matters passed on concern the unit that gave and the one that got."""

    UNITS = ("from_unit", "to_unit")
