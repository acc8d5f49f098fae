"""Who may see a petition beyond the office's own scope, and who lifted the mask."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Unit, User
from petitions import events
from petitions.actions.moves import lock, require
from petitions.actions.recusals import check_not_recused
from petitions.models import (
    Involvement,
    Petition,
    Petitioner,
)
from petitions.models.petition import new_query_code
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


@transaction.atomic
def name_person(petition_id: int, *, user: User, reason: str, actor: User | Actor, at: datetime) -> None:
    """Open a restricted petition to one more person, on the record (domain-facts §1.17)."""
    who = Actor.of(actor)
    petition = lock(petition_id)
    require(petition, "petitions.name_persons", who)
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
def reveal(petition_id: int, *, reason: str, actor: User, at: datetime, ip: str | None = None) -> Petitioner | None:
    """Unmask the main petitioner for one person, with a reason, logged (PIPL 51; domain-facts §1.17).

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
