"""Reads of petitions: who may see what, and the orders in which lists are paged."""

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q

from accounts.actors import Actor
from accounts.models import Unit, User
from accounts.roles import Scope
from petitions.paging import capped_counts

if TYPE_CHECKING:
    from petitions.models import Petition  # noqa: F401


class _NoneOf(Func):
    """`key <> ALL (ARRAY(…))`: the subquery is read once for the statement, whatever the plan around it."""

    template = "(%(expressions)s))"
    arg_joiner = " <> ALL ("
    output_field = BooleanField()


def not_recused(actor: Actor, path: str = "pk") -> Q:
    """Rows of petitions the person is not kept out of (Regulation on Petition Work, art. 28); `path` leads to the key.

    Where the path may be null, say `Q(petition=None) |` beside it.
    """
    from petitions.models import Recusal

    if actor.user is None:
        return Q()
    mine = Recusal.objects.in_force().filter(person=actor.user).order_by()
    return Q(_NoneOf(F(path), ArraySubquery(mine.values("petition_id"))))


class Way(StrEnum):
    """How a reach is asked for: its petitions found first, or each row by itself."""

    # The ids of all, through the small sides: right for all of them, and grows with the register.
    SET = "set"
    # Each row by its own index entries: right where every tenth row belongs to it.
    ROW = "row"
    # Each row in a table of what is handled, made once: right where that is thousands among a million.
    TABLE = "table"


