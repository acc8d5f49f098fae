"""What supervision is asked to look at, and what it orders (domain-facts §1.16, §2.6)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Unit, User
from dispatch.models.orders import WorkOrder
from petitions.models import Petition


class Proposal(models.Model):
    """A trigger of supervision that was found by itself; a person confirms it or sets it aside with a reason."""

    class Trigger(models.TextChoices):
        OVERDUE = "overdue", _("Overdue")
        REFUSES = "refuses", _("Refuses its own matter")
        UNSOLVED = "unsolved", _("Could be solved but is not")
        BAD_HANDLING = "bad_handling", _("Bad handling")
        REPEATED = "repeated", _("Raised again and again")
        TWICE = "twice", _("No matter more than twice")
        LATE_PAUSE = "late_pause", _("Paused shortly before the deadline")
        BAD_RATING = "bad_rating", _("Bad rating not put right")
        OTHER = "other", _("Other")

    trigger = models.CharField(_("trigger"), max_length=12, choices=Trigger.choices)
    # One proposal for one finding, however often it is found: for example "late_pause:812".
    key = models.CharField(max_length=60, unique=True)
    petition = models.ForeignKey(Petition, models.PROTECT, null=True, related_name="proposals")
    order = models.ForeignKey(WorkOrder, models.PROTECT, null=True, related_name="proposals")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    # Numbers and keys only, never case text; the sentence is made when it is read.
    facts = models.JSONField(default=dict)
    found_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    is_confirmed = models.BooleanField(null=True)
    remark = models.CharField(_("remark"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("finding for supervision")
        verbose_name_plural = _("findings for supervision")
        indexes = [models.Index(fields=["-found_at", "-id"], condition=Q(decided_at=None), name="proposal_open")]

    def __str__(self) -> str:
        return self.key
