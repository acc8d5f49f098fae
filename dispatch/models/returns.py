"""Objections to a work order (退单): what the unit says, what the hub decides."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Unit, User
from dispatch.models.orders import WorkOrder
from dispatch.querysets import OrderReturnQuerySet
from petitions.models import Petition
from petitions.routes import Route


class OrderReturn(models.Model):
    """A unit's request to give an order back (R22 art. 23; §2.9). Only `dispatch.actions.returns` writes it.

    It outlives the order: the unit loses sight of the case when the return is accepted, the office keeps the record.
    """

    class Reason(models.TextChoices):
        """Why the order is not the unit's (domain-facts §2.9); what each needs stands in `dispatch.returns.NEEDS`."""

        R1 = "R1", _("Wrong area")
        R2 = "R2", _("Wrong duty")
        R3 = "R3", _("Unclear ownership")
        R4 = "R4", _("Overlapping duty")
        R5 = "R5", _("Facts missing")
        R6 = "R6", _("Duplicate")
        R7 = "R7", _("Belongs to a legal route")
        R8 = "R8", _("Settled or answered before")

    petition = models.ForeignKey(Petition, models.PROTECT, related_name="returns")
    order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="returns")
    # The unit that asks; a copy of the order's, for the scoreboard.
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    reason = models.CharField(_("reason"), max_length=2, choices=Reason.choices)
    right_unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("right unit"))
    duplicate = models.ForeignKey(Petition, models.PROTECT, null=True, related_name="+", verbose_name=_("duplicate of"))
    route = models.CharField(_("legal route"), max_length=16, choices=Route.choices, blank=True)
    missing = models.CharField(_("what is missing"), max_length=500, blank=True)
    words = models.TextField(_("facts and basis"))
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    is_accepted = models.BooleanField(null=True)
    # Rejected, and counted against the unit (无效退单).
    is_groundless = models.BooleanField(_("groundless"), default=False)
    ruling = models.TextField(_("ruling"), blank=True)
    # Where the matter went when the return was accepted; empty when it was taken back without a new order.
    new_order = models.ForeignKey(WorkOrder, models.PROTECT, null=True, related_name="+")

    objects = OrderReturnQuerySet.as_manager()

    class Meta:
        verbose_name = _("return")
        verbose_name_plural = _("returns")
        constraints = [
            models.UniqueConstraint(fields=["order"], condition=Q(decided_at=None), name="return_open_once"),
            models.CheckConstraint(
                condition=Q(decided_at=None, is_accepted=None) | Q(decided_at__isnull=False, is_accepted__isnull=False),
                name="return_decided",
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "-asked_at"], name="return_unit"),
            models.Index(fields=["asked_at", "id"], condition=Q(decided_at=None), name="return_open"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.reason}"
