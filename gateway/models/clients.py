"""Clients of the API and their keys."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.actors import Actor
from accounts.models import Unit, User
from gateway.scopes import ApiScope, grants_of
from petitions.models import Channel, Petition


class ApiClient(models.Model):
    """Another system. It acts for one unit and those below it, and all it registers comes in by its one channel."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    channel = models.CharField(_("channel"), max_length=12, choices=Channel.choices)
    # Systems of a channel with the same numbering are one count: a number sent by either is one petition.
    numbering = models.CharField(
        _("numbering"),
        max_length=24,
        blank=True,
        help_text=_(
            "Empty: it shares the channel's numbers. Otherwise a code of its own: its numbers meet no other's."
        ),
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="api_clients", verbose_name=_("unit"))
    scopes = ArrayField(models.CharField(max_length=24, choices=ApiScope.choices), verbose_name=_("scopes"))
    # Addresses or networks ("10.1.0.0/16"); empty lets every address in.
    allowed_ips = ArrayField(
        models.CharField(max_length=43), default=list, blank=True, verbose_name=_("allowed addresses")
    )
    is_active = models.BooleanField(_("active"), default=True)
    rate_per_minute = models.PositiveIntegerField(
        _("requests per minute"), default=1200, validators=[MinValueValidator(1)]
    )
    created_at = models.DateTimeField(_("created"))
    # Who gave it which scopes, addresses and rate, and when.
    history = HistoricalRecords()

    class Meta:
        ordering = ["name"]
        verbose_name = _("API client")
        verbose_name_plural = _("API clients")

    def __str__(self) -> str:
        return self.name

    def counts(self, petition: Petition) -> bool:
        """Whether the petition came by this client's channel and numbering: then its number is the client's own."""
        return petition.channel == self.channel and petition.numbering == self.numbering

    @property
    def actor(self) -> Actor:
        """The client as the one who acts; every event it causes names it."""
        return Actor(label=self.name, unit=self.unit, grants=grants_of(self.scopes))


class ApiKey(models.Model):
    """One secret of a client, kept as its SHA-256 only: 256 random bits need no slow hash."""

    client = models.ForeignKey(ApiClient, models.CASCADE, related_name="keys")
    prefix = models.CharField(_("prefix"), max_length=12, unique=True)
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(_("created"))
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    # To the minute, so that reading does not write at every request.
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    # Empty where the command line did it.
    issued_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("key issued by")
    )
    revoked_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("key revoked by")
    )

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")

    def __str__(self) -> str:
        return f"yq_{self.prefix}_…"


class ApiRefusal(models.Model):
    """How often a client was refused one thing on one day, and why. No word of any request stands here.

    A row for each reason and resource of a day, not for each request: a client that errs all day costs one row, and
    after thirty days it goes. The log of the web processes has each request; it is no place an administrator can look
    a client up in, and an office may keep it elsewhere.
    """

    client = models.ForeignKey(ApiClient, models.CASCADE, related_name="refusals")
    # In Shanghai.
    day = models.DateField(_("day"))
    method = models.CharField(max_length=8)
    # The pattern of the address, with names for its numbers: "api/v1/petitions/{pk}".
    route = models.CharField(max_length=120)
    # A key of gateway.problems.PROBLEMS.
    code = models.CharField(max_length=32)
    count = models.PositiveIntegerField()
    last_at = models.DateTimeField()
    # Of the latest answer, which the client can name; "" where the answer had none.
    trace_id = models.CharField(max_length=36, blank=True)

    class Meta:
        ordering = ["-last_at", "-id"]
        verbose_name = _("refusal")
        verbose_name_plural = _("refusals")
        constraints = [
            models.UniqueConstraint(fields=["client", "day", "method", "route", "code"], name="refusal_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.route} {self.code}"
