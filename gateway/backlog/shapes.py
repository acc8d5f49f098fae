"""What the backlog resources answer, for the schema; what they can be asked and sent, checked field by field."""

from typing import Any

from django.utils.translation import gettext_lazy
from rest_framework import serializers

from accounts.models import Unit
from backlog.filters import GROUPS
from backlog.indicators import Better
from backlog.indicators import Unit as FigureUnit
from backlog.models import AcceptanceStep, CaseOfficial
from backlog.states import CaseState, Duty, Reasonableness, SettlementWay, Source, TaskOrigin, TaskState
from gateway import reference
from gateway.outputs import Named, PetitionRef
from gateway.queries import AnyAreaField, ThinQuery, UnitField
from gateway.strict import LookupField, StrictSerializer, WordsField

# ---- answers ----


class CaseRef(serializers.Serializer):
    id = serializers.IntegerField()
    number = serializers.CharField()


class OfficialName(serializers.Serializer):
    name = serializers.CharField()
    post = serializers.CharField(allow_blank=True)


class CaseRow(serializers.Serializer):
    id = serializers.IntegerField()
    number = serializers.CharField(help_text="The number on paper, for example 甬信积〔2026〕12号.")
    version = serializers.IntegerField(help_text="The ETag.")
    state = serializers.ChoiceField(CaseState.choices)
    is_open = serializers.BooleanField(help_text="Belongs to the stock: taken up and not yet settled.")
    round = serializers.IntegerField(help_text="1, and one more after each rebound.")
    title = serializers.CharField()
    district = Named()
    force = Named(allow_null=True)
    lead_unit = Named(allow_null=True)
    leader = OfficialName(allow_null=True, help_text="The lead official.")
    source = serializers.ChoiceField(Source.choices)  # type: ignore[assignment]
    since = serializers.DateField(help_text="First raised on.")
    people = serializers.IntegerField()
    times = serializers.IntegerField(help_text="How often it was raised.")
    nominated_at = serializers.DateTimeField()
    listed_at = serializers.DateTimeField(allow_null=True)
    target_on = serializers.DateField(allow_null=True, help_text="To be settled by.")
    progressed_at = serializers.DateTimeField(allow_null=True, help_text="Stuck since.")
    applied_at = serializers.DateTimeField(allow_null=True)
    settled_at = serializers.DateTimeField(allow_null=True)
    way = serializers.ChoiceField(SettlementWay.choices, allow_blank=True)
    struck_off_at = serializers.DateTimeField(allow_null=True)
    observe_until = serializers.DateField(allow_null=True)
    rebounded_at = serializers.DateTimeField(allow_null=True)
    rebounds = serializers.IntegerField()


class MilestoneRow(serializers.Serializer):
    id = serializers.IntegerField()
    version = serializers.IntegerField(help_text="The ETag.")
    case = CaseRef()
    name = serializers.CharField()
    position = serializers.IntegerField()
    starts_on = serializers.DateField(allow_null=True)
    planned_on = serializers.DateField()
    first_planned_on = serializers.DateField(help_text="As first planned.")
    actual_on = serializers.DateField(allow_null=True)
    note = serializers.CharField(allow_blank=True)
    dropped_at = serializers.DateTimeField(allow_null=True)


class TaskRow(serializers.Serializer):
    id = serializers.IntegerField()
    version = serializers.IntegerField(help_text="The ETag.")
    case = CaseRef(allow_null=True)
    origin = serializers.ChoiceField(TaskOrigin.choices)
    state = serializers.ChoiceField(TaskState.choices)
    text = serializers.CharField()
    unit = Named()
    owner = serializers.CharField(allow_null=True)
    due_on = serializers.DateField()
    result = serializers.CharField(allow_blank=True)
    assigned_at = serializers.DateTimeField()
    reported_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)


