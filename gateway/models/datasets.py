"""De-identified data sets: what was asked for, its rows, and who took them away."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Unit, User
from dispatch.models import Job
from gateway.datasets.anonymity import LEAST_K, Group
from gateway.models.clients import ApiClient
from gateway.querysets import DatasetRunQuerySet


class DatasetRun(models.Model):
    """The data set of one reach and period, made once: whoever asks for the same again is given the same rows.

    Only `gateway.actions.datasets` writes it. The figures beside the rows are true; what of them may be told is
    `published`.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Being made")
        MADE = "made", pgettext_lazy("data set", "Ready")
        # The rows have been forgotten after their days; figures and downloads remain.
        EXPIRED = "expired", pgettext_lazy("data set", "Removed")

    # A unit with those below it; None: the whole city.
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("unit"))
    # As gateway.datasets.periods writes it, with its first and last day in city time.
    period = models.CharField(_("period"), max_length=7)
    since = models.DateField()
    until = models.DateField()
    k = models.PositiveSmallIntegerField()
    method = models.PositiveSmallIntegerField()
    state = models.CharField(_("status"), max_length=7, choices=State.choices, default=State.WAITING)
    # The latest job that makes it; whoever asked first started it, and its label is theirs.
    job = models.OneToOneField(Job, models.PROTECT, related_name="dataset_run")
    client = models.ForeignKey(ApiClient, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(_("created"))
    made_at = models.DateTimeField(null=True)
    # Petitions: all within reach, told as asked, told coarser, told not at all; and rows.
    total = models.PositiveIntegerField(default=0)
    exact = models.PositiveIntegerField(default=0)
    generalised = models.PositiveIntegerField(default=0)
    suppressed = models.PositiveIntegerField(default=0)
    row_count = models.PositiveIntegerField(default=0)

    objects = DatasetRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("data set")
        verbose_name_plural = _("data sets")
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "period", "k", "method"], nulls_distinct=False, name="dataset_once"
            ),
            models.CheckConstraint(condition=Q(k__gte=LEAST_K), name="dataset_least_k"),
        ]
        indexes = [models.Index(fields=["-created_at", "-id"], name="dataset_newest")]

    def __str__(self) -> str:
        return self.period

    @property
    def is_made(self) -> bool:
        """Its rows can be taken away."""
        return self.state == self.State.MADE

    @property
    def has_failed(self) -> bool:
        """Its job has ended without rows; asking again starts another."""
        return self.state == self.State.WAITING and not self.job.is_live

    @property
    def is_few(self) -> bool:
        """Fewer than k petitions in all: not even their number is told."""
        return 0 < self.suppressed < self.k

    @property
    def published(self) -> dict[str, int | None]:
        """The figures that may stand beside the rows; None: fewer than k, which is all that may be said."""
        return {
            "k": self.k,
            "method": self.method,
            "total": None if self.is_few else self.total,
            "exact": self.exact,
            "generalised": self.generalised,
            "suppressed": None if self.is_few else self.suppressed,
            "rows": self.row_count,
        }

    @property
    def state_tone(self) -> str:
        tones = {self.State.MADE.value: "green", self.State.WAITING.value: "red" if self.has_failed else "brand"}
        return tones.get(self.state, "grey")


class DatasetRow(models.Model):
    """One row of a data set: codes, "" where all are meant. The columns are those of `anonymity.Group`."""

    run = models.ForeignKey(DatasetRun, models.CASCADE, related_name="rows")
    position = models.PositiveIntegerField()
    step = models.PositiveSmallIntegerField()
    district = models.CharField(max_length=12, blank=True)
    town = models.CharField(max_length=12, blank=True)
    parent = models.CharField(max_length=12, blank=True)
    klass = models.CharField(max_length=12, blank=True)
    period = models.CharField(max_length=7)
    count = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("row of a data set")
        verbose_name_plural = _("rows of data sets")
        constraints = [models.UniqueConstraint(fields=["run", "position"], name="dataset_row_once")]

    def __str__(self) -> str:
        return f"{self.run_id}/{self.position}"

    @property
    def group(self) -> Group:
        """The row as the pure part knows it."""
        return Group(self.step, self.district, self.town, self.parent, self.klass, self.period, self.count)


class DatasetPart(models.Model):
    """What one month was counted as, until the rows are made of all months; then it goes."""

    run = models.ForeignKey(DatasetRun, models.CASCADE, related_name="parts")
    # From 1 within the period; the job's row for this month has it as its target.
    number = models.PositiveSmallIntegerField()
    # [town, district, class, parent class, year, month, petitions] for each place.
    counts = models.JSONField(default=list)

    class Meta:
        verbose_name = _("counted month of a data set")
        verbose_name_plural = _("counted months of data sets")
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="dataset_part_once")]

    def __str__(self) -> str:
        return f"{self.run_id}/{self.number}"


class DatasetDownload(models.Model):
    """Who took which file of a data set, when and from where. It stands in the access log as well."""

    run = models.ForeignKey(DatasetRun, models.PROTECT, related_name="downloads")
    # A person or another system.
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    client = models.ForeignKey(ApiClient, models.PROTECT, null=True, related_name="+")
    # Their name at that time.
    who = models.CharField(max_length=60)
    form = models.CharField(max_length=7)
    at = models.DateTimeField()
    ip = models.GenericIPAddressField(null=True)

    class Meta:
        verbose_name = _("download of a data set")
        verbose_name_plural = _("downloads of data sets")
        constraints = [
            models.CheckConstraint(condition=~Q(user=None, client=None), name="dataset_download_of_somebody"),
        ]
        indexes = [models.Index(fields=["run", "-at", "-id"], name="dataset_downloads")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.form}"
