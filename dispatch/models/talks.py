"""Talks with the petitioner, callbacks that wait, and bad ratings that must be put right (domain-facts §2.7, §9.2)."""

from typing import Any

from django.db import models
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.models import Unit, User
from dispatch.models.orders import ContactRecord, WorkOrder
from petitions.models import ContentClass, Petition


class TalkRule(models.Model):
    """Which talks a class of matters needs (Beilun's rule). The row without a class holds for all others."""

    content_class = models.ForeignKey(
        ContentClass, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("content class")
    )
    handling = models.BooleanField(_("talk while handling"), default=True)
    callback = models.BooleanField(_("callback before the reply"), default=True)
    verify_rework = models.BooleanField(_("verification talk after a rework"), default=True)
    verify_unsolved = models.BooleanField(_("verification talk when unsolved or only explained"), default=True)
    verify_always = models.BooleanField(_("verification talk in every case"), default=False)
    # What the agent says on the telephone; empty: the general words. May name {name}, {unit}, {matter}, {office}.
    script = models.TextField(_("words of the callback"), blank=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("rule of talks")
        verbose_name_plural = _("rules of talks")
        constraints = [models.UniqueConstraint(fields=["content_class"], name="talk_rule_class", nulls_distinct=False)]

    def __str__(self) -> str:
        return str(self.content_class or "*")


class Explanation(models.Model):
    """How an unsolved or groundless matter was explained to the person: needed before the reply (domain-facts §9.2)."""

    class Stance(models.TextChoices):
        ACCEPTS = "accepts", _("Accepts it")
        UNDERSTANDS = "understands", _("Understands, does not accept it")
        REJECTS = "rejects", _("Rejects it")
        SILENT = "silent", _("Says nothing to it")

    order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="explanations")
    explained_by = models.CharField(_("who explained"), max_length=60)
    explained_at = models.DateTimeField(_("when"))
    means = models.CharField(_("how"), max_length=8, choices=ContactRecord.Means.choices)
    legal_basis = models.CharField(_("legal basis"), max_length=300)
    text = models.TextField(_("what was explained"))
    stance = models.CharField(_("the person's stance"), max_length=11, choices=Stance.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.order_id} {self.stance}"


class CallTaskQuerySet(models.QuerySet["CallTask"]):
    def open(self) -> "CallTaskQuerySet":
        return self.filter(ended_at=None)

    def visible_to(self, who: Any) -> "CallTaskQuerySet":
        """The calls this person may make: see `dispatch.callbacks`."""
        from dispatch.callbacks import within

        return within(self, who)


class CallTask(models.Model):
    """A call to make (回访任务). One open row of a kind a petition; a call nobody answers keeps it open."""

    class Kind(models.TextChoices):
        OUTCOME = "outcome", _("After the check")
        BAD = "bad", _("After a bad rating")
        AGAIN = "again", _("Rating once more")

    class End(models.TextChoices):
        ANSWERED = "answered", _("Answered")
        REFUSED = "refused", _("Declined to answer")
        TRIED = "tried", _("Tried, not reached")
        CANCELLED = "cancelled", _("No longer needed")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    petition = models.ForeignKey(Petition, models.PROTECT, related_name="call_tasks")
    order = models.ForeignKey(WorkOrder, models.PROTECT, null=True, related_name="call_tasks")
    opened_at = models.DateTimeField()
    # Not before this time: at once, as agreed with the person, or when the next try is due.
    call_after = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    last_try_at = models.DateTimeField(null=True)
    claimed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    claimed_until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end = models.CharField(_("end"), max_length=9, choices=End.choices, blank=True)

    objects = CallTaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("call to make")
        verbose_name_plural = _("calls to make")
        constraints = [
            models.UniqueConstraint(fields=["petition", "kind"], condition=Q(ended_at=None), name="call_task_once")
        ]
        indexes = [models.Index(fields=["call_after", "id"], condition=Q(ended_at=None), name="call_task_open")]

    def __str__(self) -> str:
        return f"{self.petition_id} {self.kind}"


class BadRatingQuerySet(models.QuerySet["BadRating"]):
    def open(self) -> "BadRatingQuerySet":
        return self.filter(ended_at=None)

    def fix_rate(self) -> float | None:
        """bad_review_fix_rate: bad ratings put right in time ÷ bad ratings whose 15 days are over or which were put
        right, 0–1; None when there are none (domain-facts §6.2)."""
        counted = self.aggregate(
            due=Count("pk", filter=Q(was_in_time__isnull=False)), mended=Count("pk", filter=Q(was_in_time=True))
        )
        return counted["mended"] / counted["due"] if counted["due"] else None


class BadRating(models.Model):
    """A bad rating (差评): called about within a day, put right within 15, rated once more (domain-facts §1.13 D)."""

    class Source(models.TextChoices):
        RATING = "rating", _("Rating")
        CALLBACK = "callback", _("Callback")

    petition = models.ForeignKey(Petition, models.PROTECT, related_name="bad_ratings")
    order = models.ForeignKey(WorkOrder, models.PROTECT, null=True, related_name="bad_ratings")
    # Who puts it right: the unit, or the office when only the office was rated badly.
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    source = models.CharField(_("source"), max_length=8, choices=Source.choices)
    round = models.PositiveSmallIntegerField()
    rated_at = models.DateTimeField()
    called_at = models.DateTimeField(null=True)
    # The matter went back to its unit: the checked rework puts it right.
    is_reworked = models.BooleanField(default=False)
    put_right_at = models.DateTimeField(null=True)
    # Whether that was within the period; False also once the period has run out without it.
    was_in_time = models.BooleanField(null=True)
    measures = models.TextField(_("what was done"), blank=True)
    # Rated once more, or three calls for it went unanswered.
    ended_at = models.DateTimeField(null=True)
    is_rated_again = models.BooleanField(default=False)

    objects = BadRatingQuerySet.as_manager()

    class Meta:
        verbose_name = _("bad rating")
        verbose_name_plural = _("bad ratings")
        constraints = [models.UniqueConstraint(fields=["petition", "round"], name="bad_rating_once_a_round")]
        indexes = [models.Index(fields=["unit", "-rated_at"], name="bad_rating_unit")]

    def __str__(self) -> str:
        return f"{self.petition_id}/{self.round}"
