"""Who may see a petition beyond the office's own scope, and who lifted the mask."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Unit, User
from petitions import events
from petitions.actions.moves import lock, require
from petitions.actions.recusals import check_not_recused
from petitions.crypto import blind_index
from petitions.models import (
    Involvement,
    Petition,
    Petitioner,
)
from petitions.models.petition import new_query_code
from petitions.search import is_persons_number
from petitions.states import Refused


def involve(
    petition_id: int, *, unit: Unit | None = None, user: User | None = None, at: datetime, reason: str = ""
) -> None:
    """Let a unit, a handler in it, or (unit None) a named person see the petition. Saying it twice changes nothing.

    Raises Refused for a person who is recused in the matter.
    """
    if user is not None:
        check_not_recused(petition_id, user, field="person")
    Involvement.objects.bulk_create(
        [Involvement(petition_id=petition_id, unit=unit, user=user, since=at, reason=reason)], ignore_conflicts=True
    )


def release(petition_id: int, *, unit: Unit, at: datetime, handlers_only: bool = False) -> None:
    """Take a unit's access back (re-dispatch), or only its handlers' (hand-over)."""
    rows = Involvement.objects.filter(petition_id=petition_id, unit=unit)
    (rows.filter(user__isnull=False) if handlers_only else rows).delete()


def unname(petition_id: int, *, user: User, reason: str) -> None:
    """Take back what a person was named for with this reason; named for something else they go on seeing it."""
    Involvement.objects.filter(petition_id=petition_id, user=user, unit=None, reason=reason).delete()


@transaction.atomic
def name_person(petition_id: int, *, user: User, reason: str, actor: User | Actor, at: datetime) -> None:
    """Open a restricted petition to one more person, on the record (domain-facts §1.17).

    Raises Refused for somebody who is recused, or of the unit complained of and those above and below it: naming would
    open nothing to them (`PetitionQuerySet.within`), and the record would say it did.
    """
    who = Actor.of(actor)
    petition = lock(petition_id)
    require(petition, "petitions.name_persons", who)
    respondent = petition.respondent_unit if petition.is_restricted else None
    if respondent is not None and user.unit is not None and user.unit.is_in_line_with(respondent):
        text = _("%(name)s belongs to the unit complained of, or one above or below it. Choose somebody else.")
        raise Refused(text % {"name": user}, field="person", code="complained_of")
    involve(petition_id, user=user, at=at, reason=reason)
    events.record(
        petition_id, "name_person", actor=who, at=at, data={"person": user.pk, "name": user.name}, text=reason
    )


@transaction.atomic
def new_code(petition_id: int, *, reason: str, permission: str, actor: User | Actor, at: datetime) -> Petition:
    """Replace the query code; `permission` names who may. The code stands in no event. Refused without reason."""
    if len(reason.strip()) < 2:
        raise Refused(_("Please say why a new code is given."), field="reason")
    who = Actor.of(actor)
    petition = lock(petition_id)
    require(petition, permission, who)
    petition.query_code, petition.updated_at = new_query_code(), at
    petition.save(update_fields=["query_code", "updated_at"])
    events.record(petition_id, "new_code", actor=who, at=at, text=reason.strip())
    return petition


@transaction.atomic
def reveal(
    petition_id: int, *, reason: str, actor: User | Actor, at: datetime, ip: str | None = None
) -> Petitioner | None:
    """Unmask the main petitioner for one person or system, with a reason, logged (PIPL 51; domain-facts §1.17).

    Raises Refused without a reason of at least four characters or when the role may not.
    """
    from accounts.actions import log_access
    from accounts.models import AccessLog

    if len(reason.strip()) < 4:
        raise Refused(_("Please say why you need to see it; the reason is logged."), field="reason")
    petition = Petition.objects.get(pk=petition_id)
    require(petition, "petitions.reveal", Actor.of(actor))
    log_access(
        user=actor,
        action=AccessLog.Action.REVEAL,
        target=f"petition:{petition_id}",
        reason=reason.strip(),
        ip=ip,
        at=at,
    )
    return petition.petitioners.filter(is_main=True).first()


LOOKUP_ONCE = timedelta(minutes=10)


def note_lookup(user: User, *numbers: str, at: datetime, ip: str | None = None) -> int:
    """Log that somebody who sees identities masked looked a whole phone or identity number up; how many entries.

    The answer tells whose number it is not, so it leaves a trace: a piece of the blind index, for who compares entries,
    never the number. The same number within ten minutes is one look-up: a form asks again at every change.
    """
    wanted = [number for number in numbers if is_persons_number(number)]
    if not wanted or user.may("petitions.reveal"):
        return 0
    from accounts.actions import log_access
    from accounts.models import AccessLog

    made = 0
    with transaction.atomic():
        for number in wanted:
            detail = blind_index("phone", number)[:12]
            lately = AccessLog.objects.filter(user=user, target="person", detail=detail, at__gt=at - LOOKUP_ONCE)
            if not lately.exists():
                log_access(user=user, action=AccessLog.Action.SEARCH, target="person", detail=detail, ip=ip, at=at)
                made += 1
    return made
