"""Discussion of a difficult matter by several units, and its ruling (疑难会商, domain-facts §2.5)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Unit, User
from dispatch.models.orders import WorkOrder
from dispatch.querysets import ConsultationQuerySet
from dispatch.states import CONSULTATION_TONES, OPEN_CONSULTATION_STATES, ConsultationState
from petitions.models import Petition


class Consultation(models.Model):
    """Several units on whose a matter is, before or after dispatch. Written by `dispatch.actions.consultations`."""

    petition = models.ForeignKey(Petition, models.PROTECT, related_name="consultations")
    # The order in dispute, when the matter was dispatched already.
    order = models.ForeignKey(WorkOrder, models.PROTECT, null=True, related_name="consultations")
    state = models.CharField(
        _("status"), max_length=8, choices=ConsultationState.choices, default=ConsultationState.ASKED
    )
    version = models.PositiveIntegerField(default=1)
    question = models.TextField(_("question"))
    called_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    called_unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("called by"))
    asked_at = models.DateTimeField()
    held_at = models.DateTimeField(_("held"), null=True)
    minutes = models.TextField(_("minutes"), blank=True)
    ruled_at = models.DateTimeField(null=True)
    ruled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    ruling = models.TextField(_("ruling"), blank=True)
    lead_unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("lead unit"))
    assisting = models.ManyToManyField(Unit, related_name="+", verbose_name=_("assisting units"))

    objects = ConsultationQuerySet.as_manager()

    class Meta:
        verbose_name = _("consultation")
        verbose_name_plural = _("consultations")
        constraints = [
            models.UniqueConstraint(
                fields=["petition"], condition=Q(state__in=sorted(OPEN_CONSULTATION_STATES)), name="consultation_once"
            )
        ]
        indexes = [models.Index(fields=["state", "-asked_at", "-id"], name="consultation_state")]

    def __str__(self) -> str:
        return f"{self.petition_id} {self.state}"

    @property
    def state_tone(self) -> str:
        return CONSULTATION_TONES[ConsultationState(self.state)]

    @property
    def is_open(self) -> bool:
        """Whether opinions are still taken and a ruling is still to come."""
        return self.state in OPEN_CONSULTATION_STATES


class Opinion(models.Model):
    """What one consulted unit says."""

    class Stance(models.TextChoices):
        OURS = "ours", _("It is ours; we lead")
        ASSIST = "assist", _("We can assist")
        OTHER = "other", _("It is another unit's")
        NOBODY = "nobody", _("No unit is charged with it")

    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="opinions")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    stance = models.CharField(_("stance"), max_length=8, choices=Stance.choices, blank=True)
    text = models.TextField(_("opinion"), blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("opinion")
        verbose_name_plural = _("opinions")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["consultation", "unit"], name="opinion_once")]
        indexes = [models.Index(fields=["unit"], condition=Q(answered_at=None), name="opinion_waiting")]

    def __str__(self) -> str:
        return f"{self.consultation_id} {self.unit_id}"
