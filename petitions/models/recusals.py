"""Recusal (回避): who may not work on a matter, nor see it, because they have a stake in it or in the person."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.actors import Actor
from accounts.models import Unit, User
from accounts.roles import Scope
from petitions.models.petition import Petition
from petitions.states.recusals import RecusalState

# A request in words only may mean anybody of a unit: until it is said whom, it is the petition offices'.
OFFICE_SCOPES = frozenset({Scope.CITY, Scope.AREA})


class RecusalQuerySet(models.QuerySet["Recusal"]):
    def in_force(self) -> "RecusalQuerySet":
        """Those that keep somebody out now."""
        return self.filter(state=RecusalState.GRANTED)

    def visible_to(self, who: User | Actor) -> "RecusalQuerySet":
        """What the person asked for, and what those who decide and inspect may read; never what is about oneself.

        As long as only words say whom a citizen means, the offices alone read it, and of them nobody so called.
        """
        if getattr(who, "is_anonymous", False):
            return self.none()
        actor = Actor.of(who)
        read = Q(petition__in=Petition.objects.within(actor, "petitions.view_recusals").values("pk"))
        if actor.scope_for("petitions.view_recusals") not in OFFICE_SCOPES:
            read &= Q(person__isnull=False)
        if actor.user is None:
            return self.filter(read)
        if actor.user.name:
            read &= ~Q(person=None, named__contains=actor.user.name)
        return self.filter(read | Q(asked_by=actor.user)).exclude(Q(person=actor.user) & ~Q(asked_by=actor.user))


class Recusal(models.Model):
    """One request that a person keep out of one matter, and what became of it (Regulation on Petition Work, art. 28).

    Only `petitions.actions.recusals` writes it. While it is granted the petition does not exist for the person: no
    list, search, count, notice, choice or address shows it (`petitions.querysets.not_recused`).
    """

    class Side(models.TextChoices):
        PETITIONER = "petitioner", _("The petitioner")
        SELF = "self", _("The person concerned")
        OFFICE = "office", _("The office")

    class Ground(models.TextChoices):
        KIN = "kin", _("Kinship with the petitioner or with those complained of")
        STAKE = "stake", _("A stake of their own in the matter")
        HANDLED = "handled", _("Took part in the decision complained of")
        OTHER = "other", _("Another reason to doubt their fairness")

    petition = models.ForeignKey(Petition, models.CASCADE, related_name="recusals")
    # None as long as a citizen has only said in words whom they mean.
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="recusals", verbose_name=_("person"))
    named = models.CharField(_("whom the petitioner means"), max_length=60, blank=True)
    side = models.CharField(_("asked by"), max_length=12, choices=Side.choices)
    ground = models.CharField(_("ground"), max_length=10, choices=Ground.choices)
    reason = models.CharField(_("reason"), max_length=300)
    state = models.CharField(
        _("state"), max_length=10, choices=RecusalState.choices, default=RecusalState.ASKED, editable=False
    )
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    remark = models.CharField(_("remark"), max_length=300, blank=True)
    ended_at = models.DateTimeField(null=True)
    # The unit whose head decides is that of the person when it was asked; they may move meanwhile.
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")

    objects: Any = RecusalQuerySet.as_manager()

    class Meta:
        verbose_name = _("recusal")
        verbose_name_plural = _("recusals")
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["petition", "person"],
                condition=Q(state__in=[RecusalState.ASKED, RecusalState.GRANTED]),
                name="recusal_one_alive",
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=False) | ~Q(state=RecusalState.GRANTED), name="recusal_of_somebody"
            ),
        ]
        indexes = [
            # What every read asks: which petitions is this person kept out of.
            models.Index(
                fields=["person", "petition"], condition=Q(state=RecusalState.GRANTED), name="recusal_in_force"
            )
        ]

    def __str__(self) -> str:
        return f"{self.petition_id}: {self.person_id or self.named}"
