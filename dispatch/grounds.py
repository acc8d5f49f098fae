"""The closed list of grounds on which a clock may rest, as data (domain-facts §0.1 no. 8, §1.13, §1.15).

The law knows one ground: the time of a hearing is left out of the re-review (Regulation on Petition Work, art. 36). The
others are this office's rules. They stop service promises only: no office may lengthen a legal period by a rule of its
own, so legal clocks name in their policy which moves pause them.
"""

from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class PauseGround(models.TextChoices):
    HEARING = "hearing", _("A hearing is held")
    FORCE_MAJEURE = "majeure", _("Force majeure")
    EXPERT = "expert", _("Waiting for an expert opinion, test or measurement")
    OTHER_ORGAN = "organ", _("Waiting for another organ's decision the outcome depends on")
    ASKED = "asked", _("The petitioner asked in writing to wait")
    UNREACHABLE = "unreached", _("The petitioner cannot be reached after three documented tries")


@dataclass(frozen=True)
class Ground:
    """`source` is the article, or says that it is the office's own rule. `opens_by_move`: nobody can ask for it."""

    source: Promise
    is_legal: bool = False
    needs_document: bool = True
    needs_end: bool = False
    opens_by_move: bool = False


_OFFICE_RULE = _("rule of this office")
GROUNDS: dict[PauseGround, Ground] = {
    PauseGround.HEARING: Ground(
        _("Regulation on Petition Work, art. 36"), is_legal=True, needs_document=False, opens_by_move=True
    ),
    PauseGround.FORCE_MAJEURE: Ground(_("rule of this office, by analogy with Civil Code, art. 180")),
    PauseGround.EXPERT: Ground(_OFFICE_RULE, needs_end=True),
    PauseGround.OTHER_ORGAN: Ground(_OFFICE_RULE),
    PauseGround.ASKED: Ground(_OFFICE_RULE, needs_end=True),
    # The tries are on the record of the order already.
    PauseGround.UNREACHABLE: Ground(_OFFICE_RULE, needs_document=False, needs_end=True),
}
# Documented attempts before a person counts as out of reach.
TRIES = 3
# A pause that begins later than this share of a term is shown to supervision.
LATE_SHARE = 0.9
