"""Reads of work orders and notices: who may see what."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from accounts.actors import Actor
from accounts.models import Unit, User
from accounts.roles import Scope
from petitions.models import Petition, Recusal
from petitions.querysets import not_recused

if TYPE_CHECKING:
    from dispatch.models import (  # noqa: F401
        Consultation,
        Drill,
        Job,
        Notice,
        NotificationChannel,
        OrderReturn,
        Proposal,
        Suggestion,
        SupervisionOrder,
        WorkOrder,
    )


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
        rows = self.filter(self._reach(scope, actor)).filter(open_enough, not_recused(actor, "petition_id"))
        if permission == "dispatch.check_below" and actor.unit is not None:
            # A unit judges the work it gave to others below it, never its own.
            rows = rows.filter(parent__unit__in=Unit.objects.below(actor.unit).values("pk")).exclude(unit=actor.unit)
        # A recalled, returned or cancelled order is no longer the unit's business; the office keeps it for the record.
        return rows if scope in {Scope.CITY, Scope.AREA} else rows.exclude(state__in=["cancelled", "returned"])

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
        own = Q(handler=actor.user, unit=actor.unit)
        # The orders of those one stands in for (accounts.models.Absence).
        own |= Q(handler__in=actor.user.stands_in_for(), unit=actor.unit) if actor.user else Q()
        return pool | own | Q(petition__registrar=actor.user)


class OrderReturnQuerySet(models.QuerySet["OrderReturn"]):
    def visible_to(self, who: User | Actor) -> "OrderReturnQuerySet":
        """The returns of orders this person may read; the office keeps those of orders long taken back."""
        from dispatch.models import WorkOrder

        return self.filter(order__in=WorkOrder.objects.visible_to(who).values("pk"))

    def waiting_for(self, who: User | Actor) -> "OrderReturnQuerySet":
        """Asked and not decided, where this person may decide."""
        from dispatch.models import WorkOrder

        rows = WorkOrder.objects.within(who, "dispatch.decide_return").filter(is_open=True, state="return_asked")
        return self.filter(decided_at=None, order__in=rows.values("pk"))


class ConsultationQuerySet(models.QuerySet["Consultation"]):
    def visible_to(self, who: User | Actor) -> "ConsultationQuerySet":
        """The consultations of petitions this person may read, for those who rule, call or are consulted."""
        return self.filter(petition__in=Petition.objects.visible_to(who).values("pk"))

    def waiting_for(self, who: User | Actor) -> "ConsultationQuerySet":
        """Open ones that wait for this person: for the ruling, or for an opinion of the person's unit."""
        actor = Actor.of(who)
        rows = self.filter(state__in=["asked", "held"])
        if actor.may("dispatch.rule"):
            reached = Petition.objects.within(actor, "dispatch.rule")
            return rows.filter(petition__in=reached.values("pk"))
        if actor.unit is None or not actor.may("dispatch.opine"):
            return rows.none()
        reached = Petition.objects.within(actor, "dispatch.opine")
        return rows.filter(
            petition__in=reached.values("pk"), opinions__unit=actor.unit, opinions__answered_at__isnull=True
        )


def _reached(who: User, permission: str, unit: str) -> Q | None:
    """The rows of units the permission reaches; `unit` is the path to the unit. None: it reaches no unit at all."""
    scope = who.scope_for(permission) if who.is_authenticated else None
    if scope == Scope.CITY:
        return Q()
    if who.is_anonymous or who.unit is None or scope is None:
        return None
    if scope == Scope.AREA:
        district = who.unit.area.district_id or who.unit.area_id
        below = Unit.objects.below(who.unit).values("pk")
        return Q(**{f"{unit}__area__district": district}) | Q(**{f"{unit}__in": below})
    return Q(**{f"{unit}__in": Unit.objects.below(who.unit).values("pk")})


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, user: User) -> "NoticeQuerySet":
        """A person's own inbox; nobody reads another's. What is told in a digest stands in the digest.

        What was told before the person was recused in the matter is gone with it.
        """
        if not user.is_authenticated:
            return self.none()
        open_enough = Q(petition=None) | not_recused(Actor.of(user), "petition_id")
        return self.filter(open_enough, recipient=user, channel="inapp")

    def shown(self) -> "NoticeQuerySet":
        """Without what is told in a digest."""
        return self.filter(digest__isnull=True)

    def unread(self) -> "NoticeQuerySet":
        return self.filter(channel="inapp", read_at__isnull=True, digest__isnull=True)

    def logged_for(self, user: User) -> "NoticeQuerySet":
        """The delivery log this person may read: their own mails; a leader's unit; an office's area."""
        sent = self.exclude(channel="inapp").filter(Q(petition=None) | not_recused(Actor.of(user), "petition_id"))
        own = Q(recipient=user)
        reach = [_reached(user, "dispatch.deliveries", path) for path in ("recipient__unit", "target__unit")]
        if reach[0] is None or reach[1] is None:
            return sent.filter(own)
        # Class A: that a named person was told is itself confidential (domain-facts §1.17).
        secret = self.model.objects.filter(digest=OuterRef("pk"), petition__is_restricted=True)
        open_enough = (Q(petition__isnull=True) | Q(petition__is_restricted=False)) & ~Exists(secret)
        return sent.filter(own | (open_enough & (reach[0] | reach[1]))) if reach[0] else sent.filter(own | open_enough)


