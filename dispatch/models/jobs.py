"""Work on many rows at once: a job, and what became of each of its rows."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from dispatch.querysets import JobQuerySet


class Job(models.Model):
    """A piece of work on many rows. Only `dispatch.actions.jobs` writes it; workers find it here, not in the broker."""

    class State(models.TextChoices):
        # Chosen and shown, not sent yet: the selection lives in the database, so no refused form loses it.
        DRAFT = "draft", _("Being prepared")
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", pgettext_lazy("job", "Done")
        FAILED = "failed", _("Stopped by a fault")
        CANCELLED = "cancelled", _("Cancelled")

    kind = models.CharField(max_length=32)
    state = models.CharField(_("status"), max_length=9, choices=State.choices, default=State.WAITING)
    params = models.JSONField(default=dict)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    # The person in whose name every row is done, and whose permissions are asked again for each; None: Yongqing itself.
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="jobs")
    actor_label = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)
    # The job whose rows this one takes back, or tries again.
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="followers")
    # Who holds the job until when; `lease` grows with each holder, so that an old one notices it has been replaced.
    lease = models.PositiveIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    # How far it was when it was last taken up, and how often it was found abandoned without a step forward.
    progress_seen = models.PositiveIntegerField(default=0)
    stalls = models.PositiveSmallIntegerField(default=0)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        indexes = [
            models.Index(fields=["created_by", "-created_at", "-id"], name="job_mine"),
            models.Index(fields=["leased_until", "id"], condition=Q(state__in=["waiting", "running"]), name="job_todo"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"

    @property
    def is_live(self) -> bool:
        """Something is still to come."""
        return self.state in {self.State.WAITING, self.State.RUNNING}

    @property
    def handled(self) -> int:
        """Rows that have a result."""
        return self.done + self.refused

    @property
    def percent(self) -> int:
        """Share of the rows that have a result, 0 to 100."""
        return 100 * self.handled // self.total if self.total else 100

    @property
    def state_tone(self) -> str:
        tones: dict[Any, str] = {
            self.State.DONE: "green" if not self.refused else "amber",
            self.State.RUNNING: "brand",
            self.State.FAILED: "red",
        }
        return tones.get(self.state, "grey")


class JobItem(models.Model):
    """One row of a job: which, and what became of it. Written in the transaction of what was done to the row."""

    class Result(models.TextChoices):
        WAITING = "waiting", _("Not yet")
        DONE = "done", pgettext_lazy("job", "Done")
        REFUSED = "refused", _("Not done")
        SKIPPED = "skipped", _("Left out")
        UNDONE = "undone", _("Undone")

    job = models.ForeignKey(Job, models.CASCADE, related_name="items")
    position = models.PositiveIntegerField()
    # What it is of: the handler of the job's kind knows (a petition, a work order, a clock).
    target_id = models.BigIntegerField()
    # What was set for this row alone in the preview.
    params = models.JSONField(default=dict)
    result = models.CharField(max_length=8, choices=Result.choices, default=Result.WAITING)
    message = models.CharField(max_length=300, blank=True)
    # What only a technician understands; shown to nobody but in the log and the admin.
    error = models.CharField(max_length=300, blank=True)
    # What a step back needs, for example the orders a dispatch made.
    undo = models.JSONField(default=dict)
    event_id = models.BigIntegerField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("row of a job")
        verbose_name_plural = _("rows of jobs")
        constraints = [
            models.UniqueConstraint(fields=["job", "position"], name="jobitem_place"),
            models.UniqueConstraint(fields=["job", "target_id"], name="jobitem_once"),
        ]
        indexes = [
            models.Index(fields=["job", "position"], condition=Q(result="waiting"), name="jobitem_todo"),
            models.Index(fields=["job", "result", "position"], name="jobitem_result"),
        ]

    def __str__(self) -> str:
        return f"{self.job_id}/{self.position} {self.result}"

    @property
    def tone(self) -> str:
        tones: dict[Any, str] = {
            self.Result.DONE: "green",
            self.Result.REFUSED: "red",
            self.Result.UNDONE: "violet",
        }
        return tones.get(self.result, "grey")
