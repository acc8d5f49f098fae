"""The checklist of steps of a case (26步, domain-facts §9.3): versioned templates, and what was done in each case."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import Unit, User
from petitions.models.events import Event
from petitions.models.petition import ContentClass, Petition, Purpose


class ChecklistTemplate(models.Model):
    """One version of the checklist for a class and a purpose; without either it holds for all others.

    A case keeps the version that was current when it was registered; an edit makes the next version.
    """

    content_class = models.ForeignKey(
        ContentClass, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("content class")
    )
    purpose = models.CharField(_("purpose"), max_length=2, choices=Purpose.choices, blank=True)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    valid_from = models.DateTimeField(_("valid from"))
    replaced_at = models.DateTimeField(null=True)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(_("reason of the change"), max_length=100, blank=True)

    class Meta:
        ordering = ["content_class__code", "purpose", "-version"]
        verbose_name = _("checklist")
        verbose_name_plural = _("checklists")
        constraints = [
            models.UniqueConstraint(
                fields=["content_class", "purpose", "version"], name="checklist_version", nulls_distinct=False
            ),
            models.UniqueConstraint(
                fields=["content_class", "purpose"],
                condition=Q(replaced_at=None),
                name="checklist_current_once",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.content_class or '*'} {self.purpose or '*'} v{self.version}"

    def held_at(self, at: datetime) -> bool:
        """Whether this version was the current one at a moment."""
        return self.valid_from <= at and (self.replaced_at is None or at < self.replaced_at)


class ChecklistStep(models.Model):
    """One step of a version: its words, who does it, what shows that it was done, and which event ticks it."""

    template = models.ForeignKey(ChecklistTemplate, models.CASCADE, related_name="steps")
    number = models.PositiveSmallIntegerField(_("number"))
    # Stays the same over versions and wordings.
    key = models.CharField(max_length=24)
    label = models.CharField(_("step"), max_length=60)
    label_en = models.CharField(_("English"), max_length=80, blank=True)
    who = models.CharField(_("who"), max_length=40, blank=True)
    who_en = models.CharField(_("who, in English"), max_length=60, blank=True)
    evidence = models.CharField(_("evidence"), max_length=100, blank=True)
    evidence_en = models.CharField(_("evidence, in English"), max_length=140, blank=True)
    # Whoever ticks it by hand says what shows it.
    needs_evidence = models.BooleanField(_("evidence required"), default=False)
    # At a reception only: of a letter or a call it is left out by itself.
    is_visit_only = models.BooleanField(_("visits only"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    # Kinds of events that tick it by themselves; "register" is every case's first.
    events = ArrayField(models.CharField(max_length=32), default=list, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["template", "number"], name="checklist_step_number"),
            models.UniqueConstraint(fields=["template", "key"], name="checklist_step_key"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.label}"

    @property
    def title(self) -> str:
        """The step in the interface language."""
        return self._in_language(self.label, self.label_en)

    @property
    def role(self) -> str:
        """Who does it, in the interface language."""
        return self._in_language(self.who, self.who_en)

    @property
    def proof(self) -> str:
        """What shows that it was done, in the interface language."""
        return self._in_language(self.evidence, self.evidence_en)

    def _in_language(self, chinese: str, english: str) -> str:
        return english if english and get_language() == "en" else chinese


class Checklist(models.Model):
    """The checklist of one case: the version it keeps, and how far it is. Written with the first step after intake."""

    petition = models.OneToOneField(Petition, models.CASCADE, primary_key=True, related_name="checklist")
    template = models.ForeignKey(ChecklistTemplate, models.PROTECT, related_name="+")
    done = models.PositiveSmallIntegerField(_("done"), default=0)
    total = models.PositiveSmallIntegerField(_("of"))

    class Meta:
        indexes = [models.Index(fields=["done"], name="checklist_done")]

    def __str__(self) -> str:
        return f"{self.petition_id} {self.done}/{self.total}"


class CheckedStep(models.Model):
    """That a step of a case was done, or does not apply: who, when, and what shows it."""

    petition = models.ForeignKey(Petition, models.CASCADE, related_name="checked_steps")
    step = models.ForeignKey(ChecklistStep, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    by_label = models.CharField(max_length=60, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    # What shows it; the reason, where the step does not apply.
    words = models.CharField(max_length=200, blank=True)
    is_applicable = models.BooleanField(default=True)
    # The event that ticked it; none for a tick by hand.
    event = models.ForeignKey(Event, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["step__number"]
        constraints = [models.UniqueConstraint(fields=["petition", "step"], name="checked_step_once")]

    def __str__(self) -> str:
        return f"{self.petition_id}: {self.step_id}"
