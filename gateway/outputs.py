"""The shapes of the answers, for the schema only: answers are plain dictionaries (gateway/representations.py)."""

from rest_framework import serializers

from accounts.models import Area, Unit
from dispatch.models import BadRating, Clock, ClockEvent, Policy, Proposal
from dispatch.rating_state import RatingState
from dispatch.states import OrderState
from dispatch.supervision import SupervisionLevel, SupervisionState
from dispatch.why import Kind
from petitions.models import (
    Channel,
    EndWay,
    Outcome,
    Petitioner,
    Purpose,
    Rating,
    ReviewGround,
    Sensitivity,
    Stage,
    Urgency,
)
from petitions.states import State
from petitions.states.reviews import ReviewState


class Named(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()


class PetitionRow(serializers.Serializer):
    id = serializers.IntegerField()
    number = serializers.CharField(help_text="The number on paper, for example 甬信〔2026〕000123号.")
    version = serializers.IntegerField(help_text="The ETag.")
    channel = serializers.ChoiceField(Channel.choices)
    source_ref = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(State.choices)
    is_open = serializers.BooleanField()
    purpose = serializers.ChoiceField(Purpose.choices)
    category = Named()
    urgency = serializers.ChoiceField(Urgency.choices)
    sensitivity = serializers.ChoiceField(Sensitivity.choices)
    district = Named()
    area = Named()
    address = serializers.CharField(allow_blank=True)
    summary = serializers.CharField()
    petitioner_label = serializers.CharField(allow_blank=True, help_text="The masked name.")
    headcount = serializers.IntegerField()
    affected_count = serializers.IntegerField()
    is_anonymous = serializers.BooleanField()
    is_open_to_public = serializers.BooleanField()
    petition_date = serializers.DateField()
    occurred_on = serializers.DateField(allow_null=True)
    register_unit = Named()
    lead_unit = Named(allow_null=True)
    registered_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    next_due_at = serializers.DateTimeField(allow_null=True, help_text="The nearest running deadline.")
    replied_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    close_type = serializers.CharField(allow_blank=True)
    recurrence = serializers.IntegerField(
        help_text="Which time the same person raises this matter, as far as somebody has decided it: 1 the first."
    )
    is_priority = serializers.BooleanField(help_text="Raised so often that leaders read it.")
    rework_count = serializers.IntegerField()


class PetitionReceipt(PetitionRow):
    query_code = serializers.CharField(help_text="With the number it lets the petitioner follow the matter.")


class MaskedPerson(serializers.Serializer):
    name = serializers.CharField(allow_blank=True)
    party_type = serializers.ChoiceField(Petitioner.PartyType.choices)
    phone = serializers.CharField(allow_blank=True)
    id_type = serializers.CharField(allow_blank=True)
    id_no = serializers.CharField(allow_blank=True)
    is_main = serializers.BooleanField()


class PetitionRef(serializers.Serializer):
    id = serializers.IntegerField()
    number = serializers.CharField()


class Count(serializers.Serializer):
    count = serializers.IntegerField()
    limit = serializers.IntegerField(help_text="The last count without a consequence.")


class RatingRow(serializers.Serializer):
    subject = serializers.ChoiceField(Rating.Subject.choices)
    score = serializers.ChoiceField(Rating.Score.choices, help_text="3 satisfied, 2 basically, 1 dissatisfied.")
    round = serializers.IntegerField(help_text="0 first, one more after each rework or reopening.")
    is_again = serializers.BooleanField(help_text="The one rating more after a bad one was put right; it counts.")
    at = serializers.DateTimeField()


class BadRatingRow(serializers.Serializer):
    rated_at = serializers.DateTimeField()
    source = serializers.ChoiceField(BadRating.Source.choices)  # type: ignore[assignment]
    called_at = serializers.DateTimeField(allow_null=True)
    put_right_at = serializers.DateTimeField(allow_null=True)
    was_in_time = serializers.BooleanField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    is_rated_again = serializers.BooleanField()


class Counters(serializers.Serializer):
    returns = Count()
    reworks = Count()
    recurrence = Count()


class ReviewRight(serializers.Serializer):
    stage = serializers.ChoiceField(Stage.choices)
    until = serializers.DateTimeField(help_text="The last moment at which it may be asked for.")


class ReviewEnd(serializers.Serializer):
    way = serializers.ChoiceField(EndWay.choices)
    at = serializers.DateTimeField()


class ReviewBlock(serializers.Serializer):
    level = serializers.IntegerField(help_text="0 not reviewed, 1 reviewed, 2 re-reviewed.")
    right = ReviewRight(allow_null=True, help_text="What the petitioner may ask for while a period runs.")
    hearing_since = serializers.DateTimeField(allow_null=True)
    end = ReviewEnd(allow_null=True, help_text="How the procedure ended; null while a remedy is open.")


class ReviewRow(serializers.Serializer):
    id = serializers.IntegerField()
    stage = serializers.ChoiceField(Stage.choices)
    state = serializers.ChoiceField(ReviewState.choices)
    asked_at = serializers.DateTimeField()
    is_in_time = serializers.BooleanField()
    organ = Named()
    admitted_at = serializers.DateTimeField(allow_null=True)
    outcome = serializers.ChoiceField(Outcome.choices, allow_blank=True)
    grounds = serializers.ListField(child=serializers.ChoiceField(ReviewGround.choices))
    opinion = serializers.CharField(allow_blank=True)
    new_opinion = serializers.CharField(allow_blank=True)
    term = serializers.IntegerField(allow_null=True, help_text="Days to decide anew after a revocation.")
    decided_at = serializers.DateTimeField(allow_null=True)
    delivered_at = serializers.DateTimeField(allow_null=True)


class PetitionDetail(PetitionReceipt):
    content = serializers.CharField()
    demand = serializers.CharField(allow_blank=True)
    reply_text = serializers.CharField(allow_blank=True)
    petitioners = MaskedPerson(many=True)
    counters = Counters(help_text="No matter more than twice: returns, reworks, and how often it was raised.")
    rating_state = serializers.ChoiceField(
        RatingState.choices,
        help_text="not_asked, waiting while the window is open, rated, or lapsed: the window ended unrated.",
    )
    ratings = RatingRow(many=True)
    bad_rating = BadRatingRow(allow_null=True, help_text="The newest bad rating and how far putting it right is.")
    review = ReviewBlock(help_text="Review, re-review, hearing, and the end of the procedure.")
    repeat_of = PetitionRef(allow_null=True, help_text="The earlier petition this one repeats, if the key may read it.")


class EventRow(serializers.Serializer):
    seq = serializers.IntegerField()
    at = serializers.DateTimeField()
    kind = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    actor = serializers.CharField()
    unit = Named(allow_null=True)
    data = serializers.DictField()  # type: ignore[assignment]
    text = serializers.CharField(allow_blank=True)


class ClockRow(serializers.Serializer):
    id = serializers.IntegerField()
    rule = serializers.CharField()
    rule_version = serializers.IntegerField()
    name = serializers.CharField()
    article = serializers.CharField(allow_blank=True)
    order = serializers.IntegerField(
        allow_null=True, help_text="The work order it runs on; null for the petition's own."
    )
    started_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True, help_text="Null while it is paused.")
    paused_at = serializers.DateTimeField(allow_null=True)
    extended = serializers.IntegerField(help_text="Units of the rule that extensions have added.")
    ended_at = serializers.DateTimeField(allow_null=True)
    state = serializers.ChoiceField(Clock.State.choices)
    breached = serializers.BooleanField()
    explanation = serializers.CharField()


