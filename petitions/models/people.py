"""The people behind a petition, and who beyond the office's own scope may see it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.crypto import EncryptedTextField
from accounts.models import Unit, User
from petitions.models.petition import Petition


class Petitioner(models.Model):
    """A person or organisation as they appear in one petition (domain-facts §7.2). Identity is encrypted."""

    class PartyType(models.TextChoices):
        PERSON = "person", _("Person")
        LEGAL_PERSON = "legal_person", _("Legal person")
        ORGANISATION = "organisation", _("Other organisation")

    class IdType(models.TextChoices):
        RESIDENT = "111", _("Resident identity card")
        HOUSEHOLD = "113", _("Household register")
        PASSPORT = "414", _("Passport")
        HK_MACAO_TAIWAN = "516", _("Permit of Hong Kong, Macao or Taiwan residents")
        FOREIGN = "553", _("Permanent residence permit for foreigners")
        CREDIT_CODE = "usc", _("Unified social credit code")
        OTHER = "990", _("Other paper")

    class Role(models.TextChoices):
        """Part in a joint petition (domain-facts §1.4): one main petitioner, up to five representatives, signers."""

        MAIN = "main", _("Main petitioner")
        REPRESENTATIVE = "representative", _("Representative")
        SIGNER = "signer", _("Joint signer")

    petition = models.ForeignKey(Petition, models.CASCADE, related_name="petitioners")
    role = models.CharField(_("part in the petition"), max_length=14, choices=Role.choices, default=Role.MAIN)
    # Computed by the database from `role`, so that the two cannot disagree.
    is_main = models.GeneratedField(
        expression=models.ExpressionWrapper(Q(role="main"), output_field=models.BooleanField()),
        output_field=models.BooleanField(),
        db_persist=True,
    )
    # A signer who took their name back; the petition goes on with the others.
    withdrawn_at = models.DateTimeField(null=True)
    party_type = models.CharField(max_length=12, choices=PartyType.choices, default=PartyType.PERSON)
    name = EncryptedTextField(_("name"), blank=True)
    name_index = models.CharField(max_length=32, blank=True)
    name_masked = models.CharField(max_length=40, blank=True)
    id_type = models.CharField(_("kind of paper"), max_length=3, choices=IdType.choices, blank=True)
    id_no = EncryptedTextField(_("number of the paper"), blank=True)
    id_index = models.CharField(max_length=32, blank=True)
    id_masked = models.CharField(max_length=40, blank=True)
    phone = EncryptedTextField(_("phone"), blank=True)
    phone_index = models.CharField(max_length=32, blank=True)
    phone_masked = models.CharField(max_length=24, blank=True)
    address = EncryptedTextField(_("home address"), blank=True)
    # Name and home address together: the third way to recognise a person (domain-facts §1.11).
    home_index = models.CharField(max_length=32, blank=True)
    sex = models.CharField(_("sex"), max_length=6, blank=True)
    contact_preference = models.CharField(_("how to reach"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("petitioner")
        verbose_name_plural = _("petitioners")
        indexes = [
            models.Index(fields=["name_index"], condition=~Q(name_index=""), name="petitioner_name"),
            models.Index(fields=["phone_index", "petition"], condition=~Q(phone_index=""), name="petitioner_phone"),
            models.Index(fields=["id_index", "petition"], condition=~Q(id_index=""), name="petitioner_id_no"),
            models.Index(fields=["petition", "role"], name="petitioner_role"),
            models.Index(fields=["home_index", "petition"], condition=~Q(home_index=""), name="petitioner_home"),
        ]

    def __str__(self) -> str:
        return self.name_masked


class Involvement(models.Model):
    """Who, beyond the office's own scope, may see a petition: a unit that handles it, or a person named for it.

    Written by `petitions.actions.involve` when work is dispatched or a person is named; read by `visible_to`.
    """

    petition = models.ForeignKey(Petition, models.CASCADE, related_name="involvements", db_index=False)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    since = models.DateTimeField()
    reason = models.CharField(max_length=100, blank=True)

    class Meta:
        # One row's question, whether any of these units handles it, is answered from here alone.
        indexes = [models.Index(fields=["petition", "unit"], name="involvement_reach")]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "petition"], condition=Q(user__isnull=True), name="involvement_unit"
            ),
            models.UniqueConstraint(
                fields=["user", "petition"], condition=Q(unit__isnull=True), name="involvement_person"
            ),
            models.UniqueConstraint(
                fields=["user", "unit", "petition"],
                condition=Q(unit__isnull=False, user__isnull=False),
                name="involvement_handler",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.petition_id}: {self.unit_id or '-'}/{self.user_id or '-'}"
