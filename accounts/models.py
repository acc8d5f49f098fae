"""Districts, units and the people in them."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now, Upper
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device, ThrottlingMixin

from accounts.crypto import EncryptedTextField
from accounts.roles import Role, Scope, scope_of


class Area(models.Model):
    """A place: the city, its ten county-level divisions, functional areas and 156 towns (domain-facts §4.3–4.5)."""

    class Kind(models.TextChoices):
        CITY = "city", _("City")
        DISTRICT = "district", _("District")
        FUNCTIONAL = "functional", _("Functional area")
        TOWN = "town", _("Town")

    code = models.CharField(_("code"), max_length=12, unique=True)
    name = models.CharField(_("name"), max_length=40)
    name_en = models.CharField(_("English name"), max_length=60, blank=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    # The county-level division it is counted under; itself for a district, null for the city.
    district = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    lat = models.DecimalField(_("latitude"), max_digits=8, decimal_places=5, null=True, blank=True)
    lng = models.DecimalField(_("longitude"), max_digits=8, decimal_places=5, null=True, blank=True)
    population = models.PositiveIntegerField(_("population"), null=True, blank=True)
    # Functional areas only: true when the county-level powers are delegated to it.
    is_delegated = models.BooleanField(_("delegated powers"), default=False)

    class Meta:
        ordering = ["code"]
        verbose_name = _("area")
        verbose_name_plural = _("areas")

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Name in the interface language."""
        return self.name_en if self.name_en and get_language() == "en" else self.name


class UnitQuerySet(models.QuerySet["Unit"]):
    def below(self, unit: "Unit") -> "UnitQuerySet":
        """The unit itself and everything under it in the tree."""
        return self.filter(path__startswith=unit.path)

    def handling(self) -> "UnitQuerySet":
        """Units that can be given a work order: active and not a mere transfer target."""
        return self.filter(is_active=True, takes_orders=True)


class Unit(models.Model):
    """One of the 1,345 organs, institutions and public-service companies in the loop (domain-facts §4.4–4.6)."""

    class Kind(models.TextChoices):
        GOVERNMENT = "government", _("Government")
        PETITION_OFFICE = "petition_office", _("Petition office")
        HOTLINE = "hotline", _("Hotline centre")
        CONFERENCE = "conference", _("Joint-conference office")
        BUREAU = "bureau", _("Bureau")
        TOWN = "town", _("Town or street")
        MEDIATION = "mediation", _("Mediation centre")
        SERVICE = "service", _("Public-service company")
        INSTITUTION = "institution", _("Institution")
        JUDICIARY = "judiciary", _("Court or procuratorate")

    code = models.CharField(_("code"), max_length=24, unique=True)
    name = models.CharField(_("name"), max_length=60)
    short_name = models.CharField(_("short name"), max_length=24)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    # Line of duty shared by the bureaus of all levels, for example "housing"; empty for governments and towns.
    duty = models.CharField(_("line of duty"), max_length=24, blank=True, db_index=True)
    area = models.ForeignKey(Area, models.PROTECT, related_name="units", verbose_name=_("area"))
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    # Codes from the root down, each followed by "/": subtree = prefix, ancestors = prefixes of the path.
    path = models.CharField(max_length=120, unique=True)
    phone = models.CharField(_("duty phone"), max_length=20, blank=True)
    email = models.EmailField(_("duty e-mail"), blank=True)
    takes_orders = models.BooleanField(_("takes work orders"), default=True)
    is_active = models.BooleanField(_("active"), default=True)

    objects = UnitQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        indexes = [
            # text_pattern_ops: prefix search must use the index under any collation.
            models.Index(fields=["path"], name="unit_path_prefix", opclasses=["varchar_pattern_ops"]),
        ]

    def __str__(self) -> str:
        return self.short_name or self.name

    def line_above(self) -> list[str]:
        """Paths of the unit and the units above it, without the city government, which stands above everybody."""
        parts = self.path.rstrip("/").split("/")
        return ["/".join(parts[: i + 1]) + "/" for i in range(len(parts)) if i > 0 or len(parts) == 1]

    def is_in_line_with(self, other: "Unit") -> bool:
        """True for the unit itself and everything above or below it, the city government left out of account."""
        return self.path in other.line_above() or other.path in self.line_above()


