"""What an office may set about the closed loop: 事不过二, talks and callbacks. One row, with its history."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords


class LoopSetting(models.Model):
    """The limits of 事不过二 (domain-facts §2.3) and of the callback desk (§2.7). The row with id 1 counts."""

    max_returns = models.PositiveSmallIntegerField(
        _("accepted returns"), default=1, help_text=_("After so many the next dispatch is final.")
    )
    max_reworks = models.PositiveSmallIntegerField(
        _("reworks"), default=1, help_text=_("A further one goes to supervision instead.")
    )
    raised_from = models.PositiveSmallIntegerField(
        _("raised again: leaders read it from time"),
        default=2,
        validators=[MinValueValidator(2)],
        help_text=_("Marked in the lists, told to unit leader and city office, candidate for the backlog list."),
    )
    supervised_from = models.PositiveSmallIntegerField(
        _("raised again: laid before supervision from time"), default=2, validators=[MinValueValidator(2)]
    )
    call_tries = models.PositiveSmallIntegerField(
        _("calls before a callback counts as tried"),
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(10)],
        help_text=_("Also the attempts a unit documents before it may feed back without a talk."),
    )
    call_gap_hours = models.PositiveSmallIntegerField(
        _("hours between two calls"),
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(72)],
        help_text=_("At least; the next try also falls into another part of the day."),
    )
    claim_minutes = models.PositiveSmallIntegerField(
        _("minutes a call stays with the one who took it"),
        default=20,
        validators=[MinValueValidator(2), MaxValueValidator(240)],
    )
    changed_at = models.DateTimeField(null=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("limits of the loop")
        verbose_name_plural = _("limits of the loop")

    def __str__(self) -> str:
        return f"{self.max_returns}/{self.max_reworks}/{self.raised_from}"
