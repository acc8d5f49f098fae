"""What became of it: settled at once, raised again, changed in review, suggestions adopted (domain-facts §6.1)."""

from datetime import timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from dispatch.models import Suggestion
from dispatch.supervision import Verdict
from insights.indicators.base import Better, Indicator, Measure, Statistic, Subject, minutes_between
from insights.indicators.subjects import PETITION
from petitions.models import Petition, Rating, ReviewRequest
from petitions.models.reviews import Outcome
from petitions.states import State

# How long a closed matter must stay quiet to count as settled; the source says "within the period" and names none.
QUIET = timedelta(days=90)
_FIRST_CLOSED = Q(state=State.CLOSED, lead_unit__isnull=False, repeat_of=None)
_again = Petition.objects.filter(repeat_of=OuterRef("pk"))
_soon_again = _again.filter(registered_at__lte=OuterRef("closed_at") + QUIET)
_better = Rating.objects.filter(
    petition=OuterRef("petition"), subject=OuterRef("subject"), round=OuterRef("round"), is_again=True
)
_dissatisfied = Rating.objects.filter(
    ~Q(Exists(_better.filter(pk__gt=OuterRef("pk")))),
    petition=OuterRef("pk"),
    subject=Rating.Subject.UNIT,
    score=Rating.Score.DISSATISFIED,
)
_reviewed = ReviewRequest.objects.filter(petition=OuterRef("pk"))
_REVIEW = Subject("review", ReviewRequest.objects.all, "petition__lead_unit_id", "petition__")


def _suggestions() -> QuerySet[Any]:
    """One row for each suggestion, by the oldest case it rests on; without a case it belongs to no district."""
    link: Any = Suggestion.petitions.through
    older = link.objects.filter(suggestion=OuterRef("suggestion"), petition__lt=OuterRef("petition"))
    rows = link.objects.filter(~Q(Exists(older)))
    return rows.annotate(answered_at=F("suggestion__answered_at"), verdict=F("suggestion__verdict"))


_SUGGESTION = Subject("suggestion", _suggestions, "suggestion__addressee_id", "petition__")

OUTCOMES = [
    Indicator(
        "first_settle_rate",
        _("Settled at the first time"),
        "quality",
        PETITION,
        "closed_at",
        over=_("no rework, no review, not rated badly, not raised again within 90 days"),
        under=_("first-time petitions closed that the unit led"),
        denominator=_FIRST_CLOSED,
        numerator=Q(rework_count=0) & ~Q(Exists(_reviewed)) & ~Q(Exists(_dissatisfied)) & ~Q(Exists(_soon_again)),
        basis_label=_("closing"),
        source="§6.1",
        target=0.97,
        is_adjusted=True,
    ),
    Indicator(
        "reopen_rate",
        _("Raised again after closing"),
        "quality",
        PETITION,
        "closed_at",
        over=_("raised again by the same person"),
        under=_("first-time petitions closed that the unit led"),
        denominator=_FIRST_CLOSED,
        numerator=Q(Exists(_again)),
        better=Better.LOW,
        basis_label=_("closing"),
        source="§6.1",
    ),
    Indicator(
        "review_change_rate",
        _("Changed in review"),
        "quality",
        _REVIEW,
        "decided_at",
        over=_("changed or revoked"),
        under=_("reviews and re-reviews of the unit's opinions decided"),
        denominator=~Q(outcome="") & Q(petition__lead_unit__isnull=False),
        numerator=Q(outcome__in=[Outcome.CHANGE, Outcome.REVOKE]),
        better=Better.LOW,
        basis_label=_("decision"),
        source="§6.1",
    ),
    Indicator(
        "suggestion_adopt_rate",
        _("Suggestions adopted"),
        "quality",
        _SUGGESTION,
        "answered_at",
        over=_("adopted, wholly or in part"),
        under=_("formal suggestions that rest on a case, answered by the unit"),
        denominator=~Q(verdict=""),
        numerator=Q(verdict__in=[Verdict.ADOPTED, Verdict.PARTLY]),
        basis_label=_("answer"),
        source="§6.1",
    ),
]

# How long the first two answers take; repeats are left out, for they are known.
CYCLES = [
    Indicator(
        key,
        label,
        "timeliness",
        PETITION,
        basis,
        over=over,
        under=under,
        denominator=Q(lead_unit__isnull=False, repeat_of=None),
        value=minutes_between("registered_at", basis),
        statistic=Statistic.MEAN,
        measure=Measure.DAYS,
        better=Better.LOW,
        basis_label=basis_label,
        source="§6.1",
    )
    for key, label, basis, over, under, basis_label in (
        (
            "avg_accept_days",
            _("Mean time to acceptance"),
            "accepted_at",
            _("time from registration to the notice of acceptance"),
            _("first-time petitions accepted that the unit leads"),
            _("acceptance"),
        ),
        (
            "avg_reply_days",
            _("Mean time to the reply"),
            "replied_at",
            _("time from registration to the reply"),
            _("first-time petitions replied to that the unit leads"),
            _("reply"),
        ),
    )
]