class ClockDay(serializers.Serializer):
    day = serializers.DateField()
    kind = serializers.ChoiceField(Kind.choices)
    amount = serializers.IntegerField(help_text="Units of the rule counted on this day.")
    total = serializers.IntegerField(help_text="Units counted up to and including this day.")
    holiday = serializers.CharField(allow_blank=True)
    is_due = serializers.BooleanField()
    is_provisional = serializers.BooleanField(help_text="The holidays of its year are not published yet.")


class ClockHappening(serializers.Serializer):
    kind = serializers.ChoiceField(ClockEvent.Kind.choices)
    at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True)
    consumed = serializers.IntegerField()
    amount = serializers.IntegerField()
    rule_version = serializers.IntegerField(allow_null=True)
    calendar_version = serializers.IntegerField()
    text = serializers.CharField()


class ClockWhy(ClockRow):
    """A deadline told day by day. In the units of its rule."""

    unit = serializers.ChoiceField(Policy.Unit.choices)
    length = serializers.IntegerField()
    target = serializers.IntegerField(help_text="Length and extensions together.")
    counted = serializers.IntegerField()
    is_provisional = serializers.BooleanField()
    summary = serializers.CharField()
    rules = serializers.ListField(child=serializers.CharField())
    days = ClockDay(many=True)
    events = ClockHappening(many=True)


