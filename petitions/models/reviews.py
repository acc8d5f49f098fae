"""Review (复查), re-review (复核), hearings (听证): who asked whom for what, and what came of it (arts. 31-36)."""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.actors import Actor
from accounts.models import Unit, User
from petitions.models.petition import Petition
from petitions.states.reviews import (
    HEARING_TONES,
    OPEN_HEARINGS,
    OPEN_REVIEWS,
    REVIEW_TONES,
    HearingState,
    ReviewState,
)

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class Stage(models.TextChoices):
    """Review first, then re-review one level higher (domain-facts §1.9)."""

    REVIEW = "review", _("Review")
    REREVIEW = "rereview", _("Re-review")


class Outcome(models.TextChoices):
    """What a review opinion says (domain-facts §1.9)."""

    UPHOLD = "uphold", _("Upheld")
    CHANGE = "change", _("Changed by the reviewing organ itself")
    REVOKE = "revoke", _("Revoked; to be decided anew within a term")


class ReviewGround(models.TextChoices):
    """Why an opinion falls (Shandong 2015, art. 45, the fullest list there is)."""

    FACTS = "facts", _("Main facts unclear or evidence thin")
    BASIS = "basis", _("Wrong basis in law or policy")
    PROCEDURE = "procedure", _("Procedure broken")
    POWER = "power", _("Power exceeded or abused")
    IMPROPER = "improper", _("Plainly improper")


class EndWay(models.TextChoices):
    """How the legal life of a matter ended (domain-facts §1.10)."""

    LAPSED_REVIEW = "no_review", _("No review asked for in time")
    LAPSED_REREVIEW = "no_rereview", _("No re-review asked for in time")
    REREVIEWED = "rereviewed", _("Terminated by re-review")
    SETTLED = "settled", _("Settlement performed")
    NO_SUCCESSOR = "no_successor", _("No successor to the petitioner")
    CERTIFIED = "certified", _("Certified closed")


# After a lapse the right is gone unless force majeure revives it; after the other ends it is gone for good.
STILL_OPEN = frozenset({"", EndWay.LAPSED_REVIEW, EndWay.LAPSED_REREVIEW})


class CaseRowQuerySet(models.QuerySet[Any]):
    """Rows of a petition: whoever may read the petition and holds the row's permission reads them."""

    view_permission = ""

    def visible_to(self, who: "User | Actor | AnonymousUser") -> "CaseRowQuerySet":
        """The rows this person or client may read."""
        return self.within(who, self.view_permission)

    def within(self, who: "User | Actor | AnonymousUser", permission: str) -> "CaseRowQuerySet":
        """The rows of the petitions the permission reaches."""
        reached = Petition.objects.within(who, permission)  # type: ignore[arg-type]
        return self.filter(petition__in=reached.order_by().values("pk"))


class ReviewQuerySet(CaseRowQuerySet):
    view_permission = "petitions.view_reviews"

    def open(self) -> "ReviewQuerySet":
        """Not yet decided, refused or taken back."""
        return self.filter(state__in=OPEN_REVIEWS)

    def of(self, user: User) -> "ReviewQuerySet":
        """Those the person is named for as an investigator."""
        named = ReviewInvestigator.objects.filter(user=user, left_at=None)
        return self.filter(pk__in=named.values("request"))


