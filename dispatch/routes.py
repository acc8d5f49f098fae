"""Other legal routes a matter may be led into (Regulation on Petition Work, art. 31; domain-facts §1.6)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Route(models.TextChoices):
    LITIGATION = "litigation", _("Court, procuratorate or police procedure")
    ARBITRATION = "arbitration", _("Arbitration")
    PARTY_APPEAL = "party_appeal", _("Appeal within the Party")
    RECONSIDERATION = "reconsideration", _("Administrative reconsideration")
    ADJUDICATION = "adjudication", _("Administrative adjudication, confirmation or licence")
    PENALTY = "penalty", _("Administrative penalty")
    PROTECTION = "protection", _("Request to investigate or to perform a protective duty")
    DISCLOSURE = "disclosure", _("Disclosure of government information")
    MEDIATION = "mediation", _("Mediation or settlement")
    DISCIPLINE = "discipline", _("Organ of discipline and supervision")


# What the officer tells the petitioner about time on that route.
USUAL_TERM = {
    Route.LITIGATION: _("A suit is brought within six months, or fifteen days after a reconsideration decision."),
    Route.ARBITRATION: _("Labour disputes: claim within one year; award within 45 days, 15 more in hard cases."),
    Route.PARTY_APPEAL: _("Time runs by the rules of the Party."),
    Route.RECONSIDERATION: _("Apply within 60 days; decision within 60 days, 30 more in hard cases."),
    Route.ADJUDICATION: _("A licence is decided within 20 working days, 10 more in hard cases."),
    Route.PENALTY: _("A penalty is decided within 90 days of filing."),
    Route.PROTECTION: _("An organ silent for two months may be sued."),
    Route.DISCLOSURE: _("Answer within 20 working days, 20 more in hard cases."),
    Route.MEDIATION: _("Possible at any time; joint confirmation by the court within 30 days of the agreement."),
    # Accusations (Regulation on Petition Work, art. 30); the times are the organ's own.
    Route.DISCIPLINE: _("Handled in confidence by the organ's own rules; a person who gave a name is told."),
}