class User(AbstractUser):
    """A member of staff: one person, one unit, one role."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name = models.CharField(_("name"), max_length=40)
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="users", verbose_name=_("unit"))
    title = models.CharField(_("post"), max_length=40, blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    must_change_password = models.BooleanField(_("must change password"), default=False)
    # Heads sign what a deputy may not (domain-facts §1.8): major opinions, extensions of legal periods.
    is_head = models.BooleanField(_("head of the unit"), default=False)
    # Class A matters open to persons named in advance, not to an office (domain-facts §1.17).
    handles_accusations = models.BooleanField(_("named for accusations"), default=False)
    shortcuts_enabled = models.BooleanField(_("keyboard shortcuts"), default=True)
    # Issuer and subject at the provider that signs the person in ("issuer#subject"); a name may change, this does not.
    provider_subject = models.CharField(
        _("account at the provider"), max_length=400, unique=True, null=True, blank=True
    )

    objects = UserManager()  # type: ignore[misc]  # the base class declares a ClassVar

    REQUIRED_FIELDS = ["name", "role"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["username"]
        constraints = [models.UniqueConstraint(Upper("username"), name="user_username_ci")]
        indexes = [models.Index(fields=["unit", "role"], name="user_unit_role")]

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name

    def scope_for(self, permission: str) -> Scope | None:
        """The scope in which this person holds the permission, or None (also None for an inactive account)."""
        return scope_of(self.role, permission) if self.is_active and self.role else None

    def may(self, permission: str) -> bool:
        """True when the role holds the permission in any scope; whether it reaches a row is `visible_to`'s question."""
        return self.scope_for(permission) is not None

    def stands_in_for(self) -> models.QuerySet["Absence", Any]:
        """The people this person is the substitute of at this moment, as a subquery of their ids."""
        return Absence.objects.now().filter(substitute=self).values("user_id")


class AbsenceQuerySet(models.QuerySet["Absence"]):
    def at(self, moment: datetime) -> "AbsenceQuerySet":
        """Absences that cover a moment."""
        return self.filter(cancelled_at=None, since__lte=moment, until__gt=moment)

    def now(self) -> "AbsenceQuerySet":
        """Those that cover the database's clock: for reads, where who sees what follows the present."""
        return self.filter(cancelled_at=None, since__lte=Now(), until__gt=Now())

    def overlapping(self, since: datetime, until: datetime) -> "AbsenceQuerySet":
        """Absences that share some time with a period."""
        return self.filter(cancelled_at=None, since__lt=until, until__gt=since)


class Absence(models.Model):
    """Somebody is away, and a colleague of the same unit stands in. Only `accounts.absences` writes it."""

    user = models.ForeignKey(User, models.PROTECT, related_name="absences", verbose_name=_("person"))
    substitute = models.ForeignKey(User, models.PROTECT, related_name="stand_ins", verbose_name=_("substitute"))
    since = models.DateTimeField(_("from"))
    # The moment of return; excluded.
    until = models.DateTimeField(_("until"))
    reason = models.CharField(_("reason"), max_length=100, blank=True)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    cancelled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    cancelled_at = models.DateTimeField(null=True)

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        ordering = ["since"]
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="absence_period"),
            models.CheckConstraint(condition=~Q(user=F("substitute")), name="absence_substitute"),
        ]
        indexes = [
            models.Index(fields=["substitute", "until"], condition=Q(cancelled_at=None), name="absence_substitute_now"),
            models.Index(fields=["user", "until"], condition=Q(cancelled_at=None), name="absence_user_now"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} → {self.substitute_id}"


class AccessLog(models.Model):
    """Who looked at what was masked, and why (domain-facts §1.17). Append-only: a trigger refuses everything else but
    emptying the words of an entry, which the law's anonymisation does (accounts/sql.py)."""

    class Action(models.TextChoices):
        REVEAL = "reveal", _("Identity revealed")
        DOWNLOAD = "download", _("Attachment opened")
        EXPORT = "export", _("Exported")
        SEARCH = "search", _("Searched for by a person's number")
        RAPPORT = "rapport", _("Rapport note")
        CODE = "code", _("Query code shown")
        SECRET = "secret", _("Webhook secret shown")

    at = models.DateTimeField(db_index=True)
    # A person, or another system by the name it had then: the room of the interfaces is a later one.
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="access_log")
    client = models.CharField(max_length=60, blank=True)
    action = models.CharField(max_length=12, choices=Action.choices)
    # The room above knows what the target is: "petition:17". No foreign key, so that this room imports none.
    target = models.CharField(max_length=40, db_index=True)
    # The number in "petition:17", so that the room above can join; None for what is about no petition.
    subject = models.BigIntegerField(null=True)
    # The person's unit at that time; they may move.
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    detail = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    ip = models.GenericIPAddressField(null=True)

    class Meta:
        ordering = ["-at"]
        indexes = [
            models.Index(fields=["user", "at"], name="accesslog_user_at"),
            models.Index(fields=["subject", "at"], condition=Q(subject__isnull=False), name="accesslog_subject"),
            models.Index(fields=["client", "at"], condition=~Q(client=""), name="accesslog_client_at"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, client="") | (Q(user__isnull=True) & ~Q(client="")),
                name="accesslog_who",
            ),
        ]
        verbose_name = _("access log entry")
        verbose_name_plural = _("access log")

    @property
    def who(self) -> str:
        """Who looked, as a list shows it."""
        if self.user is not None:
            return str(self.user)
        return str(_("%(name)s (interface)")) % {"name": self.client}


