"""Reads of the backlog room: who may see what."""

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Count, Exists, ExpressionWrapper, OuterRef, Q

from accounts.actors import Actor
from accounts.models import Unit, User
from accounts.roles import Scope
from petitions.models import Petition
from petitions.querysets import not_recused

if TYPE_CHECKING:
    from backlog.models import BacklogCase, Meeting, ReceptionDay, SupervisionVisit, Task  # noqa: F401


def district_of(actor: Actor) -> int | None:
    """The district an actor's unit lies in (the city's own key for a city unit), None without a unit."""
    return (actor.unit.area.district_id or actor.unit.area_id) if actor.unit is not None else None


class Scoped(models.QuerySet[Any]):
    """`visible_to` and `within` by one permission table; each model says what a scope reaches."""

    view = ""

    def visible_to(self, who: User | Actor) -> Self:
        """The rows this person or client may read. Nothing for an anonymous browser."""
        return self.within(who, self.view)

    def within(self, who: User | Actor, permission: str) -> Self:
        """The rows the permission reaches for this actor."""
        if getattr(who, "is_anonymous", False):
            return self.none()
        actor = Actor.of(who)
        if actor.is_system:
            return self
        scope = actor.scope_for(permission)
        if scope is None:
            return self.none()
        return self.filter(self.reach_for(permission, scope, actor)).filter(self.not_hidden(actor))

    def reach_for(self, permission: str, scope: Scope, actor: Actor) -> Q:
        """What the scope means for these rows and this permission."""
        return self.reach(scope, actor)

    def reach(self, scope: Scope, actor: Actor) -> Q:
        """What the scope means for these rows."""
        raise NotImplementedError

    def not_hidden(self, actor: Actor) -> Q:
        """What is hidden whatever the scope."""
        return Q()


def open_cases(actor: Actor, path: str = "pk") -> Q:
    """Cases without a petition the reader is kept out of: class A, or recused (domain-facts §1.17, R22 art. 28).

    `path` leads to the case's key; where it may be null, say `Q(case=None) |` beside it.
    """
    from backlog.models import CaseLink

    return Q(~Exists(CaseLink.objects.filter(~open_petitions(actor), case_id=OuterRef(path))))


class BacklogCaseQuerySet(Scoped):
    """Backlog cases."""

    view = "backlog.view"

    def reach_for(self, permission: str, scope: Scope, actor: Actor) -> Q:
        found = self.reach(scope, actor)
        if permission == self.view and scope in {Scope.UNIT, Scope.OWN} and actor.unit is not None:
            # An open task lets its unit read the file; what is written there is the responsible units'.
            from backlog.models import Task

            below = Unit.objects.below(actor.unit) if scope == Scope.UNIT else Unit.objects.filter(pk=actor.unit.pk)
            units = below.values("pk")
            found |= Q(pk__in=Task.objects.filter(unit__in=units, case__isnull=False, ended_at=None).values("case_id"))
        return found

    def reach(self, scope: Scope, actor: Actor) -> Q:
        if scope == Scope.CITY:
            return Q()
        named = Q()
        if actor.user is not None:
            named = Q(pk__in=commanded(actor))
        if scope == Scope.NAMED:
            return named if actor.user is not None else Q(pk__in=[])
        if actor.unit is None:
            return Q(pk__in=[])
        if scope == Scope.AREA:
            return Q(district_id=district_of(actor))
        units: Any = Unit.objects.below(actor.unit).values("pk") if scope == Scope.UNIT else [actor.unit.pk]
        through = assisting_rows().filter(unit_id__in=units).values("backlogcase_id")
        return Q(lead_unit__in=units) | Q(pk__in=through) | named

    def not_hidden(self, actor: Actor) -> Q:
        return open_cases(actor)

    def listed(self) -> "BacklogCaseQuerySet":
        """Ever taken up: the denominator of every rate."""
        return self.filter(listed_at__isnull=False)


def commanded(actor: Actor) -> Any:
    """The keys of the cases the person leads or assists in leading now."""
    from backlog.models import CaseOfficial

    return CaseOfficial.objects.filter(user=actor.user, until=None).values("case_id")


def assisting_rows() -> Any:
    """The table between cases and assisting units."""
    from backlog.models import BacklogCase

    return BacklogCase.assisting.through.objects


