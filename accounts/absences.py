"""The only writer of absences: who is away, and which colleague stands in meanwhile."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Absence, Unit, User
from accounts.roles import Scope


class AbsenceRefused(Exception):
    """An absence that cannot be entered. `str()` is a sentence for the person; `field` names the input at fault."""

    def __init__(self, message: str, field: str = ""):
        super().__init__(message)
        self.field = field


def keeps(who: User | Actor) -> Q:
    """The people whose absences this person may enter: oneself, and those the permission reaches."""
    actor = Actor.of(who)
    own = Q(pk=actor.user.pk) if actor.user else Q(pk__in=[])
    scope = actor.scope_for("accounts.people")
    if scope is None or (actor.unit is None and scope != Scope.CITY):
        return own
    if scope == Scope.CITY:
        return Q()
    root = actor.unit
    if scope == Scope.AREA and actor.unit is not None:
        return own | Q(unit__area__district_id=actor.unit.area.district_id or actor.unit.area_id)
    assert root is not None
    return own | Q(unit__in=Unit.objects.below(root).values("pk"))


@transaction.atomic
def set_absence(
    user: User,
    *,
    substitute: User,
    since: datetime,
    until: datetime,
    reason: str = "",
    actor: User | Actor,
    at: datetime,
) -> Absence:
    """Enter an absence. From `since` on the substitute sees and handles what the person handles.

    Raises AbsenceRefused: outside one's reach, a period that is over or overlaps another, a substitute of another
    unit, one who is away then too, or a circle of substitutes.
    """
    who = Actor.of(actor)
    if not User.objects.filter(keeps(who), pk=user.pk).exists():
        raise AbsenceRefused(_("You may not enter this person's absences."))
    if user.unit_id is None:
        raise AbsenceRefused(_("%(name)s belongs to no unit.") % {"name": user}, "user")
    # Both directions of a circle are entered in one unit, so its row orders them.
    Unit.objects.select_for_update().get(pk=user.unit_id)
    if until <= since:
        raise AbsenceRefused(_("The end must lie after the beginning."), "until")
    if until <= at:
        raise AbsenceRefused(_("This period is over already."), "until")
    if substitute.pk == user.pk or not substitute.is_active or substitute.unit_id != user.unit_id:
        raise AbsenceRefused(_("Choose another active person of the same unit."), "substitute")
    _check_clashes(user, substitute, since, until)
    return Absence.objects.create(
        user=user,
        substitute=substitute,
        since=since,
        until=until,
        reason=reason.strip(),
        made_by=who.user,
        made_at=at,
    )


def _check_clashes(user: User, substitute: User, since: datetime, until: datetime) -> None:
    others = Absence.objects.overlapping(since, until).select_related("user", "substitute")
    own = others.filter(user=user).first()
    if own is not None:
        words = {"since": _day(own.since), "until": _day(own.until)}
        raise AbsenceRefused(_("An absence from %(since)s to %(until)s is entered already.") % words, "since")
    if others.filter(user=substitute).exists():
        raise AbsenceRefused(_("%(name)s is away in that time too.") % {"name": substitute}, "substitute")
    leans = others.filter(substitute=user).first()
    if leans is not None:
        text = _("%(name)s stands in for %(other)s until %(until)s. Choose another substitute there first.")
        words = {"name": str(user), "other": str(leans.user), "until": _day(leans.until)}
        raise AbsenceRefused(text % words, "since")


def _day(moment: datetime) -> str:
    return f"{localtime(moment):%m-%d %H:%M}"


@transaction.atomic
def end_absence(absence_id: int, *, actor: User | Actor, at: datetime) -> Absence:
    """Take an absence back before it begins, or end it now. Raises AbsenceRefused outside one's reach or when over."""
    absence = Absence.objects.select_for_update(of=("self",)).select_related("user", "substitute").get(pk=absence_id)
    who = Actor.of(actor)
    if not User.objects.filter(keeps(who), pk=absence.user_id).exists():
        raise AbsenceRefused(_("You may not enter this person's absences."))
    if absence.cancelled_at is not None or absence.until <= at:
        raise AbsenceRefused(_("This absence is over already."))
    if absence.since < at:
        absence.until = at
    else:
        absence.cancelled_at, absence.cancelled_by = at, who.user
    absence.save()
    return absence
