"""Hand-over of a matter from one petition office to another (Regulation on Petition Work, art. 24)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Area, Unit, User
from petitions.models.petition import Petition


class HandOver(models.Model):
    """One request that another district's office take a matter over. Only `petitions.actions.handovers` writes it."""

    class State(models.TextChoices):
        ASKED = "asked", _("Waits for the answer")
        ACCEPTED = "accepted", _("Taken over")
        REFUSED = "refused", _("Refused; the office above rules")
        RULED = "ruled", _("Ruled: goes over")
        KEPT = "kept", _("Ruled: stays")
        TAKEN_BACK = "taken_back", _("Taken back")

    petition = models.ForeignKey(Petition, models.PROTECT, related_name="hand_overs")
    from_office = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("handing office"))
    to_office = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("receiving office"))
    # Where the problem lies, as the handing office sees it; becomes the petition's place when it goes over.
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("place of the problem"))
    state = models.CharField(_("status"), max_length=10, choices=State.choices, default=State.ASKED)
    reason = models.TextField(_("reason"))
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    answer = models.TextField(_("answer"), blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    ruling = models.TextField(_("ruling"), blank=True)
    ruled_at = models.DateTimeField(null=True)
    ruled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("hand-over")
        verbose_name_plural = _("hand-overs")
        constraints = [
            models.UniqueConstraint(
                fields=["petition"], condition=Q(state__in=["asked", "refused"]), name="hand_over_open_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["to_office", "asked_at"], condition=Q(state__in=["asked", "refused"]), name="hand_over_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.petition_id}: {self.from_office_id} → {self.to_office_id}"