class TaskQuerySet(Scoped):
    """Tasks."""

    view = "backlog.view_tasks"

    def reach(self, scope: Scope, actor: Actor) -> Q:
        if scope == Scope.CITY:
            return Q()
        own = Q(owner=actor.user) if actor.user is not None else Q(pk__in=[])
        given = Q(assigned_by=actor.user) if actor.user is not None else Q(pk__in=[])
        if scope == Scope.NAMED:
            return own | given | Q(case__in=commanded(actor))
        if actor.unit is None:
            return own
        if scope == Scope.AREA:
            district = district_of(actor)
            return Q(case__district=district) | Q(unit__area=district) | Q(unit__area__district=district) | own | given
        if scope == Scope.UNIT:
            return Q(unit__in=Unit.objects.below(actor.unit).values("pk")) | own | Q(case__in=commanded(actor))
        return Q(unit=actor.unit, owner=None) | own

    def not_hidden(self, actor: Actor) -> Q:
        # Of a reception the words are its petition's.
        return (Q(case=None) | open_cases(actor, "case_id")) & open_petitions(actor, "reception__petition_id")


class MeetingQuerySet(Scoped):
    """Meetings: the city's, and each district's own."""

    view = "backlog.view_meetings"

    def reach_for(self, permission: str, scope: Scope, actor: Actor) -> Q:
        """Reading reaches every meeting one has a part in; a district office runs its own only."""
        is_own = permission == "backlog.run_meeting" and scope == Scope.AREA
        return Q(area=district_of(actor)) if is_own else self.reach(scope, actor)

    def reach(self, scope: Scope, actor: Actor) -> Q:
        from backlog.models import AgendaItem, BacklogCase, MeetingSite

        if scope == Scope.CITY:
            return Q()
        mine = Q(chair=actor.user) | Q(secretary=actor.user) if actor.user is not None else Q(pk__in=[])
        # Whoever answers for a case reads the meeting it is on; which of its cases, `backlog.agenda.items_for` says.
        cases = BacklogCase.objects.within(actor, "backlog.view").values("pk")
        mine |= Q(pk__in=AgendaItem.objects.filter(case__in=cases).values("meeting_id"))
        if scope == Scope.NAMED or actor.unit is None:
            return mine
        if scope == Scope.AREA:
            district = district_of(actor)
            there = MeetingSite.objects.filter(Q(unit__area=district) | Q(unit__area__district=district))
            return Q(area=district) | Q(pk__in=there.values("meeting_id")) | mine
        sites = MeetingSite.objects.filter(unit__in=Unit.objects.below(actor.unit).values("pk"))
        return Q(pk__in=sites.values("meeting_id")) | mine


class VisitQuerySet(Scoped):
    """Joint supervisions."""

    view = "backlog.view_visits"

    def reach_for(self, permission: str, scope: Scope, actor: Actor) -> Q:
        """Reading reaches every visit one has a part in; a district office runs those of its district only."""
        is_own = permission == "backlog.supervise_jointly" and scope == Scope.AREA
        return Q(district=district_of(actor)) if is_own else self.reach(scope, actor)

    def reach(self, scope: Scope, actor: Actor) -> Q:
        from backlog.models import SupervisionVisit, VisitFinding, VisitMember

        if scope == Scope.CITY:
            return Q()
        mine = Q(leader=actor.user) if actor.user is not None else Q(pk__in=[])
        if actor.user is not None:
            mine |= Q(pk__in=VisitMember.objects.filter(user=actor.user).values("visit_id"))
        if scope == Scope.NAMED or actor.unit is None:
            return mine
        if scope == Scope.AREA:
            return Q(district=district_of(actor)) | mine
        below = Unit.objects.below(actor.unit).values("pk")
        # The unit visited hears of it with the findings, never beforehand; the team's departments from the start.
        team = SupervisionVisit.departments.through.objects.filter(unit_id__in=below).values("supervisionvisit_id")
        found = VisitFinding.objects.filter(unit__in=below).values("visit_id")
        return Q(unit__in=below, state__in=["visited", "closed"]) | Q(pk__in=found) | Q(pk__in=team) | mine


