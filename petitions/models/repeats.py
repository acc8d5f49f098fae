"""The suspicion that a matter was raised before, which a person decides (domain-facts §1.11)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class RepeatSuggestion(models.Model):
    """One earlier petition that may be the same person's same matter. Found by the machine, decided by a person.

    Nothing follows from a score alone: no petition is linked, merged or closed until somebody decides.
    """

    class Decision(models.TextChoices):
        REPEAT = "repeat", _("Repeat of the earlier one")
        NEW = "new", _("A new matter")
        SAME = "same", _("The same submission twice")
        # Another one of the suggestions was chosen, or the petition ended.
        MOOT = "moot", _("No longer asked")

    petition = models.ForeignKey("petitions.Petition", models.CASCADE, related_name="repeat_suggestions")
    earlier = models.ForeignKey("petitions.Petition", models.CASCADE, related_name="+")
    # Percent, and the terms it is made of: {"identity": "paper", "text": 71, "same_class": true, "place": "town"}.
    score = models.PositiveSmallIntegerField()
    terms = models.JSONField(default=dict)
    found_at = models.DateTimeField()
    decision = models.CharField(max_length=6, choices=Decision.choices, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-score", "-id"]
        constraints = [models.UniqueConstraint(fields=["petition", "earlier"], name="repeat_suggestion_once")]
        indexes = [models.Index(fields=["petition"], condition=Q(decision=""), name="repeat_suggestion_open")]

    def __str__(self) -> str:
        return f"{self.petition_id} ~ {self.earlier_id} ({self.score} %)"
