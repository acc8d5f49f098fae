"""What every history of this room has in common; each kind of subject keeps a table of its own."""

from django.db import models

from accounts.models import Unit, User


class StepEvent(models.Model):
    """One step that was taken: when, which, by whom, for which unit, in which words. Append-only; the words alone are
    emptied by the law's anonymisation."""

    at = models.DateTimeField()
    move = models.CharField(max_length=16)
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    actor_label = models.CharField(max_length=60)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    text = models.TextField(blank=True)

    class Meta:
        abstract = True
        ordering = ["id"]