class SupervisionRow(serializers.Serializer):
    id = serializers.IntegerField()
    number = serializers.CharField(help_text="The number on paper, for example 甬信督〔2026〕12号.")
    version = serializers.IntegerField()
    order = serializers.IntegerField(allow_null=True, help_text="The work order it is about; null for the case.")
    unit = Named()
    level = serializers.ChoiceField(SupervisionLevel.choices)
    state = serializers.ChoiceField(SupervisionState.choices)
    trigger = serializers.ChoiceField(Proposal.Trigger.choices)
    text = serializers.CharField(help_text="What is ordered.")
    issued_at = serializers.DateTimeField()
    raised_at = serializers.DateTimeField(allow_null=True, help_text="When the present level was reached.")
    answer = serializers.CharField(allow_blank=True)
    answered_at = serializers.DateTimeField(allow_null=True)
    result = serializers.CharField(allow_blank=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True, help_text="When the answer, or its check, is due.")


class OrderRow(serializers.Serializer):
    id = serializers.IntegerField()
    number = serializers.CharField()
    petition = PetitionRef()
    seq = serializers.IntegerField()
    version = serializers.IntegerField(help_text="The ETag.")
    unit = Named()
    is_lead = serializers.BooleanField()
    state = serializers.ChoiceField(OrderState.choices)
    is_open = serializers.BooleanField()
    urgency = serializers.ChoiceField(Urgency.choices)
    summary = serializers.CharField()
    area = Named()
    dispatched_at = serializers.DateTimeField()
    signed_at = serializers.DateTimeField(allow_null=True)
    first_contact_at = serializers.DateTimeField(allow_null=True)
    fed_back_at = serializers.DateTimeField(allow_null=True)
    checked_at = serializers.DateTimeField(allow_null=True)
    called_back_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    next_due_at = serializers.DateTimeField(allow_null=True)


class OrderDetail(OrderRow):
    instruction = serializers.CharField(allow_blank=True)
    content = serializers.CharField()
    demand = serializers.CharField(allow_blank=True)
    address = serializers.CharField(allow_blank=True)
    petitioners = MaskedPerson(many=True)


class UnitRow(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()
    short_name = serializers.CharField()
    kind = serializers.ChoiceField(Unit.Kind.choices)
    duty = serializers.CharField(allow_blank=True)
    area = Named()
    parent = serializers.CharField(allow_null=True, help_text="Code of the unit above.")  # type: ignore[assignment]
    takes_orders = serializers.BooleanField()


class AreaRow(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()
    name_en = serializers.CharField(allow_blank=True)
    kind = serializers.ChoiceField(Area.Kind.choices)
    parent = serializers.CharField(allow_null=True)  # type: ignore[assignment]
    district = serializers.CharField(allow_null=True)


class CategoryRow(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()
    name_en = serializers.CharField()
    level = serializers.IntegerField()
    parent = serializers.CharField(allow_null=True)  # type: ignore[assignment]
    hotline_label = serializers.CharField(allow_blank=True)


class ProblemError(serializers.Serializer):
    pointer = serializers.CharField(allow_blank=True, help_text="JSON pointer into the body, or the query parameter.")
    code = serializers.CharField()
    detail = serializers.CharField()


class ProblemBody(serializers.Serializer):
    """RFC 9457."""

    type = serializers.CharField(help_text="/problems/<code>; compare this, not the words.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    instance = serializers.CharField()
    errors = ProblemError(many=True)  # type: ignore[assignment]
    trace_id = serializers.CharField(
        help_text="The id of the request, as in X-Request-ID. Name it when you write to us."
    )
    legal = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="409: the moves possible now."
    )
    reason = serializers.CharField(required=False)
    scope = serializers.CharField(required=False)


def page_of(row: type[serializers.Serializer]) -> type[serializers.Serializer]:
    """The shape of a page of such rows."""
    members = {
        "items": row(many=True),
        "next": serializers.CharField(allow_null=True, help_text="Cursor of the next page; null on the last."),
        "resume": serializers.CharField(
            required=False, allow_null=True, help_text="Change feed only: cursor to go on with later."
        ),
        "count_estimate": serializers.IntegerField(required=False, help_text="Only with count=estimate."),
    }
    return type(f"{row.__name__}Page", (serializers.Serializer,), members)
