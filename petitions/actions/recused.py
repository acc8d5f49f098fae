"""What a granted recusal takes a person off: the team of a review, the seats of a hearing (Regulation, art. 28)."""

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from petitions.actions.hearings import advance
from petitions.actions.moves import move
from petitions.models import Hearing, HearingMember, Petition, ReviewInvestigator
from petitions.states.reviews import OPEN_REVIEWS, HearingState

_SEATS = (HearingMember.Part.CHAIR, HearingMember.Part.PANEL, HearingMember.Part.CLERK)


def leave_team(petition: Petition, person: User, *, at: datetime) -> None:
    """Take a recused person off the team; the decision then asks for another. The caller holds the petition's lock."""
    rows = ReviewInvestigator.objects.filter(request__petition=petition, request__state__in=OPEN_REVIEWS)
    for seat in rows.filter(user=person, left_at=None):
        seat.left_at = at
        seat.save(update_fields=["left_at"])


def leave_hearing(petition: Petition, person: User, *, actor: Actor, at: datetime) -> None:
    """Take a recused person off the hearing; the caller holds the petition's lock.

    A seat of the panel or the clerk cannot stay empty, nor what was said before them stand: the hearing is broken off
    with its record, and the same request waits for a new panel and date. A unit just sends somebody else.
    """
    row = Hearing.objects.filter(petition=petition, state__in=[HearingState.SET, HearingState.SITTING]).first()
    if row is None:
        return
    seats = row.members.filter(user=person)
    if not seats.filter(part__in=_SEATS).exists():
        if row.state == HearingState.SET:
            seats.delete()
        return
    row.ended_at, row.end_reason = at, _("The panel changes; the hearing is set anew.")
    advance(row, "break_off")
    again = Hearing.objects.create(
        petition=petition,
        review=row.review,
        asked_at=row.asked_at,
        asked_by=row.asked_by,
        side=row.side,
        subject=row.subject,
    )
    data, allowed = {"hearing": again.pk, "instead_of": row.pk}, "petitions.decide_recusal"
    changes = {"hearing_since": None}
    move(petition.pk, "break_off_hearing", actor=actor, at=at, data=data, changes=changes, permission=allowed)