class ReviewRequest(models.Model):
    """One request for review or re-review (domain-facts §7.6). Only `petitions.actions.reviews` writes it."""

    petition = models.ForeignKey(Petition, models.CASCADE, related_name="review_requests")
    stage = models.CharField(_("stage"), max_length=8, choices=Stage.choices)
    state = models.CharField(_("status"), max_length=10, choices=ReviewState.choices, default=ReviewState.ASKED)
    # The petition's round whose opinion is attacked: a revoked opinion begins the next one.
    round = models.PositiveSmallIntegerField(default=0)

    # The opinion under attack as it read when the request came, and when it reached the petitioner (UTC).
    opinion_under_review = models.TextField(blank=True)
    received_at = models.DateTimeField(_("opinion received"), null=True)

    asked_at = models.DateTimeField(_("asked"))
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    is_by_citizen = models.BooleanField(default=False)
    agent = models.CharField(_("agent"), max_length=60, blank=True)
    # End of the 30 days (UTC); None where the opinion was never delivered and no period ran.
    window_ends_at = models.DateTimeField(null=True)
    is_in_time = models.BooleanField(_("within 30 days"), default=True)
    excuse = models.TextField(_("force majeure"), blank=True)
    # The lapse a late request has lifted (UTC); it stands again when the request is not admitted or taken back.
    lapse = models.CharField(max_length=12, choices=EndWay.choices, blank=True)
    lapsed_at = models.DateTimeField(null=True)
    request = models.TextField(_("request"))
    facts = models.TextField(_("facts and reasons"), blank=True)
    new_facts = models.TextField(_("new facts"), blank=True)

    target_unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("reviewing organ"))
    admitted_at = models.DateTimeField(null=True)
    admitted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    admission_reason = models.TextField(blank=True)

    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome.choices, blank=True)
    grounds = models.JSONField(default=list, blank=True)
    opinion = models.TextField(_("opinion"), blank=True)
    new_opinion = models.TextField(_("new opinion"), blank=True)
    # Days the unit has to decide anew; the clock that counts them is the dispatch room's.
    term = models.PositiveSmallIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    delivered_at = models.DateTimeField(null=True)
    delivered_way = models.CharField(max_length=12, blank=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("review request")
        verbose_name_plural = _("review requests")
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["petition"], condition=Q(state__in=["asked", "admitted"]), name="review_one_open"
            )
        ]
        indexes = [
            models.Index(fields=["-asked_at", "-id"], name="review_newest"),
            models.Index(fields=["asked_at", "id"], condition=Q(state__in=["asked", "admitted"]), name="review_open"),
        ]

    def __str__(self) -> str:
        return f"{self.petition_id}/{self.stage}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_REVIEWS

    @property
    def state_tone(self) -> str:
        return REVIEW_TONES[ReviewState(self.state)]

    @property
    def delivery_move(self) -> str:
        """The petition's move when this opinion reaches the petitioner."""
        return "deliver_revocation" if self.outcome == Outcome.REVOKE else f"deliver_{self.stage}"

    def is_current(self, petition: Petition) -> bool:
        """Whether delivery of this opinion still begins something: neither a later stage nor a new round overtook it.

        `petition`: its petition as it stands now.
        """
        if self.outcome == Outcome.REVOKE:
            return petition.round == self.round + 1
        if self.stage == Stage.REREVIEW:
            return petition.round == self.round and petition.review_level == 2
        return petition.round == self.round and petition.review_level == 1 and petition.end_way in STILL_OPEN

    @property
    def ground_labels(self) -> list[str]:
        """The grounds in words."""
        return [str(ReviewGround(key).label) for key in self.grounds if key in ReviewGround.values]

    @cached_property
    def team(self) -> list["ReviewInvestigator"]:
        """Who investigates now, the one in the lead first."""
        rows = [row for row in self.investigators.all() if row.left_at is None]
        return sorted(rows, key=lambda row: (not row.is_lead, row.pk))


class ReviewInvestigator(models.Model):
    """Who investigates a request: two at least, none of whom has acted on the case before."""

    request = models.ForeignKey(ReviewRequest, models.CASCADE, related_name="investigators")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    is_lead = models.BooleanField(default=False)
    named_at = models.DateTimeField()
    named_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    left_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("investigator")
        verbose_name_plural = _("investigators")
        constraints = [
            models.UniqueConstraint(
                fields=["request", "user"], condition=Q(left_at__isnull=True), name="review_investigator"
            )
        ]

    def __str__(self) -> str:
        return f"{self.request_id}/{self.user_id}"


class HearingSide(models.TextChoices):
    """Who asks for a hearing."""

    PETITIONER = "petitioner", _("The petitioner")
    UNIT = "unit", _("The handling unit")
    ORGAN = "organ", _("The organ that decides")


class HearingQuerySet(CaseRowQuerySet):
    view_permission = "petitions.view_hearings"

    def open(self) -> "HearingQuerySet":
        """Asked for, set or in session."""
        return self.filter(state__in=OPEN_HEARINGS)

    def of(self, user: User) -> "HearingQuerySet":
        """Those on whose panel the person sits."""
        return self.filter(pk__in=HearingMember.objects.filter(user=user).values("hearing"))

    def published(self) -> "HearingQuerySet":
        """What anybody may read of: `publication` and `published_at`, and nothing else of the row."""
        return self.filter(state=HearingState.PUBLISHED).order_by("-published_at", "-id")