class AssessmentBlock(serializers.Serializer):
    demands = serializers.CharField(allow_blank=True)
    facts = serializers.CharField(allow_blank=True)
    legal_position = serializers.CharField(allow_blank=True)
    sticking_point = serializers.CharField(allow_blank=True)
    reasonableness = serializers.ChoiceField(Reasonableness.choices, allow_blank=True)
    plan = serializers.CharField(allow_blank=True)
    agreement = serializers.CharField(allow_blank=True)
    agreed_on = serializers.DateField(allow_null=True)
    performance = serializers.CharField(allow_blank=True)
    performed_on = serializers.DateField(allow_null=True)
    outcome = serializers.CharField(allow_blank=True)
    follow_up = serializers.CharField(allow_blank=True)


class OfficialRow(OfficialName):
    part = serializers.ChoiceField(CaseOfficial.Part.choices)
    since = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True)


class DutyRow(serializers.Serializer):
    duty = serializers.ChoiceField(Duty.choices)
    done_on = serializers.DateField()
    evidence = serializers.CharField()
    official = serializers.CharField()


class RenewalRow(serializers.Serializer):
    round = serializers.IntegerField()
    stage = serializers.IntegerField(min_value=1, max_value=5, help_text="Which of the five renewals.")
    done_on = serializers.DateField()
    text = serializers.CharField()


class AcceptanceRow(serializers.Serializer):
    round = serializers.IntegerField()
    kind = serializers.ChoiceField(AcceptanceStep.Kind.choices)
    is_passed = serializers.BooleanField()
    text = serializers.CharField(allow_blank=True)
    facts = serializers.DictField()
    at = serializers.DateTimeField()


class HitRow(serializers.Serializer):
    rule = serializers.CharField()
    value = serializers.IntegerField()
    threshold = serializers.IntegerField()


class CaseDetail(CaseRow):
    reason = serializers.CharField(allow_blank=True)
    hits = HitRow(many=True, help_text="The entry criteria it met.")
    progress = serializers.CharField(allow_blank=True)
    petitions = PetitionRef(many=True, help_text="Linked petitions, as far as the key may read them.")
    assisting = Named(many=True)
    assessment = AssessmentBlock(allow_null=True)
    officials = OfficialRow(many=True, help_text="Who commands and commanded it.")
    duties = DutyRow(many=True)
    renewals = RenewalRow(many=True)
    milestones = MilestoneRow(many=True)
    tasks = TaskRow(many=True)
    acceptance = AcceptanceRow(many=True)


class IndicatorRow(serializers.Serializer):
    key = serializers.CharField()
    name = serializers.CharField()
    formula = serializers.CharField(help_text="What is counted, in words.")
    unit = serializers.ChoiceField(FigureUnit.choices)
    better = serializers.ChoiceField(Better.choices)
    is_flow = serializers.BooleanField(help_text="Counted over the span; otherwise as it stands now.")
    target = serializers.FloatField(allow_null=True)


class FigureRow(serializers.Serializer):
    key = serializers.CharField()
    value = serializers.FloatField(allow_null=True, help_text="Percent for shares; null where nothing can be divided.")
    hit = serializers.IntegerField()
    of = serializers.IntegerField(allow_null=True, help_text="What it is divided by; null for plain counts.")


class BoardRow(serializers.Serializer):
    code = serializers.CharField(allow_blank=True, help_text="District, force, official or month; empty for the whole.")
    name = serializers.CharField(allow_blank=True)
    figures = FigureRow(many=True)


class Board(serializers.Serializer):
    """The figures of the wall. The ETag names the figures: a 304 says that they still stand."""

    as_of = serializers.DateTimeField()
    area = Named()
    since = serializers.DateField()
    until = serializers.DateField()
    indicators = IndicatorRow(many=True)
    rows = BoardRow(many=True, help_text="The whole first, then the groups.")


# ---- questions ----