class ReferenceLoad(models.Model):
    """Which state of a reference table this database has already been given (`accounts.actions.load_once`)."""

    name = models.CharField(max_length=40, unique=True)
    # SHA-256 of the rows as the release builds them, not of what the operator has made of them since.
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        ordering = ["name"]
        verbose_name = _("reference load")
        verbose_name_plural = _("reference loads")

    def __str__(self) -> str:
        return self.name


class SignInRule(models.Model):
    """What a claim of the provider makes of a person here; the first that fits decides, no rule means no way in."""

    position = models.PositiveSmallIntegerField(_("order"), default=100)
    # "groups", or a path into an object: "realm_access.roles".
    claim = models.CharField(_("claim"), max_length=100)
    # Equal to the claim, or one of its values when it is a list; "*" fits whatever it holds.
    value = models.CharField(_("value of the claim"), max_length=200)
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    # None: the unit whose code the provider sends (settings.OIDC_UNIT_CLAIM).
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="sign_in_rules", verbose_name=_("unit")
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("sign-in rule")
        verbose_name_plural = _("sign-in rules")

    def __str__(self) -> str:
        return f"{self.claim} = {self.value} → {self.get_role_display()}"


class Authenticator(ThrottlingMixin, Device):
    """A person's authenticator app (TOTP, RFC 6238: SHA-1, six digits, 30 s). Who reads the table learns no key.

    django-otp's own device keeps the key as it is, in a column too short for ciphertext; its throttling is used as is.
    Only `accounts.second_factor.actions` writes it.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    # In hexadecimal, 160 bits.
    key = EncryptedTextField()
    # Steps the app's clock is known to be off.
    drift = models.SmallIntegerField(default=0)
    # The step of the last code that opened: neither it nor an earlier one opens again.
    last_t = models.BigIntegerField(default=-1)

    class Meta(Device.Meta):
        verbose_name = _("authenticator")
        verbose_name_plural = _("authenticators")

    def get_throttle_factor(self) -> float:
        """Seconds to wait after the first wrong code; doubled after each further one."""
        return 1


class RecoveryCode(models.Model):
    """One of ten codes for who has lost the authenticator; only its digest is kept, and each works once."""

    user = models.ForeignKey(User, models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("recovery code")
        verbose_name_plural = _("recovery codes")
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="recovery_code_once")]


class SignInEvent(models.Model):
    """What changed in how somebody signs in, and by whom. Append-only: a trigger refuses the rest (accounts/sql.py)."""

    class Kind(models.TextChoices):
        MADE = "made", _("Account made at sign-in")
        TAKEN = "taken", _("Account tied to the provider")
        UNTIED = "untied", _("Account untied from the provider")
        CHANGED = "changed", _("Role or unit changed by rule")
        REFUSED = "refused", _("Sign-in refused by rule")
        FACTOR_SET = "factor_set", _("Second factor set up")
        FACTOR_OFF = "factor_off", _("Second factor switched off")
        FACTOR_RESET = "factor_reset", _("Second factor reset")
        CODES = "codes", _("New recovery codes")
        RECOVERED = "recovered", _("Signed in with a recovery code")
        GLASS = "glass", _("Emergency link made")
        GLASS_USED = "glass_used", _("Signed in with an emergency link")

    at = models.DateTimeField(_("at"), db_index=True)
    kind = models.CharField(_("what"), max_length=12, choices=Kind.choices)
    # None: somebody without an account was refused.
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="sign_in_events", verbose_name=_("person"))
    # Who did it, when it was not the person; None for the person, a rule or the command line.
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    detail = models.CharField(_("detail"), max_length=300, blank=True)
    ip = models.GenericIPAddressField(_("address"), null=True)

    class Meta:
        ordering = ["-at"]
        verbose_name = _("sign-in event")
        verbose_name_plural = _("sign-in events")
