"""The ledger of pauses and extensions: ground, document, who asked, who decided, from when to when."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from dispatch.grounds import GROUNDS, PauseGround
from dispatch.models.clocks import Clock
from dispatch.models.orders import WorkOrder
from petitions.models import Event, Petition


class Entry(models.Model):
    """What both have: asked by somebody, decided by somebody, or come to nothing. Only `actions.ledger` writes it."""

    petition = models.ForeignKey(Petition, models.PROTECT, related_name="%(class)ss")
    order = models.ForeignKey(WorkOrder, models.PROTECT, null=True, related_name="%(class)ss")
    # Files that came with the request hang on its event.
    event = models.ForeignKey(Event, models.PROTECT, null=True, related_name="+")
    reason = models.TextField(_("reason"), blank=True)
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    remark = models.TextField(_("remark"), blank=True)

    class Meta:
        abstract = True


class Pause(Entry):
    """A stretch in which the clocks of an order, or of a petition, rest."""

    class State(models.TextChoices):
        ASKED = "asked", _("Asked")
        RUNNING = "running", _("Resting")
        ENDED = "ended", _("Ended")
        REFUSED = "refused", _("Refused")
        DROPPED = "dropped", _("Came to nothing")

    state = models.CharField(max_length=8, choices=State.choices, default=State.ASKED)
    ground = models.CharField(_("ground"), max_length=12, choices=PauseGround.choices)
    # Agreed end: the pause ends by itself then. Null: until somebody ends it.
    until = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    # Null although ended: it ended by itself.
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    # It began in the last tenth of a clock; supervision was told.
    is_late = models.BooleanField(default=False)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("pause")
        verbose_name_plural = _("pauses")
        constraints = [
            models.UniqueConstraint(
                fields=["order"], condition=Q(state__in=["asked", "running"]), name="pause_open_once"
            )
        ]
        indexes = [
            models.Index(fields=["until"], condition=Q(state="running", until__isnull=False), name="pause_to_end"),
            models.Index(fields=["petition", "-id"], name="pause_petition"),
        ]

    def __str__(self) -> str:
        return f"{self.ground} {self.state}"

    @property
    def source(self) -> str:
        """The article, or that it is the office's own rule."""
        return str(GROUNDS[PauseGround(self.ground)].source)


class Extension(Entry):
    """More time for one clock: asked with grounds, decided under the permission its rule names, told to the person."""

    class State(models.TextChoices):
        ASKED = "asked", _("Asked")
        GRANTED = "granted", _("Granted")
        REFUSED = "refused", _("Refused")
        DROPPED = "dropped", _("Came to nothing")

    class Told(models.TextChoices):
        PHONE = "phone", _("By phone")
        LETTER = "letter", _("By letter")
        MESSAGE = "message", _("By message")
        TALK = "talk", _("In person")
        NOBODY = "nobody", _("Anonymous: there is nobody to tell")

    state = models.CharField(max_length=8, choices=State.choices, default=State.ASKED)
    clock = models.ForeignKey(Clock, models.PROTECT, related_name="extensions")
    # In the unit of the clock's rule.
    amount = models.PositiveIntegerField(_("how much more time"))
    old_due_at = models.DateTimeField(null=True)
    new_due_at = models.DateTimeField(null=True)
    told_how = models.CharField(_("how the petitioner was told"), max_length=8, choices=Told.choices, blank=True)
    told_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("extension")
        verbose_name_plural = _("extensions")
        constraints = [
            models.UniqueConstraint(fields=["clock"], condition=Q(state="asked"), name="extension_asked_once")
        ]
        indexes = [models.Index(fields=["petition", "-id"], name="extension_petition")]

    def __str__(self) -> str:
        return f"{self.clock_id} +{self.amount} {self.state}"
