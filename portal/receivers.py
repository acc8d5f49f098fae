"""What citizens are told when their matter moves, in the transaction of the move."""

from datetime import datetime
from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from petitions.models import Document, Petition
from petitions.signals import document_issued, petition_moved
from portal import actions


@receiver(petition_moved)
def ask_for_rating(petition: Petition, move: str, at: datetime, **_kwargs: Any) -> None:
    if move in {"reply", "answer_at_once", "put_right"} and not petition.is_restricted:
        actions.answered(petition, at=at)


@receiver(document_issued)
def tell_of_letter(document: Document, at: datetime, **_kwargs: Any) -> None:
    actions.letter_issued(document, at=at)


@receiver(user_logged_in)
def keep_sign_in(request: HttpRequest, **_kwargs: Any) -> None:
    """Who signs in where a matter was open is signed in for a whole day's work, not for a citizen's hours."""
    request.session.set_expiry(None)
