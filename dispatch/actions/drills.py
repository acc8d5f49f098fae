"""The writers of escalation drills: the stored proof, and the marked test message through the real outbox."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Area, Unit, User
from accounts.roles import Scope
from dispatch import drill as reading
from dispatch.actions.notices import notify
from dispatch.models import Drill, DrillHole
from petitions.states import Refused


@transaction.atomic
def run_drill(user: User, *, at: datetime, district: Area | None = None) -> Drill:
    """Look the ladder through and store what was found. Raises Refused for who may not."""
    if not user.may("dispatch.drill"):
        raise Refused(_("Drills are run by petition offices and inspectors."), code="not_allowed")
    if user.scope_for("dispatch.drill") != Scope.CITY:
        area = user.unit.area if user.unit else None
        district = (area.district or area) if area else None
    result = reading.look_through(reading.units_for(user, district))
    drill = Drill.objects.create(
        at=at,
        by=user,
        district=district,
        units=len(result.units),
        rungs=result.rungs,
        holes=len(result.holes),
        weak=len(result.weak),
    )
    DrillHole.objects.bulk_create(
        [
            DrillHole(
                drill=drill, unit_id=s.unit_id, desk=s.word, falls_to=s.desk, rungs=min(result.uses[s.word], 32767)
            )
            for s in result.holes
        ],
        batch_size=1000,
    )
    return drill


@transaction.atomic
def send_test(unit: Unit, user: User, *, at: datetime) -> Drill:
    """Send one marked message to everybody on a unit's ladder, through the outbox. Raises Refused."""
    if not user.may("dispatch.drill_send") or unit not in reading.units_for(user):
        raise Refused(_("Only the petition office of this area sends a test to its units."), code="not_allowed")
    result = reading.look_through([unit])
    drill = Drill.objects.create(
        at=at,
        by=user,
        district=unit.area.district,
        units=1,
        rungs=result.rungs,
        holes=len(result.holes),
        weak=len(result.weak),
        unit=unit,
    )
    people = {person for found in reading.people_of(unit).values() for person in found}
    notify(
        people,
        kind="drill",
        key=f"drill:{drill.pk}",
        at=at,
        params={"unit": unit.short_name or unit.name, "link": f"/drill/runs/{drill.pk}/", "by": user.name},
        # A test that waits for the morning proves nothing to who is looking at the log now.
        is_urgent=True,
    )
    return drill
