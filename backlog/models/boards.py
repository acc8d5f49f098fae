"""What the war-room wall needs of its own: targets, screens nobody signs in to, a snapshot of every week."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.models import Area, User


class BoardTarget(models.Model):
    """The target of one indicator (`backlog.indicators`), city-wide."""

    key = models.CharField(_("indicator"), max_length=32, primary_key=True)
    value = models.DecimalField(_("target"), max_digits=10, decimal_places=2)
    history = HistoricalRecords()

    class Meta:
        ordering = ["key"]
        verbose_name = _("target")
        verbose_name_plural = _("targets")

    def __str__(self) -> str:
        return self.key


class WallScreen(models.Model):
    """A screen that shows the wall without a sign-in: read-only, by a secret address, revocable."""

    name = models.CharField(_("name of the screen"), max_length=40)
    # The city, or the one district it shows.
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("shows"))
    # SHA-256 of the secret in the address; the secret itself is shown once and kept nowhere.
    digest = models.CharField(max_length=64, unique=True)
    # Seconds until the next view comes by itself; 0: it stays on the overview.
    rotate = models.PositiveSmallIntegerField(_("next view after … seconds"), default=0)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-id"]
        verbose_name = _("wall screen")
        verbose_name_plural = _("wall screens")

    def __str__(self) -> str:
        return self.name


class Snapshot(models.Model):
    """The wall as it stood, one a week (its Monday) and area, for good. Figures and titles, no identities."""

    week = models.DateField(_("week from"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+")
    taken_at = models.DateTimeField()
    data = models.JSONField()

    class Meta:
        ordering = ["-week"]
        constraints = [models.UniqueConstraint(fields=["week", "area"], name="snapshot_once")]

    def __str__(self) -> str:
        return f"{self.week} {self.area_id}"
