"""What people type and keep for themselves: submissions, drafts, saved views."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.crypto import EncryptedTextField
from accounts.models import User
from petitions.models.petition import Petition


class Submission(models.Model):
    """The token of a registration form, written with the petition: a second click finds it (`petitions.once`)."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    token = models.CharField(max_length=40)
    petition = models.ForeignKey(Petition, models.CASCADE, null=True, related_name="+")
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "token"], name="submission_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.token}"


class Draft(models.Model):
    """What somebody has typed but not sent, kept on the server so that no crash or sign-out loses it."""

    user = models.ForeignKey(User, models.CASCADE, related_name="drafts")
    key = models.CharField(max_length=60)
    data = EncryptedTextField()
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="draft_key")]

    def __str__(self) -> str:
        return self.key


class SavedView(models.Model):
    """A named set of worklist filters of one person."""

    user = models.ForeignKey(User, models.CASCADE, related_name="saved_views")
    name = models.CharField(_("name"), max_length=20)
    query = models.CharField(max_length=500)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="saved_view_name")]

    def __str__(self) -> str:
        return self.name
