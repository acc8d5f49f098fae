"""The outbox and the inbox, how each person and unit is reached, and what the escalation drills found."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.crypto import EncryptedTextField
from accounts.models import Unit, User
from dispatch.models.orders import WorkOrder
from dispatch.querysets import DrillQuerySet, NoticeQuerySet, NotificationChannelQuerySet
from petitions.models import Petition


class NotificationChannel(models.Model):
    """A way to reach a whole unit beside its people's mail: a group robot, an SMS gateway, a webhook (apprise)."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="channels", verbose_name=_("unit"))
    name = models.CharField(_("name"), max_length=40)
    # It carries a token: whoever reads it can write into the unit's group.
    url = EncryptedTextField(_("address"))
    # Empty: every kind, every rung.
    kinds = ArrayField(models.CharField(max_length=24), default=list, blank=True, verbose_name=_("kinds"))
    rungs = ArrayField(models.CharField(max_length=24), default=list, blank=True, verbose_name=_("rungs"))
    is_active = models.BooleanField(_("in use"), default=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    last_success_at = models.DateTimeField(null=True)
    last_error_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True)

    objects = NotificationChannelQuerySet.as_manager()

    class Meta:
        verbose_name = _("notification channel")
        verbose_name_plural = _("notification channels")
        constraints = [models.UniqueConstraint(fields=["unit", "name"], name="channel_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_failing(self) -> bool:
        """True when the last attempt over it failed."""
        return self.last_error_at is not None and (
            self.last_success_at is None or self.last_success_at < self.last_error_at
        )


class QuietHours(models.Model):
    """When a unit's deliveries wait for the morning; the row without a unit is the whole office's.

    Both times empty: never quiet. Clocks and rungs know nothing of it: only the delivery moves.
    """

    unit = models.OneToOneField(Unit, models.CASCADE, null=True, blank=True, related_name="quiet_hours")
    starts = models.TimeField(_("quiet from"), null=True, blank=True)
    ends = models.TimeField(_("quiet until"), null=True, blank=True)

    class Meta:
        verbose_name = _("quiet hours")
        verbose_name_plural = _("quiet hours")
        constraints = [
            models.UniqueConstraint(fields=["unit"], nulls_distinct=False, name="quiet_hours_one_office"),
            models.CheckConstraint(
                condition=Q(starts__isnull=True, ends__isnull=True) | Q(starts__isnull=False, ends__isnull=False),
                name="quiet_hours_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts}–{self.ends}"


class NoticePreference(models.Model):
    """What a person has set for the messages to them. No row: everything at once, the office's quiet hours."""

    user = models.OneToOneField(User, models.CASCADE, related_name="notice_preference")
    no_mail = ArrayField(models.CharField(max_length=24), default=list, blank=True)
    # Deadlines and new work cannot be among them: `dispatch.actions.preferences` refuses it.
    no_inapp = ArrayField(models.CharField(max_length=24), default=list, blank=True)
    # Mails of a day gathered into one, sent at this hour; empty: each by itself, gathered only when there are many.
    digest_at = models.TimeField(_("one mail a day, at"), null=True, blank=True)
    has_own_quiet = models.BooleanField(_("own quiet hours"), default=False)
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)

    class Meta:
        verbose_name = _("notice preference")
        verbose_name_plural = _("notice preferences")

    def __str__(self) -> str:
        return f"{self.user_id}"


class Notice(models.Model):
    """A message to one person or to one unit's channel: the outbox and, for the in-app channel, the inbox."""

    class Channel(models.TextChoices):
        INAPP = "inapp", _("In-app")
        EMAIL = "email", _("By mail")
        APPRISE = "apprise", _("Unit channel")

    # One of the two: a person (in-app, e-mail) or a unit's channel.
    recipient = models.ForeignKey(User, models.CASCADE, null=True, related_name="notices")
    target = models.ForeignKey(NotificationChannel, models.CASCADE, null=True, related_name="notices")
    channel = models.CharField(max_length=7, choices=Channel.choices)
    kind = models.CharField(max_length=24)
    petition = models.ForeignKey(Petition, models.PROTECT, null=True, related_name="+")
    order = models.ForeignKey(WorkOrder, models.PROTECT, null=True, related_name="+")
    # Numbers and keys only, never case text (domain-facts §1.17); the sentence is made when it is read or sent.
    params = models.JSONField(default=dict)
    dedupe_key = models.CharField(max_length=80)
    created_at = models.DateTimeField()
    deliver_after = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    # Hour-class deadlines and urgent work: neither quiet hours nor a digest of the day hold it back.
    is_urgent = models.BooleanField(default=False)
    # The digest this one is told in; it is then neither sent nor shown by itself.
    digest = models.ForeignKey("self", models.CASCADE, null=True, related_name="members")

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [
            models.UniqueConstraint(fields=["dedupe_key", "recipient", "channel"], name="notice_once"),
            models.UniqueConstraint(
                fields=["dedupe_key", "target"], condition=Q(target__isnull=False), name="notice_once_target"
            ),
            models.CheckConstraint(
                condition=Q(recipient__isnull=False, target__isnull=True)
                | Q(recipient__isnull=True, target__isnull=False),
                name="notice_to_one",
            ),
        ]
        indexes = [
            models.Index(fields=["recipient", "-created_at", "-id"], condition=Q(channel="inapp"), name="notice_inbox"),
            models.Index(
                fields=["recipient"],
                condition=Q(channel="inapp", read_at__isnull=True, digest__isnull=True),
                name="notice_unread",
            ),
            models.Index(
                fields=["channel", "deliver_after", "id"],
                condition=Q(delivered_at__isnull=True, digest__isnull=True) & ~Q(channel="inapp"),
                name="notice_outbox",
            ),
            # What a wave of deadlines gathers into one digest.
            models.Index(
                fields=["recipient", "created_at"],
                condition=Q(channel="inapp", kind="deadline", read_at__isnull=True, digest__isnull=True),
                name="notice_loose",
            ),
            models.Index(fields=["digest"], condition=Q(digest__isnull=False), name="notice_members"),
            models.Index(fields=["-created_at", "-id"], condition=~Q(channel="inapp"), name="notice_log"),
            models.Index(
                fields=["recipient", "-created_at", "-id"], condition=~Q(channel="inapp"), name="notice_log_person"
            ),
            models.Index(
                fields=["target", "-created_at", "-id"], condition=Q(target__isnull=False), name="notice_log_target"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} → {self.recipient_id or self.target_id} ({self.channel})"


class Drill(models.Model):
    """A stored proof of the ladder: every unit, class and rung looked through, and what had nobody to hear."""

    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    # The district it was confined to; empty: the whole city.
    district = models.ForeignKey("accounts.Area", models.PROTECT, null=True, related_name="+")
    units = models.PositiveIntegerField()
    # Unit × rule × rung.
    rungs = models.PositiveIntegerField()
    holes = models.PositiveIntegerField()
    weak = models.PositiveIntegerField()
    # The unit a marked test message was sent to; empty for a drill on paper.
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")

    objects = DrillQuerySet.as_manager()

    class Meta:
        verbose_name = _("escalation drill")
        verbose_name_plural = _("escalation drills")
        indexes = [models.Index(fields=["-at", "-id"], name="drill_newest")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d} {self.units}/{self.holes}"


class DrillHole(models.Model):
    """One place of the ladder where nobody sits, as a drill found it; and who would really hear."""

    drill = models.ForeignKey(Drill, models.CASCADE, related_name="found")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    # The word of the ladder, and the one the sweep falls through to (empty: nobody at all would hear).
    desk = models.CharField(max_length=20)
    falls_to = models.CharField(max_length=20, blank=True)
    # How many rules × rungs name this desk for this unit.
    rungs = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("hole in the ladder")
        verbose_name_plural = _("holes in the ladder")

    def __str__(self) -> str:
        return f"{self.unit_id} {self.desk}"
