"""What the petitioner thinks of how the matter was handled."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from petitions.models.petition import Petition


class Rating(models.Model):
    """The petitioner's judgement of one object: the petition office or the responsible unit (domain-facts §2.7)."""

    class Subject(models.TextChoices):
        OFFICE = "office", _("Petition office")
        UNIT = "unit", _("Responsible unit")

    class Score(models.IntegerChoices):
        SATISFIED = 3, _("Satisfied")
        BASICALLY = 2, _("Basically satisfied")
        DISSATISFIED = 1, _("Dissatisfied")

    class Reason(models.TextChoices):
        """What a person may tick beside a score; the words are theirs, the list is ours."""

        SLOW = "slow", _("It took too long")
        UNSOLVED = "unsolved", _("The problem is not solved")
        ATTITUDE = "attitude", _("I was not treated well")
        NO_CONTACT = "no_contact", _("Nobody spoke with me")
        UNCLEAR = "unclear", _("I do not understand the answer")
        NOT_TOLD = "not_told", _("I was not told how it stood")

    class Way(models.TextChoices):
        """How the rating came in: by whose hand it was given."""

        OFFICER = "officer", _("Recorded by an officer")
        CODE = "code", _("By query code")
        LINK = "link", _("By a link sent to the petitioner")
        COUNTER = "counter", _("By the petitioner's own hand at the counter")

    petition = models.ForeignKey(Petition, models.PROTECT, related_name="ratings")
    subject = models.CharField(max_length=6, choices=Subject.choices)
    score = models.PositiveSmallIntegerField(choices=Score.choices)
    round = models.PositiveSmallIntegerField(default=0)
    # The one rating more after a bad one was put right (domain-facts §1.13 D); it counts, the first stays readable.
    is_again = models.BooleanField(default=False)
    reasons = ArrayField(models.CharField(max_length=12, choices=Reason.choices), default=list, blank=True)
    way = models.CharField(max_length=8, choices=Way.choices, default=Way.OFFICER)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["petition", "subject", "round", "is_again"], name="rating_once_a_round")
        ]

    def __str__(self) -> str:
        return f"{self.get_subject_display()}: {self.get_score_display()}"