class PetitionQuerySet(models.QuerySet["Petition"]):
    def visible_to(self, who: User | Actor, *, way: Way = Way.SET) -> "PetitionQuerySet":
        """The petitions this person or client may read (domain-facts §4.2, §1.17). Nothing for an anonymous browser."""
        return self.within(who, "petitions.view", way=way)

    def within(self, who: User | Actor, permission: str, *, way: Way = Way.SET) -> "PetitionQuerySet":
        """The petitions the permission reaches for this actor.

        Class A matters are open to named persons only, and never to the unit complained of, its parents or its
        children, whatever else they may see. Whoever is recused in a matter does not see it at all.

        `way` words the same rows otherwise, for whoever asks for a stretch of an index and not for all of them.
        """
        if getattr(who, "is_anonymous", False):
            return self.none()
        actor = Actor.of(who)
        if actor.is_system:
            return self
        scope = actor.scope_for(permission)
        if scope is None:
            return self.none()
        if actor.matters:
            # A citizen's own matter, an accusation too: whoever wrote it knows it.
            return self.filter(pk__in=actor.matters)
        reach = self._reach(scope, actor) if way == Way.SET else self._reach_of_a_row(scope, actor, way)
        return self.filter(reach).filter(self._not_restricted(actor), not_recused(actor))

    def parts_within(self, who: User | Actor, permission: str) -> list["PetitionQuerySet"]:
        """`within` as disjoint parts, each answered by an index of its own: what a capped count wants.

        "In my district, or handled by my unit elsewhere" as one OR makes the planner read every open petition.
        """
        actor = None if getattr(who, "is_anonymous", False) else Actor.of(who)
        if actor is None or actor.unit is None or actor.scope_for(permission) != Scope.AREA:
            return [self.within(who, permission)]
        rows = self.filter(self._not_restricted(actor), not_recused(actor))
        district = actor.unit.area.district_id or actor.unit.area_id
        elsewhere = rows.filter(pk__in=self._handled_below(actor.unit)).exclude(district_id=district)
        return [rows.filter(district_id=district), elsewhere]

    def _handled_below(self, unit: Unit) -> models.QuerySet[Any]:
        from petitions.models import Involvement

        return Involvement.objects.filter(unit__in=Unit.objects.below(unit).values("pk")).values("petition_id")

    def _reach(self, scope: Scope, actor: Actor) -> Q:
        from petitions.models import Petition

        unit = actor.unit
        if scope == Scope.CITY:
            return Q()
        if scope == Scope.AREA and unit is not None:
            district = unit.area.district_id or unit.area_id
            return Q(district_id=district) | Q(pk__in=self._handled_below(unit))
        # One set of ids, found through the small sides: an OR of conditions would be tried on every petition.
        if scope == Scope.UNIT and unit is not None:
            below = Unit.objects.below(unit).values("pk")
            registered = Petition.objects.filter(register_unit__in=below).values("pk")
            return Q(pk__in=self._handled_below(unit).union(registered))
        first, *rest = self._involved(scope, actor)
        if scope == Scope.OWN and actor.user is not None and unit is not None:
            rest.append(Petition.objects.filter(registrar=actor.user).values("pk"))
        return Q(pk__in=first.union(*rest) if rest else first)

    def _reach_of_a_row(self, scope: Scope, actor: Actor, way: Way) -> Q:
        """The same petitions as `_reach`, each asked for itself. Reads the numbers of the actor's units at once."""
        unit = actor.unit
        if scope == Scope.CITY:
            return Q()
        below: list[int] = []
        if unit is not None and scope in {Scope.UNIT, Scope.AREA}:
            # As numbers: the planner knows how many matters each unit has, and asks for few rows in another way.
            below = list(Unit.objects.below(unit).order_by().values_list("pk", flat=True))
        reach = Q()
        # What a look at the row answers stands first.
        if scope == Scope.AREA and unit is not None:
            reach |= Q(district_id=unit.area.district_id or unit.area_id)
        elif scope == Scope.UNIT and unit is not None:
            reach |= Q(register_unit__in=below)
        elif scope == Scope.OWN and unit is not None and actor.user is not None:
            reach |= Q(registrar=actor.user)
        for rows in self._involved(scope, actor, below):
            is_one = Q(pk__in=rows) if way == Way.TABLE else Q(Exists(rows.filter(petition_id=OuterRef("pk"))))
            reach |= is_one
        return reach

    def matters_of(self, unit: Unit, cap: int) -> tuple[int, int]:
        """How many matters a unit and those below it handle, and how many they registered, each up to `cap` + 1."""
        from petitions.models import Involvement, Petition

        below = list(Unit.objects.below(unit).order_by().values_list("pk", flat=True))
        handled = Involvement.objects.filter(unit__in=below)
        counted = capped_counts([handled, Petition.objects.filter(register_unit__in=below)], cap)
        return counted[0], counted[1]

    def _involved(self, scope: Scope, actor: Actor, below: Sequence[int] = ()) -> list[models.QuerySet[Any]]:
        """By which involvements the scope reaches petitions, beside what their own columns say."""
        from petitions.models import Involvement

        user, unit = actor.user, actor.unit
        involved = Involvement.objects.values("petition_id")
        named = involved.filter(user=user, unit__isnull=True) if user else involved.none()
        if scope == Scope.NAMED or unit is None or (scope == Scope.OWN and user is None):
            return [named]
        if scope in {Scope.UNIT, Scope.AREA}:
            return [involved.filter(unit__in=below)]
        # A unit's matter nobody has been assigned yet lies in the pool, so that someone signs for it at once.
        assigned = Involvement.objects.filter(petition_id=OuterRef("petition_id"), unit=unit, user__isnull=False)
        pool = involved.filter(unit=unit, user__isnull=True).exclude(Exists(assigned))
        # Whoever has left the unit has left its cases; a substitute sees what the absent colleague handles, but never
        # what the colleague was named for.
        handled = involved.filter(Q(user=user) | Q(user__in=user.stands_in_for() if user else []), unit=unit)
        return [handled, named, pool]

    def _not_restricted(self, actor: Actor) -> Q:
        from petitions.models import Involvement

        if actor.user is None:
            return Q(is_restricted=False)
        # Subqueries, not joins: they are asked for the few restricted rows only.
        named = Exists(Involvement.objects.filter(petition_id=OuterRef("pk"), user=actor.user, unit__isnull=True))
        if actor.unit is None:
            return Q(is_restricted=False) | Q(named)
        in_line = Q(path__in=actor.unit.line_above())
        if actor.unit.parent_id is not None:
            # The city government stands above every unit; that alone makes nobody in it partial.
            in_line |= Q(path__startswith=actor.unit.path)
        complained_of = Exists(Unit.objects.filter(in_line, pk=OuterRef("respondent_unit_id")))
        return Q(is_restricted=False) | (Q(named) & ~Q(complained_of))

    def for_lists(self) -> "PetitionQuerySet":
        """Only what a list row shows, with the three names it joins."""
        return self.select_related("district", "area", "lead_unit", "content_class").defer(
            "content", "demand", "reply_text", "respondent"
        )
