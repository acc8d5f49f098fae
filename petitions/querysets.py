"""Reads of petitions: who may see what, and the orders in which lists are paged."""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.actors import Actor
from accounts.models import Unit, User
from accounts.roles import Scope

if TYPE_CHECKING:
    from petitions.models import Petition  # noqa: F401


class PetitionQuerySet(models.QuerySet["Petition"]):
    def visible_to(self, who: User | Actor) -> "PetitionQuerySet":
        """The petitions this person or client may read (domain-facts §4.2, §1.17). Nothing for an anonymous browser."""
        return self.within(who, "petitions.view")

    def within(self, who: User | Actor, permission: str) -> "PetitionQuerySet":
        """The petitions the permission reaches for this actor.

        Class A matters are open to named persons only, and never to the unit complained of, its parents or its
        children, whatever else they may see.
        """
        if getattr(who, "is_anonymous", False):
            return self.none()
        actor = Actor.of(who)
        if actor.is_system:
            return self
        scope = actor.scope_for(permission)
        if scope is None:
            return self.none()
        return self.filter(self._reach(scope, actor)).filter(self._not_restricted(actor))

    def _involved(self, **who: Any) -> Exists:
        from petitions.models import Involvement

        return Exists(Involvement.objects.filter(petition_id=OuterRef("pk"), **who))

    def _reach(self, scope: Scope, actor: Actor) -> Q:
        user, unit = actor.user, actor.unit
        named = Q(self._involved(user=user, unit__isnull=True)) if user else Q(pk__in=[])
        if scope == Scope.CITY:
            return Q()
        if scope == Scope.NAMED or unit is None:
            return named
        below = Unit.objects.below(unit).values("pk")
        if scope == Scope.AREA:
            district = unit.area.district_id or unit.area_id
            return Q(district_id=district) | Q(self._involved(unit__in=below))
        if scope == Scope.UNIT:
            return Q(register_unit__in=below) | Q(self._involved(unit__in=below))
        # A unit's matter nobody has been assigned yet lies in the pool, so that someone signs for it at once.
        pool = Q(self._involved(unit=unit, user__isnull=True)) & ~Q(self._involved(unit=unit, user__isnull=False))
        return Q(registrar=user) | Q(self._involved(user=user)) | pool

    def _not_restricted(self, actor: Actor) -> Q:
        if actor.user is None:
            return Q(is_restricted=False)
        named = Q(self._involved(user=actor.user, unit__isnull=True))
        if actor.unit is None:
            return Q(is_restricted=False) | named
        line = Q(respondent_unit__path__in=actor.unit.line_above())
        if actor.unit.parent_id is not None:
            line |= Q(respondent_unit__path__startswith=actor.unit.path)
        return Q(is_restricted=False) | (named & ~(Q(respondent_unit__isnull=False) & line))

    def for_lists(self) -> "PetitionQuerySet":
        """Only what a list row shows, with the three names it joins."""
        return self.select_related("district", "area", "lead_unit", "content_class").defer(
            "content", "demand", "reply_text", "respondent"
        )
