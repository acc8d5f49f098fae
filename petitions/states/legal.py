"""Moves of the legal life of a petition until its opinion is delivered (Regulation on Petition Work, arts. 22-36)."""

from django.utils.translation import gettext_lazy as _

from petitions.states.base import Move, State

# Still without the answer the law asks for.
_UNANSWERED = frozenset({State.REGISTERED, State.HANDLING})

LEGAL: tuple[Move, ...] = (
    Move(
        "notify_receipt",
        _("Tell of receipt, route and procedure"),
        _("told the petitioner of receipt, route and procedure"),
        _UNANSWERED,
        None,
        "petitions.notify",
        _("Your matter has been received; you have been told how it goes on."),
    ),
    Move(
        "accept",
        _("Give notice of acceptance"),
        _("accepted the petition"),
        _UNANSWERED,
        None,
        "petitions.notify",
        _("Your matter has been accepted and will be decided within the legal period."),
    ),
    Move(
        "not_accept",
        _("Give notice of non-acceptance"),
        _("did not accept the petition"),
        _UNANSWERED,
        State.NOT_ACCEPTED,
        "petitions.refuse",
        _("Your matter is not accepted; you have been told why and which way is open to you."),
    ),
    Move(
        "no_longer_accept",
        _("Give notice that it is no longer accepted"),
        _("no longer accepted the petition"),
        _UNANSWERED,
        State.NO_LONGER,
        "petitions.refuse",
        _("Your matter is no longer accepted; you have been told why."),
    ),
    Move(
        "deliver_opinion",
        _("Record delivery of the opinion"),
        _("delivered the handling opinion"),
        frozenset({State.REPLIED, State.CLOSED}),
        None,
        "petitions.deliver",
        _("The written opinion has been delivered to you; you may ask for review within 30 days."),
    ),
)