class NotificationChannelQuerySet(models.QuerySet["NotificationChannel"]):
    def visible_to(self, user: User) -> "NotificationChannelQuerySet":
        """The channels this person may manage."""
        reach = _reached(user, "dispatch.channels", "unit")
        return self.none() if reach is None else self.filter(reach)


class DrillQuerySet(models.QuerySet["Drill"]):
    def visible_to(self, user: User) -> "DrillQuerySet":
        """The whole city's drills for the city; a district's own for its office."""
        scope = user.scope_for("dispatch.drill") if user.is_authenticated else None
        if scope == Scope.CITY:
            return self
        if scope is None or user.unit is None:
            return self.none()
        return self.filter(district=user.unit.area.district_id or user.unit.area_id)


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user: User) -> "JobQuerySet":
        """A person's own jobs; the city office sees everybody's. What a row is about is asked once more, row by row."""
        if not user.is_authenticated:
            return self.none()
        mine = Q(created_by=user)
        sees_all = user.scope_for("dispatch.all_jobs") == Scope.CITY
        rows = self.filter(mine | ~Q(state="draft")) if sees_all else self.filter(mine)
        # A job on one case (an export of its file) follows the case, also for who started it.
        key = Cast(KeyTextTransform("petition", OuterRef("params")), models.BigIntegerField())
        case = Petition.objects.visible_to(user).filter(pk=key)
        return rows.filter(~Q(params__has_key="petition") | Exists(case))


def _district_of(unit: Unit) -> int:
    return unit.area.district_id or unit.area_id


def _open_enough(actor: Actor) -> Q:
    """Rows about a class A petition follow the petition: named persons only, never the unit complained of."""
    named = Petition.objects.filter(is_restricted=True).visible_to(actor)
    usual = Q(petition__is_restricted=False) & not_recused(actor, "petition_id")
    return Q(petition=None) | usual | Q(petition__in=named.values("pk"))


def _named(actor: Actor) -> Q:
    return Q(petition__in=Petition.objects.within(actor, "petitions.view").values("pk"))


def _of_district(unit: Unit) -> Q:
    """About a petition of the district, or about a unit of it at large."""
    district = _district_of(unit)
    return Q(petition__district_id=district) | Q(petition=None, unit__area__district_id=district)


_JUDGES = {"dispatch.supervise", "dispatch.supervise_decide", "dispatch.supervise_high"}