class Hearing(models.Model):
    """One hearing (听证, domain-facts §1.15). Only `petitions.actions.hearings` writes it."""

    petition = models.ForeignKey(Petition, models.CASCADE, related_name="hearings")
    review = models.ForeignKey(ReviewRequest, models.SET_NULL, null=True, related_name="hearings")
    state = models.CharField(_("status"), max_length=10, choices=HearingState.choices, default=HearingState.ASKED)
    asked_at = models.DateTimeField(_("asked"))
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    side = models.CharField(_("asked by"), max_length=10, choices=HearingSide.choices)
    subject = models.TextField(_("what it is about"))

    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decision = models.TextField(blank=True)
    held_at = models.DateTimeField(_("date"), null=True)
    place = models.CharField(_("place"), max_length=120, blank=True)
    is_public = models.BooleanField(_("open to the public"), default=True)
    closed_reason = models.CharField(_("why closed"), max_length=200, blank=True)
    # The other side was told on this moment (UTC); the notice period counts from it.
    notified_at = models.DateTimeField(null=True)

    opened_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    conclusion = models.TextField(_("conclusion"), blank=True)
    # What the organ that decides is told, beyond the conclusion: votes against, what was disputed (听证报告).
    report = models.TextField(_("report"), blank=True)
    end_reason = models.TextField(blank=True)
    publication = models.TextField(_("published text"), blank=True)
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects = HearingQuerySet.as_manager()

    class Meta:
        verbose_name = _("hearing")
        verbose_name_plural = _("hearings")
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["petition"], condition=Q(state__in=["asked", "set", "sitting"]), name="hearing_one_open"
            )
        ]
        indexes = [
            models.Index(fields=["-asked_at", "-id"], name="hearing_newest"),
            models.Index(fields=["held_at", "id"], condition=Q(state__in=["set", "sitting"]), name="hearing_calendar"),
            models.Index(fields=["-published_at", "-id"], condition=Q(state="published"), name="hearing_published"),
        ]

    def __str__(self) -> str:
        return f"{self.petition_id}/{self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_HEARINGS

    @property
    def state_tone(self) -> str:
        return HEARING_TONES[HearingState(self.state)]

    def is_held_by(self, user: User) -> bool:
        """Whether the person is of the panel or its clerk, or, outside a review, decided for the organ to hold it."""
        parts = (HearingMember.Part.CHAIR, HearingMember.Part.PANEL, HearingMember.Part.CLERK)
        is_organ = self.review_id is None and self.decided_by_id == user.pk
        return is_organ or self.members.filter(user=user, part__in=parts).exists()


class HearingMember(models.Model):
    """One person of a hearing: chair, panel, clerk, and the sides. A petitioner's name stays with the petition."""

    class Part(models.TextChoices):
        CHAIR = "chair", _("Chair")
        PANEL = "panel", _("Panel")
        CLERK = "clerk", _("Clerk")
        PETITIONER = "petitioner", _("Petitioner or agent")
        UNIT = "unit", _("Handling unit")
        THIRD = "third", _("Third party")

    class Vote(models.TextChoices):
        FOR = "for", _("For")
        AGAINST = "against", _("Against")
        ABSTAINED = "abstained", _("Abstained")

    hearing = models.ForeignKey(Hearing, models.CASCADE, related_name="members")
    part = models.CharField(_("part"), max_length=10, choices=Part.choices)
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    # Of somebody without an account: a deputy, lawyer, expert, community representative, or what the unit sends.
    name = models.CharField(_("name"), max_length=40, blank=True)
    standing = models.CharField(_("standing"), max_length=60, blank=True)
    attended = models.BooleanField(null=True)
    absence_reason = models.CharField(max_length=200, blank=True)
    vote = models.CharField(max_length=10, choices=Vote.choices, blank=True)

    class Meta:
        verbose_name = _("hearing member")
        verbose_name_plural = _("hearing members")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name as the record shows it; the petitioner is shown by part only."""
        return self.user.name if self.user is not None else self.name or str(self.get_part_display())


class TurnQuerySet(models.QuerySet["HearingTurn"]):
    def open_to_sides(self) -> "TurnQuerySet":
        """What was said before both sides: all but the panel's deliberation."""
        return self.exclude(phase=HearingTurn.Phase.DELIBERATION)


class HearingTurn(models.Model):
    """One turn of the record (听证笔录): who said what in which part of the hearing. Written once."""

    class Phase(models.TextChoices):
        OPENING = "opening", _("Opening and recusal")
        STATEMENT = "statement", _("Petitioner states")
        ANSWER = "answer", _("Unit answers")
        EVIDENCE = "evidence", _("Evidence")
        DEBATE = "debate", _("Questions and debate")
        FINAL = "final", _("Final statements")
        DELIBERATION = "deliberation", _("Panel deliberates")
        WHOLE = "whole", _("Whole record")

    hearing = models.ForeignKey(Hearing, models.CASCADE, related_name="turns")
    phase = models.CharField(_("part of the hearing"), max_length=12, choices=Phase.choices)
    member = models.ForeignKey(HearingMember, models.PROTECT, null=True, related_name="+")
    text = models.TextField(_("what was said"))
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects = TurnQuerySet.as_manager()

    class Meta:
        verbose_name = _("turn of the record")
        verbose_name_plural = _("turns of the record")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.hearing_id}/{self.pk}"
