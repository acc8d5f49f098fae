"""What the person says of it: callbacks, ratings of both objects, bad ratings (domain-facts §2.7, §6.1, §6.2)."""

from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from dispatch.models import Callback, Clock
from insights.indicators.base import Better, Indicator
from insights.indicators.subjects import BAD_RATING, CALLBACK, RATING, WINDOW
from petitions.models import Rating

_ANSWERED = Q(result=Callback.Result.REACHED)
_SATISFIED = Q(score__gte=Rating.Score.BASICALLY)
# The scale of the callback questionnaire: 3 satisfied, 2 basically satisfied, 1 dissatisfied (domain-facts §2.7).
SATISFIED_FROM = 2
# The one rating more after a bad one was put right takes the first one's place (domain-facts §1.13 D).
_COUNTS = ~Q(
    Exists(
        Rating.objects.filter(
            petition=OuterRef("petition"),
            subject=OuterRef("subject"),
            round=OuterRef("round"),
            is_again=True,
            pk__gt=OuterRef("pk"),
        )
    )
)
# A window is over when it was used, or when it lapsed: then its clock was ended after its due date, unjudged.
_USED = Q(state=Clock.State.MET)
_WINDOW_OVER = (_USED | Q(state=Clock.State.CANCELLED, ended_at__gt=F("due_at"))) & Q(petition__lead_unit__isnull=False)
# The rating given in this window, or the one rating more that took its place.
_given = Rating.objects.filter(
    petition=OuterRef(OuterRef("petition")),
    subject=Rating.Subject.UNIT,
    at__gte=OuterRef(OuterRef("started_at")),
    at__lte=OuterRef(OuterRef("ended_at")),
)
_satisfied_in_window = Exists(
    Rating.objects.filter(
        _COUNTS & _SATISFIED,
        petition=OuterRef("petition"),
        subject=Rating.Subject.UNIT,
        round__in=_given.values("round"),
    )
)

VOICE = [
    Indicator(
        "contacted_rate",
        _("Contacted (response rate)"),
        "voice",
        CALLBACK,
        "at",
        over=_("“the unit spoke with me”"),
        under=_("callbacks in which the petitioner answered this question"),
        denominator=_ANSWERED & Q(was_contacted__isnull=False),
        numerator=Q(was_contacted=True),
        basis_label=_("callback"),
        source="§6.2 (BJ21 32)",
    ),
    Indicator(
        "solved_rate",
        _("Solved (solution rate)"),
        "voice",
        CALLBACK,
        "at",
        over=_("“it is solved”, partly solved left out"),
        under=_("callbacks in which the petitioner answered this question"),
        denominator=_ANSWERED & ~Q(solved=""),
        numerator=Q(solved=Callback.Solved.YES),
        basis_label=_("callback"),
        source="§6.2 (BJ21 32)",
        is_adjusted=True,
    ),
    Indicator(
        "satisfied_rate",
        _("Satisfied (satisfaction rate)"),
        "voice",
        CALLBACK,
        "at",
        over=_("satisfied or basically satisfied"),
        under=_("callbacks in which the petitioner answered this question"),
        denominator=_ANSWERED & Q(satisfaction__isnull=False),
        numerator=Q(satisfaction__gte=SATISFIED_FROM),
        basis_label=_("callback"),
        source="§6.2 (BJ21 32)",
        is_adjusted=True,
    ),
    Indicator(
        "participation_rate",
        _("Participation in rating"),
        "voice",
        WINDOW,
        "due_at",
        over=_("rated within the window"),
        under=_("windows for a rating used or run out unrated"),
        denominator=_WINDOW_OVER,
        numerator=_USED,
        basis_label=_("end of the window"),
        source="§6.1",
    ),
    Indicator(
        "weighted_satisfaction",
        _("Satisfied among all asked"),
        "voice",
        WINDOW,
        "due_at",
        over=_("rated within the window, satisfied or basically satisfied with the unit"),
        under=_("windows for a rating used or run out unrated"),
        denominator=_WINDOW_OVER,
        numerator=_USED & Q(_satisfied_in_window),
        basis_label=_("end of the window"),
        source="§6.1",
    ),
    Indicator(
        "satisfaction_unit",
        _("Satisfaction with the unit"),
        "voice",
        RATING,
        "at",
        over=_("satisfied or basically satisfied"),
        under=_("ratings of the responsible unit"),
        denominator=Q(subject=Rating.Subject.UNIT) & _COUNTS,
        numerator=_SATISFIED,
        basis_label=_("rating"),
        source="§6.1",
        target=0.98,
        is_adjusted=True,
    ),
    Indicator(
        "satisfaction_office",
        _("Satisfaction with the office"),
        "voice",
        RATING,
        "at",
        over=_("satisfied or basically satisfied"),
        under=_("ratings of the petition office that registered the matter"),
        denominator=Q(subject=Rating.Subject.OFFICE) & _COUNTS,
        numerator=_SATISFIED,
        unit="petition__register_unit_id",
        basis_label=_("rating"),
        source="§6.1",
        target=0.98,
    ),
    Indicator(
        "dissatisfied_rate",
        _("Dissatisfied with the unit"),
        "voice",
        RATING,
        "at",
        over=_("dissatisfied"),
        under=_("ratings of the responsible unit"),
        denominator=Q(subject=Rating.Subject.UNIT) & _COUNTS,
        numerator=~_SATISFIED,
        better=Better.LOW,
        basis_label=_("rating"),
        source="§6.1",
    ),
    Indicator(
        "bad_review_fix_rate",
        _("Bad ratings put right"),
        "voice",
        BAD_RATING,
        "rated_at",
        over=_("put right within 15 days"),
        under=_("bad ratings put right, or whose 15 days are over"),
        denominator=Q(was_in_time__isnull=False),
        numerator=Q(was_in_time=True),
        basis_label=_("rating"),
        source="§6.2 (HP19)",
    ),
]