class SupervisionQuerySet(models.QuerySet["SupervisionOrder"]):
    """Supervision orders: the offices that supervise, the unit supervised, those who are to read a circular."""

    def visible_to(self, who: User | Actor) -> "SupervisionQuerySet":
        """What the person may open: whole orders, and circulars their unit is to read, of which only that is shown."""
        if getattr(who, "is_anonymous", False):
            return self.none()
        actor = Actor.of(who)
        whole = self.whole_to(actor)
        if actor.unit is None or not actor.may("dispatch.view_supervision"):
            return whole
        # A circular is never about a class A matter (dispatch.actions.supervision).
        usual = Q(petition__is_restricted=False) & not_recused(actor, "petition_id")
        to_read = self.filter(usual, readings__unit__path__startswith=actor.unit.path)
        at_large = self.filter(readings__unit__path__startswith=actor.unit.path, petition=None)
        return self.filter(
            Q(pk__in=whole.values("pk")) | Q(pk__in=to_read.values("pk")) | Q(pk__in=at_large.values("pk"))
        )

    def whole_to(self, who: User | Actor) -> "SupervisionQuerySet":
        """The orders the person may read whole: what is ordered, answered and decided, and the case."""
        return self.within(who, "dispatch.view_supervision")

    def within(self, who: User | Actor, permission: str) -> "SupervisionQuerySet":
        """The supervision orders the permission reaches. Nothing for an anonymous browser."""
        if getattr(who, "is_anonymous", False):
            return self.none()
        actor = Actor.of(who)
        scope = actor.scope_for(permission)
        if actor.is_system:
            return self
        if scope is None:
            return self.none()
        rows = self.filter(_open_enough(actor))
        if permission in _JUDGES and actor.unit is not None:
            # Nobody judges the supervision of their own unit.
            rows = rows.exclude(unit=actor.unit)
        return rows.filter(self._reach(scope, actor, permission))

    def _reach(self, scope: Scope, actor: Actor, permission: str) -> Q:
        if scope == Scope.CITY:
            return Q()
        if actor.unit is None:
            return Q(pk__in=[])
        mine = Q(unit__in=Unit.objects.below(actor.unit).values("pk"))
        if permission == "dispatch.view_supervision":
            # A lead official hears of the units of their government as well as of the cases named to them.
            also = {Scope.AREA: _of_district(actor.unit), Scope.NAMED: _named(actor)}.get(scope, Q(pk__in=[]))
            return mine | also
        if scope in {Scope.AREA, Scope.NAMED}:
            # Who issued it decides on it; the city decides on any.
            reach = _of_district(actor.unit) if scope == Scope.AREA else _named(actor)
            return reach & Q(issuing_unit=actor.unit)
        return mine if scope == Scope.UNIT else Q(unit=actor.unit)


class ProposalQuerySet(models.QuerySet["Proposal"]):
    """Findings: those who supervise read them; never the unit they are about."""

    def visible_to(self, who: User | Actor) -> "ProposalQuerySet":
        return self.within(who, "dispatch.view_findings")

    def within(self, who: User | Actor, permission: str) -> "ProposalQuerySet":
        """The findings the permission reaches. Nobody judges what is found about their own unit."""
        if getattr(who, "is_anonymous", False):
            return self.none()
        actor = Actor.of(who)
        scope = actor.scope_for(permission)
        if actor.is_system:
            return self
        if scope is None or actor.unit is None:
            return self.none()
        reach = {Scope.CITY: Q(), Scope.AREA: _of_district(actor.unit), Scope.NAMED: _named(actor)}
        rows = self.filter(reach.get(scope, Q(pk__in=[]))).filter(_open_enough(actor))
        return rows.exclude(unit=actor.unit)


class SuggestionQuerySet(models.QuerySet["Suggestion"]):
    """Formal suggestions: the office that wrote it, those who oversee it, and the one addressed."""

    def visible_to(self, who: User | Actor) -> "SuggestionQuerySet":
        return self.within(who, "dispatch.view_suggestions")

    def within(self, who: User | Actor, permission: str) -> "SuggestionQuerySet":
        """The suggestions the permission reaches. One that rests on a class A matter follows that matter."""
        if getattr(who, "is_anonymous", False):
            return self.none()
        actor = Actor.of(who)
        scope = actor.scope_for(permission)
        if actor.is_system:
            return self
        if scope is None:
            return self.none()
        secret = Petition.objects.filter(is_restricted=True).exclude(
            pk__in=Petition.objects.filter(is_restricted=True).visible_to(actor).values("pk")
        )
        hidden = Q(petitions__in=secret.values("pk"))
        if actor.user is not None:
            hidden |= Q(petitions__in=Recusal.objects.in_force().filter(person=actor.user).values("petition_id"))
        rows = self.filter(self._reach(scope, actor))
        return rows.exclude(pk__in=self.model.objects.filter(hidden).values("pk"))

    def _reach(self, scope: Scope, actor: Actor) -> Q:
        if scope == Scope.CITY:
            return Q()
        if actor.unit is None:
            return Q(pk__in=[])
        below = Unit.objects.below(actor.unit).values("pk")
        if scope == Scope.AREA:
            district = _district_of(actor.unit)
            issued = Q(issuing_unit__area__district_id=district)
            return issued | Q(addressee__area__district_id=district)
        if scope == Scope.UNIT:
            return Q(addressee__in=below)
        return Q(addressee=actor.unit)
