"""Moves after the end: into the archive, and out of memory (domain-facts §1.18)."""

from django.utils.translation import gettext_lazy as _

from petitions.states.base import OPEN_STATES, Move, State

ENDED = frozenset(State) - OPEN_STATES

KEEPING: tuple[Move, ...] = (
    Move(
        "archive",
        _("Put into the archive"),
        _("put the case into the archive"),
        ENDED,
        None,
        "petitions.archive",
    ),
    Move(
        "anonymise",
        _("Remove the personal words"),
        _("removed the personal words, as the law demands"),
        ENDED,
        None,
        "petitions.anonymise",
    ),
)
