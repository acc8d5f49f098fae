"""What this room keeps: counted months, spells of the past, forecasts and how they came out, matters passed on.

Everything here can be rebuilt from the rooms below; nothing here is the truth about a case. Class A matters are in
none of these tables.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Area, Unit
from dispatch.models import Clock, WorkOrder
from insights.querysets import HopQuerySet, ScopedQuerySet
from petitions.models import Petition


class Tally(models.Model):
    """One indicator of one unit in one month, by district of the matters and kind of matter (docs/indicators.md).

    `month` is the first day of a month in Asia/Shanghai, by the indicator's own time basis. `stratum` is
    "class|urgency|group|repeat". Totals, squares and values are minutes (or hops) of indicators that are means.
    """

    pk = models.CompositePrimaryKey("indicator", "month", "unit", "district", "stratum")
    indicator = models.CharField(max_length=24)
    month = models.DateField()
    unit = models.ForeignKey(Unit, models.CASCADE, related_name="+")
    district = models.ForeignKey(Area, models.CASCADE, related_name="+")
    stratum = models.CharField(max_length=24)
    numerator = models.IntegerField()
    denominator = models.IntegerField()
    total = models.BigIntegerField(default=0)
    squares = models.BigIntegerField(default=0)
    values = ArrayField(models.IntegerField(), null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["unit", "month"], name="tally_unit")]

    def __str__(self) -> str:
        return f"{self.indicator} {self.month:%Y-%m} {self.numerator}/{self.denominator}"


class Run(models.Model):
    """One finished counting, for "as of" on the pages and for the watermarks of the next one."""

    class Kind(models.TextChoices):
        FOLD = "fold", _("Changed units counted")
        RECOUNT = "recount", _("Everything counted anew")
        HISTORY = "history", _("Ended clocks taken into the past")
        OUTLOOK = "outlook", _("Running clocks forecast")

    kind = models.CharField(max_length=8, choices=Kind.choices)
    at = models.DateTimeField()
    # Units counted, spells taken up, or clocks forecast.
    rows = models.PositiveIntegerField(default=0)
    # How far the append-only events (of clocks for the history, of petitions for the counting) had been read.
    mark = models.BigIntegerField(default=0)
    # A recount that found other figures than the folds had left; anything but 0 is an error worth a look.
    differences = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["kind", "-at"], name="run_newest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"


class Spell(models.Model):
    """Append-only: how long one clock of an order ran until it was met or cancelled, pauses left out.

    A clock that was reopened and ended again has a newer row; only the newest one counts.
    """

    clock = models.ForeignKey(Clock, models.CASCADE, related_name="+")
    generation = models.PositiveSmallIntegerField()
    # The rule's key: sign-for, first contact and feedback of each service class are pasts of their own.
    key = models.CharField(max_length=24)
    unit = models.ForeignKey(Unit, models.CASCADE, related_name="+")
    duty = models.CharField(max_length=24, blank=True)
    district = models.ForeignKey(Area, models.CASCADE, related_name="+")
    top_class = models.CharField(max_length=2)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    # From the start to the due time as it stood at the end, and to the end, as the rule counts (office hours for rules
    # in working time); pauses left out of both.
    term = models.IntegerField()
    minutes = models.IntegerField()
    # False: cancelled or recalled, watched only so long.
    is_finished = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clock", "generation"], name="spell_once")]
        indexes = [
            models.Index(fields=["key", "unit", "-ended_at"], name="spell_unit"),
            models.Index(fields=["key", "duty", "-ended_at"], name="spell_duty"),
            models.Index(fields=["key", "district", "-ended_at"], name="spell_district"),
            models.Index(fields=["key", "top_class", "-ended_at"], name="spell_class"),
            models.Index(fields=["key", "-ended_at"], name="spell_city"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.minutes} min"


class Outlook(models.Model):
    """The newest forecast of a running clock; rewritten by beat, gone when the clock has ended."""

    clock = models.OneToOneField(Clock, models.CASCADE, primary_key=True, related_name="outlook")
    unit = models.ForeignKey(Unit, models.CASCADE, related_name="+")
    district = models.ForeignKey(Area, models.CASCADE, related_name="+")
    at = models.DateTimeField()
    level = models.CharField(max_length=8, blank=True)
    evidence = models.PositiveIntegerField()
    probability = models.FloatField(null=True)
    expected_at = models.DateTimeField(null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["unit", "-probability"], name="outlook_unit"),
            models.Index(fields=["-probability"], name="outlook_city"),
        ]

    def __str__(self) -> str:
        return f"{self.clock_id}: {self.probability}"


class ForecastRecord(models.Model):
    """Append-only: a forecast made at a fixed share of a clock's term, kept to be judged by what happened.

    What happened is not copied: the clock knows. `is_replayed` marks those made afterwards from nothing but what was
    known at that moment (for an office that starts with a past).
    """

    clock = models.ForeignKey(Clock, models.CASCADE, related_name="+")
    # Quarters of the term that had passed: 1, 2 or 3.
    quarter = models.PositiveSmallIntegerField()
    unit = models.ForeignKey(Unit, models.CASCADE, related_name="+")
    district = models.ForeignKey(Area, models.CASCADE, related_name="+")
    made_at = models.DateTimeField()
    age = models.IntegerField()
    term = models.IntegerField()
    level = models.CharField(max_length=8)
    evidence = models.PositiveIntegerField()
    probability = models.FloatField()
    is_replayed = models.BooleanField(default=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clock", "quarter"], name="forecast_once")]
        indexes = [
            models.Index(fields=["unit", "-made_at"], name="forecast_unit"),
            models.Index(fields=["-made_at"], name="forecast_new"),
        ]

    def __str__(self) -> str:
        return f"{self.clock_id}/{self.quarter}: {self.probability:.2f}"


class Hop(models.Model):
    """A matter passed on: a lead order that ended undone and the lead order of another unit that followed it."""

    class Way(models.TextChoices):
        RETURNED = "returned", _("Returned by the unit")
        RECALLED = "recalled", _("Recalled by the office")

    petition = models.ForeignKey(Petition, models.CASCADE, related_name="+")
    place = models.PositiveSmallIntegerField()
    from_order = models.ForeignKey(WorkOrder, models.CASCADE, related_name="+")
    to_order = models.ForeignKey(WorkOrder, models.CASCADE, related_name="+")
    from_unit = models.ForeignKey(Unit, models.CASCADE, related_name="+")
    to_unit = models.ForeignKey(Unit, models.CASCADE, related_name="+")
    district = models.ForeignKey(Area, models.CASCADE, related_name="+")
    top_class = models.CharField(max_length=2)
    passed_at = models.DateTimeField()
    # From the dispatch to the one unit until the dispatch to the next.
    held_minutes = models.IntegerField()
    way = models.CharField(max_length=8, choices=Way.choices)
    # The matter came back to a unit that had had it before: A → B → A.
    is_loop = models.BooleanField(default=False)

    objects = HopQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["petition", "place"], name="hop_place")]
        indexes = [
            models.Index(fields=["-passed_at", "-id"], name="hop_new"),
            models.Index(fields=["from_unit", "-passed_at"], name="hop_from"),
            models.Index(fields=["to_unit", "-passed_at"], name="hop_to"),
            models.Index(fields=["petition"], condition=Q(is_loop=True), name="hop_loop"),
        ]

    def __str__(self) -> str:
        return f"{self.petition_id}: {self.from_unit_id} → {self.to_unit_id}"