class ReceptionDayQuerySet(Scoped):
    """Reception days. What citizens see is `published()`."""

    view = "backlog.view_receptions"

    def reach(self, scope: Scope, actor: Actor) -> Q:
        if scope == Scope.CITY:
            return Q()
        mine = Q(official=actor.user) if actor.user is not None else Q(pk__in=[])
        if scope == Scope.AREA and actor.unit is not None:
            return Q(area=district_of(actor)) | mine
        return mine

    def published(self) -> "ReceptionDayQuerySet":
        """Open to everybody."""
        return self.filter(state="published")


class MilestoneQuerySet(Scoped):
    """Milestones: as far as their case reaches."""

    view = "backlog.view"

    def within(self, who: User | Actor, permission: str) -> Self:
        from backlog.models import BacklogCase

        return self.filter(case__in=BacklogCase.objects.within(who, permission).values("pk"))

    def standing(self) -> "MilestoneQuerySet":
        """Those that were not removed."""
        return self.filter(dropped_at=None)


class _Posted(Scoped):
    """Task forces and workgroups: posted on the wall, so whoever may read one reads all; changed within the scope."""

    view = "backlog.view_forces"

    def visible_to(self, who: User | Actor) -> Self:
        if getattr(who, "is_anonymous", False):
            return self.none()
        actor = Actor.of(who)
        return self if actor.is_system or actor.scope_for(self.view) is not None else self.none()


class TaskForceQuerySet(_Posted):
    """Task forces: the joint conference's, changed by offices of the whole city only."""

    def reach(self, scope: Scope, actor: Actor) -> Q:
        return Q() if scope == Scope.CITY else Q(pk__in=[])


# A group of fewer is not yet one.
LEAST_MEMBERS = 3


class WorkgroupQuerySet(_Posted):
    """Workgroups: a district's office changes its own."""

    def reach(self, scope: Scope, actor: Actor) -> Q:
        if scope == Scope.CITY:
            return Q()
        return Q(district_id=district_of(actor)) if scope == Scope.AREA and actor.unit is not None else Q(pk__in=[])

    def with_members(self) -> "WorkgroupQuerySet":
        """With `people`: how many members each has now."""
        return self.annotate(people=Count("members", filter=Q(members__until=None)))

    def with_standing(self) -> "WorkgroupQuerySet":
        """With `stands`: whether it counts for the coverage (专班覆盖率).

        It does when it is at work, led, has LEAST_MEMBERS members, a meeting day with its time, and rules.
        """
        named = Q(is_active=True, leader__isnull=False, people__gte=LEAST_MEMBERS)
        rule = named & Q(meets_on__isnull=False, meets_at__isnull=False) & ~Q(rules="")
        return self.with_members().annotate(stands=ExpressionWrapper(rule, output_field=models.BooleanField()))

    def standing(self) -> "WorkgroupQuerySet":
        """Those that count for the coverage."""
        return self.with_standing().filter(stands=True)


def open_petitions(actor: Actor, path: str = "petition_id") -> Q:
    """Rows without a petition, or with one the reader is not kept out of: class A, or recused."""
    closed = Petition.objects.filter(pk=OuterRef(path), is_restricted=True).exclude(
        pk__in=Petition.objects.filter(is_restricted=True).visible_to(actor)
    )
    # Another system is recused from nothing; excluding by an empty condition would hide everything from it.
    if actor.user is None:
        return Q(~Exists(closed))
    kept_out = Petition.objects.filter(pk=OuterRef(path)).exclude(not_recused(actor))
    return ~Exists(closed) & ~Exists(kept_out)


class _OfDay(Scoped):
    """What hangs on a reception day: as far as the day reaches."""

    view = "backlog.view_receptions"

    def reach(self, scope: Scope, actor: Actor) -> Q:
        from backlog.models import ReceptionDay

        if scope == Scope.CITY:
            return Q()
        return Q(day__in=ReceptionDay.objects.filter(ReceptionDay.objects.all().reach(scope, actor)).values("pk"))


class BookingQuerySet(_OfDay):
    """Bookings, without those whose petition is hidden from the reader."""

    def not_hidden(self, actor: Actor) -> Q:
        return open_petitions(actor)

    def holding(self) -> "BookingQuerySet":
        """Those that take a place of their day."""
        return self.exclude(state="cancelled")


class ReceptionQuerySet(_OfDay):
    """Batches received, without what is hidden from the reader."""

    def not_hidden(self, actor: Actor) -> Q:
        return (Q(case=None) | open_cases(actor, "case_id")) & open_petitions(actor)
