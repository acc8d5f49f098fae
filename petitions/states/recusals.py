"""The life of a recusal as data: asked for, granted or declined, lifted."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from petitions.states.base import Move


class RecusalState(models.TextChoices):
    ASKED = "asked", _("Asked for")
    GRANTED = "granted", _("Recused")
    DECLINED = "declined", _("Declined")
    LIFTED = "lifted", _("Lifted")


RECUSAL_TONES = {
    RecusalState.ASKED: "amber",
    RecusalState.GRANTED: "red",
    RecusalState.DECLINED: "grey",
    RecusalState.LIFTED: "grey",
}

RECUSAL_MOVES: dict[str, Move] = {
    row.name: row
    for row in (
        Move(
            "grant_recusal",
            _("Grant the recusal"),
            _("granted the recusal of"),
            frozenset({RecusalState.ASKED}),
            RecusalState.GRANTED,
            "petitions.decide_recusal",
        ),
        Move(
            "decline_recusal",
            _("Decline the recusal"),
            _("declined the recusal of"),
            frozenset({RecusalState.ASKED}),
            RecusalState.DECLINED,
            "petitions.decide_recusal",
        ),
        Move(
            "lift_recusal",
            _("Lift the recusal"),
            _("lifted the recusal of"),
            frozenset({RecusalState.GRANTED}),
            RecusalState.LIFTED,
            "petitions.decide_recusal",
        ),
    )
}
