"""Reads of work orders and notices: who may see what."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from accounts.actors import Actor
from accounts.models import Unit, User
from accounts.roles import Scope
from petitions.models import Petition

if TYPE_CHECKING:
    from dispatch.models import Job, Notice, WorkOrder  # noqa: F401


class WorkOrderQuerySet(models.QuerySet["WorkOrder"]):
    def visible_to(self, who: User | Actor) -> "WorkOrderQuerySet":
        """The orders this person or client may read. Nothing for an anonymous browser."""
        return self.within(who, "dispatch.view")

    def within(self, who: User | Actor, permission: str) -> "WorkOrderQuerySet":
        """The orders the permission reaches for this actor; a restricted petition's orders follow the petition."""
        if getattr(who, "is_anonymous", False):
            return self.none()
        actor = Actor.of(who)
        if actor.is_system:
            return self
        scope = actor.scope_for(permission)
        if scope is None:
            return self.none()
        open_enough = Q(petition__is_restricted=False) | Q(
            petition__in=Petition.objects.filter(is_restricted=True).visible_to(actor).values("pk")
        )
        rows = self.filter(self._reach(scope, actor)).filter(open_enough)
        # A recalled or cancelled order is no longer the unit's business; the office keeps it for the record.
        return rows if scope in {Scope.CITY, Scope.AREA} else rows.exclude(state="cancelled")

    def _reach(self, scope: Scope, actor: Actor) -> Q:
        if scope == Scope.CITY:
            return Q()
        if actor.unit is None:
            return Q(pk__in=[])
        below = Unit.objects.below(actor.unit).values("pk")
        if scope == Scope.AREA:
            return Q(petition__district_id=actor.unit.area.district_id or actor.unit.area_id) | Q(unit__in=below)
        if scope == Scope.UNIT:
            return Q(unit__in=below)
        pool = Q(unit=actor.unit, handler__isnull=True)
        return pool | Q(handler=actor.user, unit=actor.unit) | Q(petition__registrar=actor.user)


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, user: User) -> "NoticeQuerySet":
        """A person's own inbox; nobody reads another's."""
        return self.filter(recipient=user, channel="inapp")

    def unread(self) -> "NoticeQuerySet":
        return self.filter(channel="inapp", read_at__isnull=True)


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user: User) -> "JobQuerySet":
        """A person's own jobs; the city office sees everybody's. What a row is about is asked once more, row by row."""
        if not user.is_authenticated:
            return self.none()
        mine = Q(created_by=user)
        sees_all = user.scope_for("dispatch.all_jobs") == Scope.CITY
        return self.filter(mine | ~Q(state="draft")) if sees_all else self.filter(mine)