class CaseQuery(ThinQuery):
    """Filters of backlog cases, those of the list of the pages; all given ones must hold."""

    state = WordsField(CaseState.values, required=False)
    group = serializers.ChoiceField([(name, name) for name in GROUPS], required=False)
    district = AnyAreaField(required=False)
    force = serializers.SlugField(max_length=24, required=False, help_text="Key of a task force.")
    unit = UnitField(required=False, help_text="Responsible unit, or one above it.")
    listed_from = serializers.DateField(required=False)
    listed_to = serializers.DateField(required=False)
    settled_from = serializers.DateField(required=False)
    settled_to = serializers.DateField(required=False)
    overdue = serializers.BooleanField(
        required=False, help_text="A deadline has passed: its own, a milestone's, a task's."
    )
    no_leader = serializers.BooleanField(required=False)
    discussed = serializers.BooleanField(required=False, help_text="Called at a weekly dispatch.")
    stuck = serializers.IntegerField(min_value=1, max_value=10_000, required=False, help_text="Days without progress.")
    stage = serializers.IntegerField(min_value=0, max_value=5, required=False, help_text="Renewals done.")
    q = serializers.CharField(max_length=60, required=False, help_text="Words of the title, or a number.")
    count = serializers.ChoiceField([("estimate", "estimate")], required=False)


class TaskQuery(ThinQuery):
    """Filters of tasks."""

    state = WordsField(TaskState.values, required=False)
    case = serializers.IntegerField(min_value=1, max_value=2**63 - 1, required=False)
    unit = UnitField(required=False)
    due_before = serializers.DateField(required=False)


class BoardQuery(StrictSerializer):
    """How the figures are cut, and of which month; the calendar year so far unless a month is given."""

    by = serializers.ChoiceField(
        [("none", "none"), ("district", "district"), ("force", "force"), ("official", "official"), ("month", "month")],
        default="district",
    )
    month = serializers.RegexField(
        r"^20\d\d-(0[1-9]|1[0-2])$", required=False, help_text="Like 2026-11: flows count within it."
    )


# ---- bodies ----


class TaskUnitField(LookupField):
    """A unit in the loop, by its code."""

    def find(self, code: str) -> Any:
        unit = reference.units().by_code.get(code)
        return unit if isinstance(unit, Unit) and unit.is_active else None

    def hint(self) -> str:
        return str(gettext_lazy("Give a code from GET /api/v1/units."))


class TaskInput(StrictSerializer):
    """A task for one of the client's own units."""

    text = serializers.CharField(max_length=300, help_text="What is to be done.")
    unit = TaskUnitField(help_text="Code of the unit: the client's own or one below it.")
    due_on = serializers.DateField(help_text="A day of the city, from today on, within a year.")


class TaskReportInput(StrictSerializer):
    """The unit says what was done."""

    result = serializers.CharField(max_length=2000)


class MilestoneInput(StrictSerializer):
    """A step of the plan."""

    name = serializers.CharField(max_length=40)
    planned_on = serializers.DateField(help_text="A day of the city, from today on, within three years.")
    starts_on = serializers.DateField(required=False, allow_null=True)
    note = serializers.CharField(max_length=100, required=False, allow_blank=True)


class ChangeInput(StrictSerializer):
    """What changes of a milestone; what is left out stays."""

    name = serializers.CharField(max_length=40, required=False)
    planned_on = serializers.DateField(required=False)
    starts_on = serializers.DateField(required=False, allow_null=True)
    note = serializers.CharField(max_length=100, required=False, allow_blank=True)
    reason = serializers.CharField(max_length=300, required=False, help_text="Required for a later day.")


class ReachInput(StrictSerializer):
    """The milestone is reached."""

    actual_on = serializers.DateField(help_text="A day of the city, today at the latest.")
    note = serializers.CharField(max_length=100, required=False, allow_blank=True)


class RemoveInput(StrictSerializer):
    """The milestone is not needed any more."""

    reason = serializers.CharField(max_length=300)
